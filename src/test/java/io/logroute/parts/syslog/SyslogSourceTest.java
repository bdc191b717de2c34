package io.logroute.parts.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.listen.StoringInlet;
import io.logroute.spec.ByteSize;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SyslogSourceTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    private final StoringInlet inlet = new StoringInlet();
    private final Instruments meters = new Instruments();
    private final SyslogSource source = new SyslogSource(
            new SourceSpec.Syslog(
                    "127.0.0.1",
                    0,
                    SourceSpec.Transport.BOTH,
                    10,
                    Duration.ofHours(24),
                    ByteSize.parse("1KiB"),
                    ZoneId.of("UTC"),
                    Optional.empty()),
            "core",
            meters,
            InstantSource.system());

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
