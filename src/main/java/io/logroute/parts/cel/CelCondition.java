package io.logroute.parts.cel;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.logroute.flow.Event;
import io.logroute.spec.Expressions;
import io.logroute.spec.When;
import java.util.Map;
import java.util.function.Predicate;

/// Whether a condition in CEL holds for an event. Safe for all threads.
///
/// `event.level` looks into the bytes of the event for that field alone; a field deeper down
/// makes a tree of them. A field whose name has a dot in it is `event["service.name"]`. Whole
/// numbers beyond 64 bits are compared as decimals.
///
/// Where the evaluation fails, because a field is missing, has another type, or a bound is
/// reached, the condition is false. `&&` and `||` do not need the side that fails when the other
/// decides: `has(event.a) && event.a > 1`.
public final class CelCondition implements Predicate<Event> {
    private static final class Lazy {
        static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(Expressions.options())
                .build();
    }

    private final When when;
    private final CelRuntime.Program program;
    private final Quick.Question quick;

    /// @throws IllegalArgumentException when the condition has problems ([When#check])
    public CelCondition(When when) {
        this.when = when;
        try {
            var checked = Expressions.compile(when.text());
            quick = Quick.of(checked.getExpr());
            program = Lazy.RUNTIME.createProgram(checked);
        } catch (CelEvaluationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public boolean test(Event event) {
        return switch (quick.of(event)) {
            case YES -> true;
            case NO, FAILED -> false;
            case UNSURE -> evaluated(event);
        };
    }

    /// Whether the CEL runtime is not asked for this event.
    boolean isQuickFor(Event event) {
        return quick.of(event) != Quick.Answer.UNSURE;
    }

    /// The answer of the CEL runtime.
    boolean evaluated(Event event) {
        try {
            return Boolean.TRUE.equals(program.eval(Map.of("event", new EventMap(event))));
        } catch (CelEvaluationException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return when.text();
    }
}
