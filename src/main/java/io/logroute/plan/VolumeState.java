package io.logroute.plan;

import java.time.Instant;
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
        Optional<String> lost) {
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
                lost);
    }
}
