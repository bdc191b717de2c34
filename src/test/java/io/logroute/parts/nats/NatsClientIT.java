package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.spec.SourceSpec;
import io.logroute.spec.SourceSpec.NatsCodec;
import io.logroute.spec.SourceSpec.NatsStart;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.NatsServer;
import io.nats.client.api.StreamConfiguration;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client `nats` from npm, which nobody here wrote, as a process of its own.
@Timeout(600)
class NatsClientIT {
    private static final Path CLIENTS = Path.of("src/test/clients");

    @TempDir
    Path folder;

    @BeforeAll
    static void the_clients_are_installed() {
        boolean installed = Files.exists(CLIENTS.resolve("node_modules/.installed"))
                && Files.exists(CLIENTS.resolve("node_modules/nats"));
        var what = "the Node clients are not installed; run src/test/clients/install.sh (./dev test does)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(what).isTrue();
        }
        assumeTrue(installed, what);
    }

    @Test
    void what_it_publishes_to_a_stream_comes_once_and_in_order() throws Exception {
        try (var server = NatsServer.single();
                var meters = new Instruments();
                var looking = server.connect()) {
            looking.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("LOGS")
                            .subjects("logs.>")
                            .build());
            var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
            var stream = new SourceSpec.NatsStream(
                    "LOGS", "logroute", Optional.of("logs.*"), NatsStart.ALL, Duration.ofSeconds(30), 20_000);
            try (var source = new NatsSource(
                    new SourceSpec.Nats(
                            server.urls().stream().map(URI::create).toList(),
                            Optional.of(stream),
                            Optional.empty(),
                            NatsCodec.JSON,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    "core",
                    meters,
                    InstantSource.system())) {
                source.start(inlet);
                assertThat(run(server.urls().getFirst(), "logs.web", "3000")).isEqualTo("acked 3000");
                await().atMost(Duration.ofSeconds(120)).until(() -> inlet.stored.size() >= 3_000);
                assertThat(inlet.numbers())
                        .containsExactlyElementsOf(
                                IntStream.range(0, 3_000).boxed().toList());
                assertThat(inlet.stored.get(7).text("msg")).isEqualTo("event 7 of nats, ü");
                assertThat(meters.value(Meter.UNREADABLE_EVENTS)).isZero();
            }
        }
    }

    private String run(String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(List.of("node", "nats-client.js"));
        command.addAll(List.of(arguments));
        var log = folder.resolve("client.log");
        var process = new ProcessBuilder(command)
                .directory(CLIENTS.toFile())
                .redirectError(folder.resolve("client.err").toFile())
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS))
                    .as("the client ends")
                    .isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("client.err")))
                    .isZero();
            return Files.readString(log).strip();
        } finally {
            process.destroyForcibly();
        }
    }
}
