package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two routers and a Redis between them, as the example shows it, on the real jar.
class ThroughRedisIT {
    @TempDir
    Path folder;

    @Test
    void the_example_runs_also_while_redis_is_killed() throws Exception {
        try (var redis = RedisServer.with("appendonly yes\nappendfsync always\n")) {
            int port = LogRouteProcess.freePort();
            var spec = folder.resolve("logroute.yaml");
            Files.writeString(
                    spec,
                    Files.readString(Path.of("examples/through-redis/logroute.yaml"))
                            .replace("redis://127.0.0.1:6379", redis.url().toString())
                            .replace("port: 8088", "port: " + port));
            try (var router = LogRouteProcess.run(spec, folder.resolve("data")).ready()) {
                assertThat(LogRouteProcess.post(port, "{\"msg\":\"hello\"}").statusCode())
                        .isEqualTo(200);
                redis.cli("rpush", "filebeat", "{\"msg\":\"from a list\"}");
                await().atMost(Duration.ofSeconds(120))
                        .until(() -> router.said().contains("\"msg\":\"hello\",\"swarm\":\"eu1\"")
                                && router.said().contains("\"msg\":\"from a list\""));
                redis.node(0).kill();
                assertThat(LogRouteProcess.post(port, "{\"msg\":\"meanwhile\"}").statusCode())
                        .isEqualTo(200);
                redis.node(0).startAndAwait();
                await().atMost(Duration.ofSeconds(180))
                        .until(() -> router.said().contains("\"msg\":\"meanwhile\""));
            }
        }
    }
}
