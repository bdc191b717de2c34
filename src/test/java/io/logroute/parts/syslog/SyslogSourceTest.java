package io.logroute.parts.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class SyslogSourceTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();
    private final Room room = new Room(256 << 10, 128 << 10);
    private final SyslogSource source = new SyslogSource(
            new SourceSpec.Syslog(
                    "127.0.0.1",
                    0,
                    SourceSpec.Transport.BOTH,
                    20,
                    Duration.ofHours(24),
                    ByteSize.parse("1KiB"),
                    ZoneId.of("UTC"),
                    Optional.empty()),
            "core",
            meters,
            InstantSource.system(),
            room);

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
    void udp_and_tcp_are_taken_on_one_port() throws Exception {
        try (var udp = new DatagramSocket()) {
            for (int i = 0; i < 100; i++) {
                var bytes = ("<13>app: over udp " + i + "\n").getBytes(StandardCharsets.UTF_8);
                udp.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), source.port()));
            }
        }
        await().atMost(SOON).until(() -> inlet.events().size() == 100);
        try (var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
            tcp.getOutputStream()
                    .write("<13>app: over tcp\n12 <13>counted\nlast of all".getBytes(StandardCharsets.UTF_8));
        }
        await().atMost(SOON).until(() -> inlet.events().size() == 103);
        assertThat(inlet.events().stream().skip(99).map(e -> e.text("message")))
                .containsExactly("over udp 99", "over tcp", "counted", "last of all");
        assertThat(meters.value(Meter.UNREADABLE_EVENTS, "core", "syslog:0")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_connection_cut_at_every_byte_keeps_what_was_whole(boolean counted) throws Exception {
        var bytes = new ByteArrayOutputStream();
        var ends = new ArrayList<Integer>();
        for (int i = 0; i < 3; i++) {
            var message = "<13>app: message %d".formatted(i);
            bytes.writeBytes(utf8(counted ? "%d %s".formatted(message.length(), message) : message + "\n"));
            ends.add(bytes.size());
        }
        for (int cut = 0; cut <= bytes.size(); cut++) {
            int before = inlet.events().size();
            int closed = (int) meters.value(Meter.CLOSED_CONNECTIONS, "core", "syslog:0") + 1;
            try (var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
                tcp.getOutputStream().write(bytes.toByteArray(), 0, cut);
            }
            await().atMost(SOON).until(() -> meters.value(Meter.CLOSED_CONNECTIONS, "core", "syslog:0") == closed);
            int at = cut;
            int whole = (int) ends.stream().filter(end -> end <= at).count();
            var events = inlet.events().subList(before, inlet.events().size());
            assertThat(events).as("cut after %d", cut).hasSizeBetween(whole, whole + 1);
            for (int i = 0; i < whole; i++) {
                assertThat(events.get(i).text("message")).isEqualTo("message " + i);
                assertThat(events.get(i).has("tags")).isFalse();
            }
            if (counted) {
                assertThat(events.subList(whole, events.size()))
                        .as("what is not whole says so, cut after %d", cut)
                        .allSatisfy(event -> assertThat(event.has("tags")).isTrue());
            }
        }
    }

    @Test
    void what_many_small_messages_become_is_charged_to_the_room_and_none_is_lost_for_want_of_it() throws Exception {
        var release = inlet.fill();
        int clients = 10;
        int lines = 5_000;
        var open = new ArrayList<Socket>();
        for (int i = 0; i < clients; i++) {
            var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port());
            open.add(tcp);
            tcp.getOutputStream().write(utf8("<13>a: b\n".repeat(lines)));
        }
        await().atMost(SOON).until(() -> room.left() < 256 << 10);
        release.countDown();
        await().atMost(SOON).until(() -> inlet.events().size() == clients * lines);
        for (var each : open) {
            each.close();
        }
        await().atMost(SOON).until(() -> room.left() == 256 << 10);
        assertThat(meters.value(Meter.CLOSED_CONNECTIONS, "core", "syslog:0", "no_room"))
                .isZero();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void what_the_buffer_refuses_is_handed_over_again() throws Exception {
        inlet.refuse(true);
        try (var tcp = new Socket(InetAddress.getLoopbackAddress(), source.port())) {
            tcp.getOutputStream().write("<13>app: once\n".getBytes(StandardCharsets.UTF_8));
        }
        await().during(Duration.ofMillis(300))
                .atMost(SOON)
                .until(() -> inlet.events().isEmpty());
        inlet.refuse(false);
        await().atMost(SOON).until(() -> inlet.events().size() == 1);
    }
}
