package io.logroute.router;

import io.logroute.router.Chunk.Mark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is left of a part of a chunk that is through, or of several parts in a row: numbers only. It
/// is counted when the cursor goes beyond it.
final class Through {
    final Map<String, Long> discarded = new HashMap<>(1);
    final @Nullable Instant first;

    @Nullable
    Instant last;

    long endSeq;
    /// The least number of an event of several that went on here.
    long spread;

    long passed;
    long filtered;
    long copied;
    long unrouted;
    /// Ways along which events of it were held, less those along which such events went on.
    long pending;

    long delivered;
    long deliveredBytes;
    long deadLettered;
    /// Whether a batch ends with it.
    boolean ends;

    private Through(@Nullable Instant first, @Nullable Mark before, Mark mark, long delivered, long deadLettered) {
        this.first = first;
        this.last = mark.last();
        this.endSeq = mark.endSeq();
        this.spread = mark.spread();
        this.passed = mark.passed() - (before == null ? 0 : before.passed());
        this.filtered = mark.filtered() - (before == null ? 0 : before.filtered());
        this.copied = mark.copied() - (before == null ? 0 : before.copied());
        this.unrouted = mark.unrouted() - (before == null ? 0 : before.unrouted());
        this.pending = mark.held() - mark.released() - (before == null ? 0 : before.held() - before.released());
        this.delivered = delivered;
        this.deadLettered = deadLettered;
    }

    /// The parts of a chunk. What a delivery that is under way may still change is read once.
    ///
    /// @param reason why it is passed over: what the sink neither got nor refused counts as discarded;
    ///     empty when it is settled
    static List<Through> of(Chunk chunk, String reason) {
        long delivered = chunk.delivered;
        long deadLettered = chunk.deadLettered;
        long deliveredBytes = chunk.deliveredBytes;
        var parts = new ArrayList<Through>(chunk.marks.size() + 1);
        Mark before = null;
        for (int i = 0; i <= chunk.marks.size(); i++) {
            boolean isLast = i == chunk.marks.size();
            var mark = isLast ? chunk.end() : chunk.marks.get(i);
            long sent = mark.sent() - (before == null ? 0 : before.sent());
            // Which of them were refused does not matter: all parts are counted in the end.
            long got = isLast ? delivered : Math.min(sent, delivered);
            long refused = isLast ? deadLettered : Math.min(sent - got, deadLettered);
            delivered -= got;
            deadLettered -= refused;
            var part = new Through(before == null ? chunk.first : before.last(), before, mark, got, refused);
            if (!reason.isEmpty()) {
                part.discarded.put(reason, Math.max(0, sent - got - refused));
            }
            parts.add(part);
            before = mark;
        }
        parts.getLast().deliveredBytes = deliveredBytes;
        parts.getLast().ends = true;
        return parts;
    }

    /// Events that the sink neither got nor refused.
    long passedOver() {
        return discarded.values().stream().mapToLong(Long::longValue).sum();
    }

    /// The one after it becomes part of it.
    void add(Through next) {
        next.discarded.forEach((reason, events) -> discarded.merge(reason, events, Long::sum));
        last = next.last == null ? last : next.last;
        endSeq = next.endSeq;
        spread = Math.min(spread, next.spread);
        passed += next.passed;
        filtered += next.filtered;
        copied += next.copied;
        unrouted += next.unrouted;
        pending += next.pending;
        delivered += next.delivered;
        deliveredBytes += next.deliveredBytes;
        deadLettered += next.deadLettered;
        ends |= next.ends;
    }
}
