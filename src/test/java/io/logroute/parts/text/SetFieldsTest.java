package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FilterSpec;
import org.junit.jupiter.api.Test;

class SetFieldsTest {
    @Test
    void formulas_are_worked_out_in_order_and_what_fails_leaves_the_field_as_it_is() {
        var set = new SetFields(Some.spec(FilterSpec.Set.class, """
                        set: { fields: {
                          took: { cel: 'event.took_ms / 1000.0' },
                          slow: { cel: event.took > 1.0 },
                          at: { cel: now },
                          from: { cel: 'route + "/" + event.service_name' },
                          level: { cel: event.gone },
                          kept: { cel: event.level + 1 },
                          user.tags: { cel: 'event.tags + ["x"]' },
                          none: { cel: 'null' }
                        } }"""), Some.GIVEN);
        assertThat(Some.after(
                        set,
                        "{\"took_ms\":1234,\"service_name\":\"web\",\"level\":\"info\",\"kept\":1,\"tags\":[\"a\"]}"))
                .isEqualTo(Some.fields("{\"took_ms\":1234,\"service_name\":\"web\",\"level\":\"info\",\"kept\":1,"
                        + "\"tags\":[\"a\"],\"took\":1.234,\"slow\":true,\"at\":\"2026-11-22T10:00:00Z\","
                        + "\"from\":\"shop/web\",\"user\":{\"tags\":[\"a\",\"x\"]},\"none\":null}"));
    }

    @Test
    void a_formula_with_a_mistake_is_a_problem_with_its_place() {
        assertThat(Some.problems("set: { fields: { a: { cel: 'took / 2' } } }"))
                .singleElement()
                .asString()
                .contains("spec.filters[0].set.fields.a.cel: undeclared reference to 'took'")
                .contains("It is here:\n    took / 2\n    ^");
    }

    @Test
    void now_is_for_filters_and_a_match_that_asks_for_it_is_a_problem() {
        assertThat(Some.problems("drop: { when: 'now > timestamp(event.until)' }"))
                .isEmpty();
        var match = io.logroute.spec.SpecReader.read("test", """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: shop }
                spec:
                  router: core
                  to: es
                  match: { when: 'now > timestamp(event.until)', not: { when: 'event.a == string(now)' } }
                """).problems();
        assertThat(match).hasSize(2);
        assertThat(match.getFirst().toString())
                .contains("test:7: spec.match.when: a match may not ask for now")
                .contains("    now > timestamp(event.until)\n    ^");
        assertThat(match.getLast().toString()).contains("spec.match.not.when");
    }

    @Test
    void what_is_set_stays_readable() {
        var set = new SetFields(
                Some.spec(FilterSpec.Set.class, "set: { fields: { x.y.z: { cel: event.a } } }"), Some.GIVEN);
        var deep = "{\"a\":" + "[".repeat(255) + "]".repeat(255) + "}";
        assertThat(Some.after(set, deep)).doesNotContainKey("x");
    }
}
