package io.logroute.parts.redis;

import io.logroute.parts.redis.Backlog.EntryId;
import io.logroute.remote.RedisCommand;
import io.logroute.remote.RedisLink;
import io.logroute.remote.RedisRefused;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// How many events of a stream wait, whose entries hold many each. Redis counts entries; so all who write to
/// the stream count events, in two keys beside it:
///
///     {logs}:written   events ever written to it: raised in the transaction that writes them
///     {logs}:marks     some entries, once a second the last one written, each with what was written up to it
///
/// What waits is what was written behind the last mark below the first entry that anybody still wants: too many
/// by no more than what was written in the second that the mark stands for. Whatever became of the keys, the
/// number of entries bounds it from both sides.
///
/// The braces keep all of them in one slot of a cluster; a key that has braces of its own keeps those.
final class Written {
    private static final int PAGE = 100;
    private static final byte[] SCORES = Words.of("WITHSCORES");

    private final byte[] sum;
    private final byte[] marks;
    /// The last entry of ours, and all that was written then; until it is marked.
    private byte @Nullable [] last;

    private long upToLast;

    Written(String key) {
        var base = ListShelf.hasTag(key) ? key : "{" + key + "}";
        this.sum = Words.of(base + ":written");
        this.marks = Words.of(base + ":marks");
    }

    /// Sends the command that counts events; it has one answer.
    void sendCount(RedisLink link, int events) throws IOException {
        link.send(RedisCommand.INCRBY, sum, Words.of(events));
    }

    /// @param entry id of the last entry of a write
    /// @param all what its command that counts said
    void wrote(@Nullable Object entry, @Nullable Object all) {
        if (entry instanceof byte[] id && all instanceof Long number) {
            last = id;
            upToLast = number;
        }
    }

    /// How many events wait.
    ///
    /// @param entries those of the stream
    /// @param floor the first that anybody still wants; `null` when nobody reads the stream
    /// @param eventsPerEntry at most
    long waiting(RedisLink link, long entries, @Nullable EntryId floor, int eventsPerEntry) throws IOException {
        try {
            mark(link);
            long all =
                    link.ask(RedisCommand.GET, sum) instanceof byte[] number ? Long.parseLong(Words.text(number)) : 0;
            long before = floor == null ? 0 : before(link, floor);
            return Math.clamp(all - before, entries, entries * eventsPerEntry);
        } catch (NumberFormatException e) {
            return entries; // Somebody else wrote there.
        } catch (RedisRefused e) {
            if (e.code().equals("OOM")) {
                return entries; // It takes nothing now, whatever we say.
            }
            throw e;
        }
    }

    private void mark(RedisLink link) throws IOException {
        var entry = last;
        if (entry != null) {
            link.ask(RedisCommand.ZADD, marks, Words.of(upToLast), entry);
            last = null;
        }
    }

    /// What was written up to the last mark below the floor. Marks before that one are of no more use.
    private long before(RedisLink link, EntryId floor) throws IOException {
        long before = 0;
        while (true) {
            var page = Words.list(link.ask(RedisCommand.ZRANGE, marks, Words.of(0), Words.of(PAGE - 1L), SCORES));
            int below = 0;
            while (2 * below < page.size() && EntryId.of(page.get(2 * below)).compareTo(floor) < 0) {
                before = (long) Double.parseDouble(Words.text(page.get(2 * below + 1)));
                below++;
            }
            if (below > 1) {
                link.ask(RedisCommand.ZREMRANGEBYRANK, marks, Words.of(0), Words.of(below - 2L));
            }
            if (below < PAGE) {
                return before;
            }
        }
    }
}
