package io.logroute.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An object of any form, as YAML and JSON have it: text, whole numbers (`Long`), decimals (`Double`),
/// truth values, `null`, lists and objects.
public record FreeForm(Map<String, @Nullable Object> fields) {
    public FreeForm {
        fields = copy(fields);
    }

    private static Map<String, @Nullable Object> copy(Map<?, ?> map) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), copied(value)));
        return Collections.unmodifiableMap(copy);
    }

    private static @Nullable Object copied(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> copy(map);
            case List<?> list -> {
                var items = new ArrayList<@Nullable Object>();
                list.forEach(item -> items.add(copied(item)));
                yield Collections.unmodifiableList(items);
            }
            default -> value;
        };
    }
}
