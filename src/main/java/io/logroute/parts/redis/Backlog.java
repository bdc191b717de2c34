package io.logroute.parts.redis;

import io.logroute.remote.RedisCommand;
import io.logroute.remote.RedisLink;
import io.logroute.remote.RedisRefused;
import io.logroute.spec.RedisForm;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How much a key of Redis holds that somebody has yet to take, and making room in a stream: what every consumer
/// group has acknowledged is trimmed, and nothing else. What is left is what waits, so its length alone tells.
///
/// A stream without a group is read by nobody that Redis knows of: nothing is trimmed.
final class Backlog {
    /// What was found.
    ///
    /// @param waiting entries, or elements, that wait
    /// @param trimmed entries that were trimmed
    /// @param slowest the group that holds up the most; empty when there is none
    /// @param floor the first entry that anybody still wants; `null` when no group reads
    record Found(
            long waiting,
            long trimmed,
            String slowest,
            @Nullable EntryId floor) {}

    private Backlog() {}

    /// Looks, and makes room where there is some to make.
    ///
    /// @param trims whether what was acknowledged is trimmed
    /// @throws RedisRefused such as WRONGTYPE
    static Found look(RedisLink link, byte[] key, RedisForm form, boolean trims) throws IOException {
        return switch (form) {
            case LIST -> new Found(Words.number(link.ask(RedisCommand.LLEN, key), 0), 0, "", null);
            case STREAM -> stream(link, key, trims);
        };
    }

    private static Found stream(RedisLink link, byte[] key, boolean trims) throws IOException {
        List<?> groups;
        try {
            groups = Words.list(link.ask(RedisCommand.XINFO, Words.of("GROUPS"), key));
        } catch (RedisRefused e) {
            if (e.code().equals("ERR")) {
                return new Found(0, 0, "", null); // There is no such key yet.
            }
            throw e;
        }
        EntryId floor = null;
        var slowest = "";
        for (var each : groups) {
            var about = Words.list(each);
            var least = leastWanted(link, key, about);
            if (floor == null || least.compareTo(floor) < 0) {
                floor = least;
                slowest = Words.text(Words.in(about, "name"));
            }
        }
        long trimmed = floor == null || !trims
                ? 0
                : Words.number(link.ask(RedisCommand.XTRIM, key, Words.of("MINID"), Words.of(floor.toString())), 0);
        return new Found(Words.number(link.ask(RedisCommand.XLEN, key), 0), trimmed, slowest, floor);
    }

    /// The first entry that the group may still want: one that is pending, or the one after the last it was given.
    private static EntryId leastWanted(RedisLink link, byte[] key, List<?> group) throws IOException {
        var after = EntryId.of(Words.in(group, "last-delivered-id")).next();
        if (Words.number(Words.in(group, "pending"), 0) == 0) {
            return after;
        }
        var name = Words.in(group, "name");
        var pending =
                name instanceof byte[] bytes ? Words.list(link.ask(RedisCommand.XPENDING, key, bytes)) : List.of();
        boolean isSettled = pending.size() < 2 || !(pending.get(1) instanceof byte[]);
        return isSettled ? after : EntryId.of(pending.get(1));
    }

    /// `1526919030474-55`: milliseconds, and a number in them; both of 64 bits without a sign.
    record EntryId(long ms, long seq) implements Comparable<EntryId> {
        static EntryId of(@Nullable Object answer) {
            var text = Words.text(answer);
            int dash = text.indexOf('-');
            return dash < 0
                    ? new EntryId(Long.parseUnsignedLong(text), 0)
                    : new EntryId(
                            Long.parseUnsignedLong(text.substring(0, dash)),
                            Long.parseUnsignedLong(text.substring(dash + 1)));
        }

        EntryId next() {
            return seq == -1 ? new EntryId(ms + 1, 0) : new EntryId(ms, seq + 1);
        }

        @Override
        public int compareTo(EntryId other) {
            int byMs = Long.compareUnsigned(ms, other.ms);
            return byMs != 0 ? byMs : Long.compareUnsigned(seq, other.seq);
        }

        @Override
        public String toString() {
            return Long.toUnsignedString(ms) + "-" + Long.toUnsignedString(seq);
        }
    }
}
