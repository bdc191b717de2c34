package io.logroute.face;

import io.logroute.flow.Json;
import io.logroute.router.Landing;
import io.logroute.router.Rehearsal.Arrival;
import io.logroute.router.Rehearsal.Change;
import io.logroute.router.Rehearsal.Fate;
import io.logroute.router.Rehearsal.Gave;
import io.logroute.router.Rehearsal.Outcome;
import io.logroute.router.Rehearsal.Passage;
import io.logroute.router.Rehearsal.Step;
import io.logroute.router.Rehearsal.Trip;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Prints what became of events, for people.
final class ExplainedText {
    private static final int LONGEST = 100;

    private final Ink ink;
    private final PrintWriter out;

    ExplainedText(Ink ink, PrintWriter out) {
        this.ink = ink;
        this.out = out;
    }

    void print(Explained explained) {
        out.println(ink.bold("router " + explained.router()));
        int number = 0;
        for (var event : explained.events()) {
            number++;
            out.println();
            out.println(ink.bold(event.madeFor()
                            .map("an event for route %s"::formatted)
                            .orElse(explained.events().size() == 1 ? "event" : "event " + number))
                    + "  " + Ink.plain(Json.write(event.fields())));
            trip(event.trip());
        }
        var late = explained.atTheEnd().passages().stream()
                .filter(passage -> passage.outcome() == Outcome.TAKEN)
                .toList();
        if (!late.isEmpty()) {
            out.println();
            out.println(ink.bold("at the end") + "  what filters held back is let go");
            for (var passage : late) {
                out.println("  %s %s".formatted(ink.green("+"), ink.bold(passage.route())));
                rest(passage);
            }
        }
        for (var route : explained.without()) {
            out.println();
            out.println(ink.yellow(
                    "no event could be made up that route %s takes; give one with --event".formatted(route)));
        }
        out.println();
    }

    private void trip(Trip trip) {
        for (var passage : trip.passages()) {
            switch (passage.outcome()) {
                case TAKEN -> taken(passage);
                case LEFT_TO_OTHERS -> {
                    out.println("  %s %s, the default, leaves it to %s"
                            .formatted(ink.yellow("-"), passage.route(), String.join(", ", trip.takenBy())));
                    rest(passage);
                }
                case NOT_MATCHED -> {
                    out.println("  %s %s does not take it".formatted(ink.yellow("-"), passage.route()));
                    for (var why : passage.why()) {
                        out.println("      " + Ink.plain(why.said()));
                    }
                    rest(passage);
                }
            }
        }
        if (trip.takenBy().isEmpty()) {
            out.println("  " + ink.red("no route takes it: it is counted and goes nowhere")
                    + "; a route with default: true would take it");
        }
    }

    private void taken(Passage passage) {
        out.println("  %s %s takes it%s"
                .formatted(
                        ink.green("+"),
                        ink.bold(passage.route()),
                        passage.isDefault() ? ", as the default: no other route does" : ""));
        rest(passage);
        if (passage.arrivals().isEmpty()
                && passage.steps().stream().noneMatch(step -> step.fate() == Fate.HELD || step.fate() == Fate.JOINED)) {
            out.println("      -> nothing comes to its sinks");
        }
    }

    /// What filters did, and what came out.
    private void rest(Passage passage) {
        passage.steps().forEach(this::step);
        String last = "";
        for (var arrival : passage.arrivals()) {
            out.println("      -> %s%s".formatted(ink.bold(arrival.sink()), landing(arrival)));
            var json = Json.write(arrival.fields());
            if (!json.equals(last)) {
                out.println("         " + Ink.plain(json));
            }
            last = json;
        }
    }

    private void step(Step step) {
        var name = "%d. %s%s"
                .formatted(step.place() + 1, step.filter(), step.part().isEmpty() ? "" : " of " + step.part());
        var lines = lines(step);
        out.println("      %-22s %s".formatted(name, lines.getFirst()));
        lines.stream().skip(1).forEach(line -> out.println(" ".repeat(29) + line));
    }

    private List<String> lines(Step step) {
        if (!step.passedBy().isEmpty()) {
            return List.of("passes it by: "
                    + step.passedBy().stream()
                            .map(reason -> Ink.plain(reason.told()))
                            .collect(Collectors.joining("; ")));
        }
        var lines = new ArrayList<String>();
        for (var released : step.released()) {
            lines.addAll(changes(released, "lets event %d go: ".formatted(released.event())));
        }
        switch (step.fate()) {
            case DROPPED -> lines.add(ink.red("drops it"));
            case HELD -> lines.add("holds it back until more comes");
            case JOINED -> lines.add("joins it to the one that it holds back");
            case WENT_ON, DEAD_LETTERED, NONE -> {}
        }
        if (step.gave().size() > 1) {
            lines.add("makes %d of it".formatted(step.gave().size()));
        }
        for (int i = 0; i < step.gave().size(); i++) {
            lines.addAll(changes(step.gave().get(i), step.gave().size() > 1 ? (i + 1) + ": " : ""));
        }
        step.refused().forEach(reason -> lines.add(ink.red("dead-letters it: " + Ink.plain(reason))));
        return lines;
    }

    private List<String> changes(Gave gave, String before) {
        if (gave.changes().isEmpty()) {
            return List.of(before + "leaves it as it is");
        }
        return gave.changes().stream().map(change -> before + change(change)).toList();
    }

    private String change(Change change) {
        var field = Ink.plain(change.field().toString());
        var was = change.before().map(ExplainedText::cut).orElse("");
        var is = change.after().map(ExplainedText::cut).orElse("");
        if (change.before().isEmpty()) {
            return ink.green("+ %s %s".formatted(field, is));
        }
        return change.after().isEmpty()
                ? ink.red("- %s %s".formatted(field, was))
                : ink.yellow("~ %s %s -> %s".formatted(field, was, is));
    }

    private static String cut(String json) {
        var plain = Ink.plain(json);
        return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST) + "…";
    }

    private String landing(Arrival arrival) {
        return switch (arrival.landing()) {
            case Landing.InIndex(var index, var id) ->
                ", index %s%s"
                        .formatted(
                                index, id.map(text -> ", id " + Ink.plain(text)).orElse(""));
            case Landing.InFile(var path) -> ", file " + Ink.plain(path.toString());
            case Landing.InRedis(var key) -> ", key " + Ink.plain(key);
            case Landing.OnSubject(var subject) -> ", subject " + Ink.plain(subject);
            case Landing.Sent(var to) -> ", " + Ink.plain(to);
            case Landing.OnConsole _ -> ", the standard output";
            case Landing.Discarded _ -> ", which keeps nothing";
            case Landing.DeadLettered(var reason) -> ": " + ink.red("dead letter: " + Ink.plain(reason));
        };
    }
}
