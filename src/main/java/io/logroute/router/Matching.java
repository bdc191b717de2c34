package io.logroute.router;

import io.logroute.flow.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Which events a route takes: the keys of its `match`, of which all must hold. The data path asks
/// [#test]; `explain` asks the same parts for [#why] they do not hold, so that the two cannot part
/// ways.
final class Matching implements Predicate<Event> {
    /// A key of `match`.
    ///
    /// @param key as it stands under `match`: `service`, `fields.level`
    /// @param asks what is written there, for people
    /// @param found what the event has there, for people
    record Part(String key, String asks, Predicate<Event> holds, Function<Event, String> found) {}

    /// A key of `match` that does not hold for an event.
    record Mismatch(String key, String asks, String found) {}

    private final List<Part> parts;
    private final Predicate<Event> all;

    Matching(List<Part> parts) {
        this.parts = List.copyOf(parts);
        var tests = parts.stream().map(Part::holds).toList();
        this.all = switch (tests.size()) {
            case 0 -> _ -> true;
            case 1 -> tests.getFirst();
            default -> event -> tests.stream().allMatch(each -> each.test(event));
        };
    }

    @Override
    public boolean test(Event event) {
        return all.test(event);
    }

    /// What it asks for, in words.
    String asks() {
        return parts.stream()
                .map(part -> "%s %s".formatted(part.key(), part.asks()))
                .collect(Collectors.joining(", "));
    }

    /// What an event that is taken has, in words.
    String has(Event event) {
        return parts.stream()
                .map(part -> part.key().equals("when")
                        ? part.asks() + " is true"
                        : part.found().apply(event))
                .collect(Collectors.joining(", "));
    }

    /// All the keys that do not hold for the event; none when it is taken.
    List<Mismatch> why(Event event) {
        var out = new ArrayList<Mismatch>();
        for (var part : parts) {
            if (!part.holds().test(event)) {
                out.add(new Mismatch(part.key(), part.asks(), part.found().apply(event)));
            }
        }
        return out;
    }
}
