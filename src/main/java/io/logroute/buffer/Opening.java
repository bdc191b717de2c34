package io.logroute.buffer;

import io.logroute.buffer.DiskBuffer.Limits;
import io.logroute.buffer.Format.Block;
import io.logroute.buffer.Format.Home;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/// Reads a folder back into what a running buffer knows. Refuses newer formats before it changes
/// anything; no content makes it fail.
///
/// Sealed segments are taken at their seal's word. Others are scanned: the newest one ends at its
/// last whole record, what follows is a torn write and is cut; older ones end where their
/// successor says the log ended. Numbers missing in between are gaps, and lost unless no one was
/// ever told that they are stored.
final class Opening {
    private static final System.Logger LOG = System.getLogger(Opening.class.getName());
    static final String IDENTITY = "identity";

    /// What a running buffer starts from. `solidEnd` is where the log ended; `nextSeq` is higher
    /// when numbers are passed over.
    record Opened(
            long id,
            List<Segment> segments,
            List<Spare> spares,
            Gaps gaps,
            List<Place> places,
            long solidEnd,
            long nextSeq,
            long nextOrdinal,
            Recovery recovery) {}

    /// A segment file by its first kilobyte.
    private record Face(String name, long size, Optional<Block> header, Optional<Block> seal) {
        long ordinal() {
            return Segment.ordinal(name);
        }
    }

    private final Disk disk;
    private final long millis;
    private final Limits limits;

    private final Gaps gaps = new Gaps();
    private final Gaps counted = new Gaps();
    private final List<String> setAside = new ArrayList<>();
    private final List<String> cursorsReset = new ArrayList<>();
    private final List<Scan.Missing> lost = new ArrayList<>();
    private final List<Scan.Missing> doubtful = new ArrayList<>();
    private long tornBytes;
    /// Numbers below are not given again.
    private long reserved;

    /// The highest ordinal that any file has, or had in a former life.
    private long highestOrdinal;

    private long corruptRecords;
    private boolean clean = true;

    private Opening(Disk disk, long millis, Limits limits) {
        this.disk = disk;
        this.millis = millis;
        this.limits = limits;
    }

    static Opened open(Disk disk, long millis, LongSupplier chance, Limits limits) throws IOException {
        return new Opening(disk, millis, limits).run(chance);
    }

    private Opened run(LongSupplier chance) throws IOException {
        List<Face> faces = faces();
        OptionalLong known = identity();
        long id = known.orElseGet(() -> idFrom(faces).orElseGet(() -> chance.getAsLong() >>> 4));
        List<Place> places = places(id);

        makeFolders();
        if (known.isEmpty()) {
            writeIdentity(id);
        }
        List<Segment> segments = segments(faces, id);
        vouch(places);
        resetBrokenPlaces(id, places, segments);
        return join(id, segments, spares(segments), places);
    }

    // ---- What is there

    private List<Face> faces() throws IOException {
        List<Face> faces = new ArrayList<>();
        for (String name : disk.list("").stream().sorted().toList()) {
            if (Segment.isName(name)) {
                faces.add(face(name));
            }
            String plain = name.replaceFirst("\\.(spare|seg\\.tmp)$", ".seg");
            if (Segment.isName(plain)) {
                highestOrdinal = Math.max(highestOrdinal, Segment.ordinal(plain));
            }
        }
        return faces;
    }

    private Face face(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Format.RECORDS_AT);
        try (Disk.File file = disk.openToRead(name)) {
            file.read(bytes, 0);
            bytes.flip();
            long ordinal = Segment.ordinal(name);
            return new Face(
                    name,
                    file.size(),
                    Block.decode(bytes, 0, Format.SEGMENT, disk, name).filter(block -> block.first() == ordinal),
                    Block.decode(bytes, Format.SEAL_AT, Format.SEAL, disk, name)
                            .filter(block -> block.first() == ordinal));
        }
    }

    /// The file holds the same block twice; either will do.
    private OptionalLong identity() throws IOException {
        if (!disk.list("").contains(IDENTITY)) {
            return OptionalLong.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(2 * Format.BLOCK);
        try (Disk.File file = disk.openToRead(IDENTITY)) {
            file.read(bytes, 0);
        }
        bytes.flip();
        Optional<Block> first = Block.decode(bytes, 0, Format.IDENTITY, disk, IDENTITY);
        Optional<Block> second = Block.decode(bytes, Format.BLOCK, Format.IDENTITY, disk, IDENTITY);
        return first.or(() -> second).map(block -> OptionalLong.of(block.id())).orElse(OptionalLong.empty());
    }

    private static Optional<Long> idFrom(List<Face> faces) {
        return faces.reversed().stream()
                .flatMap(face -> face.header().or(face::seal).stream())
                .map(Block::id)
                .findFirst();
    }

    private List<Place> places(long id) throws IOException {
        List<Place> places = new ArrayList<>();
        for (String name :
                disk.list(Place.FOLDER).stream().filter(Place::isName).sorted().toList()) {
            Optional<Place> place = Place.load(disk, id, name);
            place.ifPresent(places::add);
            if (place.isEmpty()) {
                cursorsReset.add(name);
            }
        }
        return places;
    }

    // ---- Setting it right

    private void makeFolders() throws IOException {
        for (String folder : List.of(Place.FOLDER, DiskBuffer.CORRUPT)) {
            disk.makeFolder(folder);
            for (String name : disk.list(folder)) {
                if (name.endsWith(".tmp")) {
                    disk.delete(folder + "/" + name);
                }
            }
        }
        for (String name : disk.list("")) {
            if (name.endsWith(".tmp")) {
                disk.delete(name);
            }
        }
        disk.forceFolder("");
    }

    private void writeIdentity(long id) throws IOException {
        if (disk.list("").contains(IDENTITY)) {
            moveAside(IDENTITY, IDENTITY);
        }
        String draft = IDENTITY + ".tmp";
        try (Disk.File file = disk.create(draft)) {
            Block block = new Block(Format.IDENTITY, id, millis, 0, 0, 0);
            file.write(block.encode(), 0);
            file.write(block.encode(), Format.BLOCK);
            file.force();
        }
        disk.rename(draft, IDENTITY);
        disk.forceFolder("");
    }

    /// From the newest to the oldest, since each says where the one before it ended.
    private List<Segment> segments(List<Face> faces, long id) throws IOException {
        List<Segment> segments = new ArrayList<>();
        long cap = Long.MAX_VALUE;
        for (Face face : faces.reversed()) {
            Optional<Segment> segment = segment(face, new Home(id, face.ordinal()), cap);
            if (segment.isEmpty()) {
                corruptRecords++;
                clean = false;
                moveAside(face.name(), face.name());
                continue;
            }
            segments.addFirst(segment.get());
            cap = Math.min(cap, segment.get().afterSeq);
        }
        return segments;
    }

    private Optional<Segment> segment(Face face, Home home, long cap) throws IOException {
        Optional<Block> header = face.header()
                .filter(block -> block.id() == home.id())
                .filter(block -> block.third() <= block.second() && block.second() <= cap);
        long baseSeq = header.map(Block::second).orElse(0L);
        Optional<Block> seal = face.seal()
                .filter(block -> block.id() == home.id())
                .filter(block -> block.second() >= baseSeq && block.second() <= cap)
                .filter(block -> block.third() >= Format.RECORDS_AT);
        if (header.isPresent() && seal.isPresent() && face.size() >= seal.get().third()) {
            Segment segment = segment(home, header.get());
            segment.size = face.size();
            reserved = Math.max(reserved, seal.get().fourth());
            finish(segment, seal.get().third(), seal.get().second());
            return Optional.of(segment);
        }
        boolean newest = cap == Long.MAX_VALUE;
        clean = clean && !newest;
        Scan scan;
        try (Disk.File file = disk.openToRead(face.name())) {
            scan = Scan.of(file, home, header.map(Block::second).orElse(-1L), cap);
        }
        if (header.isEmpty() && scan.firstSeq() < 0) {
            return Optional.empty();
        }
        Segment segment = header.map(block -> segment(home, block))
                .orElseGet(() -> new Segment(home, scan.firstSeq(), scan.firstSeq(), scan.millis(), true));
        segment.size = face.size();
        finish(segment, scan.end(), scan.firstSeq() < 0 ? segment.baseSeq : scan.endSeq());
        judge(segment, scan, header.isPresent(), seal, cap);
        return Optional.of(segment);
    }

    private static Segment segment(Home home, Block header) {
        boolean recycled = (header.mark() & Format.RECYCLED) != 0;
        return new Segment(home, header.second(), header.third(), header.fourth(), recycled);
    }

    private static void finish(Segment segment, long end, long endSeq) {
        segment.end = end;
        segment.endSeq = endSeq;
        segment.readable = end;
        segment.readableSeq = endSeq;
        segment.finished = true;
    }

    /// Tells a torn tail from damage, and what was lost from what was never promised.
    private void judge(Segment segment, Scan scan, boolean headed, Optional<Block> seal, long cap) throws IOException {
        boolean newest = cap == Long.MAX_VALUE;
        long declaredEnd = seal.map(Block::second).orElse(newest ? segment.endSeq : cap);
        long promised = seal.isPresent() || !newest ? declaredEnd : scan.durable();
        for (Scan.Missing hole : scan.holes()) {
            missing(lost, hole.from(), Math.min(hole.to(), promised));
            missing(doubtful, Math.max(hole.from(), promised), hole.to());
        }
        missing(lost, segment.endSeq, declaredEnd);
        boolean endMissing = declaredEnd > segment.endSeq;
        int damaged = scan.damaged() + (endMissing ? 1 : 0) + (headed ? 0 : 1);
        corruptRecords += damaged;
        segment.countedAtOpening = scan.damaged();
        if (damaged > 0) {
            copyAside(segment.name());
            segment.setAside = true;
        }
        if (newest && seal.isEmpty()) {
            cutAndSeal(segment, scan.torn());
        }
    }

    private void missing(List<Scan.Missing> list, long from, long to) {
        if (from < to) {
            list.add(new Scan.Missing(from, to));
        }
    }

    /// What was scanned may still be in memory only, after a kill; so it is forced before the seal
    /// vouches for it. It is written again first: what a force had failed on before the kill, the
    /// system would not write by itself.
    ///
    /// A file that had a life before keeps its length: most of what lies behind the end is from then.
    private void cutAndSeal(Segment segment, long torn) throws IOException {
        long behind = Math.max(0, segment.size - segment.end);
        tornBytes = segment.recycled ? torn : behind;
        try (Disk.File file = disk.open(segment.name())) {
            rewrite(file, segment.end);
            file.write(segment.header().encode(), 0);
            file.force();
            // What is cut may have been read before it broke: its numbers, at most one for each
            // byte, are passed over.
            reserved = segment.endSeq + behind;
            file.write(segment.seal(reserved).encode(), Format.SEAL_AT);
            file.force();
            if (behind > 0 && !segment.recycled) {
                file.truncate(segment.end);
                file.force();
            }
            segment.size = file.size();
        }
    }

    private static void rewrite(Disk.File file, long end) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(Math.clamp(end - Format.RECORDS_AT, 0, Scan.BLOCK));
        for (long at = Format.RECORDS_AT; at < end; at += block.limit()) {
            block.clear().limit((int) Math.min(block.capacity(), end - at));
            if (file.read(block, at) < block.limit()) {
                throw new EOFException(
                        "segment ended at %d while it was read again; it had %d bytes".formatted(at, end));
            }
            file.write(block.flip(), at);
        }
    }

    /// Keeps the spares that fit; the others go, and those that cannot be used do.
    private List<Spare> spares(List<Segment> segments) throws IOException {
        long room = limits.maxBytes()
                - segments.stream().mapToLong(segment -> segment.size).sum();
        boolean pressed = disk.free() < 2L * limits.segmentBytes();
        List<Spare> spares = new ArrayList<>();
        List<String> unused = new ArrayList<>();
        long bytes = 0;
        for (String name : disk.list("").stream().filter(Spare::isName).sorted().toList()) {
            Spare spare = new Spare(Segment.ordinal(name), sizeOf(name));
            boolean fits = bytes + spare.size() <= Math.min(room, limits.spareBytes()) && spares.size() < Spare.MOST;
            boolean twin = segments.stream().anyMatch(segment -> segment.home.ordinal() == spare.ordinal());
            if (pressed || twin || !fits || !limits.worthKeeping(spare.size())) {
                unused.add(name);
                continue;
            }
            bytes += spare.size();
            spares.add(spare);
        }
        for (String name : unused) {
            disk.delete(name);
        }
        if (!unused.isEmpty()) {
            disk.forceFolder("");
        }
        return spares;
    }

    /// 0 when it cannot be told.
    private long sizeOf(String name) {
        try (Disk.File file = disk.openToRead(name)) {
            return file.size();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Spare buffer file " + name + " cannot be read and is not used", e);
            return 0;
        }
    }

    /// A place that was read may be one that never reached the disk: after a failed force the
    /// system keeps it in memory as if it had. Segments go by it, so it is written again.
    private void vouch(List<Place> places) throws IOException {
        disk.forceFolder(Place.FOLDER);
        for (Place place : places) {
            place.save(place.saved, millis);
        }
    }

    private void resetBrokenPlaces(long id, List<Place> places, List<Segment> segments) throws IOException {
        long oldest = segments.isEmpty() ? 0 : segments.getFirst().baseSeq;
        for (int i = 0; i < cursorsReset.size(); i++) {
            String name = cursorsReset.get(i);
            moveAside(Place.FOLDER + "/" + name, name);
            String reader = Place.reader(name);
            cursorsReset.set(i, reader);
            places.add(Place.create(disk, id, reader, oldest, millis));
        }
    }

    // ---- Putting it together

    private Opened join(long id, List<Segment> segments, List<Spare> spares, List<Place> places) throws IOException {
        for (int i = 1; i < segments.size(); i++) {
            long end = segments.get(i - 1).endSeq;
            missing(lost, end, segments.get(i).afterSeq);
            gaps.add(end, segments.get(i).baseSeq);
        }
        if (!segments.isEmpty()) { // what came before was settled by all and deleted, or else it is lost
            Segment first = segments.getFirst();
            missing(lost, places.isEmpty() ? first.afterSeq : 0, first.afterSeq);
            gaps.add(0, first.baseSeq);
        }
        long furthest = places.stream().mapToLong(place -> place.saved).max().orElse(0);
        long logEnd = segments.isEmpty() ? 0 : segments.getLast().endSeq;
        long solidEnd = Math.max(logEnd, furthest);
        for (Scan.Missing range : lost) {
            solidEnd = Math.max(solidEnd, range.to());
        }
        missing(lost, logEnd, solidEnd);
        long nextSeq = Math.max(solidEnd, Math.max(reserved, gaps.end()));
        gaps.add(solidEnd, nextSeq);

        long settledByAll = places.stream()
                .min(Comparator.comparingLong(place -> place.saved))
                .map(place -> place.saved)
                .orElse(0L);
        long lostEvents = count(lost, settledByAll);
        long doubtfulEvents = count(doubtful, settledByAll);
        Recovery recovery =
                new Recovery(clean, tornBytes, corruptRecords, lostEvents, doubtfulEvents, setAside, cursorsReset);
        return new Opened(id, segments, spares, gaps, places, solidEnd, nextSeq, nextOrdinal(), recovery);
    }

    /// Counts numbers once, and not those that every reader had settled.
    private long count(List<Scan.Missing> ranges, long from) {
        long sum = 0;
        for (Scan.Missing range : ranges) {
            long inside = Math.max(range.from(), from);
            gaps.add(range.from(), range.to());
            sum += counted.add(inside, range.to());
        }
        return sum;
    }

    /// Above all that a file here was ever known by: what is left in a spare must not become valid.
    private long nextOrdinal() throws IOException {
        long highest = highestOrdinal;
        for (String name : disk.list(DiskBuffer.CORRUPT)) {
            if (name.length() >= 24 && Segment.isName(name.substring(0, 24))) {
                highest = Math.max(highest, Segment.ordinal(name));
            }
        }
        return highest + 1;
    }

    // ---- corrupt/

    private void moveAside(String path, String name) {
        try {
            String aside = DiskBuffer.CORRUPT + "/" + name + "." + millis;
            disk.rename(path, aside);
            disk.forceFolder(DiskBuffer.CORRUPT);
            disk.forceFolder("");
            setAside.add(aside);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Damaged buffer file " + path + " could not be moved to corrupt/", e);
        }
    }

    private void copyAside(String name) {
        Aside.copy(disk, name, limits.maxBytes() / 4).ifPresent(setAside::add);
    }
}
