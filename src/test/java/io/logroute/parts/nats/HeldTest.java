package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HeldTest {
    private static final long STORED_AT = 1_700_000_000_000_000_000L;

    private final Held held = new Held();

    private static Held.Message message(long seq, long times) {
        var delivered = new Delivered(times, seq, STORED_AT, 0);
        return new Held.Message(delivered, "$JS.ACK.s.c.%d.%d.1.%d.0".formatted(times, seq, STORED_AT), 100, 0);
    }

    @Test
    void a_message_is_new_then_held_then_acknowledged() {
        var first = message(7, 1);
        assertThat(held.add(first, false)).isEqualTo(Held.Standing.NEW);
        var second = message(7, 2);
        assertThat(held.add(second, true)).isEqualTo(Held.Standing.HELD);
        assertThat(first.reply).isEqualTo(second.reply);
        assertThat(held.bytes()).isEqualTo(100);
        held.acknowledged(first);
        assertThat(held.count()).isZero();
        var third = message(7, 3);
        assertThat(held.add(third, true)).isEqualTo(Held.Standing.ACKNOWLEDGED);
        assertThat(third.stored).isTrue();
        assertThat(held.all()).containsExactly(third);
    }

    @Test
    void whoever_is_delivered_again_while_it_is_acknowledged_is_never_new() throws Exception {
        int rounds = 20_000;
        var together = new CyclicBarrier(2);
        for (int i = 0; i < rounds; i++) {
            assertThat(held.add(message(i, 1), false)).isEqualTo(Held.Standing.NEW);
        }
        var elders = held.all();
        var acknowledging = Thread.ofPlatform().start(() -> {
            try {
                for (var each : elders) {
                    together.await(60, TimeUnit.SECONDS);
                    held.acknowledged(each);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        for (var each : elders) {
            together.await(60, TimeUnit.SECONDS);
            assertThat(held.add(message(each.seq, 2), true)).isNotEqualTo(Held.Standing.NEW);
        }
        acknowledging.join();
    }
}
