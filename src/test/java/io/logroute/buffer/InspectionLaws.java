package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an inspection tells of a damaged folder is what opening it and reading it all costs.
class InspectionLaws {
    private static final Limits LIMITS = new Limits(1 << 20, 4096);
    private static final int RECORDS = 40;
    private static final int SEEDS = Integer.getInteger("logroute.seeds", 400);

    @TempDir
    Path home;

    private static DiskBuffer open(CrashingDisk disk) throws Exception {
        return DiskBuffer.open(disk, LIMITS, InstantSource.fixed(Instant.EPOCH), () -> 0x1234_5678_9abc_def0L);
    }

    /// Records of one to three events in several segments; `es` has settled some of them.
    private static Map<String, byte[]> written(Random random, boolean closed) throws Exception {
        var disk = new CrashingDisk();
        var buffer = open(disk);
        var cursor = buffer.cursor("es");
        buffer.cursor("file");
        for (int i = 0; i < RECORDS; i++) {
            var bytes = ("record " + i + "x".repeat(random.nextInt(600))).getBytes(UTF_8);
            buffer.append(bytes, 0, bytes.length, 1 + random.nextInt(3));
            buffer.sync();
        }
        if (random.nextBoolean()) {
            cursor.settle(random.nextInt(20));
            cursor.save();
        }
        if (closed) {
            buffer.close();
        } else {
            buffer.abandon();
        }
        return disk.files();
    }

    /// What opening it and reading all of it finds lost, and the numbers that come.
    private static long opened(Map<String, byte[]> files, List<Long> seqs) throws Exception {
        try (var buffer = open(CrashingDisk.of(files));
                var cursor = buffer.cursor("file")) {
            for (var read = cursor.read(Duration.ZERO); read.isPresent(); read = cursor.read(Duration.ZERO)) {
                seqs.add(read.get().firstSeq());
            }
            return buffer.damage().lostEvents();
        }
    }

    @Test
    void a_whole_buffer_is_found_whole_and_its_readers_lag_is_told_exactly() throws Exception {
        for (int seed = 0; seed < SEEDS / 10; seed++) {
            var random = Seeds.random(seed);
            var files = written(random, seed % 2 == 0);
            var inspection = Inspection.of(CrashingDisk.of(files));
            var verdict = inspection.verify(Inspection.Watching.NOTHING);
            assertThat(verdict.findings()).as("seed %d", seed).isEmpty();
            assertThat(verdict.records()).as("seed %d", seed).isEqualTo(RECORDS);
            var contents = inspection.contents(Inspection.Watching.NOTHING);
            try (var buffer = open(CrashingDisk.of(files))) {
                assertThat(contents.id()).contains(buffer.id());
                for (var reader : contents.readers()) {
                    try (var cursor = buffer.cursor(reader.reader())) {
                        assertThat(reader.settled()).as("seed %d", seed).isEqualTo(cursor.settled());
                        assertThat(reader.lagEvents()).as("seed %d", seed).isEqualTo(cursor.unsettled());
                    }
                }
            }
        }
    }

    /// Damages one to three of the files; tells which and how.
    private static String hurt(Map<String, byte[]> files, Random random, int seed) {
        var names = List.copyOf(files.keySet());
        var why = new StringBuilder("seed " + seed);
        for (int i = 0; i <= random.nextInt(3); i++) {
            var name = names.get(random.nextInt(names.size()));
            var bytes = files.getOrDefault(name, new byte[0]).clone();
            int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            why.append(", ").append(name).append(" at ").append(at);
            if (bytes.length == 0 || random.nextInt(12) == 0) {
                files.remove(name);
                why.append(" gone");
            } else if (random.nextInt(8) == 0) {
                files.put(name, java.util.Arrays.copyOf(bytes, at));
                why.append(" cut");
            } else {
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                files.put(name, bytes);
            }
        }
        return why.toString();
    }

    @Test
    void whatever_is_damaged_a_dry_run_tells_whether_a_repair_does_anything_and_then_verify_is_content()
            throws Exception {
        int mended = 0;
        for (int seed = 0; seed < SEEDS / 10; seed++) {
            var random = Seeds.random(seed);
            var files = new TreeMap<>(written(random, seed % 3 != 0));
            var why = hurt(files, random, seed);
            var folder = Files.createDirectories(home.resolve("seed-" + seed));
            for (var file : files.entrySet()) {
                var path = folder.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
            var foreseen = Inspection.beforeRepair(folder, Inspection.Watching.NOTHING);
            for (var file : files.entrySet()) {
                assertThat(folder.resolve(file.getKey())).as(why).hasBinaryContent(file.getValue());
            }
            assertThat(foreseen.live()).isFalse();
            assertThat(foreseen.good() || !foreseen.steps().isEmpty()).as(why).isTrue();
            var mending = Inspection.repair(folder, Inspection.Watching.NOTHING);
            assertThat(mending.before()).as(why).isEqualTo(foreseen);
            for (var step : foreseen.steps()) {
                if (step instanceof Inspection.Step.Copy(var file)) {
                    assertThat(folder.resolve("corrupt").resolve(file))
                            .as(why)
                            .hasBinaryContent(Objects.requireNonNull(files.get(file)));
                } else if (step instanceof Inspection.Step.Cut(var file, var _)
                        && !foreseen.torn().orElseThrow().zeros()) {
                    assertThat(foreseen.steps()).as(why).contains(new Inspection.Step.Copy(file));
                }
            }
            var done = new ArrayList<>(mending.copies());
            done.addAll(mending.recovery().setAside());
            assertThat(done.isEmpty() && mending.recovery().tornBytes() == 0)
                    .as("%s: told %s, did %s", why, foreseen.steps(), mending)
                    .isEqualTo(foreseen.steps().isEmpty());
            var after = Inspection.of(folder).verify(Inspection.Watching.NOTHING);
            assertThat(after.good()).as("%s: %s", why, after).isTrue();
            assertThat(after.steps()).as("%s: %s", why, after).isEmpty();
            mended += done.isEmpty() ? 0 : 1;
        }
        assertThat(mended).as("seeds that hurt").isGreaterThan(SEEDS / 60);
    }

    @Test
    void whatever_is_damaged_it_tells_as_many_events_lost_as_are() throws Exception {
        int hurt = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = Seeds.random(seed);
            var files = new TreeMap<>(written(random, seed % 3 != 0));
            var why = hurt(files, random, seed);
            var copy = CrashingDisk.of(files);
            var inspection = Inspection.of(copy);
            var verdict = inspection.verify(Inspection.Watching.NOTHING);
            assertThat(copy.files()).as("%s: nothing was changed", why).containsExactlyInAnyOrderEntriesOf(files);
            var seqs = new ArrayList<Long>();
            long lost = opened(files, seqs);
            assertThat(verdict.lostEvents()).as("%s: %s", why, verdict).isEqualTo(lost);
            assertThat(lost == 0 || !verdict.good()).as("%s", why).isTrue();
            hurt += lost > 0 ? 1 : 0;
            var read = new ArrayList<Long>();
            inspection.read(0, Long.MAX_VALUE, record -> read.add(record.firstSeq()));
            assertThat(read).as("%s", why).containsAll(seqs);
        }
        assertThat(hurt).as("seeds that hurt").isGreaterThan(SEEDS / 10);
    }
}
