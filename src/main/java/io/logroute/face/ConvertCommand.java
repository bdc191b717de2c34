package io.logroute.face;

import io.logroute.face.convert.ConfReader;
import io.logroute.face.convert.Conversion;
import io.logroute.face.convert.Remark;
import io.logroute.spec.Name;
import io.logroute.spec.Read;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "convert",
        description = "Makes specs out of what another system has.",
        synopsisSubcommandLabel = "SYSTEM",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is well", "2:wrong usage"})
final class ConvertCommand implements Runnable {
    private static final int LARGEST_FILE = 4 << 20;
    private static final Pattern PATTERN_LINE = Pattern.compile("^(\\w+)\\s+(\\S.*?)\\s*$");

    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    static CommandLine line(boolean colour) {
        return new CommandLine(new ConvertCommand()).addSubcommand(new Logstash(new Ink(colour)));
    }

    @Command(
            name = "logstash",
            description = {
                "Makes specs out of a pipeline of Logstash. What has no counterpart is told in a comment at its place, and in"
                        + " a summary on the error output.",
                "Several files, and those of a folder, are one pipeline, as Logstash joins them."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:everything was carried over",
                "1:something was left out or changed: read the summary",
                "2:wrong usage, or no pipeline of Logstash"
            })
    static final class Logstash implements Callable<Integer> {
        @Mixin
        private Commands.WithHelp help = new Commands.WithHelp();

        @Parameters(
                paramLabel = "PATH",
                arity = "1..*",
                description = "Files with a pipeline (*.conf), or folders of which every file is a part of it.")
        private List<Path> paths = List.of();

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "Write the specs there; without it, to the standard output.")
        private @Nullable Path output;

        @Option(
                names = "--router",
                paramLabel = "NAME",
                defaultValue = "logstash",
                description = "Name of the router (default: ${DEFAULT-VALUE}).")
        private String router = "logstash";

        @Option(
                names = "--env",
                paramLabel = "NAME=VALUE",
                description = "What $${NAME} is. Without it, its default stands, or it stays.")
        private Map<String, String> environment = new LinkedHashMap<>();

        @Spec
        private CommandSpec spec = CommandSpec.create();

        private final Ink ink;

        Logstash(Ink ink) {
            this.ink = ink;
        }

        @Override
        public Integer call() {
            var err = spec.commandLine().getErr();
            try {
                new Name(router);
            } catch (IllegalArgumentException e) {
                return cannot(err, "--router: " + e.getMessage());
            }
            List<ConfReader.Source> sources;
            try {
                sources = sources();
            } catch (IOException e) {
                return cannot(err, e.getMessage());
            }
            return switch (ConfReader.read(sources)) {
                case Read.Bad<ConfReader.Result>(var problems) -> {
                    for (var problem : problems) {
                        err.println(ink.bold(Ink.plain(problem.where())));
                        err.println(
                                ink.red(Ink.plainLines("this is no pipeline of Logstash: " + problem.what(), "  ")));
                        err.println(Ink.plainLines(problem.mend(), "  "));
                    }
                    yield Commands.CANNOT;
                }
                case Read.Good<ConfReader.Result>(var conf) ->
                    tell(Conversion.of(conf, new Conversion.Around(router, environment, this::patterns)), err);
            };
        }

        private int cannot(PrintWriter err, @Nullable String why) {
            err.println("convert logstash: " + why);
            return Commands.CANNOT;
        }

        private int tell(Conversion conversion, PrintWriter err) {
            if (output == null) {
                spec.commandLine().getOut().print(conversion.specs());
                spec.commandLine().getOut().flush();
            } else {
                try {
                    Files.writeString(output, conversion.specs());
                } catch (IOException e) {
                    return cannot(err, "%s cannot be written: %s".formatted(output, reason(e)));
                }
            }
            for (var remark : conversion.remarks()) {
                var kind = remark.kind().toString();
                err.println("%s: %s: %s: %s"
                        .formatted(
                                ink.bold(Ink.plain(remark.at().toString())),
                                Ink.plain(remark.subject()),
                                remark.kind() == Remark.Kind.LEFT_OUT ? ink.red(kind) : kind,
                                Ink.plain(remark.text())));
            }
            conversion.general().forEach(text -> err.println("always: " + Ink.plain(text)));
            err.println(conversion.whole() ? ink.green(conversion.summary()) : ink.red(conversion.summary()));
            return conversion.whole() ? Commands.GOOD : Commands.FOUND;
        }

        private List<ConfReader.Source> sources() throws IOException {
            var sources = new ArrayList<ConfReader.Source>();
            for (var path : paths) {
                var files = files(path);
                if (files.isEmpty()) {
                    throw new IOException("%s has no file in it; name a file, or another folder".formatted(path));
                }
                for (var file : files) {
                    sources.add(new ConfReader.Source(file.toString(), text(file)));
                }
            }
            return sources;
        }

        /// Of a folder every file, by name, but hidden ones and those that editors leave (`~`).
        private static List<Path> files(Path path) throws IOException {
            if (!Files.isDirectory(path)) {
                return List.of(path);
            }
            try (Stream<Path> list = Files.list(path)) {
                return list.filter(Files::isRegularFile)
                        .filter(file -> !file.getFileName().toString().startsWith(".")
                                && !file.getFileName().toString().endsWith("~"))
                        .sorted()
                        .toList();
            }
        }

        private static String text(Path file) throws IOException {
            try (var in = Files.newInputStream(file)) {
                var bytes = in.readNBytes(LARGEST_FILE + 1);
                if (bytes.length > LARGEST_FILE) {
                    throw new IOException("%s is larger than 4 MiB; that is no pipeline".formatted(file));
                }
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (java.nio.charset.CharacterCodingException e) {
                throw new IOException("%s is not text in UTF-8; save it as such".formatted(file), e);
            } catch (NoSuchFileException e) {
                throw new IOException("%s is not there; name another file".formatted(file), e);
            } catch (IOException e) {
                throw e.getMessage() != null && e.getMessage().startsWith(file.toString() + " is")
                        ? e
                        : new IOException("%s cannot be read: %s".formatted(file, reason(e)), e);
            }
        }

        private static String reason(IOException e) {
            return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : " " + e.getMessage());
        }

        /// Grok patterns: lines of a name and an expression.
        private Optional<Map<String, String>> patterns(String place) {
            try {
                var path = Path.of(place);
                if (!Files.exists(path)) {
                    return Optional.empty();
                }
                var found = new LinkedHashMap<String, String>();
                for (var file : files(path)) {
                    for (var line : text(file).lines().toList()) {
                        var pattern = PATTERN_LINE.matcher(line);
                        if (!line.startsWith("#") && pattern.matches()) {
                            found.put(pattern.group(1), pattern.group(2));
                        }
                    }
                }
                return Optional.of(found);
            } catch (IOException | InvalidPathException e) {
                return Optional.empty();
            }
        }
    }
}
