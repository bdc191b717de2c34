package io.logroute.buffer;

import io.logroute.buffer.Format.Block;
import io.logroute.buffer.Format.Head;
import io.logroute.buffer.Format.Home;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Looks into the folder of a buffer and changes nothing, be it in use or not; [#repair] is the one
/// exception.
///
/// A buffer in use is written to meanwhile. What may still be on its way is no damage: bytes behind
/// the last record of the newest segment. And damage in a buffer in use counts only when a second
/// look finds the same; a segment that went between two looks is passed over.
public final class Inspection {
    /// Blocks for going over heads: payloads are left out.
    private static final int HEADS = 4096;

    private static final long UNKNOWN = Long.MAX_VALUE;
    private static final String THE_END = "(the end)";
    private static final String SHORTER =
            "the log is shorter than a reader had come, so what is missing was acknowledged";

    /// A note in `corrupt/`: buffer, and the numbers that are gone.
    private static final Pattern NOTE = Pattern.compile("gone-([0-9a-z]{12})-([0-9]{1,18})-([0-9]{1,18})\\.txt");

    private final Path folder;
    private final Disk disk;
    private final boolean live;
    private final String owner;

    /// Hears how far long work has come, in bytes.
    public interface Watching {
        void at(long done, long of);

        Watching NOTHING = (_, _) -> {};
    }

    /// Takes records one by one.
    public interface Taking {
        /// @return whether to go on
        boolean take(Stored record) throws IOException;
    }

    /// @param firstSeq number of its first event, `endSeq` the one after its last; the same when it
    ///     has none
    /// @param bytes of its file
    /// @param sealed nothing is added to it any more
    public record SegmentFacts(
            String file,
            long ordinal,
            long firstSeq,
            long endSeq,
            long records,
            long events,
            long bytes,
            Instant created,
            boolean sealed) {}

    /// @param settled everything below is settled
    /// @param lagEvents events from there on, and the bytes of their records
    public record ReaderFacts(String reader, long settled, long lagEvents, long lagBytes) {}

    public record FileFacts(String file, long bytes) {}

    /// What lies in the folder.
    ///
    /// @param spares files kept to be written anew; they hold nothing
    /// @param corrupt files set aside, for people
    /// @param damage what shows without reading every byte: files of which nothing can be read
    public record Contents(
            boolean live,
            Optional<String> id,
            List<SegmentFacts> segments,
            List<ReaderFacts> readers,
            List<FileFacts> spares,
            List<FileFacts> corrupt,
            List<Finding> damage) {
        public Contents {
            damage = List.copyOf(damage);
            segments = List.copyOf(segments);
            readers = List.copyOf(readers);
            spares = List.copyOf(spares);
            corrupt = List.copyOf(corrupt);
        }
    }

    /// Bytes behind the last record of the newest segment that are no record.
    ///
    /// @param zeros there is nothing in them: a copy would tell nobody anything
    public record Torn(String file, long bytes, boolean zeros) {}

    /// What a damage is of.
    public enum Kind {
        /// Records in a segment that has others, or its head.
        RECORDS,
        /// The last records of a segment: what is left of it may go before they are settled.
        TAIL,
        /// A segment of which nothing can be read.
        SEGMENT,
        /// The place of a reader.
        PLACE,
        /// The name of the buffer.
        IDENTITY,
        /// Numbers that no file has: there are no bytes to look at.
        NUMBERS
    }

    /// What has been done about a damage.
    public enum Dealt {
        /// Nothing yet.
        NOT,
        /// A copy of the segment in `corrupt/` has these very bytes.
        COPIED,
        /// What should lie before it was moved to `corrupt/`.
        MOVED,
        /// A note in `corrupt/` tells of the numbers.
        NOTED
    }

    /// One damage.
    ///
    /// @param fromByte where in the file it begins, and before which byte it ends
    /// @param fromSeq numbers from here are missing, up to `toSeq`; the same when none is
    /// @param lostEvents how many of them some reader still wanted
    public record Finding(
            Kind kind,
            String file,
            String what,
            long fromByte,
            long toByte,
            long fromSeq,
            long toSeq,
            long lostEvents,
            Dealt dealt) {
        /// Whether it is dealt with.
        public boolean setAside() {
            return dealt != Dealt.NOT;
        }

        private Finding before(long seq) {
            return new Finding(kind, file, what, fromByte, toByte, fromSeq, Math.max(fromSeq, seq), lostEvents, dealt);
        }

        /// Whether events that were acknowledged are missing at the end of the log.
        private boolean isOfTheEnd() {
            return file.equals(THE_END);
        }
    }

    /// One thing that a repair does. What it names are files, from the buffer's folder on.
    public sealed interface Step {
        /// Copies a segment that is damaged, or about to be cut, to `corrupt/`; its whole records stay
        /// and are delivered.
        record Copy(String file) implements Step {}

        /// Moves a segment of which nothing can be read to `corrupt/`.
        record Move(String file) implements Step {}

        /// Moves a place to `corrupt/`; its reader begins again at the oldest record.
        record BeginAgain(String file, String reader) implements Step {}

        /// Moves the name of the buffer to `corrupt/`, and writes it anew from what segments say.
        record NameAnew(String file) implements Step {}

        /// Cuts what lies behind the last record.
        record Cut(String file, long bytes) implements Step {}

        /// Writes a note to `corrupt/` that the events with these numbers are gone, up to `toSeq`.
        record Note(long fromSeq, long toSeq) implements Step {}
    }

    /// What reading every byte found.
    ///
    /// @param torn bytes behind the last record of the newest segment that are no record: most
    ///     likely a write that never finished. In a file that had a life before, only what is known
    ///     to be of one
    public record Verdict(
            boolean live,
            long segments,
            long records,
            long events,
            long bytes,
            List<Finding> findings,
            Optional<Torn> torn,
            long lostEvents) {
        public Verdict {
            findings = List.copyOf(findings);
        }

        /// Whether there is nothing that LogRoute has not dealt with.
        public boolean good() {
            return findings.stream().allMatch(Finding::setAside);
        }

        /// Whether the end of the log is known to have been further on: a reader had come there. What
        /// is torn was no unfinished write then.
        public boolean isCutShort() {
            return findings.stream().anyMatch(Finding::isOfTheEnd);
        }

        /// All that a repair has to do here. What is torn may be left of what was acknowledged, and
        /// nothing in the file can tell: so it is copied before it is cut. Copies come first, so that
        /// nothing else is done where one fails.
        public List<Step> steps() {
            var steps = new LinkedHashSet<Step>();
            var moved = findings.stream()
                    .filter(each -> each.kind() == Kind.SEGMENT)
                    .map(Finding::file)
                    .toList();
            var cut = torn.filter(each -> !moved.contains(each.file()));
            cut.filter(each -> !each.zeros()).ifPresent(each -> steps.add(new Step.Copy(each.file())));
            for (var each : findings) {
                if (each.setAside()) {
                    continue;
                }
                switch (each.kind()) {
                    case RECORDS -> steps.add(new Step.Copy(each.file()));
                    case TAIL -> {
                        steps.add(new Step.Copy(each.file()));
                        steps.add(new Step.Note(each.fromSeq(), each.toSeq()));
                    }
                    case SEGMENT -> steps.add(new Step.Move(each.file()));
                    case PLACE -> steps.add(new Step.BeginAgain(each.file(), readerOf(each.file())));
                    case IDENTITY -> steps.add(new Step.NameAnew(each.file()));
                    case NUMBERS -> steps.add(new Step.Note(each.fromSeq(), each.toSeq()));
                }
            }
            steps.removeIf(step -> step instanceof Step.Copy(var file) && moved.contains(file));
            cut.ifPresent(each -> steps.add(new Step.Cut(each.file(), each.bytes())));
            return List.copyOf(steps);
        }

        private static String readerOf(String place) {
            return Place.reader(place.substring(Place.FOLDER.length() + 1));
        }
    }

    /// What a repair found and did.
    ///
    /// @param copies what it wrote to `corrupt/` before it opened the buffer
    public record Mending(Verdict before, Recovery recovery, List<String> copies) {
        public Mending {
            copies = List.copyOf(copies);
        }
    }

    /// The folder is held, as by a LogRoute that runs on it.
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// A segment file by its first kilobyte.
    ///
    /// @param misnamed its header, when that is the one of a segment of another number
    private record Part(
            String name, long size, Optional<Block> header, Optional<Block> seal, Optional<Block> misnamed) {
        long ordinal() {
            return Segment.ordinal(name);
        }

        /// Where its records end at the latest.
        long limit() {
            return seal.map(Block::third).filter(end -> end <= size).orElse(size);
        }

        boolean sealed() {
            return header.isPresent() && seal.isPresent() && size >= seal.get().third();
        }

        /// Whether it has a seal, be it shorter than that says or not.
        boolean sealed(long id) {
            return seal.filter(block -> block.id() == id).isPresent();
        }
    }

    /// What going over one segment found.
    private static final class Sight {
        final Part part;
        final List<Finding> findings = new ArrayList<>();
        long records;
        long events;
        long firstSeq = -1;
        long endSeq = -1;
        long end = Format.RECORDS_AT;
        long durable;
        /// Up to here numbers were acknowledged: by its own word, or by that of a later segment.
        long declared;

        Sight(Part part) {
            this.part = part;
        }

        long afterSeq() {
            return part.header().map(Block::third).orElse(firstSeq);
        }

        /// Whether there is anything in it.
        boolean counts() {
            return part.header().isPresent() || firstSeq >= 0;
        }
    }

    private Inspection(Path folder, Disk disk, boolean live, String owner) {
        this.folder = folder;
        this.disk = disk;
        this.live = live;
        this.owner = owner;
    }

    /// Looks at the folder.
    ///
    /// @throws IOException when it is no buffer's folder or cannot be read; the message says so
    public static Inspection of(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("there is no folder %s".formatted(folder));
        }
        try {
            boolean held = isHeld(folder);
            return new Inspection(folder, new ReadOnlyDisk(folder), held, held ? owner(folder) : "");
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "user %s may not read %s; run this as the user that LogRoute runs as"
                            .formatted(System.getProperty("user.name"), e.getFile()),
                    e);
        }
    }

    /// Looks at a disk that nobody writes to.
    static Inspection of(Disk disk) {
        return new Inspection(Path.of(""), disk, false, "");
    }

    private static boolean isHeld(Path folder) throws IOException {
        if (FolderDisk.isHeldHere(folder)) {
            return true;
        }
        try (var file = FileChannel.open(folder.resolve("LOCK"), StandardOpenOption.READ);
                var lock = file.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static String owner(Path folder) throws IOException {
        return Files.readString(folder.resolve("LOCK")).strip();
    }

    /// Whether a process has it open now.
    public boolean live() {
        return live;
    }

    /// Who has it open, for people; empty when nobody has.
    public String owner() {
        return owner;
    }

    public Path folder() {
        return folder;
    }

    /// Holds the folder until it is closed.
    ///
    /// @throws BufferLocked while another holds it
    public static Hold hold(Path folder) throws IOException {
        var held = FolderDisk.open(folder);
        return held::close;
    }

    // ---- ls

    /// What is there; goes over the heads of all records.
    public Contents contents(Watching watching) throws IOException {
        var parts = parts();
        var id = id(parts);
        var places = places(id.orElse(0L));
        long[] lagEvents = new long[places.size()];
        long[] lagBytes = new long[places.size()];
        var segments = new ArrayList<SegmentFacts>();
        var damage = new ArrayList<Finding>();
        lookAtIdentity(damage);
        lookAtPlaces(id.orElse(0L), damage);
        var progress = new Progress(parts, watching);
        for (var part : parts) {
            var sight = over(part, id.orElse(0L), cap(parts, part), false, entry -> {
                for (int i = 0; i < places.size(); i++) {
                    long settled = places.get(i).settled();
                    if (entry.head().endSeq() > settled) {
                        lagEvents[i] += entry.head().endSeq()
                                - Math.max(settled, entry.head().seq());
                        lagBytes[i] += entry.head().size();
                    }
                }
                return true;
            });
            progress.passed(part);
            if (sight.isEmpty()) {
                continue;
            }
            var seen = sight.get();
            // One that is just begun has no header yet.
            if (!live || part.misnamed().isPresent()) {
                seen.findings.stream()
                        .filter(each -> each.kind() == Kind.SEGMENT)
                        .forEach(damage::add);
            }
            long base = part.header().map(Block::second).orElse(Math.max(0, seen.firstSeq));
            segments.add(new SegmentFacts(
                    part.name(),
                    part.ordinal(),
                    seen.firstSeq < 0 ? base : seen.firstSeq,
                    seen.firstSeq < 0 ? base : seen.endSeq,
                    seen.records,
                    seen.events,
                    part.size(),
                    Instant.ofEpochMilli(part.header().map(Block::fourth).orElse(0L)),
                    part.sealed()));
        }
        var readers = new ArrayList<ReaderFacts>();
        for (int i = 0; i < places.size(); i++) {
            var place = places.get(i);
            readers.add(new ReaderFacts(place.reader(), place.settled(), lagEvents[i], lagBytes[i]));
        }
        return new Contents(
                live,
                id.map(Buffer::id),
                segments,
                readers,
                files("", "[0-9]{20}\\.spare"),
                files(DiskBuffer.CORRUPT, ".*"),
                damage);
    }

    /// What was damaged and is set aside in `corrupt/` of that folder, whether it is in use or not.
    public static List<FileFacts> aside(Path folder) throws IOException {
        return Files.isDirectory(folder.resolve(DiskBuffer.CORRUPT))
                ? nobodys(folder).files(DiskBuffer.CORRUPT, ".*(?<!\\.tmp)")
                : List.of();
    }

    /// Deletes that for good, durably. A LogRoute that runs there does not mind.
    ///
    /// @return what there was
    public static List<FileFacts> clear(Path folder) throws IOException {
        var all = aside(folder);
        for (var each : all) {
            Files.deleteIfExists(folder.resolve(each.file()));
        }
        if (!all.isEmpty()) {
            try (var names = FileChannel.open(folder.resolve(DiskBuffer.CORRUPT), StandardOpenOption.READ)) {
                names.force(true);
            }
        }
        return all;
    }

    private List<FileFacts> files(String in, String pattern) throws IOException {
        var files = new ArrayList<FileFacts>();
        for (var name : disk.list(in).stream().sorted().toList()) {
            if (name.matches(pattern)) {
                var path = in.isEmpty() ? name : in + "/" + name;
                try (var file = disk.openToRead(path)) {
                    files.add(new FileFacts(path, file.size()));
                } catch (NoSuchFileException e) {
                    continue; // it went meanwhile
                }
            }
        }
        return files;
    }

    // ---- verify

    /// Reads every record and every sum.
    public Verdict verify(Watching watching) throws IOException {
        // In this order: places only move on, and segments come behind the newest and go before the
        // oldest place.
        var placesBefore = goodPlaces();
        var parts = parts();
        long id = id(parts).orElse(0L);
        var findings = new ArrayList<Finding>();
        lookAtIdentity(findings);
        boolean anew = lookAtPlaces(id, findings);

        var sights = new ArrayList<Sight>();
        var progress = new Progress(parts, watching);
        for (var part : parts) {
            examine(part, parts, id).ifPresent(sights::add);
            progress.passed(part);
        }
        var placesAfter = goodPlaces();
        long settledByAll =
                anew ? 0 : placesAfter.stream().mapToLong(Long::longValue).min().orElse(0);
        for (var sight : sights) {
            findings.addAll(sight.findings);
        }
        lookBetween(sights, placesBefore, placesAfter, findings);
        var counted = new Gaps();
        long lost = 0;
        var known = new TreeSet<>(disk.list(DiskBuffer.CORRUPT));
        var told = new ArrayList<Finding>();
        for (var each : findings) {
            long fresh = counted.add(Math.max(each.fromSeq(), settledByAll), each.toSeq());
            lost += fresh;
            if (live && fresh == 0 && each.fromByte() == each.toByte()) {
                continue; // segments that every reader had passed went between two looks
            }
            told.add(new Finding(
                    each.kind(),
                    each.file(),
                    each.what(),
                    each.fromByte(),
                    each.toByte(),
                    each.fromSeq(),
                    each.toSeq(),
                    fresh,
                    dealt(each, id, known, parts)));
        }
        return new Verdict(
                live,
                sights.size(),
                sights.stream().mapToLong(sight -> sight.records).sum(),
                sights.stream().mapToLong(sight -> sight.events).sum(),
                sights.stream().mapToLong(sight -> sight.part.size()).sum(),
                told,
                torn(sights, id),
                lost);
    }

    private Dealt dealt(Finding finding, long id, Set<String> known, List<Part> parts) throws IOException {
        if (finding.kind() == Kind.NUMBERS) {
            if (isNoted(finding, id, known)) {
                return Dealt.NOTED;
            }
            return isMovedAside(finding.file(), known, parts) ? Dealt.MOVED : Dealt.NOT;
        }
        if (finding.kind() != Kind.RECORDS && finding.kind() != Kind.TAIL) {
            return Dealt.NOT; // moved away, and what is needed made anew, when it is dealt with
        }
        for (var copy : known) {
            if ((copy.equals(finding.file()) || copy.startsWith(finding.file() + "."))
                    && !copy.endsWith(".tmp")
                    && isSame(finding, DiskBuffer.CORRUPT + "/" + copy)) {
                return Dealt.COPIED;
            }
        }
        return Dealt.NOT;
    }

    /// Whether notes tell of all of its numbers.
    private static boolean isNoted(Finding finding, long id, Set<String> known) {
        var noted = new Gaps();
        known.stream()
                .map(NOTE::matcher)
                .filter(note -> note.matches() && note.group(1).equals(Buffer.id(id)))
                .forEach(note -> noted.add(Long.parseLong(note.group(2)), Long.parseLong(note.group(3))));
        return noted.add(finding.fromSeq(), finding.toSeq()) == 0;
    }

    /// Whether all segments that are missing right before this one were moved to `corrupt/`.
    private static boolean isMovedAside(String file, Set<String> known, List<Part> parts) {
        long last = parts.isEmpty() ? 0 : parts.getLast().ordinal();
        long ordinal = Segment.isName(file) ? Segment.ordinal(file) : last + 2;
        long from = parts.stream()
                .mapToLong(part -> part.ordinal() + 1)
                .filter(next -> next <= ordinal)
                .max()
                .orElse(ordinal - 1);
        return from < ordinal
                && LongStream.range(from, ordinal)
                        .mapToObj(missing -> Segment.name(missing) + ".")
                        .allMatch(missing -> known.stream().anyMatch(copy -> copy.startsWith(missing)));
    }

    /// Whether the copy has the same bytes where the damage is.
    private boolean isSame(Finding finding, String copy) throws IOException {
        // Numbers may be missing between two records that lie side by side.
        long to = Math.max(finding.toByte(), finding.fromByte() + Format.RECORD_HEAD);
        try (var one = disk.openToRead(finding.file());
                var other = disk.openToRead(copy)) {
            var here = ByteBuffer.allocate((int) Math.min(Scan.BLOCK, to - finding.fromByte()));
            var there = ByteBuffer.allocate(here.capacity());
            for (long at = finding.fromByte(); at < to; at += here.capacity()) {
                int length = (int) Math.min(here.capacity(), to - at);
                one.read(here.clear().limit(length), at);
                other.read(there.clear().limit(length), at);
                if (!here.flip().equals(there.flip())) {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return false; // one of them went meanwhile
        }
    }

    /// As opening reckons it: what lies at the end of a file that had a life before is mostly from then.
    private Optional<Torn> torn(List<Sight> sights, long id) throws IOException {
        if (sights.isEmpty() || sights.getLast().part.sealed(id) || live) {
            return Optional.empty();
        }
        var last = sights.getLast();
        var name = last.part.name();
        long bytes = hadALife(last.part, id) ? torn(last.part, id) : last.part.size() - last.end;
        return bytes > 0
                ? Optional.of(new Torn(name, bytes, isZeros(name, last.end, last.end + bytes)))
                : Optional.empty();
    }

    private boolean isZeros(String name, long from, long to) throws IOException {
        var block = ByteBuffer.allocate((int) Math.min(Scan.BLOCK, to - from));
        try (var file = disk.openToRead(name)) {
            for (long at = from; at < to; at += block.capacity()) {
                file.read(block.clear().limit((int) Math.min(block.capacity(), to - at)), at);
                for (block.flip(); block.hasRemaining(); ) {
                    if (block.get() != 0) {
                        return false;
                    }
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return true; // it went meanwhile
        }
    }

    private static boolean hadALife(Part part, long id) {
        return part.header()
                .filter(block -> block.id() == id)
                .map(block -> (block.mark() & Format.RECYCLED) != 0)
                .orElse(true);
    }

    private long torn(Part part, long id) throws IOException {
        long base = part.header()
                .filter(block -> block.id() == id)
                .map(Block::second)
                .orElse(-1L);
        try (var file = disk.openToRead(part.name())) {
            return Scan.of(file, new Home(id, part.ordinal()), base, UNKNOWN).torn();
        } catch (NoSuchFileException e) {
            return 0; // it went meanwhile
        }
    }

    /// Goes over one segment; in a buffer in use as often as two looks differ.
    private Optional<Sight> examine(Part part, List<Part> parts, long id) throws IOException {
        var sight = over(part, id, cap(parts, part), true, _ -> true);
        for (int again = 0; live && again < 5; again++) {
            if (sight.isEmpty() || sight.get().findings.isEmpty()) {
                return sight;
            }
            var before = sight.get().findings;
            var now = parts();
            var fresh =
                    now.stream().filter(each -> each.name().equals(part.name())).findFirst();
            if (fresh.isEmpty()) {
                return Optional.empty();
            }
            sight = over(fresh.get(), id, cap(now, fresh.get()), true, _ -> true);
            if (sight.isPresent() && sight.get().findings.equals(before)) {
                return sight;
            }
        }
        return sight;
    }

    private void lookAtIdentity(List<Finding> findings) throws IOException {
        if (!disk.list("").contains(Opening.IDENTITY)) {
            return;
        }
        if (identity().isEmpty()) {
            findings.add(new Finding(
                    Kind.IDENTITY,
                    Opening.IDENTITY,
                    "the name of the buffer cannot be read",
                    0,
                    2 * Format.BLOCK,
                    0,
                    0,
                    0,
                    Dealt.NOT));
        }
    }

    /// Gives whether some reader begins anew.
    private boolean lookAtPlaces(long id, List<Finding> findings) throws IOException {
        boolean anew = false;
        for (var name : placeFiles()) {
            try {
                if (Place.load(disk, id, name).isEmpty()) {
                    anew = true;
                    findings.add(new Finding(
                            Kind.PLACE,
                            Place.FOLDER + "/" + name,
                            "the place of reader %s cannot be read: it begins again at the oldest record, so that nothing is lost and some comes twice"
                                    .formatted(Place.reader(name)),
                            0,
                            2 * Format.SLOT,
                            0,
                            0,
                            0,
                            Dealt.NOT));
                }
            } catch (NoSuchFileException e) {
                continue; // forgotten meanwhile
            }
        }
        return anew;
    }

    /// What is missing before, between and behind the segments.
    private void lookBetween(List<Sight> all, List<Long> placesBefore, List<Long> placesAfter, List<Finding> findings) {
        var sights = all.stream().filter(Sight::counts).toList();
        long furthest = placesBefore.stream().mapToLong(Long::longValue).max().orElse(0);
        if (sights.isEmpty()) {
            missing(THE_END, SHORTER, 0, furthest, findings);
            return;
        }
        var first = sights.getFirst();
        long settledByAll =
                placesAfter.stream().mapToLong(Long::longValue).min().orElse(first.afterSeq());
        missing(first.part.name(), "the segments before it are gone", settledByAll, first.afterSeq(), findings);
        for (int i = 1; i < sights.size(); i++) {
            missing(
                    sights.get(i).part.name(),
                    "what should lie before it is gone",
                    sights.get(i - 1).declared,
                    sights.get(i).afterSeq(),
                    findings);
        }
        missing(THE_END, SHORTER, sights.getLast().declared, furthest, findings);
    }

    private static void missing(String file, String what, long from, long to, List<Finding> findings) {
        if (from < to) {
            findings.add(new Finding(Kind.NUMBERS, file, what, 0, 0, from, to, 0, Dealt.NOT));
        }
    }

    // ---- dump

    /// Gives the records that hold events from `from` on and before `to`, in order. Damage is
    /// passed over.
    ///
    /// @return damaged places passed over
    public long read(long from, long to, Taking taking) throws IOException {
        var parts = parts();
        long id = id(parts).orElse(0L);
        long damaged = 0;
        var on = new boolean[] {true};
        for (int i = 0; i < parts.size() && on[0]; i++) {
            var part = parts.get(i);
            boolean before = i + 1 < parts.size()
                    && parts.get(i + 1).header().map(Block::second).orElse(UNKNOWN) <= from;
            if (before || part.header().map(Block::second).orElse(0L) >= to) {
                continue;
            }
            var sight = over(part, id, cap(parts, part), true, new Each() {
                @Override
                public boolean record(Walk.Entry entry) {
                    return true;
                }

                @Override
                public boolean record(Walk.Entry entry, byte[] payload) throws IOException {
                    var head = entry.head();
                    if (head.endSeq() > from && head.seq() < to) {
                        on[0] = taking.take(new Stored(
                                head.seq(), head.events(), Instant.ofEpochMilli(head.millis()), head.codec(), payload));
                    }
                    return on[0] && head.endSeq() < to;
                }

                @Override
                public boolean wantsPayload() {
                    return true;
                }
            });
            damaged += on[0] && sight.isPresent() ? sight.get().findings.size() : 0;
        }
        return damaged;
    }

    /// Where that reader goes on.
    public Optional<Long> place(String reader) throws IOException {
        long id = id(parts()).orElse(0L);
        return places(id).stream()
                .filter(each -> each.reader().equals(reader))
                .map(At::settled)
                .findFirst();
    }

    /// Those that have a place here.
    public List<String> readers() throws IOException {
        return placeFiles().stream().map(Place::reader).toList();
    }

    // ---- repair

    /// What [#repair] would find, and do by [Verdict#steps]. Changes nothing.
    ///
    /// @throws BufferLocked while a process has it open
    public static Verdict beforeRepair(Path folder, Watching watching) throws IOException {
        try (var _ = FolderDisk.open(folder)) {
            return nobodys(folder).verify(watching);
        }
    }

    /// Does now what opening would do, copies every damaged segment to `corrupt/`, and notes there
    /// which numbers no file has.
    ///
    /// @throws BufferLocked while a process has it open
    /// @throws IOException also when a copy or a note could not be written; then nothing was cut
    public static Mending repair(Path folder, Watching watching) throws IOException {
        Verdict before;
        List<String> copies;
        try (var disk = FolderDisk.open(folder)) {
            var inspection = nobodys(folder);
            before = inspection.verify(watching);
            copies = keep(disk, inspection, before);
        } catch (NotKept e) {
            throw new IOException(
                    "buffer %s is not repaired, and nothing in it was cut: %s; mend that, and repair again"
                            .formatted(folder, e.getMessage()),
                    e);
        }
        var limits = DiskBuffer.Limits.of(Math.max(8L << 30, 8 * before.bytes()));
        try (var buffer = DiskBuffer.open(folder, limits)) {
            return new Mending(before, buffer.recovery(), copies);
        }
    }

    /// Writes to `corrupt/` what is to be kept there, before anything else is done; gives the names.
    static List<String> keep(Disk disk, Inspection inspection, Verdict verdict) throws IOException {
        var kept = new ArrayList<String>();
        var doing = "there is no folder corrupt/";
        try {
            disk.makeFolder(DiskBuffer.CORRUPT);
            long id = inspection.id(inspection.parts()).orElse(0L);
            for (var step : verdict.steps()) {
                switch (step) {
                    case Step.Copy(var file) -> {
                        doing = file + " could not be copied to corrupt/";
                        kept.add(Aside.copyAgain(disk, file, Instant.now().toEpochMilli()));
                    }
                    case Step.Note(var from, var to) -> {
                        doing = "it could not be noted in corrupt/ that events %d to %d are gone"
                                .formatted(from, to - 1);
                        kept.add(note(disk, id, from, to));
                    }
                    case Step.Move _, Step.BeginAgain _, Step.NameAnew _, Step.Cut _ -> {
                        // Opening does these.
                    }
                }
            }
        } catch (IOException e) {
            throw new NotKept("%s (%s)".formatted(doing, why(e)), e);
        }
        return kept;
    }

    private static String why(IOException e) {
        return e instanceof AccessDeniedException refused
                ? "user %s may not write %s".formatted(System.getProperty("user.name"), refused.getFile())
                : String.valueOf(e.getMessage());
    }

    /// What was to be kept in `corrupt/` is not.
    private static final class NotKept extends IOException {
        private static final long serialVersionUID = 1;

        NotKept(String message, IOException cause) {
            super(message, cause);
        }
    }

    /// The folder, held by whoever asks and so in use by nobody.
    private static Inspection nobodys(Path folder) {
        return new Inspection(folder, new ReadOnlyDisk(folder), false, "");
    }

    private static String note(Disk disk, long id, long from, long to) throws IOException {
        var name = "%s/gone-%s-%d-%d.txt".formatted(DiskBuffer.CORRUPT, Buffer.id(id), from, to);
        var draft = name + ".tmp";
        try {
            try (var file = disk.create(draft)) {
                var words = "Events %d to %d are gone: no file of this buffer has them. Noted by a repair on %s.\n"
                        .formatted(from, to - 1, Instant.now());
                file.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8)), 0);
                file.force();
            }
            disk.rename(draft, name);
            disk.forceFolder(DiskBuffer.CORRUPT);
        } catch (IOException e) {
            Aside.discard(disk, draft, e);
            throw e;
        }
        return name;
    }

    // ---- Going over a segment

    private interface Each {
        /// @return whether to go on
        boolean record(Walk.Entry entry) throws IOException;

        default boolean record(Walk.Entry entry, byte[] payload) throws IOException {
            return record(entry);
        }

        default boolean wantsPayload() {
            return false;
        }
    }

    /// Empty when the file went meanwhile.
    ///
    /// @param cap records from here on do not count; [#UNKNOWN] for the newest segment
    private Optional<Sight> over(Part part, long id, long cap, boolean sums, Each each) throws IOException {
        var sight = new Sight(part);
        var header = part.header().filter(block -> block.id() == id);
        long expected = header.map(Block::second).orElse(-1L);
        long brokenFrom = -1;
        var home = new Home(id, part.ordinal());
        try (var walk = new Walk(disk.openToRead(part.name()), home, ByteBuffer.allocate(sums ? Scan.BLOCK : HEADS))) {
            while (walk.position() < part.limit()) {
                var found = walk.next(part.limit());
                byte @Nullable [] payload = null;
                boolean whole = found instanceof Walk.Entry;
                if (found instanceof Walk.Entry entry && each.wantsPayload()) {
                    payload = walk.payload(entry).orElse(null);
                    whole = payload != null;
                } else if (found instanceof Walk.Entry entry && sums) {
                    whole = walk.intact(entry);
                }
                if (!whole
                        || !(found instanceof Walk.Entry entry)
                        || entry.head().seq() < expected) {
                    brokenFrom = brokenFrom < 0 ? found.from() : brokenFrom;
                    continue;
                }
                Head head = entry.head();
                if (head.endSeq() > cap) {
                    break;
                }
                if (brokenFrom >= 0 || expected >= 0 && head.seq() > expected) {
                    sight.findings.add(new Finding(
                            Kind.RECORDS,
                            part.name(),
                            "no whole record",
                            brokenFrom < 0 ? entry.from() : brokenFrom,
                            entry.from(),
                            expected < 0 ? head.seq() : expected,
                            head.seq(),
                            0,
                            Dealt.NOT));
                    brokenFrom = -1;
                }
                sight.firstSeq = sight.firstSeq < 0 ? head.seq() : sight.firstSeq;
                sight.records++;
                sight.events += head.events();
                sight.endSeq = head.endSeq();
                sight.end = entry.to();
                sight.durable = Math.max(sight.durable, head.durable());
                expected = head.endSeq();
                if (!(payload == null ? each.record(entry) : each.record(entry, payload))) {
                    return Optional.of(sight);
                }
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        judge(sight, part, id, cap);
        return Optional.of(sight);
    }

    /// Tells what is missing at its end and in its head, and what was never promised.
    private static void judge(Sight sight, Part part, long id, long cap) {
        boolean newest = cap == UNKNOWN;
        if (part.header().filter(block -> block.id() == id).isEmpty()) {
            sight.findings.addFirst(new Finding(
                    sight.firstSeq < 0 ? Kind.SEGMENT : Kind.RECORDS,
                    part.name(),
                    sight.firstSeq < 0 ? unreadable(part, id) : "its head cannot be read",
                    0,
                    sight.firstSeq < 0 ? part.size() : Format.BLOCK,
                    0,
                    0,
                    0,
                    Dealt.NOT));
        }
        if (sight.firstSeq < 0 && part.header().isEmpty()) {
            return;
        }
        boolean sealed = part.sealed(id);
        long end = Math.max(sight.endSeq, part.header().map(Block::second).orElse(0L));
        long declared = sealed ? part.seal().orElseThrow().second() : newest ? end : cap;
        if (newest && !sealed) {
            // Most likely nobody was told that what is missing beyond is stored.
            long durable = sight.durable;
            sight.findings.removeIf(each -> each.fromSeq() >= durable && each.toSeq() > each.fromSeq());
            sight.findings.replaceAll(each -> each.toSeq() > durable ? each.before(durable) : each);
        }
        sight.declared = Math.max(end, declared);
        if (declared > end) {
            sight.findings.add(new Finding(
                    Kind.TAIL,
                    part.name(),
                    missingEnd(sight, part, sealed),
                    sight.end,
                    part.limit(),
                    end,
                    declared,
                    0,
                    Dealt.NOT));
        }
    }

    private static String unreadable(Part part, long id) {
        var misnamed = part.misnamed().filter(block -> block.id() == id);
        if (misnamed.isPresent()) {
            long said = misnamed.get().first();
            return "its head says that it is segment %d, and its name that it is %d: it was renamed or copied, and nothing in it is read. Where there is no %s, give it that name back before LogRoute starts"
                    .formatted(said, part.ordinal(), Segment.name(said));
        }
        return part.header()
                .or(part::misnamed)
                .map(block -> "its head says that it is of another buffer, %s: nothing in it is read here"
                        .formatted(Buffer.id(block.id())))
                .orElse("nothing in it can be read");
    }

    private static String missingEnd(Sight sight, Part part, boolean sealed) {
        if (sealed && part.size() < part.seal().orElseThrow().third()) {
            return "it is cut off: by its seal it went further, and what is missing was acknowledged";
        }
        return sealed || part.size() > sight.end
                ? "no whole record"
                : "it is cut off: by the next segment it went further, and what is missing was acknowledged";
    }

    // ---- Files

    private List<Part> parts() throws IOException {
        var parts = new ArrayList<Part>();
        for (var name : disk.list("").stream().filter(Segment::isName).sorted().toList()) {
            var bytes = ByteBuffer.allocate(Format.RECORDS_AT);
            try (var file = disk.openToRead(name)) {
                file.read(bytes, 0);
                bytes.flip();
                long ordinal = Segment.ordinal(name);
                var header = Block.decode(bytes, 0, Format.SEGMENT, disk, name);
                parts.add(new Part(
                        name,
                        file.size(),
                        header.filter(block -> block.first() == ordinal),
                        Block.decode(bytes, Format.SEAL_AT, Format.SEAL, disk, name)
                                .filter(block -> block.first() == ordinal),
                        header.filter(block -> block.first() != ordinal)));
            } catch (NoSuchFileException e) {
                continue; // it went meanwhile
            }
        }
        return parts;
    }

    /// Records of a segment that is not sealed count up to where a later one says the log ended.
    private static long cap(List<Part> parts, Part part) {
        return parts.stream()
                .filter(each -> each.ordinal() > part.ordinal())
                .flatMap(each -> each.header().stream())
                .mapToLong(Block::third)
                .min()
                .orElse(UNKNOWN);
    }

    private Optional<Long> identity() throws IOException {
        if (!disk.list("").contains(Opening.IDENTITY)) {
            return Optional.empty();
        }
        var bytes = ByteBuffer.allocate(2 * Format.BLOCK);
        try (var file = disk.openToRead(Opening.IDENTITY)) {
            file.read(bytes, 0);
        }
        bytes.flip();
        var first = Block.decode(bytes, 0, Format.IDENTITY, disk, Opening.IDENTITY);
        var second = Block.decode(bytes, Format.BLOCK, Format.IDENTITY, disk, Opening.IDENTITY);
        return first.or(() -> second).map(Block::id);
    }

    private Optional<Long> id(List<Part> parts) throws IOException {
        var known = identity();
        return known.isPresent()
                ? known
                : parts.reversed().stream()
                        .flatMap(part -> part.header().or(part::seal).stream())
                        .map(Block::id)
                        .findFirst();
    }

    /// A reader's place.
    private record At(String reader, long settled) {}

    private List<String> placeFiles() throws IOException {
        return disk.list(Place.FOLDER).stream().filter(Place::isName).sorted().toList();
    }

    private List<Long> goodPlaces() throws IOException {
        return places(id(parts()).orElse(0L)).stream().map(At::settled).toList();
    }

    private List<At> places(long id) throws IOException {
        var places = new ArrayList<At>();
        for (var name : placeFiles()) {
            try {
                Place.load(disk, id, name).ifPresent(place -> places.add(new At(place.reader, place.saved)));
            } catch (NoSuchFileException e) {
                continue; // forgotten meanwhile
            }
        }
        return places;
    }

    /// Tells how many bytes are behind.
    private static final class Progress {
        private final long of;
        private final Watching watching;
        private long done;

        Progress(List<Part> parts, Watching watching) {
            this.of = parts.stream().mapToLong(Part::size).sum();
            this.watching = watching;
        }

        void passed(Part part) {
            done += part.size();
            watching.at(done, of);
        }
    }
}
