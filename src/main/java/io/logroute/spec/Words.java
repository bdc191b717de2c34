package io.logroute.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;

/// The words of specs: how Java's names become keys, and what somebody may have meant.
public final class Words {
    private Words() {}

    /// `Elasticsearch` -> `elasticsearch`, `DropOldest` -> `dropOldest`.
    public static String key(Class<?> type) {
        var name = type.getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /// `DROP_OLDEST` -> `dropOldest`.
    public static String key(Enum<?> constant) {
        var out = new StringBuilder();
        boolean upper = false;
        for (char c : constant.name().toCharArray()) {
            if (c == '_') {
                upper = true;
                continue;
            }
            out.append(upper ? c : Character.toLowerCase(c));
            upper = false;
        }
        return out.toString();
    }

    /// The word of those that is nearest to what was written, when one is near enough.
    public static Optional<String> nearest(String written, Collection<String> words) {
        if (written.length() > 60) {
            return Optional.empty();
        }
        int limit = Math.max(1, written.length() / 3);
        return words.stream()
                .filter(word -> distance(written.toLowerCase(), word.toLowerCase()) <= limit
                        || written.length() > 3 && word.toLowerCase().startsWith(written.toLowerCase()))
                .min(Comparator.<String>comparingInt(word -> distance(written.toLowerCase(), word.toLowerCase()))
                        .thenComparing(word -> word));
    }

    /// "Did you mean …?", or the words to choose from.
    static String suggestion(String written, Collection<String> words) {
        return nearest(written, words)
                .map("Did you mean %s?"::formatted)
                .orElseGet(() -> words.isEmpty()
                        ? "Leave it away."
                        : "Write one of: " + words.stream().sorted().collect(Collectors.joining(", ")) + ".");
    }

    /// With a full stop at its end, where it does not end as a sentence already.
    public static String sentence(String words) {
        return words.endsWith(".") || words.endsWith("!") || words.endsWith("?") ? words : words + ".";
    }

    /// Levenshtein's distance, with neighbours that changed places counted once: `prot` is near
    /// `port`.
    static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] next = new int[b.length() + 1];
            next[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = row[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(change, Math.min(row[j], next[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    next[j] = Math.min(next[j], before[j - 2] + 1);
                }
            }
            before = row;
            row = next;
        }
        return row[b.length()];
    }
}
