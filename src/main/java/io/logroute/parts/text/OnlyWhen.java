package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Holding;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/// Keeps a filter to the events that a condition holds for; the others pass as they are.
public class OnlyWhen implements Filter {
    private final Predicate<Event> condition;
    private final Filter filter;

    public OnlyWhen(Predicate<Event> condition, Filter filter) {
        this.condition = condition;
        this.filter = filter;
    }

    /// The filter kept to those events; one that holds events back stays one.
    public static Filter of(Predicate<Event> condition, Filter filter) {
        return filter instanceof Holding holding
                ? new OnlyWhenHolding(condition, holding)
                : new OnlyWhen(condition, filter);
    }

    @Override
    public final void apply(Event event, Way way) {
        if (condition.test(event)) {
            filter.apply(event, way);
            return;
        }
        way.pass(event);
    }

    private static final class OnlyWhenHolding extends OnlyWhen implements Holding {
        private final Holding holding;

        OnlyWhenHolding(Predicate<Event> condition, Holding holding) {
            super(condition, holding);
            this.holding = holding;
        }

        @Override
        public long heldFrom() {
            return holding.heldFrom();
        }

        @Override
        public Duration patience() {
            return holding.patience();
        }

        @Override
        public void advance(Instant received, Way way) {
            holding.advance(received, way);
        }

        @Override
        public void flush(Way way) {
            holding.flush(way);
        }
    }
}
