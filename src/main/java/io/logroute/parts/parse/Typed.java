package io.logroute.parts.parse;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Text as a number or a truth value; `null` where it is none.
final class Typed {
    /// Longer ones take long to read, and nobody means them.
    private static final int LONGEST = 400;

    private Typed() {}

    /// A whole number of 64 bits; fractions are cut off.
    static @Nullable Long whole(String text) {
        int length = text.length();
        int at = length > 0 && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        if (at == length) {
            return null;
        }
        if (length > 18) {
            return wholeOfMany(text);
        }
        long number = 0;
        for (int i = at; i < length; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return wholeOfMany(text);
            }
            number = number * 10 + digit;
        }
        return text.charAt(0) == '-' ? -number : number;
    }

    private static @Nullable Long wholeOfMany(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            var decimal = decimal(text);
            return decimal == null || Math.abs(decimal) >= 0x1p63 ? null : (Long) decimal.longValue();
        }
    }

    static @Nullable Double decimal(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                return null;
            }
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? (Double) number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    static @Nullable Boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "yes", "y", "on", "1" -> true;
            case "false", "f", "no", "n", "off", "0" -> false;
            default -> null;
        };
    }
}
