package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class RoomLaws {
    @Test
    void what_parts_hold_and_what_is_left_is_always_all_of_it() {
        for (int seed : Seeds.upTo(300)) {
            var random = Seeds.random(seed);
            long size = 1 + random.nextInt(10_000);
            long allowance = random.nextInt(500);
            var room = new Room(size, allowance);
            var parts = List.of(room.part(), room.part(), room.part());
            var held = new long[parts.size()];
            for (int move = 0; move < 200; move++) {
                int who = random.nextInt(parts.size());
                long bytes = random.nextInt(12_000);
                long beyond = Math.clamp(bytes - allowance, 0, size);
                if (random.nextBoolean()) {
                    boolean fits = beyond <= held[who] || beyond - held[who] <= room.left();
                    assertThat(parts.get(who).growTo(bytes, Duration.ZERO))
                            .as("seed %d, move %d", seed, move)
                            .isEqualTo(fits);
                    held[who] = fits ? Math.max(held[who], beyond) : held[who];
                } else {
                    parts.get(who).shrinkTo(bytes);
                    held[who] = Math.min(held[who], beyond);
                }
                assertThat(room.left())
                        .as("seed %d, move %d", seed, move)
                        .isEqualTo(size - held[0] - held[1] - held[2]);
                assertThat(parts.get(who).holds()).isEqualTo(held[who] > 0);
            }
            parts.forEach(Room.Part::close);
            assertThat(room.left()).as("seed %d", seed).isEqualTo(size);
        }
    }

    @Test
    void parts_that_grow_against_one_another_all_end_and_give_everything_back() throws Exception {
        var room = new Room(1000, 10);
        var most = new AtomicLong();
        var threads = new ArrayList<Thread>();
        for (long seed = 0; seed < 30; seed++) {
            var random = Seeds.random(seed);
            threads.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 30; i++) {
                    try (var part = room.part()) {
                        long bytes = 10;
                        while (bytes < 900 && part.growTo(bytes, Duration.ofMillis(1 + random.nextInt(5)))) {
                            most.accumulateAndGet(room.left(), (one, other) -> Math.min(one, other));
                            bytes += random.nextInt(200);
                        }
                    }
                }
            }));
        }
        for (var thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(most.get()).isNotNegative();
        assertThat(room.left()).isEqualTo(1000);
        assertThat(room.wanted()).isFalse();
    }

    @Test
    void who_waits_is_told_at_once_when_its_connection_ends() throws Exception {
        var room = new Room(100, 0);
        try (var all = room.part();
                var waiting = room.part()) {
            assertThat(all.growTo(100, Duration.ZERO)).isTrue();
            var told = new ArrayList<Boolean>();
            var thread = Thread.ofVirtual().start(() -> told.add(waiting.growTo(1, Duration.ofHours(1))));
            while (!room.wanted()) {
                Thread.onSpinWait();
            }
            waiting.end();
            assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
            assertThat(told).containsExactly(false);
        }
        assertThat(room.left()).isEqualTo(100);
    }
}
