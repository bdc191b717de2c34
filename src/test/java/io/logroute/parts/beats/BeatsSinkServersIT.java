package io.logroute.parts.beats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The Lumberjack server of Apache Camel, which nobody here wrote, in a process of its own.
@Timeout(600)
class BeatsSinkServersIT {
    private static final Path SCRIPT = Path.of("src/testbed/lumberjack.sh");
    private static final int WINDOW = 500;

    @TempDir
    Path folder;

    @Test
    void windows_under_way_side_by_side_all_arrive_once() throws Exception {
        int port = Ports.free();
        try (var server = new Server(List.of("" + port))) {
            writeAll(spec(port, 3, Optional.empty()), 20);
            assertThat(server.numbers()).hasSize(20 * WINDOW).doesNotHaveDuplicates();
            assertThat(server.lines().stream().filter(line -> line.startsWith("7 ")))
                    .containsExactly("7 event 7, ü");
        }
    }

    @Test
    void over_tls_and_without_compression_too() throws Exception {
        var certificates = Certificates.make(folder, "server");
        int port = Ports.free();
        try (var server = new Server(List.of(
                "" + port,
                certificates.crt("server").toString(),
                certificates.key("server").toString()))) {
            var tls = new ClientTls(Optional.of(certificates.crt("server")), Optional.empty(), Optional.empty(), true);
            writeAll(spec(port, 0, Optional.of(tls)), 4);
            assertThat(server.numbers()).hasSize(4 * WINDOW).doesNotHaveDuplicates();
        }
    }

    @Test
    void one_that_is_killed_and_comes_back_has_every_event() throws Exception {
        int port = Ports.free();
        var seen = new ArrayList<Integer>();
        try (var meters = new Instruments();
                var sink = new BeatsSink("core", "up", spec(port, 3, Optional.empty()), meters)) {
            var written = new AtomicInteger();
            for (int round = 0; round < 3; round++) {
                try (var server = new Server(List.of("" + port))) {
                    for (int i = 0; i < 3; i++) {
                        untilDelivered(sink, written.getAndIncrement());
                    }
                    seen.addAll(server.numbers());
                }
            }
            assertThat(seen).contains(IntStream.range(0, 9 * WINDOW).boxed().toArray(Integer[]::new));
        }
    }

    private static void writeAll(SinkSpec.Beats spec, int windows) throws Exception {
        try (var meters = new Instruments();
                var sink = new BeatsSink("core", "up", spec, meters);
                var threads = Executors.newFixedThreadPool(sink.windowsAtOnce())) {
            var writes = new ArrayList<Callable<List<Delivery>>>();
            for (int i = 0; i < windows; i++) {
                int window = i;
                writes.add(() -> sink.write(window(window)));
            }
            for (Future<List<Delivery>> write : threads.invokeAll(writes)) {
                assertThat(write.get()).hasSize(WINDOW).containsOnly(Delivery.delivered());
            }
        }
    }

    private static void untilDelivered(BeatsSink sink, int window) {
        await().atMost(Duration.ofSeconds(120)).until(() -> {
            try {
                return sink.write(window(window)).stream().allMatch(Delivery.Delivered.class::isInstance);
            } catch (IOException e) {
                return false;
            }
        });
    }

    private static Batch window(int window) {
        return new Batch(IntStream.range(window * WINDOW, (window + 1) * WINDOW)
                .mapToObj(n -> Event.of("{\"n\":%d,\"msg\":\"event %d, ü\"}".formatted(n, n), Instant.EPOCH))
                .toList());
    }

    private static SinkSpec.Beats spec(int port, int level, Optional<ClientTls> tls) {
        return new SinkSpec.Beats(
                List.of("127.0.0.1:" + port),
                true,
                tls,
                level,
                WINDOW,
                ByteSize.parse("5MiB"),
                Duration.ZERO,
                2,
                Duration.ofSeconds(20),
                Optional.empty());
    }

    private final class Server implements AutoCloseable {
        private final Path out = Files.createTempFile(folder, "server", ".out");
        private final Process process;

        Server(List<String> arguments) throws IOException, InterruptedException {
            boolean installed =
                    new ProcessBuilder(SCRIPT.toString(), "check").start().waitFor() == 0;
            var what = "the Lumberjack server is not installed; run " + SCRIPT + " (./dev test does)";
            if (System.getenv("CI") != null) {
                assertThat(installed).as(what).isTrue();
            }
            assumeTrue(installed, what);
            var command = new ArrayList<>(List.of(SCRIPT.toString(), "run"));
            command.addAll(arguments);
            var err = Files.createTempFile(folder, "server", ".err");
            process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            await().atMost(Duration.ofSeconds(180)).until(() -> {
                assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
                return Files.readString(out).startsWith("ready");
            });
        }

        List<String> lines() throws IOException {
            return Files.readAllLines(out).stream().skip(1).toList();
        }

        List<Integer> numbers() throws IOException {
            return lines().stream()
                    .map(line -> Integer.valueOf(line.substring(0, line.indexOf(' '))))
                    .toList();
        }

        @Override
        public void close() {
            process.destroyForcibly();
            try {
                process.waitFor(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
