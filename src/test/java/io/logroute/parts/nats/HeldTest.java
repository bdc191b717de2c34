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
        return message(seq, times, 0);
    }

    private static Held.Message message(long seq, long times, long now) {
        var delivered = new Delivered(times, seq, 1, STORED_AT, 0);
        return new Held.Message(delivered, "$JS.ACK.s.c.%d.%d.1.%d.0".formatted(times, seq, STORED_AT), 100, now);
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
    void what_was_acknowledged_before_a_connection_changed_is_known_for_twice_ack_wait_whatever_came_since() {
        long wait = 1_000;
        var first = message(7, 1, 0);
        held.add(first);
        held.acknowledged(first);
        held.doubtLast(100, wait);
        for (int round = 1; round < 8; round++) { // each takes its place, and the connection comes and goes
            var other = message(7 + (round << 16), 1, 0);
            held.add(other);
            held.acknowledged(other);
            held.doubtLast(100, wait);
        }
        var again = message(7, 2, 100 + 2 * wait);
        assertThat(held.add(again)).isEqualTo(Held.Standing.ACKNOWLEDGED);
        held.remove(again);
        assertThat(held.add(message(7, 3, 101 + 2 * wait))).isEqualTo(Held.Standing.NEW);
    }

    @Test
    void eight_doubts_at_most_are_kept_and_none_of_a_consumer_that_is_gone() {
        for (int round = 0; round < 20; round++) {
            var other = message(7 + (round << 16), 1, 0);
            held.add(other);
            held.acknowledged(other);
            held.doubtLast(100, 1_000);
        }
        assertThat(held.add(message(7 + (11 << 16), 1, 0))).isEqualTo(Held.Standing.NEW);
        assertThat(held.add(message(7 + (12 << 16), 1, 0))).isEqualTo(Held.Standing.ACKNOWLEDGED);
        held.forget();
        assertThat(held.add(message(7 + (13 << 16), 1, 0))).isEqualTo(Held.Standing.NEW);
    }

    @Test
    void whoever_is_delivered_again_while_it_is_acknowledged_is_never_new() throws Exception {
        int rounds = 100_000;
        var elders = new ArrayList<Held.Message>();
        for (int i = 0; i < rounds; i++) {
            elders.add(message(i, 1, 0));
            assertThat(held.add(elders.getLast())).isEqualTo(Held.Standing.NEW);
        }
        // Both at the same moment, which waking up would spoil; each waits for the other one's last turn.
        var turn = new AtomicInteger(-1);
        var done = new AtomicInteger(-1);
        var acknowledging = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < rounds; i++) {
                while (turn.get() < i) {
                    Thread.yield();
                }
                held.acknowledged(elders.get(i));
                done.set(i);
            }
        });
        try {
            for (int i = 0; i < rounds; i++) {
                var again = message(i, 2, 0);
                turn.set(i);
                assertThat(held.add(again)).as("message %d", i).isNotEqualTo(Held.Standing.NEW);
                while (done.get() < i) {
                    Thread.yield();
                }
            }
        } finally {
            turn.set(rounds);
            acknowledging.join();
        }
    }
}
