package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.spec.FieldPath;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What routes select events by: the text under some keys or, where there is none, under others.
final class Subject {
    /// AMP's flat field, or the nested one of the Elastic Common Schema.
    static final Subject SERVICE = new Subject(new String[] {"service_name"}, "service", "name");

    static final Subject STACK = new Subject(new String[] {"stack_name"}, "stack", "name");

    private final String[] keys;
    private final String[] otherwise;

    private Subject(String[] keys, String... otherwise) {
        this.keys = keys;
        this.otherwise = otherwise;
    }

    static Subject field(FieldPath path) {
        return new Subject(path.toArray());
    }

    /// The key at the top whose text decides alone where an event has it; empty when there is none.
    Optional<String> key() {
        return keys.length == 1 ? Optional.of(keys[0]) : Optional.empty();
    }

    /// The text in the event; `null` when it has none.
    @Nullable
    String of(Event event) {
        var text = event.text(keys);
        return text != null || otherwise.length == 0 ? text : event.text(otherwise);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Subject that
                && Arrays.equals(keys, that.keys)
                && Arrays.equals(otherwise, that.otherwise);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(keys) * 31 + Arrays.hashCode(otherwise);
    }
}
