package io.logroute.face.convert;

import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says names of fields, and texts with `%{...}` in them, as specs do.
final class Templates {
    private static final Pattern PLACE = Pattern.compile("%\\{([^}]*)\\}");
    private static final Pattern REFERENCE = Pattern.compile("(\\[[^\\[\\],]+\\])+");

    private Templates() {}

    /// `[a][b]`, or a name, dots and all.
    ///
    /// @throws Untold when it names no field of every event
    static FieldPath path(String reference) throws Untold {
        var name = reference.strip();
        if (name.contains("%{")) {
            throw new Untold(
                    "the field %s has another name for each event; name each field that is meant".formatted(name));
        }
        if (REFERENCE.matcher(name).matches()) {
            var path = FieldPath.parse(name);
            noPlaces(path);
            return path;
        }
        if (name.isEmpty() || name.contains("[") || name.contains("]")) {
            throw new Untold("\"%s\" names no field".formatted(name));
        }
        return new FieldPath(List.of(name));
    }

    /// Logstash takes a number below a field for a place in a list.
    static void noPlaces(FieldPath path) throws Untold {
        if (path.keys().stream().skip(1).anyMatch(key -> key.matches("-?[0-9]+"))) {
            throw new Untold("%s is a place in a list, which specs do not name; CEL does: { cel: 'event.list[0]' }"
                    .formatted(path));
        }
    }

    /// Whether it has places to fill.
    static boolean isPlain(String text) {
        return !PLACE.matcher(text).find();
    }

    /// The text as a template of specs.
    ///
    /// @throws Untold when there is none
    static String ours(String text) throws Untold {
        if (text.isEmpty()) {
            throw new Untold("the text is empty, which no template is");
        }
        var out = new StringBuilder();
        var place = PLACE.matcher(text);
        int from = 0;
        while (place.find()) {
            out.append(text, from, place.start())
                    .append("%{")
                    .append(inside(place.group(1)))
                    .append('}');
            from = place.end();
        }
        out.append(text.substring(from));
        try {
            return FieldTemplate.parse(out.toString()).text();
        } catch (IllegalArgumentException e) {
            throw new Untold(String.valueOf(e.getMessage()));
        }
    }

    /// The text with days where it has weeks, and years where it has those that weeks belong to: the
    /// parts of the day are joined by what joined the parts of the week.
    static String withoutWeeks(String text) {
        return PLACE.matcher(text).replaceAll(place -> {
            var inside = place.group(1);
            var letters = inside.replaceAll("'[^']*'", "");
            if (!inside.startsWith("+") || !letters.matches(".*[wxe].*")) {
                return Matcher.quoteReplacement(place.group());
            }
            var between = letters.substring(1).replaceAll("[A-Za-z]", "");
            var joint = between.isEmpty() ? "" : between.substring(0, 1);
            return Matcher.quoteReplacement(
                    letters.matches(".*[we].*")
                            ? "%{+" + String.join(joint, "yyyy", "MM", "dd") + "}"
                            : "%{" + inside.replace('x', 'y') + "}");
        });
    }

    private static String inside(String place) throws Untold {
        if (!place.startsWith("+")) {
            return path(place).toString();
        }
        var pattern = place.substring(1);
        if (pattern.equals("%s") || pattern.equals("UNIX")) {
            throw new Untold("specs do not write times as seconds (%%{%s})".formatted(place));
        }
        if (pattern.replaceAll("'[^']*'", "").matches(".*[wxeC].*")) {
            throw new Untold("specs know no weeks and centuries (%%{%s}); write months and days".formatted(place));
        }
        // Joda's Z is java's Z, ZZ is XXX and ZZZ is VV.
        return "+" + pattern.replace("ZZZ", "VV").replace("ZZ", "XXX");
    }

    /// The fields that it asks for.
    static List<FieldPath> fields(String text) throws Untold {
        var fields = new ArrayList<FieldPath>();
        var place = PLACE.matcher(text);
        while (place.find()) {
            if (!place.group(1).startsWith("+")) {
                fields.add(path(place.group(1)));
            }
        }
        return fields;
    }

    /// The text as an expression in CEL. A field that an event does not have stays as it is
    /// written, as Logstash has it.
    ///
    /// @throws Untold when it has a time in it
    static String cel(String text) throws Untold {
        var parts = new ArrayList<String>();
        var place = PLACE.matcher(text);
        int end = 0;
        while (place.find()) {
            if (place.start() > end) {
                parts.add(Cel.text(text.substring(end, place.start())));
            }
            if (place.group(1).startsWith("+")) {
                throw new Untold("the time %s cannot be written there".formatted(place.group()));
            }
            var path = path(place.group(1));
            parts.add(
                    "(%s ? string(%s) : %s)".formatted(Cel.has(path).text(), Cel.field(path), Cel.text(place.group())));
            end = place.end();
        }
        if (end < text.length() || parts.isEmpty()) {
            parts.add(Cel.text(text.substring(end)));
        }
        return String.join(" + ", parts);
    }
}
