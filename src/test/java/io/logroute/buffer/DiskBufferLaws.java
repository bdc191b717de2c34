package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The buffer beside a plain model, on a disk that crashes, tears and refuses.
///
/// A seed tells the whole story: between two moves the log thread is idle, or held before an
/// operation of the disk that chance chose; meanwhile records pile up for it, and a crash may
/// come right there.
class DiskBufferLaws {
    private static final Limits LIMITS = new Limits(96 * 1024, 4096);
    /// Readers that ask the disk for every record, for most, and for those after an opening.
    private static final long[] RECENT = {0, 500, 1 << 20};

    @Test
    void what_was_synced_survives_any_crash_in_order_and_nothing_is_told_twice_differently() throws Exception {
        all(Trouble.CRASHES, 400, 100);
    }

    @Test
    void a_disk_that_refuses_writes_and_syncs_costs_only_what_was_reported() throws Exception {
        all(Trouble.CRASHES_AND_FAULTS, 400, 100);
    }

    @Test
    void a_buffer_in_memory_keeps_the_same_order_and_the_same_promises_while_it_lasts() throws Exception {
        all(Trouble.NONE, 100, 300);
    }

    private static void all(Trouble trouble, int usual, int moves) throws Exception {
        int lives = 0;
        Seeds seeds = Seeds.upTo(usual);
        for (int seed : seeds) {
            Run run = new Run(seed, trouble);
            run.moves(moves);
            lives += run.recycled;
        }
        assertThat(trouble == Trouble.NONE || !Seeds.many() || lives > seeds.given() / 4)
                .as("files had another life, %d times", lives)
                .isTrue();
    }

    private enum Trouble {
        /// A buffer in memory: it neither crashes nor fails, and is never opened again.
        NONE,
        CRASHES,
        CRASHES_AND_FAULTS
    }

    private enum State {
        PENDING,
        SYNCED,
        GIVEN_UP,
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
        /// What a save wrote that failed: it may be found again, or not.
        long maybeSaved;
    }

    private static final class Run {
        final String why;
        final Random random;
        final Limits limits;
        final boolean faults;
        final @Nullable MemoryDisk memory;
        final TreeMap<Long, Entry> model = new TreeMap<>();
        final Map<Long, byte[]> told = new HashMap<>();
        final Map<String, Reader> readers = new TreeMap<>();
        final Map<String, Cursor> cursors = new HashMap<>();
        final List<String> moves = new ArrayList<>();
        CrashingDisk disk = new CrashingDisk();
        DiskBuffer buffer;
        String id;
        int recycled;
        /// A crash left a hole among records that were never synced. The opening after it knows;
        /// once that has sealed the segment, readers of a later one take the hole for a loss.
        boolean holed;
        private boolean deleteRefused;

        Run(int seed, Trouble trouble) throws IOException {
            why = "seed " + seed + ", " + trouble;
            random = Seeds.random(seed);
            limits = new Limits(LIMITS.maxBytes(), LIMITS.segmentBytes(), RECENT[Math.floorMod(seed, RECENT.length)]);
            faults = trouble == Trouble.CRASHES_AND_FAULTS;
            memory = trouble == Trouble.NONE ? new MemoryDisk(LIMITS.maxBytes()) : null;
            buffer = open();
            id = buffer.id();
        }

        DiskBuffer open() throws IOException {
            InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));
            return DiskBuffer.open(memory == null ? disk : memory, limits, clock, random::nextLong);
        }

        void moves(int count) throws Exception {
            try {
                for (int i = 0; i < count; i++) {
                    unlessPowerGoes(() -> move(random.nextInt(100)));
                    calm();
                    while (disk.off()) {
                        unlessPowerGoes(this::crash);
                    }
                    assertThat(buffer.bytes()).isLessThanOrEqualTo(LIMITS.maxBytes() + 2 * Format.RECORDS_AT);
                }
                disk.powerFor(-1);
                mend();
                sync();
                for (String reader : List.of("a", "b")) {
                    cursor(reader).rewind();
                    known(reader).next = known(reader).settled;
                    while (read(reader)) {
                        assertThat(known(reader).next).isLessThanOrEqualTo(buffer.nextSeq());
                    }
                    cursor(reader).settle(buffer.nextSeq());
                    cursor(reader).save();
                    assertThat(cursor(reader).unsettled()).isZero();
                }
                if (memory != null) {
                    forgotten(memory);
                    return;
                }
                if (!faults) {
                    assertThat(buffer.bytes()).isEqualTo(onDisk());
                }
                // What a disk that refuses did not delete, or measure, goes with a later segment.
                buffer.sync(buffer.append(new byte[1], 0, 1, 1));
                for (String reader : List.of("a", "b")) {
                    cursor(reader).settle(buffer.nextSeq());
                    cursor(reader).save();
                }
                assertThat(buffer.bytes()).isEqualTo(onDisk());
                buffer.close();
                recycled += disk.recycled();
                DiskBuffer again = open();
                again.close();
                assertThat(again.bytes())
                        .isEqualTo(onDisk())
                        .isLessThan(LIMITS.spareBytes() + 3L * LIMITS.segmentBytes());
            } catch (AssertionError | Exception e) {
                throw new AssertionError(why + " after " + moves, e);
            }
        }

        private long onDisk() {
            return disk.files().entrySet().stream()
                    .filter(file -> Segment.isName(file.getKey()) || Spare.isName(file.getKey()))
                    .mapToLong(file -> file.getValue().length)
                    .sum();
        }

        private interface Moving {
            void run() throws Exception;
        }

        /// On a machine that is off everything fails; what it said before is what counts.
        void unlessPowerGoes(Moving moving) throws Exception {
            try {
                moving.run();
            } catch (AssertionError | Exception e) {
                if (!disk.off()) {
                    throw e;
                }
                moves.add("off");
            }
        }

        void mend() {
            disk.refuse(operation -> false);
            disk.room(Long.MAX_VALUE);
        }

        /// One segment and the small files are left, and nothing after closing.
        void forgotten(MemoryDisk memory) {
            assertThat(buffer.bytes()).isLessThan(LIMITS.spareBytes() + 3L * LIMITS.segmentBytes());
            assertThat(memory.occupied()).isPositive().isLessThan(10 * 16 * 1024);
            buffer.close();
            assertThat(memory.occupied()).isZero();
        }

        void move(int dice) throws Exception {
            if (dice < 38) {
                append();
            } else if (dice < 51) {
                sync();
            } else if (dice < 71) {
                read(reader());
            } else if (dice < 78) {
                settle(reader());
            } else if (dice < 85) {
                save(reader());
            } else if (dice < 87) {
                rewind(reader());
            } else if (memory != null) {
                append();
            } else if (dice < 89) {
                reopen();
            } else if (dice < 92) {
                crash();
            } else if (dice < 94) {
                powerGoesSoon();
            } else if (dice < 97) {
                hold();
            } else if (faults) {
                fault();
            }
        }

        void hold() {
            int operations = random.nextInt(10);
            disk.holdAfter(operations);
            moves.add("hold after " + operations);
        }

        void powerGoesSoon() {
            int operations = random.nextInt(random.nextBoolean() ? 12 : 60);
            disk.powerFor(operations);
            moves.add("power for " + operations);
        }

        /// Lets the log thread go on until it is idle or held, and housekeeping finish.
        void calm() throws IOException {
            while (!buffer.idle() && !disk.holding()) {
                Thread.onSpinWait();
                Thread.yield();
            }
            buffer.awaitHousekeeping();
        }

        String reader() {
            return random.nextInt(3) == 0 ? "b" : "a";
        }

        Reader known(String reader) {
            return Objects.requireNonNull(readers.get(reader));
        }

        Cursor cursor(String reader) throws IOException {
            Cursor open = cursors.get(reader);
            if (open != null) {
                return open;
            }
            Cursor cursor;
            try {
                cursor = buffer.cursor(reader);
            } catch (IOException e) {
                assertThat(faults).as("%s", e).isTrue();
                mend();
                cursor = buffer.cursor(reader);
            }
            Reader known = readers.computeIfAbsent(reader, name -> {
                Reader fresh = new Reader();
                fresh.saved = buffer.firstSeq();
                return fresh;
            });
            // Not a record more or less than was saved; numbers without a record may differ.
            assertThat(promised(Math.max(known.saved, known.maybeSaved), cursor.settled()))
                    .isEmpty();
            assertThat(promised(cursor.settled(), known.saved)).isEmpty();
            known.saved = cursor.settled();
            known.maybeSaved = cursor.settled();
            known.settled = cursor.settled();
            known.next = cursor.settled();
            cursors.put(reader, cursor);
            return cursor;
        }

        Map<Long, Entry> promised(long from, long to) {
            Map<Long, Entry> promised = new TreeMap<>(model.subMap(from, Math.max(from, to)));
            promised.values().removeIf(entry -> entry.state != State.SYNCED);
            return promised;
        }

        void append() throws Exception {
            int length = random.nextInt(20) == 0 ? 5000 + random.nextInt(3000) : 1 + random.nextInt(700);
            if (buffer.bytes() + length + 4096 > LIMITS.maxBytes()) {
                moves.add("full");
                sync();
                for (String reader : List.of("a", "b")) {
                    long end = buffer.durableSeq();
                    cursor(reader).settle(end);
                    known(reader).settled = Math.max(known(reader).settled, end);
                    save(reader);
                }
                if (buffer.bytes() + length + 4096 > LIMITS.maxBytes()) {
                    return; // a refused deletion keeps it full for now
                }
            }
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            int events = 1 + random.nextInt(Math.min(5, length));
            byte codec = (byte) random.nextInt(3);
            int before = random.nextInt(4); // what lies around it is not the buffer's
            byte[] around = new byte[before + length + random.nextInt(4)];
            System.arraycopy(bytes, 0, around, before, length);
            long seq = buffer.append(around, before, length, events, codec);
            moves.add("append " + seq + "+" + events);
            assertThat(model.isEmpty()
                            || seq >= model.lastKey() + model.lastEntry().getValue().events)
                    .as("%d is given twice", seq)
                    .isTrue();
            model.put(seq, new Entry(bytes, events, codec));
        }

        void sync() throws IOException {
            disk.release();
            calm();
            long from = Long.MAX_VALUE;
            long to = Long.MAX_VALUE;
            try {
                buffer.sync();
                moves.add("sync");
            } catch (SyncFailed e) {
                assertThat(faults).as("%s", e).isTrue();
                moves.add("sync fails " + e.from() + ".." + e.to());
                from = e.from();
                to = e.to();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            for (Map.Entry<Long, Entry> entry : model.entrySet()) {
                if (entry.getValue().state != State.PENDING) {
                    continue;
                }
                // Several failures are told as one range; what was kept in between is known
                // record by record.
                boolean lost = from <= entry.getKey() && entry.getKey() < to && givenUp(entry.getKey());
                entry.getValue().state = lost ? State.GIVEN_UP : State.SYNCED;
                if (random.nextInt(8) == 0) {
                    assertThat(givenUp(entry.getKey())).isEqualTo(lost);
                }
            }
        }

        boolean givenUp(long seq) {
            try {
                buffer.sync(seq);
                return false;
            } catch (SyncFailed e) {
                return true;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /// False when there was none.
        boolean read(String reader) throws Exception {
            Cursor cursor = cursor(reader);
            Reader known = known(reader);
            Optional<Stored> read;
            try {
                read = cursor.read(Duration.ZERO);
            } catch (IOException e) {
                assertThat(faults).as("%s", e).isTrue();
                return false;
            }
            moves.add(reader + " reads " + read.map(Stored::firstSeq));
            assertThat(holed || buffer.damage().lostEvents() == 0)
                    .as("nothing is damaged: %s", buffer.damage())
                    .isTrue();
            if (read.isEmpty()) {
                assertThat(promised(Math.max(known.next, known.settled), Long.MAX_VALUE))
                        .isEmpty();
                return false;
            }
            Stored stored = read.get();
            Entry entry = model.get(stored.firstSeq());
            assertThat(entry).as("record %d", stored.firstSeq()).isNotNull();
            assertThat(stored.bytes()).isEqualTo(entry.bytes);
            assertThat(stored.events()).isEqualTo(entry.events);
            assertThat(stored.codec()).isEqualTo(entry.codec);
            assertThat(entry.state).isNotEqualTo(State.GIVEN_UP);
            assertThat(stored.endSeq()).isGreaterThan(known.next);
            // What a reader has settled without reading may be gone.
            assertThat(promised(Math.max(known.next, known.settled), stored.firstSeq()))
                    .isEmpty();
            byte[] before = told.put(stored.firstSeq(), stored.bytes());
            assertThat(before == null || Arrays.equals(before, stored.bytes())).isTrue();
            known.next = stored.endSeq();
            return true;
        }

        void settle(String reader) throws IOException {
            Cursor cursor = cursor(reader);
            Reader known = known(reader);
            long seq = known.settled + random.nextInt((int) Math.max(0, known.next - known.settled) + 1);
            cursor.settle(seq);
            known.settled = seq;
            assertThat(cursor.settled()).isEqualTo(seq);
            moves.add(reader + " settles " + seq);
        }

        void save(String reader) throws IOException {
            Cursor cursor = cursor(reader);
            Reader known = known(reader);
            known.maybeSaved = known.settled;
            try {
                cursor.save();
                known.saved = durableUpTo(known.settled);
                moves.add(reader + " saves " + known.settled);
            } catch (IOException e) {
                assertThat(faults).as("%s", e).isTrue();
            }
        }

        /// A place beyond the last durable record may come back as the end of that record. What was
        /// read was durable.
        long durableUpTo(long settled) {
            long end = 0;
            for (Map.Entry<Long, Entry> entry : model.headMap(settled).entrySet()) {
                if (entry.getValue().state == State.SYNCED || told.containsKey(entry.getKey())) {
                    end = Math.min(settled, entry.getKey() + entry.getValue().events);
                }
            }
            return end;
        }

        void rewind(String reader) throws IOException {
            cursor(reader).rewind();
            known(reader).next = known(reader).settled;
            moves.add(reader + " rewinds");
        }

        void reopen() throws IOException {
            moves.add("reopen");
            mend();
            sync();
            buffer.close();
            reborn();
        }

        void crash() throws IOException {
            boolean killed = random.nextInt(3) == 0;
            moves.add(killed ? "kill" : "crash");
            turnedOff(killed && !disk.off());
            buffer.abandon();
            reborn();
        }

        void turnedOff(boolean killed) {
            recycled += disk.recycled();
            disk = killed ? disk.kill() : disk.crash(random);
        }

        void reborn() throws IOException {
            cursors.clear();
            if (random.nextInt(3) == 0) {
                powerGoesSoon();
            }
            while (true) {
                try {
                    buffer = open();
                    break;
                } catch (IOException e) {
                    assertThat(disk.off()).as("%s", e).isTrue();
                    moves.add("off while it opens");
                    turnedOff(false);
                }
            }
            moves.add("opened " + buffer.firstSeq() + ".." + buffer.nextSeq());
            // Numbers of which nothing reached the disk, no place either, are given again.
            readers.values().forEach(reader -> {
                reader.saved = Math.min(reader.saved, buffer.nextSeq());
                reader.maybeSaved = Math.min(reader.maybeSaved, buffer.nextSeq());
            });
            assertThat(buffer.id()).isEqualTo(id);
            assertThat(buffer.recovery().lostEvents())
                    .as("%s", buffer.recovery())
                    .isZero();
            // Of what was never synced a part in the middle may be missing; no file is unreadable, but for one that
            // could
            // not be begun, and that the disk did not let us delete.
            assertThat(buffer.recovery().corruptRecords() == 0
                            || buffer.recovery().doubtfulEvents() > 0
                            || deleteRefused)
                    .as("%s", buffer.recovery())
                    .isTrue();
            assertThat(buffer.recovery().setAside())
                    .allSatisfy(name -> assertThat(name).matches(deleteRefused ? ".*\\.seg(\\.[0-9]+)?" : ".*\\.seg"));
            holed = holed || buffer.recovery().doubtfulEvents() > 0;
            for (Entry entry : model.values()) {
                entry.state = entry.state == State.SYNCED ? State.SYNCED : State.MAYBE;
            }
            while (!model.isEmpty() && model.lastKey() + model.lastEntry().getValue().events > buffer.nextSeq()) {
                assertThat(model.pollLastEntry().getValue().state).isEqualTo(State.MAYBE);
            }
            assertThatCode(() -> cursor("a")).doesNotThrowAnyException();
        }

        void fault() {
            disk.room(Long.MAX_VALUE);
            if (random.nextInt(4) == 0) {
                disk.room(disk.used() + random.nextInt(6000));
                moves.add("little room");
                return;
            }
            String kind = List.of("write", "force", "create", "open", "rename", "delete", "forceFolder", "read")
                    .get(random.nextInt(8));
            int[] left = {random.nextInt(3), 1 + random.nextInt(2)};
            deleteRefused = deleteRefused || kind.equals("delete");
            moves.add("soon " + kind + " fails");
            disk.refuse(operation -> operation.startsWith(kind + " ") && left[0]-- <= 0 && left[1]-- > 0);
        }
    }
}
