package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What routes select events by: the text in some field, or the texts in several.
///
/// A service and a stack have one name: AMP's flat field counts or, where there is none, the nested
/// one of the Elastic Common Schema. A container and a node have names and an id, and each of them
/// counts.
final class Subject {
    static final Subject SERVICE = new Subject(false, "service_name", "service.name");

    static final Subject STACK = new Subject(false, "stack_name", "stack.name");

    static final Subject CONTAINER = new Subject(
            true, "container_name", "container_short_name", "container_id", "container.name", "container.id");

    static final Subject NODE = new Subject(true, "node_id", "node_name", "host.name", "host.hostname");

    /// The keys of each field, from the outermost inward.
    private final List<List<String>> places;
    private final List<String[]> asked;

    /// Whether every field counts, and not the first alone that the event has.
    private final boolean several;

    private Subject(List<List<String>> places, boolean several) {
        this.places = places;
        this.asked = places.stream().map(keys -> keys.toArray(String[]::new)).toList();
        this.several = several;
    }

    private Subject(boolean several, String... fields) {
        this(Stream.of(fields).map(each -> List.of(each.split("\\."))).toList(), several);
    }

    static Subject field(FieldPath path) {
        return new Subject(List.of(path.keys()), false);
    }

    /// Whether an event may have several texts of it.
    boolean hasSeveral() {
        return several;
    }

    /// The key at the top whose text decides alone where an event has it; empty when there is none.
    Optional<String> key() {
        return several || places.getFirst().size() > 1
                ? Optional.empty()
                : Optional.of(places.getFirst().getFirst());
    }

    /// The first text in the event; `null` when it has none.
    @Nullable
    String of(Event event) {
        for (var keys : asked) {
            var text = event.text(keys);
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    /// All texts in the event.
    List<String> all(Event event) {
        var all = new ArrayList<String>(places.size());
        for (var keys : asked) {
            var text = event.text(keys);
            if (text != null) {
                all.add(text);
            }
        }
        return all;
    }

    private static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Map<?, ?> _, List<?> _ -> Json.write(value);
            default -> value.toString();
        };
    }

    /// Gives every label that the event carries, with its text: what stands in `labels` and in
    /// `container.labels`, as Beats write it; objects in there are names with dots.
    static void labels(Event event, BiConsumer<String, String> each) {
        labels("", known(event, "labels"), each);
        labels("", known(event, "container", "labels"), each);
    }

    /// Nobody's labels are as many as that.
    private static @Nullable Object known(Event event, String... keys) {
        try {
            return event.get(keys);
        } catch (Json.TooManyValues e) {
            return null;
        }
    }

    private static void labels(String before, @Nullable Object labels, BiConsumer<String, String> each) {
        if (!(labels instanceof Map<?, ?> object)) {
            return;
        }
        object.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner) {
                labels(before + name + ".", inner, each);
            } else if (text(value) instanceof String text) {
                each.accept(before + name, text);
            }
        });
    }

    /// The names under which events carry that label: its own; with `-` for each dot, as AMP writes
    /// it; and with `_`, as Beats do.
    static List<String> namesOf(String label) {
        return Stream.of(label, label.replace('.', '-'), label.replace('.', '_'))
                .distinct()
                .toList();
    }

    /// What the event has there, in words.
    String found(Event event) {
        var found = new ArrayList<String>();
        for (var keys : places) {
            var text = event.text(keys.toArray(String[]::new));
            if (text != null && (several || found.isEmpty())) {
                found.add("%s is %s".formatted(new FieldPath(keys), text));
            }
        }
        if (!found.isEmpty()) {
            return String.join(", ", found);
        }
        var names = places.stream().map(keys -> new FieldPath(keys).toString()).toList();
        return names.size() > 2
                ? "the event has none of " + String.join(", ", names)
                : "the event has no " + String.join(" and no ", names);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Subject that && several == that.several && places.equals(that.places);
    }

    @Override
    public int hashCode() {
        return places.hashCode() * 31 + Boolean.hashCode(several);
    }
}
