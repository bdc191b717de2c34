package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.cel.Suggestions;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Glob;
import io.logroute.spec.LogRoute;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes up an event that a route takes, from its `match`.
public final class Sample {
    private static final String TEXT = "a sample event";

    private Sample() {}

    /// One that the route's match takes; empty when none comes to mind.
    public static Optional<Map<String, @Nullable Object>> of(LogRoute route) {
        var match = route.match();
        var matching = Assemble.match(match, route.name().value());
        List<Map<FieldPath, Object>> tries = match.when().map(Suggestions::of).orElse(List.of(Map.of()));
        for (var each : tries) {
            var event = Event.of("{\"msg\":\"" + TEXT + "\"}", Instant.EPOCH);
            fill(event, match);
            each.forEach((field, value) -> event.set(value, field.toArray()));
            if (matching.test(event)) {
                var bytes = Json.write(event.tree()).getBytes(StandardCharsets.UTF_8);
                return Optional.of(Json.parse(bytes, 0, bytes.length));
            }
        }
        return Optional.empty();
    }

    private static void fill(Event event, LogRoute.Match match) {
        name(event, match.service(), "service_name");
        name(event, match.stack(), "stack_name");
        name(event, match.container(), "container_name");
        name(event, match.node(), "node_name");
        match.labels().forEach((label, globs) -> name(event, globs, "labels", label));
        match.fields().forEach((field, globs) -> name(event, globs, field.toArray()));
    }

    private static void name(Event event, List<Glob> globs, String... keys) {
        if (!globs.isEmpty()) {
            event.set(globs.getFirst().text().replace("*", "sample").replace('?', '1'), keys);
        }
    }
}
