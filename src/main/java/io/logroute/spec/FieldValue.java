package io.logroute.spec;

/// A value that `set` gives to a field: text with templates, a number, or a truth value.
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
}
