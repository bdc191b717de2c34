package io.logroute.parts.parse;

import io.logroute.spec.ParseSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/// Keys and values with characters of one's choice between them. Blanks around what stands between a key
/// and its value, or behind a closing quote or bracket, do not matter; a backslash keeps the character
/// behind it from ending anything, and stays.
final class KeyValueForm implements Form {
    private static final String OPEN = "\"'([<";
    private static final String CLOSE = "\"')]>";
    /// The first of [#OPEN]: keys may stand in them, too.
    private static final String QUOTES = "\"'";

    private final String pairSeparators;
    private final String keySeparators;
    private final String trimKeys;
    private final String trimValues;
    private final String prefix;
    private final Set<String> include;
    private final Set<String> exclude;
    private final LinkedHashMap<String, Object> pairs = new LinkedHashMap<>();
    /// For each kind of quote and bracket where the next one closes, as far as it was looked for: nobody
    /// looks through the same text twice.
    private final int[] closed = new int[OPEN.length()];
    /// What stands behind it and behind blanks.
    private final int[] behind = new int[OPEN.length()];

    KeyValueForm(ParseSpec.KeyValue spec) {
        pairSeparators = spec.pairSeparators();
        keySeparators = spec.keySeparators();
        trimKeys = spec.trimKeys();
        trimValues = spec.trimValues();
        prefix = spec.prefix();
        include = Set.copyOf(spec.includeKeys());
        exclude = Set.copyOf(spec.excludeKeys());
    }

    @Override
    public String name() {
        return "keyValue";
    }

    @Override
    public String tag() {
        return "_kv_filter_error";
    }

    @Override
    public void read(String text, Found found) {
        pairs.clear();
        Arrays.fill(closed, -1);
        int count = 0;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isPairEnd(c) || c == ' ') {
                at++;
                continue;
            }
            boolean isQuoted = hasQuotedKey(text, at);
            int keyEnd = isQuoted ? closed[OPEN.indexOf(c)] : tokenEnd(text, at, true);
            int separator = separator(text, isQuoted ? keyEnd + 1 : keyEnd);
            if (separator == text.length() || !isKeyEnd(text.charAt(separator))) {
                // A word without a value.
                at = Math.max(keyEnd, at + 1);
                continue;
            }
            if (++count > ParseSpec.MOST_FOUND) {
                found.misfit("it has more than %,d pairs".formatted(ParseSpec.MOST_FOUND));
                pairs.clear();
                return;
            }
            int from = valueStart(text, separator + 1);
            int close = closing(text, from);
            int to = close < 0 ? tokenEnd(text, from, false) : close + 1;
            add(
                    text.substring(isQuoted ? at + 1 : at, keyEnd),
                    close < 0 ? text.substring(from, to) : text.substring(from + 1, close));
            at = to;
        }
        if (count > 0) {
            pairs.forEach(found::put);
        } else {
            found.misfit("it has no pair of a key and a value");
        }
        pairs.clear();
    }

    private boolean isPairEnd(char c) {
        return pairSeparators.indexOf(c) >= 0;
    }

    private boolean isKeyEnd(char c) {
        return keySeparators.indexOf(c) >= 0;
    }

    /// Where a word ends: before what ends a pair, and a key also before what ends a key.
    private int tokenEnd(String text, int from, boolean isKey) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\' && at + 1 < text.length()) {
                at += 2;
                continue;
            }
            if (isPairEnd(c) || isKey && isKeyEnd(c)) {
                return at;
            }
            at++;
        }
        return at;
    }

    /// Whether a quote opens here that closes before what ends a key.
    private boolean hasQuotedKey(String text, int at) {
        int kind = QUOTES.indexOf(text.charAt(at));
        if (kind < 0) {
            return false;
        }
        close(text, at, kind);
        return behind[kind] < text.length() && isKeyEnd(text.charAt(separator(text, closed[kind] + 1)));
    }

    /// What stands behind blanks, unless only a blank ends the key.
    private int separator(String text, int from) {
        int at = blanks(text, from);
        boolean endsKey = at < text.length() && isKeyEnd(text.charAt(at));
        return !endsKey && at > from && isKeyEnd(' ') ? from : at;
    }

    private static int blanks(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    /// Behind blanks, unless what stands there is the next pair: `out= mac=0f` has nothing for `out`.
    private int valueStart(String text, int from) {
        int start = blanks(text, from);
        if (start == from || start == text.length() || OPEN.indexOf(text.charAt(start)) >= 0) {
            return start;
        }
        int end = tokenEnd(text, start, true);
        int next = blanks(text, end);
        return next < text.length() && isKeyEnd(text.charAt(next)) && isPairEnd(' ') ? from : start;
    }

    /// Where the quote or bracket is that closes what opens here, and the pair ends with it; -1 when
    /// there is none.
    private int closing(String text, int from) {
        int kind = from < text.length() ? OPEN.indexOf(text.charAt(from)) : -1;
        if (kind < 0) {
            return -1;
        }
        close(text, from, kind);
        int close = closed[kind];
        if (close == text.length()) {
            return -1;
        }
        int end = isPairEnd(' ') ? close + 1 : behind[kind];
        return end == text.length() || isPairEnd(text.charAt(end)) ? close : -1;
    }

    /// Looks for what closes the quote or bracket here, unless that is known.
    private void close(String text, int from, int kind) {
        if (closed[kind] <= from) {
            closed[kind] = next(text, from + 1, CLOSE.charAt(kind));
            behind[kind] = blanks(text, Math.min(closed[kind] + 1, text.length()));
        }
    }

    /// The length of the text when there is none.
    private static int next(String text, int from, char close) {
        int at = from;
        while (at < text.length() && text.charAt(at) != close) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at, text.length());
    }

    private void add(String key, String value) {
        var name = trimmed(key.strip(), trimKeys);
        var text = trimmed(value, trimValues);
        if (name.isEmpty()
                || text.isEmpty()
                || !include.isEmpty() && !include.contains(name)
                || exclude.contains(name)) {
            return;
        }
        pairs.merge(prefix + name, text, KeyValueForm::and);
    }

    @SuppressWarnings("unchecked") // lists are made here only
    private static Object and(Object before, Object value) {
        if (before instanceof List<?> list) {
            ((List<Object>) list).add(value);
            return list;
        }
        var list = new ArrayList<Object>();
        list.add(before);
        list.add(value);
        return list;
    }

    private static String trimmed(String text, String characters) {
        int from = 0;
        int to = text.length();
        while (from < to && characters.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && characters.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }
}
