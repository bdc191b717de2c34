package io.logroute.plan;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Where events of one instance lie, be it there or not: its volume, or its stream.
///
/// @param name of the volume, `logroute_core-2`
/// @param kind where the buffer keeps events
/// @param node name of the node that the volume is on; empty where it is on none
/// @param why it is on its way out, in words; empty when it is not
/// @param since when it came to this stage
/// @param away since when its node is down, takes no tasks or is gone
/// @param events those that at least one sink has not settled
/// @param bytes that the buffer occupies
/// @param oldest when the oldest of the events was received
/// @param letters dead letters
/// @param asOf when that was heard of it; empty when never
/// @param now whether it tells so now; else it is what was last heard
/// @param lost what it held and is gone, in words, until somebody says to forget it
/// @param nodeGone whether its node was removed from the swarm, so that it does not come back by itself
/// @param files whether a file sink wrote on it, so that it is kept
public record VolumeState(
        String name,
        String router,
        int instance,
        InstanceReport.Kind kind,
        Optional<String> node,
        Stage stage,
        Optional<String> why,
        Optional<Instant> since,
        Optional<Instant> away,
        long events,
        long bytes,
        Optional<Instant> oldest,
        long letters,
        Optional<Instant> asOf,
        boolean now,
        Optional<String> lost,
        boolean nodeGone,
        boolean files) {

    /// What made an instance leave: it begins a reason, and decides how that ends.
    public enum Cause {
        /// Somebody asked for it; it stands until somebody takes that back.
        OPERATOR,
        /// Fewer are wanted.
        SCALE,
        /// Its node was away for too long, and another one took its place.
        NODE;

        /// As reasons begin: `scale`.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The instance that it is of, such as `core/2`: how people name it.
    public String of() {
        return router + "/" + instance;
    }

    /// Whether nothing is as it is of an instance that takes events in: it is on its way out, or gone.
    public boolean leaves() {
        return stage != Stage.SERVING;
    }

    /// What made it leave: the first word of why.
    public Optional<Cause> cause() {
        var first = why.map(words -> words.split(":", 2)[0].strip());
        return Arrays.stream(Cause.values())
                .filter(each -> first.filter(each.word()::equals).isPresent())
                .findFirst();
    }

    /// Why, without that word.
    public Optional<String> whyInWords() {
        return why.map(words -> cause().isPresent() ? words.replaceFirst("^[a-z]+:\\s*", "") : words);
    }

    /// Whether it leaves because somebody asked for it. It counts as one of those that are declared.
    public boolean byOperator() {
        return leaves() && cause().filter(Cause.OPERATOR::equals).isPresent();
    }

    /// Whether something may lie there that was not delivered: what was never heard of may hold
    /// anything.
    public boolean mayHold() {
        return events > 0 || letters > 0 || asOf.isEmpty();
    }

    /// Whether something may lie there that nobody can get at now, since its node is not there, or no service.
    ///
    /// @param isServed whether its instance has a service
    public boolean outOfReach(boolean isServed) {
        return (away.isPresent() || !isServed) && !now && mayHold();
    }

    /// The same with what its instance told.
    ///
    /// @param at when
    /// @param isNow whether it tells so now
    public VolumeState holding(InstanceReport report, Instant at, boolean isNow) {
        return new VolumeState(
                name,
                router,
                instance,
                report.buffer().kind(),
                node,
                stage,
                why,
                since,
                away,
                report.buffer().events(),
                report.buffer().bytes(),
                report.buffer().oldest(),
                report.holding().letters(),
                Optional.of(at),
                isNow,
                lost,
                nodeGone,
                files);
    }
}
