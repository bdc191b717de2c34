package io.logroute.parts.text;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.cel.CelFormula;
import io.logroute.parts.cel.CelFormula.Worked;
import io.logroute.parts.cel.Given;
import io.logroute.spec.FieldValue;
import io.logroute.spec.FilterSpec;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sets fields, in the order they were written: a template may use what stands before it. A field
/// whose template or formula asks for one that the event does not have stays as it is, and so does one
/// whose formula fails.
public final class SetFields implements Filter {
    /// A value for an event; `null` when there is none.
    private interface Value extends Function<Event, @Nullable Worked> {}

    private record Setting(String[] keys, Value value) {}

    private final List<Setting> settings;

    /// @param given what formulas may ask besides the event
    public SetFields(FilterSpec.Set spec, Given given) {
        settings = spec.fields().entrySet().stream()
                .map(entry -> new Setting(entry.getKey().toArray(), value(entry.getValue(), given)))
                .toList();
    }

    private static Value value(FieldValue value, Given given) {
        return switch (value) {
            case FieldValue.Text(var text) -> filled(new Template(text));
            case FieldValue.Whole(long number) -> always(number);
            case FieldValue.Decimal(double number) -> always(number);
            case FieldValue.Truth(boolean truth) -> always(truth);
            case FieldValue.Cel(var formula) -> new CelFormula(formula, given)::of;
        };
    }

    private static Value filled(Template template) {
        return event -> {
            var text = template.render(event);
            return text == null ? null : new Worked(text);
        };
    }

    private static Value always(Object value) {
        var worked = new Worked(value);
        return _ -> worked;
    }

    @Override
    public void apply(Event event, Way way) {
        for (var setting : settings) {
            var worked = setting.value.apply(event);
            if (worked != null && Depth.fits(worked.value(), setting.keys)) {
                event.set(worked.value(), setting.keys);
            }
        }
        way.pass(event);
    }
}
