package io.logroute.parts.gelf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.Seeds;
import io.logroute.flow.Batch;
import io.logroute.flow.Inlet;
import io.logroute.flow.Json;
import io.logroute.flow.Receipt;
import io.logroute.parts.listen.Room;
import io.logroute.parts.listen.StoringInlet;
import io.logroute.spec.ByteSize;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class GelfTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Instant NOW = Instant.parse("2026-11-30T07:22:36Z");
    private static final String MESSAGE =
            "{\"version\":\"1.1\",\"host\":\"web-1\",\"short_message\":\"it broke\",\"full_message\":\"it\\nbroke\",\"timestamp\":1385053862.3072,\"level\":3,\"_user_id\":9001,\"_container_name\":\"web\",\"_message\":\"mine\"}";

    private int lost;

    @Test
    void fields_are_mapped() {
        var bytes = utf8(MESSAGE);
        assertThat(Json.write(GelfMessage.fields(bytes, 0, bytes.length, "10.0.0.1", NOW)))
                .isEqualTo(
                        "{\"@timestamp\":\"2013-11-21T17:11:02.3072Z\",\"message\":\"it broke\",\"level\":\"error\",\"host\":{\"name\":\"web-1\"},\"full_message\":\"it\\nbroke\",\"gelf\":{\"level\":3,\"sender\":\"10.0.0.1\",\"version\":\"1.1\"},\"user_id\":9001,\"container_name\":\"web\",\"_message\":\"mine\"}");
    }

    @Test
    void chunks_in_any_order_give_the_message_once_and_hold_no_more_than_they_may() {
        for (long seed = 0; seed < 500; seed++) {
            var random = Seeds.random(seed);
            lost = 0;
            var chunks = new Chunks(20, 50_000, 10_000, n -> lost += n);
            var message = new byte[1 + random.nextInt(9_000)];
            random.nextBytes(message);
            int count = 1 + random.nextInt(Math.min(128, message.length));
            var order = random.ints(0, count).distinct().limit(count).toArray();
            byte[] whole = null;
            for (int number : order) {
                for (int noise = random.nextInt(3); noise > 0; noise--) {
                    var other = new byte[12 + random.nextInt(3_000)];
                    random.nextBytes(other);
                    other[0] = 0x1e;
                    other[1] = 0x0f;
                    chunks.take(other, random.nextInt(other.length + 1), "b" + random.nextInt(50), NOW);
                    assertThat(chunks.bytes()).isBetween(0L, 50_000L);
                    assertThat(chunks.waiting()).isLessThanOrEqualTo(20);
                }
                var chunk = chunk(message, 7, number, count);
                var got = chunks.take(chunk, chunk.length, "a", NOW);
                assertThat(got == null || whole == null)
                        .as("seed %d: once", seed)
                        .isTrue();
                whole = got == null ? whole : got;
            }
            // What was pushed out by others is told.
            assertThat(whole == null ? lost > 0 : Arrays.equals(whole, message))
                    .as("seed %d", seed)
                    .isTrue();
            chunks.giveUp(NOW.plusSeconds(6));
            assertThat(chunks.bytes()).isZero();
            assertThat(chunks.waiting()).isZero();
        }
    }

    @Test
    void plain_gzip_zlib_and_chunks_come_over_udp_and_lines_over_tcp() throws Exception {
        var inlet = new StoringInlet();
        try (var meters = new Instruments();
                var source = source(meters);
                var udp = new DatagramSocket()) {
            source.start(inlet);
            send(udp, source, utf8(MESSAGE));
            send(udp, source, gzip(utf8(MESSAGE)));
            send(udp, source, zlib(utf8(MESSAGE)));
            var zipped = gzip(utf8(MESSAGE));
            send(udp, source, chunk(zipped, 1, 2, 3));
            send(udp, source, chunk(zipped, 1, 0, 3));
            send(udp, source, chunk(zipped, 1, 1, 3));
            await().atMost(SOON).until(() -> inlet.events().size() == 4);
            try (var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
                for (byte b : utf8(MESSAGE + "\0" + MESSAGE + "\n\0" + MESSAGE)) {
                    tcp.getOutputStream().write(b);
                }
            }
            await().atMost(SOON).until(() -> inlet.events().size() == 7);
            assertThat(inlet.events())
                    .allSatisfy(event -> assertThat(event.text("message")).isEqualTo("it broke"));
            send(udp, source, utf8("no gelf"));
            send(udp, source, gzip(new byte[3 << 20]));
            await().atMost(SOON).until(() -> inlet.events().size() == 9);
            assertThat(inlet.events().get(7).text("message")).isEqualTo("no gelf");
            assertThat(meters.value(Meter.UNREADABLE_EVENTS, "core", "gelf:0")).isEqualTo(2);
        }
    }

    @Test
    void a_message_without_an_end_comes_in_pieces() throws Exception {
        var inlet = new StoringInlet();
        try (var meters = new Instruments();
                var source = source(meters)) {
            source.start(inlet);
            try (var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
                tcp.getOutputStream().write(utf8("x".repeat(5 << 20) + "\0" + MESSAGE + "\0"));
            }
            await().atMost(SOON)
                    .until(() -> inlet.events().stream().anyMatch(event -> "it broke".equals(event.text("message"))));
            assertThat(inlet.events().stream()
                            .filter(event -> event.has("tags"))
                            .mapToLong(event ->
                                    String.valueOf(event.text("message")).length())
                            .sum())
                    .isEqualTo(5 << 20);
        }
    }

    @Test
    void a_connection_cut_at_every_byte_keeps_what_was_whole() throws Exception {
        var inlet = new StoringInlet();
        var bytes = utf8("{\"short_message\":\"a\"}\0{\"short_message\":\"b\"}\0{\"short_message\":\"c\"}\0");
        int each = bytes.length / 3;
        try (var meters = new Instruments();
                var source = source(meters)) {
            source.start(inlet);
            for (int cut = 0; cut <= bytes.length; cut++) {
                int before = inlet.events().size();
                int closed = cut + 1;
                try (var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
                    tcp.getOutputStream().write(bytes, 0, cut);
                }
                await().atMost(SOON).until(() -> meters.value(Meter.CLOSED_CONNECTIONS, "core", "gelf:0") == closed);
                // A message whose NUL alone is missing is whole.
                int whole = (cut + 1) / each;
                var events = inlet.events().subList(before, inlet.events().size());
                assertThat(events.stream().limit(whole).map(event -> event.text("message")))
                        .as("cut after %d", cut)
                        .containsExactlyElementsOf(List.of("a", "b", "c").subList(0, whole));
                assertThat(events.stream().skip(whole))
                        .as("what is not whole says so, cut after %d", cut)
                        .allSatisfy(event -> assertThat(event.get("tags")).isEqualTo(List.of("_gelfparsefailure")));
            }
        }
    }

    @Test
    void chunks_whose_rest_does_not_come_are_counted_as_lost() throws Exception {
        var inlet = new StoringInlet();
        var now = new AtomicReference<>(NOW);
        try (var meters = new Instruments();
                var source = new GelfSource(spec(), "core", meters, now::get);
                var udp = new DatagramSocket()) {
            source.start(inlet);
            var zipped = gzip(utf8(MESSAGE));
            send(udp, source, chunk(zipped, 1, 0, 3));
            send(udp, source, chunk(zipped, 1, 2, 3));
            send(udp, source, new byte[] {0x1e, 0x0f, 0, 0});
            await().atMost(SOON).until(() -> meters.value(Meter.LOST_DATAGRAMS, "core", "gelf:0", "incomplete") == 1);
            now.set(NOW.plusSeconds(6));
            await().atMost(SOON).until(() -> meters.value(Meter.LOST_DATAGRAMS, "core", "gelf:0", "incomplete") == 3);
        }
        assertThat(inlet.events()).isEmpty();
    }

    @Test
    void what_messages_over_tcp_become_is_charged_to_the_room_and_none_is_lost_for_want_of_it() throws Exception {
        var inlet = new StoringInlet();
        var room = new Room(256 << 10, 16 << 10);
        var release = inlet.fill();
        try (var meters = new Instruments();
                var source = new GelfSource(spec(), "core", meters, InstantSource.system(), room)) {
            source.start(inlet);
            var open = new ArrayList<Socket>();
            for (int i = 0; i < 8; i++) {
                var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port());
                open.add(tcp);
                tcp.getOutputStream().write(utf8("{\"short_message\":\"a\"}\0".repeat(2_500)));
            }
            await().atMost(SOON).until(() -> room.left() < 256 << 10);
            release.countDown();
            await().atMost(SOON).until(() -> inlet.events().size() == 8 * 2_500);
            for (var each : open) {
                each.close();
            }
            await().atMost(SOON).until(() -> room.left() == 256 << 10);
            assertThat(meters.value(Meter.CLOSED_CONNECTIONS, "core", "gelf:0", "no_room"))
                    .isZero();
        }
    }

    @Test
    void datagrams_that_inflate_to_much_are_handed_over_before_they_take_the_heap() throws Exception {
        var sizes = new CopyOnWriteArrayList<Long>();
        Inlet measuring = new Inlet() {
            @Override
            public void accept(Batch batch, Receipt receipt) {
                sizes.add(batch.bytes());
                receipt.stored();
            }

            @Override
            public boolean full() {
                return false;
            }
        };
        try (var meters = new Instruments();
                var source = source(meters);
                var udp = new DatagramSocket()) {
            source.start(measuring);
            var zipped = gzip(utf8("{\"short_message\":\"" + "a".repeat(1 << 20) + "\"}"));
            for (int i = 0; i < 30; i++) {
                send(udp, source, zipped);
            }
            await().atMost(SOON)
                    .until(() -> sizes.stream().mapToLong(each -> each >> 20).sum() == 30);
        }
        assertThat(sizes).allMatch(size -> size < 3 << 20);
    }

    private static SourceSpec.Gelf spec() {
        return new SourceSpec.Gelf(
                "127.0.0.1",
                0,
                SourceSpec.Transport.BOTH,
                10,
                Duration.ofHours(24),
                ByteSize.parse("2MiB"),
                Optional.empty());
    }

    private static GelfSource source(Instruments meters) {
        return new GelfSource(spec(), "core", meters, InstantSource.system());
    }

    private static void send(DatagramSocket udp, GelfSource to, byte[] bytes) throws IOException {
        udp.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), to.port()));
    }

    private static byte[] chunk(byte[] message, int id, int number, int count) {
        int size = (message.length + count - 1) / count;
        var part = Arrays.copyOfRange(
                message, Math.min(message.length, number * size), Math.min(message.length, (number + 1) * size));
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x1e, 0x0f, 0, 0, 0, 0, 0, 0, 0, (byte) id, (byte) number, (byte) count});
        out.writeBytes(part);
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] zlib(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new DeflaterOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
