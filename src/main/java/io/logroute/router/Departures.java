package io.logroute.router;

import io.logroute.buffer.jetstream.JetStreamBoxes;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Which sinks are declared no more, though their places are kept, and since when: so that a restart does not
/// begin the time anew that they are kept for.
///
///     logroute-leaving 1 <id of the buffer>
///     <sink> <since, in ms> <number of the first event that was accepted after, or -1 where that is not known>
///
/// What cannot be read is as if it was not there: the time begins anew then, and nothing is lost. Of one thread.
final class Departures {
    /// Its box among the dead letters; no sink is called so.
    static final String BOX = "_leaving";

    private static final String FORM = "logroute-leaving 1 ";
    private static final Pattern LINE = Pattern.compile("(\\S+) (\\d{1,15}) (-1|\\d{1,18})");
    private static final int MOST_BYTES = 1 << 20;

    private final Slot slot;
    private final String buffer;
    private Optional<Map<String, Departure>> kept = Optional.empty();

    /// @param end it gets nothing from the event of this number on; the largest number when that is not known
    record Departure(Instant since, long end) {}

    /// Where one text is kept, as a whole or not at all.
    interface Slot {
        Optional<byte[]> read() throws IOException;

        /// Nothing where it is empty.
        void write(byte[] text) throws IOException;
    }

    /// @param buffer its id: what is said of another one says nothing
    Departures(Slot slot, String buffer) {
        this.slot = slot;
        this.buffer = buffer;
    }

    /// By sink.
    Map<String, Departure> find() throws IOException {
        var found = slot.read().map(this::parsed).orElseGet(Map::of);
        kept = Optional.of(found);
        return found;
    }

    private Map<String, Departure> parsed(byte[] bytes) {
        var lines = new String(bytes, StandardCharsets.UTF_8).split("\n");
        var found = new TreeMap<String, Departure>();
        if (!lines[0].equals(FORM + buffer)) {
            return found;
        }
        for (int i = 1; i < lines.length; i++) {
            var line = LINE.matcher(lines[i]);
            if (line.matches()) {
                long end = Long.parseLong(line.group(3));
                var departure = new Departure(
                        Instant.ofEpochMilli(Long.parseLong(line.group(2))), end < 0 ? Long.MAX_VALUE : end);
                sink(line.group(1)).ifPresent(sink -> found.put(sink, departure));
            }
        }
        return found;
    }

    private static Optional<String> sink(String encoded) {
        try {
            return Optional.of(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // damaged
        }
    }

    /// Makes it what a restart finds; returns at once when it is.
    ///
    /// @throws IOException when it could not; then either may be found
    void keep(Map<String, Departure> wanted) throws IOException {
        if (kept.filter(wanted::equals).isPresent()) {
            return;
        }
        kept = Optional.empty();
        var text = new StringBuilder();
        wanted.forEach((sink, each) -> text.append("%s %d %d\n"
                .formatted(
                        URLEncoder.encode(sink, StandardCharsets.UTF_8),
                        each.since().toEpochMilli(),
                        each.end() == Long.MAX_VALUE ? -1 : each.end())));
        var all = wanted.isEmpty() ? "" : FORM + buffer + "\n" + text;
        slot.write(all.getBytes(StandardCharsets.UTF_8));
        kept = Optional.of(Map.copyOf(wanted));
    }

    /// Nobody knows any more what a restart finds.
    void lost() {
        kept = Optional.empty();
    }

    /// In a file of the router's folder, `leaving`; `leaving.new` is one on its way.
    static final class OnDisk implements Slot {
        private final Path file;
        private final DurableFolders folders;

        OnDisk(Path folder) {
            this.file = folder.resolve("leaving");
            this.folders = new DurableFolders(folder, Accepted.REAL::sync);
        }

        @Override
        public Optional<byte[]> read() throws IOException {
            try (var in = Files.newInputStream(file)) {
                return Optional.of(in.readNBytes(MOST_BYTES));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        @Override
        public void write(byte[] text) throws IOException {
            if (text.length == 0) {
                Files.deleteIfExists(file);
            } else {
                var next = file.resolveSibling("leaving.new");
                folders.make();
                Accepted.REAL.write(next, text);
                Accepted.REAL.move(next, file);
            }
            folders.changed();
            folders.settle();
        }
    }

    /// In a box of its own on the stream of dead letters: the last piece counts.
    record OnStream(JetStreamBoxes boxes) implements Slot {
        @Override
        public Optional<byte[]> read() throws IOException {
            var all = new ArrayList<byte[]>();
            boxes.pieces(BOX, 0, piece -> !piece.whole() || all.add(piece.bytes()));
            return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
        }

        @Override
        public void write(byte[] text) throws IOException {
            if (text.length == 0) {
                boxes.takeBelow(BOX, boxes.next());
            } else {
                var kept = boxes.put(BOX, List.of(new JetStreamBoxes.Piece("leaving", text)));
                boxes.takeBelow(BOX, kept.getFirst().number());
            }
        }
    }

    /// Of a buffer whose places go with the process.
    record Nowhere() implements Slot {
        @Override
        public Optional<byte[]> read() {
            return Optional.empty();
        }

        @Override
        public void write(byte[] text) {}
    }
}
