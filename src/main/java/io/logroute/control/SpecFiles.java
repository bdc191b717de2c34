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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// The spec files at some paths: a file is read whatever its name, a folder for its `*.yaml` and
/// `*.yml`, with the folders in it. Hidden files are left alone, and so is a `stack.yml`, which
/// is Docker's.
public final class SpecFiles {
    private static final int LARGEST_FILE = 4 << 20;

    private final List<Path> paths;

    public SpecFiles(List<Path> paths) {
        this.paths = List.copyOf(paths);
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
                    if (seen.add(file.toAbsolutePath().normalize())) {
                        all = all.and(read(file));
                    }
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

    /// The spec files at a path, sorted.
    public static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            if (!Files.isRegularFile(path)) {
                throw new IOException("it is a pipe or device, which would be waited for");
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
        try {
            if (Files.isDirectory(file)) {
                return new Read.Bad<>(List.of(new Problem(file.toString(), "this is a folder", "Name a file.")));
            }
            var only = files(file).getFirst();
            var bytes = bytes(only);
            return bytes.length > LARGEST_FILE
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

    private static Reading unreadable(Path path, IOException why) {
        return switch (why) {
            case NoSuchFileException _ -> problem(path, "there is no such file or folder", "Name one that is there.");
            case CharacterCodingException _ -> problem(path, "this is not UTF-8 text", "Name a YAML file.");
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
