package io.logroute.router;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Monitor;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SuccessionTest {
    private final Monitor monitor = new Monitor();
    private final Instruments meters = new Instruments();

    /// What leads to sink `a` by these routes.
    private Routing routing(List<Routing> known, String routes) {
        try {
            return Routing.of(
                    Rig.pipeline(List.of("a"), routes), "a", true, _ -> _ -> {}, meters, InstantSource.system(), known);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A routing like no other.
    private Routing number(int n) {
        return routing(
                List.of(), Rig.route("all", "filters: [ { set: { fields: { n: %d } } } ], to: [a]".formatted(n)));
    }

    private static Routing at(Succession succession, long seq) {
        return requireNonNull(succession.at(seq)).routing();
    }

    @Test
    void an_event_goes_by_the_routing_that_was_in_force_at_its_number() {
        var first = number(1);
        var second = number(2);
        var succession = new Succession(monitor, first);
        succession.become(second, 100);
        assertThat(succession.giveUp()).isZero();
        assertThat(at(succession, 99)).isSameAs(first);
        assertThat(requireNonNull(succession.at(99)).until()).isEqualTo(100);
        assertThat(at(succession, 100)).isSameAs(second);
        assertThat(succession.waiting()).isEqualTo(1);
    }

    @Test
    void one_is_kept_until_everything_before_the_next_is_settled() {
        var first = number(1);
        var second = number(2);
        var succession = new Succession(monitor, first);
        succession.become(second, 100);
        succession.settled(99);
        assertThat(at(succession, 99)).isSameAs(first);
        succession.settled(100);
        assertThat(succession.routings()).containsExactly(second);
        assertThat(succession.waiting()).isZero();
    }

    @Test
    void changes_without_an_event_between_them_are_one() {
        var first = number(1);
        var succession = new Succession(monitor, first);
        for (int n = 2; n < 50; n++) {
            succession.become(number(n), 100);
        }
        assertThat(succession.waiting()).isEqualTo(1);
        succession.become(first, 100);
        assertThat(succession.waiting()).as("back to what it was").isZero();
    }

    @Test
    void a_sink_that_leaves_gets_nothing_from_its_end_on_and_what_it_missed_when_it_comes_back() {
        var first = number(1);
        var second = number(2);
        var succession = new Succession(monitor, first);
        succession.end(100);
        assertThat(at(succession, 99)).isSameAs(first);
        assertThat(requireNonNull(succession.at(99)).until()).isEqualTo(100);
        assertThat(succession.at(100)).isNull();
        succession.become(second, 200);
        assertThat(at(succession, 99)).isSameAs(first);
        assertThat(at(succession, 100)).isSameAs(second);
    }

    @Test
    void who_waits_at_the_end_is_woken_by_a_change() throws Exception {
        var succession = new Succession(monitor, number(1));
        succession.end(5);
        var waiting = Thread.ofVirtual().start(() -> {
            try {
                while (succession.at(5) == null) {
                    succession.awaitMore(Duration.ofMinutes(1));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        succession.become(number(2), 7);
        assertThat(waiting.join(Duration.ofSeconds(60))).isTrue();
    }

    @Test
    void what_waits_behind_a_dead_sink_is_bounded_and_the_oldest_is_given_up() {
        var succession = new Succession(monitor, number(0), 10_000);
        int given = 0;
        for (int n = 1; n <= 100; n++) {
            succession.become(number(n), n * 10L);
            given += succession.giveUp();
        }
        assertThat(succession.waiting()).isBetween(5, 10);
        assertThat(given).isEqualTo(100 - succession.waiting());
        var oldest = succession.routings().getFirst();
        assertThat(at(succession, 0))
                .as("what is older goes by what came after it")
                .isSameAs(oldest);
    }

    @Test
    void a_thousand_changes_of_one_route_wait_without_any_given_up() {
        var others = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            others.append(Rig.route("r" + i, "filters: [ { drop: { when: 'event.n < 0' } } ], to: [a]"));
        }
        var first = routing(List.of(), others + Rig.route("x", "to: [a]"));
        var succession = new Succession(monitor, first);
        for (int n = 1; n <= 900; n++) {
            var changed = Rig.route("x", "filters: [ { set: { fields: { n: %d } } } ], to: [a]".formatted(n));
            var next = routing(succession.routings(), others + changed);
            succession.become(next, n);
            assertThat(succession.giveUp()).isZero();
        }
        assertThat(succession.waiting()).isEqualTo(900);
    }

    @Test
    void routes_that_stay_the_same_are_carried_over_and_going_back_makes_none_new() {
        var rare = Rig.route("rare", "match: { service: [b] }, filters: [ { set: { fields: { x: 1 } } } ], to: [a]");
        var first = routing(List.of(), rare + Rig.route("all", "to: [a]"));
        var second = routing(List.of(first), rare);
        assertThat(Routing.cost(List.of(first, second)))
                .as("of its own it has the route that went, and not the filter that stays")
                .isLessThan(1000);
        assertThat(routing(List.of(first, second), rare + Rig.route("all", "to: [a]")))
                .isSameAs(first);
        assertThat(Routing.cost(List.of(first, number(1)))).isGreaterThan(1000);
    }

    @Test
    void a_change_elsewhere_is_none_here() {
        var here = Rig.route("here", "to: [a]");
        var yaml = Rig.pipeline(List.of("a", "b"), here + Rig.route("there", "to: [b]"));
        var changed = Rig.pipeline(
                List.of("a", "b"), here + Rig.route("there", "filters: [ { set: { fields: { x: 1 } } } ], to: [b]"));
        try {
            var first = Routing.of(yaml, "a", true, _ -> _ -> {}, meters, InstantSource.system(), List.of());
            assertThat(Routing.of(changed, "a", true, _ -> _ -> {}, meters, InstantSource.system(), List.of(first)))
                    .isSameAs(first);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void who_begins_again_where_the_sink_had_settled_has_the_same_turns_and_other_filters() {
        var first = number(1);
        var second = number(2);
        var succession = new Succession(monitor, first);
        succession.become(second, 100);
        succession.become(first, 200);
        succession.end(300);
        var anew = succession.anew();
        assertThat(anew.waiting()).isEqualTo(2);
        assertThat(anew.end()).isEqualTo(300);
        assertThat(anew.routings()).doesNotContain(first, second);
        assertThat(at(anew, 0)).as("what was one stays one").isSameAs(at(anew, 250));
        assertThat(at(anew, 0)).isNotSameAs(at(anew, 100));
    }

    /// A map from numbers to routings, beside it; with ends, settling, and changes at the same number.
    @Test
    void it_is_a_map_from_numbers_to_routings() {
        var all = new ArrayList<Routing>();
        for (int n = 0; n < 5; n++) {
            all.add(number(n));
        }
        for (int seed = 0; seed < 300; seed++) {
            var random = Seeds.random(seed);
            var model = new TreeMap<Long, Routing>();
            model.put(0L, all.getFirst());
            var succession = new Succession(monitor, all.getFirst());
            long now = 0;
            long settled = 0;
            long end = Long.MAX_VALUE;
            for (int move = 0; move < 60; move++) {
                now += random.nextInt(3) * 10L;
                switch (random.nextInt(4)) {
                    case 0 -> {
                        end = Math.min(end, now);
                        succession.end(now);
                    }
                    case 1 -> {
                        settled = Math.min(Math.min(end, now), settled + random.nextInt(20));
                        succession.settled(settled);
                    }
                    default -> {
                        var next = all.get(random.nextInt(5));
                        model.put(Math.min(now, end), next);
                        end = Long.MAX_VALUE;
                        succession.become(next, now);
                    }
                }
                for (long seq = settled; seq < now + 20; seq++) {
                    var stretch = succession.at(seq);
                    if (seq >= end) {
                        assertThat(stretch).as("seed %d, %d", seed, seq).isNull();
                        continue;
                    }
                    assertThat(requireNonNull(stretch).routing())
                            .as("seed %d, %d", seed, seq)
                            .isSameAs(requireNonNull(model.floorEntry(seq)).getValue());
                    assertThat(stretch.until()).isGreaterThan(seq);
                }
            }
        }
    }
}
