package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The file of the newest segment: everything that touches it happens here, on the log thread of
/// [DiskBuffer].
final class NewestFile {
    private static final System.Logger LOG = System.getLogger(NewestFile.class.getName());

    private final Disk disk;
    private final Consumer<Segment> durable;
    private Disk.@Nullable File file;
    private @Nullable Segment segment;
    private long position;

    /// @param durable told of a segment that gets no more, once its records are forced
    NewestFile(Disk disk, Consumer<Segment> durable) {
        this.disk = disk;
        this.durable = durable;
    }

    /// Writes the piece; first, where it is for another segment, seals this one and begins that.
    void write(Staging.Piece piece) throws IOException {
        if (piece.segment() != segment) {
            finish();
            begin(piece.segment());
        }
        ByteBuffer bytes = piece.bytes();
        if (bytes != null) {
            int length = bytes.remaining();
            open().write(bytes, position);
            position += length;
        }
    }

    /// A name appears only with a whole header behind it, and only after all segments before
    /// are durable. A spare lost its former name for good when it became one.
    private void begin(Segment next) throws IOException {
        String draft = next.name() + ".tmp";
        Spare spare = next.spare;
        if (spare != null) {
            disk.rename(spare.name(), draft);
        }
        Disk.File begun = spare == null ? disk.create(draft) : disk.open(draft);
        file = begun;
        begun.write(next.face(), 0);
        begun.force();
        disk.rename(draft, next.name());
        disk.forceFolder("");
        segment = next;
        position = Format.RECORDS_AT;
    }

    /// To be called only when something was written since this was opened or last closed: a round is forced for
    /// records that are not durable, and those of a file that failed and was closed have been given up.
    void force() throws IOException {
        open().force();
    }

    /// That there is none is a mistake of ours; then the round has to fail, since nothing was kept.
    private Disk.File open() {
        return Objects.requireNonNull(file, "no segment file is open to keep these records; they are not stored");
    }

    /// Seals the segment at hand, when there is one. The records are forced first: a seal must
    /// not reach the disk before what it vouches for.
    void finish() throws IOException {
        Disk.File done = file;
        Segment whole = segment;
        if (done == null || whole == null) {
            return;
        }
        done.force();
        durable.accept(whole);
        done.write(whole.seal(whole.endSeq).encode(), Format.SEAL_AT);
        done.force();
        close();
    }

    void close() {
        Disk.File done = file;
        file = null;
        segment = null;
        if (done == null) {
            return;
        }
        try {
            done.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "A segment file did not close", e);
        }
    }
}
