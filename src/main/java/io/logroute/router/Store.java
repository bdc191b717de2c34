package io.logroute.router;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.BufferAway;
import io.logroute.buffer.BufferTooNew;
import io.logroute.buffer.BufferUnfit;
import io.logroute.buffer.DiskBuffer;
import io.logroute.buffer.Inspection;
import io.logroute.buffer.jetstream.JetStreamBoxes;
import io.logroute.buffer.jetstream.JetStreamBuffer;
import io.logroute.plan.InstanceReport;
import io.logroute.remote.NatsSetupWrong;
import io.logroute.spec.BufferSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What a router keeps, by its spec: its buffer, and its dead letters.
///
///     | buffer      | events            | dead letters                  |
///     |-------------|-------------------|-------------------------------|
///     | maxBytes    | <folder>/buffer   | <folder>/dead-letters         |
///     | memory      | nowhere           | <folder>/dead-letters         |
///     | jetstream   | a stream of NATS  | another stream of NATS        |
///
/// The marks of its sources are a file in the folder, `marks`, or lie on the stream of dead letters, too.
///
/// Whichever it is, `<folder>/buffer` is held: no second process works in the same folder.
final class Store implements AutoCloseable {
    private static final String DEAD_LETTERS = "dead-letters";
    /// What else lies among the boxes of dead letters on a stream.
    private static final Set<String> NOT_LETTERS = Set.of(AcceptedOnStream.BOX, MarksOnStream.BOX, Departures.BOX);

    private final Path folder;
    private final InstanceReport.Kind kind;
    private final Buffer buffer;
    /// The folder is this process's alone, dead letters included.
    private final Inspection.Hold held;
    private final Optional<JetStreamBoxes> boxes;

    private Store(
            Path folder,
            InstanceReport.Kind kind,
            Buffer buffer,
            Inspection.Hold held,
            Optional<JetStreamBoxes> boxes) {
        this.folder = folder;
        this.kind = kind;
        this.buffer = buffer;
        this.held = held;
        this.boxes = boxes;
    }

    /// Where a buffer of that spec keeps events.
    static InstanceReport.Kind kind(BufferSpec spec) {
        if (spec.jetstream().isPresent()) {
            return InstanceReport.Kind.JETSTREAM;
        }
        return spec.memory().isPresent() ? InstanceReport.Kind.MEMORY : InstanceReport.Kind.DISK;
    }

    /// @param router its name
    /// @param instance its number in its fleet; 0 where there is one only
    /// @param ends whether the router is to end: then servers that are away are not waited for
    /// @throws IOException when it cannot be opened, or another place is wanted while something waits
    ///     in the one that was there before; nothing is left open then
    static Store open(BufferSpec spec, Path folder, String router, int instance, BooleanSupplier ends)
            throws IOException {
        var kind = kind(spec);
        var own = folder.resolve("buffer");
        var limits = DiskBuffer.Limits.of(spec.size().bytes());
        for (var sink : LettersOnDisk.folders(folder.resolve(DEAD_LETTERS))) {
            LetterFormat.refuseNewer(sink); // before anything is opened, and so changed
        }
        if (kind != InstanceReport.Kind.JETSTREAM) {
            Files.deleteIfExists(folder.resolve("streams"));
        }
        return switch (kind) {
            case DISK -> new Store(folder, kind, DiskBuffer.open(own, limits), () -> {}, Optional.empty());
            case MEMORY -> {
                refuseLeft(own, limits, "buffer.memory");
                var buffer = DiskBuffer.inMemory(limits);
                yield new Store(folder, kind, buffer, held(own, buffer), Optional.empty());
            }
            case JETSTREAM -> {
                refuseLeft(own, limits, "buffer.jetstream");
                refuseLeftLetters(folder);
                var held = Inspection.hold(own);
                try {
                    var streams = new Streams(spec.jetstream().orElseThrow(), router, instance);
                    streams.note(folder);
                    yield onStreams(streams, folder, held, ends);
                } catch (IOException | RuntimeException e) {
                    held.close();
                    throw e;
                }
            }
        };
    }

    private static Store onStreams(Streams streams, Path folder, Inspection.Hold held, BooleanSupplier ends)
            throws IOException {
        @Nullable Buffer buffer = null;
        try {
            var servers = streams.servers();
            var at = streams.at();
            buffer = JetStreamBuffer.open(
                    servers,
                    new JetStreamBuffer.Settings(
                            streams.events(), at.replicas(), at.maxBytes().bytes()),
                    ends);
            var boxes = JetStreamBoxes.open(servers, streams.letters(), at.replicas(), ends);
            return new Store(folder, InstanceReport.Kind.JETSTREAM, buffer, held, Optional.of(boxes));
        } catch (BufferTooNew | BufferUnfit | NatsSetupWrong e) {
            close(buffer);
            throw e;
        } catch (IOException e) {
            close(buffer);
            throw new BufferAway(e);
        } catch (RuntimeException e) {
            close(buffer);
            throw e;
        }
    }

    private static void close(@Nullable Buffer buffer) {
        if (buffer != null) {
            buffer.close();
        }
    }

    /// @throws IOException when another process has the folder, or it cannot be held; the buffer is
    ///     closed then
    private static Inspection.Hold held(Path folder, Buffer buffer) throws IOException {
        try {
            return Inspection.hold(folder);
        } catch (IOException | RuntimeException e) {
            buffer.close();
            throw e;
        }
    }

    /// What an earlier run left on disk is not left behind in silence.
    ///
    /// @param wanted the key that would leave it behind
    private static void refuseLeft(Path folder, DiskBuffer.Limits limits, String wanted) throws IOException {
        if (!Files.isDirectory(folder.resolve("cursors"))) {
            return;
        }
        try (var left = DiskBuffer.open(folder, limits)) {
            for (var reader : left.readers()) {
                if (reader.equals(Marks.READER)) {
                    continue;
                }
                try (var cursor = left.cursor(reader)) {
                    if (cursor.unsettled() > 0) {
                        throw new IOException(waitsOnDisk(reader, folder, wanted));
                    }
                }
            }
        }
    }

    static String waitsOnDisk(String sink, Path folder, String wanted) {
        return ("events for sink %s still wait in the buffer on disk, %s, and %s would leave them behind; run"
                        + " it with buffer.maxBytes until they are delivered, or move that folder away to give them up")
                .formatted(sink, folder, wanted);
    }

    private static void refuseLeftLetters(Path folder) throws IOException {
        var router = folder.getFileName().toString();
        for (var sink : LettersOnDisk.folders(folder.resolve(DEAD_LETTERS))) {
            try (var box = new LettersOnDisk(
                    sink,
                    router,
                    sink.getFileName().toString(),
                    "",
                    DeadLetters.Bounds.USUAL.ageless(),
                    InstantSource.system(),
                    (_, _) -> {})) {
                long letters = box.summary().all();
                if (letters > 0) {
                    throw new IOException(
                            "%d dead letters of sink %s lie in %s, and buffer.jetstream would leave them behind; replay them while it runs with buffer.maxBytes, purge them (logroute dlq purge --data), or move that folder away"
                                    .formatted(letters, box.sink(), sink));
                }
            }
        }
    }

    InstanceReport.Kind kind() {
        return kind;
    }

    Buffer buffer() {
        return buffer;
    }

    /// Sinks that have dead letters, also those that are no more.
    List<String> sinksWithLetters() throws IOException {
        if (boxes.isPresent()) {
            return boxes.get().boxes().stream()
                    .filter(box -> !NOT_LETTERS.contains(box))
                    .toList();
        }
        return LettersOnDisk.folders(folder.resolve(DEAD_LETTERS)).stream()
                .map(sink -> sink.getFileName().toString())
                .toList();
    }

    /// Where marks of sources are written down.
    Marks.Kept marks() {
        return boxes.<Marks.Kept>map(MarksOnStream::new).orElseGet(() -> new MarksFile(folder));
    }

    /// The dead letters of a sink.
    DeadLetters letters(
            String router, String sink, DeadLetters.Bounds bounds, InstantSource clock, DeadLetters.Leaving leaving) {
        return boxes.<DeadLetters>map(on -> new LettersOnStream(on, router, sink, buffer.id(), bounds, clock, leaving))
                .orElseGet(() -> new LettersOnDisk(
                        folder.resolve(DEAD_LETTERS).resolve(sink), router, sink, buffer.id(), bounds, clock, leaving));
    }

    /// What of the buffer was damaged and set aside for people, in words; empty where nothing was.
    Optional<String> aside() {
        return kind == InstanceReport.Kind.DISK ? aside(folder.resolve("buffer")) : Optional.empty();
    }

    private static Optional<String> aside(Path folder) {
        try {
            var files = Inspection.aside(folder);
            long bytes = files.stream().mapToLong(Inspection.FileFacts::bytes).sum();
            return files.isEmpty()
                    ? Optional.empty()
                    : Optional.of("%d file%s of its buffer, %d bytes, %s damaged and set aside in %s"
                            .formatted(
                                    files.size(),
                                    files.size() == 1 ? "" : "s",
                                    bytes,
                                    files.size() == 1 ? "was" : "were",
                                    folder.resolve("corrupt")));
        } catch (IOException e) {
            return Optional.of("nobody knows what of its buffer was set aside in %s: %s"
                    .formatted(folder.resolve("corrupt"), e.getMessage()));
        }
    }

    /// How often somebody deleted the stream beside the events, so that all that lay in it went.
    int madeAnew() {
        return boxes.map(JetStreamBoxes::madeAnew).orElse(0);
    }

    /// Where it is kept which sinks are declared no more.
    Departures departures() {
        return switch (kind) {
            case DISK -> new Departures(new Departures.OnDisk(folder), buffer.id());
            case MEMORY -> new Departures(new Departures.Nowhere(), buffer.id());
            case JETSTREAM -> new Departures(new Departures.OnStream(boxes.orElseThrow()), buffer.id());
        };
    }

    /// Which opening of its streams it is; nothing where it has none.
    ///
    /// @throws IOException when another instance has opened them since, or their servers do not answer
    Optional<JetStreamBuffer.Opening> opening() throws IOException {
        return buffer instanceof JetStreamBuffer on ? Optional.of(on.opening()) : Optional.empty();
    }

    /// Deletes the streams of a router that is closed, with all that lies in them; again where that
    /// failed half way. Not those that another instance has opened since.
    static void delete(BufferSpec.JetStream at, String router, int instance, JetStreamBuffer.Opening by)
            throws IOException {
        var streams = new Streams(at, router, instance);
        JetStreamBuffer.delete(streams.servers(), streams.events(), by);
        JetStreamBuffer.delete(streams.servers(), streams.letters());
    }

    @Override
    public void close() {
        buffer.close();
        boxes.ifPresent(JetStreamBoxes::close);
        held.close();
    }
}
