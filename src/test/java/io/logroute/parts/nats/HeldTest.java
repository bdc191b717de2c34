package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
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
    void what_an_earlier_consumer_gave_does_not_count_as_acknowledged_to_the_new_one() {
        var first = message(7, 1);
        held.add(first);
        held.forget();
        held.acknowledged(first);
        assertThat(held.add(message(7, 1))).isEqualTo(Held.Standing.NEW);
    }

    @Test
    void what_a_new_consumer_gives_while_it_is_held_is_acknowledged_to_that_one() {
        var first = message(7, 1);
        held.add(first);
        held.forget();
        assertThat(held.isOwed(first)).as("to the one that is gone").isFalse();
        assertThat(held.add(message(7, 1))).isEqualTo(Held.Standing.HELD);
        assertThat(held.isOwed(first)).isTrue();
        held.acknowledged(first);
        assertThat(held.add(message(7, 2))).isEqualTo(Held.Standing.ACKNOWLEDGED);
    }

    @Test
    void a_number_that_was_given_again_is_not_acknowledged_for_its_elder() {
        var elder = message(7, 1);
        held.add(elder);
        var delivered = new Delivered(1, 7, STORED_AT + 1, 0);
        var other = new Held.Message(delivered, "$JS.ACK.s.c.1.7.1.%d.0".formatted(STORED_AT + 1), 50, 0);
        assertThat(held.add(other)).isEqualTo(Held.Standing.NEW);
        assertThat(held.isOwed(elder)).isFalse();
        assertThat(held.isOwed(other)).isTrue();
        held.remove(elder);
        assertThat(held.all()).containsExactly(other);
        assertThat(held.bytes()).isEqualTo(50);
    }

    @Test
    void what_may_not_have_been_acknowledged_is_known_for_long() {
        var first = message(7, 1);
        held.add(first);
        held.acknowledged(first);
        held.doubtLast(System.nanoTime(), Duration.ofHours(1).toNanos());
        for (int i = 8; i < 8 + 3 * Acknowledged.LATEST; i++) {
            var other = message(i, 1);
            held.add(other);
            held.acknowledged(other);
        }
        assertThat(held.add(message(7, 2))).isEqualTo(Held.Standing.ACKNOWLEDGED);
        assertThat(held.add(message(10 + Acknowledged.LATEST, 2))).isEqualTo(Held.Standing.NEW);
    }

    @Test
    void whoever_is_delivered_again_while_it_is_acknowledged_is_never_new() throws Exception {
        int rounds = 100_000;
        var elders = new ArrayList<Held.Message>();
        for (int i = 0; i < rounds; i++) {
            elders.add(message(i + 1, 1));
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
        var met = EnumSet.noneOf(Held.Standing.class);
        try {
            for (int i = 0; i < rounds; i++) {
                var again = message(i + 1, 2);
                turn.set(i);
                for (int wait = i % 100; wait > 0; wait--) { // sooner, or later, than the other one
                    Thread.onSpinWait();
                }
                if (i % 100 == 0) {
                    Thread.yield();
                }
                var standing = held.add(again);
                assertThat(standing).as("message %d", i).isNotEqualTo(Held.Standing.NEW);
                met.add(standing);
                while (done.get() < i && acknowledging.isAlive()) {
                    Thread.yield();
                }
            }
        } finally {
            turn.set(rounds);
            acknowledging.join();
        }
        assertThat(done).as("all were acknowledged").hasValue(rounds - 1);
        assertThat(met).as("one was first, and the other").hasSize(2);
    }
}
