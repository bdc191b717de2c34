package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The container image that `deploy/Dockerfile` makes, on a real Docker.
@Timeout(1800)
@ResourceLock(SwarmLab.OF_ONE)
class ImageIT {
    private static final long MOST_BYTES = 200_000_000;

    private final SwarmLab lab = SwarmLab.of(1);
    private final String image = lab.product();

    @TempDir
    Path folder;

    ImageIT() throws IOException {}

    @Test
    void it_is_below_200_MB_and_has_a_start_up_cache() {
        var size = lab.docker(1, "image", "inspect", "--format", "{{.Size}}", image);
        assertThat(Long.parseLong(size.strip())).isLessThan(MOST_BYTES);
        assertThat(lab.docker(1, "run", "--rm", "--entrypoint", "ls", image, "/app"))
                .contains("logroute.aot");
    }

    @Test
    void it_runs_without_rights_writes_on_a_fresh_volume_and_knows_whether_it_lives() throws IOException {
        var shipped = Files.readString(Path.of("examples/quickstart/logroute.yaml"));
        Files.writeString(folder.resolve("logroute.yaml"), shipped.replace("127.0.0.1", "0.0.0.0"));
        folder.toFile().setExecutable(true, false);
        folder.toFile().setReadable(true, false);
        lab.docker(
                1,
                "run",
                "-d",
                "--name",
                "one",
                "--health-interval",
                "1s",
                "-v",
                "fresh:/data",
                "-v",
                folder + ":/specs:ro",
                image);
        try {
            lives();
        } finally {
            lab.docker(1, "rm", "-f", "one");
            lab.clear();
        }
    }

    private void lives() {
        await().atMost(Duration.ofMinutes(5))
                .until(() -> lab.docker(1, "inspect", "--format", "{{.State.Health.Status}}", "one")
                        .strip()
                        .equals("healthy"));
        assertThat(in("id", "-u").strip()).isEqualTo("10001");
        assertThat(in("sh", "-c", "logroute status || true")).contains("shop");
        await().atMost(Duration.ofMinutes(5))
                .untilAsserted(() -> assertThat(in("ls", "/data/logs")).contains("errors.ndjson"));
        assertThatThrownBy(() -> lab.docker(1, "exec", "-e", "LOGROUTE_PORT=1", "one", "sh", "/app/image.sh", "health"))
                .as("a health check that asks where nothing answers")
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("127.0.0.1:1/q/health/live");
    }

    private String in(String... command) {
        var words = new ArrayList<>(List.of("exec", "one"));
        words.addAll(List.of(command));
        return lab.docker(1, words.toArray(String[]::new));
    }
}
