package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FilterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gives fields other names, all at once: the names on the left are those that the event came with, so
/// that two fields can change their names. Where two become the same, the last one written is it.
///
/// A field keeps its name where the new one would lie inside of something that is no object, or deeper
/// than an event may be ([Depth]).
public final class RenameFields implements Filter {
    private record Renaming(String[] from, String[] to) {}

    private record Moved(@Nullable Object value, Renaming renaming) {}

    private final List<Renaming> renamings;

    public RenameFields(FilterSpec.Rename spec) {
        renamings = spec.fields().entrySet().stream()
                .map(entry ->
                        new Renaming(entry.getKey().toArray(), entry.getValue().toArray()))
                .filter(each -> !Arrays.equals(each.from, each.to))
                .toList();
    }

    @Override
    public void apply(Event event, Way way) {
        var moved = new ArrayList<Moved>(renamings.size());
        for (var each : renamings) {
            if (!event.has(each.from)) {
                continue;
            }
            var value = event.get(each.from);
            if (Depth.fits(value, each.to)) {
                moved.add(new Moved(value, each));
                event.remove(each.from);
            }
        }
        for (var each : moved) {
            var to = each.renaming.to;
            event.set(each.value, isInObjects(event, to) ? to : each.renaming.from);
        }
        way.pass(event);
    }

    /// Whether nothing but objects lies on the way to the field.
    private static boolean isInObjects(Event event, String[] field) {
        for (int length = 1; length < field.length; length++) {
            var value = event.get(Arrays.copyOf(field, length));
            if (value != null && !(value instanceof Map)) {
                return event.has(field);
            }
        }
        return true;
    }
}
