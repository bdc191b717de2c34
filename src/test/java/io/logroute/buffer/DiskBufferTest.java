package io.logroute.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBufferTest {
    @TempDir
    Path folder;

    @Test
    void what_is_synced_is_read_again_after_reopening() throws Exception {
        String id;
        try (DiskBuffer buffer = DiskBuffer.open(folder, new DiskBuffer.Limits(1 << 20, 4096))) {
            id = buffer.id();
            for (int i = 0; i < 100; i++) {
                byte[] bytes = ("record " + i + " ".repeat(i * 3)).getBytes(UTF_8);
                assertThat(buffer.append(bytes, 0, bytes.length, 2)).isEqualTo(2L * i);
            }
            buffer.sync();
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, new DiskBuffer.Limits(1 << 20, 4096));
                Cursor cursor = buffer.cursor("es")) {
            assertThat(buffer.id()).isEqualTo(id).hasSize(12);
            assertThat(buffer.recovery().clean()).isTrue();
            for (int i = 0; i < 100; i++) {
                Stored stored = cursor.read(Duration.ZERO).orElseThrow();
                assertThat(stored.firstSeq()).isEqualTo(2L * i);
                assertThat(new String(stored.bytes(), UTF_8)).startsWith("record " + i);
            }
            assertThat(cursor.unsettled()).isEqualTo(200);
            cursor.settle(200);
            cursor.save();
            assertThat(cursor.unsettled()).isZero();
            assertThat(buffer.bytes()).isLessThan(5000);
        }
    }
}
