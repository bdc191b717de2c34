package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.ArrayList;
import java.util.List;

/// A field of an event: `msg`, `service.name`, or as in Logstash `[service][name]`, the only way
/// to name a key that has a dot in it. Keys stand from the outermost inward.
public record FieldPath(List<String> keys) {
    public FieldPath {
        keys = List.copyOf(keys);
        require(
                !keys.isEmpty() && keys.stream().noneMatch(String::isBlank),
                "field %s has an empty part; write a name such as msg or service.name",
                keys);
    }

    /// @throws IllegalArgumentException when the text names no field
    public static FieldPath parse(String text) {
        var stripped = text.strip();
        if (!stripped.startsWith("[")) {
            require(
                    !stripped.isEmpty() && !stripped.contains("[") && !stripped.contains("]"),
                    "\"%s\" names no field; write msg, service.name or [service][name]",
                    text);
            var keys = List.of(stripped.split("\\.", -1));
            require(
                    keys.stream().noneMatch(String::isBlank),
                    "field \"%s\" has an empty part; write a name such as msg or service.name",
                    stripped);
            return new FieldPath(keys);
        }
        var keys = new ArrayList<String>();
        int at = 0;
        while (at < stripped.length()) {
            int end = stripped.indexOf(']', at);
            require(
                    stripped.charAt(at) == '[' && end > at + 1,
                    "\"%s\" names no field; write each key in brackets, [service][name]",
                    text);
            keys.add(stripped.substring(at + 1, end));
            at = end + 1;
        }
        return new FieldPath(keys);
    }

    /// The keys as the data path takes them.
    public String[] toArray() {
        return keys.toArray(String[]::new);
    }

    @Override
    public String toString() {
        return keys.stream().anyMatch(key -> key.contains(".") || key.contains("[") || !key.equals(key.strip()))
                ? "[" + String.join("][", keys) + "]"
                : String.join(".", keys);
    }
}
