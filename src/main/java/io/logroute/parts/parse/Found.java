package io.logroute.parts.parse;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Timestamps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was found in a text: fields and their values, in their order, or what does not fit. It is used
/// again for the next text.
final class Found {
    /// From so many fields on, an event is changed as a tree, where a name is found without looking through
    /// all of them.
    private static final int MANY = 100;

    private final List<String[]> fields = new ArrayList<>();
    private final List<@Nullable Object> values = new ArrayList<>();
    private final List<String> tags = new ArrayList<>(1);
    private @Nullable String misfit;

    void clear() {
        fields.clear();
        values.clear();
        tags.clear();
        misfit = null;
    }

    /// @param field its keys from the outermost inward; not changed any more
    void put(String[] field, @Nullable Object value) {
        fields.add(field);
        values.add(value);
    }

    void put(String field, @Nullable Object value) {
        put(new String[] {field}, value);
    }

    /// The text does not fit; what was put before counts no more.
    ///
    /// @param what what does not fit, for people: `it has no "] "`
    void misfit(String what) {
        misfit = what;
    }

    /// A value stayed text that should have become something else.
    void unconverted() {
        if (tags.isEmpty()) {
            tags.add("_convertfailure");
        }
    }

    /// What does not fit; `null` when all does.
    @Nullable
    String misfit() {
        return misfit;
    }

    int size() {
        return fields.size();
    }

    /// Puts what was found into the event: under that field, or at the top, where it replaces what is
    /// there. At the top `@timestamp` is set only when it is an instant, so that a stranger's text never
    /// costs an event its time; `@metadata` never, for it tells how the event travels and is not the line's
    /// to say.
    void applyTo(Event event, String @Nullable [] into) {
        if (into != null) {
            event.set(tree(), into);
        } else {
            if (fields.size() > MANY) {
                event.tree();
            }
            for (int i = 0; i < fields.size(); i++) {
                if (mayStandAtTop(fields.get(i), values.get(i))) {
                    event.set(values.get(i), fields.get(i));
                }
            }
        }
        for (var tag : tags) {
            event.tag(tag);
        }
    }

    private static boolean mayStandAtTop(String[] field, @Nullable Object value) {
        return switch (field[0]) {
            case "@metadata" -> false;
            case "@timestamp" ->
                field.length == 1 && Json.read(value) instanceof String text && Timestamps.parse(text) != null;
            default -> true;
        };
    }

    private Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < fields.size(); i++) {
            var at = tree;
            var keys = fields.get(i);
            for (int k = 0; k < keys.length - 1; k++) {
                at = below(at, keys[k]);
            }
            at.put(keys[keys.length - 1], Json.read(values.get(i)));
        }
        return tree;
    }

    /// The objects of the tree are made here, and in [Json].
    @SuppressWarnings("unchecked")
    private static LinkedHashMap<String, @Nullable Object> below(Map<String, @Nullable Object> tree, String key) {
        if (tree.get(key) instanceof LinkedHashMap<?, ?> map) {
            return (LinkedHashMap<String, @Nullable Object>) map;
        }
        var made = new LinkedHashMap<String, @Nullable Object>();
        tree.put(key, made);
        return made;
    }
}
