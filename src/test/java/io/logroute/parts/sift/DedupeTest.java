package io.logroute.parts.sift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Taking;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FilterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DedupeTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final FieldTemplate USUAL = FieldTemplate.parse("%{container_id} %{msg}");

    @Test
    void what_was_said_before_is_dropped_for_a_while() {
        var dedupe = dedupe(Duration.ofSeconds(30), 100);
        assertThat(Taking.passes(dedupe, event("c1", "disk full", 0))).isTrue();
        assertThat(Taking.passes(dedupe, event("c1", "disk full", 0))).isFalse();
        assertThat(Taking.passes(dedupe, event("c2", "disk full", 1)))
                .as("another container")
                .isTrue();
        assertThat(Taking.passes(dedupe, event("c1", "disk empty", 1)))
                .as("something else")
                .isTrue();
        assertThat(Taking.passes(dedupe, event("c1", "disk full", 29_999))).isFalse();
        assertThat(Taking.passes(dedupe, event("c1", "disk full", 30_000))).isTrue();
        assertThat(Taking.passes(dedupe, event("c1", "disk full", 30_001))).isFalse();
    }

    @Test
    void what_never_stops_passes_once_a_window() {
        var dedupe = dedupe(Duration.ofSeconds(10), 100);
        int passed = 0;
        for (int second = 0; second < 100; second++) {
            passed += Taking.passes(dedupe, event("c1", "again", second * 1000L)) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(10);
    }

    @Test
    void events_that_lack_a_field_of_the_key_pass() {
        var dedupe = dedupe(Duration.ofSeconds(30), 100);
        for (int i = 0; i < 3; i++) {
            assertThat(Taking.passes(dedupe, Event.of("{\"msg\":\"no container\"}", NOON)))
                    .isTrue();
        }
    }

    @Test
    void time_that_goes_back_leaves_the_window_open() {
        var dedupe = dedupe(Duration.ofSeconds(30), 100);
        assertThat(Taking.passes(dedupe, event("c1", "x", 0))).isTrue();
        assertThat(Taking.passes(dedupe, event("c1", "x", -3_600_000))).isFalse();
    }

    @Test
    void the_oldest_keys_are_forgotten_when_there_are_too_many() {
        var dedupe = dedupe(Duration.ofHours(1), 3);
        for (var msg : new String[] {"a", "b", "c", "d"}) {
            assertThat(Taking.passes(dedupe, event("c1", msg, 0))).isTrue();
        }
        assertThat(Taking.passes(dedupe, event("c1", "b", 1)))
                .as("b to d are remembered")
                .isFalse();
        assertThat(Taking.passes(dedupe, event("c1", "a", 1)))
                .as("a was forgotten")
                .isTrue();
    }

    /// Against a plain model that never forgets, while there are few enough keys.
    @Test
    void whatever_comes_it_does_what_the_model_does() {
        for (int seed = 0; seed < 300; seed++) {
            var random = Seeds.random(seed);
            var window = Duration.ofMillis(1 + random.nextInt(500));
            var dedupe = dedupe(window, 20);
            var model = new HashMap<String, Long>();
            long now = 0;
            for (int i = 0; i < 500; i++) {
                now += random.nextInt(60);
                var msg = "m" + random.nextInt(20);
                var before = model.get(msg);
                boolean passes = before == null || now - before >= window.toMillis();
                if (passes) {
                    model.put(msg, now);
                }
                assertThat(Taking.passes(dedupe, event("c", msg, now)))
                        .as("seed %d, event %d", seed, i)
                        .isEqualTo(passes);
            }
        }
    }

    @Test
    void no_more_keys_are_asked_for_than_the_memory_has_room_for() {
        var window = Duration.ofSeconds(1);
        assertThatCode(() -> new FilterSpec.Dedupe(USUAL, window, 500_000, Optional.empty()))
                .doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilterSpec.Dedupe(USUAL, window, 500_001, Optional.empty()))
                .withMessage("maxKeys is 500001; write a number from 1 to 500000 (each takes about 150 bytes)");
    }

    private static Dedupe dedupe(Duration window, int maxKeys) {
        return new Dedupe(new FilterSpec.Dedupe(USUAL, window, maxKeys, Optional.empty()));
    }

    private static Event event(String container, String msg, long millis) {
        return Event.of("{\"container_id\":\"%s\",\"msg\":\"%s\"}".formatted(container, msg), NOON.plusMillis(millis));
    }
}
