package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldValue;
import io.logroute.spec.FilterSpec;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sets fields, in the order they were written: a template may use what stands before it. A field
/// whose template asks for one that the event does not have stays as it is.
public final class SetFields implements Filter {
    private record Setting(String[] keys, Function<Event, @Nullable Object> value) {}

    private final List<Setting> settings;

    public SetFields(FilterSpec.Set spec) {
        settings = spec.fields().entrySet().stream()
                .map(entry -> new Setting(entry.getKey().toArray(), value(entry.getValue())))
                .toList();
    }

    private static Function<Event, @Nullable Object> value(FieldValue value) {
        return switch (value) {
            case FieldValue.Text(var text) -> new Template(text)::render;
            case FieldValue.Whole(long number) -> _ -> number;
            case FieldValue.Decimal(double number) -> _ -> number;
            case FieldValue.Truth(boolean truth) -> _ -> truth;
            case FieldValue.Cel _ -> throw new UnsupportedOperationException("set: cel");
        };
    }

    @Override
    public void apply(Event event, Way way) {
        for (var setting : settings) {
            var value = setting.value.apply(event);
            if (value != null) {
                event.set(value, setting.keys);
            }
        }
        way.pass(event);
    }
}
