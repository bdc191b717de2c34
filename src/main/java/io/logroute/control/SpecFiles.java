package io.logroute.control;

import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// The spec files at some paths: a file is read whatever its name, a folder for its `*.yaml` and
/// `*.yml`, with the folders in it. Hidden files are left alone, and so is a `stack.yml`, which
/// is Docker's.
///
/// A pipe gives what is in it once: where specs are read again it is none, and where they are read once it is
/// waited for, for a while. A device is none, as it need not end.
public final class SpecFiles {
    private static final int LARGEST_FILE = 4 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int TYPE = 0170000;
    private static final int PIPE = 0010000;

    private final List<Path> paths;
    private final boolean isReadAgain;

    /// Those that are read again and again.
    public SpecFiles(List<Path> paths) {
        this(paths, true);
    }

    private SpecFiles(List<Path> paths, boolean isReadAgain) {
        this.paths = List.copyOf(paths);
        this.isReadAgain = isReadAgain;
    }

    /// Those that are read once: pipes are among them.
    public static SpecFiles once(List<Path> paths) {
        return new SpecFiles(paths, false);
    }

    /// Whether there are no paths.
    boolean isNone() {
        return paths.isEmpty();
    }

    /// Reads them all. A path that is not there or cannot be read is a problem like any other.
    public Reading read() {
        var all = new Reading(List.of(), List.of());
        var seen = new HashSet<Path>();
        for (var path : paths) {
            try {
                var files = files(path);
                if (files.isEmpty()) {
                    all = all.and(problem(
                            path.resolve("*.yaml"),
                            "there is no spec file",
                            "Put a .yaml file there, or name another path."));
                }
                for (var file : files) {
                    if (!seen.add(file.toAbsolutePath().normalize())) {
                        continue;
                    }
                    all = all.and(
                            isReadAgain && isPipe(file)
                                    ? problem(
                                            file,
                                            "this is a pipe, and specs are read again when they change",
                                            "Write it into a file, and name that.")
                                    : read(file));
                }
            } catch (IOException e) {
                all = all.and(unreadable(path, e));
            }
        }
        return all;
    }

    /// A value that is another one when a file came, went or changed.
    public String fingerprint() {
        var seen = new TreeMap<String, String>();
        for (var path : paths) {
            try {
                for (var file : files(path)) {
                    seen.put(file.toString(), print(file));
                }
            } catch (IOException e) {
                seen.put(path.toString(), e.getClass().getSimpleName());
            }
        }
        return seen.toString();
    }

    private static String print(Path file) {
        if (isPipe(file)) {
            return "pipe";
        }
        try {
            var bytes = bytes(file);
            var sum = new CRC32C();
            sum.update(bytes);
            return bytes.length + "/" + sum.getValue();
        } catch (IOException e) {
            return e.getClass().getSimpleName();
        }
    }

    /// The bytes of the file, or one more than [#LARGEST_FILE] of them.
    private static byte[] bytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(LARGEST_FILE + 1);
        }
    }

    private static boolean isPipe(Path file) {
        try {
            return !Files.isRegularFile(file) && ((int) Files.getAttribute(file, "unix:mode") & TYPE) == PIPE;
        } catch (IOException | UnsupportedOperationException e) {
            return false; // it will be told by who reads it
        }
    }

    /// The bytes of a pipe, as far as they come in time.
    private static byte[] bytesOfPipe(Path pipe, Duration patience) throws IOException {
        var all = new CompletableFuture<byte[]>();
        // Opening waits for somebody who writes, and cannot be interrupted.
        Thread.ofPlatform().daemon().name("read-" + pipe).start(() -> {
            try {
                all.complete(bytes(pipe));
            } catch (IOException e) {
                all.completeExceptionally(e);
            }
        });
        try {
            return all.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Unending(
                    "nobody wrote into this pipe, or closed it, within %d s".formatted(patience.toSeconds()), e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it was interrupted", e);
        }
    }

    /// What has no end that can be waited for; the message says why.
    private static final class Unending extends IOException {
        Unending(String message) {
            super(message);
        }

        Unending(String message, Throwable why) {
            super(message, why);
        }
    }

    /// The spec files at a path, sorted; pipes among them.
    public static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            if (!Files.isRegularFile(path) && !isPipe(path)) {
                throw new Unending("this is a device or a socket, which need not end");
            }
            return List.of(path);
        }
        var files = new ArrayList<Path>();
        try (Stream<Path> walk = Files.walk(path, 8)) {
            walk.filter(SpecFiles::isSpec)
                    .filter(file -> !isHidden(path.relativize(file)))
                    .sorted()
                    .forEach(files::add);
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
        return files;
    }

    private static boolean isSpec(Path file) {
        var name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml"))
                && !name.equals("stack.yml")
                && !name.equals("stack.yaml")
                && Files.isRegularFile(file);
    }

    private static boolean isHidden(Path relative) {
        for (var part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private static Reading read(Path file) {
        return switch (text(file)) {
            case Read.Bad<String>(var problems) -> broken(problems);
            case Read.Good<String>(var text) -> {
                var reading = SpecReader.documents(file.toString(), text);
                // A file that is being written anew is empty for a moment: that takes nothing away.
                yield reading.documents().isEmpty() && reading.broken().isEmpty()
                        ? problem(file, "there is no document in it", "Write one, or remove the file.")
                        : reading;
            }
        };
    }

    /// The text of one file, or why there is none.
    public static Read<String> text(Path file) {
        return text(file, PATIENCE);
    }

    /// @param patience for a pipe
    static Read<String> text(Path file, Duration patience) {
        try {
            if (Files.isDirectory(file)) {
                return new Read.Bad<>(List.of(new Problem(file.toString(), "this is a folder", "Name a file.")));
            }
            var only = files(file).getFirst();
            var bytes = isPipe(only) ? bytesOfPipe(only, patience) : bytes(only);
            return bytes.length > LARGEST_FILE && !hasNothing(bytes)
                    ? new Read.Bad<>(List.of(new Problem(
                            file.toString(), "it is larger than any spec", "Write several files, each below 4 MiB.")))
                    : new Read.Good<>(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (IOException e) {
            return new Read.Bad<>(unreadable(file, e).problems());
        }
    }

    /// Whether it is told to be no text, and not to be too long.
    private static boolean hasNothing(byte[] bytes) {
        for (byte each : bytes) {
            if (each == 0) {
                return true;
            }
        }
        return false;
    }

    private static Reading unreadable(Path path, IOException why) {
        return switch (why) {
            case NoSuchFileException _ -> problem(path, "there is no such file or folder", "Name one that is there.");
            case CharacterCodingException _ -> problem(path, "this is not UTF-8 text", "Name a YAML file.");
            case Unending _ ->
                problem(
                        path,
                        String.valueOf(why.getMessage()),
                        "Name a file, a folder, or a pipe that somebody writes into.");
            default ->
                problem(path, "it cannot be read: " + why.getMessage(), "Let the user that runs LogRoute read it.");
        };
    }

    private static Reading problem(Path path, String what, String mend) {
        return broken(List.of(new Problem(path.toString(), what, mend)));
    }

    private static Reading broken(List<Problem> problems) {
        return new Reading(List.of(), List.of(new Reading.Broken(Optional.empty(), Optional.empty(), problems)));
    }
}
