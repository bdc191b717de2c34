package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.cel.Given;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.LogRoute;
import io.logroute.spec.SpecReader;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Words of the tests of filters.
final class Some {
    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    static final Given GIVEN = new Given("shop", InstantSource.fixed(NOW));

    private Some() {}

    /// An event that came in at [#NOW].
    static Event event(String json) {
        return Event.of(json, NOW);
    }

    /// The filter as people write it: `rename: { a: b }`.
    static <T extends FilterSpec> T spec(Class<T> kind, String yaml) {
        var read = SpecReader.read("test", """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: shop }
                spec: { router: core, to: es, filters: [ { %s } ] }
                """.formatted(yaml));
        assertThat(read.problems()).as(yaml).isEmpty();
        var route = (LogRoute) read.orElse(_ -> List.of()).getFirst().document();
        return kind.cast(route.filters().getFirst());
    }

    /// All that is wrong with the filter as it is written.
    static List<String> problems(String yaml) {
        return SpecReader.read("test", """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: shop }
                spec: { router: core, to: es, filters: [ { %s } ] }
                """.formatted(yaml)).problems().stream()
                .map(Object::toString)
                .toList();
    }

    /// What is left of the event.
    static List<Event> through(Filter filter, Event event) {
        var after = new ArrayList<Event>();
        filter.apply(event, new Filter.Way() {
            @Override
            public void pass(Event left) {
                after.add(left);
            }

            @Override
            public void refuse(Event refused, String reason) {
                throw new AssertionError(reason);
            }
        });
        return after;
    }

    /// The fields of the one event that is left.
    static Map<String, ?> after(Filter filter, String json) {
        var left = through(filter, event(json));
        assertThat(left).hasSize(1);
        return left.getFirst().tree();
    }

    static Map<String, ?> fields(String json) {
        return event(json).tree();
    }
}
