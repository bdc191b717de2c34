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
import org.jspecify.annotations.Nullable;

/// Brings the level of an event to one scale ([Levels]).
///
/// Without a field for it, [LineStart] finds one in the line. A field with null or empty text is as good
/// as none. A level that is not known stays as it is, nothing is set, and the event gets the tag
/// [#UNKNOWN].
public final class OneLevel implements Filter {
    static final String UNKNOWN = "_levelunknown";

    private static final List<String[]> USUAL = List.of(
            new String[] {"level"},
            new String[] {"severity"},
            new String[] {"loglevel"},
            new String[] {"lvl"},
            new String[] {"log", "level"});

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
        var given = given(event);
        var known = given == null ? inLine(event) : Levels.of(given.value, given.field);
        if (given != null && known == null) {
            event.tag(UNKNOWN);
        }
        var level = known != null ? word(known) : given == null ? otherwise : null;
        if (level != null && !level.equals(event.get(into))) {
            event.set(level, into);
        }
        way.pass(event);
    }

    /// @param field the last key of the field it stands in
    private record Given(Object value, String field) {}

    private @Nullable Given given(Event event) {
        for (var field : fields) {
            var value = event.get(field);
            if (value != null && !(value instanceof String text && text.isBlank())) {
                return new Given(value, field[field.length - 1]);
            }
        }
        return null;
    }

    private @Nullable LogLevel inLine(Event event) {
        for (var line : lines) {
            if (event.get(line) instanceof String text) {
                return LineStart.level(text);
            }
        }
        return null;
    }
}
