package io.logroute.face.convert;

import io.logroute.face.convert.Cel.Expr;
import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Says a `mutate` in steps, in the order in which Logstash does its parts, whatever the order in
/// which they are written: coerce, rename, update, replace, convert, gsub, uppercase, capitalize,
/// lowercase, strip, split, join, merge, copy; then what every filter can do.
final class Mutate {
    private static final Pattern LITERAL = Pattern.compile("[\\w \\-,:;\"'=<>@#%&!~`/]*");

    /// Makes a value of `set`.
    interface Values {
        Object of(String text) throws Untold;
    }

    /// What comes last.
    interface Last {
        List<Step> steps() throws Untold;
    }

    private final Notes notes;

    Mutate(Notes notes) {
        this.notes = notes;
    }

    List<Step> steps(Settings settings, Values values, Last last) throws Untold {
        // What goes wrong in CEL leaves the field as it is, and there is no tag for it.
        settings.ignore("tag_on_failure");
        var steps = new ArrayList<Step>();
        coerce(settings, steps, values);
        rename(settings, steps);
        for (var pair : settings.textTable("update")) {
            one(settings, "update", pair.getKey(), field -> {
                var there = Cel.hasPerhaps(field);
                steps.add(Step.set(field, values.of(pair.getValue()))
                        .within(new Asked(there, Cel.has(field), Set.of(field))));
            });
        }
        replace(settings, steps, values);
        convert(settings, steps);
        gsub(settings, steps);
        text(settings, steps, "uppercase", field -> field + ".upperAscii()");
        text(
                settings,
                steps,
                "capitalize",
                field -> "%s.substring(0, 1).upperAscii() + %s.substring(1).lowerAscii()".formatted(field, field));
        text(settings, steps, "lowercase", field -> field + ".lowerAscii()");
        text(settings, steps, "strip", field -> field + ".trim()");
        split(settings, steps);
        for (var pair : settings.textTable("join")) {
            one(
                    settings,
                    "join",
                    pair.getKey(),
                    field -> steps.add(Step.cel(
                            field,
                            "%s.map(v, string(v)).join(%s)".formatted(Cel.field(field), Cel.text(pair.getValue())))));
        }
        merge(settings, steps);
        for (var pair : settings.textTable("copy")) {
            one(
                    settings,
                    "copy",
                    pair.getKey(),
                    from -> steps.add(Step.cel(Templates.path(pair.getValue()), Cel.field(from))));
        }
        steps.addAll(last.steps());
        return steps;
    }

    private interface On {
        void field(FieldPath field) throws Untold;
    }

    /// A field of an option, without which the others may stand.
    private void one(Settings settings, String option, String name, On on) {
        try {
            on.field(Templates.path(name));
        } catch (Untold untold) {
            notes.add(settings.at(option), Kind.LEFT_OUT, settings.name(), option, untold.why());
        }
    }

    private void coerce(Settings settings, List<Step> steps, Values values) throws Untold {
        for (var pair : settings.textTable("coerce")) {
            one(settings, "coerce", pair.getKey(), field -> {
                var empty = Expr.comparison("%s == null".formatted(Cel.field(field)));
                steps.add(Step.set(field, values.of(pair.getValue()))
                        .within(new Asked(empty, Cel.has(field).and(empty), Set.of(field))));
            });
        }
    }

    private void rename(Settings settings, List<Step> steps) throws Untold {
        var names = new LinkedHashMap<String, Object>();
        var touched = new ArrayList<FieldPath>();
        for (var pair : settings.textTable("rename")) {
            one(settings, "rename", pair.getKey(), from -> {
                var to = Templates.path(pair.getValue());
                names.put(from.toString(), to.toString());
                touched.add(from);
                touched.add(to);
            });
        }
        if (!names.isEmpty()) {
            steps.add(Step.of("rename", Map.of("fields", names), Writes.of(touched)));
        }
    }

    private void replace(Settings settings, List<Step> steps, Values values) throws Untold {
        var fields = new LinkedHashMap<String, Object>();
        var touched = new ArrayList<FieldPath>();
        for (var pair : settings.textTable("replace")) {
            one(settings, "replace", pair.getKey(), field -> {
                fields.put(field.toString(), values.of(pair.getValue()));
                touched.add(field);
            });
        }
        if (!fields.isEmpty()) {
            steps.add(Step.of("set", Map.of("fields", fields), Writes.of(touched)));
        }
    }

    private void convert(Settings settings, List<Step> steps) throws Untold {
        var kinds = new LinkedHashMap<String, Object>();
        var touched = new ArrayList<FieldPath>();
        var european = new ArrayList<Step>();
        for (var pair : settings.textTable("convert")) {
            one(settings, "convert", pair.getKey(), field -> {
                if (pair.getValue().endsWith("_eu")) {
                    var number = "double(%s.replace(\".\", \"\").replace(\",\", \".\"))".formatted(Cel.field(field));
                    european.add(
                            Step.cel(field, pair.getValue().equals("integer_eu") ? "int(" + number + ")" : number));
                    return;
                }
                kinds.put(field.toString(), kind(pair.getValue()));
                touched.add(field);
            });
        }
        if (!kinds.isEmpty()) {
            notes.general(
                    "convert",
                    "convert: text that is no number becomes 0 in Logstash; here it stays as it is, with the tag"
                            + " _convertfailure.");
            steps.add(Step.of(
                    "convert",
                    Map.of("fields", kinds),
                    Writes.of(touched).and(Writes.of(new FieldPath(List.of("tags"))))));
        }
        steps.addAll(european);
    }

    /// What a type of Logstash is called in specs.
    static String kind(String type) throws Untold {
        return switch (type) {
            case "integer", "float", "boolean", "string" -> type;
            case "date", "date_time" ->
                throw new Untold("%s is no type here; read the time with timestamp, into the field".formatted(type));
            default -> throw new Untold("\"%s\" is no type".formatted(type));
        };
    }

    private void gsub(Settings settings, List<Step> steps) throws Untold {
        var all = settings.texts("gsub");
        if (all.size() % 3 != 0) {
            throw new Untold("gsub takes three values for each field: field, expression, replacement");
        }
        for (int i = 0; i < all.size(); i += 3) {
            var needle = all.get(i + 1);
            var replacement = all.get(i + 2);
            one(settings, "gsub", all.get(i), field -> {
                if (!Templates.isPlain(needle)) {
                    throw new Untold("its expression is another one for each event");
                }
                if (!Templates.isPlain(replacement)) {
                    throw new Untold("its replacement is another one for each event; set the field with CEL");
                }
                textOnly();
                steps.add(Step.cel(field, replaced(Cel.field(field), needle, replacement)));
            });
        }
    }

    private static String replaced(String field, String needle, String replacement) throws Untold {
        if (LITERAL.matcher(needle).matches() && !needle.isEmpty() && replacement.indexOf('\\') < 0) {
            return "%s.replace(%s, %s)".formatted(field, Cel.text(needle), Cel.text(replacement));
        }
        var out = new StringBuilder();
        for (int i = 0; i < replacement.length(); i++) {
            char c = replacement.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char next = i + 1 < replacement.length() ? replacement.charAt(i + 1) : ' ';
            if (next >= '0' && next <= '9' || next == '\\') {
                out.append(c).append(next);
                i++;
            } else if ("kg&`'".indexOf(next) >= 0) {
                throw new Untold("its replacement has \\%c; write \\1 for the first group".formatted(next));
            } else {
                out.append("\\\\");
            }
        }
        return "regex.replace(%s, %s, %s)".formatted(field, Cel.text(Regexes.re2(needle)), Cel.text(out.toString()));
    }

    private interface Form {
        String of(String field);
    }

    private void text(Settings settings, List<Step> steps, String option, Form form) throws Untold {
        for (var name : settings.texts(option)) {
            one(settings, option, name, field -> {
                textOnly();
                if (!option.equals("strip")) {
                    notes.general(
                            "letters",
                            "uppercase, lowercase, capitalize: here they change the letters a to z, not those with accents and"
                                    + " of other scripts.");
                }
                steps.add(Step.cel(field, form.of(Cel.field(field))));
            });
        }
    }

    private void textOnly() {
        notes.general(
                "lists",
                "gsub, uppercase, lowercase, capitalize, strip: in Logstash they change the texts of a list, too; here a list"
                        + " stays as it is.");
    }

    private void split(Settings settings, List<Step> steps) throws Untold {
        for (var pair : settings.textTable("split")) {
            one(settings, "split", pair.getKey(), field -> {
                if (pair.getValue().equals(" ")) {
                    steps.add(Step.cel(field, "%s.split(\" \").filter(v, v != \"\")".formatted(Cel.field(field))));
                    return;
                }
                notes.general("split", "mutate split: in Logstash empty parts at the end fall away; here they stay.");
                steps.add(Step.cel(field, "%s.split(%s)".formatted(Cel.field(field), Cel.text(pair.getValue()))));
            });
        }
    }

    private void merge(Settings settings, List<Step> steps) throws Untold {
        for (var pair : settings.table("merge")) {
            for (var name : Settings.texts(pair.getValue(), "merge")) {
                one(settings, "merge", pair.getKey(), to -> {
                    var from = Templates.path(name);
                    var one = Cel.field(to);
                    var two = Cel.field(from);
                    var value = "%s ? dyn((type(%s) == list ? %s : [%s]) + (type(%s) == list ? %s : [%s])) : dyn(%s)"
                            .formatted(Cel.has(to).text(), one, one, one, two, two, two, two);
                    notes.general(
                            "merge", "merge: two objects become one in Logstash; here the field is left as it is.");
                    var objects = Expr.comparison("type(%s) == map".formatted(two));
                    var asked = Expr.alone("!(%s)".formatted(objects.text()))
                            .and(Expr.alone("!(%s)"
                                    .formatted(Cel.has(to)
                                            .and(Expr.comparison("type(%s) == map".formatted(one)))
                                            .text())));
                    steps.add(Step.cel(to, value).within(new Asked(asked, asked, Set.of(to, from))));
                });
            }
        }
    }
}
