package io.logroute.parts.cel;

import dev.cel.runtime.CelEvaluationException;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Expressions;
import io.logroute.spec.When;
import java.time.InstantSource;
import java.util.function.Predicate;

/// Whether a condition in CEL holds for an event. Safe for all threads.
///
/// `event.level` looks into the bytes of the event for that field alone, and `event.log.level` into
/// those of its object. A field whose name has a dot in it is `event["service.name"]`. Whole numbers
/// beyond 64 bits are compared as decimals.
///
/// Where the evaluation fails, because a field is missing, has another type, or a bound is
/// reached, the condition is false. `&&` and `||` do not need the side that fails when the other
/// decides: `has(event.a) && event.a > 1`.
public final class CelCondition implements Predicate<Event> {
    private final When when;
    private final Expression expression;

    /// A condition of a filter.
    ///
    /// @throws IllegalArgumentException when the condition has problems ([When#check])
    public CelCondition(When when, Given given) {
        this(when, Expressions.Use.CONDITION, given);
    }

    private CelCondition(When when, Expressions.Use use, Given given) {
        this.when = when;
        this.expression = new Expression(when.text(), use, given);
    }

    /// The condition of a match, which does not ask for the time.
    ///
    /// @throws IllegalArgumentException when the condition has problems ([When#checkInMatch])
    public static CelCondition ofMatch(When when, String route) {
        return new CelCondition(when, Expressions.Use.MATCH, new Given(route, InstantSource.system()));
    }

    @Override
    public boolean test(Event event) {
        try {
            var quick = expression.quick(event);
            return quick == Quick.UNSURE ? evaluated(event) : quick == Boolean.TRUE;
        } catch (Json.TooManyValues e) {
            return false;
        }
    }

    /// Whether the CEL runtime is not asked for this event.
    boolean isQuickFor(Event event) {
        return expression.quick(event) != Quick.UNSURE;
    }

    /// The answer of the CEL runtime.
    boolean evaluated(Event event) {
        try {
            return Boolean.TRUE.equals(expression.evaluated(event));
        } catch (CelEvaluationException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return when.text();
    }
}
