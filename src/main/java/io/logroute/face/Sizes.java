package io.logroute.face;

import java.util.List;
import java.util.Locale;

/// Amounts for people: `1.2GiB`, `1 event`, `2 events`.
final class Sizes {
    private Sizes() {}

    static String text(long bytes) {
        double size = bytes;
        for (var unit : List.of("B", "KiB", "MiB", "GiB")) {
            if (size < 1024) {
                return form(size) + unit;
            }
            size /= 1024;
        }
        return form(size) + "TiB";
    }

    /// So many of a thing whose plural ends in s.
    static String count(long number, String what) {
        return "%d %s%s".formatted(number, what, number == 1 ? "" : "s");
    }

    private static String form(double size) {
        return size == Math.rint(size) ? Long.toString((long) size) : String.format(Locale.ROOT, "%.1f", size);
    }
}
