package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Source;
import io.logroute.parts.fluent.FluentSource;
import io.logroute.parts.gelf.GelfSource;
import io.logroute.parts.syslog.SyslogSource;
import io.logroute.remote.Pem;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What all sources of log drivers do alike at their ports.
@Timeout(300)
class ListeningTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration DAY = Duration.ofHours(24);

    /// @param message one message, whose text is `it broke`
    enum Kind {
        FLUENT("\u0093\u00a1t\u0000\u0081\u00a7message\u00a8it broke"),
        SYSLOG("<13>app: it broke\n"),
        GELF("{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"it broke\"}\0");

        private final byte[] message;

        Kind(String message) {
            this.message = message.getBytes(StandardCharsets.ISO_8859_1);
        }

        private String label() {
            return name().toLowerCase(java.util.Locale.ROOT) + ":0";
        }
    }

    @TempDir
    Path folder;

    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();
    private final List<Source> started = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (var each : started) {
            each.close();
        }
        meters.close();
    }

    /// @return its port
    private int start(Kind kind, SourceSpec.Transport transport, Optional<ServerTls> tls) throws IOException {
        return switch (kind) {
            case FLUENT ->
                start(
                        new FluentSource(
                                new SourceSpec.Fluent(
                                        "127.0.0.1", 0, 10, DAY, ByteSize.parse("1MiB"), Optional.empty(), tls),
                                "core",
                                meters,
                                InstantSource.system()),
                        FluentSource::port);
            case SYSLOG ->
                start(
                        new SyslogSource(
                                new SourceSpec.Syslog(
                                        "127.0.0.1",
                                        0,
                                        transport,
                                        10,
                                        DAY,
                                        ByteSize.parse("64KiB"),
                                        ZoneId.of("UTC"),
                                        tls),
                                "core",
                                meters,
                                InstantSource.system()),
                        SyslogSource::port);
            case GELF ->
                start(
                        new GelfSource(
                                new SourceSpec.Gelf("127.0.0.1", 0, transport, 10, DAY, ByteSize.parse("2MiB"), tls),
                                "core",
                                meters,
                                InstantSource.system()),
                        GelfSource::port);
        };
    }

    private <S extends Source> int start(S source, ToIntFunction<S> port) throws IOException {
        started.add(source);
        source.start(inlet);
        return port.applyAsInt(source);
    }

    @ParameterizedTest
    @EnumSource
    void tls_carries_messages_and_a_plain_client_is_refused_with_words(Kind kind) throws Exception {
        var certificates = Certificates.make(folder, "server");
        var tls = new ServerTls(certificates.crt("server"), certificates.key("server"), Optional.empty());
        int port = start(kind, SourceSpec.Transport.TCP, Optional.of(tls));
        try (var client = secure(port, certificates, null)) {
            client.getOutputStream().write(kind.message);
            await().atMost(SOON).until(() -> inlet.events().size() == 1);
        }
        assertThat(inlet.events().getFirst().text("message")).isEqualTo("it broke");
        try (var words = new Words();
                var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
            plain.getOutputStream().write(kind.message);
            await().atMost(SOON).until(() -> closed(kind, "tls") == 1);
            await().atMost(SOON).until(() -> !words.said().isEmpty());
            assertThat(words.said())
                    .singleElement()
                    .asString()
                    .contains("core/" + kind.label(), "it does not speak TLS, and this source does; turn TLS on");
        }
        assertThat(inlet.events()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void mutual_tls_takes_clients_with_a_certificate_of_ours_only(Kind kind) throws Exception {
        var certificates = Certificates.make(folder, "server", "client", "stranger");
        var tls = new ServerTls(
                certificates.crt("server"), certificates.key("server"), Optional.of(certificates.crt("client")));
        int port = start(kind, SourceSpec.Transport.TCP, Optional.of(tls));
        try (var words = new Words()) {
            for (var wrong : new String[] {null, "stranger"}) {
                assertThatThrownBy(() -> {
                            try (var client = secure(port, certificates, wrong)) {
                                client.getOutputStream().write(kind.message);
                                client.getInputStream().read();
                            }
                        })
                        .isInstanceOfAny(SSLException.class, SocketException.class);
            }
            await().atMost(SOON).until(() -> closed(kind, "tls") == 2);
            await().atMost(SOON).until(() -> !words.said().isEmpty());
            assertThat(words.said())
                    .as("once a minute")
                    .singleElement()
                    .asString()
                    .contains("tls.clientCaFile");
        }
        assertThat(inlet.events()).isEmpty();
        try (var client = secure(port, certificates, "client")) {
            client.getOutputStream().write(kind.message);
            await().atMost(SOON).until(() -> inlet.events().size() == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_tls_client_at_a_plain_port_is_refused_with_words_and_nothing_of_it_is_stored(Kind kind) throws Exception {
        var certificates = Certificates.make(folder, "server");
        int port = start(kind, SourceSpec.Transport.TCP, Optional.empty());
        try (var words = new Words()) {
            assertThatThrownBy(() ->
                            secure(port, certificates, null).getInputStream().read())
                    .isInstanceOf(IOException.class);
            await().atMost(SOON).until(() -> closed(kind, "tls") == 1);
            await().atMost(SOON).until(() -> !words.said().isEmpty());
            assertThat(words.said())
                    .singleElement()
                    .asString()
                    .contains("it speaks TLS, and this source does not; give this source tls");
        }
        assertThat(inlet.events()).isEmpty();
    }

    @Test
    void datagrams_that_the_system_drops_are_counted_and_told() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/udp")), "only Linux tells what it drops");
        int port = start(Kind.SYSLOG, SourceSpec.Transport.UDP, Optional.empty());
        int sent = 12_000;
        try (var words = new Words()) {
            var release = inlet.fill();
            try (var udp = new DatagramSocket()) {
                for (int i = 0; i < sent; i++) {
                    var bytes = ("<13>app: " + i + "x".repeat(8_000)).getBytes(StandardCharsets.UTF_8);
                    udp.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
                }
            }
            release.countDown();
            await().atMost(SOON).until(() -> inlet.events().size() + lost("kernel") == sent);
            assertThat(lost("kernel")).isPositive();
            await().atMost(SOON).until(() -> !words.said().isEmpty());
            assertThat(words.said()).first().asString().contains("net.core.rmem_max", Integer.toString(port));
        }
        assertThat(lost("stopped")).isZero();
    }

    @Test
    void datagrams_that_have_come_when_the_source_ends_are_taken() throws Exception {
        int port = start(Kind.SYSLOG, SourceSpec.Transport.UDP, Optional.empty());
        var release = inlet.fill();
        try (var udp = new DatagramSocket()) {
            for (int i = 0; i < 200; i++) {
                if (i == 1) {
                    await().atMost(SOON).until(inlet::isWaitedFor);
                }
                var bytes = ("<13>app: " + i).getBytes(StandardCharsets.UTF_8);
                udp.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
            }
        }
        var closing = Thread.ofPlatform().start(() -> {
            try {
                started.getFirst().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        // What comes after is taken within two seconds.
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(SOON)
                .until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        release.countDown();
        assertThat(closing.join(SOON)).isTrue();
        await().atMost(SOON).until(() -> inlet.events().size() == 200);
    }

    private double lost(String reason) {
        return meters.value(Meter.LOST_DATAGRAMS, "core", "syslog:0", reason);
    }

    private double closed(Kind kind, String reason) {
        return meters.value(Meter.CLOSED_CONNECTIONS, "core", kind.label(), reason);
    }

    private static Socket secure(int port, Certificates certificates, @Nullable String own) throws IOException {
        var name = Optional.ofNullable(own);
        var tls = new ClientTls(
                Optional.of(certificates.crt("server")),
                name.map(certificates::crt),
                name.map(certificates::key),
                true);
        var socket = Pem.client(tls).getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        return socket;
    }
}
