package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.BulkStub;
import io.logroute.testbed.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The two swarms of the example, each as a real jar on this machine: the relay's Redis is one that the test
/// starts in place of the controller.
@Timeout(900)
class RelayIT {
    @TempDir
    Path folder;

    private String text(String example) throws IOException {
        return Files.readString(Path.of(example));
    }

    @Test
    void the_example_runs_also_while_the_router_above_and_redis_are_killed() throws Exception {
        var password = Files.writeString(folder.resolve("relay-password"), "secret\n");
        try (var below = new BulkStub();
                var above = new BulkStub();
                var redis = RedisServer.with(
                        "appendonly yes\nappendfsync always\nrequirepass secret\n",
                        "-a",
                        "secret",
                        "--no-auth-warning")) {
            int port = LogRouteProcess.freePort();
            var lower = Files.writeString(
                    folder.resolve("below.yaml"),
                    text("examples/two-swarms/below.yaml")
                            .replace(
                                    "deploy: { passwordSecret: relay-password, publish: 6379 }",
                                    "redis: { servers: [\"%s\"], auth: { passwordFile: %s } }"
                                            .formatted(redis.url(), password))
                            .replace("beats: { port: 5044 }", "beats: { port: 0 }")
                            .replace("http: { port: 8088 }", "http: { port: %d }".formatted(port))
                            .replace("http://elasticsearch:9200", below.url().toString()));
            var upper = Files.writeString(
                    folder.resolve("above.yaml"),
                    text("examples/two-swarms/above.yaml")
                            .replace("redis://eu1-node:6379", redis.url().toString())
                            .replace("/run/secrets/relay-password", password.toString())
                            .replace("http://elasticsearch:9200", above.url().toString()));
            try (var core = LogRouteProcess.run(lower, folder.resolve("core")).ready()) {
                try (var top = LogRouteProcess.run(upper, folder.resolve("top")).ready()) {
                    send(port, "one");
                    until(above, "one");
                    top.process.destroyForcibly().waitFor();
                }
                send(port, "two");
                redis.node(0).kill();
                send(port, "three");
                redis.node(0).startAndAwait();
                try (var top = LogRouteProcess.run(upper, folder.resolve("top")).ready()) {
                    send(port, "four");
                    for (var each : new String[] {"two", "three", "four"}) {
                        until(above, each);
                    }
                    assertThat(top.said()).doesNotContain("ERROR");
                }
                assertThat(core.said()).doesNotContain("ERROR");
            }
            assertThat(above.documents().keySet())
                    .isEqualTo(below.documents().keySet())
                    .hasSize(4);
            assertThat(above.documents().values())
                    .allSatisfy(document -> assertThat(document).contains("\"swarm\":\"eu1\""));
        }
    }

    private static void send(int port, String text) throws IOException, InterruptedException {
        assertThat(LogRouteProcess.post(port, "{\"msg\":\"%s\"}".formatted(text))
                        .statusCode())
                .isEqualTo(200);
    }

    private static void until(BulkStub elastic, String text) {
        await(text)
                .atMost(Duration.ofSeconds(180))
                .until(() -> elastic.documents().values().stream()
                        .anyMatch(document -> document.contains("\"msg\":\"%s\"".formatted(text))));
    }
}
