package io.logroute.face.convert;

import io.logroute.face.convert.Cel.Expr;
import io.logroute.face.convert.Conditions.Asked;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One filter of a route to be.
///
/// @param kind the name of the filter: `set`
/// @param body its keys and values, without `when`
/// @param guards what must hold, the outermost first
/// @param writes the fields that it may change
record Step(String kind, Map<String, Object> body, List<Asked> guards, Writes writes) {
    Step {
        body = Collections.unmodifiableMap(new LinkedHashMap<>(body));
        guards = List.copyOf(guards);
    }

    static Step of(String kind, Map<String, Object> body, Writes writes) {
        return new Step(kind, body, List.of(), writes);
    }

    static Step set(FieldPath field, Object value) {
        return of("set", Map.of("fields", Map.of(field.toString(), value)), Writes.of(field));
    }

    /// A value worked out in CEL.
    static Step cel(FieldPath field, String formula) {
        return set(field, Map.of("cel", formula));
    }

    /// Only where that holds, besides.
    Step within(Asked guard) {
        var all = new ArrayList<Asked>();
        all.add(guard);
        all.addAll(guards);
        return new Step(kind, body, all, writes);
    }

    Step without(Asked guard) {
        return new Step(
                kind, body, guards.stream().filter(each -> !each.isAlso(guard)).toList(), writes);
    }

    /// As it stands in YAML.
    Map<String, Object> yaml() {
        if (guards.isEmpty()) {
            boolean list = (kind.equals("remove") || kind.equals("keep")) && body.get("fields") instanceof List<?>;
            return Map.of(kind, list ? body.getOrDefault("fields", List.of()) : body);
        }
        var whole = new LinkedHashMap<>(body);
        whole.put("when", Cel.all(guards.stream().map(Asked::perhaps).toList()).text());
        return Map.of(kind, whole);
    }

    /// The fields that a step may change.
    ///
    /// @param all whether it may be any; but those under `@metadata`
    record Writes(boolean all, Set<FieldPath> fields) {
        static final Writes ALL = new Writes(true, Set.of());
        static final Writes NONE = new Writes(false, Set.of());

        Writes {
            fields = Set.copyOf(fields);
        }

        static Writes of(FieldPath... fields) {
            return new Writes(false, Set.of(fields));
        }

        static Writes of(List<FieldPath> fields) {
            return new Writes(false, Set.copyOf(fields));
        }

        Writes and(Writes other) {
            var both = new java.util.HashSet<>(fields);
            both.addAll(other.fields);
            return new Writes(all || other.all, both);
        }

        /// Whether one of them may be changed, as a whole or in a part.
        boolean touch(Set<FieldPath> reads) {
            return reads.stream()
                    .anyMatch(read -> all && !read.keys().getFirst().equals("@metadata")
                            || fields.stream().anyMatch(written -> isWithin(read, written) || isWithin(written, read)));
        }

        private static boolean isWithin(FieldPath inner, FieldPath outer) {
            return inner.keys().size() >= outer.keys().size()
                    && inner.keys().subList(0, outer.keys().size()).equals(outer.keys());
        }
    }

    /// A guard that is one expression for every event.
    static Asked guard(String expression, FieldPath... reads) {
        var expr = Expr.comparison(expression);
        return new Asked(expr, expr, Set.of(reads));
    }
}
