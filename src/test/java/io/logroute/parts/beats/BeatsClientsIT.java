package io.logroute.parts.beats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Event;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients from npm that nobody here wrote, each as a process of its own.
@Timeout(600)
class BeatsClientsIT {
    private static final Path CLIENTS = Path.of("src/test/clients");

    @TempDir
    Path folder;

    @BeforeAll
    static void the_clients_are_installed() {
        boolean installed = Files.exists(CLIENTS.resolve("node_modules/.installed"));
        var what = "the Node clients are not installed; run src/test/clients/install.sh (./dev test does)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(what).isTrue();
        }
        assumeTrue(installed, what);
    }

    @Test
    void lumberjack_client_speaks_version_2() throws Exception {
        var events = send(Optional.empty(), "lumberjack-client.js", 3000);
        assertThat(events)
                .allSatisfy(event -> assertThat(event.text("labels", "a")).isEqualTo("b"));
        assertThat(events.get(7).text("msg")).isEqualTo("event 7 of lumberjack-client, ü");
    }

    @Test
    void lumberjack_client_speaks_version_2_over_tls() throws Exception {
        send(Optional.of(Certificates.make(folder, "server")), "lumberjack-client.js", 3000);
    }

    @Test
    void lumberjack_protocol_speaks_version_1_over_tls() throws Exception {
        // Not a multiple of its window: the last events wait for the rest of it.
        var events = send(Optional.of(Certificates.make(folder, "server")), "lumberjack-protocol.js", 2530);
        assertThat(events.get(7).json()).contains("event 7 of lumberjack-protocol, ü \\\"quoted\\\"");
    }

    /// The events that came, of which each came once, in the order in which they were sent.
    private List<Event> send(Optional<Certificates> certificates, String script, int count)
            throws IOException, InterruptedException {
        var tls = certificates.map(each -> new ServerTls(each.crt("server"), each.key("server"), Optional.empty()));
        var spec = new SourceSpec.Beats("127.0.0.1", 0, 10, Duration.ofSeconds(60), tls);
        var inlet = MemoryInlet.storingAtOnce();
        try (var meters = new Instruments();
                var source = new BeatsSource(spec, "core", meters, InstantSource.system())) {
            source.start(inlet);
            var command = new ArrayList<>(List.of("node", script, "" + source.port(), "" + count));
            certificates.ifPresent(each -> command.add(each.crt("server").toString()));
            assertThat(run(command)).isEqualTo("acked " + count);
            assertThat(meters.value(Meter.REFUSED_EVENTS)).isZero();
            assertThat(meters.value(Meter.UNREADABLE_EVENTS)).isZero();
        }
        var events = inlet.stored().stream()
                .map(json -> Event.of(json, Instant.EPOCH))
                .toList();
        assertThat(events.stream().map(event -> Long.valueOf(event.text("n"))))
                .containsExactlyElementsOf(LongStream.range(0, count).boxed().toList());
        return events;
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        var log = folder.resolve("client.log");
        var process = new ProcessBuilder(command)
                .directory(CLIENTS.toFile())
                .redirectError(folder.resolve("client.err").toFile())
                .redirectOutput(log.toFile())
                .start();
        try {
            boolean ended = process.waitFor(180, TimeUnit.SECONDS);
            assertThat(ended).as("the client ends").isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("client.err")))
                    .isZero();
            return Files.readString(log).strip();
        } finally {
            process.destroyForcibly();
        }
    }
}
