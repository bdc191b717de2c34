package io.logroute.parts.http;

import io.logroute.flow.Json;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Finds the events in a body: one JSON object, an array of them, or several one after the other,
/// such as NDJSON. A byte order mark before them is passed over. Nothing is copied: places are
/// pairs of numbers, from and to.
final class Split {
    /// What is wrong, and where.
    ///
    /// @param at byte in the body, from 0
    /// @param event number of the event that it is in or before, from 1
    record Fault(int at, int event, String what) {}

    private final byte[] bytes;
    private final int to;
    private final int maxEvents;
    private int[] places = new int[64];
    private int count;
    private @Nullable Fault fault;

    private Split(byte[] bytes, int to, int maxEvents) {
        this.bytes = bytes;
        this.to = to;
        this.maxEvents = maxEvents;
    }

    /// @param to bytes of the body; the array may be longer
    static Split of(byte[] bytes, int to, int maxEvents) {
        var split = new Split(bytes, to, maxEvents);
        split.fault = split.run();
        return split;
    }

    /// `null` when the body is well formed.
    @Nullable
    Fault fault() {
        return fault;
    }

    /// Whether it has more events than it may.
    boolean overfull() {
        return count > maxEvents;
    }

    int count() {
        return count;
    }

    int from(int event) {
        return places[event * 2];
    }

    int to(int event) {
        return places[event * 2 + 1];
    }

    private @Nullable Fault run() {
        int at = blank(hasByteOrderMark() ? 3 : 0);
        if (at == to) {
            return new Fault(at, 1, "the body is empty; post a JSON object, an array of objects, or one object a line");
        }
        return bytes[at] == '[' ? array(at + 1) : sequence(at);
    }

    private boolean hasByteOrderMark() {
        return to >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf;
    }

    private @Nullable Fault sequence(int at) {
        while (at < to && !overfull()) {
            int end = end(at);
            var wrong = take(at, end);
            if (wrong != null) {
                return wrong;
            }
            at = blank(end);
        }
        return null;
    }

    private @Nullable Fault array(int start) {
        int at = blank(start);
        if (at < to && bytes[at] == ']') {
            int after = blank(at + 1);
            return new Fault(at, 1, after < to ? "more after the end of the array" : "the array has no event in it");
        }
        while (!overfull()) {
            if (at == to) {
                return new Fault(at, count + 1, "it ends within the array");
            }
            int end = end(at);
            var wrong = take(at, end);
            if (wrong != null) {
                return wrong;
            }
            at = blank(end);
            if (at == to) {
                return new Fault(at, count, "it ends within the array; a comma or ] is due");
            }
            if (bytes[at] == ']') {
                int after = blank(at + 1);
                return after == to ? null : new Fault(after, count, "more after the end of the array");
            }
            if (bytes[at] != ',') {
                return new Fault(at, count, "a comma or ] is due after an event of the array");
            }
            at = blank(at + 1);
        }
        return null;
    }

    private @Nullable Fault take(int from, int end) {
        var wrong = Json.check(bytes, from, end);
        if (wrong != null) {
            return new Fault(from + wrong.at(), count + 1, wrong.what());
        }
        if (count * 2 == places.length) {
            places = Arrays.copyOf(places, places.length * 2);
        }
        places[count * 2] = from;
        places[count * 2 + 1] = end;
        count++;
        return null;
    }

    /// The place after the object at `from`, by its braces and quotes alone; the end of the body
    /// when they do not close. [Json#check] then says whether it is one.
    private int end(int from) {
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < to; i++) {
            switch (bytes[i]) {
                case '\\' -> i += quoted ? 1 : 0;
                case '"' -> quoted = !quoted;
                case '{' -> depth += quoted ? 0 : 1;
                case '}' -> {
                    depth -= quoted ? 0 : 1;
                    if (!quoted && depth <= 0) {
                        return i + 1;
                    }
                }
                default -> {}
            }
        }
        return to;
    }

    private int blank(int at) {
        while (at < to && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
        return at;
    }
}
