package io.logroute.face.convert;

import io.logroute.face.convert.Cel.Expr;
import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// What is known of the filters up to a place, and what any of them can do to an event.
final class Chain {
    static final FieldPath TAGS = new FieldPath(List.of("tags"));

    private final Notes notes;
    private final Set<String> helpers = new HashSet<>();
    /// What may have been changed up to here.
    private Writes written = Writes.NONE;
    /// Tags of failures that may have been set up to here.
    private Set<String> tagged = new HashSet<>();

    Chain(Notes notes) {
        this.notes = notes;
    }

    /// Where a place of the chain is: an event that takes another way does not come by.
    record Here(Writes written, Set<String> tagged) {
        Here {
            tagged = Set.copyOf(tagged);
        }

        Here and(Here other) {
            var both = new HashSet<>(tagged);
            both.addAll(other.tagged);
            return new Here(written.and(other.written), both);
        }
    }

    Here here() {
        return new Here(written, tagged);
    }

    void goTo(Here place) {
        written = place.written();
        tagged = new HashSet<>(place.tagged());
    }

    Writes written() {
        return written;
    }

    /// A step was made.
    void add(Step step) {
        written = written.and(step.writes());
    }

    /// An event may have that tag from here on.
    void mayHave(String tag) {
        tagged.add(tag);
    }

    /// A field that no sink writes and nothing else uses.
    FieldPath helper(String name) {
        var free = name;
        for (int i = 2; !helpers.add(free); i++) {
            free = name + "_" + i;
        }
        return new FieldPath(List.of("@metadata", free));
    }

    List<Step> decorations(Settings settings) throws Untold {
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
    interface Part {
        void make() throws Untold;
    }

    void part(Settings settings, String option, Part part) {
        try {
            part.make();
        } catch (Untold untold) {
            notes.add(settings.at(option), Kind.LEFT_OUT, settings.name(), option, untold.why());
        }
    }

    /// Logstash makes a list of what is there and what comes.
    Step added(FieldPath field, String text, List<Step> before) throws Untold {
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
    Object value(String text) throws Untold {
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

    List<Step> removed(Settings settings, String option) throws Untold {
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

    List<Step> tags(Settings settings) throws Untold {
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
    static List<Step> tagged(List<String> tags) throws Untold {
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

    static Asked has(String tag) {
        var in = Expr.comparison("%s in event.tags".formatted(Cel.text(tag)));
        return new Asked(in, Expr.alone("has(event.tags)").and(in), Set.of(TAGS));
    }

    /// Steps for where that holds before the first of them.
    List<Step> where(Asked asked, List<Step> steps, String helper) {
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
    List<Step> tried(
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
            if (wanted.isEmpty()) {
                var only = Expr.comparison("event.tags == %s".formatted(Cel.list(List.of(tag))));
                steps.add(Step.of("remove", Map.of("fields", List.of("tags")), Writes.of(TAGS))
                        .within(new Asked(only, only, Set.of(TAGS))));
            }
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

    void changed(Settings settings, String option, String text) {
        notes.add(settings.at(option), Kind.CHANGED, settings.name(), option, text);
    }
}
