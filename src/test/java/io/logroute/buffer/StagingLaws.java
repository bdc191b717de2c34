package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// The machine has no memory for a chunk now and then: what an append could not take in whole is not there at
/// all, and whatever else was acknowledged is read, in this life and in the next.
class StagingLaws {
    private static final Limits LIMITS = new Limits(1 << 20, 4096, 0);

    @Test
    void a_record_that_finds_no_memory_leaves_nothing_behind_and_harms_no_other() throws Exception {
        int refused = 0;
        int inTheMiddle = 0;
        for (int seed : Seeds.upTo(200)) {
            var random = Seeds.random(seed);
            var disk = new CrashingDisk();
            var asked = new AtomicInteger();
            int every = 1 + random.nextInt(6);
            IntFunction<ByteBuffer> memory = bytes -> {
                if (asked.incrementAndGet() % every == 0) {
                    throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes of direct buffer memory");
                }
                return ByteBuffer.allocate(bytes);
            };
            var stored = new TreeMap<Long, byte[]>();
            try (var buffer = DiskBuffer.open(disk, LIMITS, InstantSource.system(), () -> 7, memory)) {
                for (int i = 0; i < 30; i++) {
                    var record = new byte[1 + random.nextInt(random.nextInt(5) == 0 ? 20_000 : 1500)];
                    random.nextBytes(record);
                    int before = asked.get();
                    try {
                        stored.put(buffer.append(record, 0, record.length, 1), record);
                    } catch (IOException e) {
                        assertThat(e)
                                .hasMessageContaining("a record of " + record.length + " bytes, which is not stored")
                                .hasMessageContaining("raise LogRoute's memory limit");
                        refused++;
                        inTheMiddle += asked.get() > before + 1 ? 1 : 0;
                    }
                    if (random.nextInt(8) == 0) {
                        buffer.sync();
                    }
                }
                buffer.sync();
                assertThat(buffer.nextSeq()).as("seed %d", seed).isEqualTo(stored.size());
                hasAll(seed, buffer, stored);
            }
            try (var buffer = DiskBuffer.open(disk, LIMITS, InstantSource.system(), () -> 7)) {
                assertThat(buffer.damage()).as("seed %d", seed).isEqualTo(new Damage(0, 0, 0));
                hasAll(seed, buffer, stored);
            }
        }
        assertThat(refused).isPositive();
        assertThat(inTheMiddle).as("refused after some chunks were given").isPositive();
    }

    private static void hasAll(int seed, DiskBuffer buffer, Map<Long, byte[]> stored) throws Exception {
        try (var cursor = buffer.cursor("es")) {
            for (var each : stored.entrySet()) {
                var read = cursor.read(Duration.ZERO).orElseThrow();
                assertThat(read.firstSeq()).as("seed %d", seed).isEqualTo(each.getKey());
                assertThat(read.bytes()).as("seed %d", seed).isEqualTo(each.getValue());
            }
            assertThat(cursor.read(Duration.ZERO)).as("seed %d", seed).isEmpty();
        }
    }
}
