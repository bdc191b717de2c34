package io.logroute.spec;

import dev.cel.common.CelSourceLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The functions that expressions may call, and those that people take for one of them.
final class Functions {
    /// Of text, behind a dot.
    private static final List<String> OF_TEXT = List.of(
            "contains",
            "startsWith",
            "endsWith",
            "matches",
            "size",
            "lowerAscii",
            "upperAscii",
            "replace",
            "split",
            "substring",
            "trim",
            "indexOf",
            "lastIndexOf",
            "charAt");

    /// With all that they are asked of in parentheses.
    private static final List<String> FREE = List.of(
            "has",
            "size",
            "int",
            "uint",
            "double",
            "string",
            "bool",
            "bytes",
            "timestamp",
            "duration",
            "type",
            "regex.replace");

    /// How each is written.
    private static final Map<String, String> WRITTEN = Map.ofEntries(
            Map.entry("contains", "event.msg.contains(\"...\")"),
            Map.entry("startsWith", "event.msg.startsWith(\"...\")"),
            Map.entry("endsWith", "event.msg.endsWith(\"...\")"),
            Map.entry("matches", "event.msg.matches(\"...\")"),
            Map.entry("lowerAscii", "event.msg.lowerAscii()"),
            Map.entry("upperAscii", "event.msg.upperAscii()"),
            Map.entry("replace", "event.msg.replace(\"a\", \"b\")"),
            Map.entry("split", "event.msg.split(\",\")"),
            Map.entry("substring", "event.msg.substring(0, 3)"),
            Map.entry("trim", "event.msg.trim()"),
            Map.entry("indexOf", "event.msg.indexOf(\"...\")"),
            Map.entry("lastIndexOf", "event.msg.lastIndexOf(\"...\")"),
            Map.entry("charAt", "event.msg.charAt(0)"),
            Map.entry("size", "size(event.msg)"),
            Map.entry("has", "has(event.msg)"),
            Map.entry("timestamp", "timestamp(event.at)"),
            Map.entry("duration", "duration(\"5m\")"),
            Map.entry("regex.replace", "regex.replace(event.msg, \"[0-9]+\", \"n\")"),
            Map.entry("now", "event.at < now, without parentheses"));

    /// What other languages call them, in lower case.
    private static final Map<String, String> SAID_ELSEWHERE = Map.ofEntries(
            Map.entry("lower", "lowerAscii"),
            Map.entry("tolower", "lowerAscii"),
            Map.entry("lowercase", "lowerAscii"),
            Map.entry("tolowercase", "lowerAscii"),
            Map.entry("downcase", "lowerAscii"),
            Map.entry("upper", "upperAscii"),
            Map.entry("toupper", "upperAscii"),
            Map.entry("uppercase", "upperAscii"),
            Map.entry("touppercase", "upperAscii"),
            Map.entry("upcase", "upperAscii"),
            Map.entry("len", "size"),
            Map.entry("length", "size"),
            Map.entry("count", "size"),
            Map.entry("strip", "trim"),
            Map.entry("trimspace", "trim"),
            Map.entry("include", "contains"),
            Map.entry("includes", "contains"),
            Map.entry("hasprefix", "startsWith"),
            Map.entry("hassuffix", "endsWith"),
            Map.entry("regex", "matches"),
            Map.entry("regexp", "matches"),
            Map.entry("regex.match", "matches"),
            Map.entry("regex.matches", "matches"),
            Map.entry("re.match", "matches"),
            Map.entry("sub", "replace"),
            Map.entry("gsub", "regex.replace"),
            Map.entry("replaceall", "regex.replace"),
            Map.entry("substr", "substring"),
            Map.entry("exists", "has"),
            Map.entry("defined", "has"),
            Map.entry("isdefined", "has"),
            Map.entry("hasfield", "has"),
            Map.entry("isset", "has"),
            Map.entry("isnull", "has"),
            Map.entry("notnull", "has"),
            Map.entry("integer", "int"),
            Map.entry("toint", "int"),
            Map.entry("parseint", "int"),
            Map.entry("to_int", "int"),
            Map.entry("float", "double"),
            Map.entry("number", "double"),
            Map.entry("parsefloat", "double"),
            Map.entry("str", "string"),
            Map.entry("tostring", "string"),
            Map.entry("to_string", "string"),
            Map.entry("date", "timestamp"),
            Map.entry("time", "timestamp"),
            Map.entry("now", "now"),
            Map.entry("time.now", "now"));

    /// What stands before the dot of functions elsewhere, and is no field.
    private static final Set<String> LIBRARIES =
            Set.of("math", "regex", "re", "string", "strings", "time", "json", "lists", "sets", "base64", "optional");

    private static final Pattern CALLED = Pattern.compile("(?:[A-Za-z_][A-Za-z0-9_]*\\.)*[A-Za-z_][A-Za-z0-9_]*$");

    private Functions() {}

    /// The function whose `(` stands at the place: with the library before its dot, where there is one.
    static Optional<String> calledAt(String text, CelSourceLocation place) {
        var lines = text.lines().toList();
        if (place.getLine() < 1 || place.getLine() > lines.size()) {
            return Optional.empty();
        }
        var line = lines.get(place.getLine() - 1);
        if (place.getColumn() < 0 || place.getColumn() >= line.length() || line.charAt(place.getColumn()) != '(') {
            return Optional.empty();
        }
        var before = line.substring(0, place.getColumn());
        var called = CALLED.matcher(before);
        if (!called.find()) {
            return Optional.empty();
        }
        var name = called.group();
        boolean isOfLibrary = LIBRARIES.contains(name.replaceFirst("\\..*", ""))
                && !(called.start() > 0 && before.charAt(called.start() - 1) == '.');
        return Optional.of(isOfLibrary ? name : name.substring(name.lastIndexOf('.') + 1));
    }

    /// That there is none of that name, and which is meant.
    static String missing(String name) {
        var last = name.substring(name.lastIndexOf('.') + 1);
        var all = new ArrayList<>(OF_TEXT);
        all.addAll(FREE);
        var meant = Optional.ofNullable(SAID_ELSEWHERE.get(name.toLowerCase(Locale.ROOT)))
                .or(() -> Words.nearest(name, all))
                .or(() -> Optional.ofNullable(SAID_ELSEWHERE.get(last.toLowerCase(Locale.ROOT))))
                .or(() -> Words.nearest(last, all));
        return "there is no function %s; %s"
                .formatted(
                        name,
                        meant.map(function -> WRITTEN.containsKey(function)
                                        ? "did you mean %s, as in %s?".formatted(function, WRITTEN.get(function))
                                        : "did you mean %s, as in %s(event.n)?".formatted(function, function))
                                .orElse("there are %s, and of text %s"
                                        .formatted(String.join(", ", FREE), String.join(", ", OF_TEXT))));
    }
}
