package io.logroute.parts.parse;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Json;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.OnFailure;
import io.logroute.spec.ParseSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What comes out of parsing, for tables: `{'a':'b'}`, or `! what does not fit`.
final class Reads {
    static final Optional<FieldPath> LINE = Optional.empty();
    static final Optional<FieldPath> TOP = Optional.empty();
    static final Optional<FieldPath> OUT = Optional.of(FieldPath.parse("out"));

    /// What became of an event.
    record Outcome(List<Event> passed, List<Event> refused, List<String> reasons) implements Filter.Way {
        Outcome() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        @Override
        public void pass(Event event) {
            passed.add(event);
        }

        @Override
        public void refuse(Event event, String reason) {
            refused.add(event);
            reasons.add(reason);
        }
    }

    private Reads() {}

    static Parse filter(ParseSpec how, OnFailure onFailure) {
        return new Parse(new FilterSpec.Parse(how, onFailure, Optional.empty()));
    }

    static Outcome outcome(ParseSpec how, OnFailure onFailure, Event event) {
        var outcome = new Outcome();
        filter(how, onFailure).apply(event, outcome);
        return outcome;
    }

    static Event line(String text) {
        var event = Event.of("{}", Instant.EPOCH);
        event.set(text, "msg");
        return event;
    }

    /// @param how one with `into: out`
    static String of(ParseSpec how, String text) {
        var outcome = outcome(how, OnFailure.DEAD_LETTER, line(text));
        if (!outcome.reasons.isEmpty()) {
            var reason = outcome.reasons.getFirst();
            int from = reason.indexOf(": ") + 2;
            return "! " + reason.substring(from, reason.indexOf(", in \"")).replace('"', '\'');
        }
        var left = outcome.passed.getFirst();
        var tags = left.get("tags");
        return Json.write(left.get("out")).replace('"', '\'') + (tags == null ? "" : " " + tags);
    }
}
