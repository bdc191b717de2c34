package io.logroute.face;

import io.logroute.buffer.BufferLocked;
import io.logroute.buffer.Inspection;
import io.logroute.flow.Json;
import io.logroute.router.DeadLetters;
import io.logroute.router.LetterId;
import io.logroute.router.Streams;
import io.logroute.spec.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The dead letters: of a running LogRoute over REST, or of the data folder of a stopped one.
@Command(
        name = "dlq",
        description = "The dead letters: events that a sink refused for good, kept with the reason.",
        synopsisSubcommandLabel = "COMMAND")
final class DlqCommand implements Runnable {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static CommandLine line(boolean colour) {
        var ink = new Ink(colour);
        return new CommandLine(new DlqCommand())
                .addSubcommand(new Ls(ink))
                .addSubcommand(new Show(ink))
                .addSubcommand(new ReplayLetters())
                .addSubcommand(new Purge());
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// A sink's letters at a router, or at one instance of it.
    private record Box(String router, Optional<String> instance, String sink) {
        static Box of(Map<?, ?> summary) {
            return new Box(
                    String.valueOf(summary.get("router")),
                    Optional.ofNullable(summary.get("instance")).map(String::valueOf),
                    String.valueOf(summary.get("sink")));
        }

        /// Who has them.
        String owner() {
            return instance.orElse(router);
        }

        String path() {
            return "/api/v1/dead-letters/%s/%s".formatted(Asking.encoded(owner()), Asking.encoded(sink));
        }

        /// What begins an object that tells something of it.
        LinkedHashMap<String, @Nullable Object> tree() {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("router", router);
            instance.ifPresent(name -> tree.put("instance", name));
            tree.put("sink", sink);
            return tree;
        }

        /// A letter's number is one of its instance.
        Map<?, ?> with(Map<?, ?> letter) {
            if (instance.isEmpty()) {
                return letter;
            }
            var named = new LinkedHashMap<@Nullable Object, @Nullable Object>(letter);
            named.put("instance", instance.get());
            return named;
        }

        @Override
        public String toString() {
            return Ink.plain(owner() + "/" + sink);
        }
    }

    /// Where the letters are asked for. Answers have the shape of REST's.
    private interface From {
        List<Map<?, ?>> boxes() throws IOException;

        /// Names of all routers or sinks, with or without letters; empty where nobody knows.
        ///
        /// @param kind `router` or `sink`
        Optional<Set<String>> declared(String kind) throws IOException;

        Map<?, ?> page(Box box, Map<String, String> asked, boolean events) throws IOException;

        Map<?, ?> purge(Box box, Map<String, String> asked) throws IOException;
    }

    private record OverRest(Asking asking) implements From {
        private static final List<Map<?, ?>> NONE = List.of();

        @Override
        public List<Map<?, ?>> boxes() throws IOException {
            return maps(asking.get("/api/v1/dead-letters"));
        }

        @Override
        public Optional<Set<String>> declared(String kind) throws IOException {
            try {
                var names = new TreeSet<String>();
                for (var each : maps(asking.get("/api/v1/%ss".formatted(kind)))) {
                    names.add(String.valueOf(each.get("name")));
                    for (var instance : each.get("instances") instanceof List<?> list ? maps(list) : NONE) {
                        names.add(String.valueOf(instance.get("name")));
                    }
                }
                return Optional.of(names);
            } catch (Asking.Refused e) {
                return Optional.empty(); // a router instance by itself knows only its letters
            }
        }

        @Override
        public Map<?, ?> page(Box box, Map<String, String> asked, boolean events) throws IOException {
            if (asked.containsKey("id")) {
                return Map.of("letters", List.of(map(asking.get(box.path() + "/" + asked.get("id")))));
            }
            var query = new LinkedHashMap<>(asked);
            query.put("events", Boolean.toString(events));
            return map(asking.get(Asking.path(box.path(), query)));
        }

        @Override
        public Map<?, ?> purge(Box box, Map<String, String> asked) throws IOException {
            return map(asking.change("POST", box.path() + "/purge", asked));
        }
    }

    private record AtRest(Path data) implements From {
        private static final long PAGE_BYTES = 8 << 20;

        @Override
        public List<Map<?, ?>> boxes() throws IOException {
            Reachable.need(data);
            if (!Files.isDirectory(data.resolve("routers"))) {
                throw new IOException("there are no routers under %s; name the data folder of logroute run with --data"
                        .formatted(data));
            }
            var boxes = new ArrayList<Map<?, ?>>();
            for (var letters : DeadLetters.under(data)) {
                boxes.add(DeadLettersView.of(letters.summary()).tree());
            }
            if (boxes.isEmpty()) {
                refuseStreams();
            }
            return boxes;
        }

        private void refuseStreams() throws IOException {
            try (var routers = Files.list(data.resolve("routers"))) {
                for (var router : routers.sorted().toList()) {
                    var name = router.getFileName().toString();
                    var streams = Streams.noted(data, name);
                    if (streams.isPresent()) {
                        throw new IOException(
                                "the dead letters of router %s lie on a stream of NATS servers, and not here: %s. The LogRoute that runs it tells of them: leave --data away"
                                        .formatted(name, streams.get()));
                    }
                }
            }
        }

        @Override
        public Optional<Set<String>> declared(String kind) {
            return Optional.empty();
        }

        @Override
        public Map<?, ?> page(Box box, Map<String, String> given, boolean events) throws IOException {
            var asked = LettersAsked.of(given);
            var letters = letters(box);
            var page = letters.page(asked.filter(), asked.after(), letters.end(), asked.limit(), PAGE_BYTES);
            return new DeadLetterView.Page(
                            page.letters().stream()
                                    .map(letter -> DeadLetterView.of(letter, events))
                                    .toList(),
                            page.next().map(LetterId::toString),
                            page.damaged())
                    .tree();
        }

        /// Only while no LogRoute has the router's buffer.
        @Override
        public Map<?, ?> purge(Box box, Map<String, String> given) throws IOException {
            var asked = LettersAsked.of(given);
            try (var _ = Inspection.hold(
                            data.resolve("routers").resolve(box.router()).resolve("buffer"));
                    var letters = letters(box)) {
                var until = letters.end();
                var purged = letters.purge(asked.filter(), asked.after(), asked.until(), asked.limit());
                var tree = new LinkedHashMap<String, @Nullable Object>();
                tree.put("removed", purged.removed());
                purged.next().ifPresent(next -> tree.put("next", next.toString()));
                tree.put("until", asked.until().orElse(until).toString());
                return tree;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("it was interrupted", e);
            }
        }

        private DeadLetters letters(Box box) throws IOException {
            return DeadLetters.under(data).stream()
                    .filter(each ->
                            each.router().equals(box.router()) && each.sink().equals(box.sink()))
                    .findFirst()
                    .orElseThrow(() -> new IOException("there are no dead letters of %s".formatted(box)));
        }
    }

    private static Map<?, ?> map(@Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IOException("it answered something else than LogRoute does");
    }

    private static List<Map<?, ?>> maps(@Nullable Object value) throws IOException {
        if (!(value instanceof List<?> list)) {
            throw new IOException("it answered something else than LogRoute does");
        }
        var maps = new ArrayList<Map<?, ?>>();
        for (var each : list) {
            maps.add(map(each));
        }
        return maps;
    }

    private static long number(Map<?, ?> of, String key) {
        return of.get(key) instanceof Number number ? number.longValue() : 0;
    }

    private static String text(Map<?, ?> of, String key) {
        return of.get(key) == null ? "-" : Ink.plain(String.valueOf(of.get(key)));
    }

    /// What all of them have in common: where the letters are, and which are meant.
    private abstract static class OnLetters extends Verb {
        @Mixin
        private Where where = new Where();

        @Option(
                names = "--router",
                paramLabel = "NAME",
                description = "Only letters of this router, or of this instance of one, such as core-0.")
        private String router = "";

        @Option(names = "--sink", paramLabel = "NAME", description = "Only letters of this sink.")
        private String sink = "";

        private boolean allReached = true;

        /// Nothing is said to be well of what is not reached.
        @Override
        public Integer call() {
            try {
                int code = on();
                return code == Commands.GOOD && !allReached ? Commands.CANNOT : code;
            } catch (BufferLocked e) {
                return cannot("a LogRoute runs on this folder (%s). Ask it with --url in place of --data."
                        .formatted(e.getMessage()));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(line(), String.valueOf(e.getMessage()), e);
            } catch (IOException e) {
                return cannot(unanswered(e));
            }
        }

        abstract int on() throws IOException;

        String unanswered(IOException e) {
            return asking().unanswered(e);
        }

        final Asking asking() {
            return where.asking(line());
        }

        final List<Map<?, ?>> boxes(From from) throws IOException {
            var found = new ArrayList<Map<?, ?>>();
            var all = from.boxes();
            for (var each : all) {
                if (!router.isEmpty() && !router.equals(each.get("router")) && !router.equals(each.get("instance"))) {
                    continue;
                }
                if (each.get("trouble") instanceof String trouble) {
                    allReached = false;
                    err().println(Ink.plain(trouble));
                } else if (sink.isEmpty() || sink.equals(each.get("sink"))) {
                    found.add(each);
                }
            }
            if (found.isEmpty()) {
                isThere("router", router, names(from, all, "router", "instance"));
                if (allReached) {
                    isThere("sink", sink, names(from, all, "sink"));
                }
            }
            return found;
        }

        /// Names of what is declared, and of what has letters and is declared no more.
        private static Names names(From from, List<Map<?, ?>> boxes, String kind, String... more) throws IOException {
            var declared = from.declared(kind);
            var names = new TreeSet<>(declared.orElse(Set.of()));
            for (var box : boxes) {
                for (var key : Stream.concat(Stream.of(kind), Stream.of(more)).toList()) {
                    if (box.get(key) instanceof String name) {
                        names.add(name);
                    }
                }
            }
            return new Names(declared.isPresent(), names);
        }

        /// @param all whether these are all that there are, and not only those with letters
        private record Names(boolean all, Set<String> names) {}

        private static void isThere(String kind, String name, Names there) throws Asking.Refused {
            if (name.isEmpty() || there.names().contains(name)) {
                return;
            }
            var names = there.names().isEmpty() ? "there is none" : "there are: " + String.join(", ", there.names());
            throw new Asking.Refused(
                    there.all()
                            ? "there is no %s \"%s\"; %s".formatted(kind, name, names)
                            : "no %s \"%s\" has dead letters; of those that have %s".formatted(kind, name, names));
        }

        final String noneFound() {
            return allReached ? "There is no such letter." : "There is no such letter where it could be asked.";
        }

        final boolean allReached() {
            return allReached;
        }

        final boolean namesSink() {
            return !sink.isEmpty();
        }
    }

    /// Those that also work on the data folder of a stopped LogRoute.
    private abstract static class OnFolderToo extends OnLetters {
        @Option(
                names = "--data",
                paramLabel = "FOLDER",
                description = "The data folder of a LogRoute that does not run, in place of --url.")
        private @Nullable Path data;

        final From from() {
            return data == null ? new OverRest(asking()) : new AtRest(data);
        }

        @Override
        String unanswered(IOException e) {
            return data == null ? super.unanswered(e) : String.valueOf(e.getMessage());
        }
    }

    /// Which letters.
    private static final class Which {
        @Option(names = "--route", paramLabel = "NAME", description = "Only letters that this route sent.")
        private String route = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Only letters with this in the reason.")
        private String reason = "";

        @Option(
                names = "--since",
                paramLabel = "WHEN",
                description = "Only letters refused since then: 2h, 3d, or an instant such as 2026-11-23T02:00:00Z.")
        private String since = "";

        @Option(names = "--id", paramLabel = "ID", description = "Only this one; goes with --sink.")
        private String id = "";

        /// Without those that are not given.
        Map<String, String> asked(OnLetters command) {
            var asked = new LinkedHashMap<String, String>();
            if (!id.isEmpty() && !command.namesSink()) {
                throw new ParameterException(command.line(), "--id names a letter of a sink; write --sink too");
            }
            put(asked, "route", route);
            put(asked, "reason", reason);
            put(asked, "since", since.isEmpty() ? "" : instant(command).toString());
            put(asked, "id", id);
            LettersAsked.of(asked); // which tells what is wrong with them
            return asked;
        }

        private static void put(Map<String, String> asked, String key, String value) {
            if (!value.isEmpty()) {
                asked.put(key, value);
            }
        }

        private Instant instant(OnLetters command) {
            try {
                return Instant.parse(since);
            } catch (DateTimeParseException e) {
                try {
                    return Instant.now().minus(Durations.parse(since));
                } catch (IllegalArgumentException neither) {
                    throw new ParameterException(
                            command.line(),
                            "--since is \"%s\"; write 2h, 3d, or an instant such as 2026-11-23T02:00:00Z"
                                    .formatted(since),
                            neither);
                }
            }
        }
    }

    @Command(
            name = "ls",
            description = "Tells of each sink how many dead letters there are, how old, and the most frequent reasons.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:there are none", "1:there are some", "2:wrong usage, or nothing answers"})
    static final class Ls extends OnFolderToo {
        private final Ink ink;

        Ls(Ink ink) {
            this.ink = ink;
        }

        @Override
        int on() throws IOException {
            var boxes = boxes(from());
            long letters =
                    boxes.stream().mapToLong(box -> number(box, "letters")).sum();
            if (json()) {
                out().println(written(boxes));
                return letters == 0 ? Commands.GOOD : Commands.FOUND;
            }
            var table = new Table("ROUTER", "SINK", "LETTERS", "BYTES", "OLDEST", "NEWEST");
            for (var box : boxes) {
                table.row(
                        Ink.plain(Box.of(box).owner()),
                        text(box, "sink"),
                        text(box, "letters"),
                        Sizes.text(number(box, "bytes")),
                        text(box, "oldest"),
                        text(box, "newest"));
            }
            if (!table.isEmpty()) {
                table.print(out());
            }
            for (var box : boxes) {
                if (number(box, "letters") + number(box, "damaged") > 0) {
                    out().println();
                    out().println(ink.bold("%s, the most frequent reasons".formatted(Box.of(box))));
                    for (var reason : maps(box.get("reasons"))) {
                        out().println("%10d  %s".formatted(number(reason, "letters"), text(reason, "reason")));
                    }
                }
                if (number(box, "damaged") > 0) {
                    out().println(ink.red((number(box, "damaged") == 1
                                    ? "%10d  line is damaged; it stays until it is purged or too old"
                                    : "%10d  lines are damaged; they stay until they are purged or too old")
                            .formatted(number(box, "damaged"))));
                }
            }
            if (letters == 0 && allReached()) {
                out().println(ink.green("There are no dead letters."));
            }
            return letters == 0 ? Commands.GOOD : Commands.FOUND;
        }
    }

    @Command(
            name = "show",
            description = "Shows dead letters one by one, the oldest first.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:shown", "2:wrong usage, nothing answers, or there is no such letter"})
    static final class Show extends OnFolderToo {
        @Mixin
        private Which which = new Which();

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "20",
                description = "At most so many (default: ${DEFAULT-VALUE}).")
        private int limit;

        private final Ink ink;

        Show(Ink ink) {
            this.ink = ink;
        }

        @Override
        int on() throws IOException {
            if (limit < 1) {
                throw new ParameterException(line(), "--limit is %d; write 1 or more".formatted(limit));
            }
            var asked = which.asked(this);
            var from = from();
            var shown = new ArrayList<@Nullable Object>();
            boolean more = false;
            for (var each : boxes(from)) {
                var box = Box.of(each);
                var next = Optional.of("");
                while (next.isPresent() && shown.size() < limit) {
                    var query = new LinkedHashMap<>(asked);
                    if (!asked.containsKey("id")) {
                        query.put("limit", Integer.toString(Math.min(LettersAsked.MOST, limit - shown.size())));
                        next.filter(id -> !id.isEmpty()).ifPresent(id -> query.put("after", id));
                    }
                    var page = from.page(box, query, true);
                    for (var letter : maps(page.get("letters"))) {
                        shown.add(box.with(letter));
                        if (!json()) {
                            print(box, letter);
                        }
                    }
                    next = Optional.ofNullable(page.get("next")).map(String::valueOf);
                }
                more = more || next.isPresent();
            }
            if (json()) {
                out().println(written(shown));
                return Commands.GOOD;
            }
            if (shown.isEmpty()) {
                out().println(noneFound());
            } else if (more && shown.size() >= limit) {
                out().println("There may be more; see them with a higher --limit.");
            }
            return Commands.GOOD;
        }

        private void print(Box box, Map<?, ?> letter) {
            out().println("%s  %s  %s  route %s"
                    .formatted(ink.bold(text(letter, "id")), text(letter, "time"), box, text(letter, "route")));
            out().println("  " + ink.red(text(letter, "reason")));
            out().println("  " + Ink.plain(Json.write(letter.get("event"))));
            if (letter.containsKey("raw")) {
                out().println("  came in as " + Ink.plain(Json.write(letter.get("raw"))));
            }
        }
    }

    @Command(
            name = "purge",
            description = {"Deletes dead letters for good.", "Without --yes it only tells which it would delete."},
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:deleted, or there are none",
                "1:there are some, and --yes was not given",
                "2:wrong usage, nothing answers, or a LogRoute runs on the folder"
            })
    static final class Purge extends OnFolderToo {
        @Mixin
        private Which which = new Which();

        @Option(names = "--yes", description = "Do it.")
        private boolean yes;

        @Override
        int on() throws IOException {
            var asked = which.asked(this);
            var from = from();
            var told = new ArrayList<@Nullable Object>();
            long sum = 0;
            for (var each : boxes(from)) {
                var box = Box.of(each);
                long letters = yes
                        ? purge(from, box, asked)
                        : asked.isEmpty() ? number(each, "letters") : count(from, box, asked);
                sum += letters;
                var one = box.tree();
                one.put("letters", letters);
                one.put("deleted", yes);
                told.add(one);
                if (!json() && letters > 0) {
                    out().println("%s: %s %s"
                            .formatted(box, Sizes.count(letters, "letter"), yes ? "deleted" : "would be deleted"));
                }
            }
            if (json()) {
                out().println(written(told));
            } else if (sum == 0) {
                out().println(noneFound());
            } else if (!yes) {
                out().println("Nothing was deleted. Do it with --yes.");
            }
            return yes || sum == 0 ? Commands.GOOD : Commands.FOUND;
        }

        private static long purge(From from, Box box, Map<String, String> asked) throws IOException {
            long removed = 0;
            var query = new LinkedHashMap<>(asked);
            while (true) {
                var step = from.purge(box, query);
                removed += number(step, "removed");
                if (step.get("next") == null) {
                    return removed;
                }
                query.put("after", String.valueOf(step.get("next")));
                query.put("until", String.valueOf(step.get("until")));
                query.put("limit", Integer.toString(LettersAsked.MOST));
            }
        }

        private static long count(From from, Box box, Map<String, String> asked) throws IOException {
            if (asked.containsKey("id")) {
                return maps(from.page(box, asked, false).get("letters")).size();
            }
            long count = 0;
            var query = new LinkedHashMap<>(asked);
            query.put("limit", Integer.toString(LettersAsked.MOST));
            while (true) {
                var page = from.page(box, query, false);
                count += maps(page.get("letters")).size();
                if (page.get("next") == null) {
                    return count;
                }
                query.put("after", String.valueOf(page.get("next")));
            }
        }
    }

    @Command(
            name = "replay",
            description = {
                "Gives dead letters back: through the routes of today as events that just came in, or straight to a sink.",
                "Ctrl-C stops it, the same command goes on: a letter goes only when it is durable elsewhere. What is refused"
                        + " again becomes a new letter."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:all of them are given back",
                "1:some were refused again, are damaged, or had to stay; the message says why",
                "2:wrong usage, or nothing answers",
                "130:stopped by Ctrl-C; the same command goes on"
            })
    static final class ReplayLetters extends OnLetters {
        private static final int STEP = 500;
        /// Steps in a row without a letter before it gives up.
        private static final int FRUITLESS = 6;

        @Mixin
        private Which which = new Which();

        @Option(
                names = "--to",
                paramLabel = "SINK",
                description = "Straight to this sink, as it would have been sent; no other sink notices.")
        private String to = "";

        @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
        private long limit = Long.MAX_VALUE;

        @Option(names = "--data", hidden = true, arity = "0..1")
        private @Nullable String data;

        /// How long Ctrl-C waits for the step under way, whose letters it would not count else.
        private static final Duration LAST_STEP = Duration.ofSeconds(20);

        private static final Duration SOON = Duration.ofMillis(500);

        private final AtomicLong givenBack = new AtomicLong();
        private final AtomicLong refusedAgain = new AtomicLong();
        private volatile boolean stopping;
        private final CountDownLatch ended = new CountDownLatch(1);

        @Override
        int on() throws IOException {
            if (data != null) {
                throw new ParameterException(
                        line(),
                        "replay takes no --data: letters are given back to a LogRoute that runs, and none runs on a folder"
                                + " alone; start it (logroute run ... --data FOLDER), and say with --url where it listens");
            }
            var asked = which.asked(this);
            var asking = asking();
            var boxes = boxes(new OverRest(asking));
            var stopped = Thread.ofPlatform().unstarted(this::stop);
            Runtime.getRuntime().addShutdownHook(stopped);
            try {
                boolean good = true;
                var told = new ArrayList<@Nullable Object>();
                for (var each : boxes) {
                    if (number(each, "letters") + number(each, "damaged") > 0 && done() < limit && !stopping) {
                        good = replay(asking, Box.of(each), number(each, "letters"), asked, told) && good;
                    }
                }
                if (json()) {
                    out().println(written(told));
                } else if (told.isEmpty()) {
                    out().println(noneFound());
                }
                return good ? Commands.GOOD : Commands.FOUND;
            } finally {
                ended.countDown();
            }
        }

        private long done() {
            return givenBack.get() + refusedAgain.get();
        }

        /// On Ctrl-C: no further step, and what is told has heard of the last one.
        private void stop() {
            if (ended.getCount() == 0) {
                return;
            }
            stopping = true;
            boolean heard = endsWithin(SOON);
            if (!heard) {
                err().println();
                err().println("Stopping after the step under way.");
                err().flush();
                heard = endsWithin(LAST_STEP);
            }
            out().flush();
            err().println();
            err().println("Stopped: %s given back%s; the same command goes on with the others."
                    .formatted(
                            letters(givenBack.get()),
                            refusedAgain.get() == 0
                                    ? ""
                                    : ", %s refused again and %s"
                                            .formatted(
                                                    letters(refusedAgain.get()),
                                                    refusedAgain.get() == 1 ? "is a new letter" : "are new letters")));
            if (!heard) {
                err().println(
                                "LogRoute did not tell within %d s how the last step went: up to %d letters more may be given back."
                                        .formatted(LAST_STEP.toSeconds(), STEP));
            }
            err().flush();
        }

        private boolean endsWithin(Duration time) {
            try {
                return ended.await(time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private static String letters(long number) {
            return Sizes.count(number, "letter") + (number == 1 ? " is" : " are");
        }

        /// Gives whether nothing is left to look after.
        private boolean replay(
                Asking asking, Box box, long letters, Map<String, String> asked, List<@Nullable Object> told)
                throws IOException {
            var query = new LinkedHashMap<String, @Nullable Object>(asked);
            if (!to.isEmpty()) {
                query.put("to", to);
            }
            long replayed = 0;
            long refused = 0;
            long damaged = 0;
            int fruitless = 0;
            Optional<String> trouble = Optional.empty();
            try (var progress = new Progress(err(), "replay " + box, false)) {
                while (done() < limit && !stopping) {
                    query.put("limit", Math.min(STEP, limit - done()));
                    var step = map(asking.change("POST", box.path() + "/replay", query));
                    replayed += number(step, "replayed");
                    refused += number(step, "refused");
                    damaged += number(step, "damaged");
                    givenBack.addAndGet(number(step, "replayed"));
                    refusedAgain.addAndGet(number(step, "refused"));
                    progress.at(replayed + refused, letters);
                    trouble = Optional.ofNullable(step.get("trouble")).map(String::valueOf);
                    if (step.get("next") == null) {
                        break;
                    }
                    query.put("after", String.valueOf(step.get("next")));
                    query.put("until", String.valueOf(step.get("until")));
                    fruitless = number(step, "replayed") + number(step, "refused") > 0 || trouble.isEmpty()
                            ? 0
                            : fruitless + 1;
                    if (fruitless >= FRUITLESS) {
                        break;
                    }
                    if (trouble.isPresent() && !stopping) {
                        pause(fruitless);
                    }
                }
            }
            tell(box, replayed, refused, damaged, trouble, told);
            return refused == 0 && damaged == 0 && trouble.isEmpty();
        }

        private static void pause(int fruitless) throws IOException {
            try {
                Thread.sleep(Duration.ofMillis(250L << Math.min(4, fruitless)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("it was interrupted", e);
            }
        }

        private void tell(
                Box box,
                long replayed,
                long refused,
                long damaged,
                Optional<String> trouble,
                List<@Nullable Object> told) {
            var one = box.tree();
            one.put("replayed", replayed);
            one.put("refused", refused);
            one.put("damaged", damaged);
            trouble.ifPresent(why -> one.put("trouble", why));
            told.add(one);
            if (json()) {
                return;
            }
            out().println(String.format(
                    Locale.ROOT,
                    "%s: %,d %s given back%s%s",
                    box,
                    replayed,
                    replayed == 1 ? "letter is" : "letters are",
                    refused == 0
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    refused == 1
                                            ? ", %,d was refused again and is a new letter"
                                            : ", %,d were refused again and are new letters",
                                    refused),
                    damaged == 0
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    damaged == 1
                                            ? ", %,d line is damaged and stays"
                                            : ", %,d lines are damaged and stay",
                                    damaged)));
            trouble.ifPresent(why -> out().println(
                            "The others stay: %s. The same command goes on with them.".formatted(Ink.plain(why))));
        }
    }
}
