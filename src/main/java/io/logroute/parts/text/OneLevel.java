package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.LogLevel;
import io.logroute.spec.Line;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Brings the level of an event to one scale ([Levels]).
///
/// At the start of a line these are levels: a word in square brackets or with a colon behind it, in any
/// case (`[warn] ...`, `error: ...`); a word of three letters or more in capitals (`ERROR boom`); a
/// capital in square brackets (`[E]`); glog's letter with its date (`E1122 10:00:00`); a priority of
/// syslog (`<3>`, `<134>`).
///
/// A field with null or empty text is as good as none. A level that is not known stays as it is, and
/// nothing is set.
public final class OneLevel implements Filter {
    private static final List<String[]> USUAL = List.of(
            new String[] {"level"},
            new String[] {"severity"},
            new String[] {"loglevel"},
            new String[] {"lvl"},
            new String[] {"log", "level"});

    private static final Pattern BRACKETS = Pattern.compile("\\[ *([A-Z]|[A-Za-z]{3,13}[1-5]?) *].*", Pattern.DOTALL);
    private static final Pattern COLON = Pattern.compile("([A-Za-z]{3,13}[1-5]?) ?:(?![/:]).*", Pattern.DOTALL);
    private static final Pattern CAPITALS = Pattern.compile("([A-Z]{3,13}[1-5]?)(?:[\\s|,;].*)?", Pattern.DOTALL);
    private static final Pattern GLOG = Pattern.compile("([IWEF])[01][0-9][0-3][0-9] .*", Pattern.DOTALL);
    private static final Pattern PRIORITY = Pattern.compile("<([0-9]{1,3})>.*", Pattern.DOTALL);

    /// A level stands within so many characters.
    private static final int START = 40;

    private final List<String[]> fields;
    private final List<String[]> lines;
    private final String[] into;
    private final @Nullable String otherwise;

    public OneLevel(FilterSpec.Level spec) {
        fields = spec.field().map(field -> List.<String[]>of(field.toArray())).orElse(USUAL);
        lines = spec.field().isPresent()
                ? List.of()
                : Line.fields(Optional.empty()).stream().map(FieldPath::toArray).toList();
        into = spec.into().toArray();
        otherwise = spec.otherwise().map(OneLevel::word).orElse(null);
    }

    private static String word(LogLevel level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void apply(Event event, Way way) {
        var level = level(event);
        if (level != null && !level.equals(event.get(into))) {
            event.set(level, into);
        }
        way.pass(event);
    }

    /// `null` when there is one that is not known, or none and nothing to put in its place.
    private @Nullable String level(Event event) {
        for (var field : fields) {
            var value = event.get(field);
            if (value != null && !(value instanceof String text && text.isBlank())) {
                var known = Levels.of(value, field[field.length - 1]);
                return known == null ? null : word(known);
            }
        }
        for (var line : lines) {
            if (event.get(line) instanceof String text) {
                var known = atStart(text);
                return known == null ? otherwise : word(known);
            }
        }
        return otherwise;
    }

    /// The level at the start of a line; `null` when there is none.
    static @Nullable LogLevel atStart(String line) {
        var start = line.substring(0, Math.min(line.length(), START)).stripLeading();
        if (start.isEmpty()) {
            return null;
        }
        char first = start.charAt(0);
        if (first == '<') {
            var priority = PRIORITY.matcher(start);
            if (priority.matches()) {
                int number = Integer.parseInt(priority.group(1));
                return number > 191 ? null : Levels.syslog(number % 8);
            }
        }
        if (first == '[') {
            return named(BRACKETS, start);
        }
        if (!Character.isLetter(first)) {
            return null;
        }
        for (var form : List.of(COLON, CAPITALS, GLOG)) {
            var known = named(form, start);
            if (known != null) {
                return known;
            }
        }
        return null;
    }

    private static @Nullable LogLevel named(Pattern form, String start) {
        var found = form.matcher(start);
        return found.matches() ? Levels.named(found.group(1)) : null;
    }
}
