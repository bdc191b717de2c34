package io.logroute.parts.gelf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
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
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GelfTest {
    private static final Duration SOON = Duration.ofSeconds(15);
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
            var random = new Random(seed);
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

    private static GelfSource source(Instruments meters) {
        return new GelfSource(
                new SourceSpec.Gelf(
                        "127.0.0.1",
                        0,
                        SourceSpec.Transport.BOTH,
                        10,
                        Duration.ofHours(24),
                        ByteSize.parse("2MiB"),
                        Optional.empty()),
                "core",
                meters,
                InstantSource.system());
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
