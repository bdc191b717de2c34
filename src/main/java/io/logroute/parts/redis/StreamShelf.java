package io.logroute.parts.redis;

import io.logroute.remote.RedisCommand;
import io.logroute.remote.RedisLink;
import io.logroute.remote.RedisRefused;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A stream, read as one consumer of a group. What was handed out to this consumer is pending in the group until it
/// is settled (XACK), so Redis itself knows what is begun with and by whom.
///
/// A consumer that only waits, or whose router's buffer is full, asks Redis for nothing that shows its life. So
/// [#beat] asks for its own entries behind the last possible one, which are none and refresh its time (Redis before
/// 7.2 refreshes it by nothing less). One that is silent for `claimAfter` is dead for the others, however long its
/// entries have been pending: entries of a living one are never taken, slow as it may be.
final class StreamShelf implements Shelf {
    private static final byte[] GROUP = Words.of("GROUP");
    private static final byte[] COUNT = Words.of("COUNT");
    private static final byte[] BLOCK = Words.of("BLOCK");
    private static final byte[] STREAMS = Words.of("STREAMS");
    private static final byte[] NEW = Words.of(">");
    private static final byte[] FIRST = Words.of("0-0");
    /// The last possible one itself would mean new ones.
    private static final byte[] BEHIND_ALL = Words.of("18446744073709551615-18446744073709551614");

    /// Ids that are asked for in one go.
    private static final int PAGE = 1_000;

    private final byte[] key;
    private final byte[] group;
    private final byte[] consumer;
    private final long claimAfter;

    StreamShelf(String key, String group, String consumer, Duration claimAfter) {
        this.key = Words.of(key);
        this.group = Words.of(group);
        this.consumer = Words.of(consumer);
        this.claimAfter = claimAfter.toMillis();
    }

    /// Makes the group where it is not there, with all that the stream holds before it. It is looked for first:
    /// a Redis without memory refuses to make one that it has.
    @Override
    public void open(RedisLink link) throws IOException {
        if (!hasGroup(link)) {
            make(link);
        }
    }

    private boolean hasGroup(RedisLink link) throws IOException {
        try {
            return group(link).isPresent();
        } catch (RedisRefused e) {
            if (e.code().equals("ERR")) {
                return false; // There is no such key.
            }
            throw e;
        }
    }

    private void make(RedisLink link) throws IOException {
        try {
            link.ask(RedisCommand.XGROUP, Words.of("CREATE"), key, group, Words.of("0"), Words.of("MKSTREAM"));
        } catch (RedisRefused e) {
            if (!e.code().equals("BUSYGROUP")) {
                throw e;
            }
        }
    }

    private Optional<List<?>> group(RedisLink link) throws IOException {
        for (var each : Words.list(link.ask(RedisCommand.XINFO, Words.of("GROUPS"), key))) {
            var about = Words.list(each);
            if (Words.text(Words.in(about, "name")).equals(Words.text(group))) {
                return Optional.of(about);
            }
        }
        return Optional.empty();
    }

    @Override
    public void left(RedisLink link, Held held, Hands hands) throws IOException, InterruptedException {
        var taking = new Leftovers(link, held, hands);
        var suspects = new ArrayList<Run>();
        var last = FIRST;
        while (true) {
            var times = times(link, PAGE, last);
            if (times.isEmpty()) {
                break;
            }
            var calm = new Run(last);
            for (var each : times.entrySet()) {
                if (1 + each.getValue() <= OFTEN || suspects.size() == PAGE) {
                    calm.times.put(each.getKey(), each.getValue());
                } else {
                    taking.take(calm);
                    var suspect = new Run(last);
                    suspect.times.put(each.getKey(), each.getValue());
                    suspects.add(suspect);
                    calm = new Run(Words.of(each.getKey()));
                }
                last = Words.of(each.getKey());
            }
            taking.take(calm);
        }
        for (var each : suspects) {
            taking.take(each);
        }
    }

    /// Entries of ours that follow each other.
    private static final class Run {
        final byte[] after;
        /// By id, how often each was handed out.
        final Map<String, Long> times = new LinkedHashMap<>();

        Run(byte[] after) {
            this.after = after;
        }
    }

    /// Takes what was left, no more in one reply than fits into memory by what came before.
    private final class Leftovers {
        private final RedisLink link;
        private final Held held;
        private final Hands hands;
        private final Pace pace = new Pace();

        Leftovers(RedisLink link, Held held, Hands hands) {
            this.link = link;
            this.held = held;
            this.hands = hands;
        }

        void take(Run run) throws IOException, InterruptedException {
            var from = run.after;
            for (int due = run.times.size(); due > 0; ) {
                var page = entries(history(link, Math.min(due, pace.count()), from), 2);
                if (page.isEmpty()) {
                    return;
                }
                from = page.getLast().mark();
                due -= page.size();
                pace.came(page.stream().mapToLong(Item::bytes).sum(), page.size());
                var left = page.stream()
                        .filter(item -> !held.takes(item.mark()))
                        .map(item -> handedOut(item, run.times))
                        .toList();
                if (!left.isEmpty()) {
                    hands.take(left);
                }
            }
        }
    }

    /// How often each of our own was handed out before.
    private Map<String, Long> times(RedisLink link, int count, byte[] after) throws IOException {
        return times(Words.list(link.ask(
                RedisCommand.XPENDING,
                key,
                group,
                Words.of("(" + Words.text(after)),
                Words.of("+"),
                Words.of(count),
                consumer)));
    }

    /// Of `[[id, consumer, idle, times], ...]`.
    private static Map<String, Long> times(List<?> pending) {
        var times = new LinkedHashMap<String, Long>();
        for (var each : pending) {
            if (each instanceof List<?> one && one.getFirst() instanceof byte[] id) {
                times.put(Words.text(id), Words.number(one.getLast(), 1));
            }
        }
        return times;
    }

    private static Item handedOut(Item item, Map<String, Long> before) {
        return new Item(
                item.mark(), item.content(), item.bytes(), 1 + before.getOrDefault(Words.text(item.mark()), 1L));
    }

    @Override
    public long begun(RedisLink link) throws IOException {
        for (var each : Words.list(link.ask(RedisCommand.XINFO, Words.of("CONSUMERS"), key, group))) {
            var about = Words.list(each);
            if (Words.in(about, "name") instanceof byte[] name && Arrays.equals(name, consumer)) {
                return Words.number(Words.in(about, "pending"), 0);
            }
        }
        return 0;
    }

    @Override
    public List<Item> read(RedisLink link, int count, Held held) throws IOException {
        return entries(
                link.ask(
                        RedisCommand.XREADGROUP,
                        GROUP,
                        group,
                        consumer,
                        COUNT,
                        Words.of(count),
                        BLOCK,
                        Words.of(WAIT),
                        STREAMS,
                        key,
                        NEW),
                1);
    }

    private @Nullable Object history(RedisLink link, int count, byte[] from) throws IOException {
        return link.ask(RedisCommand.XREADGROUP, GROUP, group, consumer, COUNT, Words.of(count), STREAMS, key, from);
    }

    /// Of `[[key, [[id, [name, value, ...]], ...]]]`.
    private static List<Item> entries(@Nullable Object answer, long times) {
        var keys = Words.list(answer);
        return keys.isEmpty()
                ? List.of()
                : items(Words.list(Words.list(keys.getFirst()).get(1)), times);
    }

    private static List<Item> items(List<?> entries, long times) {
        var items = new ArrayList<Item>(entries.size());
        for (var entry : entries) {
            if (entry instanceof List<?> pair && pair.getFirst() instanceof byte[] id) {
                var fields = Words.list(pair.get(1));
                items.add(new Item(id, fields, bytes(fields), times));
            }
        }
        return items;
    }

    private static long bytes(List<?> fields) {
        long sum = 64;
        for (var each : fields) {
            sum += each instanceof byte[] bytes ? bytes.length : 0;
        }
        return sum;
    }

    @Override
    public TakenOver takeOver(RedisLink link, int count) throws IOException {
        var found = new ArrayList<Item>();
        for (var each : Words.list(link.ask(RedisCommand.XINFO, Words.of("CONSUMERS"), key, group))) {
            var about = Words.list(each);
            var name = Words.in(about, "name");
            boolean isDead = Words.number(Words.in(about, "idle"), 0) >= claimAfter
                    && Words.number(Words.in(about, "pending"), 0) > 0;
            if (isDead && name instanceof byte[] other && !Arrays.equals(other, consumer)) {
                claim(link, other, count - found.size(), found);
            }
            if (found.size() >= count) {
                break;
            }
        }
        return new TakenOver(found, 0);
    }

    /// XAUTOCLAIM would take entries of the living, too.
    private void claim(RedisLink link, byte[] other, int count, List<Item> found) throws IOException {
        var least = Words.of(claimAfter);
        var pending = Words.list(link.ask(
                RedisCommand.XPENDING,
                key,
                group,
                Words.of("IDLE"),
                least,
                Words.of("-"),
                Words.of("+"),
                Words.of(Math.max(1, count)),
                other));
        var times = times(pending);
        if (times.isEmpty()) {
            return;
        }
        var arguments = new ArrayList<byte[]>(List.of(key, group, consumer, least));
        times.keySet().forEach(id -> arguments.add(Words.of(id)));
        var claimed = Words.list(link.ask(RedisCommand.XCLAIM, arguments.toArray(byte[][]::new)));
        items(claimed, 0).forEach(item -> found.add(handedOut(item, times)));
    }

    @Override
    public void settle(RedisLink link, List<byte[]> marks) throws IOException {
        var arguments = new ArrayList<byte[]>(marks.size() + 2);
        arguments.add(key);
        arguments.add(group);
        arguments.addAll(marks);
        link.ask(RedisCommand.XACK, arguments.toArray(byte[][]::new));
    }

    @Override
    public boolean maySettleAgain() {
        return true;
    }

    @Override
    public void beat(RedisLink link) throws IOException {
        try {
            history(link, 1, BEHIND_ALL);
        } catch (RedisRefused e) {
            // NOGROUP: whoever reads makes it again.
            if (!e.code().equals("NOGROUP")) {
                throw e;
            }
        }
    }

    /// Those that nobody was given yet, and those that are given and not settled. Redis before 7, and others
    /// after an XDEL, do not tell how many, but which is the first.
    @Override
    public Waiting waiting(RedisLink link) throws IOException {
        var about = group(link);
        if (about.isEmpty()) {
            return Waiting.UNKNOWN;
        }
        long lag = Words.number(Words.in(about.get(), "lag"), -1);
        long pending = Words.number(Words.in(about.get(), "pending"), 0);
        long all = lag < 0 ? -1 : lag + pending;
        if (all == 0) {
            return new Waiting(0, Optional.empty());
        }
        try {
            var oldest = oldest(link, about.get(), pending > 0);
            return new Waiting(oldest.isEmpty() ? 0 : all, oldest);
        } catch (RedisRefused e) {
            return new Waiting(all, Optional.empty()); // We may not ask.
        }
    }

    /// When the first of those came to Redis: it is the first part of an entry's id.
    private Optional<Instant> oldest(RedisLink link, List<?> about, boolean hasPending) throws IOException {
        if (hasPending) {
            var pending = Words.list(link.ask(RedisCommand.XPENDING, key, group));
            if (pending.size() > 1 && pending.get(1) instanceof byte[] first) {
                return Optional.of(at(first));
            }
        }
        var next = Backlog.EntryId.of(Words.in(about, "last-delivered-id")).next();
        var entries = Words.list(
                link.ask(RedisCommand.XRANGE, key, Words.of(next.toString()), Words.of("+"), COUNT, Words.of(1)));
        return items(entries, 0).stream().findFirst().map(item -> at(item.mark()));
    }

    private static Instant at(byte[] id) {
        return Instant.ofEpochMilli(Backlog.EntryId.of(id).ms());
    }
}
