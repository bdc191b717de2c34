package io.logroute.parts.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Expressions;
import io.logroute.spec.Formula;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A value worked out in CEL over an event. Safe for all threads.
///
/// It may be anything that JSON has; times and durations become the text that CEL prints for them,
/// `2026-11-22T10:00:00Z` and `90s`. There is none where the evaluation fails, because a field is
/// missing, has another type, or a bound is reached, and where JSON has no such value: bytes, a
/// decimal that is no number, more than [#MOST] values or characters, or [Json#MAX_DEPTH] levels. Whole
/// numbers beyond 64 bits become decimals.
public final class CelFormula {
    /// Values and characters of what is worked out, together.
    static final int MOST = 16 << 20;

    /// What was worked out.
    public record Worked(@Nullable Object value) {}

    /// JSON has no such value.
    private static final class NoJson extends Exception {
        NoJson(String what) {
            super(what, null, false, false);
        }
    }

    private final Formula formula;
    private final Expression expression;

    /// @throws IllegalArgumentException when the formula has problems ([Formula#check])
    public CelFormula(Formula formula, Given given) {
        this.formula = formula;
        this.expression = new Expression(formula.text(), Expressions.Use.FORMULA, given);
    }

    /// What it gives for the event; `null` when it gives nothing.
    public @Nullable Worked of(Event event) {
        try {
            var quick = expression.quick(event);
            if (quick == Quick.UNSURE) {
                return evaluated(event);
            }
            return quick == Quick.FAILED ? null : worked(quick);
        } catch (Json.TooManyValues e) {
            return null;
        }
    }

    /// What the CEL runtime gives.
    @Nullable
    Worked evaluated(Event event) {
        try {
            return worked(expression.evaluated(event));
        } catch (CelEvaluationException e) {
            return null;
        }
    }

    private static @Nullable Worked worked(Object value) {
        try {
            return new Worked(new JsonValue().of(value, 0));
        } catch (NoJson e) {
            return null;
        }
    }

    /// Makes a value of CEL one of JSON, and counts on the way.
    private static final class JsonValue {
        private int left = MOST;

        private @Nullable Object of(@Nullable Object value, int depth) throws NoJson {
            take(1);
            if (depth > Json.MAX_DEPTH - 1) {
                throw new NoJson("too deep");
            }
            return switch (value) {
                case null -> null;
                case NullValue _ -> null;
                case Boolean truth -> truth;
                case Long number -> number;
                case Integer number -> number.longValue();
                case UnsignedLong number -> whole(number.bigIntegerValue());
                case Double number when Double.isFinite(number) -> number;
                case BigInteger number -> of(number.doubleValue(), depth);
                case BigDecimal number -> of(number.doubleValue(), depth);
                case String text -> text(text);
                case Instant time -> time.toString();
                case Duration duration -> seconds(duration);
                case Map<?, ?> map -> object(map, depth);
                case List<?> list -> {
                    var items = new ArrayList<@Nullable Object>();
                    for (var item : list) {
                        items.add(of(item, depth + 1));
                    }
                    yield items;
                }
                default -> throw new NoJson(value.getClass().getName());
            };
        }

        private Map<String, @Nullable Object> object(Map<?, ?> map, int depth) throws NoJson {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            for (var entry : map.entrySet()) {
                var key = entry.getKey();
                if (!(key instanceof String || key instanceof Long || key instanceof Boolean)
                        && !(key instanceof UnsignedLong)) {
                    throw new NoJson("a key is " + key);
                }
                fields.put(text(key.toString()), of(entry.getValue(), depth + 1));
            }
            return fields;
        }

        private String text(String text) throws NoJson {
            take(text.length());
            return text;
        }

        private void take(int some) throws NoJson {
            left -= some;
            if (left < 0) {
                throw new NoJson("too large");
            }
        }
    }

    private static Object whole(BigInteger number) {
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    /// As CEL prints it: `90s`, `-1.500s`; decimals in threes.
    private static String seconds(Duration duration) {
        var whole = duration.abs();
        int nanos = whole.getNano();
        var decimals = nanos == 0
                ? ""
                : nanos % 1_000_000 == 0
                        ? ".%03d".formatted(nanos / 1_000_000)
                        : nanos % 1_000 == 0 ? ".%06d".formatted(nanos / 1_000) : ".%09d".formatted(nanos);
        return (duration.isNegative() ? "-" : "") + whole.getSeconds() + decimals + "s";
    }

    @Override
    public String toString() {
        return formula.text();
    }
}
