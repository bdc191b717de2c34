package io.logroute.buffer;

import io.logroute.buffer.Format.Block;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// The durable place of one reader: a file of two slots, written in turn, so that a torn write
/// leaves the other. The newer valid slot counts.
///
///     cursors/<reader>.cur = slot A at 0, slot B at 4096
///     slot                 = block "LRCURSOR" {id, epoch, settled, savedMillis}
///
/// Reader names are kept readable: letters, digits, `-` and `_` stand for themselves, every other
/// byte of UTF-8 is `%XX`. Loading and saving are for one thread at a time.
final class Place {
    static final String FOLDER = "cursors";
    private static final String SUFFIX = ".cur";

    private final Disk disk;
    private final long id;
    final String reader;
    private long epoch;

    /// Everything below is settled, durably. Guarded by the lock of [DiskBuffer].
    long saved;

    private Place(Disk disk, long id, String reader, long epoch, long saved) {
        this.disk = disk;
        this.id = id;
        this.reader = reader;
        this.epoch = epoch;
        this.saved = saved;
    }

    /// A place that is on disk before this returns.
    static Place create(Disk disk, long id, String reader, long seq, long millis) throws IOException {
        Place place = new Place(disk, id, reader, 0, seq);
        String name = file(reader);
        String draft = name + ".tmp";
        try (Disk.File file = disk.create(draft)) {
            file.write(ByteBuffer.allocate(2 * Format.SLOT), 0);
            place.write(file, seq, millis);
        }
        disk.rename(draft, name);
        disk.forceFolder(FOLDER);
        return place;
    }

    /// Empty when neither slot is one of this buffer.
    static Optional<Place> load(Disk disk, long id, String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Format.SLOT);
        String path = FOLDER + "/" + name;
        try (Disk.File file = disk.openToRead(path)) {
            file.read(bytes, 0);
        }
        bytes.flip();
        Optional<Block> a = Block.decode(bytes, 0, Format.CURSOR, disk, path).filter(slot -> slot.id() == id);
        Optional<Block> b =
                Block.decode(bytes, Format.SLOT, Format.CURSOR, disk, path).filter(slot -> slot.id() == id);
        boolean useB =
                b.isPresent() && (a.isEmpty() || b.get().first() > a.get().first());
        return (useB ? b : a).map(slot -> new Place(disk, id, reader(name), slot.first(), slot.second()));
    }

    /// Makes `settled` durable; does not touch `saved`.
    void save(long settled, long millis) throws IOException {
        try (Disk.File file = disk.open(file(reader))) {
            write(file, settled, millis);
        }
    }

    /// After a failure the same slot is written again: the other one is the place that stands.
    private void write(Disk.File file, long settled, long millis) throws IOException {
        long next = epoch + 1;
        Block slot = new Block(Format.CURSOR, id, next, settled, millis, 0);
        file.write(slot.encode(), next % 2 == 1 ? 0 : Format.SLOT);
        file.force();
        epoch = next;
    }

    void delete() throws IOException {
        disk.delete(file(reader));
        disk.forceFolder(FOLDER);
    }

    static boolean isName(String name) {
        return name.endsWith(SUFFIX)
                && name.length() > SUFFIX.length()
                && encoded(reader(name)).equals(name);
    }

    private static String file(String reader) {
        return FOLDER + "/" + fileName(reader);
    }

    /// Throws `IllegalArgumentException` for a name that no file can carry.
    static String fileName(String reader) {
        String name = encoded(reader);
        if (name.length() <= SUFFIX.length() || name.length() > 200 + SUFFIX.length()) {
            throw new IllegalArgumentException(
                    "reader name \"%s\" does not fit a file name; use 1 to 200 of a-z, 0-9 and -".formatted(reader));
        }
        return name;
    }

    private static String encoded(String reader) {
        StringBuilder name = new StringBuilder();
        for (byte b : reader.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' || b == '_';
            name.append(plain ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b));
        }
        return name.append(SUFFIX).toString();
    }

    /// The inverse of [#fileName]; what does not decode stands for itself.
    static String reader(String fileName) {
        String name = fileName.substring(0, fileName.length() - SUFFIX.length());
        byte[] bytes = new byte[name.length()];
        int length = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '%') {
                bytes[length++] = (byte) c;
                continue;
            }
            if (!name.substring(i + 1).matches("(?s)[0-9A-F]{2}.*")) {
                return name;
            }
            bytes[length++] = (byte) Integer.parseInt(name.substring(i + 1, i + 3), 16);
            i += 2;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
