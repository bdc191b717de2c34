package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.Seeds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What holds for every [Buffer], beside a plain model: each move is drawn from a seed, and between any
/// two the buffer may be closed, killed, or opened by another while it is open.
public abstract class BufferLaws {
    public static final long MAX_BYTES = 1 << 20;
    private static final int LARGEST = 20_000;
    /// No life has so many events: between numbers that are further apart lies a gap.
    private static final long FAR = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(60);

    /// Where one story takes place.
    public interface Home extends AutoCloseable {
        Buffer open() throws IOException;

        /// Ends it as a killed process would.
        void kill(Buffer buffer) throws IOException;

        /// Whether another may open it while one has it open, who loses it then.
        boolean changesHands();

        @Override
        void close() throws Exception;
    }

    protected abstract Home home(Random random) throws Exception;

    /// How many stories, unless properties say otherwise, and how much work one is.
    protected abstract Seeds seeds();

    @Test
    void what_is_durable_reaches_every_reader_in_order_until_it_is_settled() throws Exception {
        for (int seed : seeds()) {
            var random = Seeds.random(seed);
            try (var home = home(random)) {
                new Story("seed " + seed, random, home).moves(120);
            }
        }
    }

    private enum State {
        PENDING,
        SYNCED,
        /// Left by a former life without a promise: may be there or not.
        MAYBE
    }

    private static final class Entry {
        final byte[] bytes;
        final int events;
        final byte codec;
        State state = State.PENDING;

        Entry(byte[] bytes, int events, byte codec) {
            this.bytes = bytes;
            this.events = events;
            this.codec = codec;
        }
    }

    private static final class Reader {
        long next;
        long settled;
        long saved;
    }

    private static final class Story {
        final String why;
        final Random random;
        final Home home;
        final TreeMap<Long, Entry> model = new TreeMap<>();
        final Map<String, Reader> readers = new TreeMap<>();
        final Map<String, Cursor> cursors = new HashMap<>();
        final List<String> moves = new ArrayList<>();
        Buffer buffer;
        final String id;

        Story(String why, Random random, Home home) throws IOException {
            this.why = why;
            this.random = random;
            this.home = home;
            this.buffer = home.open();
            this.id = buffer.id();
        }

        void moves(int count) throws Exception {
            try {
                cursor("a");
                cursor("b");
                for (int i = 0; i < count; i++) {
                    move(random.nextInt(100));
                    assertThat(buffer.bytes()).isLessThanOrEqualTo(MAX_BYTES);
                    assertThat(buffer.damage().lostEvents()).isZero();
                }
                sync();
                for (var reader : List.of("a", "b")) {
                    readAll(reader);
                    cursor(reader).settle(buffer.nextSeq());
                    cursor(reader).save();
                    assertThat(cursor(reader).unsettled()).isZero();
                    assertThat(cursor(reader).unsettledBytes()).isZero();
                }
                buffer.close();
                var again = home.open();
                assertThat(again.recovery().clean()).isTrue();
                assertThat(again.nextSeq()).isGreaterThanOrEqualTo(end());
                try (var cursor = again.cursor("a")) {
                    assertThat(cursor.unsettled()).isZero();
                    assertThat(cursor.read(Duration.ofMillis(1))).isEmpty();
                }
                again.close();
            } catch (AssertionError | Exception e) {
                throw new AssertionError(why + " after " + moves, e);
            }
        }

        private long end() {
            return model.isEmpty() ? 0 : model.lastKey() + model.lastEntry().getValue().events;
        }

        void move(int dice) throws Exception {
            if (dice < 36) {
                append();
            } else if (dice < 48) {
                sync();
            } else if (dice < 68) {
                read(reader());
            } else if (dice < 76) {
                settle(reader());
            } else if (dice < 84) {
                save(reader());
            } else if (dice < 86) {
                rewind(reader());
            } else if (dice < 88) {
                passOver(reader());
            } else if (dice < 90) {
                closeCursor(reader());
            } else if (dice < 92) {
                forget(reader());
            } else if (dice < 95) {
                reopen();
            } else if (dice < 98) {
                kill();
            } else if (home.changesHands()) {
                changeHands();
            } else {
                kill();
            }
        }

        String reader() {
            return random.nextInt(3) == 0 ? "b" : "a";
        }

        Reader known(String reader) {
            return Objects.requireNonNull(readers.get(reader));
        }

        Cursor cursor(String reader) throws IOException {
            var open = cursors.get(reader);
            if (open != null) {
                return open;
            }
            var cursor = buffer.cursor(reader);
            var known = readers.get(reader);
            long at = cursor.settled();
            if (known == null) {
                known = new Reader();
                readers.put(reader, known);
                // The others hold it back for a new one.
                assertThat(readers.values().stream()
                                .filter(each -> each.saved > 0)
                                .mapToLong(each -> each.saved)
                                .max()
                                .orElse(at))
                        .isGreaterThanOrEqualTo(0);
            } else {
                assertThat(partly(known.saved, at))
                        .as("passed over, from %d on", known.saved)
                        .isEmpty();
                assertThat(wholly(at, known.saved))
                        .as("comes again, from %d on", at)
                        .isEmpty();
            }
            known.saved = at;
            known.settled = at;
            known.next = at;
            cursors.put(reader, cursor);
            return cursor;
        }

        /// Durable records of which a part lies between these numbers.
        Map<Long, Entry> partly(long from, long to) {
            if (to <= from) {
                return Map.of();
            }
            var between = new TreeMap<Long, Entry>(model.headMap(to));
            between.entrySet()
                    .removeIf(entry ->
                            entry.getValue().state != State.SYNCED || entry.getKey() + entry.getValue().events <= from);
            return between;
        }

        /// A number between these, often the last one where they are far apart.
        long between(long from, long to) {
            long span = Math.max(0, to - from);
            return span > FAR && random.nextBoolean() ? to : from + random.nextInt((int) Math.min(span, FAR) + 1);
        }

        /// Durable records that lie between these numbers as a whole.
        Map<Long, Entry> wholly(long from, long to) {
            var between = new TreeMap<Long, Entry>(model.subMap(from, Math.max(from, to)));
            between.entrySet()
                    .removeIf(entry ->
                            entry.getValue().state != State.SYNCED || entry.getKey() + entry.getValue().events > to);
            return between;
        }

        Map<Long, Entry> promised(long from, long to) {
            var promised = new TreeMap<Long, Entry>(model.subMap(from, Math.max(from, to)));
            promised.values().removeIf(entry -> entry.state != State.SYNCED);
            return promised;
        }

        void append() throws Exception {
            int length = random.nextInt(10) == 0 ? LARGEST - random.nextInt(3000) : 1 + random.nextInt(700);
            if (buffer.bytes() + length + 4096 > MAX_BYTES - 128 * 1024) {
                moves.add("nearly full");
                sync();
                for (var reader : List.of("a", "b")) {
                    long end = buffer.durableSeq();
                    cursor(reader).settle(end);
                    known(reader).settled = end;
                    save(reader);
                }
            }
            var bytes = new byte[length];
            random.nextBytes(bytes);
            int events = 1 + random.nextInt(Math.min(5, length));
            byte codec = (byte) random.nextInt(3);
            int before = random.nextInt(3);
            var around = new byte[before + length + random.nextInt(3)];
            System.arraycopy(bytes, 0, around, before, length);
            long seq = buffer.append(around, before, length, events, codec);
            moves.add("append " + seq + "+" + events);
            assertThat(seq).as("given twice").isGreaterThanOrEqualTo(end());
            model.put(seq, new Entry(bytes, events, codec));
        }

        void sync() throws IOException {
            buffer.sync();
            moves.add("sync");
            for (var entry : model.values()) {
                if (entry.state == State.PENDING) {
                    entry.state = State.SYNCED;
                }
            }
        }

        /// False when there was none.
        boolean read(String reader) throws Exception {
            var cursor = cursor(reader);
            var known = known(reader);
            var wanted = promised(Math.max(known.next, known.settled), Long.MAX_VALUE);
            Optional<Stored> read = cursor.read(wanted.isEmpty() ? Duration.ZERO : LONG);
            moves.add(reader + " reads " + read.map(Stored::firstSeq));
            if (read.isEmpty()) {
                assertThat(wanted).isEmpty();
                return false;
            }
            var stored = read.get();
            var entry = model.get(stored.firstSeq());
            assertThat(entry).as("record %d", stored.firstSeq()).isNotNull();
            assertThat(stored.bytes()).isEqualTo(entry.bytes);
            assertThat(stored.events()).isEqualTo(entry.events);
            assertThat(stored.codec()).isEqualTo(entry.codec);
            assertThat(stored.endSeq()).isGreaterThan(known.next);
            assertThat(promised(Math.max(known.next, known.settled), stored.firstSeq()))
                    .isEmpty();
            known.next = stored.endSeq();
            return true;
        }

        void readAll(String reader) throws Exception {
            cursor(reader).rewind();
            known(reader).next = known(reader).settled;
            while (!promised(Math.max(known(reader).next, known(reader).settled), Long.MAX_VALUE)
                    .isEmpty()) {
                assertThat(read(reader)).isTrue();
            }
            while (!cursor(reader).hasReadAll() && read(reader)) {
                assertThat(known(reader).next).isLessThanOrEqualTo(buffer.nextSeq());
            }
        }

        void settle(String reader) throws IOException {
            var cursor = cursor(reader);
            var known = known(reader);
            long seq = between(known.settled, known.next);
            cursor.settle(seq);
            known.settled = seq;
            assertThat(cursor.settled()).isEqualTo(seq);
            assertThat(cursor.unsettled()).isLessThanOrEqualTo(buffer.nextSeq() - seq);
            moves.add(reader + " settles " + seq);
        }

        void save(String reader) throws IOException {
            cursor(reader).save();
            known(reader).saved = known(reader).settled;
            moves.add(reader + " saves " + known(reader).settled);
        }

        void rewind(String reader) throws IOException {
            cursor(reader).rewind();
            known(reader).next = known(reader).settled;
            moves.add(reader + " rewinds");
        }

        /// Settles some of what it has not read, as a sink does that is to drop the oldest.
        void passOver(String reader) throws Exception {
            sync();
            var cursor = cursor(reader);
            var known = known(reader);
            long to = buffer.oldestEnd().orElse(buffer.durableSeq());
            if (random.nextBoolean()) {
                to = between(known.next, buffer.durableSeq());
            }
            to = Math.max(to, known.settled);
            cursor.skip(known.next, to);
            cursor.settle(to);
            known.next = Math.max(known.next, to);
            known.settled = to;
            moves.add(reader + " passes over up to " + to);
        }

        void closeCursor(String reader) throws IOException {
            cursor(reader).close();
            cursors.remove(reader);
            moves.add(reader + " is closed");
            assertThat(buffer.settled(reader)).hasValue(known(reader).saved);
            cursor(reader);
        }

        void forget(String reader) throws IOException {
            buffer.forget(reader);
            cursors.remove(reader);
            readers.remove(reader);
            moves.add(reader + " is forgotten");
            assertThat(buffer.readers()).doesNotContain(reader);
            cursor(reader);
            moves.add(reader + " begins at " + known(reader).next);
        }

        void reopen() throws IOException {
            moves.add("reopen");
            sync();
            buffer.close();
            reborn(home.open());
            assertThat(buffer.recovery().clean()).isTrue();
        }

        void kill() throws IOException {
            moves.add("kill");
            home.kill(buffer);
            reborn(home.open());
        }

        /// The one before hears of it, and nothing that it takes from then on counts.
        void changeHands() throws IOException {
            moves.add("another opens it");
            var before = buffer;
            var reader = cursor("a");
            reborn(home.open());
            assertThatThrownBy(() -> {
                        before.append(new byte[] {1}, 0, 1, 1);
                        before.sync();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another instance");
            assertThatThrownBy(() -> reader.read(LONG)).isInstanceOf(IOException.class);
            before.close();
        }

        void reborn(Buffer other) throws IOException {
            cursors.clear();
            buffer = other;
            moves.add("opened " + buffer.firstSeq() + ".." + buffer.nextSeq());
            assertThat(buffer.id()).isEqualTo(id);
            assertThat(buffer.recovery().lostEvents()).isZero();
            for (var entry : model.values()) {
                entry.state = entry.state == State.SYNCED ? State.SYNCED : State.MAYBE;
            }
            while (!model.isEmpty() && end() > buffer.nextSeq()) {
                assertThat(model.pollLastEntry().getValue().state).isEqualTo(State.MAYBE);
            }
            readers.values().forEach(reader -> {
                reader.saved = Math.min(reader.saved, buffer.nextSeq());
            });
            assertThat(buffer.readers()).containsExactlyElementsOf(readers.keySet());
            cursor("a");
            cursor("b");
        }
    }
}
