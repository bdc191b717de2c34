package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.math.BigDecimal;

/// A part of a whole, from 0 to 1.
public record Share(double value) {
    public Share {
        require(value >= 0 && value <= 1, "%s is no part of a whole; write a number from 0 to 1, such as 0.1", value);
    }

    /// @throws IllegalArgumentException when the text is no such number
    public static Share parse(String text) {
        try {
            return new Share(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "\"%s\" is no number; write one from 0 to 1, such as 0.1".formatted(text), e);
        }
    }

    @Override
    public String toString() {
        return new BigDecimal(Double.toString(value)).toPlainString();
    }
}
