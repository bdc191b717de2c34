package io.logroute.face;

import java.util.List;
import java.util.Locale;

/// Bytes for people: `1.2GiB`.
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

    private static String form(double size) {
        return size == Math.rint(size) ? Long.toString((long) size) : String.format(Locale.ROOT, "%.1f", size);
    }
}
