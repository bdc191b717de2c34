package io.logroute.face;

import io.logroute.flow.Json;
import io.logroute.spec.Durations;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogSink;
import io.logroute.spec.Name;
import io.logroute.spec.SpecReader;
import io.logroute.spec.SpecWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "apply",
        description = {
            "Stores specs in the swarm, as a config with the label logroute.spec=true, through a running controller; and"
                    + " waits until every route in them is programmed, or says why it is not.",
            "",
            "All files go into one config, in place of the one that was stored under the same name before: what is no"
                    + " longer in them is no longer declared. With a problem in them nothing is stored."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stored, and every route in them is programmed",
            "1:stored, and a route is not programmed; the message says why",
            "2:nothing was stored: problems in the specs, wrong usage, or nothing answers",
            "130:stopped by Ctrl-C; what was stored stays"
        })
final class ApplyCommand extends AskingVerb {
    private static final String NOT_YET = "the controller has not looked yet";
    private static final Duration EVERY = Duration.ofMillis(300);
    /// Why a route is not programmed and will not be by waiting.
    private static final Set<String> FOR_GOOD = Set.of("RolledBack", "Paused", "Blocked");

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            arity = "1..*",
            required = true,
            description = "Spec files, or folders with some.")
    private List<Path> files = List.of();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What they are stored under (default: the name of the file or folder, when it is one).")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "120s",
            description = "Wait so long at most; 0s stores and does not wait (default: ${DEFAULT-VALUE}).")
    private String timeout = "";

    private final boolean colour;

    ApplyCommand(boolean colour) {
        this.colour = colour;
    }

    /// What was applied and is not known to run, by name.
    ///
    /// @param sinks what the running LogRoute should say of them, too
    private record Waiting(SortedMap<String, String> routes, SortedMap<String, String> sinks) {}

    @Override
    int ask(Asking asking) throws IOException {
        var patience = patience();
        var called = called();
        Bundle bundle;
        try {
            bundle = Bundle.of(files);
        } catch (IOException e) {
            return cannot(String.valueOf(e.getMessage()));
        }
        var stored = Answer.of(asking.order("/api/v1/specs/" + Asking.encoded(called), bundle.text()));
        var ink = new Ink(colour);
        if (!stored.is("good")) {
            var problems = stored.problems().stream()
                    .map(each -> bundle.at(called, each))
                    .toList();
            tell(called, List.of(), List.of(), Map.of(), problems);
            if (!json()) {
                Findings.print(problems, ink, out());
                out().println(ink.red(
                        "Nothing was stored: mend %s first.".formatted(problems.size() == 1 ? "this" : "these")));
            }
            return Commands.CANNOT;
        }
        var done = stored.lines("done");
        if (!json()) {
            done.forEach(out()::println);
            out().flush();
        }
        var waiting = waiting(called, bundle.text());
        var routes = List.copyOf(waiting.routes().keySet());
        var why = patience.isZero() || routes.isEmpty() ? Map.<String, String>of() : await(asking, waiting, patience);
        var programmed = routes.stream()
                .filter(route -> !patience.isZero() && !why.containsKey(route))
                .toList();
        tell(called, done, programmed, why, List.of());
        if (!json()) {
            print(routes, why, patience, ink);
        }
        return why.isEmpty() ? Commands.GOOD : Commands.FOUND;
    }

    private Duration patience() {
        try {
            return Durations.parse(timeout);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line(), "--timeout is \"%s\"; write 30s or 2m".formatted(timeout), e);
        }
    }

    private String called() {
        if (name.isEmpty() && files.size() > 1) {
            throw new ParameterException(
                    line(), "several files go into one config; name what they are stored under with --name");
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
                    line(),
                    "specs cannot be stored as \"%s\"; give --name, with a-z, 0-9 and -, beginning with a letter, 40 at most"
                            .formatted(text),
                    e);
        }
    }

    private static Waiting waiting(String called, String text) {
        var routes = new TreeMap<String, String>();
        var sinks = new TreeMap<String, String>();
        for (var located : SpecReader.documents(called, text).documents()) {
            switch (located.document()) {
                case LogRoute route -> routes.put(route.name().value(), SpecWriter.write(route));
                case LogSink sink -> sinks.put(sink.name().value(), SpecWriter.write(sink));
                case io.logroute.spec.LogRouter _, io.logroute.spec.LogRouteTest _ -> {}
            }
        }
        return new Waiting(routes, sinks);
    }

    /// Gives why routes are not programmed; empty when all are.
    private Map<String, String> await(Asking asking, Waiting waiting, Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        int all = waiting.routes().size();
        Map<String, String> why = new TreeMap<>();
        var forGood = new TreeMap<String, String>();
        try (var progress = new Progress(err(), "routes programmed", false)) {
            while (true) {
                try {
                    why = look(asking, waiting, forGood);
                } catch (IOException e) {
                    // It may be another controller's turn just now.
                    why = new TreeMap<>(waiting.routes());
                    why.replaceAll((_, _) -> asking.unanswered(e));
                }
                progress.at(all - waiting.routes().size(), all);
                if (waiting.routes().isEmpty() && waiting.sinks().isEmpty() || System.nanoTime() >= end) {
                    why.putAll(forGood);
                    return why;
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(EVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it was interrupted", e);
        }
    }

    /// Takes what is programmed off the list, and what will not be, which goes to `forGood`. Gives why the
    /// others are not yet.
    private static Map<String, String> look(Asking asking, Waiting waiting, Map<String, String> forGood)
            throws IOException {
        var why = new TreeMap<String, String>();
        for (var sink : List.copyOf(waiting.sinks().keySet())) {
            var told = asking.find("/api/v1/sinks/" + Asking.encoded(sink));
            if (told.filter(answer -> answer.raw("spec").equals(waiting.sinks().get(sink)))
                    .isEmpty()) {
                // Then it does not know of the routes either; whatever it says is of the time before.
                waiting.routes()
                        .keySet()
                        .forEach(route -> why.put(
                                route,
                                "the controller does not know sink %s as it is written here yet".formatted(sink)));
                return why;
            }
            waiting.sinks().remove(sink);
        }
        boolean looked = true;
        for (var route : List.copyOf(waiting.routes().keySet())) {
            // One that is not known as it is written means that nobody has looked since: the others can wait, too.
            if (!looked) {
                why.put(route, NOT_YET);
                continue;
            }
            var told = asking.find("/api/v1/routes/" + Asking.encoded(route));
            if (told.isEmpty()) {
                why.put(route, "the controller does not know it yet");
                looked = false;
                continue;
            }
            var programmed = condition(told.get(), "Programmed");
            boolean known = told.get().raw("spec").equals(waiting.routes().get(route));
            if (known && programmed.filter(ApplyCommand::isTrue).isPresent()) {
                waiting.routes().remove(route);
                continue;
            }
            var words = notProgrammed(told.get(), programmed);
            if (known
                    && programmed
                            .filter(each -> FOR_GOOD.contains(each.raw("reason")))
                            .isPresent()) {
                waiting.routes().remove(route);
                forGood.put(route, words);
                continue;
            }
            looked = known || !words.equals(NOT_YET);
            why.put(route, words);
        }
        return why;
    }

    /// What keeps it from being programmed: its own words, and what is wrong in what is declared.
    private static String notProgrammed(Answer route, Optional<Answer> programmed) throws IOException {
        var words = new ArrayList<String>();
        for (var type : List.of("Accepted", "Resolved")) {
            condition(route, type).filter(each -> !isTrue(each)).ifPresent(each -> words.add(each.text("message")));
        }
        programmed.filter(each -> !isTrue(each)).ifPresent(each -> words.add(each.text("message")));
        return words.isEmpty() ? NOT_YET : String.join(" ", words);
    }

    private static boolean isTrue(Answer condition) {
        return condition.raw("status").equals("True");
    }

    private static Optional<Answer> condition(Answer of, String type) throws IOException {
        return of.all("conditions", true).stream()
                .filter(each -> each.raw("type").equals(type))
                .findFirst();
    }

    private void tell(
            String called,
            List<String> done,
            List<String> programmed,
            Map<String, String> why,
            List<ProblemView> problems) {
        if (!json()) {
            return;
        }
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", called);
        tree.put("good", problems.isEmpty() && why.isEmpty());
        tree.put("done", done);
        tree.put("programmed", programmed);
        tree.put("notProgrammed", why);
        tree.put("problems", problems.stream().map(ProblemView::tree).toList());
        out().println(Json.write(tree));
    }

    private void print(List<String> routes, Map<String, String> why, Duration patience, Ink ink) {
        if (routes.isEmpty()) {
            out().println("There is no route in them to wait for; logroute status tells how routers do.");
            return;
        }
        if (patience.isZero()) {
            out().println("Not waited for %s; logroute status tells how routes do."
                    .formatted(Sizes.count(routes.size(), "route")));
            return;
        }
        if (why.isEmpty()) {
            out().println(ink.green(
                    routes.size() == 1
                            ? "Route %s is programmed.".formatted(routes.getFirst())
                            : "All %d routes are programmed.".formatted(routes.size())));
            return;
        }
        out().println(ink.red("Stored, and %d of %s not programmed:"
                .formatted(why.size(), routes.size() == 1 ? "1 route is" : routes.size() + " routes are")));
        why.forEach((route, words) -> out().println("%s: %s".formatted(ink.bold("route " + route), Ink.plain(words))));
    }
}
