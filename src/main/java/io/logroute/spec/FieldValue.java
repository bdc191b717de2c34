package io.logroute.spec;

/// A value that `set` gives to a field: text with templates, a number, a truth value,
/// or what an expression in CEL gives.
public sealed interface FieldValue {
    record Text(FieldTemplate template) implements FieldValue {}

    record Whole(long number) implements FieldValue {}

    record Decimal(double number) implements FieldValue {
        public Decimal {
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                throw new NumberFormatException(number + " is no number that JSON has");
            }
        }
    }

    record Truth(boolean truth) implements FieldValue {}

    /// Worked out in CEL over the event: `{ cel: event.took_ms > 1000 }`.
    record Cel(Formula formula) implements FieldValue {}
}
