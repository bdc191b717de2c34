package io.logroute.router;

import static java.util.Objects.requireNonNull;

import io.logroute.flow.Monitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routings of one sink, one after the other: an event goes by the one that was in force when it was accepted.
///
///     sequence numbers   0 ........... 1200 ........ 5000 .....
///     routing                first          second       third
///
/// One is kept until the sink has settled everything before the next: a sink whose spec changes begins again
/// where it had settled, with routes that were in force then. A sink that leaves has an end: from there on it gets
/// nothing.
///
/// All successions of a router have one monitor, so that a change is the same number at every sink: who asks
/// [#at] for events that it has read already asks before the change, which is then beyond them, or after it.
/// Safe for all threads.
final class Succession {
    /// What the routings that wait behind a sink may cost together, as [Routing#cost] reckons: a thousand changed
    /// filters among a few routes, or some hundred changes among thousands of routes. Some MB, where the
    /// filters are no heavy patterns.
    static final long MOST = 1_000_000;

    private record Turn(long from, Routing routing) {}

    /// A routing, and the number before which it is the one to ask.
    record Stretch(Routing routing, long until) {}

    private final Monitor monitor;
    private final long most;
    /// The first is in force from the beginning, whatever its number. Never empty.
    private final List<Turn> turns = new ArrayList<>();
    private long end = Long.MAX_VALUE;

    /// @param monitor what all successions of a router share
    Succession(Monitor monitor, Routing first) {
        this(monitor, first, MOST);
    }

    Succession(Monitor monitor, Routing first, long most) {
        this.monitor = monitor;
        this.most = most;
        turns.add(new Turn(0, first));
    }

    /// From the event of this number on, which nobody has read yet, events go by this routing; after an end, from
    /// there on.
    void become(Routing routing, long from) {
        try (var _ = monitor.enter()) {
            long at = Math.min(from, end);
            end = Long.MAX_VALUE;
            if (turns.getLast().from() == at) {
                turns.removeLast(); // no event came in its time
            }
            if (turns.isEmpty() || turns.getLast().routing() != routing) {
                turns.add(new Turn(at, routing));
            }
            monitor.changed();
        }
    }

    /// Gives up the oldest turns when all together cost too much: events that wait from those times go by the
    /// routing that came after. Reckons without the monitor: called by the thread that makes changes.
    ///
    /// @return how many turns were given up
    int giveUp() {
        var routings = routings();
        int last = 0;
        while (routings.size() - last > 2 && Routing.cost(routings.subList(last, routings.size())) > most) {
            last++;
        }
        try (var _ = monitor.enter()) {
            // Some may be settled meanwhile.
            int given = last - (routings.size() - turns.size());
            for (int i = 0; i < given; i++) {
                turns.removeFirst();
            }
            return Math.max(0, given);
        }
    }

    /// From the event of this number on the sink gets nothing.
    void end(long from) {
        try (var _ = monitor.enter()) {
            end = Math.min(end, from);
            monitor.changed();
        }
    }

    /// Where it ends; the largest number when it does not.
    long end() {
        try (var _ = monitor.enter()) {
            return end;
        }
    }

    /// What the event of that number goes by; `null` when it is beyond the end.
    @Nullable
    Stretch at(long seq) {
        try (var _ = monitor.enter()) {
            if (seq >= end) {
                return null;
            }
            int i = turns.size() - 1;
            while (i > 0 && turns.get(i).from() > seq) {
                i--;
            }
            return new Stretch(
                    turns.get(i).routing(),
                    i == turns.size() - 1 ? end : Math.min(end, turns.get(i + 1).from()));
        }
    }

    /// Waits at the end, for at most so long, until there is something after it.
    void awaitMore(Duration atMost) throws InterruptedException {
        try (var _ = monitor.enter()) {
            monitor.await(atMost);
        }
    }

    /// Everything before this number is settled: what was in force only before is let go.
    void settled(long seq) {
        try (var _ = monitor.enter()) {
            while (turns.size() > 1 && turns.get(1).from() <= seq) {
                turns.removeFirst();
            }
        }
    }

    /// How many changes wait for their turn behind what the sink has not settled.
    int waiting() {
        try (var _ = monitor.enter()) {
            return turns.size() - 1;
        }
    }

    /// All routings that are kept, in the order of their turns.
    List<Routing> routings() {
        try (var _ = monitor.enter()) {
            return turns.stream().map(Turn::routing).toList();
        }
    }

    /// The same for a drain that begins where the sink had settled; see [Routing#anew].
    Succession anew() {
        try (var _ = monitor.enter()) {
            var fresh = Routing.anew(routings());
            var anew = new Succession(monitor, requireNonNull(fresh.getFirst()), most);
            anew.turns.clear();
            for (int i = 0; i < turns.size(); i++) {
                anew.turns.add(new Turn(turns.get(i).from(), fresh.get(i)));
            }
            anew.end = end;
            return anew;
        }
    }
}
