package io.logroute.router;

import io.logroute.buffer.jetstream.JetStreamBoxes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The dead letters of a sink on the NATS stream of its router: the lines of [LetterLine] in a box of
/// the sink's name, each noted with when it was refused and what kind of reason it has. A letter is
/// named by when the stream was made and its number there.
///
/// What there is in sum is read once, by these notes, and kept up from then on; now and then it is
/// looked whether it is still so.
final class LettersOnStream implements DeadLetters {
    private static final System.Logger LOG = System.getLogger(LettersOnStream.class.getName());
    /// Of what may be kept, in bytes: so much goes in one go.
    private static final int PARTS = 16;
    /// What a message takes beside its bytes and its note.
    private static final int OVERHEAD = 100;
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);
    private static final int MOST_REASONS = 200;
    private static final int LONGEST_REASON = 400;
    /// Letters looked at for one page; a filter that little fits does not hold up the caller.
    private static final int LOOK_THROUGH = 20_000;

    private final JetStreamBoxes boxes;
    private final String router;
    private final String sink;
    private final String buffer;
    private final InstantSource clock;
    private final Leaving leaving;
    private final Farewell farewell;
    private final ReentrantLock replaying = new ReentrantLock();

    // All below: guarded by this.
    private Bounds bounds;
    private @Nullable Contents contents;
    private Instant swept = Instant.EPOCH;
    private boolean closed;
    private @Nullable Doubt doubt;
    /// How many letters there are, with those that are damaged; less than 0 while that is not known.
    private volatile long there = -1;

    /// What lies in the box.
    private static final class Contents {
        long letters;
        long damaged;
        long bytes;
        long messages;
        /// Known unless the letter that was the oldest was taken out.
        @Nullable
        Instant oldest;

        @Nullable
        Instant newest;

        final Map<String, Long> reasons = new HashMap<>();

        void add(JetStreamBoxes.Kept kept) {
            messages += kept.messages();
            bytes += size(kept);
            var note = letter(kept);
            if (note.isEmpty()) {
                damaged++;
                return;
            }
            letters++;
            var time = note.get().time();
            oldest = oldest == null || time.isBefore(oldest) ? time : oldest;
            newest = newest == null || time.isAfter(newest) ? time : newest;
            var reason = note.get().reason();
            if (reasons.containsKey(reason) || reasons.size() < MOST_REASONS) {
                reasons.merge(reason, 1L, Long::sum);
            }
        }

        void remove(JetStreamBoxes.Kept kept) {
            messages -= kept.messages();
            bytes -= size(kept);
            var note = letter(kept);
            if (note.isEmpty()) {
                damaged--;
                return;
            }
            letters--;
            reasons.computeIfPresent(note.get().reason(), (_, count) -> count > 1 ? count - 1 : null);
            if (note.get().time().equals(oldest)) {
                oldest = null;
            }
        }

        /// The note of a letter; of a damaged one none.
        static Optional<Note> letter(JetStreamBoxes.Kept kept) {
            return kept.whole() ? Note.read(kept.note()) : Optional.empty();
        }

        private static long size(JetStreamBoxes.Kept kept) {
            return kept.size() + kept.note().length() + (long) kept.messages() * OVERHEAD;
        }
    }

    /// Letters that were to go, and no answer came whether they did.
    ///
    /// @param tell hears how many of them went
    private record Doubt(LongConsumer tell, TreeSet<Long> letters) {
        static Doubt of(LongConsumer tell, Collection<JetStreamBoxes.Kept> pieces) {
            var numbers = new TreeSet<Long>();
            for (var piece : pieces) {
                if (Contents.letter(piece).isPresent()) {
                    numbers.add(piece.number());
                }
            }
            return new Doubt(tell, numbers);
        }
    }

    /// What stands beside a letter, to be read without it.
    ///
    /// @param reason without what differs from letter to letter
    private record Note(Instant time, String reason) {
        static String write(Instant time, String reason) {
            var kind = DeadLetters.kind(reason);
            return "%d %s".formatted(time.toEpochMilli(), kind.substring(0, Math.min(LONGEST_REASON, kind.length())));
        }

        static Optional<Note> read(String text) {
            int space = text.indexOf(' ');
            try {
                return Optional.of(new Note(
                        Instant.ofEpochMilli(Long.parseLong(text.substring(0, Math.max(0, space)))),
                        text.substring(space + 1)));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }

    /// @param buffer id of the buffer that the events are read from
    LettersOnStream(
            JetStreamBoxes boxes,
            String router,
            String sink,
            String buffer,
            Bounds bounds,
            InstantSource clock,
            Leaving leaving) {
        this.boxes = boxes;
        this.router = router;
        this.sink = sink;
        this.buffer = buffer;
        this.bounds = bounds;
        this.clock = clock;
        this.leaving = leaving;
        this.farewell = new Farewell(router, sink, leaving);
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
        return boxes.where();
    }

    @Override
    public String mend() {
        return "see to these servers and their room";
    }

    @Override
    public ReentrantLock replaying() {
        return replaying;
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
        var pieces = new ArrayList<JetStreamBoxes.Piece>();
        for (var letter : letters) {
            var line = LetterLine.write(LetterId.START, time, router, sink, buffer, letter.event(), letter.reason());
            pieces.add(new JetStreamBoxes.Piece(Note.write(time, LetterLine.plain(letter.reason())), line));
        }
        try {
            var kept = boxes.put(sink, pieces);
            var known = contents;
            if (known != null) {
                kept.forEach(known::add);
            }
            tally();
        } catch (IOException e) {
            contents = null; // some of them may be there
            tally();
            renew(e);
            throw e;
        }
        makeRoom();
    }

    /// Where somebody deleted the stream it is made anew, and the next try finds it.
    private void renew(IOException why) {
        try {
            renew();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private void renew() throws IOException {
        if (boxes.renew()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} was deleted by somebody else, with the dead letters of router {1} that lay in it; it is made anew",
                    boxes.where(),
                    router);
        }
    }

    /// Deletes the oldest beyond what is kept. The letters are durable already: what fails here is
    /// tried again with the next ones.
    private void makeRoom() {
        try {
            var there = contents();
            if (there.bytes <= bounds.maxBytes()) {
                return;
            }
            long least = there.bytes - bounds.maxBytes() + bounds.maxBytes() / PARTS;
            var sum = new long[1];
            dropOldest("max_bytes", kept -> {
                boolean goes = sum[0] < least;
                sum[0] += Contents.size(kept);
                return goes;
            });
        } catch (IOException e) {
            farewell.cannotDelete(e);
        }
    }

    private interface Going {
        boolean goes(JetStreamBoxes.Kept kept);
    }

    /// Deletes letters from the oldest on, up to the first that does not go.
    private void dropOldest(String why, Going going) throws IOException {
        settleDoubt();
        var gone = new ArrayList<JetStreamBoxes.Kept>();
        var stays = new long[] {boxes.next()};
        boxes.heads(sink, 0, kept -> {
            if (!going.goes(kept)) {
                stays[0] = kept.number();
                return false;
            }
            gone.add(kept);
            return true;
        });
        if (gone.isEmpty()) {
            return;
        }
        try {
            boxes.takeBelow(sink, stays[0]);
        } catch (IOException e) {
            forget(Doubt.of(many -> farewell.tell(why, many), gone));
            throw e;
        }
        var there = contents();
        long letters = there.letters;
        gone.forEach(there::remove);
        tally();
        farewell.tell(why, letters - there.letters);
    }

    /// What there is in sum is read again when it is next wanted.
    private void forget(Doubt since) {
        doubt = since;
        contents = null;
        tally();
    }

    /// Looks which of the letters in doubt are gone, and tells of them.
    private void settleDoubt() throws IOException {
        var open = doubt;
        if (open == null) {
            return;
        }
        if (!open.letters.isEmpty()) {
            var gone = new HashSet<>(open.letters);
            boxes.heads(sink, open.letters.first(), kept -> {
                gone.remove(kept.number());
                return kept.number() < open.letters.last();
            });
            open.tell.accept(gone.size());
        }
        doubt = null;
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
            dropTooOld();
        } catch (IOException | RuntimeException e) {
            farewell.cannotDelete(e);
        }
    }

    private synchronized void dropTooOld() throws IOException {
        if (closed) {
            return;
        }
        renew();
        settleDoubt();
        var known = contents;
        if (known != null && known.messages != boxes.messages(sink)) {
            contents = null; // somebody else wrote or deleted some
        }
        var before = clock.instant().minus(bounds.maxAge());
        var oldest = oldest(contents());
        tally();
        if (oldest == null || oldest.isAfter(before)) {
            return;
        }
        dropOldest(
                "max_age",
                kept -> Note.read(kept.note())
                        .map(note -> !note.time().isAfter(before))
                        .orElse(true));
    }

    /// After every change of what is known.
    private void tally() {
        var known = contents;
        there = known == null ? -1 : known.letters + known.damaged;
    }

    // ---- Looking

    private Contents contents() throws IOException {
        var there = contents;
        if (there == null) {
            there = new Contents();
            boxes.heads(sink, 0, adding(there));
            contents = there;
        }
        return there;
    }

    private static java.util.function.Predicate<JetStreamBoxes.Kept> adding(Contents contents) {
        return kept -> {
            contents.add(kept);
            return true;
        };
    }

    @Override
    public OptionalLong count() {
        return there < 0 ? OptionalLong.empty() : OptionalLong.of(there);
    }

    @Override
    public synchronized Summary summary() throws IOException {
        var there = contents();
        var top = there.reasons.entrySet().stream()
                .map(each -> new Reason(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingLong(Reason::letters).reversed().thenComparing(Reason::reason))
                .limit(10)
                .toList();
        return new Summary(
                router,
                sink,
                there.letters,
                there.bytes,
                there.damaged,
                Optional.ofNullable(oldest(there)),
                there.letters == 0 ? Optional.empty() : Optional.ofNullable(there.newest),
                top);
    }

    private @Nullable Instant oldest(Contents there) throws IOException {
        if (there.letters == 0) {
            return null;
        }
        if (there.oldest == null) {
            boxes.heads(sink, 0, kept -> {
                var note = Note.read(kept.note());
                there.oldest = note.map(Note::time).orElse(null);
                return note.isEmpty();
            });
        }
        return there.oldest;
    }

    @Override
    public LetterId end() throws IOException {
        return new LetterId(boxes.made(), boxes.next());
    }

    @Override
    public Page page(LetterFilter filter, LetterId after, LetterId until, int limit, long maxBytes) throws IOException {
        long made = boxes.made();
        if (after.file() > made || until.file() < made) {
            return new Page(List.of(), Optional.empty(), 0);
        }
        var paging = new Paging(filter, until, limit, maxBytes);
        boxes.pieces(sink, after.file() < made ? 0 : after.offset() + 1, paging::take);
        return new Page(List.copyOf(paging.letters), Optional.ofNullable(paging.next), paging.damaged);
    }

    /// Gathers a page.
    private final class Paging {
        private final LetterFilter filter;
        private final LetterId until;
        private final int limit;
        private final long maxBytes;
        private final List<DeadLetter> letters = new ArrayList<>();
        private @Nullable LetterId next;
        private long bytes;
        private int looked;
        private long damaged;

        Paging(LetterFilter filter, LetterId until, int limit, long maxBytes) {
            this.filter = filter;
            this.until = until;
            this.limit = limit;
            this.maxBytes = maxBytes;
        }

        /// Whether there is room for more.
        boolean take(JetStreamBoxes.Kept kept) {
            var id = id(kept);
            if (id.compareTo(until) >= 0) {
                return false;
            }
            looked++;
            var line = line(kept);
            var head = LetterLine.head(line);
            if (head.isEmpty()) {
                damaged++;
            } else if (filter.fits(head.get(), id)) {
                var letter = LetterLine.letter(id, line, head.get());
                letter.ifPresent(letters::add);
                damaged += letter.isEmpty() ? 1 : 0;
                bytes += line.length;
            }
            if (letters.size() >= limit || bytes >= maxBytes || looked >= LOOK_THROUGH) {
                next = id;
                return false;
            }
            return true;
        }
    }

    private LetterId id(JetStreamBoxes.Kept kept) {
        return new LetterId(boxes.made(), kept.number());
    }

    /// Without its end; empty where it is not whole.
    private static byte[] line(JetStreamBoxes.Kept kept) {
        var bytes = kept.bytes();
        return bytes.length == 0 ? bytes : java.util.Arrays.copyOf(bytes, bytes.length - 1);
    }

    @Override
    public Optional<DeadLetter> letter(LetterId id) throws IOException {
        return id.file() != boxes.made()
                ? Optional.empty()
                : kept(id).flatMap(kept -> {
                    var line = line(kept);
                    return LetterLine.head(line).flatMap(head -> LetterLine.letter(id, line, head));
                });
    }

    private Optional<JetStreamBoxes.Kept> kept(LetterId id) throws IOException {
        var found = new ArrayList<JetStreamBoxes.Kept>();
        boxes.pieces(sink, id.offset(), kept -> {
            if (kept.number() == id.offset()) {
                found.add(kept);
            }
            return false;
        });
        return found.stream().findFirst();
    }

    // ---- Taking out

    @Override
    public synchronized long remove(Collection<DeadLetter> letters, String why) throws IOException {
        if (letters.isEmpty()) {
            return 0;
        }
        settleDoubt();
        var there = contents();
        var wanted = new ArrayList<JetStreamBoxes.Kept>();
        long from = letters.stream().mapToLong(each -> each.id().offset()).min().orElse(0);
        long to = letters.stream().mapToLong(each -> each.id().offset()).max().orElse(0);
        var numbers = new HashSet<Long>();
        letters.stream()
                .filter(each -> each.id().file() == boxes.made())
                .forEach(each -> numbers.add(each.id().offset()));
        boxes.heads(sink, from, kept -> {
            if (numbers.contains(kept.number())) {
                wanted.add(kept);
            }
            return kept.number() < to;
        });
        long count = 0;
        try {
            var removed = boxes.take(sink, wanted);
            for (int i = 0; i < removed.size(); i++) {
                if (removed.get(i)) {
                    count++;
                    there.remove(wanted.get(i));
                }
            }
        } catch (IOException e) {
            forget(Doubt.of(gone -> leave(why, gone), wanted));
            throw e;
        }
        tally();
        leave(why, count);
        return count;
    }

    @Override
    public synchronized Optional<Long> removeAll(LetterId until) throws IOException {
        var end = end();
        if (until.compareTo(end) < 0 && until.file() <= boxes.made() && hasLetterFrom(until)) {
            return Optional.empty();
        }
        long letters = contents().letters;
        contents = null;
        tally();
        boxes.takeBelow(sink, end.offset());
        contents();
        tally();
        leave("purged", letters);
        return Optional.of(letters);
    }

    private void leave(String why, long letters) {
        if (letters > 0) {
            leaving.gone(why, letters);
        }
    }

    /// Whether one came since; the stream has those of other sinks, too.
    private boolean hasLetterFrom(LetterId until) throws IOException {
        var found = new boolean[1];
        boxes.heads(sink, until.file() < boxes.made() ? 0 : until.offset(), _ -> {
            found[0] = true;
            return false;
        });
        return found[0];
    }

    /// The boxes stay open: they are the router's, for all its sinks.
    @Override
    public synchronized void close() {
        closed = true;
    }
}
