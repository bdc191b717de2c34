package io.logroute.parts.redact;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What stands in place of what was taken out: `[email]`, or `[email:3f9a1c0d2b4e]`. It is known
/// again, so that nothing in it is taken out a second time.
final class Masks {
    static final int HASH = 12;

    private final List<String> names;

    /// @param names of all patterns that may have left a mask
    Masks(Collection<String> names) {
        this.names = List.copyOf(names);
    }

    static String of(String name) {
        return "[" + name + "]";
    }

    static String of(String name, String hash) {
        return "[" + name + ":" + hash + "]";
    }

    /// The masks in a text: pairs of first place and place behind, in order.
    List<int[]> in(String text) {
        int open = text.indexOf('[');
        if (open < 0) {
            return List.of();
        }
        var masks = new ArrayList<int[]>();
        for (; open >= 0; open = text.indexOf('[', open + 1)) {
            int end = end(text, open);
            if (end > 0) {
                masks.add(new int[] {open, end});
            }
        }
        return masks;
    }

    private int end(String text, int open) {
        for (var name : names) {
            if (!text.startsWith(name, open + 1)) {
                continue;
            }
            int after = open + 1 + name.length();
            if (Chars.at(text, after) == ']') {
                return after + 1;
            }
            if (Chars.at(text, after) == ':'
                    && Chars.at(text, after + 1 + HASH) == ']'
                    && isHash(text, after + 1, after + 1 + HASH)) {
                return after + HASH + 2;
            }
        }
        return -1;
    }

    private static boolean isHash(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!Chars.isHex(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
