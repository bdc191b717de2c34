package io.logroute.flow;

import java.util.ArrayList;
import java.util.List;

/// Where a filter under test gives its events to: remembers what it got.
public final class Taking implements Filter.Way {
    public final List<Event> passed = new ArrayList<>();
    public final List<Event> released = new ArrayList<>();
    public final List<String> reasons = new ArrayList<>();
    public int held;

    @Override
    public void pass(Event event) {
        passed.add(event);
    }

    @Override
    public void refuse(Event event, String reason) {
        reasons.add(reason);
    }

    @Override
    public void hold() {
        held++;
    }

    @Override
    public void release(Event event, long last) {
        released.add(event);
    }

    /// Whether the filter lets the event pass; it must not do anything else with it than drop it.
    public static boolean passes(Filter filter, Event event) {
        var taking = new Taking();
        filter.apply(event, taking);
        if (!taking.reasons.isEmpty() || taking.held > 0) {
            throw new AssertionError("neither passed nor dropped: " + event);
        }
        return !taking.passed.isEmpty();
    }
}
