package io.logroute.parts.file;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Sink;
import io.logroute.spec.SinkSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// Appends events as lines of JSON to the file that their template names, and syncs before it
/// says delivered. One write at a time.
///
/// An event whose path cannot be made (a missing field, a name too long, a folder of that name)
/// is rejected with the reason; where no event has a say in the path, the user mends it, and it
/// is tried again. So is a file that cannot be written, such as on a full disk. Neither holds up
/// the other files of the batch. A retry after a failed sync may leave a line twice.
public final class FileSink implements Sink {
    private static final int MAX_OPEN = 64;

    /// Letters of a path that are told.
    private static final int MAX_SHOWN = 300;

    private static final Duration LATER = Duration.ofSeconds(1);

    private final SinkSpec.File spec;
    private final SafePath paths;
    private final ReentrantLock turn = new ReentrantLock();

    /// By last use; the one that was not used longest is closed when there are too many.
    private final LinkedHashMap<Path, OpenFile> open = new LinkedHashMap<>(MAX_OPEN * 2, 0.75f, true);

    private volatile boolean closed;

    /// @param base folder that relative paths start in
    public FileSink(SinkSpec.File spec, Path base) {
        this.spec = spec;
        this.paths = new SafePath(spec.path(), base);
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            if (closed) {
                throw new IOException("the file sink is closed");
            }
            return writeInTurn(batch);
        } finally {
            turn.unlock();
        }
    }

    private List<Delivery> writeInTurn(Batch batch) throws IOException {
        var deliveries = new ArrayList<Delivery>(batch.size());
        var files = new LinkedHashMap<Path, List<Integer>>();
        for (var event : batch.events()) {
            switch (paths.of(event)) {
                case SafePath.Answer.At(var path) -> {
                    files.computeIfAbsent(path, _ -> new ArrayList<>()).add(deliveries.size());
                    deliveries.add(Delivery.delivered());
                }
                case SafePath.Answer.Nowhere(var why) -> deliveries.add(new Delivery.Rejected(why));
            }
        }
        IOException failure = null;
        int failed = 0;
        for (Map.Entry<Path, List<Integer>> file : files.entrySet()) {
            try {
                append(file.getKey(), file.getValue(), batch.events());
            } catch (IOException e) {
                var never = paths.whyNever(file.getKey(), e);
                Delivery told;
                if (never == null) {
                    failure = inOurWords(file.getKey(), e);
                    failed++;
                    told = new Delivery.Retry(String.valueOf(failure.getMessage()), LATER);
                } else {
                    told = new Delivery.Rejected(
                            "the event cannot have the file %s: %s".formatted(cut(file.getKey()), never));
                }
                file.getValue().forEach(place -> deliveries.set(place, told));
            }
        }
        if (failure != null && failed == files.size() && files.size() == 1) {
            throw failure;
        }
        return deliveries;
    }

    private void append(Path path, List<Integer> places, List<Event> events) throws IOException {
        var file = file(path);
        var line = new ByteArrayOutputStream(1 << 10);
        try {
            for (int place : places) {
                line.reset();
                events.get(place).writeTo(line);
                line.write('\n');
                file.add(line);
            }
            file.commit();
        } catch (IOException e) {
            file.forget();
            throw e;
        }
    }

    private OpenFile file(Path path) {
        var file = open.computeIfAbsent(path, at -> new OpenFile(at, spec.rotation()));
        if (open.size() > MAX_OPEN) {
            var eldest = open.pollFirstEntry();
            if (eldest != null) {
                eldest.getValue().close();
            }
        }
        return file;
    }

    private static String cut(Path path) {
        var text = path.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private static IOException inOurWords(Path path, IOException e) {
        var why = e instanceof FileSystemException known && known.getReason() != null
                ? known.getReason()
                : e instanceof FileSystemException
                        ? e.getClass().getSimpleName() + " " + e.getMessage()
                        : e.getMessage();
        return new IOException("cannot write %s: %s".formatted(path, why), e);
    }

    @Override
    public void close() {
        closed = true;
        turn.lock();
        try {
            open.values().forEach(OpenFile::close);
            open.clear();
        } finally {
            turn.unlock();
        }
    }
}
