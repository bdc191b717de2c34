package io.logroute.spec;

import static io.logroute.spec.RegexCheck.place;
import static io.logroute.spec.RegexCheck.quoted;
import static io.logroute.spec.Require.require;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// A grok pattern, written out as the regular expression that it stands for.
///
///     "%{INT:status:int} %{GREEDYDATA:text}"
///     regex      ([+-]?[0-9]+) (.*)
///     captures   status as a whole number in group 1, text in group 2
///
/// Logstash's grok is written in the language of Oniguruma. What it has in another way than Java is put
/// into Java's words here: `(?m)` lets `.` take line ends, `\h` is a hexadecimal digit, `[[:alpha:]]` is a
/// class, `^` and `$` are the ends of lines ([#FLAGS]), and a group without a name takes nothing.
///
/// @param regex of the form that Java knows, to be compiled with [#FLAGS]
/// @param captures one for each group of the expression that becomes a field
public record GrokExpression(String regex, List<Capture> captures) {
    /// Those of `java.util.regex.Pattern` under which it means what Oniguruma makes of it.
    public static final int FLAGS = Pattern.MULTILINE | Pattern.UNIX_LINES;

    private static final int LONGEST = 100_000;
    private static final int DEEPEST = 40;
    private static final Pattern REFERENCE = Pattern.compile("%\\{([^{}]*)\\}");
    private static final Pattern GROUP = Pattern.compile("\\(\\?<(?![=!])[^<>]+>");
    private static final Pattern FLAGGED = Pattern.compile("\\(\\?[a-zA-Z-]+\\)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");

    /// What a group becomes.
    public enum Kind {
        TEXT,
        INT,
        FLOAT
    }

    /// A group that becomes a field.
    public record Capture(int group, FieldPath field, Kind kind) {}

    public GrokExpression {
        captures = List.copyOf(captures);
    }

    /// @param definitions patterns by name, before those of [GrokPatterns]
    /// @throws IllegalArgumentException when it names a pattern that there is not, goes round in circles, or is
    ///     no regular expression: what is wrong, where, and how to mend it
    public static GrokExpression of(String pattern, Map<String, String> definitions) {
        var expansion = new Expansion(definitions);
        expansion.expand(pattern);
        var written = new Translation(expansion.out.toString(), pattern).translated();
        try {
            RegexCheck.check(written.regex);
        } catch (IllegalArgumentException e) {
            checkOwnText(pattern);
            throw new IllegalArgumentException(about(pattern, String.valueOf(e.getMessage())), e);
        }
        return written;
    }

    /// Tells a mistake in the pattern's own text at its own place: names of patterns and of groups are covered
    /// by as many characters that compile alike.
    private static void checkOwnText(String pattern) {
        var names = covered(REFERENCE, pattern, ")");
        var groups = covered(GROUP, names, "");
        try {
            Pattern.compile(new Translation(names, pattern).translated().regex);
        } catch (PatternSyntaxException own) {
            try {
                Pattern.compile(groups);
            } catch (PatternSyntaxException e) {
                if (e.getDescription().equals(own.getDescription())) {
                    throw RegexCheck.notRegular(pattern, e);
                }
            }
        }
    }

    private static String covered(Pattern what, String text, String end) {
        return what.matcher(text)
                .replaceAll(found -> "(?:" + "x".repeat(found.group().length() - 3 - end.length()) + end);
    }

    /// The pattern itself, where the message speaks of what it was written out to.
    private static String about(String pattern, String message) {
        return pattern.contains("%{") ? quoted(pattern) + ", written out: " + message : message;
    }

    /// Puts patterns in place of their names. A field that gets a part is written `(?<name>...)`, a typed one
    /// `(?<name:int>...)`.
    private static final class Expansion {
        private final Map<String, String> definitions;
        private final StringBuilder out = new StringBuilder();
        private final Deque<String> within = new ArrayDeque<>();

        Expansion(Map<String, String> definitions) {
            this.definitions = definitions;
        }

        void expand(String pattern) {
            var references = REFERENCE.matcher(pattern);
            int from = 0;
            while (references.find()) {
                append(pattern, from, references.start());
                reference(pattern, references.start(), references.end(), references.group(1));
                from = references.end();
            }
            int open = pattern.indexOf("%{", from);
            require(
                    open < 0,
                    "%s opens %%{ at %s and does not close it; write } after its name",
                    quoted(pattern),
                    place(pattern, open));
            append(pattern, from, pattern.length());
        }

        private void append(String pattern, int from, int to) {
            out.append(pattern, from, to);
            require(
                    out.length() <= LONGEST,
                    "%s becomes longer than %d characters when it is written out; use fewer patterns in it",
                    quoted(pattern),
                    LONGEST);
        }

        private void reference(String pattern, int at, int end, String written) {
            var words = written.split(":", 3);
            var name = words[0];
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("%%{%s} at %s names no pattern; write for instance %%{WORD:name}"
                        .formatted(written, place(pattern, at)));
            }
            var known = known(name, written);
            if (within.contains(name)) {
                throw new IllegalArgumentException(
                        "%%{%s} goes round in circles (%s); take it out of its own definition"
                                .formatted(name, circle(name)));
            }
            require(within.size() < DEEPEST, "%%{%s} is nested deeper than %d; write it plainer", name, DEEPEST);
            within.push(name);
            boolean isField = words.length > 1 && !words[1].isEmpty();
            if (isField) {
                var type = words.length > 2 ? type(written, words[2]) : Kind.TEXT;
                out.append("(?<").append(words[1]);
                if (type != Kind.TEXT) {
                    out.append(':').append(type);
                }
                out.append('>');
                expand(known);
                out.append(')');
            } else if (isOnePiece(known) && !isRepeated(pattern, end)) {
                expand(known);
            } else {
                out.append("(?:");
                expand(known);
                out.append(')');
            }
            within.pop();
        }

        /// Whether it means the same with other text beside it: each group costs time.
        private static boolean isOnePiece(String pattern) {
            return pattern.indexOf('|') < 0 && !FLAGGED.matcher(pattern).find();
        }

        private static boolean isRepeated(String pattern, int at) {
            return at < pattern.length() && "?*+{".indexOf(pattern.charAt(at)) >= 0;
        }

        private String known(String name, String written) {
            var own = definitions.get(name);
            if (own != null) {
                return own;
            }
            var standard = GrokPatterns.get(name);
            if (standard != null) {
                return standard;
            }
            var all = new ArrayList<>(GrokPatterns.names());
            all.addAll(definitions.keySet());
            throw new IllegalArgumentException("%%{%s} is no pattern that is known%s; %s"
                    .formatted(
                            written,
                            within.isEmpty() ? "" : " (it stands in %%{%s})".formatted(within.peek()),
                            Words.nearest(name, all)
                                    .map("did you mean %s?"::formatted)
                                    .orElse("give it under definitions")));
        }

        private String circle(String name) {
            var names = new ArrayList<>(within).reversed();
            return String.join(" -> ", names.subList(names.indexOf(name), names.size())) + " -> " + name;
        }

        private static Kind type(String written, String type) {
            return switch (type.toLowerCase(Locale.ROOT)) {
                case "int", "integer", "long" -> Kind.INT;
                case "float", "double" -> Kind.FLOAT;
                case "string", "text" -> Kind.TEXT;
                default ->
                    throw new IllegalArgumentException(
                            "%%{%s} names no type that is known; write int or float".formatted(written));
            };
        }
    }

    /// Puts Oniguruma's words into Java's, and numbers the groups that become fields.
    private static final class Translation {
        private static final Pattern BACK_REFERENCE = Pattern.compile("(?<!\\\\)(\\\\\\\\)*\\\\[1-9]");

        private final String text;
        private final String pattern;
        private final boolean numbered;
        private final StringBuilder out = new StringBuilder();
        private final List<Capture> captures = new ArrayList<>();
        private final Map<String, Integer> groups = new HashMap<>();
        private int group;
        private int at;

        /// @param pattern what people wrote
        Translation(String text, String pattern) {
            this.text = text;
            this.pattern = pattern;
            this.numbered = BACK_REFERENCE.matcher(text).find();
        }

        GrokExpression translated() {
            while (at < text.length()) {
                char c = text.charAt(at);
                switch (c) {
                    case '\\' -> escape(false);
                    case '[' -> set();
                    case '(' -> open();
                    default -> {
                        out.append(c);
                        at++;
                    }
                }
            }
            return new GrokExpression(out.toString(), captures);
        }

        private void escape(boolean inSet) {
            char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
            if (next == 'h' || next == 'H' && !inSet) {
                out.append(inSet ? "0-9a-fA-F" : next == 'h' ? "[0-9a-fA-F]" : "[^0-9a-fA-F]");
                at += 2;
                return;
            }
            if (next == 'k' && text.startsWith("<", at + 2) && text.indexOf('>', at) > 0) {
                int end = text.indexOf('>', at);
                var name = text.substring(at + 3, end);
                var number = groups.get(name);
                require(
                        number != null,
                        "%s refers back to %s, which stands nowhere before; write (?<%s>...) first",
                        quoted(pattern),
                        name,
                        name);
                out.append('\\').append(number).append("(?:)");
                at = end + 1;
                return;
            }
            require(
                    next != 'g' || !text.startsWith("<", at + 2),
                    "%s calls a group by \\g, which is not known here; write that group again",
                    quoted(pattern));
            int end = Math.min(text.length(), at + 2);
            out.append(text, at, end);
            at = end;
        }

        private void set() {
            out.append(text.charAt(at++));
            if (text.startsWith("^", at)) {
                out.append(text.charAt(at++));
            }
            if (text.startsWith("]", at)) {
                out.append("\\]");
                at++;
            }
            while (at < text.length() && text.charAt(at) != ']') {
                char c = text.charAt(at);
                if (c == '\\') {
                    escape(true);
                } else if (c == '[' && posix()) {
                    continue;
                } else if (c == '[') {
                    set();
                } else {
                    out.append(c);
                    at++;
                }
            }
            if (at < text.length()) {
                out.append(text.charAt(at++));
            }
        }

        /// `[:alpha:]`, inside a set.
        private boolean posix() {
            int end = text.indexOf(":]", at + 2);
            if (!text.startsWith("[:", at) || end < 0) {
                return false;
            }
            var name = text.substring(at + 2, end);
            boolean not = name.startsWith("^");
            if (name.equals("word") || name.equals("^word")) {
                out.append(not ? "\\W" : "\\w");
                at = end + 2;
                return true;
            }
            var java = posix(not ? name.substring(1) : name);
            if (java == null) {
                return false;
            }
            out.append(not ? "\\P{" : "\\p{").append(java).append('}');
            at = end + 2;
            return true;
        }

        private static @Nullable String posix(String name) {
            return switch (name) {
                case "alpha" -> "Alpha";
                case "alnum" -> "Alnum";
                case "digit" -> "Digit";
                case "upper" -> "Upper";
                case "lower" -> "Lower";
                case "punct" -> "Punct";
                case "space" -> "Space";
                case "blank" -> "Blank";
                case "cntrl" -> "Cntrl";
                case "graph" -> "Graph";
                case "print" -> "Print";
                case "xdigit" -> "XDigit";
                default -> null;
            };
        }

        private void open() {
            if (!text.startsWith("(?", at)) {
                if (numbered) {
                    group++;
                    out.append('(');
                } else {
                    out.append("(?:");
                }
                at++;
                return;
            }
            char kind = at + 2 < text.length() ? text.charAt(at + 2) : 0;
            char after = at + 3 < text.length() ? text.charAt(at + 3) : 0;
            if (kind == '#') {
                int end = text.indexOf(')', at);
                at = end < 0 ? text.length() : end + 1;
                return;
            }
            if (kind == '<' && after != '=' && after != '!') {
                capture();
                return;
            }
            int end = at + 2;
            while (end < text.length() && (Character.isLetter(text.charAt(end)) || text.charAt(end) == '-')) {
                end++;
            }
            if (end > at + 2 && end < text.length() && (text.charAt(end) == ')' || text.charAt(end) == ':')) {
                out.append("(?").append(text.substring(at + 2, end).replace('m', 's'));
                at = end;
                return;
            }
            out.append("(?");
            at += 2;
        }

        /// `(?<name>` or `(?<name:INT>`.
        private void capture() {
            int end = text.indexOf('>', at);
            require(end > 0, "%s opens a group with (?< and does not name it; write (?<name>...)", quoted(pattern));
            var written = text.substring(at + 3, end);
            at = end + 1;
            var kind = written.endsWith(":INT") ? Kind.INT : written.endsWith(":FLOAT") ? Kind.FLOAT : Kind.TEXT;
            var name = kind == Kind.TEXT ? written : written.substring(0, written.lastIndexOf(':'));
            FieldPath field;
            try {
                field = FieldPath.parse(name);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(quoted(pattern) + ": " + e.getMessage(), e);
            }
            group++;
            groups.put(name, group);
            captures.add(new Capture(group, field, kind));
            out.append('(');
        }
    }
}
