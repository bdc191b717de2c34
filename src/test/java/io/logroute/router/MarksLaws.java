package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.buffer.Buffer;
import io.logroute.buffer.DiskBuffer;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Mark;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// However often the process ends, and whatever is written down when it does, the marks that are found are
/// those of the newest records that are stored.
class MarksLaws {
    private static final DiskBuffer.Limits LIMITS = DiskBuffer.Limits.of(64 << 20);

    @TempDir
    Path folder;

    /// Written down in memory, with faults: it may throw before or after it is done.
    private static final class Paper implements Marks.Kept {
        private final Random random;
        private Map<String, String> written = Map.of();
        boolean torn;

        Paper(Random random) {
            this.random = random;
        }

        @Override
        public Map<String, String> read() {
            return written;
        }

        @Override
        public void write(Map<String, String> marks) throws IOException {
            int fate = torn ? random.nextInt(3) : 0;
            if (fate == 1) {
                throw new IOException("not written");
            }
            written = Map.copyOf(marks);
            if (fate == 2) {
                throw new IOException("written, and nobody heard of it");
            }
        }
    }

    private static void append(Buffer buffer, String of, String at) throws IOException, InterruptedException {
        var event = Event.of("{\"msg\":\"%s\"}".formatted(at), Instant.EPOCH);
        var frames = Frames.of(List.of(event)).with(new Mark(of, at).below("docker"));
        buffer.append(frames.bytes(), frames.from(), frames.length(), 1, Frames.MARKED);
    }

    private static void appendPlain(Buffer buffer) throws IOException, InterruptedException {
        var frames = Frames.of(List.of(Event.of("{\"msg\":\"from a Beat\"}", Instant.EPOCH)));
        buffer.append(frames.bytes(), frames.from(), frames.length(), 1, Frames.CODEC);
    }

    @Test
    void the_newest_that_is_stored_is_found() throws Exception {
        for (int seed : Seeds.upTo(40, 20)) {
            var random = Seeds.random(seed);
            var paper = new Paper(random);
            var stored = new HashMap<String, String>();
            int number = 0;
            for (int life = 0; life < 4; life++) {
                var buffer = DiskBuffer.open(folder.resolve("b" + seed), LIMITS);
                var marks = new Marks("r", buffer, paper, buffer::durableSeq);
                marks.open();
                assertThat(marks.of("docker"))
                        .as("seed %d, life %d", seed, life)
                        .isEqualTo(stored);
                assertThat(marks.of("other")).isEmpty();
                paper.torn = true;
                for (int i = random.nextInt(200); i > 0; i--) {
                    if (random.nextInt(3) == 0) {
                        appendPlain(buffer);
                        continue;
                    }
                    var of = "c" + random.nextInt(5);
                    var at = "1 " + ++number;
                    append(buffer, of, at);
                    stored.put(of, at);
                    if (random.nextInt(60) == 0) {
                        buffer.sync();
                        assertThat(marks.of("docker"))
                                .as("seed %d, life %d", seed, life)
                                .isEqualTo(stored);
                    }
                }
                buffer.sync();
                if (random.nextBoolean()) {
                    marks.close();
                } else {
                    buffer.close(); // as a kill: nothing is written down any more
                    marks.close();
                }
                buffer.close();
            }
        }
    }

    @Test
    void the_file_has_what_was_written_and_is_set_aside_when_it_is_torn() throws IOException {
        var file = new MarksFile(folder);
        assertThat(file.read()).isEmpty();
        file.write(Map.of("docker/a", "1 2 3", "docker/b", ""));
        assertThat(new MarksFile(folder).read()).isEqualTo(Map.of("docker/a", "1 2 3", "docker/b", ""));
        var bytes = java.nio.file.Files.readAllBytes(folder.resolve("marks"));
        bytes[bytes.length - 3] ^= 1;
        java.nio.file.Files.write(folder.resolve("marks"), bytes);
        assertThat(new MarksFile(folder).read()).isEmpty();
        assertThat(folder.resolve("marks.damaged")).exists();
    }
}
