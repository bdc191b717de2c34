package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FilterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps fields and takes all others away, but for `@timestamp` and `@metadata`, which say when an event
/// was and how it travels. Of an object that only some fields are kept of, those stay in it; where it has
/// none of them, it goes.
public final class KeepFields implements Filter {
    private static final Set<String> ALWAYS = Set.of("@timestamp", "@metadata");

    /// Names at the top that stay with all that is in them.
    private final Set<String> whole = new HashSet<>(ALWAYS);
    /// Of objects at the top, the keys inside of them.
    private final Map<String, List<String[]>> inside = new HashMap<>();
    /// Nested ones by their single name, for events that have none under their keys.
    private final Map<String, List<String[]>> joined = new HashMap<>();

    public KeepFields(FilterSpec.Keep spec) {
        for (var field : spec.fields()) {
            var keys = field.keys();
            if (keys.size() == 1) {
                whole.add(keys.getFirst());
                continue;
            }
            inside.computeIfAbsent(keys.getFirst(), _ -> new ArrayList<>())
                    .add(keys.subList(1, keys.size()).toArray(String[]::new));
            joined.computeIfAbsent(String.join(".", keys), _ -> new ArrayList<>())
                    .add(field.toArray());
        }
    }

    @Override
    public void apply(Event event, Way way) {
        var names = event.names();
        // Asked before anything is taken away: a field under its keys is meant sooner than one of that name.
        var dotted = new HashSet<String>();
        joined.forEach((name, fields) -> {
            if (names.contains(name) && fields.stream().anyMatch(keys -> !isNested(event, keys))) {
                dotted.add(name);
            }
        });
        for (var name : names) {
            if (whole.contains(name) || dotted.contains(name)) {
                continue;
            }
            var kept = event.get(name) instanceof Map<?, ?> map
                    ? kept(map, inside.getOrDefault(name, List.of()))
                    : Map.<String, Object>of();
            if (kept.isEmpty()) {
                event.remove(name);
            } else {
                event.set(kept, name);
            }
        }
        way.pass(event);
    }

    private static boolean isNested(Event event, String[] keys) {
        Object at = event.get(keys[0]);
        for (int i = 1; i < keys.length; i++) {
            if (!(at instanceof Map<?, ?> map) || !map.containsKey(keys[i])) {
                return false;
            }
            at = map.get(keys[i]);
        }
        return true;
    }

    private static Map<String, @Nullable Object> kept(Map<?, ?> map, List<String[]> paths) {
        var kept = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> {
            var deeper = new ArrayList<String[]>();
            for (var path : paths) {
                if (!path[0].equals(key)) {
                    continue;
                }
                if (path.length == 1) {
                    kept.put(path[0], value);
                    return;
                }
                deeper.add(Arrays.copyOfRange(path, 1, path.length));
            }
            if (!deeper.isEmpty() && value instanceof Map<?, ?> inner) {
                var some = kept(inner, deeper);
                if (!some.isEmpty()) {
                    kept.put(String.valueOf(key), some);
                }
            }
        });
        return kept;
    }
}
