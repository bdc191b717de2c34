package io.logroute.face;

import io.logroute.router.Landing;
import io.logroute.router.Rehearsal;
import io.logroute.router.Rehearsal.Trip;
import io.logroute.spec.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What became of events in a router.
///
/// @param atTheEnd what filters held back and let go when no more came
/// @param without routes for which no event could be made up
record Explained(String router, List<Told> events, Trip atTheEnd, List<String> without) {
    /// An event and its trip.
    ///
    /// @param madeFor the route that it was made up for
    record Told(Optional<String> madeFor, Map<String, @Nullable Object> fields, Trip trip) {}

    /// What the JSON form is made of.
    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("router", router);
        var told = new ArrayList<Map<String, @Nullable Object>>();
        for (var event : events) {
            var each = new LinkedHashMap<String, @Nullable Object>();
            event.madeFor().ifPresent(route -> each.put("madeFor", route));
            each.put("event", event.fields());
            each.put("takenBy", event.trip().takenBy());
            each.put(
                    "routes",
                    event.trip().passages().stream().map(Explained::tree).toList());
            told.add(each);
        }
        tree.put("events", told);
        tree.put(
                "atTheEnd",
                atTheEnd.passages().stream()
                        .filter(passage -> passage.outcome() == Rehearsal.Outcome.TAKEN)
                        .map(Explained::tree)
                        .toList());
        if (!without.isEmpty()) {
            tree.put("noSampleFor", without);
        }
        return tree;
    }

    private static Map<String, @Nullable Object> tree(Rehearsal.Passage passage) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("route", passage.route());
        tree.put("default", passage.isDefault());
        tree.put("taken", passage.outcome() == Rehearsal.Outcome.TAKEN);
        var why = new ArrayList<Map<String, String>>();
        for (var mismatch : passage.why()) {
            var each = new LinkedHashMap<String, String>();
            each.put("key", mismatch.key());
            each.put("asks", mismatch.asks());
            each.put("found", mismatch.found());
            why.add(each);
        }
        if (!why.isEmpty()) {
            tree.put("why", why);
        }
        tree.put("filters", passage.steps().stream().map(Explained::tree).toList());
        tree.put("arrivals", passage.arrivals().stream().map(Explained::tree).toList());
        return tree;
    }

    private static Map<String, @Nullable Object> tree(Rehearsal.Step step) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("place", step.place());
        tree.put("filter", step.filter());
        if (!step.part().isEmpty()) {
            tree.put("part", step.part());
        }
        if (!step.passedBy().isEmpty()) {
            tree.put(
                    "passedBy",
                    step.passedBy().stream()
                            .map(reason -> Map.of("part", reason.part(), "found", reason.found()))
                            .toList());
        }
        tree.put("fate", Words.key(step.fate()));
        tree.put("gave", step.gave().stream().map(Explained::tree).toList());
        if (!step.released().isEmpty()) {
            tree.put("released", step.released().stream().map(Explained::tree).toList());
        }
        tree.put("refused", step.refused());
        return tree;
    }

    private static Map<String, @Nullable Object> tree(Rehearsal.Gave gave) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("event", gave.event());
        var changes = new ArrayList<Map<String, @Nullable Object>>();
        for (var change : gave.changes()) {
            var each = new LinkedHashMap<String, @Nullable Object>();
            each.put("field", change.field().toString());
            change.before().ifPresent(json -> each.put("before", json));
            change.after().ifPresent(json -> each.put("after", json));
            changes.add(each);
        }
        tree.put("changes", changes);
        return tree;
    }

    private static Map<String, @Nullable Object> tree(Rehearsal.Arrival arrival) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("sink", arrival.sink());
        switch (arrival.landing()) {
            case Landing.InIndex(var index, var id) -> {
                tree.put("index", index);
                id.ifPresent(text -> tree.put("id", text));
            }
            case Landing.InFile(var path) -> tree.put("file", path.toString());
            case Landing.InRedis(var key) -> tree.put("key", key);
            case Landing.OnSubject(var subject) -> tree.put("subject", subject);
            case Landing.Sent(var to) -> tree.put("sent", to);
            case Landing.OnConsole _ -> tree.put("console", true);
            case Landing.Discarded _ -> tree.put("discarded", true);
            case Landing.DeadLettered(var reason) -> tree.put("deadLetter", reason);
        }
        tree.put("event", arrival.fields());
        return tree;
    }
}
