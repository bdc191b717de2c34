package io.logroute.buffer;

import io.logroute.buffer.Format.Head;
import io.logroute.buffer.Format.Home;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The log of a router on a disk, or in memory outside the Java heap. What it promises and how it lies on disk
/// stands in the package's documentation.
///
///     append (any thread) -> staged bytes -> "buffer-log" thread -> readers
///                                            writes, one fdatasync for all who wait
///
/// [#append] copies the record into memory that the log thread writes from (8 MiB at most wait there, or one
/// record that is longer); [#sync] waits for that thread. Files are written, forced and deleted on two
/// platform threads only, so an interrupt of a caller can never close a file of the log. One lock guards the
/// state; nobody holds it while the disk works. All methods may be called from any thread.
///
/// [Staging] is that memory, [Segments] what there is, [NewestFile] the file that grows, [Housekeeping] the
/// other thread; [Opening] reads all of it back.
public final class DiskBuffer implements Buffer {
    static final String CORRUPT = "corrupt";

    private static final System.Logger LOG = System.getLogger(DiskBuffer.class.getName());

    /// How much the segment files may occupy, and how large one gets before the next begins. A
    /// larger record gets a segment to itself.
    ///
    /// @param recentBytes memory for the records that were appended last, for readers that keep up;
    ///     0 for none
    public record Limits(long maxBytes, int segmentBytes, long recentBytes) {
        private static final int LEAST = 4096;
        private static final long RECENT = 8 << 20;

        public Limits(long maxBytes, int segmentBytes) {
            this(maxBytes, segmentBytes, RECENT);
        }

        public Limits {
            if (segmentBytes < LEAST) {
                throw new IllegalArgumentException(
                        "segmentBytes is %d; set %d or more (64 MiB suits most)".formatted(segmentBytes, LEAST));
            }
            if (maxBytes < 2L * segmentBytes) {
                throw new IllegalArgumentException(
                        "maxBytes is %d; set at least twice segmentBytes, %d".formatted(maxBytes, 2L * segmentBytes));
            }
        }

        /// Segments of 64 MiB, or an eighth of `maxBytes` when that is less.
        public static Limits of(long maxBytes) {
            return new Limits(maxBytes, (int) Math.min(64 << 20, maxBytes / 8));
        }

        /// How much the spare files may occupy together.
        long spareBytes() {
            return Math.max(segmentBytes, Math.min((long) Spare.MOST * segmentBytes, maxBytes / 8));
        }

        /// Whether a file of this size is worth keeping for another segment.
        boolean worthKeeping(long size) {
            return size >= segmentBytes / 2 && size <= segmentBytes;
        }

        /// The longest payload that fits.
        public long maxRecordBytes() {
            return Math.min(Integer.MAX_VALUE - 64L, maxBytes - 2L * Format.RECORDS_AT - Format.recordSize(8));
        }
    }

    /// How far a segment had been filled when a round began; `whole` when nothing more was to come.
    private record Mark(Segment segment, long end, long endSeq, boolean whole) {}

    /// What the log thread does in one go.
    private record Round(List<Staging.Piece> pieces, List<Mark> marks, long endSeq, boolean force, boolean last) {}

    /// What readers may have of a segment. `finished`: it will not become more.
    record Reach(long readable, long endSeq, boolean finished) {}

    private final Disk disk;
    /// Changed by [#resize] only; whoever asks twice may see another.
    private volatile Limits limits;
    private final InstantSource clock;
    private final long id;
    private final Recovery recovery;
    private final Thread logThread;
    private final Housekeeping housekeeping = new Housekeeping();

    private final ReentrantLock lock = new ReentrantLock();
    /// The log thread has something to do.
    private final Condition work = lock.newCondition();
    /// A round ended: more is durable, or something was given up; or the buffer closed.
    private final Condition progressed = lock.newCondition();
    /// Space came free, in the staging memory or on disk.
    private final Condition freed = lock.newCondition();

    // All below: guarded by `lock`.
    private final Segments segments = new Segments();
    private final ArrayDeque<Spare> spares = new ArrayDeque<>();
    /// Segments with records that are not durable yet, oldest first.
    private final ArrayDeque<Segment> dirty = new ArrayDeque<>();
    private final Gaps gaps;
    private final Recent recent;
    private final TreeMap<String, Place> places = new TreeMap<>();
    private final TreeMap<String, DiskCursor> cursors = new TreeMap<>();
    private final Staging staging;
    private final Set<List<Long>> seenDamage = new HashSet<>();
    private @Nullable Segment tail;
    private long occupied;
    private long nextOrdinal;
    private long nextSeq;
    /// All below is durable or given up.
    private long durableSeq;
    /// Where the durable log ends; less than `durableSeq` when what followed was given up or passed
    /// over.
    private long solidEnd;
    private long wantedSeq;
    private long rounds;
    private int waitingForSpace;
    /// The size of the last record that had to wait for space, a segment's at most.
    private long didNotFit;
    private long failures;
    private long failuresTold;
    /// Where the first range begins that was given up and not told by [#sync()] yet.
    private long untoldFrom;
    private @Nullable SyncFailed lastFailure;
    private long corruptRecords;
    /// Files of no use that the disk did not let us delete, with their bytes.
    private final Map<String, Long> leftBehind = new HashMap<>();
    private long lostEvents;
    /// The last segment that was to begin had no room on disk, or could not be written.
    private boolean cramped;
    private boolean idle;
    private boolean closing;
    private boolean abandoned;
    private boolean stopped;

    private DiskBuffer(
            Disk disk, Limits limits, InstantSource clock, IntFunction<ByteBuffer> memory, Opening.Opened opened) {
        this.disk = disk;
        this.limits = limits;
        this.recent = new Recent(limits.recentBytes());
        this.staging = new Staging(limits.segmentBytes(), memory);
        this.clock = clock;
        this.id = opened.id();
        this.recovery = opened.recovery();
        this.gaps = opened.gaps();
        for (Segment segment : opened.segments()) {
            segments.add(segment);
            occupied += segment.size;
        }
        spares.addAll(opened.spares());
        occupied += spareBytes();
        opened.places().forEach(place -> places.put(place.reader, place));
        nextOrdinal = opened.nextOrdinal();
        nextSeq = opened.nextSeq();
        durableSeq = nextSeq;
        solidEnd = opened.solidEnd();
        wantedSeq = nextSeq;
        corruptRecords = recovery.corruptRecords();
        lostEvents = recovery.lostEvents();
        logThread = Thread.ofPlatform().daemon().name("buffer-log").unstarted(new Log());
    }

    /// Opens the buffer in this folder, which is created when it is not there, and mends what a
    /// crash or damage left; see [#recovery]. Throws [BufferLocked] while another process has it
    /// open, [BufferTooNew] when a newer LogRoute wrote it, and an `IOException` that says what to
    /// do when the folder cannot be read or written. What the files contain never makes it fail.
    public static DiskBuffer open(Path folder, Limits limits) throws IOException {
        try {
            return open(FolderDisk.open(folder), limits, InstantSource.system(), new SecureRandom()::nextLong);
        } catch (FileSystemException e) {
            throw FolderDisk.unusable(folder, e);
        }
    }

    /// A buffer in memory outside the Java heap, for those who want none on disk. All else is as
    /// with a folder, but "durable" means no more than "in this process": what readers have not
    /// settled goes with it, or with [#close]. Throws `IOException` when the machine has no memory.
    public static DiskBuffer inMemory(Limits limits) throws IOException {
        return open(new MemoryDisk(limits.maxBytes()), limits, InstantSource.system(), new SecureRandom()::nextLong);
    }

    static DiskBuffer open(Disk disk, Limits limits, InstantSource clock, LongSupplier chance) throws IOException {
        return open(disk, limits, clock, chance, ByteBuffer::allocateDirect);
    }

    /// @param memory as [Staging] asks for it
    static DiskBuffer open(
            Disk disk, Limits limits, InstantSource clock, LongSupplier chance, IntFunction<ByteBuffer> memory)
            throws IOException {
        try {
            Opening.Opened opened = Opening.open(disk, clock.millis(), chance, limits);
            DiskBuffer buffer = new DiskBuffer(disk, limits, clock, memory, opened);
            buffer.logThread.start();
            buffer.sweepSoon();
            return buffer;
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    @Override
    public String id() {
        return Buffer.id(id);
    }

    /// Where it lies, for people: its folder, or `memory`.
    @Override
    public String where() {
        return disk.toString();
    }

    // ---- Writing

    /// The bytes are copied before this returns, and the array is kept for readers that keep up.
    @Override
    public long append(byte[] bytes, int from, int length, int events, byte codec)
            throws IOException, InterruptedException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (events < 1 || events > Math.max(1, length)) {
            throw new IllegalArgumentException(
                    "a record of %d bytes cannot carry %d events; 1 to one a byte".formatted(length, events));
        }
        refuseTooLong(length);
        int sum = Format.sum(bytes, from, length);
        long size = Format.recordSize(length);
        lock.lockInterruptibly();
        try {
            Segment segment = room(length, size);
            if (!staging.reserve(size)) {
                throw noMemory(length);
            }
            long seq = nextSeq;
            Head head = new Head(length, sum, seq, solidEnd, clock.millis(), events, codec);
            ByteBuffer encoded = head.encode(segment.home, segment.end);
            staging.add(segment, encoded.array(), encoded.arrayOffset(), Format.RECORD_HEAD);
            staging.add(segment, bytes, from, length);
            staging.add(segment, PADDING, 0, (int) (size - Format.RECORD_HEAD - length));
            occupied += segment.growth(size);
            segment.size += segment.growth(size);
            segment.end += size;
            nextSeq += events;
            segment.endSeq = nextSeq;
            recent.add(new Recent.Record(
                    segment,
                    segment.end - size,
                    segment.end,
                    new Stored(seq, events, Instant.ofEpochMilli(head.millis()), codec, bytes, from, from + length)));
            if (staging.isHalfFull()) {
                work.signal();
            }
            return seq;
        } finally {
            lock.unlock();
        }
    }

    private static final byte[] PADDING = new byte[8];

    private IOException noMemory(int length) {
        return new IOException(
                "The buffer in %s got no memory outside the heap to take in a record of %d bytes, which is not stored; raise LogRoute's memory limit or -XX:MaxDirectMemorySize, or send smaller windows."
                        .formatted(disk, length));
    }

    private void refuseTooLong(int length) {
        long most = limits.maxRecordBytes();
        if (length > most) {
            throw new IllegalArgumentException(
                    "a record of %d bytes does not fit; this buffer takes up to %d, raise maxBytes"
                            .formatted(length, most));
        }
    }

    /// Waits until a record of this size may be staged, and gives the segment it goes to.
    private Segment room(int length, long size) throws IOException, InterruptedException {
        while (true) {
            ensureOpen();
            refuseTooLong(length); // the buffer may have become smaller meanwhile
            Segment segment = tail;
            if (segment == null || !segment.takes(size, limits.segmentBytes())) {
                segment = begin(size);
            }
            if (occupied + segment.growth(size) > limits.maxBytes()) {
                waitingForSpace++;
                didNotFit = Math.min(size, limits.segmentBytes());
                try {
                    sweepSoon();
                    freed.await(1, TimeUnit.SECONDS);
                } finally {
                    waitingForSpace--;
                }
                continue;
            }
            if (!staging.takes(size)) {
                work.signal();
                freed.await(1, TimeUnit.SECONDS);
                continue;
            }
            return segment;
        }
    }

    /// Begins the next segment, in a spare file if there is one for a record of this size. The log
    /// thread is told at once: the segment before can only go after it.
    private Segment begin(long size) {
        Spare spare = spares.peek();
        if (spare != null && Format.RECORDS_AT + size > spare.size()) {
            spare = null;
        }
        Segment segment = new Segment(
                new Home(id, nextOrdinal++),
                nextSeq,
                dirty.isEmpty() ? solidEnd : nextSeq,
                clock.millis(),
                spare != null);
        if (spare != null) {
            spares.remove();
            segment.spare = spare;
            segment.size = spare.size(); // which is in `occupied` already
        } else {
            occupied += segment.size;
        }
        segments.add(segment);
        tail = segment;
        dirty.add(segment);
        staging.begin(segment);
        wantedSeq = nextSeq;
        work.signal();
        return segment;
    }

    /// One `fdatasync` for all who wait.
    @Override
    public long sync() throws IOException {
        lock.lock();
        try {
            long told = failuresTold;
            awaitDurable(nextSeq);
            if (failures > told && lastFailure != null) {
                failuresTold = failures;
                throw notStored(untoldFrom, lastFailure.to(), lastFailure.why());
            }
            return durableSeq;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long sync(long seq) throws IOException {
        lock.lock();
        try {
            awaitDurable(Math.min(nextSeq, seq + 1));
            if (gaps.contains(seq)) {
                throw notStored(seq, gaps.skip(seq), lastFailure == null ? "no such record" : lastFailure.why());
            }
            return durableSeq;
        } finally {
            lock.unlock();
        }
    }

    private SyncFailed notStored(long from, long to, String why) {
        return new SyncFailed(
                from,
                to,
                "Events %d to %d could not be made durable in %s (%s). They are not stored and have to be sent again; free that disk, or mend it."
                        .formatted(from, to - 1, disk, why),
                why,
                ("The disk of the buffer refuses data. Free it or mend it: it holds %s, and the log says"
                                + " what it answers. What was not stored is not acknowledged, and clients send it"
                                + " again.")
                        .formatted(disk));
    }

    private void awaitDurable(long seq) throws IOException {
        while (durableSeq < seq) {
            if (stopped || abandoned) {
                throw closed();
            }
            if (wantedSeq < nextSeq) {
                wantedSeq = nextSeq;
                work.signal();
            }
            progressed.awaitUninterruptibly();
        }
    }

    @Override
    public boolean full() {
        lock.lock();
        try {
            return waitingForSpace > 0 || !fits(Math.max(didNotFit, Format.recordSize(8)));
        } finally {
            lock.unlock();
        }
    }

    /// In the newest segment, or in a spare, or in a file that takes the space of the spares.
    private boolean fits(long size) {
        Segment segment = tail;
        boolean inTail = segment != null && segment.takes(size, limits.segmentBytes());
        long growth = inTail && segment != null ? segment.growth(size) : size;
        return occupied - spareBytes() + growth <= limits.maxBytes();
    }

    // ---- The log thread

    /// Writes what is staged and forces it when somebody waits.
    private final class Log implements Runnable {
        private final NewestFile file = new NewestFile(disk, DiskBuffer.this::durable);

        @Override
        public void run() {
            try {
                Round round = nextRound();
                while (round != null) {
                    rounds(round);
                    round = round.last() ? null : nextRound();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // nobody does; then stop as after an error
            } finally {
                file.close();
                stopped();
            }
        }

        private void rounds(Round round) {
            try {
                for (Staging.Piece piece : round.pieces()) {
                    file.write(piece);
                }
                if (round.last()) {
                    file.finish();
                } else if (round.force()) {
                    file.force();
                }
                succeeded(round);
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                file.close();
                failed(round, e);
            }
        }
    }

    private @Nullable Round nextRound() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                if (abandoned) {
                    return null;
                }
                if (due()) {
                    return round();
                }
                idle = true;
                try {
                    work.await();
                } finally {
                    idle = false;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean due() {
        return closing || wantedSeq > durableSeq || staging.isHalfFull() || staging.begins();
    }

    /// Whether the log thread waits until somebody appends, syncs or closes. For tests that go step
    /// by step.
    boolean idle() {
        lock.lock();
        try {
            return idle && !due();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until housekeeping has done all it was asked to so far. For tests that go step by
    /// step.
    void awaitHousekeeping() throws IOException {
        housekeeping.run(() -> id);
    }

    private Round round() {
        List<Staging.Piece> pieces = staging.take();
        // Where a segment begins, the one before is whole, and may be deleted.
        boolean begins = pieces.stream().anyMatch(piece -> piece.bytes() == null);
        boolean force = closing || wantedSeq > durableSeq || begins;
        List<Mark> marks = new ArrayList<>();
        for (Segment segment : dirty) {
            marks.add(new Mark(segment, segment.end, segment.endSeq, segment != tail || closing));
        }
        return new Round(pieces, marks, nextSeq, force, closing);
    }

    /// The records of a segment that gets no more are durable, whatever comes of the rest of the
    /// round: the header of the next segment says so.
    private void durable(Segment whole) {
        lock.lock();
        try {
            whole.readable = whole.end;
            whole.readableSeq = whole.endSeq;
            if (whole.endSeq > durableSeq) {
                durableSeq = whole.endSeq;
                solidEnd = whole.endSeq;
            }
        } finally {
            lock.unlock();
        }
    }

    private void succeeded(Round round) {
        lock.lock();
        try {
            staging.giveBack(round.pieces());
            cramped = false;
            if (round.force()) {
                for (Mark mark : round.marks()) {
                    mark.segment().readable = mark.end();
                    mark.segment().readableSeq = mark.endSeq();
                    mark.segment().finished = mark.whole();
                    if (mark.whole()) {
                        dirty.remove(mark.segment());
                    }
                }
                if (round.endSeq() > durableSeq) {
                    durableSeq = round.endSeq();
                    solidEnd = round.endSeq();
                }
            }
            ended();
        } finally {
            lock.unlock();
        }
    }

    /// Gives up all that is not durable: what the round held, and what was appended meanwhile. The
    /// files of it are not touched again in this life.
    private void failed(Round round, Throwable cause) {
        List<String> empty = new ArrayList<>();
        List<Segment> kept = new ArrayList<>();
        lock.lock();
        try {
            recent.clear();
            staging.drop();
            staging.giveBack(round.pieces());
            for (Segment segment : dirty) {
                segment.end = segment.readable;
                segment.endSeq = segment.readableSeq;
                segment.finished = true;
                segment.failed = true;
                if (!segment.holdsRecords()) {
                    segments.remove(segment);
                    cramped = true;
                    occupied -= segment.size;
                    empty.add(segment.name());
                    empty.add(segment.name() + ".tmp");
                    if (segment.spare != null) {
                        empty.add(segment.spare.name());
                    }
                } else {
                    kept.add(segment);
                }
            }
            dirty.clear();
            tail = null;
            if (nextSeq > durableSeq) {
                SyncFailed failure = notStored(durableSeq, nextSeq, cause.toString());
                gaps.add(durableSeq, nextSeq);
                untoldFrom = failures == failuresTold ? durableSeq : untoldFrom;
                durableSeq = nextSeq;
                lastFailure = failure;
                failures++;
            }
            wantedSeq = nextSeq;
            ended();
        } finally {
            lock.unlock();
        }
        deleteUnused(empty);
        kept.forEach(this::measure);
    }

    /// A file that failed is as long as what reached it, which is less than what was to come.
    private void measure(Segment segment) {
        long size;
        try (Disk.File file = disk.openToRead(segment.name())) {
            size = file.size();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "The size of " + segment.name() + " is reckoned, not asked", e);
            return;
        }
        lock.lock();
        try {
            if (segments.has(segment)) { // not deleted, nor about to be
                occupied += size - segment.size;
                segment.size = size;
                freed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// They hold nothing that counts, whether this works or not: the next segment says where the
    /// log ended.
    private void deleteUnused(List<String> names) {
        for (String name : names) {
            try {
                disk.delete(name);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "Unused buffer file " + name + " could not be deleted", e);
                leaveBehind(name);
            }
        }
    }

    /// It is there, so it counts; and it goes as soon as the disk lets it.
    private void leaveBehind(String name) {
        long size;
        try (Disk.File file = disk.openToRead(name)) {
            size = file.size();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "The size of " + name + " cannot be asked; it is not counted", e);
            size = 0;
        }
        lock.lock();
        try {
            if (leftBehind.putIfAbsent(name, size) == null) {
                occupied += size;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Tries again to delete what the disk did not let go.
    private void deleteLeftBehind() {
        Map<String, Long> names;
        lock.lock();
        try {
            names = Map.copyOf(leftBehind);
        } finally {
            lock.unlock();
        }
        names.forEach((name, size) -> {
            try {
                disk.delete(name);
            } catch (NoSuchFileException e) {
                LOG.log(System.Logger.Level.DEBUG, "Unused buffer file " + name + " is gone already", e);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "Unused buffer file " + name + " stays", e);
                return;
            }
            lock.lock();
            try {
                leftBehind.remove(name);
                occupied -= size;
                freed.signalAll();
            } finally {
                lock.unlock();
            }
        });
    }

    private void ended() {
        rounds++;
        progressed.signalAll();
        freed.signalAll();
        if (waitingForSpace > 0) {
            sweepSoon();
        }
    }

    private void stopped() {
        lock.lock();
        try {
            stopped = true;
            closing = true;
            ended();
        } finally {
            lock.unlock();
        }
    }

    // ---- Reading

    @Override
    public Cursor cursor(String reader) throws IOException {
        Place.fileName(reader);
        Place place = housekeeping.run(() -> place(reader));
        lock.lock();
        try {
            ensureOpen();
            if (cursors.containsKey(reader)) {
                throw new IllegalStateException("cursor \"%s\" is open already; close it first".formatted(reader));
            }
            int block = Math.min(Staging.CHUNK, limits.segmentBytes());
            DiskCursor cursor = new DiskCursor(this, place, gaps.skip(place.saved), block);
            cursors.put(reader, cursor);
            return cursor;
        } finally {
            lock.unlock();
        }
    }

    /// On the housekeeping thread, so nothing is deleted meanwhile.
    private Place place(String reader) throws IOException {
        long oldest;
        lock.lock();
        try {
            Place known = places.get(reader);
            if (known != null) {
                return known;
            }
            oldest = Math.min(oldestSeq(), solidEnd); // as for every place: never beyond what is durable
        } finally {
            lock.unlock();
        }
        Place created = create(reader, oldest);
        lock.lock();
        try {
            places.put(reader, created);
        } finally {
            lock.unlock();
        }
        return created;
    }

    /// A full file system has room again once the spares are gone.
    private Place create(String reader, long seq) throws IOException {
        try {
            return Place.create(disk, id, reader, seq, clock.millis());
        } catch (IOException e) {
            if (!dropSpares()) {
                throw e;
            }
            return Place.create(disk, id, reader, seq, clock.millis());
        }
    }

    @Override
    public long forget(String reader) throws IOException {
        DiskCursor open;
        lock.lock();
        try {
            open = cursors.get(reader);
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.close();
        }
        long left = housekeeping.run(() -> {
            Place place;
            long unsettled;
            lock.lock();
            try {
                place = places.get(reader);
                if (place == null) {
                    return 0L;
                }
                unsettled = unsettled(open == null ? place.saved : open.settled());
            } finally {
                lock.unlock();
            }
            place.delete();
            lock.lock();
            try {
                places.remove(reader);
            } finally {
                lock.unlock();
            }
            return unsettled;
        });
        sweepSoon();
        return left;
    }

    @Override
    public List<String> readers() {
        lock.lock();
        try {
            return List.copyOf(places.keySet());
        } finally {
            lock.unlock();
        }
    }

    void closed(DiskCursor cursor, String reader) {
        lock.lock();
        try {
            cursors.remove(reader, cursor);
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long rounds() {
        lock.lock();
        try {
            return rounds;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until a round has ended since `seen`, or this much time is over (false), or the cursor
    /// is closed.
    boolean awaitRound(long seen, long nanos, DiskCursor cursor) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (rounds == seen && !stopped && !cursor.isClosed()) {
                if (left <= 0) {
                    return false;
                }
                left = progressed.awaitNanos(left);
            }
            return rounds != seen;
        } finally {
            lock.unlock();
        }
    }

    /// The oldest segment that holds records from `seq` on. Its file stays what it is until
    /// [#left].
    Optional<Segment> segmentFor(long seq) {
        lock.lock();
        try {
            return entered(segments.from(seq));
        } finally {
            lock.unlock();
        }
    }

    /// The one after, as [#segmentFor].
    Optional<Segment> segmentAfter(Segment segment) {
        lock.lock();
        try {
            return entered(segments.after(segment));
        } finally {
            lock.unlock();
        }
    }

    private static Optional<Segment> entered(Optional<Segment> segment) {
        segment.ifPresent(each -> each.readers++);
        return segment;
    }

    /// The cursor has closed the segment's file.
    void left(Segment segment) {
        lock.lock();
        try {
            segment.readers--;
        } finally {
            lock.unlock();
        }
    }

    /// The record that begins with `seq` at this place, when it is in memory.
    Recent.@Nullable Record recent(long seq, Segment segment, long from) {
        lock.lock();
        try {
            return recent.find(seq, segment, from);
        } finally {
            lock.unlock();
        }
    }

    Reach reach(Segment segment) {
        lock.lock();
        try {
            return new Reach(segment.readable, segment.readableSeq, segment.finished);
        } finally {
            lock.unlock();
        }
    }

    Disk.File openToRead(Segment segment) throws IOException {
        return disk.openToRead(segment.name());
    }

    /// A reader met bytes that are no record. Counted once however many readers pass; a copy of the
    /// file goes to `corrupt/`.
    void corrupt(Segment segment, long position) {
        lock.lock();
        try {
            if (!seenDamage.add(List.of(segment.home.ordinal(), position))) {
                return;
            }
            if (segment.countedAtOpening > 0) {
                segment.countedAtOpening--;
            } else {
                corruptRecords++;
            }
            if (segment.setAside) {
                return;
            }
            segment.setAside = true;
        } finally {
            lock.unlock();
        }
        housekeeping.soon(() -> Aside.copy(disk, segment.name(), limits.maxBytes() / 4));
    }

    /// A reader missed these events, which had been durable.
    void lost(long from, long to) {
        lock.lock();
        try {
            lostEvents += gaps.add(from, to);
        } finally {
            lock.unlock();
        }
    }

    /// The same place for a cursor, past numbers that belong to no record, but never beyond the
    /// durable log: only what lies in it can vouch for the numbers before.
    long worthSaving(long seq) {
        lock.lock();
        try {
            return Math.min(gaps.skip(seq), solidEnd);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long unsettled(String reader, long below) {
        var settled = settled(reader);
        return settled.isEmpty() ? 0 : eventsBetween(settled.getAsLong(), below);
    }

    long unsettled(long settled) {
        lock.lock();
        try {
            return Math.max(0, nextSeq - settled - gaps.above(settled));
        } finally {
            lock.unlock();
        }
    }

    /// What lies in the log from `seq` on, in bytes; the part of a segment is reckoned by its events.
    long bytesFrom(long seq) {
        lock.lock();
        try {
            return segments.bytesFrom(seq);
        } finally {
            lock.unlock();
        }
    }

    /// The least place that has no more than so many bytes behind it; as [#bytesFrom] reckons.
    long placeWithin(long bytes) {
        lock.lock();
        try {
            return segments.placeWithin(bytes);
        } finally {
            lock.unlock();
        }
    }

    /// How many events there are from one number up to another; those lost or given up do not
    /// count.
    long eventsBetween(long from, long to) {
        return Math.max(0, unsettled(from) - unsettled(to));
    }

    /// Of the oldest segment; empty while it is the only one, or still grows.
    @Override
    public OptionalLong oldestEnd() {
        lock.lock();
        try {
            if (segments.size() < 2) {
                return OptionalLong.empty();
            }
            Segment oldest = segments.oldest();
            return oldest.finished ? OptionalLong.of(oldest.endSeq) : OptionalLong.empty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OptionalLong settled(String reader) {
        lock.lock();
        try {
            Place place = places.get(reader);
            DiskCursor open = cursors.get(reader);
            if (place == null) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(open == null ? place.saved : open.settled());
        } finally {
            lock.unlock();
        }
    }

    // ---- Housekeeping: cursors and deletion, on one thread, in order

    /// Makes the place durable, then deletes what all readers have passed.
    void save(Place place, long settled) throws IOException {
        housekeeping.run(() -> {
            lock.lock();
            try {
                if (places.get(place.reader) != place) {
                    return place; // forgotten meanwhile
                }
            } finally {
                lock.unlock();
            }
            if (settled > place.saved) {
                place.save(settled, clock.millis());
                lock.lock();
                try {
                    place.saved = settled;
                } finally {
                    lock.unlock();
                }
            }
            sweep();
            return place;
        });
    }

    private void sweepSoon() {
        housekeeping.soon(() -> {
            try {
                sweep();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "Segments that all readers have passed could not be deleted", e);
            }
        });
    }

    /// Takes the segments that every reader has durably passed out of the log, but not the newest:
    /// it keeps the sequence numbers. Only when the disk has no room for a newer one it goes, too:
    /// the places beyond it keep the numbers until there is one. Some of the files become spares,
    /// the others go; and the spares go when somebody else needs the space.
    private void sweep() throws IOException {
        deleteLeftBehind();
        List<Segment> passed = passed();
        if (!passed.isEmpty()) {
            sweep(passed);
        }
        if (spareBytes() > 0 && spacePressed()) {
            dropSpares();
        }
    }

    private void sweep(List<Segment> passed) throws IOException {
        List<Segment> done = new ArrayList<>();
        List<Spare> kept = new ArrayList<>();
        boolean forced = false;
        try {
            for (Segment segment : passed) {
                if (worthKeeping(segment, kept)) {
                    Spare spare = new Spare(segment.home.ordinal(), segment.size);
                    disk.rename(segment.name(), spare.name());
                    kept.add(spare);
                } else {
                    disk.delete(segment.name());
                }
                done.add(segment);
            }
            disk.forceFolder("");
            forced = true;
        } finally {
            lock.lock();
            try {
                passed.removeAll(done);
                passed.forEach(segments::add);
                done.forEach(segment -> occupied -= segment.size);
                if (forced) {
                    spares.addAll(kept);
                    kept.forEach(spare -> occupied += spare.size());
                }
                freed.signalAll();
            } finally {
                lock.unlock();
            }
            if (!forced) {
                deleteUnused(kept.stream().map(Spare::name).toList());
            }
        }
    }

    /// A file that failed or is damaged gets no other life, nor one that a reader has open.
    private boolean worthKeeping(Segment segment, List<Spare> kept) throws IOException {
        boolean pressed = spacePressed();
        lock.lock();
        try {
            long bytes = spareBytes() + kept.stream().mapToLong(Spare::size).sum();
            return !pressed
                    && !segment.failed
                    && !segment.setAside
                    && segment.readers == 0
                    && limits.worthKeeping(segment.size)
                    && spares.size() + kept.size() < Spare.MOST
                    && bytes + segment.size <= limits.spareBytes();
        } finally {
            lock.unlock();
        }
    }

    /// Whether an append waits for space, or the file system is nearly full.
    private boolean spacePressed() throws IOException {
        lock.lock();
        try {
            if (waitingForSpace > 0) {
                return true;
            }
        } finally {
            lock.unlock();
        }
        return disk.free() < 2L * limits.segmentBytes();
    }

    /// False when there were none.
    private boolean dropSpares() throws IOException {
        List<Spare> dropped;
        lock.lock();
        try {
            dropped = List.copyOf(spares);
            spares.clear();
        } finally {
            lock.unlock();
        }
        if (dropped.isEmpty()) {
            return false;
        }
        try {
            deleteUnused(dropped.stream().map(Spare::name).toList());
            disk.forceFolder("");
        } finally {
            lock.lock();
            try {
                dropped.forEach(spare -> occupied -= spare.size());
                freed.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    private List<Segment> passed() {
        List<Segment> passed = new ArrayList<>();
        lock.lock();
        try {
            long settled = places.values().stream()
                    .mapToLong(place -> place.saved)
                    .min()
                    .orElse(0);
            while (segments.size() > (cramped ? 0 : 1)) {
                Segment oldest = segments.oldest();
                if (!oldest.finished || settled < oldest.endSeq) {
                    break;
                }
                passed.add(oldest);
                segments.remove(oldest);
            }
            return passed;
        } finally {
            lock.unlock();
        }
    }

    // ---- Figures

    /// What the segment files occupy, spares included, with what is about to be written.
    @Override
    public long bytes() {
        lock.lock();
        try {
            return occupied;
        } finally {
            lock.unlock();
        }
    }

    /// What of [#bytes] are files without records, kept for later segments.
    public long spareBytes() {
        lock.lock();
        try {
            return spares.stream().mapToLong(Spare::size).sum();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long maxBytes() {
        return limits.maxBytes();
    }

    /// As [#resize(Limits)], with [Limits#of(long)].
    @Override
    public void resize(long maxBytes) {
        resize(Limits.of(maxBytes));
    }

    @Override
    public long maxRecordBytes() {
        return limits.maxRecordBytes();
    }

    /// From now on the files may occupy so much. Segments that there are stay as they are; while they occupy more,
    /// [#append] waits as it does while the buffer is full.
    public void resize(Limits other) {
        lock.lock();
        try {
            limits = new Limits(other.maxBytes(), other.segmentBytes(), limits.recentBytes());
            didNotFit = Math.min(didNotFit, limits.segmentBytes());
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        sweepSoon();
    }

    @Override
    public long firstSeq() {
        lock.lock();
        try {
            return oldestSeq();
        } finally {
            lock.unlock();
        }
    }

    private long oldestSeq() {
        return segments.oldestFilled()
                .map(segment -> gaps.skip(segment.baseSeq))
                .orElse(nextSeq);
    }

    @Override
    public long nextSeq() {
        lock.lock();
        try {
            return nextSeq;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long durableSeq() {
        lock.lock();
        try {
            return durableSeq;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long freeDiskBytes() throws IOException {
        return disk.free();
    }

    @Override
    public Recovery recovery() {
        return recovery;
    }

    @Override
    public Damage damage() {
        lock.lock();
        try {
            return new Damage(corruptRecords, lostEvents, recovery.doubtfulEvents());
        } finally {
            lock.unlock();
        }
    }

    // ---- The end

    private void ensureOpen() throws IOException {
        if (closing || abandoned) {
            throw closed();
        }
    }

    static IOException closed() {
        return new IOException("the buffer is closed");
    }

    /// Seals the newest segment.
    @Override
    public void close() {
        end(false);
    }

    /// Stops as a killed process would: nothing more reaches the disk.
    void abandon() {
        end(true);
    }

    private void end(boolean abruptly) {
        List<DiskCursor> open;
        lock.lock();
        try {
            closing = true;
            abandoned = abandoned || abruptly;
            work.signal();
            freed.signalAll();
            progressed.signalAll();
            open = List.copyOf(cursors.values());
        } finally {
            lock.unlock();
        }
        open.forEach(DiskCursor::close);
        boolean interrupted = Thread.interrupted();
        interrupted |= awaitThreads();
        disk.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Gives whether the thread was interrupted meanwhile; it waits on, since an unfinished write
    /// must not race with another opening.
    private boolean awaitThreads() {
        boolean interrupted = false;
        housekeeping.end();
        while (true) {
            try {
                logThread.join();
                if (housekeeping.awaitEnd(Duration.ofMinutes(1))) {
                    return interrupted;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
