package io.logroute.face;

import io.logroute.control.SpecFiles;
import io.logroute.spec.Name;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// Spec files as one text, as a running LogRoute takes them; and the way back from its lines to those of the files.
final class Bundle {
    private final List<Piece> pieces;
    private final String text;

    /// What stands for the standard input.
    private static final Path INPUT = Path.of("-");

    private static final int LARGEST_INPUT = 4 << 20;
    static final String NAME_OF_INPUT = "standard input";

    private record Piece(String file, int firstLine, int lines) {}

    private Bundle(List<Piece> pieces, String text) {
        this.pieces = List.copyOf(pieces);
        this.text = text;
    }

    /// Reads files, and folders with some; for `-` the standard input, once.
    ///
    /// @throws IOException when there is none, or one cannot be read; the message says how to mend it
    static Bundle of(List<Path> paths, InputStream in) throws IOException {
        var pieces = new ArrayList<Piece>();
        var text = new StringBuilder();
        int lines = 0;
        var seen = new HashSet<Path>();
        for (var file : files(paths)) {
            if (!seen.add(file.toAbsolutePath().normalize())) {
                continue;
            }
            if (!pieces.isEmpty()) {
                text.append("---\n");
                lines++;
            }
            var own = file.equals(INPUT) ? text(in) : text(file);
            text.append(own).append(own.endsWith("\n") ? "" : "\n");
            int count = (int) own.lines().count();
            pieces.add(new Piece(file.equals(INPUT) ? NAME_OF_INPUT : file.toString(), lines, count));
            lines += count;
        }
        return new Bundle(pieces, text.toString());
    }

    /// What they are stored under.
    ///
    /// @param name as it was asked for
    /// @throws ParameterException when there is no telling, or it will not do
    static String called(CommandLine line, Optional<String> name, List<Path> files) {
        if (name.isEmpty() && files.size() > 1) {
            throw new ParameterException(
                    line, "several files go into one config; name what they are stored under with --name");
        }
        if (name.isEmpty() && files.getFirst().equals(INPUT)) {
            throw new ParameterException(
                    line, "the standard input has no name; say what it is stored under with --name");
        }
        var text = name.orElseGet(() -> String.valueOf(
                        files.getFirst().toAbsolutePath().normalize().getFileName())
                .replaceFirst("\\.ya?ml$", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-"));
        try {
            return new Name(text).value();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    line,
                    "specs cannot be stored as \"%s\"; give --name, with a-z, 0-9 and -, beginning with a letter, 40 at most"
                            .formatted(text),
                    e);
        }
    }

    private static List<Path> files(List<Path> paths) throws IOException {
        var all = new ArrayList<Path>();
        for (var path : paths) {
            if (path.equals(INPUT)) {
                all.add(path);
                continue;
            }
            List<Path> files;
            try {
                files = SpecFiles.files(path);
            } catch (NoSuchFileException e) {
                throw new IOException("there is no file or folder %s; name one that is there".formatted(path), e);
            }
            if (files.isEmpty()) {
                throw new IOException(
                        "there is no spec file in %s; put a .yaml file there, or name another".formatted(path));
            }
            all.addAll(files);
        }
        return all;
    }

    /// Whether it stands for the standard input.
    static boolean isInput(Path path) {
        return path.equals(INPUT);
    }

    static String text(InputStream in) throws IOException {
        var bytes = in.readNBytes(LARGEST_INPUT + 1);
        if (bytes.length > LARGEST_INPUT) {
            throw new IOException("the standard input is larger than any spec; send less than 4 MiB");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("the standard input is not UTF-8 text; send a YAML file", e);
        }
    }

    private static String text(Path file) throws IOException {
        return switch (SpecFiles.text(file)) {
            case Read.Good<String>(var text) -> text;
            case Read.Bad<String>(var problems) ->
                throw new IOException(String.join(
                        " ", problems.stream().map(Problem::toString).toList()));
        };
    }

    String text() {
        return text;
    }

    /// The same problem, placed in the file: `shop:12: spec.to` becomes `routes.yaml:3: spec.to`.
    ///
    /// @param name what the whole text was called
    ProblemView at(String name, ProblemView problem) {
        var place = Pattern.compile("(?s)" + Pattern.quote(name) + ":(\\d{1,9})(.*)")
                .matcher(problem.where());
        if (!place.matches()) {
            return problem;
        }
        int line = Integer.parseInt(place.group(1));
        return pieces.stream()
                .filter(each -> line > each.firstLine() && line <= each.firstLine() + Math.max(1, each.lines()))
                .findFirst()
                .map(each -> new ProblemView(
                        problem.severity(),
                        "%s:%d%s".formatted(each.file(), line - each.firstLine(), place.group(2)),
                        problem.what(),
                        problem.mend()))
                .orElse(problem);
    }
}
