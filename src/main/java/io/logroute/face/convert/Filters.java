package io.logroute.face.convert;

import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Conf.Branch;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Statement;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Says the filters of a pipeline in steps.
///
/// Logstash asks the condition of a branch once; our steps ask theirs one by one. Where a step of
/// a branch may change what its condition reads, the answer is kept in a field under `@metadata`,
/// which no sink writes.
final class Filters {
    private static final FieldPath MESSAGE = new FieldPath(List.of("message"));

    private final Notes notes;
    private final Chain chain;
    private final Parsers parsers;
    private final Others others;

    Filters(Notes notes, Conversion.PatternFiles patternFiles) {
        this.notes = notes;
        this.chain = new Chain(notes);
        this.parsers = new Parsers(notes, chain, patternFiles);
        this.others = new Others(notes, chain);
    }

    Writes written() {
        return chain.written();
    }

    Set<FieldPath> fingerprints() {
        return others.fingerprints();
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

    private List<Line> branch(Branch branch) {
        var lines = new ArrayList<Line>();
        var asked = new ArrayList<Asked>();
        var bodies = new ArrayList<List<Line>>();
        // An event takes one way only: what is written on another does not concern it.
        var before = chain.here();
        var after = before;
        for (var arm : branch.arms()) {
            chain.goTo(before);
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
            after = after.and(chain.here());
        }
        chain.goTo(after);
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
        var helper = chain.helper("if_" + line);
        if (asked.size() == 1 && bodies.size() == 1) {
            lines.add(new Line.Does(Step.cel(helper, asked.getFirst().perhaps().text())));
            var guard = Step.guard(Cel.field(helper) + " == true", helper);
            bodies.getFirst().forEach(each -> lines.add(within(List.of(guard), each)));
            return lines;
        }
        lines.add(new Line.Does(Step.set(helper, 0)));
        var open = Step.guard(Cel.field(helper) + " == 0", helper);
        for (int i = 0; i < asked.size(); i++) {
            var taken = Step.set(helper, i + 1).within(asked.get(i));
            lines.add(new Line.Does(i == 0 ? taken : taken.within(open)));
        }
        for (int i = 0; i < bodies.size(); i++) {
            var guard = Step.guard("%s == %d".formatted(Cel.field(helper), i < asked.size() ? i + 1 : 0), helper);
            bodies.get(i).forEach(each -> lines.add(within(List.of(guard), each)));
        }
        return lines;
    }

    private List<Line> plugin(Plugin plugin) {
        var lines = new ArrayList<Line>();
        int mark = notes.mark();
        var early = notes.comeTo(plugin);
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
            notes.withdraw(early);
            notes.add(plugin.at(), Kind.LEFT_OUT, plugin.name(), "", untold.why());
        }
        lines.add(new Line.Says("%s: %s".formatted(plugin.at(), plugin.name())));
        for (var remark : notes.since(mark)) {
            lines.add(new Line.Says(comment(remark)));
        }
        steps.forEach(step -> {
            chain.add(step);
            lines.add(new Line.Does(step));
        });
        return lines;
    }

    /// Fields that are set one after the other under the same condition are set at once.
    private static List<Step> merged(List<Step> steps) {
        var merged = new ArrayList<Step>();
        for (var step : steps) {
            var both = merged.isEmpty() ? null : both(merged.getLast(), step);
            if (both != null) {
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
            case "grok" -> parsers.grok(settings);
            case "date" -> parsers.date(settings);
            case "json" -> parsers.json(settings);
            case "kv" -> parsers.keyValue(settings);
            case "csv" -> parsers.csv(settings);
            case "dissect" -> parsers.dissect(settings);
            case "drop" -> others.drop(settings);
            case "split" -> others.split(settings);
            case "prune" -> others.prune(settings);
            case "translate" -> others.translate(settings);
            case "syslog_pri" -> others.syslogPriority(settings);
            case "multiline" -> others.multiline(settings, MESSAGE);
            case "fingerprint" -> others.fingerprint(settings);
            default -> throw new Untold(Hints.filter(settings.name()));
        };
    }

    private List<Step> mutate(Settings settings) throws Untold {
        return new Mutate(notes).steps(settings, chain::value, () -> {
            var all = new ArrayList<Step>();
            all.addAll(chain.removed(settings, "remove"));
            all.addAll(chain.decorations(settings));
            return all;
        });
    }

    /// Steps for what an input does to its events.
    List<Line> ofInput(Settings settings, List<Step> first) throws Untold {
        var steps = new ArrayList<>(first);
        var type = settings.text("type");
        if (type.isPresent()) {
            var path = new FieldPath(List.of("type"));
            var free = Cel.has(path).not();
            steps.add(Step.set(path, chain.value(type.get())).within(new Asked(free, free, Set.of(path))));
        }
        var tags = settings.texts("tags");
        for (var pair : settings.table("add_field")) {
            for (var text : Settings.texts(pair.getValue(), "add_field")) {
                chain.part(
                        settings,
                        "add_field",
                        () -> steps.add(chain.added(Templates.path(pair.getKey()), text, steps)));
            }
        }
        if (!tags.isEmpty()) {
            steps.addAll(Chain.tagged(tags));
        }
        if (steps.isEmpty()) {
            return List.of();
        }
        var lines = new ArrayList<Line>();
        lines.add(new Line.Says("%s: input %s".formatted(settings.at(), settings.name())));
        for (var step : steps) {
            Whole.check(step);
            chain.add(step);
            lines.add(new Line.Does(step));
        }
        return lines;
    }

    /// JSON in the message, as the codec of an input reads it.
    Step messageAsJson() {
        return parsers.messageAsJson();
    }

    /// Lines that belong together, as the codec of an input joins them.
    List<Step> multiline(Settings settings) throws Untold {
        return others.multiline(settings, MESSAGE);
    }
}
