package io.logroute.face.convert;

import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Writes pieces of CEL over `event`.
final class Cel {
    private static final Set<String> RESERVED = Set.of(
            "as",
            "break",
            "const",
            "continue",
            "else",
            "false",
            "for",
            "function",
            "if",
            "import",
            "in",
            "let",
            "loop",
            "package",
            "namespace",
            "null",
            "return",
            "true",
            "var",
            "void",
            "while");

    private Cel() {}

    /// How tightly an expression holds together, the loosest first.
    enum Binds {
        CHOICE,
        OR,
        AND,
        COMPARISON,
        ALONE
    }

    /// An expression.
    record Expr(String text, Binds binds) {
        static Expr alone(String text) {
            return new Expr(text, Binds.ALONE);
        }

        static Expr comparison(String text) {
            return new Expr(text, Binds.COMPARISON);
        }

        /// In parentheses when it would fall apart beside what binds so.
        String beside(Binds other) {
            return binds.compareTo(other) < 0 ? "(" + text + ")" : text;
        }

        Expr not() {
            return binds == Binds.ALONE && text.startsWith("!")
                    ? alone(text.substring(1))
                    : alone("!" + (binds == Binds.ALONE ? text : "(" + text + ")"));
        }

        Expr and(Expr right) {
            return new Expr(beside(Binds.AND) + " && " + right.beside(Binds.AND), Binds.AND);
        }

        Expr or(Expr right) {
            return new Expr(beside(Binds.OR) + " || " + right.beside(Binds.OR), Binds.OR);
        }
    }

    /// All of them; there is at least one.
    static Expr all(List<Expr> exprs) {
        return exprs.stream().reduce(Expr::and).orElseThrow();
    }

    /// `event.a.b`, or `event["@timestamp"]`.
    static String field(FieldPath path) {
        var out = new StringBuilder("event");
        for (var key : path.keys()) {
            out.append(isPlain(key) ? "." + key : "[" + text(key) + "]");
        }
        return out.toString();
    }

    /// Whether the event has the field: true or false for every event. All above it must be objects.
    static Expr has(FieldPath path) {
        var parts = new ArrayList<Expr>();
        for (int depth = 1; depth <= path.keys().size(); depth++) {
            var upTo = new FieldPath(path.keys().subList(0, depth));
            if (depth > 1) {
                var above = new FieldPath(path.keys().subList(0, depth - 1));
                parts.add(Expr.comparison("type(%s) == map".formatted(field(above))));
            }
            parts.add(hasLast(upTo));
        }
        return all(parts);
    }

    /// Whether the event has the field; false, or no answer, where what is above is no object.
    static Expr hasPerhaps(FieldPath path) {
        return hasLast(path);
    }

    private static Expr hasLast(FieldPath path) {
        var last = path.keys().getLast();
        if (isPlain(last)) {
            return Expr.alone("has(%s)".formatted(field(path)));
        }
        var above = path.keys().size() == 1
                ? "event"
                : field(new FieldPath(path.keys().subList(0, path.keys().size() - 1)));
        return Expr.comparison("%s in %s".formatted(text(last), above));
    }

    private static boolean isPlain(String key) {
        return key.matches("[A-Za-z_][A-Za-z0-9_]*") && !RESERVED.contains(key);
    }

    /// Text in quotes; raw where that saves backslashes.
    static String text(String text) {
        boolean plain = text.chars().allMatch(c -> c >= 0x20 && c != 0x7F);
        if (plain && text.indexOf('\\') >= 0 && text.indexOf('"') < 0) {
            return "r\"" + text + "\"";
        }
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default ->
                    out.append(
                            c < 0x20 || c == 0x7F ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }

    /// A list of texts.
    static String list(List<String> texts) {
        return texts.stream().map(Cel::text).collect(Collectors.joining(", ", "[", "]"));
    }
}
