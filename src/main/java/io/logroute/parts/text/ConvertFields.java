package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Gives fields another type; of a list, each item.
///
/// Text is a number when it is written in decimal digits, with a sign, a point, an exponent and blanks
/// around it if need be, and with commas only where they part thousands: `1,234.5` is one, `1,5` and
/// `0x1F` are none. A fraction is cut off on the way to a whole number, and what does not fit into 64 bits
/// is no whole number.
///
/// - An event without the field, or with null there, passes as it is.
/// - A value that cannot become of that type stays as it is, and the event gets the tag [#FAILED].
public final class ConvertFields implements Filter {
    static final String FAILED = "_convertfailure";

    /// Longer texts are no numbers anybody means.
    private static final int LONGEST = 400;

    private static final Pattern NUMBER =
            Pattern.compile("[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?([.][0-9]*)?([eE][+-]?[0-9]{1,3})?");
    private static final Pattern DIGIT = Pattern.compile("[0-9]");

    /// It cannot become of that type.
    private static final Object NOT = new Object();

    private record Conversion(String[] field, Kind kind) {}

    private final List<Conversion> conversions;

    public ConvertFields(FilterSpec.Convert spec) {
        conversions = spec.fields().entrySet().stream()
                .map(entry -> new Conversion(entry.getKey().toArray(), entry.getValue()))
                .toList();
    }

    /// A test's shorter way.
    ConvertFields(FieldPath field, Kind kind) {
        conversions = List.of(new Conversion(field.toArray(), kind));
    }

    @Override
    public void apply(Event event, Way way) {
        boolean failed = false;
        for (var each : conversions) {
            var value = event.get(each.field);
            if (value == null) {
                continue;
            }
            var made = converted(value, each.kind);
            failed |= made == NOT || made instanceof Items items && items.failed;
            if (made != NOT && made != value) {
                event.set(made instanceof Items items ? items.values : made, each.field);
            }
        }
        if (failed) {
            event.tag(FAILED);
        }
        way.pass(event);
    }

    /// The items of a list, those that could not become of the type as they were.
    private record Items(List<@Nullable Object> values, boolean failed) {}

    private static Object converted(Object value, Kind kind) {
        if (value instanceof List<?> list) {
            return items(list, kind);
        }
        return switch (kind) {
            case INTEGER -> integer(value);
            case FLOAT -> decimal(value);
            case BOOLEAN -> truth(value);
            case STRING -> text(value);
        };
    }

    private static Items items(List<?> list, Kind kind) {
        var values = new ArrayList<@Nullable Object>(list.size());
        boolean failed = false;
        for (var item : list) {
            var made = item == null ? null : converted(item, kind);
            if (made instanceof Items inner) {
                failed |= inner.failed;
                values.add(inner.values);
            } else {
                failed |= made == NOT;
                values.add(made == NOT ? item : made);
            }
        }
        return new Items(values, failed);
    }

    private static Object integer(Object value) {
        return switch (value) {
            case Long _ -> value;
            case Double number -> whole(BigDecimal.valueOf(number));
            case Boolean truth -> truth ? 1L : 0L;
            case String text -> number(text) instanceof BigDecimal number ? whole(number) : NOT;
            default -> NOT;
        };
    }

    private static Object whole(BigDecimal number) {
        if (number.precision() - number.scale() > 20) {
            return NOT;
        }
        var whole = number.setScale(0, RoundingMode.DOWN).toBigInteger();
        return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : NOT;
    }

    private static Object decimal(Object value) {
        return switch (value) {
            case Double _ -> value;
            case Long number -> number.doubleValue();
            case BigInteger number -> finite(number.doubleValue());
            case Boolean truth -> truth ? 1.0 : 0.0;
            case String text -> number(text) instanceof BigDecimal number ? finite(number.doubleValue()) : NOT;
            default -> NOT;
        };
    }

    private static Object finite(double number) {
        return Double.isFinite(number) ? (Object) number : NOT;
    }

    private static @Nullable BigDecimal number(String text) {
        var stripped = text.strip();
        return stripped.length() <= LONGEST
                        && NUMBER.matcher(stripped).matches()
                        && DIGIT.matcher(stripped.split("[eE]", 2)[0]).find()
                ? new BigDecimal(stripped.replace(",", ""))
                : null;
    }

    private static Object truth(Object value) {
        return switch (value) {
            case Boolean _ -> value;
            case Long number when number == 0 || number == 1 -> number == 1;
            case Double number when number == 0 || number == 1 -> number == 1;
            case String text ->
                switch (text.strip().toLowerCase(Locale.ROOT)) {
                    case "true", "t", "yes", "y", "on", "1", "1.0" -> true;
                    case "false", "f", "no", "n", "off", "0", "0.0" -> false;
                    default -> NOT;
                };
            default -> NOT;
        };
    }

    /// Numbers and booleans as JSON has them, objects as JSON.
    private static Object text(Object value) {
        return switch (value) {
            case String _ -> value;
            case Map<?, ?> map -> Json.write(map);
            default -> value.toString();
        };
    }
}
