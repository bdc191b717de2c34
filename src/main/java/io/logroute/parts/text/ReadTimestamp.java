package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Timestamps;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.TimeForm;
import io.logroute.spec.TimeForm.Shape;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the time of an event out of a field; the first form that fits says what it is. It is written in
/// ISO 8601 and UTC, with milliseconds or as many decimals as it has, up to nanoseconds.
///
/// - An event without the field, or with null there, passes as it is.
/// - A field that holds no time of these forms, or one outside of the years 0 to 9999, leaves the event
///   its time, and the event gets the tag [#FAILED].
public final class ReadTimestamp implements Filter {
    /// As Logstash has it.
    static final String FAILED = "_dateparsefailure";

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,22}([.][0-9]+)?");
    private static final int LONGEST_NUMBER = 40;
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

    /// Longer texts are no times.
    private static final int LONGEST = 200;

    private final String[] field;
    private final List<Shape> forms;
    private final ZoneId zone;
    private final String[] into;

    public ReadTimestamp(FilterSpec.Timestamp spec) {
        field = spec.field().toArray();
        forms = spec.formats().stream().map(TimeForm::shape).toList();
        zone = spec.zone();
        into = spec.into().toArray();
    }

    @Override
    public void apply(Event event, Way way) {
        var value = event.get(field);
        if (value != null) {
            var time = time(value, event.received());
            var text = time == null ? null : Timestamps.format(time);
            if (text == null || Timestamps.parse(text) == null) {
                event.tag(FAILED);
            } else if (!text.equals(event.get(into))) {
                event.set(text, into);
            }
        }
        way.pass(event);
    }

    private @Nullable Instant time(Object value, Instant received) {
        var text = switch (value) {
            case String words when words.length() <= LONGEST -> words;
            case Long number -> number.toString();
            case BigInteger number -> number.toString();
            case Double number -> BigDecimal.valueOf(number).toPlainString();
            default -> null;
        };
        if (text == null) {
            return null;
        }
        for (var form : forms) {
            var time = switch (form) {
                case Shape.Iso _ -> value instanceof String ? new TimeReader(text, zone, received).iso() : null;
                case Shape.Epoch(var scale) -> epoch(text, scale);
                case Shape.Pattern(var pieces) -> new TimeReader(text, zone, received).pattern(pieces);
            };
            if (time != null) {
                return time;
            }
        }
        return null;
    }

    private static @Nullable Instant epoch(String text, Optional<Integer> scale) {
        var stripped = text.strip();
        if (stripped.length() > LONGEST_NUMBER || !NUMBER.matcher(stripped).matches()) {
            return null;
        }
        var number = new BigDecimal(stripped);
        var seconds = number.movePointLeft(scale.orElseGet(() -> scale(number)));
        try {
            var nanos = seconds.multiply(NANOS).setScale(0, RoundingMode.FLOOR).toBigInteger();
            var parts = nanos.divideAndRemainder(NANOS.toBigInteger());
            return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValue());
        } catch (ArithmeticException | DateTimeException e) {
            return null;
        }
    }

    /// Seconds up to the year 5138, then milliseconds up to that year, and so on.
    private static int scale(BigDecimal number) {
        int digits = number.abs().toBigInteger().toString().length();
        return digits <= 11 ? 0 : digits <= 14 ? 3 : digits <= 17 ? 6 : 9;
    }
}
