package io.logroute.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.logroute.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The disk in memory beside a map of byte arrays.
class MemoryDiskLaws {
    private static final List<String> NAMES = List.of("identity", "1.seg", "2.seg", "cursors/a.cur");

    private static final class Content {
        byte[] bytes = new byte[0];
    }

    private record Held(Disk.File file, Content content) {}

    @Test
    void it_holds_what_a_disk_would_hold_and_gives_back_the_memory_of_what_is_deleted() throws IOException {
        for (int seed : Seeds.upTo(40, 5)) {
            Random random = Seeds.random(seed);
            MemoryDisk disk = new MemoryDisk(8 << 20);
            TreeMap<String, Content> model = new TreeMap<>();
            List<Held> held = new ArrayList<>();
            for (int move = 0; move < 60; move++) {
                move(random, disk, model, held);
                same(disk, model, held, "seed %d, move %d".formatted(seed, move));
            }
            for (String name : List.copyOf(model.keySet())) {
                disk.delete(name);
            }
            assertThat(disk.occupied()).isZero();
            disk.close();
            for (Held open : held) { // deleted, but open: as on a real disk
                assertThat(content(open.file())).isEqualTo(open.content().bytes);
                open.file().close();
                open.file().close();
            }
        }
    }

    private static void move(Random random, MemoryDisk disk, TreeMap<String, Content> model, List<Held> held)
            throws IOException {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        String other = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(8)) {
            case 0 -> {
                Content content = new Content();
                model.put(name, content);
                held.add(new Held(disk.create(name), content));
            }
            case 1 -> {
                disk.delete(name);
                model.remove(name);
            }
            case 2 -> {
                Content content = model.get(name);
                if (content == null) {
                    assertThatIOException().isThrownBy(() -> disk.rename(name, other));
                    assertThatIOException().isThrownBy(() -> disk.open(name));
                } else if (!name.equals(other)) {
                    disk.rename(name, other);
                    model.remove(name);
                    model.put(other, content);
                }
            }
            case 3 -> {
                if (!held.isEmpty()) {
                    held.remove(random.nextInt(held.size())).file().close();
                }
            }
            case 4 -> {
                if (!held.isEmpty()) {
                    Held open = held.get(random.nextInt(held.size()));
                    long size = random.nextInt(open.content().bytes.length + 1);
                    open.file().truncate(size);
                    open.content().bytes = Arrays.copyOf(open.content().bytes, (int) size);
                }
            }
            default -> {
                if (!held.isEmpty()) {
                    write(random, held.get(random.nextInt(held.size())));
                }
            }
        }
    }

    private static void write(Random random, Held open) throws IOException {
        byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 1_500_000 : 20_000)];
        random.nextBytes(bytes);
        int length = open.content().bytes.length;
        int at = random.nextBoolean() ? length : random.nextInt(length + 30_000);
        boolean direct = random.nextBoolean();
        ByteBuffer from =
                direct ? ByteBuffer.allocateDirect(bytes.length).put(bytes).flip() : ByteBuffer.wrap(bytes);
        open.file().write(from, at);
        assertThat(from.hasRemaining()).isFalse();
        if (bytes.length > 0) {
            open.content().bytes = Arrays.copyOf(open.content().bytes, Math.max(length, at + bytes.length));
            System.arraycopy(bytes, 0, open.content().bytes, at, bytes.length);
        }
    }

    private static void same(MemoryDisk disk, TreeMap<String, Content> model, List<Held> held, String why)
            throws IOException {
        List<String> names = new ArrayList<>(disk.list(""));
        disk.list("cursors").forEach(name -> names.add("cursors/" + name));
        assertThat(names).as(why).containsExactlyInAnyOrderElementsOf(model.keySet());
        for (Held open : held) {
            assertThat(open.file().size()).as(why).isEqualTo(open.content().bytes.length);
        }
        if (!model.isEmpty()) {
            String name = model.firstKey();
            try (Disk.File file = disk.openToRead(name)) {
                assertThat(Arrays.equals(content(file), model.firstEntry().getValue().bytes))
                        .as(why)
                        .isTrue();
            }
        }
    }

    private static byte[] content(Disk.File file) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) file.size() + 10);
        assertThat(file.read(all, 0)).isEqualTo((int) file.size());
        assertThat(file.read(ByteBuffer.allocate(1), file.size())).isZero();
        return Arrays.copyOf(all.array(), all.position());
    }
}
