package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;
import java.util.regex.Pattern;

/// Durations as people write them: `250ms`, `5s`, `10m`, `2h`, `7d`, or several of them together,
/// `1h30m`.
public final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,9}(?:ms|s|m|h|d)){1,5}");

    private Durations() {}

    /// Whether the text looks like one.
    static boolean isOne(String text) {
        return WHOLE.matcher(text.strip()).matches();
    }

    /// @throws IllegalArgumentException when the text is no duration
    public static Duration parse(String text) {
        var stripped = text.strip();
        if (stripped.equals("0")) {
            return Duration.ZERO;
        }
        require(
                WHOLE.matcher(stripped).matches(),
                "\"%s\" is no duration; write a number and a unit, such as 250ms, 5s, 10m or 2h",
                text);
        var sum = Duration.ZERO;
        for (var part : PART.matcher(stripped).results().toList()) {
            long number = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    });
        }
        return sum;
    }

    /// The inverse of [#parse], in the largest unit that fits.
    public static String write(Duration duration) {
        long ms = duration.toMillis();
        if (ms == 0) {
            return "0s";
        }
        if (ms % 86_400_000 == 0) {
            return ms / 86_400_000 + "d";
        }
        if (ms % 3_600_000 == 0) {
            return ms / 3_600_000 + "h";
        }
        if (ms % 60_000 == 0) {
            return ms / 60_000 + "m";
        }
        return ms % 1_000 == 0 ? ms / 1_000 + "s" : ms + "ms";
    }
}
