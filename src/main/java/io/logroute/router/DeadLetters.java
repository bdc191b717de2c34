package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The events that a sink refused for good: lines of JSON in files of its own folder, synced
/// before the event counts as settled. A line holds `time`, `router`, `sink`, `route`, `reason`
/// (in the receiver's words), `seq` and the `event` as it came in.
///
///     dead-letters/<sink>/00000001.ndjson
///
/// A file of [#FILE_BYTES] is followed by the next; beyond [#FILES] the oldest is deleted, and
/// what it held is counted.
final class DeadLetters implements AutoCloseable {
    static final long FILE_BYTES = 64 << 20;
    static final int FILES = 16;

    private static final System.Logger LOG = System.getLogger(DeadLetters.class.getName());

    /// A refused event, and why.
    record Letter(Event event, String reason) {}

    private final Path folder;
    private final String router;
    private final String sink;
    private final InstantSource clock;
    private @Nullable FileChannel file;
    private long number;
    private boolean closed;

    DeadLetters(Path folder, String router, String sink, InstantSource clock) {
        this.folder = folder;
        this.router = router;
        this.sink = sink;
        this.clock = clock;
    }

    /// Makes the letters durable.
    ///
    /// @return how many older letters had to go to make room
    /// @throws IOException when they could not be made durable; nothing of them counts then
    synchronized long keep(List<Letter> letters) throws IOException {
        if (closed) {
            throw new IOException("the sink is being closed");
        }
        var lines = new ByteArrayOutputStream();
        var time = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        for (var letter : letters) {
            write(letter, time, lines);
        }
        var to = open();
        long before = to.size();
        try {
            var bytes = ByteBuffer.wrap(lines.toByteArray());
            to.position(before);
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            to.force(false);
        } catch (IOException e) {
            closeFile();
            throw e;
        }
        return before + lines.size() >= FILE_BYTES ? roll() : 0;
    }

    private void write(Letter letter, Instant time, ByteArrayOutputStream out) {
        var head = new LinkedHashMap<String, @Nullable Object>();
        head.put("time", time.toString());
        head.put("router", router);
        head.put("sink", sink);
        head.put("route", letter.event().address().route());
        head.put("reason", letter.reason());
        head.put("seq", letter.event().seq());
        var line = Json.write(head).getBytes(StandardCharsets.UTF_8);
        out.write(line, 0, line.length - 1);
        out.writeBytes(",\"event\":".getBytes(StandardCharsets.UTF_8));
        for (byte b : letter.event().raw()) {
            out.write(b == '\n' || b == '\r' ? ' ' : b);
        }
        out.writeBytes("}\n".getBytes(StandardCharsets.UTF_8));
    }

    private FileChannel open() throws IOException {
        var open = file;
        if (open != null && open.isOpen()) {
            return open;
        }
        make(folder);
        number = Math.max(1, numbers().stream().mapToLong(Long::longValue).max().orElse(1));
        open = FileChannel.open(
                path(number), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        endLine(open);
        syncFolder(folder);
        file = open;
        return open;
    }

    /// A line that a crash cut off is ended, so that the next one is whole.
    private static void endLine(FileChannel file) throws IOException {
        long size = file.size();
        if (size == 0) {
            return;
        }
        var last = ByteBuffer.allocate(1);
        file.read(last, size - 1);
        if (last.get(0) != '\n') {
            file.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
        }
    }

    /// Begins the next file, and deletes the oldest beyond those that are kept. The letters are durable
    /// already: what fails here is tried again with the next ones.
    private long roll() {
        long gone = 0;
        try {
            closeFile();
            number++;
            file = FileChannel.open(
                    path(number), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
            var numbers = numbers();
            for (int i = 0; i < numbers.size() - FILES; i++) {
                try (Stream<String> lines = Files.lines(path(numbers.get(i)), StandardCharsets.ISO_8859_1)) {
                    gone += lines.count();
                }
                Files.delete(path(numbers.get(i)));
            }
            syncFolder(folder);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The dead letters of sink {0} did not go on to a new file: {1}; it is tried again",
                    sink,
                    e.getMessage());
        }
        return gone;
    }

    /// Makes the folder and those around it, each durable by its name in the one above.
    private static void make(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        var above = folder.toAbsolutePath().getParent();
        if (above != null) {
            make(above);
        }
        Files.createDirectories(folder);
        if (above != null) {
            syncFolder(above);
        }
    }

    private List<Long> numbers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            var numbers = new ArrayList<Long>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\d{8}\\.ndjson"))
                    .sorted()
                    .forEach(name -> numbers.add(Long.parseLong(name.substring(0, 8))));
            return numbers;
        }
    }

    private Path path(long number) {
        return folder.resolve("%08d.ndjson".formatted(number));
    }

    private static void syncFolder(Path folder) throws IOException {
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /// Nothing is kept from now on.
    @Override
    public synchronized void close() {
        closed = true;
        closeFile();
    }

    private void closeFile() {
        var open = file;
        file = null;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The dead letters of sink {0} did not close: {1}",
                    sink,
                    e.getMessage());
        }
    }
}
