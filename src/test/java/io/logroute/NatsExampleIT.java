package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.NatsServer;
import io.nats.client.Connection;
import io.nats.client.api.StreamConfiguration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The example of NATS on the real jar and a real server.
@Timeout(600)
class NatsExampleIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private static void make(Connection at, String name, String subjects) throws Exception {
        at.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(name)
                        .subjects(subjects)
                        .build());
    }

    private static void send(Connection at, int from, int to) throws Exception {
        for (int n = from; n < to; n++) {
            var json = "{\"service\":\"web\",\"level\":\"%s\",\"n\":%d}".formatted(n % 10 == 0 ? "error" : "info", n);
            at.jetStream().publish("logs.web", json.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void the_example_does_what_its_readme_says_also_across_a_kill() throws Exception {
        try (var server = NatsServer.single();
                var at = server.connect()) {
            make(at, "LOGS", "logs.>");
            make(at, "ALARMS", "alarms.>");
            var spec = Files.writeString(
                    folder.resolve("logroute.yaml"),
                    Files.readString(Path.of("examples/nats/logroute.yaml"))
                            .replace("nats://127.0.0.1:4222", server.urls().getFirst()));
            var data = folder.resolve("data");
            try (var run = LogRouteProcess.run(spec, data).ready()) {
                send(at, 0, 200);
                await().atMost(SOON).until(() -> lines(data) >= 200);
                assertThat(run.get("/metrics").body()).contains("logroute_nats_pending_messages{router=\"shop\"");
                run.process.destroyForcibly().waitFor();
            }
            send(at, 200, 300);
            try (var _ = LogRouteProcess.run(spec, data).ready()) {
                // What the kill left without an acknowledgement may come a second time.
                await().atMost(SOON).untilAsserted(() -> {
                    var all = Files.readString(data.resolve("everything.ndjson"));
                    assertThat(IntStream.range(0, 300)).allMatch(n -> all.contains("\"n\":%d}".formatted(n)));
                    assertThat(all).contains("\"nats_subject\":\"logs.web\"");
                });
                await().atMost(SOON)
                        .until(() -> at.jetStreamManagement()
                                        .getStreamInfo("ALARMS")
                                        .getStreamState()
                                        .getMsgCount()
                                == 30);
                assertThat(at.jetStreamManagement().getMessage("ALARMS", 1).getSubject())
                        .isEqualTo("alarms.web");
            }
        }
    }

    private static long lines(Path data) throws java.io.IOException {
        var file = data.resolve("everything.ndjson");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }
}
