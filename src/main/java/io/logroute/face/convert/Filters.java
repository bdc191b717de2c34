package io.logroute.face.convert;

import io.logroute.face.convert.Cel.Expr;
import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Conf.Branch;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Statement;
import io.logroute.face.convert.Conf.Value;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Says the filters of a pipeline in steps.
///
/// Logstash asks the condition of a branch once; our steps ask theirs one by one. Where a step of
/// a branch may change what its condition reads, the answer is kept in a field under `@metadata`,
/// which no sink writes.
final class Filters {
    private static final FieldPath TAGS = new FieldPath(List.of("tags"));
    private static final FieldPath MESSAGE = new FieldPath(List.of("message"));
    private static final Pattern CAPTURE = Pattern.compile("%\\{\\w+:([^:}]+)(?::\\w+)?\\}|\\(\\?<([^=!>][^>]*)>");
    private static final Pattern USED = Pattern.compile("%\\{(\\w+)");
    private static final Pattern EXACT_NAME = Pattern.compile("\\^([\\w@-]+)\\$");

    private final Notes notes;
    private final Conversion.PatternFiles patternFiles;
    private final Set<String> helpers = new HashSet<>();
    /// What may have been changed up to here.
    private Writes written = Writes.NONE;
    /// Tags of failures that may have been set up to here.
    private final Set<String> tagged = new HashSet<>();
    /// Fields that a `fingerprint` would have made.
    private final Set<FieldPath> fingerprints = new HashSet<>();

    Filters(Notes notes, Conversion.PatternFiles patternFiles) {
        this.notes = notes;
        this.patternFiles = patternFiles;
    }

    Writes written() {
        return written;
    }

    Set<FieldPath> fingerprints() {
        return Set.copyOf(fingerprints);
    }

    List<Line> of(List<Statement> statements) {
        var lines = new ArrayList<Line>();
        for (var statement : statements) {
            lines.addAll(
                    switch (statement) {
                        case Plugin plugin -> plugin(plugin);
                        case Branch branch -> branch(branch);
                    });
        }
        return lines;
    }

    // Branches

    private List<Line> branch(Branch branch) {
        var lines = new ArrayList<Line>();
        var asked = new ArrayList<Asked>();
        var bodies = new ArrayList<List<Line>>();
        // An event takes one way only: what is written on another does not concern it.
        var before = written;
        var taggedBefore = Set.copyOf(tagged);
        var after = written;
        var taggedAfter = new HashSet<>(tagged);
        for (var arm : branch.arms()) {
            written = before;
            tagged.retainAll(taggedBefore);
            try {
                if (arm.condition().isPresent()) {
                    asked.add(Conditions.cel(arm.condition().get()));
                }
            } catch (Untold untold) {
                var rest = branch.arms()
                        .subList(branch.arms().indexOf(arm), branch.arms().size());
                lines.addAll(leftOut(
                        rest,
                        "if",
                        "the condition of line %d cannot be said in CEL: %s"
                                .formatted(arm.at().line(), untold.why())));
                break;
            }
            bodies.add(of(arm.body()));
            after = after.and(written);
            taggedAfter.addAll(tagged);
        }
        written = after;
        tagged.addAll(taggedAfter);
        lines.addAll(0, joined(branch.at().line(), asked, bodies));
        return lines;
    }

    private List<Line> leftOut(List<Conf.Arm> arms, String plugin, String why) {
        var lines = new ArrayList<Line>();
        for (var arm : arms) {
            var inside = plugins(arm.body());
            var text = why + (inside.isEmpty() ? "" : "; so this is not here: " + String.join(", ", inside));
            notes.add(arm.at(), Kind.LEFT_OUT, plugin, "", text);
            lines.add(new Line.Says("LEFT OUT: %s: %s: %s".formatted(arm.at(), arm.text(), text)));
        }
        return lines;
    }

    static List<String> plugins(List<Statement> statements) {
        var names = new ArrayList<String>();
        for (var statement : statements) {
            switch (statement) {
                case Plugin plugin ->
                    names.add(
                            "%s (line %d)".formatted(plugin.name(), plugin.at().line()));
                case Branch branch -> branch.arms().forEach(arm -> names.addAll(plugins(arm.body())));
            }
        }
        return names;
    }

    /// @param bodies one for each condition, and one more where there is an `else`
    private List<Line> joined(int line, List<Asked> asked, List<List<Line>> bodies) {
        var reads = new LinkedHashSet<FieldPath>();
        asked.forEach(each -> reads.addAll(each.reads()));
        var steps = bodies.stream().mapToInt(body -> steps(body).size()).sum();
        if (steps > 1 && changes(bodies, reads)) {
            return kept(line, asked, bodies);
        }
        var lines = new ArrayList<Line>();
        for (int i = 0; i < bodies.size(); i++) {
            var guards = guards(asked, i);
            bodies.get(i).forEach(each -> lines.add(within(guards, each)));
        }
        return lines;
    }

    /// Whether a step changes what one after it still asks for.
    private static boolean changes(List<List<Line>> bodies, Set<FieldPath> reads) {
        var all = bodies.stream().flatMap(body -> steps(body).stream()).toList();
        return all.subList(0, Math.max(0, all.size() - 1)).stream()
                .anyMatch(step -> step.writes().touch(reads));
    }

    private static List<Step> steps(List<Line> lines) {
        return lines.stream()
                .filter(Line.Does.class::isInstance)
                .map(line -> ((Line.Does) line).step())
                .toList();
    }

    /// What must hold on that way: its condition, and none of those before it.
    static List<Asked> guards(List<Asked> asked, int way) {
        var guards = new ArrayList<Asked>();
        for (int i = 0; i < Math.min(way, asked.size()); i++) {
            if (way >= asked.size() || !asked.get(i).excludes(asked.get(way))) {
                guards.add(asked.get(i).not());
            }
        }
        if (way < asked.size()) {
            guards.add(asked.get(way));
        }
        return guards;
    }

    private static Line within(List<Asked> guards, Line line) {
        return switch (line) {
            case Line.Says says -> says;
            case Line.Does(var step) -> {
                var all = step;
                for (var guard : guards.reversed()) {
                    all = all.within(guard);
                }
                yield new Line.Does(all);
            }
        };
    }

    /// The branch with its answer kept: which way was taken, from 1; 0 for `else`.
    private List<Line> kept(int line, List<Asked> asked, List<List<Line>> bodies) {
        var lines = new ArrayList<Line>();
        var helper = helper("if_" + line);
        if (asked.size() == 1 && bodies.size() == 1) {
            lines.add(new Line.Does(Step.cel(helper, asked.getFirst().perhaps().text())));
            var guard = Step.guard(Cel.field(helper) + " == true", helper);
            bodies.getFirst().forEach(each -> lines.add(within(List.of(guard), each)));
            return lines;
        }
        var choice = new StringBuilder();
        for (int i = 0; i < asked.size(); i++) {
            choice.append(asked.get(i).total().beside(Cel.Binds.OR))
                    .append(" ? ")
                    .append(i + 1)
                    .append(" : ");
        }
        lines.add(new Line.Does(Step.cel(helper, choice.append('0').toString())));
        for (int i = 0; i < bodies.size(); i++) {
            var guard = Step.guard("%s == %d".formatted(Cel.field(helper), i < asked.size() ? i + 1 : 0), helper);
            bodies.get(i).forEach(each -> lines.add(within(List.of(guard), each)));
        }
        return lines;
    }

    /// A field that no sink writes and nothing else uses.
    private FieldPath helper(String name) {
        var free = name;
        for (int i = 2; !helpers.add(free); i++) {
            free = name + "_" + i;
        }
        return new FieldPath(List.of("@metadata", free));
    }

    // Plugins

    private List<Line> plugin(Plugin plugin) {
        var lines = new ArrayList<Line>();
        int mark = notes.mark();
        notes.comeTo(plugin);
        var settings = new Settings(plugin);
        List<Step> steps;
        try {
            steps = merged(steps(settings));
            for (var step : steps) {
                Whole.check(step);
            }
            for (var option : settings.rest()) {
                notes.add(
                        option.at(),
                        Kind.LEFT_OUT,
                        plugin.name(),
                        option.name(),
                        "there is nothing like this option, and the rest goes without it");
            }
        } catch (Untold untold) {
            steps = List.of();
            notes.add(plugin.at(), Kind.LEFT_OUT, plugin.name(), "", untold.why());
        }
        lines.add(new Line.Says("%s: %s".formatted(plugin.at(), plugin.name())));
        for (var remark : notes.since(mark)) {
            lines.add(new Line.Says(comment(remark)));
        }
        steps.forEach(step -> {
            written = written.and(step.writes());
            lines.add(new Line.Does(step));
        });
        return lines;
    }

    /// Fields that are set one after the other under the same condition are set at once.
    private static List<Step> merged(List<Step> steps) {
        var merged = new ArrayList<Step>();
        for (var step : steps) {
            if (!merged.isEmpty() && both(merged.getLast(), step) instanceof Step both) {
                merged.set(merged.size() - 1, both);
            } else {
                merged.add(step);
            }
        }
        return merged;
    }

    private static @Nullable Step both(Step one, Step other) {
        if (!one.kind().equals("set")
                || !other.kind().equals("set")
                || !one.guards().equals(other.guards())
                || one.guards().stream().anyMatch(guard -> one.writes().touch(guard.reads()))
                || !(one.body().get("fields") instanceof Map<?, ?> some)
                || !(other.body().get("fields") instanceof Map<?, ?> more)
                || more.keySet().stream().anyMatch(some::containsKey)) {
            return null;
        }
        var fields = new LinkedHashMap<Object, Object>(some);
        fields.putAll(more);
        return new Step(
                "set", Map.of("fields", fields), one.guards(), one.writes().and(other.writes()));
    }

    static String comment(Remark remark) {
        var what = remark.option().isEmpty()
                ? ""
                : "%s (line %d): ".formatted(remark.option(), remark.at().line());
        return "%s: %s%s".formatted(remark.kind().toString().toUpperCase(java.util.Locale.ROOT), what, remark.text());
    }

    private List<Step> steps(Settings settings) throws Untold {
        return switch (settings.name()) {
            case "mutate" -> mutate(settings);
            case "grok" -> grok(settings);
            case "date" -> date(settings);
            case "json" -> json(settings);
            case "kv" -> keyValue(settings);
            case "csv" -> csv(settings);
            case "dissect" -> dissect(settings);
            case "drop" -> drop(settings);
            case "split" -> split(settings);
            case "prune" -> prune(settings);
            case "translate" -> translate(settings);
            case "syslog_pri" -> syslogPriority(settings);
            case "multiline" -> multiline(settings, MESSAGE);
            case "fingerprint" -> fingerprint(settings);
            default -> throw new Untold(Hints.filter(settings.name()));
        };
    }

    // What every filter can do to an event that it succeeded with

    private List<Step> decorations(Settings settings) throws Untold {
        var steps = new ArrayList<Step>();
        for (var pair : settings.table("add_field")) {
            for (var text : Settings.texts(pair.getValue(), "add_field")) {
                part(settings, "add_field", () -> steps.add(added(Templates.path(pair.getKey()), text, steps)));
            }
        }
        steps.addAll(removed(settings, "remove_field"));
        steps.addAll(tags(settings));
        return steps;
    }

    /// A part of a plugin, without which the rest may stand.
    private interface Part {
        void make() throws Untold;
    }

    private void part(Settings settings, String option, Part part) {
        try {
            part.make();
        } catch (Untold untold) {
            notes.add(settings.at(option), Kind.LEFT_OUT, settings.name(), option, untold.why());
        }
    }

    /// Logstash makes a list of what is there and what comes.
    private Step added(FieldPath field, String text, List<Step> before) throws Untold {
        var all = written;
        for (var step : before) {
            all = all.and(step.writes());
        }
        if (all.fields().contains(field)) {
            var value = Templates.cel(text);
            var there = Cel.field(field);
            return Step.cel(
                    field,
                    "%s ? dyn((type(%s) == list ? %s : [%s]) + [%s]) : dyn(%s)"
                            .formatted(Cel.has(field).text(), there, there, there, value, value));
        }
        notes.general(
                "add_field",
                "add_field: where an event has the field already, Logstash makes a list of both; here the new value takes its"
                        + " place.");
        return Step.set(field, value(text));
    }

    /// Text with templates as a value of `set`.
    private Object value(String text) throws Untold {
        if (text.isEmpty()) {
            return Map.of("cel", "\"\"");
        }
        if (!Templates.isPlain(text)) {
            notes.general(
                    "templates",
                    "%{field}: where an event does not have the field, Logstash leaves %{field} in the text; here the text is"
                            + " not set.");
        }
        return Templates.ours(text);
    }

    private List<Step> removed(Settings settings, String option) throws Untold {
        var fields = new ArrayList<FieldPath>();
        for (var name : settings.texts(option)) {
            part(settings, option, () -> fields.add(Templates.path(name)));
        }
        if (fields.isEmpty()) {
            return List.of();
        }
        return List.of(Step.of(
                "remove",
                Map.of("fields", fields.stream().map(FieldPath::toString).toList()),
                Writes.of(fields)));
    }

    private List<Step> tags(Settings settings) throws Untold {
        var steps = new ArrayList<Step>();
        var add = settings.texts("add_tag");
        if (!add.isEmpty()) {
            steps.addAll(tagged(add));
            tagged.addAll(add);
        }
        var remove = settings.texts("remove_tag");
        if (!remove.isEmpty()) {
            var values = new ArrayList<String>();
            for (var tag : remove) {
                values.add(Templates.isPlain(tag) ? Cel.text(tag) : Templates.cel(tag));
            }
            steps.add(Step.cel(TAGS, "event.tags.filter(t, !(t in [%s]))".formatted(String.join(", ", values))));
        }
        return steps;
    }

    /// Adds tags that are not there yet.
    private static List<Step> tagged(List<String> tags) throws Untold {
        var there = "(has(event.tags) ? event.tags : [])";
        if (tags.size() == 1 && Templates.isPlain(tags.getFirst())) {
            var step = Step.cel(TAGS, "%s + %s".formatted(there, Cel.list(tags)));
            return List.of(step.within(has(tags.getFirst()).not()));
        }
        var values = new ArrayList<String>();
        for (var tag : tags) {
            values.add(Templates.isPlain(tag) ? Cel.text(tag) : Templates.cel(tag));
        }
        return List.of(
                Step.cel(TAGS, "%s + [%s].filter(t, !(t in %s))".formatted(there, String.join(", ", values), there)));
    }

    private static Asked has(String tag) {
        var in = Expr.comparison("%s in event.tags".formatted(Cel.text(tag)));
        return new Asked(in, Expr.alone("has(event.tags)").and(in), Set.of(TAGS));
    }

    /// Steps for where that holds before the first of them.
    private List<Step> where(Asked asked, List<Step> steps, String helper) {
        if (steps.size() > 1
                && steps.subList(0, steps.size() - 1).stream()
                        .anyMatch(step -> step.writes().touch(asked.reads()))) {
            var kept = helper(helper);
            var all = new ArrayList<Step>();
            all.add(Step.cel(kept, asked.total().text()));
            var guard = Step.guard(Cel.field(kept) + " == true", kept);
            steps.forEach(step -> all.add(step.within(guard)));
            return all;
        }
        return steps.stream().map(step -> step.within(asked)).toList();
    }

    /// A way to read structure out of fields, which may fail.
    ///
    /// @param tag the one that our filter gives where it fails
    /// @param wanted the tags that Logstash gives
    /// @param fields where the text is; without them nothing is tried
    /// @param mayKeep whether our filter can do without its tag
    /// @param parse the steps that try it, with our tag or without
    /// @param success what is done where it did not fail
    private List<Step> tried(
            Settings settings,
            String tag,
            List<String> wanted,
            List<FieldPath> fields,
            boolean mayKeep,
            Function<Boolean, List<Step>> parse,
            List<Step> success) {
        boolean usual = wanted.equals(List.of(tag));
        if (success.isEmpty() && wanted.isEmpty() && mayKeep) {
            return parse.apply(false);
        }
        if (success.isEmpty() && usual) {
            tagged.add(tag);
            return parse.apply(true);
        }
        int line = settings.at().line();
        var steps = new ArrayList<Step>();
        var failed = has(tag);
        boolean park = tagged.contains(tag);
        var parked = helper("had_" + line);
        if (park) {
            var both = new LinkedHashMap<String, Object>();
            both.put(parked.toString(), true);
            both.put("tags", Map.of("cel", "event.tags.filter(t, t != %s)".formatted(Cel.text(tag))));
            steps.add(Step.of("set", Map.of("fields", both), Writes.of(parked, TAGS))
                    .within(failed));
        }
        steps.addAll(parse.apply(true));
        if (!success.isEmpty()) {
            var there = fields.stream().map(Cel::has).reduce(Expr::and).orElseThrow();
            var reads = new HashSet<>(fields);
            reads.add(TAGS);
            var held = there.and(failed.not().total());
            steps.addAll(where(new Asked(held, held, reads), success, "ok_" + line));
        }
        if (!usual) {
            steps.add(Step.cel(
                            TAGS,
                            "event.tags.filter(t, t != %s)%s"
                                    .formatted(Cel.text(tag), wanted.isEmpty() ? "" : " + " + Cel.list(wanted)))
                    .within(failed));
        } else {
            tagged.add(tag);
        }
        if (park) {
            steps.add(Step.cel(TAGS, "(has(event.tags) ? event.tags : []) + %s".formatted(Cel.list(List.of(tag))))
                    .within(failed.not())
                    .within(Step.guard(Cel.field(parked) + " == true", parked)));
        }
        tagged.addAll(wanted);
        return steps;
    }

    /// `parse`, with the way to do it.
    private static Step parse(String way, Map<String, Object> how, boolean tag, Writes writes) {
        var body = new LinkedHashMap<String, Object>();
        body.put(way, how);
        if (!tag) {
            body.put("onFailure", "keep");
        }
        return Step.of("parse", body, tag ? writes.and(Writes.of(TAGS)) : writes);
    }

    private static Writes into(Optional<FieldPath> target, Writes atTop) {
        return target.map(Writes::of).orElse(atTop);
    }

    private static Optional<FieldPath> target(Settings settings) throws Untold {
        var target = settings.text("target");
        return target.isEmpty() ? Optional.empty() : Optional.of(Templates.path(target.get()));
    }

    // The filters

    private List<Step> mutate(Settings settings) throws Untold {
        return new Mutate(notes).steps(settings, this::value, () -> {
            var all = new ArrayList<Step>();
            all.addAll(removed(settings, "remove"));
            all.addAll(decorations(settings));
            return all;
        });
    }

    private List<Step> json(Settings settings) throws Untold {
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
        var success = decorations(settings);
        return tried(
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

    private List<Step> grok(Settings settings) throws Untold {
        // A pattern takes a time that grows with the text only, so nothing is cut off.
        settings.ignore("timeout_millis", "tag_on_timeout", "timeout_scope", "patterns_files_glob");
        boolean ecs = !settings.text("ecs_compatibility", "").equals("disabled");
        if (!settings.truth("named_captures_only", true)) {
            changed(settings, "named_captures_only", "only what is named becomes a field; name what is needed");
        }
        if (settings.truth("keep_empty_captures", false)) {
            changed(settings, "keep_empty_captures", "a group that matches nothing makes no field");
        }
        boolean stops = settings.truth("break_on_match", true);
        var target = target(settings);
        var overwrite = settings.texts("overwrite");
        var definitions = definitions(settings);
        var matches = new LinkedHashMap<FieldPath, List<String>>();
        for (var pair : settings.table("match")) {
            matches.computeIfAbsent(Templates.path(pair.getKey()), _ -> new ArrayList<>())
                    .addAll(Settings.texts(pair.getValue(), "match"));
        }
        if (matches.isEmpty()) {
            throw new Untold(
                    "it has no match; write for instance match => { \"message\" => \"%{COMBINEDAPACHELOG}\" }");
        }
        var wanted = settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_grokparsefailure");
        var success = decorations(settings);
        boolean one = matches.size() == 1
                && (stops || matches.values().iterator().next().size() == 1);
        if (!one) {
            changed(
                    settings,
                    "match",
                    (matches.size() > 1 && stops
                                    ? "Logstash stops at the first field that matches, here each field is tried"
                                    : "each pattern is tried by itself")
                            + ", and no tag is given where none matches");
            if (!success.isEmpty()) {
                changed(settings, "match", "what is done on success is done to every event");
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
                if (captures.all() && ecs) {
                    notes.general(
                            "grok",
                            "grok: what is named inside of a known pattern such as %{COMBINEDAPACHELOG} has the names of Logstash"
                                    + " without ECS (clientip, verb, response). Logstash 8 gives others unless"
                                    + " ecs_compatibility is disabled.");
                }
                parses.add(parse("grok", ordered(how), one, into(target, captures)));
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
            for (var step : tagged(wanted)) {
                steps.add(step.within(new Asked(missing, missing, Set.of(field))));
            }
        }
        steps.addAll(tried(
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
            if (how.get(key) instanceof Object value) {
                ordered.put(key, value);
            }
        }
        return ordered;
    }

    private void changed(Settings settings, String option, String text) {
        notes.add(settings.at(option), Kind.CHANGED, settings.name(), option, text);
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
                        && (name.equals(field) || written.fields().contains(name)))
                .map(FieldPath::toString)
                .toList();
        if (!lists.isEmpty()) {
            changed(
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
                changed(
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

    /// Known patterns may name fields of their own: those of which we cannot tell make it all.
    private static Writes captures(List<String> patterns, Map<String, String> definitions) throws Untold {
        var fields = new ArrayList<FieldPath>();
        var all = new ArrayList<>(patterns);
        all.addAll(definitions.values());
        boolean known = true;
        for (var pattern : all) {
            var capture = CAPTURE.matcher(pattern);
            while (capture.find()) {
                fields.add(Templates.path(capture.group(1) == null ? capture.group(2) : capture.group(1)));
            }
            var name = USED.matcher(pattern);
            while (name.find()) {
                known &= definitions.containsKey(name.group(1)) || Hints.NAMELESS.contains(name.group(1));
            }
        }
        return known ? Writes.of(fields) : new Writes(true, Set.copyOf(fields));
    }

    private List<Step> date(Settings settings) throws Untold {
        settings.ignore("precision");
        var match = settings.texts("match");
        if (match.size() < 2) {
            throw new Untold("match names no field and form; write for instance match => [\"time\", \"ISO8601\"]");
        }
        var field = Templates.path(match.getFirst());
        var formats = new ArrayList<String>();
        for (var form : match.subList(1, match.size())) {
            part(settings, "match", () -> formats.add(timeForm(form)));
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
            how.put("zone", zone.get());
        }
        var locale = settings.text("locale", "en");
        if (!locale.toLowerCase(java.util.Locale.ROOT).startsWith("en")) {
            changed(settings, "locale", "names of months and days are English ones");
        }
        var target = target(settings).orElse(new FieldPath(List.of("@timestamp")));
        if (!target.equals(new FieldPath(List.of("@timestamp")))) {
            how.put("into", target.toString());
        }
        var wanted = settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_dateparsefailure");
        var success = decorations(settings);
        return tried(
                settings,
                "_dateparsefailure",
                wanted,
                List.of(field),
                false,
                _ -> List.of(Step.of("timestamp", how, Writes.of(target, TAGS))),
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

    private List<Step> keyValue(Settings settings) throws Untold {
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
            changed(settings, "allow_duplicate_values", "a key that stands twice keeps its values as they come");
        }
        var after = new ArrayList<Step>();
        for (var pair : settings.textTable("default_keys")) {
            var keys = new ArrayList<>(target.map(FieldPath::keys).orElse(List.of()));
            keys.add(pair.getKey());
            var key = new FieldPath(keys);
            var missing = Cel.has(key).not();
            after.add(Step.set(key, value(pair.getValue())).within(new Asked(missing, missing, Set.of(key))));
        }
        settings.ignore("tag_on_failure");
        boolean defaults = !after.isEmpty();
        var success = decorations(settings);
        if (defaults) {
            // With defaults it always succeeds.
            var steps = new ArrayList<Step>();
            steps.add(parse("keyValue", how, false, into(target, Writes.ALL)));
            steps.addAll(after);
            steps.addAll(success);
            return steps;
        }
        return tried(
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

    private List<Step> csv(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility", "autogenerate_column_names");
        if (settings.truth("autodetect_column_names", false)) {
            throw new Untold("it takes the names of columns from the first line; write them under columns");
        }
        if (settings.truth("skip_header", false)) {
            changed(
                    settings,
                    "skip_header",
                    "the header becomes an event like others; drop it with a when on its first column");
        }
        var field = Templates.path(settings.text("source", "message"));
        var target = target(settings);
        var columns = settings.texts("columns");
        var how = new LinkedHashMap<String, Object>();
        how.put("field", field.toString());
        how.put("columns", columns.isEmpty() ? List.of("column1") : columns);
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
            part(settings, "convert", () -> {
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
                    Step.of("convert", Map.of("fields", kinds), Writes.of(kept).and(Writes.of(TAGS))));
        }
        success.addAll(decorations(settings));
        var atTop = new ArrayList<FieldPath>();
        for (var column : columns) {
            atTop.add(Templates.path(column));
        }
        return tried(
                settings,
                "_csvparsefailure",
                List.of("_csvparsefailure"),
                List.of(field),
                true,
                tag -> List.of(parse("csv", how, tag, into(target, columns.isEmpty() ? Writes.ALL : Writes.of(atTop)))),
                success);
    }

    private List<Step> dissect(Settings settings) throws Untold {
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
            part(settings, "convert_datatype", () -> {
                var path = Templates.path(pair.getKey());
                kinds.put(path.toString(), Mutate.kind(pair.getValue().equals("int") ? "integer" : pair.getValue()));
                kept.add(path);
            });
        }
        var wanted = settings.has("tag_on_failure") ? settings.texts("tag_on_failure") : List.of("_dissectfailure");
        var success = new ArrayList<Step>();
        if (!kinds.isEmpty()) {
            success.add(
                    Step.of("convert", Map.of("fields", kinds), Writes.of(kept).and(Writes.of(TAGS))));
        }
        success.addAll(decorations(settings));
        return tried(
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
                        how.put("pattern", pattern);
                        steps.add(parse("dissect", how, tag, Writes.ALL));
                    });
                    return steps;
                },
                success);
    }

    private List<Step> drop(Settings settings) throws Untold {
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

    private List<Step> split(Settings settings) throws Untold {
        settings.ignore("ecs_compatibility");
        var field = Templates.path(settings.text("field", "message"));
        var how = new LinkedHashMap<String, Object>();
        how.put("field", field.toString());
        var terminator = settings.text("terminator");
        if (terminator.isPresent() && !terminator.get().equals("\n")) {
            how.put("separator", terminator.get());
        }
        var target = target(settings);
        target.ifPresent(path -> how.put("into", path.toString()));
        var steps = new ArrayList<Step>();
        steps.add(Step.of("split", how, Writes.of(target.orElse(field))));
        var success = decorations(settings);
        var there = Cel.has(field);
        steps.addAll(where(
                new Asked(there, there, Set.of(field)),
                success,
                "ok_" + settings.at().line()));
        return steps;
    }

    private List<Step> prune(Settings settings) throws Untold {
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
        steps.addAll(decorations(settings));
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

    private List<Step> translate(Settings settings) throws Untold {
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
        var success = decorations(settings);
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
            steps.addAll(where(
                    new Asked(asked, asked, Set.of(field)),
                    success,
                    "ok_" + settings.at().line()));
        }
        return steps;
    }

    private List<Step> syslogPriority(Settings settings) throws Untold {
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
        steps.addAll(decorations(settings));
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
        var expression = Hints.written(pattern.get());
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
        steps.addAll(decorations(settings));
        return steps;
    }

    private List<Step> fingerprint(Settings settings) throws Untold {
        fingerprints.add(Templates.path(settings.text("target", "fingerprint")));
        throw new Untold(
                "there is no filter that makes fingerprints; where it served as document_id, the sink has ids: content, which makes one document of what comes twice");
    }

    /// Steps for what an input does to its events.
    List<Line> ofInput(Settings settings, List<Step> first) throws Untold {
        var steps = new ArrayList<>(first);
        var type = settings.text("type");
        if (type.isPresent()) {
            var path = new FieldPath(List.of("type"));
            var free = Cel.has(path).not();
            steps.add(Step.set(path, value(type.get())).within(new Asked(free, free, Set.of(path))));
        }
        var tags = settings.texts("tags");
        for (var pair : settings.table("add_field")) {
            for (var text : Settings.texts(pair.getValue(), "add_field")) {
                part(settings, "add_field", () -> steps.add(added(Templates.path(pair.getKey()), text, steps)));
            }
        }
        if (!tags.isEmpty()) {
            steps.addAll(tagged(tags));
        }
        if (steps.isEmpty()) {
            return List.of();
        }
        var lines = new ArrayList<Line>();
        lines.add(new Line.Says("%s: input %s".formatted(settings.at(), settings.name())));
        for (var step : steps) {
            Whole.check(step);
            written = written.and(step.writes());
            lines.add(new Line.Does(step));
        }
        return lines;
    }

    /// JSON in the message, as the codec of an input reads it.
    Step messageAsJson() {
        tagged.add("_jsonparsefailure");
        return parse("json", how(MESSAGE, Optional.empty()), true, Writes.ALL);
    }
}
