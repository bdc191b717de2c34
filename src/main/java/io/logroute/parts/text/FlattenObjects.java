package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes fields at the top of the fields inside of objects, named by all their keys. Lists stay lists, and
/// an object without fields stays one. Nothing is lost: a field whose name is taken stays in its object.
/// `@metadata` is not touched unless it is named.
public final class FlattenObjects implements Filter {
    private final List<String[]> fields;
    private final String separator;

    public FlattenObjects(FilterSpec.Flatten spec) {
        fields = spec.fields().stream().map(FieldPath::toArray).toList();
        separator = spec.separator();
    }

    @Override
    public void apply(Event event, Way way) {
        if (!fields.isEmpty()) {
            fields.forEach(field -> flatten(event, field));
        } else {
            for (var name : event.names()) {
                if (!name.equals("@metadata")) {
                    flatten(event, name);
                }
            }
        }
        way.pass(event);
    }

    private void flatten(Event event, String... field) {
        if (!(event.get(field) instanceof Map<?, ?> object) || object.isEmpty()) {
            return;
        }
        var taken = new HashSet<>(event.names());
        var flat = new LinkedHashMap<String, @Nullable Object>();
        var left = spread(object, String.join(separator, field), taken, flat);
        if (flat.isEmpty()) {
            return;
        }
        if (left.isEmpty()) {
            removeWithParents(event, field);
        } else {
            event.set(left, field);
        }
        flat.forEach((name, value) -> event.set(value, name));
    }

    /// Puts what is inside of the object into `flat`; gives what has to stay in it.
    private Map<String, @Nullable Object> spread(
            Map<?, ?> object, String name, Set<String> taken, Map<String, @Nullable Object> flat) {
        var left = new LinkedHashMap<String, @Nullable Object>();
        object.forEach((key, value) -> {
            var full = name + separator + key;
            if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
                var stays = spread(inner, full, taken, flat);
                if (!stays.isEmpty()) {
                    left.put(String.valueOf(key), stays);
                }
            } else if (taken.add(full)) {
                flat.put(full, value);
            } else {
                left.put(String.valueOf(key), value);
            }
        });
        return left;
    }

    /// Objects that nothing is left in go with it.
    private static void removeWithParents(Event event, String... field) {
        var keys = new ArrayList<>(List.of(field));
        event.remove(field);
        keys.removeLast();
        while (!keys.isEmpty()) {
            var parent = keys.toArray(String[]::new);
            if (!(event.get(parent) instanceof Map<?, ?> map) || !map.isEmpty()) {
                return;
            }
            event.remove(parent);
            keys.removeLast();
        }
    }
}
