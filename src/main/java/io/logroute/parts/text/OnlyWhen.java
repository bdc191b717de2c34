package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import java.util.function.Predicate;

/// Keeps a filter to the events that a condition holds for; the others pass as they are.
public final class OnlyWhen implements Filter {
    private final Predicate<Event> condition;
    private final Filter filter;

    public OnlyWhen(Predicate<Event> condition, Filter filter) {
        this.condition = condition;
        this.filter = filter;
    }

    @Override
    public void apply(Event event, Way way) {
        if (condition.test(event)) {
            filter.apply(event, way);
            return;
        }
        way.pass(event);
    }
}
