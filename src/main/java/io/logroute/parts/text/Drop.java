package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;

/// Drops every event it is given; [OnlyWhen] says which those are.
public final class Drop implements Filter {
    @Override
    public void apply(Event event, Way way) {}
}
