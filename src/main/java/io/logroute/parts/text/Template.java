package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A field template, ready to be filled. Times are the event's own, in UTC; names of months and
/// days are English. Safe for all threads.
public final class Template {
    private sealed interface Part {
        record Constant(String text) implements Part {}

        record Field(FieldPath path, String[] keys) implements Part {}

        record Time(Clockface face) implements Part {}
    }

    private final FieldTemplate template;
    private final List<Part> parts;
    /// Seconds for which the whole text stays the same, when it has no field of the event in it;
    /// else 0.
    private final long width;

    /// Written and read without a lock: whichever thread's answer is there, it is a right one.
    private @Nullable Shown last;

    private record Shown(long slot, String text) {}

    public Template(FieldTemplate template) {
        this.template = template;
        this.parts = template.pieces().stream().map(Template::part).toList();
        this.width = parts.stream().mapToLong(Template::width).min().orElse(Long.MAX_VALUE);
    }

    private static long width(Part part) {
        return switch (part) {
            case Part.Constant _ -> Long.MAX_VALUE;
            case Part.Field _ -> 0;
            case Part.Time(var face) -> face.width;
        };
    }

    private static Part part(FieldTemplate.Piece piece) {
        return switch (piece) {
            case FieldTemplate.Piece.Text(var text) -> new Part.Constant(text);
            case FieldTemplate.Piece.Field(var path) -> new Part.Field(path, path.toArray());
            case FieldTemplate.Piece.Time(var pattern) -> new Part.Time(new Clockface(pattern));
        };
    }

    /// The text for this event; `null` when it lacks a field. A field that is null, an object or
    /// a list counts as missing. Events of one time mostly get the same instance.
    public @Nullable String render(Event event) {
        if (width == 0) {
            return rendered(event);
        }
        long slot =
                width == Long.MAX_VALUE ? 0 : Math.floorDiv(event.timestamp().getEpochSecond(), width);
        var known = last;
        if (known != null && known.slot == slot) {
            return known.text;
        }
        var text = rendered(event);
        last = text == null ? null : new Shown(slot, text);
        return text;
    }

    private @Nullable String rendered(Event event) {
        var out = new StringBuilder(64);
        Instant time = null;
        for (var part : parts) {
            switch (part) {
                case Part.Constant(var text) -> out.append(text);
                case Part.Field field -> {
                    var value = value(event, field);
                    if (value == null) {
                        return null;
                    }
                    out.append(value);
                }
                case Part.Time(var face) -> {
                    time = time == null ? event.timestamp() : time;
                    out.append(face.show(time));
                }
            }
        }
        return out.toString();
    }

    /// The first field that the event lacks, for messages; empty when it has all.
    public String missing(Event event) {
        for (var part : parts) {
            if (part instanceof Part.Field field && value(event, field) == null) {
                return field.path().toString();
            }
        }
        return "";
    }

    private static @Nullable String value(Event event, Part.Field field) {
        try {
            return switch (event.get(field.keys())) {
                case null -> null;
                case java.util.Map<?, ?> _ -> null;
                case List<?> _ -> null;
                case Object plain -> plain.toString();
            };
        } catch (Json.TooManyValues e) {
            // A list or an object, as above.
            return null;
        }
    }

    @Override
    public String toString() {
        return template.text();
    }

    /// Formats times, remembering the last answer: events that come together mostly share their
    /// day, hour or second.
    private static final class Clockface {
        private final DateTimeFormatter formatter;
        /// Seconds during which the text stays the same; 0 when it changes faster than that.
        private final long width;

        /// Written and read without a lock: whichever thread's answer is there, it is a right one.
        private @Nullable Shown last;

        Clockface(String pattern) {
            formatter = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
            width = width(pattern);
        }

        String show(Instant time) {
            if (width == 0) {
                return formatter.format(time.atOffset(ZoneOffset.UTC));
            }
            long slot = Math.floorDiv(time.getEpochSecond(), width);
            var known = last;
            if (known != null && known.slot == slot) {
                return known.text;
            }
            var text = formatter.format(time.atOffset(ZoneOffset.UTC));
            last = new Shown(slot, text);
            return text;
        }

        /// By the letters of `DateTimeFormatter` outside of quotes.
        private static long width(String pattern) {
            var letters = pattern.replaceAll("'[^']*'", "")
                    .chars()
                    .mapToObj(c -> "" + (char) c)
                    .collect(Collectors.toSet());
            if (hasAny(letters, "S", "n", "N", "A")) {
                return 0;
            }
            if (hasAny(letters, "s")) {
                return 1;
            }
            if (hasAny(letters, "m")) {
                return 60;
            }
            return hasAny(letters, "H", "h", "k", "K", "a", "B") ? 3_600 : 86_400;
        }

        private static boolean hasAny(java.util.Set<String> letters, String... some) {
            return List.of(some).stream().anyMatch(letters::contains);
        }
    }
}
