package io.logroute.parts.redis;

import io.logroute.remote.RedisCommand;
import io.logroute.remote.RedisLink;
import io.logroute.remote.RedisRefused;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// A list, taken from its head. A list knows no consumers, so each has three keys beside it:
///
///     {logs}:processing:core-0   what core-0 has moved there (LMOVE) and not settled yet
///     {logs}:processing          the names of those who have such a list
///     {logs}:alive:core-0        there while core-0 lives; expires after `claimAfter`
///
/// What is settled is taken out by its bytes (LREM), and not by its place: so whatever two who believe to be
/// the same one do, each takes out no more than it has stored, and what is equal is equal. What a dead one left
/// is put back at the head of the list, in its order.
///
/// The braces keep all of them in one slot of a cluster; a key that has braces of its own keeps those.
final class ListShelf implements Shelf {
    private static final byte[] LEFT = Words.of("LEFT");
    private static final byte[] RIGHT = Words.of("RIGHT");
    private static final byte[] ONE = Words.of("1");
    private static final byte[] WAIT_SECONDS = Words.of(Double.toString(WAIT / 1e3));
    private static final String NO_MEMORY = "OOM";
    /// Between two looks at elements that are all in hand, in milliseconds.
    private static final int AGAIN = 250;
    private static final int MOVED = 500;

    private final byte[] key;
    private final String base;
    private final String consumer;
    private final byte[] own;
    private final byte[] names;
    private final byte[] alive;
    private final byte[] claimAfter;
    /// No list is looked through while elements are taken out of it.
    private final ReentrantLock turn = new ReentrantLock();
    /// Whether elements in hand lie in the list itself.
    private volatile boolean isBare;

    ListShelf(String key, String consumer, Duration claimAfter) {
        this.key = Words.of(key);
        this.base = hasTag(key) ? key : "{" + key + "}";
        this.consumer = consumer;
        this.own = processing(consumer);
        this.names = Words.of(base + ":processing");
        this.alive = alive(consumer);
        this.claimAfter = Words.of(claimAfter.toMillis());
    }

    /// Whether a cluster places the key by a part of it.
    static boolean hasTag(String key) {
        int open = key.indexOf('{');
        int close = key.indexOf('}', open + 1);
        return open >= 0 && close > open + 1;
    }

    private byte[] processing(String name) {
        return Words.of(base + ":processing:" + name);
    }

    private byte[] alive(String name) {
        return Words.of(base + ":alive:" + name);
    }

    @Override
    public void open(RedisLink link) throws IOException {
        link.ask(RedisCommand.LLEN, key); // A key of another type is told at once.
        beat(link);
    }

    /// A Redis without memory lets nothing be set, but what is there live on.
    @Override
    public void beat(RedisLink link) throws IOException {
        link.send(RedisCommand.PEXPIRE, alive, claimAfter);
        link.send(RedisCommand.SET, alive, ONE, Words.of("PX"), claimAfter);
        link.send(RedisCommand.SADD, names, Words.of(consumer));
        told(link.answers(3));
    }

    @Override
    public void left(RedisLink link, Held held, Hands hands) throws IOException, InterruptedException {
        var found = unheld(link, own, Integer.MAX_VALUE, held, 2);
        if (!found.isEmpty()) {
            hands.take(found);
        }
    }

    /// Those of a list that are not in hand, where they lie.
    private List<Item> unheld(RedisLink link, byte[] list, int most, Held held, long times) throws IOException {
        var found = new ArrayList<Item>();
        var pace = new Pace();
        turn.lock();
        try {
            for (int from = 0; found.size() < most; ) {
                int asked = pace.count();
                var page = Words.list(link.ask(RedisCommand.LRANGE, list, Words.of(from), Words.of(from + asked - 1L)));
                long bytes = 0;
                for (var each : page) {
                    if (each instanceof byte[] element) {
                        bytes += element.length;
                        if (!held.takes(element)) {
                            found.add(item(element, times));
                        }
                    }
                }
                if (page.size() < asked) {
                    break;
                }
                from += asked;
                pace.came(bytes, page.size());
            }
        } finally {
            turn.unlock();
        }
        return found;
    }

    private static Item item(byte[] element, long times) {
        return new Item(element, element, element.length + 64L, times);
    }

    @Override
    public long begun(RedisLink link) throws IOException {
        return Words.number(link.ask(RedisCommand.LLEN, own), 0);
    }

    /// As many as there are in one go; else waits for one.
    @Override
    public List<Item> read(RedisLink link, int count, Held held) throws IOException, InterruptedException {
        if (isBare && !held.isEmpty()) {
            return peek(link, count, held);
        }
        isBare = false;
        long there = Words.number(link.ask(RedisCommand.LLEN, key), 0);
        try {
            if (there > 0) {
                return move(link, (int) Math.min(count, there));
            }
            var one = link.ask(RedisCommand.BLMOVE, key, own, LEFT, RIGHT, WAIT_SECONDS);
            return one instanceof byte[] element ? List.of(item(element, 1)) : List.of();
        } catch (RedisRefused e) {
            if (!e.code().equals(NO_MEMORY)) {
                throw e;
            }
            isBare = true;
            return peek(link, count, held);
        }
    }

    private List<Item> move(RedisLink link, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            link.send(RedisCommand.LMOVE, key, own, LEFT, RIGHT);
        }
        var found = new ArrayList<Item>(count);
        RedisRefused refused = null;
        for (var answer : link.answers(count)) {
            if (answer instanceof byte[] element) {
                found.add(item(element, 1));
            } else if (answer instanceof RedisRefused why) {
                refused = why;
            }
        }
        if (refused != null && found.isEmpty()) {
            throw refused;
        }
        return found;
    }

    /// A Redis without memory moves nothing, and would never have any again: so its elements are read where
    /// they lie, and taken out there when they are stored. Another one that does so meanwhile stores the same.
    private List<Item> peek(RedisLink link, int count, Held held) throws IOException, InterruptedException {
        var found = unheld(link, key, count, held, 1);
        if (found.isEmpty()) {
            Thread.sleep(AGAIN); // nothing there waits for new ones
        }
        return found;
    }

    /// Puts back what the dead left. Two who do it at once do no harm: an element is moved by one of them.
    @Override
    public TakenOver takeOver(RedisLink link, int count) throws IOException {
        long putBack = 0;
        for (var each : Words.list(link.ask(RedisCommand.SMEMBERS, names))) {
            var name = Words.text(each);
            if (name.equals(consumer) || Words.number(link.ask(RedisCommand.EXISTS, alive(name)), 1) > 0) {
                continue;
            }
            var theirs = processing(name);
            putBack += putBack(link, theirs);
            if (Words.number(link.ask(RedisCommand.LLEN, theirs), 1) == 0) {
                link.ask(RedisCommand.SREM, names, Words.of(name));
            }
        }
        return new TakenOver(List.of(), putBack);
    }

    private long putBack(RedisLink link, byte[] theirs) throws IOException {
        long moved = 0;
        while (true) {
            for (int i = 0; i < MOVED; i++) {
                link.send(RedisCommand.LMOVE, theirs, key, RIGHT, LEFT);
            }
            var answers = link.answers(MOVED);
            told(answers);
            long now = answers.stream().filter(byte[].class::isInstance).count();
            moved += now;
            if (now < MOVED) {
                return moved;
            }
        }
    }

    /// What was read where it lies is taken out there; nothing else is looked for in a list that may be long.
    @Override
    public void settle(RedisLink link, List<byte[]> marks) throws IOException {
        turn.lock();
        try {
            var elsewhere = takeOut(link, own, marks);
            if (isBare && !elsewhere.isEmpty()) {
                takeOut(link, key, elsewhere);
            }
        } finally {
            turn.unlock();
        }
    }

    /// Those that were not there.
    private static List<byte[]> takeOut(RedisLink link, byte[] list, List<byte[]> marks) throws IOException {
        for (var mark : marks) {
            link.send(RedisCommand.LREM, list, ONE, mark);
        }
        var answers = link.answers(marks.size());
        told(answers);
        var missing = new ArrayList<byte[]>();
        for (int i = 0; i < marks.size(); i++) {
            if (Words.number(answers.get(i), 1) == 0) {
                missing.add(marks.get(i));
            }
        }
        return missing;
    }

    /// All but that there is no memory: that passes.
    private static void told(List<?> answers) throws IOException {
        for (var answer : answers) {
            if (answer instanceof RedisRefused why && !why.code().equals(NO_MEMORY)) {
                throw why;
            }
        }
    }

    /// What became of a connection that broke is not known: a second one would take out another equal element.
    @Override
    public boolean maySettleAgain() {
        return false;
    }

    @Override
    public Waiting waiting(RedisLink link) throws IOException {
        link.send(RedisCommand.LLEN, key);
        link.send(RedisCommand.LLEN, own);
        var answers = link.answers(2);
        told(answers);
        return new Waiting(Words.number(answers.get(0), 0) + Words.number(answers.get(1), 0), Optional.empty());
    }
}
