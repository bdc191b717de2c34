package io.logroute.face.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Writes plain values as YAML, as people would: on one line while it is short.
final class Yaml {
    private static final int WIDE = 110;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*");
    private static final Set<String> WORDS = Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

    private Yaml() {}

    /// Lines of `key: value`, indented.
    static List<String> entry(String key, Object value, int indent) {
        var blank = " ".repeat(indent);
        var line = blank + scalar(key) + ": " + flow(value);
        if (line.length() <= WIDE || !isDeep(value)) {
            return List.of(line);
        }
        var lines = new ArrayList<String>();
        lines.add(blank + scalar(key) + ":");
        switch (value) {
            case Map<?, ?> map -> map.forEach((name, each) -> lines.addAll(entry(name.toString(), each, indent + 2)));
            case List<?> list -> list.forEach(each -> lines.addAll(item(each, indent + 2)));
            default -> throw new IllegalStateException("no deep value: " + value);
        }
        return lines;
    }

    /// Lines of `- value`, indented.
    static List<String> item(Object value, int indent) {
        var blank = " ".repeat(indent);
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            var lines = new ArrayList<String>();
            map.forEach((key, each) -> lines.addAll(entry(key.toString(), each, indent + 2)));
            lines.set(0, blank + "- " + lines.getFirst().substring(indent + 2));
            return lines;
        }
        return List.of(blank + "- " + flow(value));
    }

    private static boolean isDeep(Object value) {
        return value instanceof Map<?, ?> map && !map.isEmpty() || value instanceof List<?> list && !list.isEmpty();
    }

    static String flow(Object value) {
        return switch (value) {
            case Map<?, ?> map when map.isEmpty() -> "{}";
            case Map<?, ?> map -> {
                var parts = new ArrayList<String>();
                map.forEach((key, each) -> parts.add(scalar(key.toString()) + ": " + flow(each)));
                yield "{ " + String.join(", ", parts) + " }";
            }
            case List<?> list ->
                "[" + String.join(", ", list.stream().map(Yaml::flow).toList()) + "]";
            case String text -> scalar(text);
            default -> value.toString();
        };
    }

    /// Text, in quotes where YAML would take it for something else.
    static String scalar(String text) {
        if (PLAIN.matcher(text).matches() && !WORDS.contains(text.toLowerCase(Locale.ROOT))) {
            return text;
        }
        if (text.chars().allMatch(Yaml::isPrintable)) {
            return text.indexOf('\'') >= 0 && text.indexOf('"') < 0 && text.indexOf('\\') < 0
                    ? "\"" + text + "\""
                    : "'" + text.replace("'", "''") + "'";
        }
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default ->
                    out.append(isPrintable(c) ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return out.append('"').toString();
    }

    private static boolean isPrintable(int c) {
        return c >= 0x20 && c < 0x7F
                || c >= 0xA0 && c < 0xD800 && c != 0x2028 && c != 0x2029
                || c >= 0xE000 && c < 0xFEFF
                || c > 0xFEFF && c < 0xFFFE;
    }

    /// Lines of a comment, indented and broken at blanks.
    static List<String> comment(String text, int indent) {
        var lines = new ArrayList<String>();
        var blank = " ".repeat(indent) + "#";
        for (var part : text.split("\n", -1)) {
            var line = new StringBuilder(blank);
            boolean begun = false;
            for (var word : part.strip().split(" +")) {
                if (begun && line.length() + 1 + word.length() > WIDE) {
                    lines.add(line.toString());
                    line = new StringBuilder(blank);
                }
                line.append(' ').append(printable(word));
                begun = true;
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static String printable(String word) {
        return word.chars()
                .map(c -> isPrintable(c) || c == '\t' ? c : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
