package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleTest {
    private static io.logroute.spec.LogRoute route(String match) {
        return Rig.pipeline(List.of("a"), Rig.route("r", match + ", to: [a]"))
                .routes()
                .getFirst();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "match: {}",
                "match: { service: ['shop_*', other] }",
                "match: { stack: [a], container: ['web.?'], node: ['n*'] }",
                "match: { labels: { com.example.team: [shop] } }",
                "match: { fields: { http.status: ['5*'], level: [error] } }",
                "match: { when: 'event.level == \"error\"' }",
                "match: { when: 'event.level in [\"error\", \"fatal\"] && event.status >= 500' }",
                "match: { when: 'event.level != \"debug\"' }",
                "match: { when: 'has(event.trace_id) || event.msg.contains(\"timeout\")' }",
                "match: { when: '!has(event.other) && event.path.startsWith(\"/api\") && event.took < 3' }",
                "match: { when: '!(event.level == \"debug\" || event.status < 500)' }",
                "match: { when: 'event.ok && event.http.status > 1.5' }",
                "match: { when: 'event.n > 5 && event.n > 7' }",
                "match: { service: ['shop_*'], not: { service: [shop_test] } }",
            })
    void one_can_be_made_up_for_the_matches_that_people_write(String match) {
        var route = route(match);
        var made = Sample.of(route).orElseThrow(() -> new AssertionError("none for " + match));
        assertThat(Assemble.match(route.match(), "r").test(Event.of(Json.write(made), Rig.NOON)))
                .isTrue();
    }

    @Test
    void where_none_comes_to_mind_there_is_none() {
        assertThat(Sample.of(route("match: { when: 'event.a.matches(\"^x[0-9]+$\")' }")))
                .isEmpty();
        assertThat(Sample.of(route("match: { when: 'event.a == 1 && event.a == 2' }")))
                .isEmpty();
    }
}
