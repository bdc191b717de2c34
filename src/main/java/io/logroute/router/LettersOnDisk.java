package io.logroute.router;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The dead letters of a sink in files: lines of JSON ([LetterLine]) in its own folder, synced before
/// the event counts as settled.
///
///     dead-letters/<sink>/format             their form ([LetterFormat])
///                         00000003.ndjson    letters
///                         00000003.gone      which of them were taken out ([GoneLetters])
///
/// The file with the highest number is written to, and is never deleted, so that no number and no
/// [LetterId] comes twice. Whole files go, the oldest first, when all their letters were taken out,
/// when there is more than the [Bounds] allow, or when they are older. Damage costs the letters
/// that it hit: what is no whole letter is counted and passed over. The last line of the file that was
/// written to when a process was killed may be cut off; it was promised to nobody, and is no damage
/// ([LetterLine#ending]). Safe for all threads.
final class LettersOnDisk implements DeadLetters {
    private static final System.Logger LOG = System.getLogger(LettersOnDisk.class.getName());
    private static final long LARGEST_FILE = 64 << 20;
    /// Of what may be kept, in bytes and in time: so much goes in one go.
    private static final int PARTS = 16;
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);
    private static final int MOST_REASONS = 200;
    /// Bytes looked through for one page; a filter that little fits does not hold up the caller.
    private static final long LOOK_THROUGH = 64 << 20;

    /// What lies in one file.
    private static final class Contents {
        long letters;
        long damaged;
        /// Known unless the letter that was the oldest was taken out.
        @Nullable
        Instant oldest;

        @Nullable
        Instant newest;

        final Map<String, Long> reasons = new HashMap<>();

        void add(LetterHead head) {
            letters++;
            oldest = oldest == null || head.time().isBefore(oldest) ? head.time() : oldest;
            newest = newest == null || head.time().isAfter(newest) ? head.time() : newest;
            var reason = DeadLetters.kind(head.reason());
            if (reasons.containsKey(reason) || reasons.size() < MOST_REASONS) {
                reasons.merge(reason, 1L, Long::sum);
            }
        }
    }

    private final Path folder;
    private final String router;
    private final String sink;
    private final String buffer;
    private final InstantSource clock;
    private final Leaving leaving;
    private final Farewell farewell;
    /// Guarded by this.
    private final DurableFolders folders;

    private final ReentrantLock replaying = new ReentrantLock();
    private Bounds bounds;

    // All below: guarded by this.
    private @Nullable FileChannel file;
    private long number;
    private final TreeMap<Long, Contents> known = new TreeMap<>();
    private @Nullable GoneLetters gone;
    private long goneOf = -1;
    private Instant swept = Instant.EPOCH;
    private boolean closed;
    /// Whether all files were looked at once: what changes is known since.
    private boolean surveyed;

    /// How many letters there are, with those that are damaged; less than 0 while that is not known.
    private volatile long there = -1;

    /// @param buffer id of the buffer that the events are read from
    LettersOnDisk(
            Path folder,
            String router,
            String sink,
            String buffer,
            Bounds bounds,
            InstantSource clock,
            Leaving leaving) {
        this(folder, router, sink, buffer, bounds, clock, leaving, DurableFolders::syncToDisk);
    }

    LettersOnDisk(
            Path folder,
            String router,
            String sink,
            String buffer,
            Bounds bounds,
            InstantSource clock,
            Leaving leaving,
            DurableFolders.Sync sync) {
        this.folder = folder;
        this.router = router;
        this.sink = sink;
        this.buffer = buffer;
        this.bounds = bounds;
        this.clock = clock;
        this.leaving = leaving;
        this.farewell = new Farewell(router, sink, leaving);
        this.folders = new DurableFolders(folder, sync);
    }

    /// As [DeadLetters#under].
    static List<DeadLetters> under(Path data) throws IOException {
        var all = new ArrayList<DeadLetters>();
        for (var router : folders(data.resolve("routers"))) {
            for (var sink : folders(router.resolve("dead-letters"))) {
                LetterFormat.refuseNewer(sink);
                all.add(new LettersOnDisk(
                        sink,
                        router.getFileName().toString(),
                        sink.getFileName().toString(),
                        "",
                        Bounds.USUAL,
                        InstantSource.system(),
                        (_, _) -> {}));
            }
        }
        return all;
    }

    static List<Path> folders(Path above) throws IOException {
        if (!Files.isDirectory(above)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(above)) {
            return found.filter(Files::isDirectory).sorted().toList();
        }
    }

    @Override
    public String router() {
        return router;
    }

    @Override
    public String sink() {
        return sink;
    }

    @Override
    public String where() {
        return folder.toString();
    }

    @Override
    public String mend() {
        return "free that disk, or let LogRoute write there";
    }

    @Override
    public ReentrantLock replaying() {
        return replaying;
    }

    private long fileBytes() {
        return Math.clamp(bounds.maxBytes() / PARTS, 4096, LARGEST_FILE);
    }

    @Override
    public synchronized void bounds(Bounds wanted) {
        bounds = wanted;
    }

    @Override
    public synchronized void keepAnyAge() {
        bounds = bounds.ageless();
    }

    // ---- Keeping

    @Override
    public synchronized void keep(List<Letter> letters) throws IOException {
        if (closed) {
            throw new IOException("the router is being closed");
        }
        var time = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var to = open();
        if (to.size() >= fileBytes()) {
            to = roll();
        }
        long before = to.size();
        var lines = new ByteArrayOutputStream();
        var heads = new ArrayList<LetterHead>();
        for (var letter : letters) {
            var id = new LetterId(number, before + lines.size());
            var line = LetterLine.write(id, time, router, sink, buffer, letter.event(), letter.reason());
            lines.writeBytes(line);
            LetterLine.head(java.util.Arrays.copyOf(line, line.length - 1)).ifPresent(heads::add);
        }
        try {
            var bytes = ByteBuffer.wrap(lines.toByteArray());
            long at = before;
            while (bytes.hasRemaining()) {
                at += to.write(bytes, at);
            }
            to.force(false);
        } catch (IOException e) {
            takeBack(to, before);
            closeFile();
            throw e;
        }
        var contents = known.get(number);
        if (contents != null) {
            heads.forEach(contents::add);
        }
        tally();
        makeRoom();
    }

    private static void takeBack(FileChannel file, long size) {
        try {
            file.truncate(size);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "A half-written dead letter stays; it is passed over", e);
        }
    }

    private FileChannel open() throws IOException {
        var open = file;
        if (open != null && open.isOpen()) {
            return open;
        }
        folders.make();
        if (LetterFormat.tell(folder)) {
            folders.changed();
        }
        number = Math.max(1, numbers().stream().mapToLong(Long::longValue).max().orElse(1));
        open = create(number);
        file = open;
        return open;
    }

    /// The file of that number, under a name that is durable.
    private FileChannel create(long number) throws IOException {
        var path = path(number);
        boolean isNew = !Files.exists(path);
        if (isNew) {
            folders.changed();
        }
        var created =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        if (isNew) {
            known.put(number, new Contents());
        }
        try {
            if (endLine(created) && known.remove(number) != null) {
                contents(number);
            }
            folders.settle();
            return created;
        } catch (IOException e) {
            close(created);
            throw e;
        }
    }

    /// A line that a crash cut off is ended, so that the next one is whole.
    ///
    /// @return whether there was one
    private static boolean endLine(FileChannel file) throws IOException {
        long size = file.size();
        long from = lineStart(file, size);
        if (from == size) {
            return false;
        }
        var line = ByteBuffer.allocate((int) Math.min(size - from, LetterFile.LONGEST));
        while (line.hasRemaining() && file.read(line, from + line.position()) > 0) {
            // on to the end
        }
        file.write(ByteBuffer.wrap(LetterLine.ending(line.array())), size);
        return true;
    }

    /// Where the last line begins that has no end.
    private static long lineStart(FileChannel file, long size) throws IOException {
        var block = ByteBuffer.allocate(64 << 10);
        for (long at = size; at > 0; ) {
            long from = Math.max(0, at - block.capacity());
            block.clear().limit((int) (at - from));
            while (block.hasRemaining() && file.read(block, from + block.position()) > 0) {
                // on to its end
            }
            for (int i = block.position() - 1; i >= 0; i--) {
                if (block.get(i) == '\n') {
                    return from + i + 1;
                }
            }
            at = from;
        }
        return 0;
    }

    /// Begins the next file. When that fails none is open, and the next [#open] tries what is left to
    /// do.
    private FileChannel roll() throws IOException {
        open();
        closeFile();
        var next = create(number + 1);
        number++;
        file = next;
        known.put(number, new Contents());
        return next;
    }

    /// Deletes the oldest files beyond what is kept. The letters are durable already: what fails here
    /// is tried again with the next ones.
    private void makeRoom() {
        try {
            var sizes = sizes();
            long sum = sizes.values().stream().mapToLong(Long::longValue).sum();
            long letters = 0;
            for (var each : sizes.entrySet()) {
                if (sum <= bounds.maxBytes() || each.getKey() >= number) {
                    break;
                }
                sum -= each.getValue();
                letters += contents(each.getKey()).letters;
                delete(each.getKey());
            }
            farewell.tell("max_bytes", letters);
        } catch (IOException e) {
            farewell.cannotDelete(e);
        }
    }

    @Override
    public void sweep() {
        synchronized (this) {
            var now = clock.instant();
            if (closed || Duration.between(swept, now).compareTo(SWEEP_EVERY) < 0) {
                return;
            }
            swept = now;
        }
        try {
            for (long each : numbers()) {
                sweep(each);
            }
            surveyed();
        } catch (IOException | RuntimeException e) {
            farewell.cannotDelete(e);
        }
    }

    private synchronized void surveyed() {
        surveyed = !closed;
        tally();
    }

    /// After every change of what is known.
    private void tally() {
        if (surveyed) {
            there = known.values().stream()
                    .mapToLong(each -> each.letters + each.damaged)
                    .sum();
        }
    }

    @Override
    public OptionalLong count() {
        long now = there;
        return now < 0 ? OptionalLong.empty() : OptionalLong.of(now);
    }

    private synchronized void sweep(long each) throws IOException {
        if (closed || !Files.exists(path(each))) {
            return;
        }
        var contents = contents(each);
        var now = clock.instant();
        if (Files.size(path(each)) == 0) {
            return;
        }
        var written = Files.getLastModifiedTime(path(each)).toInstant();
        var newest = contents.newest == null ? written : contents.newest;
        if (numbers().getLast() == each) {
            var oldest = oldest(each, contents);
            if ((oldest == null ? newest : oldest)
                    .plus(bounds.maxAge().dividedBy(PARTS))
                    .isAfter(now)) {
                return;
            }
            // So that what comes now does not keep the old ones.
            roll();
        }
        if (newest.plus(bounds.maxAge()).isBefore(now)) {
            long letters = contents.letters;
            delete(each);
            folders.settle();
            farewell.tell("max_age", letters);
        }
    }

    private void delete(long each) throws IOException {
        folders.changed();
        Files.deleteIfExists(path(each));
        Files.deleteIfExists(gonePath(each));
        known.remove(each);
        tally();
    }

    // ---- Looking

    /// Read off the files where it is not known yet.
    @Override
    public Summary summary() throws IOException {
        long letters = 0;
        long bytes = 0;
        long damaged = 0;
        Instant oldest = null;
        Instant newest = null;
        var reasons = new HashMap<String, Long>();
        for (long each : numbers()) {
            synchronized (this) {
                Contents contents;
                try {
                    contents = contents(each);
                    bytes += Files.size(path(each));
                } catch (NoSuchFileException e) {
                    continue; // it went meanwhile
                }
                letters += contents.letters;
                damaged += contents.damaged;
                var first = oldest(each, contents);
                oldest = oldest == null || first != null && first.isBefore(oldest) ? first : oldest;
                var last = contents.letters == 0 ? null : contents.newest;
                newest = newest == null || last != null && last.isAfter(newest) ? last : newest;
                contents.reasons.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
            }
        }
        var top = reasons.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .map(each -> new Reason(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingLong(Reason::letters).reversed().thenComparing(Reason::reason))
                .limit(10)
                .toList();
        return new Summary(
                router, sink, letters, bytes, damaged, Optional.ofNullable(oldest), Optional.ofNullable(newest), top);
    }

    @Override
    public synchronized LetterId end() throws IOException {
        var numbers = numbers();
        return numbers.isEmpty()
                ? LetterId.START
                : new LetterId(numbers.getLast(), Files.size(path(numbers.getLast())));
    }

    @Override
    public Page page(LetterFilter filter, LetterId after, LetterId until, int limit, long maxBytes) throws IOException {
        var letters = new ArrayList<DeadLetter>();
        long bytes = 0;
        long looked = 0;
        long damaged = 0;
        for (long each : numbers()) {
            if (each < after.file() || each > until.file()) {
                continue;
            }
            var taken = goneIn(each);
            try (var lines = new LetterFile(path(each), each == after.file() ? after.offset() : 0)) {
                for (var line = lines.next(); line != null; line = lines.next()) {
                    var id = new LetterId(each, lines.position());
                    if (id.compareTo(until) >= 0) {
                        break;
                    }
                    looked += line.length + 1;
                    if (id.compareTo(after) > 0) {
                        var head = LetterLine.head(line);
                        boolean out = isGone(taken, id.offset(), line);
                        if (head.isEmpty()) {
                            damaged += LetterLine.isCut(line) ? 0 : 1;
                        } else if (!out && filter.fits(head.get(), id)) {
                            var letter = LetterLine.letter(id, line, head.get());
                            letter.ifPresent(letters::add);
                            damaged += letter.isEmpty() ? 1 : 0;
                            bytes += line.length;
                        }
                    }
                    if (letters.size() >= limit || bytes >= maxBytes || looked >= LOOK_THROUGH) {
                        return new Page(List.copyOf(letters), Optional.of(id), damaged);
                    }
                }
            } catch (NoSuchFileException e) {
                continue; // it went meanwhile
            }
        }
        return new Page(List.copyOf(letters), Optional.empty(), damaged);
    }

    @Override
    public Optional<DeadLetter> letter(LetterId id) throws IOException {
        var taken = goneIn(id.file());
        try (var lines = new LetterFile(path(id.file()), id.offset())) {
            var line = lines.next();
            return line == null || isGone(taken, id.offset(), line)
                    ? Optional.empty()
                    : LetterLine.head(line).flatMap(head -> LetterLine.letter(id, line, head));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private synchronized GoneLetters goneIn(long each) throws IOException {
        var there = gone;
        if (there == null || goneOf != each || closed) {
            there = GoneLetters.read(gonePath(each));
            gone = there;
            goneOf = each;
        }
        return there;
    }

    private synchronized boolean isGone(GoneLetters taken, long offset, byte[] line) {
        return taken.isGone(offset, line);
    }

    private synchronized Contents contents(long each) throws IOException {
        var there = known.get(each);
        if (there != null) {
            return there;
        }
        var contents = new Contents();
        var taken = goneIn(each);
        try (var lines = new LetterFile(path(each), 0)) {
            for (var line = lines.next(); line != null; line = lines.next()) {
                var head = LetterLine.head(line);
                if (head.isEmpty()) {
                    contents.damaged += LetterLine.isCut(line) ? 0 : 1;
                } else if (!taken.isGone(lines.position(), line)) {
                    contents.add(head.get());
                }
            }
            if (lines.hasRest() && numbers().getLast() != each) {
                contents.damaged++; // nobody is to write that to its end
            }
        }
        known.put(each, contents);
        tally();
        return contents;
    }

    private synchronized @Nullable Instant oldest(long each, Contents contents) throws IOException {
        if (contents.letters == 0) {
            return null;
        }
        if (contents.oldest == null) {
            var before = new LetterId(each - 1, Long.MAX_VALUE);
            var first = page(LetterFilter.ALL, before, new LetterId(each, Long.MAX_VALUE), 1, 1);
            contents.oldest = first.letters().isEmpty()
                    ? null
                    : first.letters().getFirst().head().time();
        }
        return contents.oldest;
    }

    // ---- Taking out

    @Override
    public synchronized long remove(Collection<DeadLetter> letters, String why) throws IOException {
        long count = 0;
        var byFile =
                letters.stream().collect(Collectors.groupingBy(each -> each.id().file()));
        for (var each : new TreeMap<>(byFile).entrySet()) {
            Contents contents;
            try {
                contents = contents(each.getKey());
            } catch (NoSuchFileException e) {
                continue; // it went meanwhile, with its letters, and they were told
            }
            var taken = goneIn(each.getKey());
            var there = each.getValue().stream()
                    .filter(letter -> !taken.has(letter))
                    .toList();
            if (there.isEmpty()) {
                continue;
            }
            taken.add(there, folders);
            count += there.size();
            for (var letter : there) {
                contents.letters--;
                contents.reasons.merge(DeadLetters.kind(letter.head().reason()), -1L, Long::sum);
                if (letter.head().time().equals(contents.oldest)) {
                    contents.oldest = null;
                }
            }
            tally();
            if (contents.letters == 0 && contents.damaged == 0) {
                drop(each.getKey());
            }
        }
        if (count > 0) {
            leaving.gone(why, count);
        }
        return count;
    }

    /// Deletes a file; the highest number stays in use by an empty one.
    private void drop(long each) throws IOException {
        if (numbers().getLast() == each) {
            roll();
        }
        delete(each);
        folders.settle();
    }

    @Override
    public synchronized Optional<Long> removeAll(LetterId until) throws IOException {
        if (until.compareTo(end()) < 0) {
            return Optional.empty();
        }
        long letters = 0;
        for (long each : numbers()) {
            var contents = contents(each);
            letters += contents.letters;
            if (Files.size(path(each)) > 0) {
                drop(each);
            }
        }
        if (letters > 0) {
            leaving.gone("purged", letters);
        }
        return Optional.of(letters);
    }

    // ---- The folder

    private List<Long> numbers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\d{8,18}\\.ndjson"))
                    .map(name -> Long.parseLong(name.substring(0, name.indexOf('.'))))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private TreeMap<Long, Long> sizes() throws IOException {
        var sizes = new TreeMap<Long, Long>();
        for (long each : numbers()) {
            sizes.put(each, Files.size(path(each)));
        }
        return sizes;
    }

    private Path path(long number) {
        return folder.resolve("%08d.ndjson".formatted(number));
    }

    private Path gonePath(long number) {
        return folder.resolve("%08d.gone".formatted(number));
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeFile();
    }

    private void closeFile() {
        var open = file;
        file = null;
        if (open != null) {
            close(open);
        }
    }

    private void close(FileChannel open) {
        try {
            open.close();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The dead letters of sink {0} did not close: {1}",
                    sink,
                    e.getMessage());
        }
    }
}
