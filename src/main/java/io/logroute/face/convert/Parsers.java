package io.logroute.face.convert;

import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import io.logroute.spec.GrokExpression;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The filters that read structure out of text, and times.
final class Parsers {
    private static final FieldPath MESSAGE = new FieldPath(List.of("message"));
    private static final Pattern CAPTURE = Pattern.compile("%\\{\\w+:([^:}]+)(?::\\w+)?\\}|\\(\\?<([^=!>][^>]*)>");
    private static final Pattern DOTTED =
            Pattern.compile("(%\\{\\w+:|\\(\\?<(?![=!]))([^\\[\\]:}>]*\\.[^\\[\\]:}>]*)([:}>])");
    private static final Pattern DISSECTED =
            Pattern.compile("(%\\{[+?*&]?)([^\\[\\]}/]*?\\.[^\\[\\]}/]*?)((?:/[0-9]+)?(?:->)?\\})");
    private static final Pattern USED = Pattern.compile("%\\{(\\w+)");

    private final Notes notes;
    private final Chain chain;
    private final Conversion.PatternFiles patternFiles;

    Parsers(Notes notes, Chain chain, Conversion.PatternFiles patternFiles) {
        this.notes = notes;
        this.chain = chain;
        this.patternFiles = patternFiles;
    }

    List<Step> json(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility");
        var source = settings.text("source");
        if (source.isEmpty()) {
            throw new Untold("it has no source; name the field that holds the JSON");
        }
        var field = Templates.path(source.get());
        var target = target(settings);
        var how = how(field, target);
        var wanted = settings.truth("skip_on_invalid_json", false)
                ? List.<String>of()
                : settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_jsonparsefailure");
        var success = chain.decorations(settings);
        return chain.tried(
                settings,
                "_jsonparsefailure",
                wanted,
                List.of(field),
                true,
                tag -> List.of(parse("json", how, tag, into(target, Writes.ALL))),
                success);
    }

    private static Map<String, Object> how(FieldPath field, Optional<FieldPath> target) {
        var how = new LinkedHashMap<String, Object>();
        how.put("field", field.toString());
        target.ifPresent(path -> how.put("into", path.toString()));
        return how;
    }

    List<Step> grok(Settings settings) throws Untold {
        // A pattern takes a time that grows with the text only, so nothing is cut off.
        settings.ignore("timeout_millis", "tag_on_timeout", "timeout_scope", "patterns_files_glob");
        boolean ecs = !settings.text("ecs_compatibility", "").equals("disabled");
        if (!settings.truth("named_captures_only", true)) {
            chain.changed(settings, "named_captures_only", "only what is named becomes a field; name what is needed");
        }
        if (settings.truth("keep_empty_captures", false)) {
            chain.changed(settings, "keep_empty_captures", "a group that matches nothing makes no field");
        }
        boolean stops = settings.truth("break_on_match", true);
        var target = target(settings);
        var overwrite = settings.texts("overwrite");
        var definitions = definitions(settings);
        var matches = new LinkedHashMap<FieldPath, List<String>>();
        for (var pair : settings.table("match")) {
            var patterns = matches.computeIfAbsent(Templates.path(pair.getKey()), _ -> new ArrayList<>());
            for (var pattern : Settings.texts(pair.getValue(), "match")) {
                patterns.add(bracketed(pattern));
            }
        }
        if (matches.isEmpty()) {
            throw new Untold(
                    "it has no match; write for instance match => { \"message\" => \"%{COMBINEDAPACHELOG}\" }");
        }
        var wanted = settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_grokparsefailure");
        var success = chain.decorations(settings);
        boolean one = matches.size() == 1
                && (stops || matches.values().iterator().next().size() == 1);
        if (!one) {
            chain.changed(
                    settings,
                    "match",
                    (matches.size() > 1 && stops
                                    ? "Logstash stops at the first field that matches, here each field is tried"
                                    : "each pattern is tried by itself")
                            + ", and no tag is given where none matches");
            if (!success.isEmpty()) {
                chain.changed(settings, "match", "what is done on success is done to every event");
            }
        }
        var parses = new ArrayList<Step>();
        for (var match : matches.entrySet()) {
            var field = match.getKey();
            warnOfLists(settings, field, match.getValue(), overwrite, target);
            var each = stops
                    ? List.of(match.getValue())
                    : match.getValue().stream().map(List::of).toList();
            for (var patterns : each) {
                var how = how(field, target);
                var used = used(patterns, definitions);
                how.put("patterns", patterns);
                if (!used.isEmpty()) {
                    how.put("definitions", used);
                }
                var captures = captures(patterns, used);
                if (ecs && !named(patterns, used).containsAll(captures)) {
                    notes.general(
                            "grok",
                            "grok: what is named inside of a known pattern such as %{COMBINEDAPACHELOG} has the names of Logstash"
                                    + " without ECS (clientip, verb, response). Logstash 8 gives others unless"
                                    + " ecs_compatibility is disabled.");
                }
                parses.add(parse("grok", ordered(how), one, into(target, Writes.of(captures))));
            }
        }
        if (!one) {
            var all = new ArrayList<>(parses);
            all.addAll(success);
            return all;
        }
        var field = matches.keySet().iterator().next();
        var steps = new ArrayList<Step>();
        if (!field.equals(MESSAGE) && !wanted.isEmpty()) {
            // Without the field Logstash fails, and our filter does nothing.
            var missing = Cel.has(field).not();
            for (var step : Chain.tagged(wanted)) {
                steps.add(step.within(new Asked(missing, missing, Set.of(field))));
            }
        }
        steps.addAll(chain.tried(
                settings,
                "_grokparsefailure",
                wanted,
                List.of(field),
                true,
                tag -> {
                    var parse = parses.getFirst();
                    return List.of(tag ? parse : keeping(parse));
                },
                success));
        return steps;
    }

    private static Step keeping(Step parse) {
        var body = new LinkedHashMap<>(parse.body());
        body.put("onFailure", "keep");
        return Step.of("parse", body, parse.writes());
    }

    /// `field`, `patterns`, `definitions`, `into`.
    private static Map<String, Object> ordered(Map<String, Object> how) {
        var ordered = new LinkedHashMap<String, Object>();
        for (var key : List.of("field", "patterns", "definitions", "into")) {
            var value = how.get(key);
            if (value != null) {
                ordered.put(key, value);
            }
        }
        return ordered;
    }

    /// A capture of a field that is there makes a list in Logstash, unless it is overwritten.
    private void warnOfLists(
            Settings settings,
            FieldPath field,
            List<String> patterns,
            List<String> overwrite,
            Optional<FieldPath> target)
            throws Untold {
        var names = new LinkedHashSet<FieldPath>();
        for (var pattern : patterns) {
            var capture = CAPTURE.matcher(pattern);
            while (capture.find()) {
                names.add(Templates.path(capture.group(1) == null ? capture.group(2) : capture.group(1)));
            }
        }
        var replaced = new HashSet<FieldPath>();
        for (var name : overwrite) {
            replaced.add(Templates.path(name));
        }
        if (target.isPresent()) {
            return;
        }
        var lists = names.stream()
                .filter(name -> !replaced.contains(name)
                        && (name.equals(field) || chain.written().fields().contains(name)))
                .map(FieldPath::toString)
                .toList();
        if (!lists.isEmpty()) {
            chain.changed(
                    settings,
                    "match",
                    "where the event has %s already, Logstash makes a list of both, as overwrite does not name it; here the new value takes its place"
                            .formatted(String.join(", ", lists)));
        }
    }

    private Map<String, String> definitions(Settings settings) throws Untold {
        var definitions = new LinkedHashMap<String, String>();
        for (var folder : settings.texts("patterns_dir")) {
            var read = patternFiles.read(folder);
            if (read.isEmpty()) {
                chain.changed(
                        settings,
                        "patterns_dir",
                        "there is no %s here; write its patterns under definitions, or convert where it is"
                                .formatted(folder));
            }
            read.ifPresent(definitions::putAll);
        }
        for (var pair : settings.textTable("pattern_definitions")) {
            definitions.put(pair.getKey(), pair.getValue());
        }
        definitions.replaceAll((_, pattern) -> bracketed(pattern));
        return definitions;
    }

    /// The definitions that the patterns use, and those that these use.
    private static Map<String, String> used(List<String> patterns, Map<String, String> definitions) {
        var used = new LinkedHashMap<String, String>();
        var left = new ArrayList<>(patterns);
        while (!left.isEmpty()) {
            var name = USED.matcher(left.removeLast());
            while (name.find()) {
                var definition = definitions.get(name.group(1));
                if (definition != null && used.put(name.group(1), definition) == null) {
                    left.add(definition);
                }
            }
        }
        return used;
    }

    /// The fields that the patterns make.
    ///
    /// @throws Untold when one is no pattern
    private static List<FieldPath> captures(List<String> patterns, Map<String, String> definitions) throws Untold {
        var fields = new ArrayList<FieldPath>();
        for (var pattern : patterns) {
            try {
                GrokExpression.of(pattern, definitions).captures().forEach(capture -> fields.add(capture.field()));
            } catch (IllegalArgumentException e) {
                throw new Untold(Conditions.firstLine(String.valueOf(e.getMessage())));
            }
        }
        return fields;
    }

    /// The fields that the patterns themselves name.
    private static Set<FieldPath> named(List<String> patterns, Map<String, String> definitions) throws Untold {
        var fields = new HashSet<FieldPath>();
        var all = new ArrayList<>(patterns);
        all.addAll(definitions.values());
        for (var pattern : all) {
            var capture = CAPTURE.matcher(pattern);
            while (capture.find()) {
                fields.add(Templates.path(capture.group(1) == null ? capture.group(2) : capture.group(1)));
            }
        }
        return fields;
    }

    /// A dot in a name is a part of the name to Logstash, and the way into an object to us.
    private static String bracketed(String pattern) {
        return DOTTED.matcher(pattern).replaceAll("$1[$2]$3");
    }

    List<Step> date(Settings settings) throws Untold {
        settings.ignore("precision");
        var match = settings.texts("match");
        if (match.size() < 2) {
            throw new Untold("match names no field and form; write for instance match => [\"time\", \"ISO8601\"]");
        }
        var field = Templates.path(match.getFirst());
        var formats = new ArrayList<String>();
        for (var form : match.subList(1, match.size())) {
            chain.part(settings, "match", () -> formats.add(timeForm(form)));
        }
        if (formats.isEmpty()) {
            throw new Untold("none of its forms can be said");
        }
        var how = new LinkedHashMap<String, Object>();
        how.put("field", field.toString());
        how.put("formats", formats);
        var zone = settings.text("timezone");
        if (zone.isPresent()) {
            if (!Templates.isPlain(zone.get())) {
                throw new Untold(
                        "the time zone is another one for each event; write a timestamp for each, with a when");
            }
            // EST and its like are known to Logstash.
            how.put("zone", ZoneId.SHORT_IDS.getOrDefault(zone.get(), zone.get()));
        }
        var locale = settings.text("locale", "en");
        if (!locale.toLowerCase(java.util.Locale.ROOT).startsWith("en")) {
            chain.changed(settings, "locale", "names of months and days are English ones");
        }
        var target = target(settings).orElse(new FieldPath(List.of("@timestamp")));
        if (!target.equals(new FieldPath(List.of("@timestamp")))) {
            how.put("into", target.toString());
        }
        var wanted = settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_dateparsefailure");
        var success = chain.decorations(settings);
        return chain.tried(
                settings,
                "_dateparsefailure",
                wanted,
                List.of(field),
                false,
                _ -> List.of(Step.of("timestamp", how, Writes.of(target, Chain.TAGS))),
                success);
    }

    private static String timeForm(String form) throws Untold {
        return switch (form) {
            case "ISO8601" -> "iso";
            case "UNIX" -> "epochSeconds";
            case "UNIX_MS" -> "epochMillis";
            case "TAI64N" ->
                throw new Untold("times in TAI64N cannot be read; write them as ISO 8601 where they come from");
            default -> {
                if (form.replaceAll("'[^']*'", "").matches(".*[xweC].*")) {
                    throw new Untold("%s counts in weeks or centuries, which are not read".formatted(form));
                }
                yield form;
            }
        };
    }

    List<Step> keyValue(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility", "timeout_millis", "tag_on_timeout");
        var field = Templates.path(settings.text("source", "message"));
        var target = target(settings);
        var how = how(field, target);
        var into = how.remove("into");
        text(settings, "field_split", how, "pairSeparators");
        text(settings, "value_split", how, "keySeparators");
        text(settings, settings.has("trim_key") ? "trim_key" : "trimkey", how, "trimKeys");
        text(settings, settings.has("trim_value") ? "trim_value" : "trim", how, "trimValues");
        text(settings, "prefix", how, "prefix");
        for (var option : List.of("include_keys", "exclude_keys")) {
            var keys = settings.texts(option);
            if (keys.stream().anyMatch(key -> !Templates.isPlain(key))) {
                throw new Untold("%s has keys that are others for each event".formatted(option));
            }
            if (!keys.isEmpty()) {
                how.put(option.equals("include_keys") ? "includeKeys" : "excludeKeys", keys);
            }
        }
        if (into != null) {
            how.put("into", into);
        }
        if (!settings.truth("allow_duplicate_values", true)) {
            chain.changed(settings, "allow_duplicate_values", "a key that stands twice keeps its values as they come");
        }
        var after = new ArrayList<Step>();
        for (var pair : settings.textTable("default_keys")) {
            var keys = new ArrayList<>(target.map(FieldPath::keys).orElse(List.of()));
            keys.add(pair.getKey());
            var key = new FieldPath(keys);
            var missing = Cel.has(key).not();
            after.add(Step.set(key, chain.value(pair.getValue())).within(new Asked(missing, missing, Set.of(key))));
        }
        settings.ignore("tag_on_failure");
        boolean defaults = !after.isEmpty();
        var success = chain.decorations(settings);
        if (defaults) {
            // With defaults it always succeeds.
            var steps = new ArrayList<Step>();
            steps.add(parse("keyValue", how, false, into(target, Writes.ALL)));
            steps.addAll(after);
            steps.addAll(success);
            return steps;
        }
        return chain.tried(
                settings,
                "_kv_filter_error",
                List.of(),
                List.of(field),
                true,
                tag -> List.of(parse("keyValue", how, tag, into(target, Writes.ALL))),
                success);
    }

    /// An option of kv, which is a class of characters.
    private static void text(Settings settings, String option, Map<String, Object> how, String key) throws Untold {
        var text = settings.text(option);
        if (text.isPresent()) {
            if (text.get().isEmpty()) {
                return;
            }
            how.put(key, unescaped(text.get()));
        }
    }

    /// What stands for itself in a class of a regular expression.
    private static String unescaped(String text) throws Untold {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                out.append(c);
                continue;
            }
            char next = text.charAt(++i);
            switch (next) {
                case 't' -> out.append('\t');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 's' -> out.append(" \t\r\n");
                default -> {
                    if (Character.isLetterOrDigit(next)) {
                        throw new Untold("\\%c stands for characters that cannot be listed".formatted(next));
                    }
                    out.append(next);
                }
            }
        }
        return out.toString();
    }

    List<Step> csv(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility", "autogenerate_column_names");
        if (settings.truth("autodetect_column_names", false)) {
            throw new Untold("it takes the names of columns from the first line; write them under columns");
        }
        if (settings.truth("skip_header", false)) {
            chain.changed(
                    settings,
                    "skip_header",
                    "the header becomes an event like others; drop it with a when on its first column");
        }
        var field = Templates.path(settings.text("source", "message"));
        var target = target(settings);
        var columns = settings.texts("columns");
        var how = new LinkedHashMap<String, Object>();
        how.put("field", field.toString());
        var names = new ArrayList<String>();
        for (var column : columns) {
            names.add(Templates.path(column).toString());
        }
        how.put("columns", names.isEmpty() ? List.of("column1") : names);
        var separator = settings.text("separator", ",");
        if (!separator.equals(",")) {
            how.put("separator", separator.equals("\\t") ? "\t" : separator);
        }
        var quote = settings.text("quote_char", "\"");
        if (!quote.equals("\"")) {
            how.put("quote", quote);
        }
        if (settings.truth("skip_empty_columns", false)) {
            how.put("skipEmpty", true);
        }
        target.ifPresent(path -> how.put("into", path.toString()));
        var kinds = new LinkedHashMap<String, Object>();
        var kept = new ArrayList<FieldPath>();
        for (var pair : settings.textTable("convert")) {
            chain.part(settings, "convert", () -> {
                var keys = new ArrayList<>(target.map(FieldPath::keys).orElse(List.of()));
                keys.addAll(Templates.path(pair.getKey()).keys());
                var path = new FieldPath(keys);
                kinds.put(path.toString(), Mutate.kind(pair.getValue()));
                kept.add(path);
            });
        }
        var success = new ArrayList<Step>();
        if (!kinds.isEmpty()) {
            success.add(
                    Step.of("convert", Map.of("fields", kinds), Writes.of(kept).and(Writes.of(Chain.TAGS))));
        }
        success.addAll(chain.decorations(settings));
        var atTop = new ArrayList<FieldPath>();
        for (var column : columns) {
            atTop.add(Templates.path(column));
        }
        return chain.tried(
                settings,
                "_csvparsefailure",
                List.of("_csvparsefailure"),
                List.of(field),
                true,
                tag -> List.of(parse("csv", how, tag, into(target, columns.isEmpty() ? Writes.ALL : Writes.of(atTop)))),
                success);
    }

    List<Step> dissect(Settings settings) throws Untold {
        var parses = new LinkedHashMap<FieldPath, String>();
        for (var pair : settings.textTable("mapping")) {
            parses.put(Templates.path(pair.getKey()), pair.getValue());
        }
        if (parses.isEmpty()) {
            throw new Untold("it has no mapping");
        }
        var kinds = new LinkedHashMap<String, Object>();
        var kept = new ArrayList<FieldPath>();
        for (var pair : settings.textTable("convert_datatype")) {
            chain.part(settings, "convert_datatype", () -> {
                var path = Templates.path(pair.getKey());
                kinds.put(path.toString(), Mutate.kind(pair.getValue().equals("int") ? "integer" : pair.getValue()));
                kept.add(path);
            });
        }
        var wanted = settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_dissectfailure");
        var success = new ArrayList<Step>();
        if (!kinds.isEmpty()) {
            success.add(
                    Step.of("convert", Map.of("fields", kinds), Writes.of(kept).and(Writes.of(Chain.TAGS))));
        }
        success.addAll(chain.decorations(settings));
        return chain.tried(
                settings,
                "_dissectfailure",
                wanted,
                List.copyOf(parses.keySet()),
                true,
                tag -> {
                    var steps = new ArrayList<Step>();
                    parses.forEach((field, pattern) -> {
                        var how = new LinkedHashMap<String, Object>();
                        how.put("field", field.toString());
                        how.put("pattern", DISSECTED.matcher(pattern).replaceAll("$1[$2]$3"));
                        steps.add(parse("dissect", how, tag, Writes.ALL));
                    });
                    return steps;
                },
                success);
    }

    /// JSON in the message, as the codec of an input reads it.
    Step messageAsJson() {
        chain.mayHave("_jsonparsefailure");
        return parse("json", how(MESSAGE, Optional.empty()), true, Writes.ALL);
    }

    /// `parse`, with the way to do it.
    private static Step parse(String way, Map<String, Object> how, boolean tag, Writes writes) {
        var body = new LinkedHashMap<String, Object>();
        body.put(way, how);
        if (!tag) {
            body.put("onFailure", "keep");
        }
        return Step.of("parse", body, tag ? writes.and(Writes.of(Chain.TAGS)) : writes);
    }

    private static Writes into(Optional<FieldPath> target, Writes atTop) {
        return target.map(Writes::of).orElse(atTop);
    }

    static Optional<FieldPath> target(Settings settings) throws Untold {
        var target = settings.text("target");
        return target.isEmpty() ? Optional.empty() : Optional.of(Templates.path(target.get()));
    }
}
