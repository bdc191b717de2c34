package io.logroute.parts.text;

import io.logroute.spec.LinePattern;
import io.logroute.spec.RegexCheck;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A regular expression that no expression and no line can hang.
///
///     for (boolean more = regex.find(text); more; more = regex.findNext()) { regex.start(0) ... }
///
/// It matches as `java.util.regex` does, and gives up a text when that took too much:
///
/// - In a text of `n` characters it looks `20,000 + 250 n` times at a character, at most; no more than 10
///   million times, or `20 n` times where that is more: all finds in the text together.
/// - How far it goes between two looks is bounded by [RegexCheck] before it is ever used. Where that is
///   more than 1,000 steps, it looks as much less often.
/// - Where the stack is not deep enough for a text, it gives up too.
///
/// A text that it gives up has no further match; [#gaveUp] tells these from those where there is none.
/// Used by one thread at a time.
public final class BoundedRegex {
    /// Steps between two looks for which nobody looks less often.
    private static final int USUAL = 1_000;

    /// Thrown out of the depth of a match; the place where it came from tells nobody anything.
    private static final class TooMuch extends RuntimeException {
        private static final long serialVersionUID = 1;
        static final TooMuch IT = new TooMuch();

        private TooMuch() {
            super("too much", null, false, false);
        }
    }

    /// Characters for which the room is kept.
    private static final int KEPT = 1 << 16;

    /// A text that counts how often it is looked at.
    private static final class Counted implements CharSequence {
        private String text = "";
        private char[] chars = new char[0];
        private int length;
        private long left;

        void on(String next, long looks) {
            text = next;
            left = looks;
            length = next.length();
            if (length > chars.length || chars.length > KEPT) {
                chars = new char[Math.max(length, 512)];
            }
            next.getChars(0, length, chars, 0);
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw TooMuch.IT;
            }
            return chars[index];
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final Counted counted = new Counted();
    private final Matcher matcher;
    private final int blind;
    private boolean gaveUp;

    public BoundedRegex(LinePattern pattern) {
        this(pattern.text(), 0);
    }

    /// @param flags those of [Pattern]
    /// @throws IllegalArgumentException when it is none that can be matched within bounds; says why
    public BoundedRegex(String expression, int flags) {
        blind = RegexCheck.check(expression);
        matcher = Pattern.compile(expression, flags).matcher(counted);
    }

    /// How often a text of so many characters may be looked at.
    private long looks(int length) {
        long looks = Math.max(Math.min(20_000 + 250L * length, 10_000_000), 20L * length);
        return looks * USUAL / Math.max(USUAL, blind);
    }

    /// Whether it is found in the text: the first place where it is.
    public boolean find(CharSequence text) {
        var all = text.toString();
        counted.on(all, looks(all.length()));
        matcher.reset();
        gaveUp = false;
        return findNext();
    }

    /// The next place in the same text, behind the one before.
    public boolean findNext() {
        if (gaveUp) {
            return false;
        }
        try {
            return matcher.find();
        } catch (TooMuch | StackOverflowError e) {
            gaveUp = true;
            return false;
        }
    }

    /// Whether the text last looked at was given up: it may have matches that were not found.
    public boolean gaveUp() {
        return gaveUp;
    }

    /// Groups that it has, the whole aside.
    public int groups() {
        return matcher.groupCount();
    }

    /// Where the group found last begins; 0 is the whole. -1 when that group took no part.
    public int start(int group) {
        return matcher.start(group);
    }

    /// Where it ends.
    public int end(int group) {
        return matcher.end(group);
    }

    /// What the group took; `null` when it took no part.
    public @Nullable String group(int group) {
        int start = matcher.start(group);
        return start < 0 ? null : counted.text.substring(start, matcher.end(group));
    }

    /// The groups with a name, and their numbers.
    public Map<String, Integer> names() {
        return matcher.pattern().namedGroups();
    }

    @Override
    public String toString() {
        return matcher.pattern().pattern();
    }
}
