package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Event;
import io.logroute.parts.fluent.FluentSource;
import io.logroute.parts.gelf.GelfSource;
import io.logroute.parts.syslog.SyslogSource;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Senders that nobody here wrote, each as a process of its own: clients from npm for Fluent, GELF and
/// syslog, and rsyslog.
@Timeout(600)
class LogClientsIT {
    private static final Path CLIENTS = Path.of("src/test/clients");
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final Duration DAY = Duration.ofHours(24);
    /// Lines by rsyslog, which sends them at once. Over UDP the system holds as many for a source that
    /// has no CPU.
    private static final int RSYSLOG = 200;

    @TempDir
    Path folder;

    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();

    @AfterEach
    void stop() {
        meters.close();
    }

    private static void assumed(boolean isInstalled, String what) {
        if (System.getenv("CI") != null) {
            assertThat(isInstalled).as(what).isTrue();
        }
        assumeTrue(isInstalled, what);
    }

    private static void assumeClients() {
        assumed(
                Files.exists(CLIENTS.resolve("node_modules/.installed"))
                        && Files.exists(CLIENTS.resolve("node_modules/@fluent-org")),
                "the Node clients are not installed; run src/test/clients/install.sh (./dev test does)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Message", "Forward", "PackedForward", "CompressedPackedForward"})
    void fluent_logger_speaks_every_mode_and_waits_for_acknowledgements(String mode) throws Exception {
        fluent(mode, Optional.empty(), Optional.empty(), "");
    }

    @Test
    void fluent_logger_speaks_over_tls_with_a_shared_key_and_a_user() throws Exception {
        var security = Optional.of(security());
        fluent(
                "PackedForward",
                Optional.of(Certificates.make(folder, "server")),
                security,
                "{\"clientHostname\":\"web-1\",\"sharedKey\":\"open sesame\",\"username\":\"ali\",\"password\":\"baba\"}");
    }

    private SourceSpec.FluentSecurity security() throws IOException {
        var key = Files.writeString(folder.resolve("key"), "open sesame\n");
        var password = Files.writeString(folder.resolve("password"), "baba\n");
        return new SourceSpec.FluentSecurity(key, "logroute", List.of(new SourceSpec.FluentUser("ali", password)));
    }

    private void fluent(
            String mode,
            Optional<Certificates> certificates,
            Optional<SourceSpec.FluentSecurity> security,
            String asked)
            throws Exception {
        assumeClients();
        var tls = certificates.map(each -> new ServerTls(each.crt("server"), each.key("server"), Optional.empty()));
        var spec = new SourceSpec.Fluent("127.0.0.1", 0, 10, DAY, ByteSize.parse("32MiB"), security, tls);
        try (var source = new FluentSource(spec, "core", meters, InstantSource.system())) {
            source.start(inlet);
            var command = new ArrayList<>(List.of("node", "fluent-logger.js", "" + source.port(), "2000", mode));
            certificates.ifPresent(each -> command.add(each.crt("server").toString()));
            assertThat(run(command, asked)).isEqualTo("acked 2000");
        }
        numbered(2000);
        assertThat(inlet.events().get(7).text("msg")).isEqualTo("event 7 of fluent-logger, ü");
        assertThat(inlet.events().get(7).text("fluent.tag")).isEqualTo("app.web");
        assertThat(inlet.events().get(7).get("nested", "list")).isEqualTo(java.util.Arrays.asList(1L, 2.5, null, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void gelf_pro_sends_over(String adapter) throws Exception {
        assumeClients();
        var spec = new SourceSpec.Gelf(
                "127.0.0.1", 0, SourceSpec.Transport.BOTH, 100, DAY, ByteSize.parse("2MiB"), Optional.empty());
        try (var source = new GelfSource(spec, "core", meters, InstantSource.system())) {
            source.start(inlet);
            assertThat(run(List.of("node", "gelf-pro.js", "" + source.port(), "100", adapter), ""))
                    .isEqualTo("sent 100");
            await().atMost(SOON).until(() -> inlet.events().size() == 100);
        }
        assertThat(inlet.events()).allSatisfy(event -> {
            assertThat(event.text("level")).isEqualTo("error");
            assertThat(event.text("container_name")).isEqualTo("web");
        });
        assertThat(inlet.events().stream().map(event -> event.text("message")))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 100)
                        .mapToObj("event %d of gelf-pro, ü"::formatted)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({"udp, 3164", "udp, 5424", "tcp, 3164", "tcp, 5424"})
    void syslog_client_sends_over(String transport, String rfc) throws Exception {
        assumeClients();
        try (var source = syslog(Optional.empty(), SourceSpec.Transport.BOTH)) {
            assertThat(run(List.of("node", "syslog-client.js", "" + source.port(), "200", transport, rfc), ""))
                    .isEqualTo("sent 200");
            await().atMost(SOON).until(() -> inlet.events().size() == 200);
        }
        assertThat(inlet.events()).allSatisfy(event -> {
            assertThat(event.text("level")).isEqualTo("warning");
            assertThat(event.text("syslog", "facility")).isEqualTo("local3");
            assertThat(event.text("host", "name")).isEqualTo("web-1");
            assertThat(event.has("tags")).isFalse();
        });
        assertThat(inlet.events().stream().map(event -> event.text("message")))
                .containsExactlyElementsOf(IntStream.range(0, 200)
                        .mapToObj("event %d of syslog-client"::formatted)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "udp, traditional, RSYSLOG_TraditionalForwardFormat",
        "tcp, octet-counted, RSYSLOG_SyslogProtocol23Format",
        "tcp, traditional, RSYSLOG_ForwardFormat"
    })
    void rsyslog_forwards_over(String protocol, String framing, String template) throws Exception {
        boolean isInstalled = new ProcessBuilder("src/testbed/rsyslog.sh", "check")
                        .inheritIO()
                        .start()
                        .waitFor()
                == 0;
        assumed(isInstalled, "rsyslog is not installed; run src/testbed/rsyslog.sh (./dev test does)");
        try (var source = syslog(Optional.empty(), SourceSpec.Transport.BOTH)) {
            var lines = Files.writeString(
                    folder.resolve("lines.log"),
                    IntStream.range(0, RSYSLOG)
                            .mapToObj("line %d\n"::formatted)
                            .collect(java.util.stream.Collectors.joining()));
            Files.writeString(folder.resolve("rsyslog.conf"), """
                    global(workDirectory="%1$s")
                    module(load="imfile" PollingInterval="1")
                    input(type="imfile" File="%2$s" Tag="shop:" Severity="error" Facility="local3" mode="polling")
                    action(type="omfwd" target="127.0.0.1" port="%3$d" protocol="%4$s" template="%5$s" %6$s)
                    """.formatted(
                            folder,
                            lines,
                            source.port(),
                            protocol,
                            template,
                            protocol.equals("tcp") ? "TCP_Framing=\"" + framing + "\"" : ""));
            var log = folder.resolve("rsyslog.log").toFile();
            var process = new ProcessBuilder("src/testbed/rsyslog.sh", "run", folder.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log)
                    .start();
            try {
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(shop())
                                .as(Files.readString(log.toPath()))
                                .hasSize(RSYSLOG));
            } finally {
                process.destroy();
                process.waitFor(60, TimeUnit.SECONDS);
            }
        }
        assertThat(shop()).allSatisfy(event -> {
            assertThat(event.text("level")).isEqualTo("error");
            assertThat(event.text("syslog", "facility")).isEqualTo("local3");
            assertThat(event.has("tags")).isFalse();
        });
        assertThat(shop().stream().map(event -> event.text("message")))
                .containsExactlyElementsOf(IntStream.range(0, RSYSLOG)
                        .mapToObj("line %d"::formatted)
                        .toList());
    }

    private List<Event> shop() {
        return inlet.events().stream()
                .filter(event -> "shop".equals(event.text("process", "name")))
                .toList();
    }

    private SyslogSource syslog(Optional<ServerTls> tls, SourceSpec.Transport transport) throws IOException {
        var source = new SyslogSource(
                new SourceSpec.Syslog(
                        "127.0.0.1", 0, transport, 100, DAY, ByteSize.parse("64KiB"), ZoneId.systemDefault(), tls),
                "core",
                meters,
                InstantSource.system());
        source.start(inlet);
        return source;
    }

    private void numbered(int count) {
        assertThat(inlet.events().stream().map(event -> event.get("n")).toList())
                .isEqualTo(IntStream.range(0, count)
                        .mapToObj(n -> (Object) (long) n)
                        .toList());
    }

    private String run(List<String> command, String security) throws IOException, InterruptedException {
        var log = folder.resolve("client.log");
        var builder = new ProcessBuilder(command)
                .directory(CLIENTS.toFile())
                .redirectError(folder.resolve("client.err").toFile())
                .redirectOutput(log.toFile());
        builder.environment().putAll(security.isEmpty() ? Map.of() : Map.of("SECURITY", security));
        var process = builder.start();
        try {
            boolean ended = process.waitFor(180, TimeUnit.SECONDS);
            assertThat(ended)
                    .as("the client ends: %s", Files.readString(folder.resolve("client.err")))
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
