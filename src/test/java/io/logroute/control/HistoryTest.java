package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.control.History.Event;
import io.logroute.control.History.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private Instant now = NOON;
    private final History history = new History(() -> now);

    @Test
    void nothing_is_told_while_nothing_happens() {
        now = now.plusSeconds(3_600);
        assertThat(all()).isEmpty();
    }

    @Test
    void what_happened_is_told_in_order_with_its_time() {
        history.happened(Kind.STEP, "router/core", "create config logroute-core-1");
        now = now.plusSeconds(1);
        history.happened(Kind.DRIFT, "router/core", "somebody scaled it");
        assertThat(all())
                .containsExactly(
                        new Event(NOON, NOON, 1, Kind.STEP, "router/core", "create config logroute-core-1"),
                        new Event(now, now, 1, Kind.DRIFT, "router/core", "somebody scaled it"));
    }

    @Test
    void the_same_within_a_minute_is_counted_whatever_came_between() {
        for (int i = 0; i < 10; i++) {
            history.happened(Kind.CONDITION, "route/shop", i % 2 == 0 ? "down" : "up");
            now = now.plusSeconds(20);
        }
        assertThat(all()).extracting(Event::words).containsExactly("down", "up");
        assertThat(all()).extracting(Event::count).containsExactly(5, 5);
        assertThat(all().getFirst().time()).isEqualTo(NOON);
        assertThat(all().getFirst().last()).isEqualTo(NOON.plusSeconds(160));
    }

    @Test
    void what_is_told_again_moves_to_the_end_so_that_the_last_word_is_what_is_true() {
        history.happened(Kind.CONDITION, "router/core", "up");
        history.happened(Kind.CONDITION, "router/core", "down");
        history.happened(Kind.CONDITION, "router/core", "up");
        assertThat(all()).extracting(Event::words).containsExactly("down", "up");
    }

    @Test
    void the_same_more_than_a_minute_later_is_told_anew() {
        history.happened(Kind.STEP, "controller", "again");
        now = now.plusSeconds(60);
        history.happened(Kind.STEP, "controller", "again");
        now = now.plusSeconds(61);
        history.happened(Kind.STEP, "controller", "again");
        assertThat(all()).extracting(Event::count).containsExactly(2, 1);
    }

    @Test
    void the_same_words_of_another_object_are_another_event() {
        history.happened(Kind.STEP, "router/a", "paused");
        history.happened(Kind.STEP, "router/b", "paused");
        assertThat(all()).hasSize(2);
    }

    @Test
    void the_newest_thousand_are_kept_and_one_that_fell_out_is_not_counted_on() {
        for (int i = 0; i <= History.ROOM; i++) {
            history.happened(Kind.STEP, "controller", "step " + i);
        }
        assertThat(all()).hasSize(History.ROOM);
        assertThat(all().getFirst().words()).isEqualTo("step 1");
        history.happened(Kind.STEP, "controller", "step 0");
        assertThat(all()).hasSize(History.ROOM);
        assertThat(all().getLast().words()).isEqualTo("step 0");
        assertThat(all().getLast().count()).isEqualTo(1);
    }

    @Test
    void one_asks_for_an_object_or_for_objects_of_a_kind() {
        history.happened(Kind.CONDITION, "route/shop", "a");
        history.happened(Kind.CONDITION, "route/shop-errors", "b");
        history.happened(Kind.CONDITION, "router/core", "c");
        assertThat(of("route/shop")).containsExactly("a");
        assertThat(of("route/")).containsExactly("a", "b");
        assertThat(of("route")).isEmpty();
    }

    @Test
    void the_newest_are_given_when_there_is_a_limit() {
        for (var words : List.of("a", "b", "c")) {
            history.happened(Kind.STEP, "controller", words);
        }
        assertThat(history.events(Optional.empty(), Optional.empty(), 2))
                .extracting(Event::words)
                .containsExactly("b", "c");
    }

    @Test
    void since_asks_for_what_happened_then_or_later_be_it_again() {
        history.happened(Kind.STEP, "controller", "again");
        history.happened(Kind.STEP, "controller", "once");
        now = now.plusSeconds(30);
        history.happened(Kind.STEP, "controller", "again");
        assertThat(history.events(Optional.empty(), Optional.of(now), 10))
                .extracting(Event::words)
                .containsExactly("again");
    }

    private List<Event> all() {
        return history.events(Optional.empty(), Optional.empty(), History.ROOM);
    }

    private List<String> of(String object) {
        return history.events(Optional.of(object), Optional.empty(), History.ROOM).stream()
                .map(Event::words)
                .toList();
    }
}
