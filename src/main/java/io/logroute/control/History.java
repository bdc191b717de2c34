package io.logroute.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What happened, the newest thousand of it: what the controller did, what befell it, and what became true or
/// ceased to be. Nothing is written while nothing happens. What is told again in the same words within a
/// minute is counted, and moves to where it was told last. Safe for all threads.
public final class History {
    /// So many are kept.
    public static final int ROOM = 1_000;

    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Deque<Known> ring = new ArrayDeque<>();
    private final Map<Key, Known> newest = new HashMap<>();

    /// What sort of thing happened.
    public enum Kind {
        /// Something became true of a route, an instance or a router, or ceased to be.
        CONDITION("condition"),
        /// The controller changed something.
        STEP("step"),
        /// Somebody else changed what is the controller's, and it was put right.
        DRIFT("drift"),
        /// A revision was taken back.
        ROLLBACK("rollback"),
        /// Somebody asked for something, such as a pause.
        ASKED("asked"),
        /// Something befell the controller, such as the end of its event stream.
        CONTROLLER("controller");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /// As it stands in answers.
        public String word() {
            return word;
        }
    }

    /// Something that happened.
    ///
    /// @param time when, for the first time
    /// @param last when for the last time
    /// @param count how often
    /// @param object to what: `route/shop`, `router/core`, `instance/core-0`, `config/logroute-core-3f9a1c0d2b4e`,
    ///     `controller`
    /// @param words a sentence
    public record Event(Instant time, Instant last, int count, Kind kind, String object, String words) {}

    private record Key(Kind kind, String object, String words) {}

    /// The one that is counted on.
    private static final class Known {
        private final Key key;
        private final Instant time;
        private Instant last;
        private int count = 1;

        Known(Key key, Instant time) {
            this.key = key;
            this.time = time;
            this.last = time;
        }

        Event event() {
            return new Event(time, last, count, key.kind(), key.object(), key.words());
        }
    }

    public History(InstantSource clock) {
        this.clock = clock;
    }

    /// Something happened to the object.
    public synchronized void happened(Kind kind, String object, String words) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var key = new Key(kind, object, words);
        var before = newest.get(key);
        if (before != null && Duration.between(before.last, now).compareTo(AGAIN) <= 0) {
            before.count++;
            before.last = now;
            ring.remove(before);
            ring.addLast(before); // what was told last is what is true now
            return;
        }
        if (ring.size() == ROOM) {
            var oldest = ring.removeFirst();
            newest.remove(oldest.key, oldest);
        }
        var known = new Known(key, now);
        ring.addLast(known);
        newest.put(key, known);
    }

    /// The newest events, in the order in which they happened for the last time.
    ///
    /// @param object only those of it; of a kind of objects where it ends in `/`
    /// @param since only those that happened then or later, be it again
    /// @param limit so many at most
    public synchronized List<Event> events(Optional<String> object, Optional<Instant> since, int limit) {
        var found = new ArrayList<Event>();
        for (var each = ring.descendingIterator(); each.hasNext() && found.size() < limit; ) {
            var event = each.next().event();
            if (object.filter(asked -> !isOf(event, asked)).isEmpty()
                    && since.filter(asked -> event.last().isBefore(asked)).isEmpty()) {
                found.add(event);
            }
        }
        Collections.reverse(found);
        return List.copyOf(found);
    }

    private static boolean isOf(Event event, String asked) {
        return asked.endsWith("/")
                ? event.object().startsWith(asked)
                : event.object().equals(asked);
    }
}
