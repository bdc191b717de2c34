package io.logroute.router;

import io.logroute.buffer.BufferUnfit;
import io.logroute.buffer.jetstream.JetStreamBoxes;
import io.logroute.remote.NatsSetupWrong;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/// The newest pipeline that a router without a volume accepted while it ran: the last piece in a box of
/// its own on the stream of its dead letters, noted with its format, 1, revision and generation. It is
/// put there as a whole or not at all. Of one thread; it connects for each question, which are few.
final class AcceptedOnStream implements Keeps {
    /// No sink is called so.
    static final String BOX = "_accepted";

    private static final int FORMAT = 1;
    private static final Pattern NAMES = Pattern.compile("(\\d{1,9}) ([0-9a-f]{12}) (\\d{1,18})");

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})( .*)?");

    private final Streams streams;
    private final BooleanSupplier ends;

    /// @param ends whether the router is to end: then servers that are away are not waited for
    AcceptedOnStream(Streams streams, BooleanSupplier ends) {
        this.streams = streams;
        this.ends = ends;
    }

    @Override
    public String what() {
        return "accepted";
    }

    private JetStreamBoxes open() throws IOException {
        return JetStreamBoxes.open(
                streams.servers(), streams.letters(), streams.at().replicas(), ends);
    }

    @Override
    public Accepted.Found find() {
        try (var boxes = open()) {
            var last = new ArrayList<JetStreamBoxes.Kept>();
            boxes.pieces(BOX, 0, kept -> {
                if (kept.whole()) {
                    last.add(kept);
                }
                return true;
            });
            return last.isEmpty() ? new Accepted.Found.Nothing() : found(last.getLast());
        } catch (BufferUnfit | NatsSetupWrong e) {
            return new Accepted.Found.Refused(unread(e));
        } catch (IOException e) {
            return new Accepted.Found.Away(unread(e));
        }
    }

    private String unread(IOException e) {
        return "the accepted pipeline on stream %s cannot be read: %s".formatted(streams.letters(), e.getMessage());
    }

    private Accepted.Found found(JetStreamBoxes.Kept kept) {
        var form = FORM.matcher(kept.note());
        if (form.matches() && Integer.parseInt(form.group(1)) > FORMAT) {
            return new Accepted.Found.Refused(
                    ("the accepted pipeline, message %d of stream %s, has format %s; this LogRoute reads up to %d. Run the"
                                    + " newer LogRoute, or delete that message to go on without it")
                            .formatted(kept.number(), streams.letters(), form.group(1), FORMAT));
        }
        return edition(kept)
                .<Accepted.Found>map(Accepted.Found.Kept::new)
                .orElseGet(() -> new Accepted.Found.Damaged(
                        "the accepted pipeline, message %d of stream %s, is none that this LogRoute reads"
                                .formatted(kept.number(), streams.letters())));
    }

    private static Optional<Edition> edition(JetStreamBoxes.Kept kept) {
        var names = NAMES.matcher(kept.note());
        return names.matches() && Integer.parseInt(names.group(1)) == FORMAT
                ? Optional.of(new Edition(
                        new String(kept.bytes(), StandardCharsets.UTF_8),
                        names.group(2),
                        Long.parseLong(names.group(3))))
                : Optional.empty();
    }

    /// Looks whether the stream is there and answers.
    @Override
    public Accepted.Prepared prepare(Edition edition) throws IOException {
        try (var boxes = open()) {
            boxes.next();
        }
        return () -> {
            var piece = new JetStreamBoxes.Piece(
                    "%d %s %d".formatted(FORMAT, edition.revision(), edition.generation()),
                    edition.text().getBytes(StandardCharsets.UTF_8));
            try (var boxes = open()) {
                var kept = boxes.put(BOX, List.of(piece)).getFirst();
                boxes.takeBelow(BOX, kept.number());
            }
        };
    }
}
