package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.logroute.Seeds;
import io.logroute.router.Accepted.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceptedTest {
    private static final Edition FIRST = new Edition("kind: One\n", "3f9a1c0d2b4e", 6);
    private static final Edition SECOND = new Edition("kind: Two\nwörds: 😀\n", "0123456789ab", 7);

    @TempDir
    Path data;

    @Test
    void nothing_was_accepted_at_first() {
        assertThat(accepted().find()).isEqualTo(new Found.Nothing());
    }

    @Test
    void what_was_kept_is_found_by_the_next_process() throws IOException {
        accepted().prepare(FIRST).keep();
        assertThat(accepted().find()).isEqualTo(new Found.Kept(FIRST));
        accepted().prepare(SECOND).keep();
        assertThat(accepted().find()).isEqualTo(new Found.Kept(SECOND));
    }

    @Test
    void what_was_only_prepared_is_not_in_force() throws IOException {
        accepted().prepare(FIRST).keep();
        accepted().prepare(SECOND);
        assertThat(accepted().find()).isEqualTo(new Found.Kept(FIRST));
    }

    @Test
    void what_is_damaged_is_told_and_set_aside() throws IOException {
        accepted().prepare(FIRST).keep();
        var file = folder().resolve("pipeline");
        Files.writeString(file, Files.readString(file).replace("One", "0ne"));
        assertThat(accepted().find())
                .isEqualTo(new Found.Damaged(
                        "the accepted pipeline %s is damaged: its sum does not fit; it was set aside as pipeline.damaged"
                                .formatted(file)));
        assertThat(accepted().find()).isEqualTo(new Found.Nothing());
        assertThat(folder().resolve("pipeline.damaged")).content().contains("0ne");
    }

    @Test
    void what_cannot_be_read_is_told() throws IOException {
        Files.createDirectories(folder().resolve("pipeline"));
        assertThat(accepted().find())
                .isInstanceOfSatisfying(
                        Found.Damaged.class,
                        damaged -> assertThat(damaged.trouble()).contains("cannot be read", "look at the disk"));
    }

    @Test
    void whatever_happens_to_its_bytes_it_is_whole_or_set_aside() throws IOException {
        accepted().prepare(SECOND).keep();
        var file = folder().resolve("pipeline");
        var whole = Files.readAllBytes(file);
        for (int seed : Seeds.upTo(300)) {
            var random = Seeds.random(seed);
            var bytes =
                    random.nextBoolean() ? java.util.Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            if (bytes.length > 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
            }
            Files.write(file, bytes);
            assertThat(accepted().find()).as("seed %d", seed).isInstanceOf(Found.Damaged.class);
        }
    }

    @Test
    void at_whatever_moment_it_dies_the_one_before_or_the_new_one_is_found() throws IOException {
        var seen = new java.util.HashSet<Found>();
        for (var wound : CrashingVolume.Wound.values()) {
            for (int moment = 1; ; moment++) {
                var at = data.resolve(wound + "-" + moment);
                new Accepted("accepted", at).prepare(FIRST).keep();
                var volume = new CrashingVolume(moment, wound);
                boolean died = false;
                try {
                    new Accepted("accepted", at, volume).prepare(SECOND).keep();
                } catch (CrashingVolume.Died e) {
                    died = true;
                }
                var found = new Accepted("accepted", at).find();
                if (!died) {
                    assertThat(found).isEqualTo(new Found.Kept(SECOND));
                    break;
                }
                assertThat(found).as("%s at %d", wound, moment).isIn(new Found.Kept(FIRST), new Found.Kept(SECOND));
                seen.add(found);
            }
        }
        assertThat(seen).hasSize(2);
    }

    @Test
    void a_full_disk_is_told_before_anything_changes() throws IOException {
        accepted().prepare(FIRST).keep();
        var full = new Accepted("accepted", folder(), new CrashingVolume(0, CrashingVolume.Wound.BEFORE) {
            @Override
            public void write(Path file, byte[] content) throws IOException {
                throw new IOException("No space left on device");
            }
        });
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> full.prepare(SECOND))
                .withMessage("No space left on device");
        assertThat(accepted().find()).isEqualTo(new Found.Kept(FIRST));
    }

    private Path folder() {
        return data.resolve("routers").resolve("core").resolve("accepted");
    }

    private Accepted accepted() {
        return new Accepted("accepted", folder());
    }
}
