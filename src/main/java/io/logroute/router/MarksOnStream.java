package io.logroute.router;

import io.logroute.buffer.jetstream.JetStreamBoxes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Marks of a router without a volume: the last piece in a box of their own on the stream of its dead letters, noted
/// with its format, 1. It is put there as a whole or not at all. Of one thread.
///
/// @param boxes that stream; its owner closes it
record MarksOnStream(JetStreamBoxes boxes) implements Marks.Kept {
    /// No sink is called so.
    static final String BOX = "_marks";

    private static final String FORMAT = "1";

    @Override
    public Map<String, String> read() throws IOException {
        var whole = new ArrayList<JetStreamBoxes.Kept>();
        boxes.pieces(BOX, 0, kept -> {
            if (kept.whole()) {
                whole.clear();
                whole.add(kept);
            }
            return true;
        });
        if (whole.isEmpty()) {
            return Map.of();
        }
        var kept = whole.getFirst();
        if (!kept.note().equals(FORMAT)) {
            throw new IOException(
                    "how far sources are, message %d of %s, has format %s; this LogRoute reads %s. Run the newer LogRoute, or delete that message: logs are then read from their beginning"
                            .formatted(kept.number(), boxes.where(), kept.note(), FORMAT));
        }
        return Marks.read(new String(kept.bytes(), StandardCharsets.UTF_8));
    }

    @Override
    public void write(Map<String, String> marks) throws IOException {
        var piece = new JetStreamBoxes.Piece(FORMAT, Marks.written(marks).getBytes(StandardCharsets.UTF_8));
        boxes.takeBelow(BOX, boxes.put(BOX, List.of(piece)).getFirst().number());
    }
}
