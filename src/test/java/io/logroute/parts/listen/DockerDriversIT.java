package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Event;
import io.logroute.flow.Source;
import io.logroute.parts.fluent.FluentSource;
import io.logroute.parts.gelf.GelfSource;
import io.logroute.parts.syslog.SyslogSource;
import io.logroute.spec.ByteSize;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Docker's own log drivers send from a node of the lab. Over TCP: the way from there leads through a
/// relay.
@Timeout(600)
@ResourceLock(SwarmLab.OF_ONE)
class DockerDriversIT {
    private static final Duration SOON = Duration.ofSeconds(240);
    private static final Duration DAY = Duration.ofHours(24);
    private static final String LINES =
            "for i in $(seq 0 299); do echo line $i; done; head -c 40000 /dev/zero | tr '\\0' x; echo";

    private final SwarmLab lab = SwarmLab.of(1);
    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();

    @AfterEach
    void clear() {
        lab.clear();
        meters.close();
    }

    @Test
    void fluentd_sends_every_line_and_long_ones_whole() throws Exception {
        try (var source = fluent()) {
            run(source.port(), "fluentd", "fluentd-address=%s:%d");
            await().atMost(SOON).until(() -> inlet.events().size() >= 301);
        }
        numbered(inlet.events(), "log");
        assertThat(inlet.events().getLast().text("log")).isEqualTo("x".repeat(40_000));
        assertThat(inlet.events()).allSatisfy(event -> {
            assertThat(event.text("source")).isEqualTo("stdout");
            assertThat(event.text("container_id")).hasSize(64);
            assertThat(event.text("container_name")).startsWith("/");
        });
    }

    @Test
    void fluentd_waits_for_acknowledgements() throws Exception {
        try (var source = fluent()) {
            run(source.port(), "fluentd", "fluentd-address=%s:%d", "fluentd-request-ack=true");
            await().atMost(SOON).until(() -> inlet.events().size() >= 303);
        }
        numbered(inlet.events(), "log");
    }

    private FluentSource fluent() throws IOException {
        return started(new FluentSource(
                new SourceSpec.Fluent(
                        "127.0.0.1", 0, 10, DAY, ByteSize.parse("32MiB"), Optional.empty(), Optional.empty()),
                "core",
                meters,
                InstantSource.system()));
    }

    @Test
    void syslog_sends_in_every_format() throws Exception {
        for (var format : List.of("", "rfc3164", "rfc5424", "rfc5424micro")) {
            int before = inlet.events().size();
            try (var source = started(new SyslogSource(
                    new SourceSpec.Syslog(
                            "127.0.0.1",
                            0,
                            SourceSpec.Transport.TCP,
                            10,
                            DAY,
                            ByteSize.parse("64KiB"),
                            ZoneId.of("UTC"),
                            Optional.empty()),
                    "core",
                    meters,
                    InstantSource.system()))) {
                run(source.port(), "syslog", "syslog-address=tcp://%s:%d", "syslog-format=" + format);
                await().atMost(SOON).until(() -> inlet.events().size() >= before + 301);
            }
            var events = inlet.events().subList(before, inlet.events().size());
            numbered(events, "message");
            assertThat(events).as(format).allSatisfy(event -> {
                assertThat(event.text("syslog", "facility")).isEqualTo("daemon");
                assertThat(event.text("process", "name")).isNotNull();
                assertThat(event.has("tags")).isFalse();
            });
        }
    }

    @Test
    void gelf_sends_every_line() throws Exception {
        try (var source = started(new GelfSource(
                new SourceSpec.Gelf(
                        "127.0.0.1", 0, SourceSpec.Transport.TCP, 10, DAY, ByteSize.parse("2MiB"), Optional.empty()),
                "core",
                meters,
                InstantSource.system()))) {
            run(source.port(), "gelf", "gelf-address=tcp://%s:%d");
            await().atMost(SOON).until(() -> inlet.events().size() >= 301);
        }
        numbered(inlet.events(), "message");
        assertThat(inlet.events()).allSatisfy(event -> {
            assertThat(event.text("level")).isEqualTo("info");
            assertThat(event.text("image_name")).isNotNull();
        });
    }

    private <S extends Source> S started(S source) throws IOException {
        source.start(inlet);
        return source;
    }

    /// @param options the first takes host and port
    private void run(int port, String driver, String... options) throws IOException {
        lab.reach(port);
        var command = new ArrayList<>(List.of("run", "--rm", "--log-driver", driver));
        for (int i = 0; i < options.length; i++) {
            command.add("--log-opt");
            command.add(i == 0 ? options[i].formatted(lab.host(), port) : options[i]);
        }
        command.addAll(List.of(lab.tiny(), "sh", "-c", LINES));
        lab.docker(1, command.toArray(String[]::new));
    }

    private static void numbered(List<Event> events, String field) {
        assertThat(events.stream()
                        .map(event -> event.text(field))
                        .filter(text -> text != null && text.startsWith("line ")))
                .containsExactlyElementsOf(
                        IntStream.range(0, 300).mapToObj("line %d"::formatted).toList());
    }
}
