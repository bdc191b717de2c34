package io.logroute.router;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.Cursor;
import io.logroute.buffer.Stored;
import io.logroute.flow.Frames;
import io.logroute.flow.Mark;
import io.logroute.flow.Monitor;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How far sources are that read logs of others, by the marks that lie with their events in the buffer.
///
/// It is one more reader of the buffer, with a place of its own, and goes behind the others through the same
/// records: the newest mark of each thing counts. Every second it writes all of them down ([Kept]), durably,
/// and only then moves its place beyond the records that they came from. So at any moment what is written down
/// and what lies behind the place give exactly the marks of the events that are stored: a crash repeats no
/// event and loses none.
///
/// Records that no one can be sure of are not read: on disk and on streams those that are not durable, in
/// memory those that some sink has not settled. After a crash of a router that keeps events in memory, what was
/// not delivered is so read again at its origin; and what was delivered since the marks were last written down
/// is, too. A source that is started again while the router goes on knows of both.
final class Marks implements AutoCloseable {
    /// No sink is called so.
    static final String READER = "_marks";

    private static final System.Logger LOG = System.getLogger(Marks.class.getName());
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration CATCHING_UP = Duration.ofSeconds(20);

    /// Where they are written down.
    interface Kept {
        /// Those written down last; none when there are none.
        Map<String, String> read() throws IOException;

        /// Durably, in place of those before: as a whole or not at all.
        void write(Map<String, String> marks) throws IOException;
    }

    private final String router;
    private final Buffer buffer;
    private final Kept kept;
    private final LongSupplier sure;
    private final Thread thread;
    private final Monitor monitor = new Monitor();
    private @Nullable Cursor cursor;
    /// Guarded by `monitor`, as all below.
    private final Map<String, String> marks = new HashMap<>();
    /// Those of batches that this process put into the buffer.
    private final Map<String, String> taken = new HashMap<>();
    /// Every record below it has been read.
    private long read;
    private boolean changed;
    private volatile boolean closed;
    private boolean complained;

    /// @param sure records from this number on may yet be taken back, or are not settled
    Marks(String router, Buffer buffer, Kept kept, LongSupplier sure) {
        this.router = router;
        this.buffer = buffer;
        this.kept = kept;
        this.sure = sure;
        this.thread = Thread.ofVirtual().name("marks-" + router).unstarted(this::follow);
    }

    /// Reads what was written down, and follows from there.
    ///
    /// @throws IOException when it cannot be read; then nothing says what was taken in already
    void open() throws IOException {
        try (var _ = monitor.enter()) {
            marks.putAll(kept.read());
            cursor = buffer.cursor(READER);
            read = cursor.settled();
        }
        thread.start();
    }

    /// The marks of that source, with all that is stored until now.
    ///
    /// @throws IOException when that cannot be known soon
    Map<String, String> of(String source) throws IOException, InterruptedException {
        long end = buffer.nextSeq();
        long until = System.nanoTime() + CATCHING_UP.toNanos();
        try (var _ = monitor.enter()) {
            while (read < Math.min(end, sure.getAsLong()) || buffer.durableSeq() < end) {
                if (closed || System.nanoTime() - until > 0) {
                    throw new IOException(
                            "how far source %s is cannot be known: the buffer of router %s gives up to number %d of %d within %d seconds; look into its conditions"
                                    .formatted(source, router, read, end, CATCHING_UP.toSeconds()));
                }
                monitor.await(LOOK);
            }
            var all = new HashMap<>(marks);
            if (sure.getAsLong() < end) {
                all.putAll(taken); // what is in memory is lost only with this process
            }
            var found = new HashMap<String, String>();
            all.forEach((of, at) -> {
                if (of.startsWith(source + "/")) {
                    found.put(of.substring(source.length() + 1), at);
                }
            });
            return found;
        }
    }

    /// A batch with this mark is in the buffer now.
    void taken(Mark mark) {
        try (var _ = monitor.enter()) {
            taken.put(mark.of(), mark.at());
        }
    }

    void forget(String source, String of) {
        try (var _ = monitor.enter()) {
            taken.remove(source + "/" + of);
            changed |= marks.remove(source + "/" + of) != null;
        }
    }

    private void follow() {
        long next = System.nanoTime() + EVERY.toNanos();
        @Nullable Stored atHand = null;
        while (!closed) {
            try {
                if (atHand == null) {
                    atHand = cursor().read(LOOK).orElse(null);
                }
                if (atHand != null && sure.getAsLong() >= atHand.endSeq()) {
                    take(atHand);
                    atHand = null;
                } else if (atHand != null) {
                    Thread.sleep(LOOK);
                } else {
                    rest();
                }
                if (System.nanoTime() - next > 0) {
                    save();
                    next = System.nanoTime() + EVERY.toNanos();
                    complained = false;
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    complain(e);
                }
                next = System.nanoTime() + EVERY.toNanos();
            }
        }
    }

    private Cursor cursor() {
        var open = cursor;
        if (open == null) {
            throw new IllegalStateException("marks are not open");
        }
        return open;
    }

    private void take(Stored record) {
        try (var _ = monitor.enter()) {
            if (record.codec() == Frames.MARKED) {
                var mark = new Frames(record.array(), record.from(), record.to()).mark();
                mark.map(Mark::of).ifPresent(of -> marks.put(of, mark.get().at()));
                changed |= mark.isPresent();
            }
            read = Math.max(read, record.endSeq());
            monitor.changed();
        }
    }

    /// Nothing more was there to read: also numbers that were passed over are behind us.
    private void rest() {
        try (var _ = monitor.enter()) {
            long end = Math.min(sure.getAsLong(), buffer.durableSeq()); // asked before whether all is read
            if (cursor().hasReadAll()) {
                read = Math.max(read, end);
                monitor.changed();
            }
        }
    }

    /// First the marks, then the place.
    private void save() throws IOException {
        Map<String, String> now;
        long place;
        boolean news;
        try (var _ = monitor.enter()) {
            now = Map.copyOf(marks);
            place = read;
            news = changed;
            changed = false;
        }
        try {
            if (news) {
                kept.write(now);
            }
        } catch (IOException | RuntimeException e) {
            try (var _ = monitor.enter()) {
                changed = true;
            }
            throw e;
        }
        if (place > cursor().settled()) {
            cursor().settle(place);
            cursor().save();
        }
    }

    private void complain(Exception why) {
        LOG.log(
                complained ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                "Router " + router
                        + ": how far its sources are cannot be written down; the buffer keeps what they took in until it can: "
                        + why.getMessage());
        complained = true;
        try {
            Thread.sleep(EVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Writes down what there is.
    @Override
    public void close() {
        if (closed || cursor == null) {
            return;
        }
        closed = true;
        try {
            thread.join(EVERY);
            if (!thread.isAlive()) {
                save();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "The marks of router " + router + " are read again from the buffer", e);
        } finally {
            cursor().close();
        }
    }

    /// As text, in order.
    static String written(Map<String, String> marks) {
        var text = new StringBuilder();
        new TreeMap<>(marks)
                .forEach((of, at) -> text.append(of).append('\n').append(at).append('\n'));
        return text.toString();
    }

    static Map<String, String> read(String text) {
        var marks = new TreeMap<String, String>();
        var lines = text.split("\n", -1);
        for (int i = 0; i + 1 < lines.length; i += 2) {
            marks.put(lines[i], lines[i + 1]);
        }
        return marks;
    }
}
