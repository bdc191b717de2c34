package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What is found again is what would be made anew.
class ByTextLaws {
    @Test
    void what_it_gives_is_what_is_made_of_the_event() {
        for (int seed : Seeds.upTo(200)) {
            var random = Seeds.random(seed);
            var key = random.nextBoolean() ? "service_name" : "a";
            var found = new ByText<>(key, event -> String.valueOf(event.text(key)));
            int names = 1 + random.nextInt(30_000);
            for (int i = 0; i < 500; i++) {
                var event = event(random, key, names);
                assertThat(found.of(event)).as("seed %d: %s", seed, event).isEqualTo(String.valueOf(event.text(key)));
            }
        }
    }

    @Test
    void the_same_text_is_made_something_of_once_and_a_long_one_each_time() {
        var made = new AtomicInteger();
        var found = new ByText<>("service_name", _ -> made.incrementAndGet());
        for (int i = 0; i < 1000; i++) {
            for (var name : new String[] {"a", "a b", "shop_web"}) {
                found.of(named(name));
            }
        }
        assertThat(made).hasValue(3);
        found.of(named("x".repeat(200)));
        found.of(named("x".repeat(200)));
        assertThat(made).hasValue(5);
    }

    /// Two texts may share a place: a thousand names that come by turns are nearly all found.
    @Test
    void a_thousand_names_by_turns_are_remembered() {
        var made = new AtomicInteger();
        var found = new ByText<>("service_name", _ -> made.incrementAndGet());
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 1000; i++) {
                found.of(named("team%d_service%d".formatted(i % 50, i)));
            }
        }
        assertThat(made.get()).isBetween(1000, 1600);
    }

    private static Event named(String name) {
        return Event.of(Json.write(Map.of("service_name", name)), Instant.EPOCH);
    }

    private static Event event(Random random, String key, int names) {
        if (random.nextInt(4) == 0) {
            var bytes = new SomeJson(random).object();
            var some = Event.checked(bytes, 0, bytes.length, Instant.EPOCH);
            assertThat(some).isNotNull();
            return some;
        }
        var fields = new ArrayList<String>();
        fields.add("\"x\":1");
        if (random.nextInt(5) > 0) {
            int name = random.nextInt(names);
            fields.add("\"%s\":%s"
                    .formatted(
                            key,
                            switch (random.nextInt(6)) {
                                case 0 -> String.valueOf(name);
                                case 1 -> "\"\\u0061" + name + "\"";
                                case 2 -> "\"" + "y".repeat(name % 200) + "\"";
                                default -> "\"" + name + "\"";
                            }));
        }
        if (random.nextInt(8) == 0) {
            fields.add("\"" + key + "\":\"later\"");
        }
        var bytes = ("{" + String.join(",", fields) + "}").getBytes(StandardCharsets.UTF_8);
        var checked = random.nextBoolean() ? Event.checked(bytes, 0, bytes.length, Instant.EPOCH) : null;
        var event = checked == null ? Event.of(bytes, 0, bytes.length, -1, Instant.EPOCH) : checked;
        if (random.nextInt(6) == 0) {
            event.set(random.nextBoolean() ? "set" : 5L, random.nextBoolean() ? key : "other");
        }
        return event;
    }
}
