package io.logroute.parts.fluent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.listen.StoringInlet;
import io.logroute.remote.Pem;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The connection ends at every step of the protocol, in order and without, and the source ends while a
/// client writes.
@Timeout(300)
class FluentCutsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration MOMENT = Duration.ofMillis(5);
    private static final Instant TIME = Instant.parse("2026-11-30T07:22:36.123456789Z");
    private static final String KEY = "open sesame";
    private static final int HELO = 1 + 5 + 1 + 6 + 18 + 5 + 2 + 10 + 1;

    @TempDir
    Path folder;

    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();
    private @Nullable FluentSource source;
    private @Nullable SSLSocketFactory secure;
    private int opened;

    @AfterEach
    void stop() {
        if (source != null) {
            source.close();
        }
        meters.close();
    }

    private FluentSource start(boolean tls, boolean key) throws IOException {
        Optional<ServerTls> door = Optional.empty();
        if (tls) {
            var certificates = Certificates.make(folder, "server");
            door = Optional.of(new ServerTls(certificates.crt("server"), certificates.key("server"), Optional.empty()));
            secure = Pem.client(new ClientTls(
                            Optional.of(certificates.crt("server")), Optional.empty(), Optional.empty(), true))
                    .getSocketFactory();
        }
        Optional<SourceSpec.FluentSecurity> security = Optional.empty();
        if (key) {
            var file = Files.writeString(folder.resolve("key"), KEY);
            security = Optional.of(new SourceSpec.FluentSecurity(file, "logroute", List.of()));
        }
        var spec = new SourceSpec.Fluent(
                "127.0.0.1", 0, 200, Duration.ofHours(24), ByteSize.parse("1MiB"), security, door);
        var started = new FluentSource(spec, "core", meters, InstantSource.system());
        source = started;
        started.start(inlet);
        return started;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void within_the_handshake(boolean tls) throws Exception {
        start(tls, true);
        var ping = ping(new byte[16]);
        var message = forward(1, "chunk-1");
        for (int cut = 0; cut <= ping.length; cut += tls ? 17 : 1) {
            try (var client = new Client(cut % 2 == 0)) {
                var real = ping(client.helo());
                client.send(Arrays.copyOf(real, cut));
            }
        }
        for (int i = 0; i < 3; i++) {
            try (var client = new Client(true)) {
                // Before HELO was read, and before TLS is done.
                client.raw.getOutputStream().write(tls ? new byte[] {0x16, 3, 1} : new byte[0]);
            }
        }
        try (var client = new Client(true)) {
            // Messages do not wait for the answer, and are not taken before it is right.
            client.send(ping(new byte[16]));
            client.send(message);
            assertThat(client.closes()).isTrue();
        }
        goesOn(tls);
        assertThat(inlet.events()).as("none but the last").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void within_every_kind_of_message(boolean tls) throws Exception {
        start(tls, true);
        for (var message : List.of(single(1, "c"), forward(1, "c"), packed(1, "c", false), packed(1, "c", true))) {
            for (int cut = 0; cut < message.length; cut += tls ? 13 : 1) {
                try (var client = new Client(cut % 2 == 0)) {
                    client.shakeHands();
                    client.send(Arrays.copyOf(message, cut));
                }
            }
        }
        goesOn(tls);
        assertThat(inlet.events()).as("of what was cut nothing").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void between_a_message_and_its_acknowledgement(boolean tls) throws Exception {
        start(tls, true);
        inlet.hold();
        var messages = List.of(single(0, "c"), forward(1, "c"), packed(2, "c", false), packed(3, "c", true));
        for (int i = 0; i < messages.size(); i++) {
            int whole = i + 1;
            try (var client = new Client(i % 2 == 0)) {
                client.shakeHands();
                client.send(messages.get(i));
                // And the head of the next, which is cut.
                client.send(Arrays.copyOf(forward(99, "x"), 9));
                await().atMost(SOON).until(() -> inlet.events().size() == whole);
                client.raw.setSoTimeout(50);
                assertThat(client.isSilent()).as("nothing is stored yet").isTrue();
            }
        }
        // Those that ended in good order may still read.
        await().atMost(SOON).until(() -> closed() >= 2);
        inlet.store();
        assertThat(numbers()).as("what was whole is kept").containsExactly(0L, 1L, 2L, 3L);
        goesOn(tls);
    }

    /// What real clients do: send on until the connection ends, connect again, and send what was not
    /// acknowledged.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_is_acknowledged_is_stored_and_what_is_sent_again_until_then_is_too(boolean tls) throws Exception {
        start(tls, false);
        var acknowledged = new ArrayList<Long>();
        int next = 0;
        for (int round = 0; next < 200; round++) {
            try (var client = new Client(round % 2 == 0)) {
                var bytes = new ByteArrayOutputStream();
                int cut = round * 131 % 900;
                int whole = 0;
                for (int i = next; bytes.size() < cut; i++) {
                    bytes.writeBytes(forward(i, "%04d".formatted(i)));
                    whole += bytes.size() <= cut ? 1 : 0;
                }
                client.send(Arrays.copyOf(bytes.toByteArray(), cut));
                for (int i = Math.min(whole, round % 7); i > 0; i--) {
                    assertThat(client.hears("%04d".formatted(next))).isTrue();
                    assertThat(numbers()).contains((long) next);
                    acknowledged.add((long) next++);
                }
            }
        }
        assertThat(acknowledged).isEqualTo(LongStream.range(0, next).boxed().toList());
        assertThat(numbers()).containsAll(acknowledged);
        goesOn(tls);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_source_ends_and_no_acknowledgement_is_cut_off_from_a_client_that_writes_on(boolean tls) throws Exception {
        var ending = start(tls, false);
        inlet.hold();
        try (var client = new Client(false)) {
            client.send(forward(1, "chunk-1"));
            await().atMost(SOON).until(() -> inlet.events().size() == 1);
            var more = new ByteArrayOutputStream();
            for (int i = 0; i < 500; i++) {
                more.writeBytes(forward(2 + i, "later-1"));
            }
            var closing = Thread.ofVirtual().start(ending::close);
            // What is stored within two seconds is acknowledged, and the client has another to read that.
            await().pollDelay(Duration.ZERO).pollInterval(MOMENT).atMost(SOON).until(() -> !reachable(ending));
            inlet.store();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(MOMENT)
                    .atMost(SOON)
                    .until(() -> client.raw.getInputStream().available() > 0);
            client.talk().getOutputStream().write(more.toByteArray());
            assertThat(client.hears("chunk-1")).isTrue();
            assertThat(client.reads()).as("an end in good order").isEqualTo(-1);
            client.close();
            assertThat(closing.join(SOON)).isTrue();
        }
        assertThat(numbers()).as("nothing is taken after the end began").containsExactly(1L);
    }

    @Test
    void the_source_ends_although_nobody_reads_and_nothing_is_stored() throws Exception {
        var ending = start(false, false);
        inlet.hold();
        try (var client = new Client(false)) {
            client.send(forward(1, "chunk-1"));
            await().atMost(SOON).until(() -> inlet.events().size() == 1);
            long before = System.nanoTime();
            ending.close();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
            assertThat(client.reads()).isEqualTo(-1);
            inlet.store();
        }
    }

    @Test
    void parts_of_a_line_that_wait_for_their_rest_are_stored_when_the_source_ends() throws Exception {
        var ending = start(false, false);
        try (var client = new Client(false)) {
            var part = Map.of(
                    "log",
                    "the beginning",
                    "partial_message",
                    "true",
                    "partial_id",
                    "p",
                    "partial_ordinal",
                    "1",
                    "partial_last",
                    "false");
            client.send(Pack.of(List.of("t", TIME, part)));
            client.send(Pack.of(List.of("t", TIME, Map.of("n", 1))));
            await().atMost(SOON).until(() -> inlet.events().size() == 1);
            ending.close();
        }
        assertThat(inlet.events()).hasSize(2);
        assertThat(inlet.events().getLast().text("log")).isEqualTo("the beginning");
        assertThat(inlet.events().getLast().get("tags")).isEqualTo(List.of("_partial"));
    }

    private void goesOn(boolean tls) throws Exception {
        boolean key = Files.exists(folder.resolve("key"));
        await().atMost(SOON).until(() -> closed() >= opened);
        try (var client = new Client(false)) {
            if (key) {
                client.shakeHands();
            }
            client.send(forward(1_000, "the-last"));
            assertThat(client.hears("the-last")).isTrue();
        }
        assertThat(numbers()).contains(1_000L);
        await().atMost(SOON).until(() -> closed() >= opened);
        assertThat(meters.value(Meter.CLOSED_CONNECTIONS, "core", "fluent:0", "failed"))
                .isZero();
        assertThat(meters.value(Meter.CONNECTIONS, "core", "fluent:0")).isZero();
    }

    private double closed() {
        return meters.value(Meter.CLOSED_CONNECTIONS, "core", "fluent:0");
    }

    private List<Object> numbers() {
        return inlet.events().stream().map(event -> event.get("n")).toList();
    }

    private static boolean reachable(FluentSource source) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private final class Client implements AutoCloseable {
        private final Socket raw;
        private final boolean isAbrupt;
        private @Nullable Socket talk;

        /// @param isAbrupt whether it resets the connection at its end
        Client(boolean isAbrupt) throws IOException {
            this.isAbrupt = isAbrupt;
            this.raw = new Socket(
                    InetAddress.getLoopbackAddress(),
                    Objects.requireNonNull(source).port());
            raw.setSoTimeout(60_000);
            raw.setTcpNoDelay(true);
            opened++;
        }

        private Socket talk() throws IOException {
            if (talk == null) {
                talk = secure == null ? raw : secure.createSocket(raw, "localhost", raw.getPort(), true);
            }
            return talk;
        }

        void send(byte[] bytes) throws IOException {
            try {
                talk().getOutputStream().write(bytes);
                talk().getOutputStream().flush();
            } catch (java.net.SocketException e) {
                // It was closed, as it may be.
            }
        }

        byte[] helo() throws IOException {
            var bytes = talk().getInputStream().readNBytes(HELO);
            assertThat(new String(bytes, 2, 4, StandardCharsets.US_ASCII)).isEqualTo("HELO");
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("nonce") + 5;
            return Arrays.copyOfRange(bytes, at + 2, at + 2 + bytes[at + 1]);
        }

        void shakeHands() throws Exception {
            send(ping(helo()));
            var pong = talk().getInputStream().readNBytes(1 + 5 + 1 + 1 + 9 + 130);
            assertThat(pong[6]).as("let in").isEqualTo((byte) 0xc3);
        }

        boolean hears(String chunk) throws IOException {
            var expected = Pack.of(Map.of("ack", chunk));
            return Arrays.equals(talk().getInputStream().readNBytes(expected.length), expected);
        }

        int reads() throws IOException {
            return talk().getInputStream().read();
        }

        boolean closes() throws IOException {
            try {
                talk().getInputStream().transferTo(OutputStream.nullOutputStream());
                return true;
            } catch (java.net.SocketException e) {
                return true;
            }
        }

        boolean isSilent() throws IOException {
            try {
                return talk().getInputStream().read() < -1;
            } catch (java.net.SocketTimeoutException e) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            if (isAbrupt) {
                raw.setSoLinger(true, 0);
            } else if (talk != null) {
                talk.close();
            }
            raw.close();
        }
    }

    private static byte[] ping(byte[] nonce) throws Exception {
        var salt = new byte[16];
        var sum = MessageDigest.getInstance("SHA-512");
        sum.update(salt);
        sum.update("web-1".getBytes(StandardCharsets.UTF_8));
        sum.update(nonce);
        sum.update(KEY.getBytes(StandardCharsets.UTF_8));
        return Pack.of(List.of("PING", "web-1", salt, HexFormat.of().formatHex(sum.digest()), "", ""));
    }

    private static byte[] single(int n, String chunk) {
        return Pack.of(List.of("t", TIME, Map.of("n", n), Map.of("chunk", chunk)));
    }

    private static byte[] forward(int n, String chunk) {
        return Pack.of(List.of("t", List.of(List.of(TIME, Map.of("n", n))), Map.of("chunk", chunk)));
    }

    private static byte[] packed(int n, String chunk, boolean zip) {
        var pairs = Pack.pairs(List.of(List.of(TIME, Map.of("n", n))));
        return zip
                ? Pack.of(List.of("t", Pack.gzip(pairs), Map.of("chunk", chunk, "compressed", "gzip")))
                : Pack.of(List.of("t", pairs, Map.of("chunk", chunk)));
    }
}
