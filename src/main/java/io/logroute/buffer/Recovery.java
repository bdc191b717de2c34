package io.logroute.buffer;

import java.util.List;

/// What opening the buffer found.
///
/// - `clean`: the last process closed the buffer (or there was none).
/// - `tornBytes`: cut off the end of the last segment: a write that never finished.
/// - `corruptRecords`: places in segments that hold no valid record although valid ones follow.
/// - `lostEvents`: events that were durable and are gone, counted from sequence numbers.
/// - `doubtfulEvents`: events in a hole that a crash can leave among records that were never
///   synced: most likely nobody was told that they are stored.
/// - `setAside`: files in `corrupt/` made by this opening.
/// - `cursorsReset`: readers whose place could not be read; they start at the oldest record again.
///
/// Sealed segments are not read at opening; damage in them is found by the first cursor that
/// comes by: see [Buffer#damage].
public record Recovery(
        boolean clean,
        long tornBytes,
        long corruptRecords,
        long lostEvents,
        long doubtfulEvents,
        List<String> setAside,
        List<String> cursorsReset) {
    public Recovery {
        setAside = List.copyOf(setAside);
        cursorsReset = List.copyOf(cursorsReset);
    }
}
