package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
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
        assertThat(held.add(first)).isEqualTo(Held.Standing.NEW);
        var second = message(7, 2);
        assertThat(held.add(second)).isEqualTo(Held.Standing.HELD);
        assertThat(first.reply).isEqualTo(second.reply);
        assertThat(held.bytes()).isEqualTo(100);
        held.acknowledged(first);
        assertThat(held.count()).isZero();
        var third = message(7, 3);
        assertThat(held.add(third)).isEqualTo(Held.Standing.ACKNOWLEDGED);
        assertThat(third.stored).isTrue();
        assertThat(held.all()).containsExactly(third);
    }

    @Test
    void a_second_delivery_that_is_called_the_first_is_known_until_the_consumer_is_made_anew() {
        var first = message(7, 1);
        held.add(first);
        held.acknowledged(first);
        var second = message(7, 1);
        assertThat(held.add(second)).isEqualTo(Held.Standing.ACKNOWLEDGED);
        held.acknowledged(second);
        held.forget();
        assertThat(held.add(message(7, 1))).isEqualTo(Held.Standing.NEW);
    }

    @Test
    void whoever_is_delivered_again_while_it_is_acknowledged_is_never_new() throws Exception {
        int rounds = 100_000;
        var elders = new ArrayList<Held.Message>();
        for (int i = 0; i < rounds; i++) {
            elders.add(message(i, 1));
            assertThat(held.add(elders.getLast())).isEqualTo(Held.Standing.NEW);
        }
        var turn = new AtomicInteger(-1);
        var acknowledging = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < rounds; i++) {
                while (turn.get() < i) {
                    Thread.onSpinWait(); // both at the same moment, which waking up would spoil
                }
                held.acknowledged(elders.get(i));
            }
        });
        for (int i = 0; i < rounds; i++) {
            var again = message(i, 2);
            turn.set(i);
            assertThat(held.add(again)).as("message %d", i).isNotEqualTo(Held.Standing.NEW);
        }
        acknowledging.join();
    }
}
