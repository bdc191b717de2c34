package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Reads a regular expression of Java's form, and says how far matching it can go without looking at
/// a character: such steps are beyond what anyone can count while it matches, so their number is
/// bounded here, before.
///
/// For each part of the expression it works out
///
///     empty     in how many ways the part matches without looking at a character
///     tails     in how many ways it goes on after the last character that it looked at, or from its start
///     blind     steps in a row, at most, that look at no character
///     longest   characters that it matches at most (for look-behind, which tries each length)
///
/// All of them are bounds from above. A sequence multiplies ways, an alternative adds them: `(|)` matches
/// nothing in two ways, and thirty of them in a row in a thousand million.
///
/// A look at a character is counted as one, so what one costs is bounded as well: a set such as `[a-z0-9]` is gone
/// through member by member, and has [#MOST_MEMBERS] at most. However many sets there are, a look is at one of them.
/// The flag `(?c)`, which Java does not document, normalises text at each look and is no flag here.
public final class RegexCheck {
    /// Steps in a row that look at no character, at most.
    static final int MOST_BLIND = 20_000;

    /// Characters, ranges, classes and inner sets of a set of characters, at most, with those of its inner sets.
    static final int MOST_MEMBERS = 64;

    /// Groups in groups, at most: matching goes as deep into the stack.
    private static final int DEEPEST = 100;

    private static final long FAR = Integer.MAX_VALUE;

    private record Part(long empty, long tails, long blind, long longest) {
        static final Part NOTHING = new Part(1, 1, 1, 0);
        static final Part CHARACTER = new Part(0, 1, 1, 1);
        static final Part PLACE = NOTHING;
        /// What a group took, which may be nothing.
        static final Part AGAIN = new Part(1, 1, 1, FAR);

        Part {
            empty = Math.min(empty, FAR);
            tails = Math.min(tails, FAR);
            blind = Math.min(blind, FAR);
            longest = Math.min(longest, FAR);
        }

        Part then(Part next) {
            return new Part(
                    empty * next.empty,
                    Math.max(tails * next.empty, next.tails),
                    Math.max(blind + tails * next.blind, next.blind),
                    longest + next.longest);
        }

        Part or(Part other) {
            return new Part(
                    empty + other.empty,
                    Math.max(empty + other.empty, Math.max(tails, other.tails)),
                    blind + other.blind + 1,
                    Math.max(longest, other.longest));
        }

        Part repeated(long least, long most) {
            if (most == 0) {
                return NOTHING;
            }
            long nothing = (least == 0 ? 1 : 0) + empty;
            long rounds = empty == 0 ? 1 : Math.max(1, least);
            return new Part(
                    nothing,
                    Math.max(nothing, tails * (most == 1 ? 1 : 1 + empty)),
                    blind * (rounds + (most == 1 ? 0 : tails)) + 1,
                    most * longest);
        }

        /// Once it matched it is not tried in another way.
        Part atomic() {
            return new Part(Math.min(empty, 1), 1, blind + 1, longest);
        }

        Part ahead() {
            return new Part(1, 1, blind + 1, 0);
        }

        Part behind() {
            return new Part(1, 1, Math.multiplyExact(longest + 1, blind + 1), 0);
        }
    }

    private final String text;
    private int at;
    private int depth;
    private boolean comments;

    private RegexCheck(String text) {
        this.text = text;
    }

    /// Steps in a row, at most, that matching it takes without looking at a character.
    ///
    /// @throws IllegalArgumentException when it is no regular expression, or one that may take too many:
    ///     what is wrong, where, and how to mend it
    public static int check(String expression) {
        compiled(expression);
        var check = new RegexCheck(expression);
        long blind = check.alternatives().blind;
        require(
                check.at == expression.length(),
                "%s cannot be read from %s; write it plainer",
                quoted(expression),
                place(expression, check.at));
        require(
                blind <= MOST_BLIND,
                "%s can match nothing in too many ways; take apart what is optional or repeated more than once,"
                        + " such as (a?)? or (|)",
                quoted(expression));
        return (int) blind;
    }

    private static void compiled(String expression) {
        try {
            Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            var what = e.getDescription();
            require(
                    !what.startsWith("Stack overflow"),
                    "%s is too long or nested too deep; write it plainer",
                    quoted(expression));
            throw notRegular(expression, e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(
                    "%s is too long or nested too deep; write it plainer".formatted(quoted(expression)), e);
        }
    }

    /// Says what the compiler has against the expression, and where.
    static IllegalArgumentException notRegular(String expression, PatternSyntaxException e) {
        var what = e.getDescription();
        if (what.startsWith("named capturing group is missing trailing")) {
            return new IllegalArgumentException(
                    "%s is no regular expression: the name of the group at %s has something else than letters and digits in it; leave that away, and rename the field afterwards"
                            .formatted(quoted(expression), place(expression, e.getIndex())),
                    e);
        }
        if (expression.startsWith("P<", e.getIndex())) {
            return new IllegalArgumentException(
                    "%s is no regular expression of Java's form: it names a group with a P, at %s; write (?<name>...)"
                            .formatted(quoted(expression), place(expression, e.getIndex())),
                    e);
        }
        return new IllegalArgumentException(
                "%s is no regular expression: %s%s at %s; mend it there"
                        .formatted(
                                quoted(expression),
                                what.substring(0, 1).toLowerCase(java.util.Locale.ROOT),
                                what.substring(1),
                                place(expression, e.getIndex())),
                e);
    }

    /// The expression for a message, cut where it is long.
    static String quoted(String expression) {
        return "\"" + (expression.length() <= 80 ? expression : expression.substring(0, 79) + "…") + "\"";
    }

    /// `character 7, "[0-9{4"`, counted from 1.
    static String place(String expression, int index) {
        int at = Math.clamp(index, 0, expression.length());
        if (at == expression.length()) {
            return "its end";
        }
        int to = Math.min(expression.length(), at + 12);
        return "character %d, \"%s%s\""
                .formatted(at + 1, expression.substring(at, to), to < expression.length() ? "…" : "");
    }

    private Part alternatives() {
        depth++;
        require(depth <= DEEPEST, "the expression is nested deeper than %d groups; write it plainer", DEEPEST);
        boolean outer = comments;
        var all = sequence();
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            all = all.or(sequence());
        }
        comments = outer;
        depth--;
        return all;
    }

    private Part sequence() {
        var all = new Part(1, 1, 0, 0);
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            if (!skipped()) {
                all = all.then(quantified(atom()));
            }
        }
        return all;
    }

    /// Blanks and comments where `(?x)` makes them mean nothing.
    private boolean skipped() {
        if (!comments) {
            return false;
        }
        char c = text.charAt(at);
        if (c == '#') {
            int end = text.indexOf('\n', at);
            plainComment(end < 0 ? text.length() : end);
            at = end < 0 ? text.length() : end + 1;
            return true;
        }
        if (c == ' ' || c >= '\t' && c <= '\r') {
            at++;
            return true;
        }
        return false;
    }

    /// What ends a comment for Java in some modes and not in others, or goes on behind it, may not stand in one.
    private void plainComment(int end) {
        var comment = text.substring(at, end);
        require(
                !comment.contains("\\Q")
                        && comment.chars()
                                .limit(
                                        comment.endsWith("\r") && end < text.length()
                                                ? comment.length() - 1
                                                : comment.length())
                                .noneMatch(c -> c == 0 || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029),
                "%s has a comment with \\Q or an unusual end of a line in it, at %s; leave that out, and end comments with a"
                        + " line feed",
                quoted(text),
                place(text, at));
    }

    private Part quantified(Part part) {
        var all = part;
        while (at < text.length()) {
            while (at < text.length() && skipped()) {
                // A quantifier may stand behind blanks.
            }
            if (at == text.length()) {
                return all;
            }
            switch (text.charAt(at)) {
                case '?' -> {
                    at++;
                    all = all.repeated(0, 1);
                }
                case '*' -> {
                    at++;
                    all = all.repeated(0, FAR);
                }
                case '+' -> {
                    at++;
                    all = all.repeated(1, FAR);
                }
                case '{' -> {
                    int end = text.indexOf('}', at);
                    var counts = text.substring(at + 1, end).split(",", -1);
                    at = end + 1;
                    long least = Long.parseLong(counts[0].strip());
                    all = all.repeated(
                            least,
                            counts.length == 1 ? least : counts[1].isBlank() ? FAR : Long.parseLong(counts[1].strip()));
                }
                default -> {
                    return all;
                }
            }
            if (at < text.length() && text.charAt(at) == '?') {
                at++;
            } else if (at < text.length() && text.charAt(at) == '+') {
                at++;
                all = all.atomic();
            }
        }
        return all;
    }

    private Part atom() {
        char c = text.charAt(at++);
        return switch (c) {
            case '^', '$' -> Part.PLACE;
            case '(' -> group();
            case '[' -> set();
            case '\\' -> escape();
            default -> Part.CHARACTER;
        };
    }

    private Part group() {
        while (at < text.length() && skipped()) {
            // For Java, ( ?i) is (?i) there.
        }
        if (!text.startsWith("?", at)) {
            return closed(alternatives());
        }
        at++;
        if (take("=") || take("!")) {
            return closed(alternatives()).ahead();
        }
        if (take("<=") || take("<!")) {
            return closed(alternatives()).behind();
        }
        if (take(">")) {
            return closed(alternatives()).atomic();
        }
        if (take("<")) {
            at = text.indexOf('>', at) + 1;
            return closed(alternatives());
        }
        return flags();
    }

    /// `(?i)`, which goes for what follows in the group around it, or `(?i:...)`.
    private Part flags() {
        boolean on = true;
        boolean commented = comments;
        while (true) {
            switch (text.charAt(at++)) {
                case '-' -> on = false;
                case 'x' -> commented = on;
                case ')' -> {
                    comments = commented;
                    return new Part(1, 1, 0, 0);
                }
                case ':' -> {
                    boolean outer = comments;
                    comments = commented;
                    var inner = closed(alternatives());
                    comments = outer;
                    return inner;
                }
                case 'i', 'm', 's', 'u', 'U', 'd' -> {}
                default ->
                    throw new IllegalArgumentException(
                            "%s has a flag that is not known, at %s; flags are i, m, s, x, u, U and d, with nothing between"
                                    .formatted(quoted(text), place(text, at - 1)));
            }
        }
    }

    private Part closed(Part inner) {
        at++;
        return new Part(inner.empty, inner.tails, inner.blind + 1, inner.longest);
    }

    private boolean take(String word) {
        if (text.startsWith(word, at)) {
            at += word.length();
            return true;
        }
        return false;
    }

    /// One of a set of characters: `[^a-z[0-9]&&[^x]\]]`. A `]` that stands first is one of the set.
    private Part set() {
        int from = at - 1;
        take("^");
        int open = 1;
        boolean first = true;
        long members = 0;
        // Whether what comes now is the end of a range, whose beginning is counted, and whether a range may begin.
        boolean to = false;
        boolean single = false;
        while (open > 0) {
            require(at < text.length(), "%s has a [ without its ]; write \\[ for the character", quoted(text));
            if (skipped()) {
                continue;
            }
            char c = text.charAt(at++);
            if (c == '[' && text.startsWith(":", at) && text.indexOf(":]", at + 1) >= 0) {
                throw new IllegalArgumentException(
                        "%s has a class that is not known, at %s; write \\p{Alpha}, \\p{Alnum}, \\p{Space} and so on"
                                .formatted(quoted(text), place(text, at - 1)));
            }
            if (c == '[') {
                members++;
                open++;
                take("^");
                first = true;
                to = false;
                single = false;
            } else if (c == ']' && !first) {
                open--;
                to = false;
                single = false;
            } else if (c == '-' && single && at < text.length() && "[]".indexOf(text.charAt(at)) < 0) {
                to = true;
                single = false;
            } else {
                long these = c == '\\' ? escape().longest : 1;
                if (Character.isHighSurrogate(c) && at < text.length()) {
                    at++;
                }
                members += to ? these - 1 : these;
                single = !to;
                to = false;
                first = false;
            }
            if (c == ']') {
                first = false;
            }
            require(
                    members <= MOST_MEMBERS,
                    "%s has a set of more than %d characters and ranges, at %s; write fewer, or a class such as \\p{L}",
                    quoted(text),
                    MOST_MEMBERS,
                    place(text, from));
        }
        return Part.CHARACTER;
    }

    private Part escape() {
        int from = at - 1;
        char c = text.charAt(at++);
        if (c == 'Q') {
            return quotation();
        }
        var part = escaped(c);
        require(
                "pPxNukc".indexOf(c) < 0 || text.lastIndexOf('\\', Math.min(at, text.length()) - 1) <= from,
                "%s has a \\ within an escape, at %s; write the character as \\x{5C}, and \\Q before or behind it",
                quoted(text),
                place(text, from));
        return part;
    }

    /// `\Q(as it stands)\E`
    private Part quotation() {
        int end = text.indexOf("\\E", at);
        int length = (end < 0 ? text.length() : end) - at;
        at = end < 0 ? text.length() : end + 2;
        return length == 0 ? new Part(1, 1, 0, 0) : new Part(0, 1, 1, length);
    }

    private Part escaped(char c) {
        switch (c) {
            case 'b' -> {
                if (text.startsWith("{g}", at)) {
                    at += 3;
                }
                return Part.PLACE;
            }
            case 'A', 'B', 'G', 'Z', 'z' -> {
                return Part.PLACE;
            }
            case 'k' -> {
                at = text.indexOf('>', at) + 1;
                return Part.AGAIN;
            }
            case 'p', 'P', 'x', 'N' -> {
                if (text.startsWith("{", at)) {
                    at = text.indexOf('}', at) + 1;
                } else {
                    at += c == 'x' ? 2 : 1;
                }
                return Part.CHARACTER;
            }
            case 'u' -> {
                at += text.startsWith("{", at) ? text.indexOf('}', at) + 1 - at : 4;
                return Part.CHARACTER;
            }
            case 'c' -> {
                at++;
                return Part.CHARACTER;
            }
            case 'R', 'X' -> {
                // As many characters as belong together; look-behind knows no bound of them either.
                return new Part(0, 1, 4, FAR);
            }
            default -> {
                if (c >= '1' && c <= '9') {
                    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                        at++;
                    }
                    return Part.AGAIN;
                }
                if (Character.isHighSurrogate(c) && at < text.length()) {
                    at++;
                }
                return Part.CHARACTER;
            }
        }
    }
}
