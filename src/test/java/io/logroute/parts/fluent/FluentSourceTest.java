package io.logroute.parts.fluent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.listen.Room;
import io.logroute.parts.listen.StoringInlet;
import io.logroute.spec.ByteSize;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class FluentSourceTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Instant TIME = Instant.parse("2026-11-30T07:22:36.123456789Z");

    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();
    private final FluentSource source = source(10, "1MiB");

    private FluentSource source(int maxConnections, String maxMessage) {
        var spec = new SourceSpec.Fluent(
                "127.0.0.1",
                0,
                maxConnections,
                Duration.ofHours(24),
                ByteSize.parse(maxMessage),
                Optional.empty(),
                Optional.empty());
        return new FluentSource(spec, "core", meters, InstantSource.system());
    }

    @BeforeEach
    void start() throws IOException {
        source.start(inlet);
    }

    @AfterEach
    void stop() {
        source.close();
        meters.close();
    }

    @Test
    void a_chunk_is_acknowledged_when_it_is_stored_and_not_before() throws Exception {
        inlet.hold();
        try (var client = connect()) {
            client.getOutputStream().write(message(1, "chunk-1"));
            client.getOutputStream().write(message(2, "chunk-2"));
            await().atMost(SOON).until(() -> inlet.events().size() == 2);
            client.setSoTimeout(200);
            assertThat(isSilent(client)).isTrue();
            client.setSoTimeout(60_000);
            inlet.store();
            assertThat(client.getInputStream().readNBytes(26)).isEqualTo(both("chunk-1", "chunk-2"));
        }
    }

    @Test
    void a_connection_cut_at_every_byte_gives_whole_messages_alone() throws Exception {
        var bytes = message(7, "chunk-7");
        for (int cut = 0; cut < bytes.length; cut++) {
            try (var client = connect()) {
                client.getOutputStream().write(bytes, 0, cut);
            }
            int closed = cut + 1;
            await().atMost(SOON).until(() -> meters.value(Meter.CLOSED_CONNECTIONS, "core", "fluent:0") == closed);
        }
        assertThat(inlet.events()).isEmpty();
        try (var client = connect()) {
            for (byte b : bytes) {
                client.getOutputStream().write(b);
                client.getOutputStream().flush();
            }
            assertThat(client.getInputStream().readNBytes(13)).isEqualTo(ack("chunk-7"));
        }
        assertThat(inlet.events()).singleElement().extracting(e -> e.get("n")).isEqualTo(7L);
    }

    @Test
    void many_messages_with_and_without_chunks_come_each_once_in_their_order() throws Exception {
        try (var client = connect()) {
            var out = client.getOutputStream();
            for (int i = 0; i < 6_000; i++) {
                out.write(i % 3 == 0 ? Pack.of(List.of("t", TIME, Map.of("n", i))) : message(i, "c" + (10_000 + i)));
            }
            var acks = client.getInputStream().readNBytes(4_000 * 12);
            assertThat(acks).hasSize(48_000);
        }
        await().atMost(SOON).until(() -> inlet.events().size() == 6_000);
        assertThat(inlet.events().stream().map(e -> e.get("n")).toList())
                .isEqualTo(IntStream.range(0, 6_000)
                        .mapToObj(i -> (Object) (long) i)
                        .toList());
    }

    @Test
    void a_large_chunk_travels_in_batches_and_is_acknowledged_once() throws Exception {
        var entries = new ArrayList<Object>();
        for (int i = 0; i < 45_000; i++) {
            entries.add(List.of(TIME, Map.of("n", i)));
        }
        var content = Pack.pairs(entries);
        try (var client = connect()) {
            client.getOutputStream().write(Pack.of(List.of("t", content, Map.of("chunk", "chunk-9"))));
            assertThat(client.getInputStream().readNBytes(13)).isEqualTo(ack("chunk-9"));
            assertThat(inlet.events()).hasSize(45_000);
            client.setSoTimeout(200);
            assertThat(isSilent(client)).isTrue();
        }
    }

    @Test
    void who_is_refused_is_closed_without_an_acknowledgement() throws Exception {
        inlet.refuse(true);
        try (var client = connect()) {
            client.getOutputStream().write(message(1, "chunk-1"));
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(SOON).until(() -> closed("refused") == 1);
    }

    @Test
    void what_nobody_would_send_again_is_handed_over_again() throws Exception {
        inlet.refuse(true);
        try (var client = connect()) {
            client.getOutputStream().write(Pack.of(List.of("t", TIME, Map.of("n", 1))));
        }
        await().during(Duration.ofMillis(300))
                .atMost(SOON)
                .until(() -> inlet.events().isEmpty());
        inlet.refuse(false);
        await().atMost(SOON).until(() -> inlet.events().size() == 1);
    }

    @Test
    void what_is_not_the_protocol_is_closed_with_a_reason() throws Exception {
        for (var bytes : List.of("GET / HTTP/1.1\r\n\r\n".getBytes(), new byte[] {(byte) 0xc1})) {
            try (var client = connect()) {
                client.getOutputStream().write(bytes);
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }
        await().atMost(SOON).until(() -> closed("garbage") == 2);
    }

    @Test
    void events_before_a_broken_message_are_kept() throws Exception {
        try (var client = connect()) {
            client.getOutputStream().write(message(1, "chunk-1"));
            client.getOutputStream().write(0xc1);
            client.getInputStream().readAllBytes();
        } catch (IOException e) {
            // It may be reset.
        }
        await().atMost(SOON).until(() -> inlet.events().size() == 1);
    }

    @Test
    void what_is_decoded_is_charged_to_the_room_and_who_finds_none_sends_again() throws Exception {
        var room = new Room(1 << 20, 128 << 10);
        var release = inlet.fill();
        var spec = new SourceSpec.Fluent(
                "127.0.0.1", 0, 50, Duration.ofHours(24), ByteSize.parse("8MiB"), Optional.empty(), Optional.empty());
        try (var small = new FluentSource(spec, "small", meters, InstantSource.system(), room)) {
            small.start(inlet);
            var entries = IntStream.range(0, 30_000)
                    .mapToObj(i -> List.of(TIME, Map.of("n", 7)))
                    .toList();
            var bomb = Pack.of(
                    List.of("t", Pack.gzip(Pack.pairs(entries)), Map.of("chunk", "bomb", "compressed", "gzip")));
            assertThat(bomb.length).as("far less than it becomes").isLessThan(20 << 10);
            var hostile = new ArrayList<Socket>();
            for (int i = 0; i < 10; i++) {
                var client = new Socket(InetAddress.getLoopbackAddress(), small.port());
                hostile.add(client);
                client.getOutputStream().write(bomb);
            }
            await().atMost(SOON)
                    .until(() -> meters.value(Meter.CLOSED_CONNECTIONS, "small", "fluent:0", "no_room") >= 8);
            try (var good = new Socket(InetAddress.getLoopbackAddress(), small.port())) {
                good.setSoTimeout(60_000);
                good.getOutputStream().write(message(1, "chunk-1"));
                release.countDown();
                assertThat(good.getInputStream().readNBytes(13)).isEqualTo(ack("chunk-1"));
            }
            for (var each : hostile) {
                each.close();
            }
            await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS, "small", "fluent:0") == 0);
            await().atMost(SOON).until(() -> room.left() == 1 << 20);
        }
    }

    /// Counted after the socket is closed.
    private double closed(String reason) {
        return meters.value(Meter.CLOSED_CONNECTIONS, "core", "fluent:0", reason);
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), source.port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static boolean isSilent(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < -1;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        }
    }

    private static byte[] message(int n, String chunk) {
        return Pack.of(List.of("t", List.of(List.of(TIME, Map.of("n", n))), Map.of("chunk", chunk, "size", 1)));
    }

    private static byte[] ack(String chunk) {
        return Pack.of(Map.of("ack", chunk));
    }

    private static byte[] both(String first, String second) {
        return Pack.pairs(List.of(Map.of("ack", first), Map.of("ack", second)));
    }
}
