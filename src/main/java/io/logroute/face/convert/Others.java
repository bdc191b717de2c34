package io.logroute.face.convert;

import io.logroute.face.convert.Cel.Expr;
import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Conf.Value;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import io.logroute.spec.GrokExpression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The filters that are neither parsers nor a mutate.
final class Others {
    private static final Pattern EXACT_NAME = Pattern.compile("\\^([\\w@-]+)\\$");

    private final Notes notes;
    private final Chain chain;
    /// Fields that a `fingerprint` would have made.
    private final Set<FieldPath> fingerprints = new HashSet<>();

    Others(Notes notes, Chain chain) {
        this.notes = notes;
        this.chain = chain;
    }

    Set<FieldPath> fingerprints() {
        return Set.copyOf(fingerprints);
    }

    List<Step> drop(Settings settings) throws Untold {
        settings.ignore("add_field", "remove_field", "add_tag", "remove_tag");
        var percentage = settings.text("percentage");
        if (percentage.isEmpty()) {
            return List.of(Step.of("drop", Map.of(), Writes.NONE));
        }
        try {
            double part = Double.parseDouble(percentage.get());
            if (part >= 100) {
                return List.of(Step.of("drop", Map.of(), Writes.NONE));
            }
            notes.add(
                    settings.at("percentage"),
                    Kind.NOTE,
                    "drop",
                    "percentage",
                    "the choice depends on the event alone: one that comes again is chosen again");
            return List.of(Step.of("sample", Map.of("rate", (100 - part) / 100), Writes.NONE));
        } catch (NumberFormatException e) {
            throw new Untold("percentage is \"%s\", which is no number".formatted(percentage.get()));
        }
    }

    List<Step> split(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility");
        var field = Templates.path(settings.text("field", "message"));
        var how = new LinkedHashMap<String, Object>();
        how.put("field", field.toString());
        var terminator = settings.text("terminator");
        if (terminator.isPresent() && !terminator.get().equals("\n")) {
            how.put("separator", terminator.get());
        }
        var target = Parsers.target(settings);
        target.ifPresent(path -> how.put("into", path.toString()));
        var steps = new ArrayList<Step>();
        // Our split moves the items out of their field, and Logstash leaves them there.
        boolean kept = target.isPresent()
                && !target.get().equals(field)
                && !settings.texts("remove_field").contains(settings.text("field", "message"));
        var list = chain.helper("split_" + settings.at().line());
        if (kept) {
            steps.add(Step.cel(list, Cel.field(field)));
        }
        steps.add(Step.of("split", how, Writes.of(List.of(field, target.orElse(field)))));
        if (kept) {
            steps.add(Step.cel(field, Cel.field(list)));
        }
        var success = chain.decorations(settings);
        var there = Cel.has(field);
        steps.addAll(chain.where(
                new Asked(there, there, Set.of(field)),
                success,
                "ok_" + settings.at().line()));
        return steps;
    }

    List<Step> prune(Settings settings) throws Untold {
        var steps = new ArrayList<Step>();
        var white = names(settings, "whitelist_names");
        if (!white.isEmpty()) {
            steps.add(Step.of("keep", Map.of("fields", white), Writes.ALL));
        }
        var black = names(settings, "blacklist_names");
        if (!black.isEmpty()) {
            steps.add(Step.of("remove", Map.of("fields", black), Writes.ALL));
        }
        if (settings.has("whitelist_values") || settings.has("blacklist_values")) {
            throw new Untold("it takes fields away by what they hold; use remove with a when for each");
        }
        settings.ignore("interpolate");
        if (!white.isEmpty()) {
            notes.add(settings.at(), Kind.NOTE, "prune", "whitelist_names", "@timestamp and @metadata always stay");
        }
        if (steps.isEmpty()) {
            throw new Untold("it takes nothing away");
        }
        steps.addAll(chain.decorations(settings));
        return steps;
    }

    /// Names as they are; a pattern that fits many cannot be said.
    private static List<String> names(Settings settings, String option) throws Untold {
        var names = new ArrayList<String>();
        for (var pattern : settings.texts(option)) {
            var exact = EXACT_NAME.matcher(pattern);
            if (!exact.matches()) {
                throw new Untold("%s has \"%s\", which fits every name that it is found in; name the fields under %s"
                        .formatted(option, pattern, option.startsWith("white") ? "keep" : "remove"));
            }
            names.add(new FieldPath(List.of(exact.group(1))).toString());
        }
        return names;
    }

    List<Step> translate(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility", "exact", "refresh_interval", "refresh_behaviour");
        if (settings.has("dictionary_path")) {
            throw new Untold(
                    "its dictionary is a file, which specs do not read; write it as a map: set: { fields: { to: { cel: '{\"a\": \"b\"}[event.from]' } } }");
        }
        if (settings.truth("regex", false) || !settings.truth("exact", true)) {
            throw new Untold("it finds its keys in the text; write a set for each, with a when");
        }
        var pairs = settings.table("dictionary");
        var source = settings.text(settings.has("source") ? "source" : "field");
        if (pairs.isEmpty() || source.isEmpty()) {
            throw new Untold("it has no dictionary and source");
        }
        var field = Templates.path(source.get());
        var into = settings.text(settings.has("target") ? "target" : "destination", "translation");
        var target = Templates.path(into);
        // Without a target of its own, older ones write to `translation` and leave what is there.
        boolean override = settings.truth("override", settings.has("target"));
        var map = new ArrayList<String>();
        for (var pair : pairs) {
            var value = Settings.plain(pair.getValue(), "dictionary");
            if (!Templates.isPlain(value)) {
                throw new Untold("its dictionary has values that are others for each event");
            }
            map.add(Cel.text(pair.getKey()) + ": "
                    + (pair.getValue() instanceof Value.Number ? value : Cel.text(value)));
        }
        var dictionary = "{" + String.join(", ", map) + "}";
        var key = "string(%s)".formatted(Cel.field(field));
        var fallback = settings.text("fallback");
        var formula = fallback.isEmpty()
                ? "%s[%s]".formatted(dictionary, key)
                : "%s in %s ? %s[%s] : %s".formatted(key, dictionary, dictionary, key, Templates.cel(fallback.get()));
        var step = Step.cel(target, formula);
        if (!override && !target.equals(field)) {
            var free = Cel.has(target).not();
            step = step.within(new Asked(free, free, Set.of(target)));
        }
        var steps = new ArrayList<Step>();
        steps.add(step);
        var success = chain.decorations(settings);
        if (!success.isEmpty()) {
            var found = Expr.comparison("%s in [%s]"
                    .formatted(
                            key,
                            String.join(
                                    ", ",
                                    pairs.stream()
                                            .map(pair -> Cel.text(pair.getKey()))
                                            .toList())));
            var asked = fallback.isPresent() ? Cel.has(field) : Cel.has(field).and(found);
            steps.addAll(chain.where(
                    new Asked(asked, asked, Set.of(field)),
                    success,
                    "ok_" + settings.at().line()));
        }
        return steps;
    }

    List<Step> syslogPriority(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility");
        var field = Templates.path(settings.text("syslog_pri_field_name", "syslog_pri"));
        var labels = settings.truth("use_labels", true);
        if (settings.has("facility_labels") || settings.has("severity_labels")) {
            throw new Untold(
                    "it has labels of its own; set them with CEL, as in [\"a\", \"b\"][int(event.syslog_pri) / 8]");
        }
        var priority = "(%s ? int(%s) : 13)".formatted(Cel.has(field).text(), Cel.field(field));
        var fields = new LinkedHashMap<String, Object>();
        fields.put("syslog_severity_code", Map.of("cel", priority + " % 8"));
        fields.put("syslog_facility_code", Map.of("cel", priority + " / 8"));
        if (labels) {
            fields.put("syslog_facility", Map.of("cel", Cel.list(Hints.FACILITIES) + "[event.syslog_facility_code]"));
            fields.put("syslog_severity", Map.of("cel", Cel.list(Hints.SEVERITIES) + "[event.syslog_severity_code]"));
        }
        var writes = new ArrayList<FieldPath>();
        fields.keySet().forEach(name -> writes.add(FieldPath.parse(name)));
        var steps = new ArrayList<Step>();
        steps.add(Step.of("set", Map.of("fields", fields), Writes.of(writes)));
        steps.addAll(chain.decorations(settings));
        return steps;
    }

    /// @param field where the lines are
    List<Step> multiline(Settings settings, FieldPath field) throws Untold {
        settings.ignore("auto_flush_interval", "charset", "allow_duplicates", "max_age", "stream_identity", "source");
        var pattern = settings.text("pattern");
        if (pattern.isEmpty()) {
            throw new Untold("it has no pattern");
        }
        if (!settings.text("what", "previous").equals("previous")) {
            throw new Untold(
                    "lines that belong to the next one (what => next) cannot be joined; write a multiline whose start fits the first line");
        }
        if (settings.has("patterns_dir") || settings.has("pattern_definitions")) {
            throw new Untold("its pattern uses patterns of its own; write a multiline with the whole expression");
        }
        var expression = written(pattern.get());
        var how = new LinkedHashMap<String, Object>();
        how.put(settings.truth("negate", false) ? "start" : "next", expression);
        how.put("field", field.toString());
        var most = settings.text("max_lines");
        if (most.isPresent()) {
            how.put("maxLines", Hints.whole(most.get(), "max_lines"));
        }
        settings.ignore("max_bytes", "multiline_tag");
        notes.add(
                settings.at(),
                Kind.CHANGED,
                "multiline",
                "",
                "lines are joined after the buffer, by container or by host and file; where a shipper can do it (Filebeat's multiline), let it. There is no tag multiline");
        var steps = new ArrayList<Step>();
        steps.add(Step.of("multiline", how, Writes.of(field)));
        steps.addAll(chain.decorations(settings));
        return steps;
    }

    /// The expression with known patterns written out.
    private static String written(String pattern) throws Untold {
        try {
            return pattern.contains("%{") ? GrokExpression.of(pattern, Map.of()).regex() : pattern;
        } catch (IllegalArgumentException e) {
            throw new Untold(Conditions.firstLine(String.valueOf(e.getMessage())));
        }
    }

    List<Step> fingerprint(Settings settings) throws Untold {
        fingerprints.add(Templates.path(settings.text("target", "fingerprint")));
        throw new Untold(
                "there is no filter that makes fingerprints; where it served as document_id, the sink has ids: content, which makes one document of what comes twice");
    }
}
