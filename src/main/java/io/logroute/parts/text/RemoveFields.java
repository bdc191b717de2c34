package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import java.util.List;

/// Takes fields away; those that an event does not have do not matter.
public final class RemoveFields implements Filter {
    private final List<String[]> fields;

    public RemoveFields(FilterSpec.Remove spec) {
        fields = spec.fields().stream().map(FieldPath::toArray).toList();
    }

    @Override
    public void apply(Event event, Way way) {
        for (var keys : fields) {
            event.remove(keys);
        }
        way.pass(event);
    }
}
