package io.logroute.face;

import io.logroute.buffer.BufferLocked;
import io.logroute.buffer.BufferTooNew;
import io.logroute.buffer.Inspection;
import io.logroute.buffer.Inspection.Finding;
import io.logroute.buffer.Inspection.Step;
import io.logroute.buffer.Stored;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.router.Streams;
import io.logroute.router.Window;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Looks into the buffers of a data folder, whether a LogRoute runs on it or not. Only `repair` and
/// `clear` change anything.
@Command(
        name = "buffer",
        description = "Looks into the buffers of a data folder: what lies there, whether it is whole, and out with it.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "All but repair and clear change nothing; all but repair work while LogRoute runs."})
final class BufferCommand implements Runnable {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static CommandLine line(boolean colour) {
        var ink = new Ink(colour);
        return new CommandLine(new BufferCommand())
                .addSubcommand(new Ls(ink))
                .addSubcommand(new Verify(ink))
                .addSubcommand(new Repair(ink))
                .addSubcommand(new Clear())
                .addSubcommand(new Dump())
                .addSubcommand(new Export());
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// A buffer, and the router whose it is.
    private record Buffer(String router, Path folder) {}

    /// What all of them have in common: which buffers, and in which form to tell.
    private abstract static class OnFolder extends Verb {
        @Option(
                names = "--data",
                paramLabel = "FOLDER",
                defaultValue = "./data",
                description = "The data folder of logroute run, or a buffer's own folder (default: ${DEFAULT-VALUE}).")
        private Path data = Path.of("data");

        @Option(names = "--router", paramLabel = "NAME", description = "Only the buffer of this router.")
        private String router = "";

        @Override
        public Integer call() {
            try {
                return on(buffers());
            } catch (BufferLocked e) {
                cannot(String.valueOf(e.getMessage()));
                err().println("repair has the buffer to itself; ls, verify, dump and export work meanwhile.");
                return Commands.CANNOT;
            } catch (BufferTooNew | IllegalStateException e) {
                return cannot(String.valueOf(e.getMessage()));
            } catch (FileAlreadyExistsException e) {
                return cannot(e.getFile() + " is there already; name another file");
            } catch (IOException e) {
                return cannot(String.valueOf(e.getMessage()));
            }
        }

        abstract int on(List<Buffer> buffers) throws IOException;

        final List<Buffer> buffers() throws IOException {
            if (!Files.isDirectory(data)) {
                throw new IOException(
                        "there is no folder %s; name the one of logroute run with --data".formatted(data));
            }
            Reachable.need(data);
            if (Files.exists(data.resolve("cursors"))) {
                return List.of(new Buffer(routerOf(data), data));
            }
            var found = new ArrayList<Buffer>();
            var elsewhere = new ArrayList<String>();
            var routers = data.resolve("routers");
            if (Files.isDirectory(routers)) {
                try (Stream<Path> each = Files.list(routers)) {
                    each.sorted()
                            .map(folder -> new Buffer(folder.getFileName().toString(), folder.resolve("buffer")))
                            .filter(buffer ->
                                    router.isEmpty() || buffer.router().equals(router))
                            .filter(buffer -> Files.isDirectory(buffer.folder()))
                            .forEach(found::add);
                }
            }
            for (var each : List.copyOf(found)) {
                var streams = Streams.noted(data, each.router());
                if (streams.isPresent()) {
                    found.remove(each);
                    elsewhere.add(onStreams(each.router(), streams.get()));
                }
            }
            if (found.isEmpty() && !elsewhere.isEmpty()) {
                throw new IOException(String.join("\n", elsewhere));
            }
            elsewhere.forEach(err()::println);
            if (found.isEmpty()) {
                throw new IOException("there is no buffer %sunder %s; name the data folder of logroute run with --data"
                        .formatted(router.isEmpty() ? "" : "of router " + router + " ", data));
            }
            return found;
        }

        private static String onStreams(String router, String streams) {
            return "the buffer of router %s is %s, and nothing of it lies here; logroute status tells how far its sinks are, and nats stream info %s how the servers are with it"
                    .formatted(router, streams, streams.split(" ")[1]);
        }

        private static String routerOf(Path buffer) {
            var above = buffer.toAbsolutePath().normalize().getParent();
            return above == null || above.getFileName() == null
                    ? "?"
                    : above.getFileName().toString();
        }

        /// The one buffer that is meant.
        final Buffer one(List<Buffer> buffers) {
            if (buffers.size() > 1) {
                throw new ParameterException(
                        line(),
                        "there are several buffers here; name one of them with --router: "
                                + String.join(
                                        ", ",
                                        buffers.stream().map(Buffer::router).toList()));
            }
            return buffers.getFirst();
        }

        final Inspection look(Buffer buffer) throws IOException {
            return Inspection.of(buffer.folder());
        }

        final Progress progress(Buffer buffer) {
            return new Progress(err(), line().getCommandName() + " " + buffer.router(), true);
        }
    }

    @Command(
            name = "ls",
            description = "Tells what lies in each buffer: segments, readers and how far behind they are.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:told", "2:wrong usage, or there is no buffer"})
    static final class Ls extends OnFolder {
        private final Ink ink;

        Ls(Ink ink) {
            this.ink = ink;
        }

        @Override
        int on(List<Buffer> buffers) throws IOException {
            var all = new ArrayList<@Nullable Object>();
            for (var buffer : buffers) {
                var inspection = look(buffer);
                Inspection.Contents contents;
                try (var progress = progress(buffer)) {
                    contents = inspection.contents(progress::at);
                }
                if (json()) {
                    all.add(tree(buffer, contents));
                } else {
                    print(buffer, inspection, contents);
                }
            }
            if (json()) {
                out().println(written(all));
            }
            return Commands.GOOD;
        }

        private void print(Buffer buffer, Inspection inspection, Inspection.Contents contents) {
            out().println(ink.bold("BUFFER of router " + Ink.plain(buffer.router())) + ", "
                    + contents.id().orElse("without a name") + ", " + buffer.folder());
            out().println(
                            contents.live()
                                    ? "in use by " + Ink.plain(inspection.owner())
                                    : "not in use: no LogRoute runs on it");
            var segments = new Table("SEGMENT", "EVENTS FROM", "TO", "EVENTS", "RECORDS", "BYTES", "CREATED", "STATE");
            for (var each : contents.segments()) {
                segments.row(
                        Long.toString(each.ordinal()),
                        Long.toString(each.firstSeq()),
                        Long.toString(each.endSeq()),
                        Long.toString(each.events()),
                        Long.toString(each.records()),
                        Sizes.text(each.bytes()),
                        each.created().toString(),
                        each.sealed() ? "sealed" : "open");
            }
            section(segments);
            var readers = new Table("READER", "GOES ON AT", "EVENTS LEFT", "BYTES LEFT");
            for (var each : contents.readers()) {
                readers.row(
                        Ink.plain(each.reader()),
                        Long.toString(each.settled()),
                        Long.toString(each.lagEvents()),
                        Sizes.text(each.lagBytes()));
            }
            section(readers);
            if (!contents.spares().isEmpty()) {
                out().println("%s for segments to come, %s"
                        .formatted(
                                Sizes.count(contents.spares().size(), "spare file"),
                                Sizes.text(contents.spares().stream()
                                        .mapToLong(Inspection.FileFacts::bytes)
                                        .sum())));
            }
            for (var each : contents.damage()) {
                out().println(ink.red("damaged: " + Ink.plain(Telling.words(each))));
            }
            if (!contents.damage().isEmpty()) {
                out().println(
                                contents.live()
                                        ? "logroute buffer verify reads every byte, and tells what else there is."
                                        : "LogRoute moves it to corrupt/ when it starts, logroute buffer repair does so now;"
                                                + " logroute buffer verify tells first what else there is.");
            }
            for (var each : contents.corrupt()) {
                out().println(ink.red("set aside: %s, %s".formatted(each.file(), Sizes.text(each.bytes()))));
            }
            out().println();
        }

        private void section(Table table) {
            if (!table.isEmpty()) {
                table.print(out());
            }
        }

        private static Map<String, @Nullable Object> tree(Buffer buffer, Inspection.Contents contents) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("router", buffer.router());
            tree.put("folder", buffer.folder().toString());
            tree.put("live", contents.live());
            tree.put("id", contents.id().orElse(null));
            var segments = new ArrayList<@Nullable Object>();
            for (var each : contents.segments()) {
                var one = new LinkedHashMap<String, @Nullable Object>();
                one.put("file", each.file());
                one.put("ordinal", each.ordinal());
                one.put("firstSeq", each.firstSeq());
                one.put("endSeq", each.endSeq());
                one.put("records", each.records());
                one.put("events", each.events());
                one.put("bytes", each.bytes());
                one.put("created", each.created().toString());
                one.put("sealed", each.sealed());
                segments.add(one);
            }
            tree.put("segments", segments);
            var readers = new ArrayList<@Nullable Object>();
            for (var each : contents.readers()) {
                var one = new LinkedHashMap<String, @Nullable Object>();
                one.put("reader", each.reader());
                one.put("settled", each.settled());
                one.put("lagEvents", each.lagEvents());
                one.put("lagBytes", each.lagBytes());
                readers.add(one);
            }
            tree.put("readers", readers);
            tree.put("spares", files(contents.spares()));
            tree.put("corrupt", files(contents.corrupt()));
            tree.put("damage", Telling.findings(contents.damage()));
            return tree;
        }

        private static List<@Nullable Object> files(List<Inspection.FileFacts> files) {
            var list = new ArrayList<@Nullable Object>();
            for (var each : files) {
                var one = new LinkedHashMap<String, @Nullable Object>();
                one.put("file", each.file());
                one.put("bytes", each.bytes());
                list.add(one);
            }
            return list;
        }
    }

    /// Tells what verify found, in both forms.
    private static final class Telling {
        private Telling() {}

        static void print(Buffer buffer, Inspection.Verdict verdict, Ink ink, PrintWriter out) {
            out.println(ink.bold("BUFFER of router " + Ink.plain(buffer.router()))
                    + ": %s, %s, %s, %s"
                            .formatted(
                                    Sizes.count(verdict.segments(), "segment"),
                                    Sizes.count(verdict.records(), "record"),
                                    Sizes.count(verdict.events(), "event"),
                                    Sizes.text(verdict.bytes())));
            for (var each : verdict.findings()) {
                var words = "  " + words(each);
                out.println(each.setAside() ? words : ink.red(words));
            }
            verdict.torn().ifPresent(torn -> out.println("  " + words(torn, verdict.isCutShort())));
            if (verdict.findings().isEmpty()) {
                out.println("  " + ink.green(verdict.torn().isEmpty() ? "It is whole." : "The rest is whole."));
            } else if (verdict.good()) {
                out.println("  " + ink.green("Nothing but what LogRoute has set aside already; the rest is whole."));
            } else {
                out.println("  "
                        + ink.red("It is damaged: %s; the rest is delivered all the same."
                                .formatted(
                                        verdict.lostEvents() == 0
                                                ? "no event is lost"
                                                : are(verdict.lostEvents()) + " lost")));
            }
        }

        private static String are(long events) {
            return Sizes.count(events, "event") + (events == 1 ? " is" : " are");
        }

        /// Nothing in the file tells a write that never finished from the rest of one that did, so both
        /// are told, unless a reader had come further.
        private static String words(Inspection.Torn torn, boolean cutShort) {
            return "%s: the last %s no record: %s"
                    .formatted(
                            torn.file(),
                            Sizes.count(torn.bytes(), "byte") + (torn.bytes() == 1 ? " is" : " are"),
                            cutShort
                                    ? "they are left of one that was acknowledged and is gone"
                                    : "most likely a write that never finished, and nobody was told it had. Should the"
                                            + " file have been cut since, by hand or by a failing disk, acknowledged"
                                            + " events may have gone with it; nothing here can tell");
        }

        static String words(Finding finding) {
            var words = new StringBuilder(finding.file());
            if (finding.toByte() > finding.fromByte()) {
                words.append(", bytes %d to %d".formatted(finding.fromByte(), finding.toByte()));
            }
            words.append(": ").append(finding.what());
            if (finding.toSeq() > finding.fromSeq()) {
                long last = finding.toSeq() - 1;
                words.append(
                        finding.fromSeq() == last
                                ? "; event %d is gone".formatted(last)
                                : "; events %d to %d are gone".formatted(finding.fromSeq(), last));
                words.append(
                        finding.lostEvents() == 0
                                ? ", which every reader had"
                                : ", %d of them some reader still wanted".formatted(finding.lostEvents()));
            }
            return words.append(
                            switch (finding.dealt()) {
                                case NOT -> "";
                                case COPIED -> " (copied to corrupt/)";
                                case MOVED -> " (moved to corrupt/)";
                                case NOTED -> " (noted in corrupt/)";
                            })
                    .toString();
        }

        static Map<String, @Nullable Object> tree(Buffer buffer, Inspection.Verdict verdict) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("router", buffer.router());
            tree.put("folder", buffer.folder().toString());
            tree.put("live", verdict.live());
            tree.put("good", verdict.good());
            tree.put("segments", verdict.segments());
            tree.put("records", verdict.records());
            tree.put("events", verdict.events());
            tree.put("bytes", verdict.bytes());
            tree.put("lostEvents", verdict.lostEvents());
            tree.put("tornBytes", verdict.torn().map(Inspection.Torn::bytes).orElse(0L));
            tree.put("findings", findings(verdict.findings()));
            return tree;
        }

        static List<@Nullable Object> findings(List<Finding> all) {
            var findings = new ArrayList<@Nullable Object>();
            for (var each : all) {
                var one = new LinkedHashMap<String, @Nullable Object>();
                one.put("file", each.file());
                one.put("kind", each.kind().name().toLowerCase(Locale.ROOT));
                one.put("what", each.what());
                one.put("fromByte", each.fromByte());
                one.put("toByte", each.toByte());
                one.put("fromSeq", each.fromSeq());
                one.put("toSeq", each.toSeq());
                one.put("lostEvents", each.lostEvents());
                one.put("setAside", each.setAside());
                findings.add(one);
            }
            return findings;
        }
    }

    @Command(
            name = "verify",
            description = {
                "Reads every record of each buffer and checks every sum.",
                "Tells damage with file, place and the events that it cost. Changes nothing."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:whole, or all damage is set aside already",
                "1:there is damage",
                "2:wrong usage, or there is no buffer"
            })
    static final class Verify extends OnFolder {
        private final Ink ink;

        Verify(Ink ink) {
            this.ink = ink;
        }

        @Override
        int on(List<Buffer> buffers) throws IOException {
            boolean good = true;
            var all = new ArrayList<@Nullable Object>();
            for (var buffer : buffers) {
                var inspection = look(buffer);
                Inspection.Verdict verdict;
                try (var progress = progress(buffer)) {
                    verdict = inspection.verify(progress::at);
                }
                good = good && verdict.good();
                if (json()) {
                    all.add(Telling.tree(buffer, verdict));
                } else {
                    Telling.print(buffer, verdict, ink, out());
                }
            }
            if (json()) {
                out().println(written(all));
            }
            return good ? Commands.GOOD : Commands.FOUND;
        }
    }

    @Command(
            name = "repair",
            description = {
                "Does now what the next start would do: copies damaged files to corrupt/, cuts what lies torn behind the"
                        + " last record, and begins places that cannot be read anew. It copies what it is about to cut,"
                        + " too, and notes in corrupt/ which events no file has any more.",
                "Without --yes it only tells what it would do. No LogRoute may run on the folder."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:mended, or there is nothing to mend",
                "1:there is something to mend, and --yes was not given",
                "2:wrong usage, there is no buffer, a LogRoute runs on it, or it could not be mended"
            })
    static final class Repair extends OnFolder {
        @Option(names = "--yes", description = "Do it.")
        private boolean yes;

        private final Ink ink;

        Repair(Ink ink) {
            this.ink = ink;
        }

        @Override
        int on(List<Buffer> buffers) throws IOException {
            boolean left = false;
            var all = new ArrayList<@Nullable Object>();
            for (var buffer : buffers) {
                if (yes) {
                    Inspection.Mending mending;
                    try (var progress = progress(buffer)) {
                        mending = Inspection.repair(buffer.folder(), progress::at);
                    }
                    tell(buffer, mending.before(), done(mending), all);
                    continue;
                }
                try (var progress = progress(buffer)) {
                    var verdict = Inspection.beforeRepair(buffer.folder(), progress::at);
                    left = left || !verdict.steps().isEmpty();
                    tell(buffer, verdict, todo(verdict), all);
                }
            }
            if (json()) {
                out().println(written(all));
            } else if (left) {
                out().println("Nothing was changed. Do it with --yes.");
            }
            return left ? Commands.FOUND : Commands.GOOD;
        }

        private void tell(Buffer buffer, Inspection.Verdict verdict, List<String> steps, List<@Nullable Object> all) {
            if (json()) {
                var tree = Telling.tree(buffer, verdict);
                tree.put("done", yes);
                tree.put("steps", steps);
                all.add(tree);
                return;
            }
            Telling.print(buffer, verdict, ink, out());
            steps.forEach(step -> out().println((yes ? "  done: " : "  would: ") + step));
        }

        private static List<String> todo(Inspection.Verdict verdict) {
            return verdict.steps().stream().map(Repair::words).toList();
        }

        private static String words(Step step) {
            return switch (step) {
                case Step.Copy(var file) ->
                    "copy %s to corrupt/; its whole records stay and are delivered".formatted(file);
                case Step.Move(var file) -> "move %s to corrupt/".formatted(file);
                case Step.BeginAgain(var file, var reader) ->
                    "move %s to corrupt/; reader %s begins again at the oldest record and gets some events twice"
                            .formatted(file, Ink.plain(reader));
                case Step.NameAnew(var file) -> "move %s to corrupt/ and make it anew".formatted(file);
                case Step.Cut(var file, var bytes) ->
                    "cut the last %s of %s".formatted(Sizes.count(bytes, "byte"), file);
                case Step.Note(var from, var to) ->
                    "note in corrupt/ that %s gone, from %d on".formatted(Telling.are(to - from), from);
            };
        }

        private static List<String> done(Inspection.Mending mending) {
            var steps = new ArrayList<String>();
            mending.copies()
                    .forEach(copy ->
                            steps.add((copy.endsWith(".txt") ? "noted in %s" : "copied to %s").formatted(copy)));
            mending.recovery().setAside().forEach(aside -> steps.add("set aside as %s".formatted(aside)));
            mending.recovery()
                    .cursorsReset()
                    .forEach(
                            reader -> steps.add("reader %s begins again at the oldest record: it gets some events twice"
                                    .formatted(reader)));
            if (mending.recovery().tornBytes() > 0) {
                steps.add("cut %s behind the last record"
                        .formatted(Sizes.count(mending.recovery().tornBytes(), "byte")));
            }
            if (mending.before().lostEvents() > 0) {
                steps.add("%s lost for good; all others are delivered at the next start"
                        .formatted(Telling.are(mending.before().lostEvents())));
            }
            return steps.isEmpty() ? List.of("nothing: there was nothing to mend") : steps;
        }
    }

    @Command(
            name = "clear",
            description = {
                "Deletes what was damaged and set aside in corrupt/, for good. As long as it is there, the volume of an"
                        + " instance that is drained is not deleted.",
                "Without --yes it only tells what there is. It works while LogRoute runs."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:deleted, or there is nothing",
                "1:there is something, and --yes was not given",
                "2:wrong usage, there is no buffer, or it could not be deleted"
            })
    static final class Clear extends OnFolder {
        @Option(names = "--yes", description = "Do it.")
        private boolean yes;

        @Override
        int on(List<Buffer> buffers) throws IOException {
            boolean left = false;
            var all = new ArrayList<@Nullable Object>();
            for (var buffer : buffers) {
                var there = yes ? Inspection.clear(buffer.folder()) : Inspection.aside(buffer.folder());
                left = left || !yes && !there.isEmpty();
                if (json()) {
                    var tree = new LinkedHashMap<String, @Nullable Object>();
                    tree.put("router", buffer.router());
                    tree.put("done", yes);
                    tree.put(
                            "files",
                            new ArrayList<Object>(there.stream()
                                    .map(each -> Map.of("file", each.file(), "bytes", each.bytes()))
                                    .toList()));
                    all.add(tree);
                    continue;
                }
                out().println("%s: %s set aside"
                        .formatted(
                                buffer.router(),
                                there.isEmpty()
                                        ? "nothing is"
                                        : Sizes.count(there.size(), "file") + (there.size() == 1 ? " is" : " are")));
                there.forEach(each -> out().println("  %s: %s, %s"
                        .formatted(yes ? "deleted" : "would delete", each.file(), Sizes.text(each.bytes()))));
            }
            if (json()) {
                out().println(written(all));
            } else if (left) {
                out().println("Nothing was deleted. Do it with --yes.");
            }
            return left ? Commands.FOUND : Commands.GOOD;
        }
    }

    /// Writes lines until nobody reads any more: a closed pipe is no failure.
    private static final class Lines {
        private final PrintWriter out;
        private long written;
        private boolean open = true;

        Lines(PrintWriter out) {
            this.out = out;
        }

        boolean write(String line) {
            out.write(line);
            out.write('\n');
            if (++written % 256 == 0 && out.checkError()) {
                open = false;
            }
            return open;
        }

        /// @throws IOException when it is not all written, though somebody reads
        void end() throws IOException {
            boolean all = !out.checkError();
            if (!all && out instanceof Printing printing && printing.failure().isPresent()) {
                throw new IOException(
                        "standard output could not be written to the end: %s; nothing in the buffer is changed"
                                .formatted(printing.failure().get()));
            }
        }
    }

    private static String passedOver(long damaged) {
        return Sizes.count(damaged, "damaged place") + (damaged == 1 ? " was" : " were") + " passed over";
    }

    /// The event as it came in, on one line.
    private static String oneLine(Event event) {
        return new String(event.raw(), StandardCharsets.UTF_8)
                .replace('\n', ' ')
                .replace('\r', ' ');
    }

    @Command(
            name = "dump",
            description = "Prints the events of a buffer with their numbers, or its records.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:printed",
                "1:printed, and damaged places were passed over",
                "2:wrong usage, there is no buffer, or it could not be printed to the end"
            })
    static final class Dump extends OnFolder {
        @Option(names = "--from", paramLabel = "SEQ", description = "From this event on.")
        private long from;

        @Option(names = "--to", paramLabel = "SEQ", description = "Before this event.")
        private long to = Long.MAX_VALUE;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
        private long limit = Long.MAX_VALUE;

        @Option(names = "--records", description = "Records in place of events.")
        private boolean records;

        @Override
        int on(List<Buffer> buffers) throws IOException {
            var lines = new Lines(out());
            long[] left = {limit};
            long damaged = look(one(buffers)).read(from, to, record -> {
                if (records) {
                    left[0]--;
                    return lines.write(json() ? oneOfMany(jsonOf(record)) : textOf(record)) && left[0] > 0;
                }
                var window = Window.of(record);
                for (var event : window.events()) {
                    if (event.seq() < from || event.seq() >= to) {
                        continue;
                    }
                    if (left[0]-- <= 0
                            || !lines.write(json() ? oneOfMany(jsonOf(event, window)) : textOf(event, window))) {
                        return false;
                    }
                }
                return left[0] > 0;
            });
            lines.end();
            if (damaged > 0) {
                err().println("%s: %s; logroute buffer verify tells more".formatted(name(), passedOver(damaged)));
            }
            return damaged > 0 ? Commands.FOUND : Commands.GOOD;
        }

        private static String textOf(Event event, Window window) {
            return "%d  %s  %s".formatted(event.seq(), window.received(), Ink.plain(oneLine(event)));
        }

        private static String textOf(Stored record) {
            return "%d to %d  %s  %s, %s"
                    .formatted(
                            record.firstSeq(),
                            record.endSeq() - 1,
                            record.appended(),
                            Sizes.count(record.events(), "event"),
                            Sizes.count(record.bytes().length, "byte"));
        }

        private static String jsonOf(Event event, Window window) {
            var head = new LinkedHashMap<String, @Nullable Object>();
            head.put("seq", event.seq());
            head.put("received", window.received().toString());
            var text = Json.write(head);
            return text.substring(0, text.length() - 1) + ",\"event\":" + oneLine(event) + "}";
        }

        private static String jsonOf(Stored record) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("firstSeq", record.firstSeq());
            tree.put("endSeq", record.endSeq());
            tree.put("received", record.appended().toString());
            tree.put("events", record.events());
            tree.put("bytes", record.bytes().length);
            return Json.write(tree);
        }
    }

    @Command(
            name = "export",
            description = {
                "Writes events as they came in, a line of JSON each: those that a reader has not settled, or all.",
                "They go to standard output or to a file, and stay in the buffer. Routes and filters are not asked."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:written",
                "1:written, and damaged places were passed over",
                "2:wrong usage, there is no buffer, or it could not be written to the end"
            })
    static final class Export extends OnFolder {
        @Option(
                names = "--reader",
                paramLabel = "SINK",
                description = "What this sink has not settled (default: what any of them has not).")
        private String reader = "";

        @Option(names = "--all", description = "Everything that is there, settled or not.")
        private boolean all;

        @Option(names = "--file", paramLabel = "FILE", description = "Into this file, which must not be there yet.")
        private @Nullable Path file;

        @Override
        int on(List<Buffer> buffers) throws IOException {
            var buffer = one(buffers);
            var inspection = look(buffer);
            long from = from(inspection);
            long[] count = new long[1];
            long damaged;
            var into = file;
            if (into == null) {
                var lines = new Lines(out());
                damaged = write(inspection, from, lines, count);
                lines.end();
            } else {
                try (var channel = FileChannel.open(into, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                        var writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8), 1 << 16)) {
                    var checked = new PrintWriter(writer);
                    damaged = write(inspection, from, new Lines(checked), count);
                    if (checked.checkError()) {
                        throw new IOException("%s could not be written to the end; is the disk full?".formatted(into));
                    }
                    channel.force(true);
                }
            }
            tell(buffer, count[0], damaged, into);
            return damaged > 0 ? Commands.FOUND : Commands.GOOD;
        }

        private long from(Inspection inspection) throws IOException {
            if (all) {
                return 0;
            }
            var readers = inspection.readers();
            if (!reader.isEmpty()) {
                return inspection
                        .place(reader)
                        .orElseThrow(() -> new ParameterException(
                                line(),
                                "--reader is \"%s\"; this buffer has %s"
                                        .formatted(reader, readers.isEmpty() ? "none" : String.join(", ", readers))));
            }
            long from = Long.MAX_VALUE;
            for (var each : readers) {
                from = Math.min(from, inspection.place(each).orElse(0L));
            }
            return readers.isEmpty() ? 0 : from;
        }

        private static long write(Inspection inspection, long from, Lines lines, long[] count) throws IOException {
            return inspection.read(from, Long.MAX_VALUE, record -> {
                for (var event : Window.of(record).events()) {
                    if (event.seq() < from) {
                        continue;
                    }
                    count[0]++;
                    if (!lines.write(oneLine(event))) {
                        return false;
                    }
                }
                return true;
            });
        }

        private void tell(Buffer buffer, long events, long damaged, @Nullable Path into) {
            // Standard output belongs to the events where they go there.
            var to = into == null ? err() : out();
            if (json()) {
                var tree = new LinkedHashMap<String, @Nullable Object>();
                tree.put("router", buffer.router());
                tree.put("events", events);
                tree.put("damagedPlaces", damaged);
                tree.put("file", into == null ? null : into.toString());
                to.println(written(tree));
                return;
            }
            var count = Sizes.count(events, "event");
            to.println("%s of router %s%s"
                    .formatted(
                            count, buffer.router(), into == null ? "" : (events == 1 ? " is in " : " are in ") + into));
            if (damaged > 0) {
                to.println(passedOver(damaged) + "; logroute buffer verify tells more");
            }
        }
    }
}
