package io.logroute.face;

import io.logroute.control.SpecFiles;
import io.logroute.flow.Json;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Foresight;
import io.logroute.router.Rehearsal;
import io.logroute.router.Sample;
import io.logroute.router.Trial;
import io.logroute.spec.LogRoute;
import io.logroute.spec.Read;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = {
            "Tells what becomes of events: for every route whether it takes them, or why not; what each filter changes;"
                    + " and where they come out. It is worked out by the code that routers run; nothing is sent.",
            "",
            "Events are JSON objects: one, a list of them, or one a line. Filters that hold or count, such as multiline"
                    + " and throttle, see them in this order, each at the time of its @timestamp, or now."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:explained",
            "1:there are problems in the specs; what can run was explained",
            "2:wrong usage, nothing answers, or there is no event to explain"
        },
        footer = {
            "",
            "For instance: echo '{\"service_name\":\"shop_web\",\"level\":\"error\"}' | logroute explain examples/quickstart"
        })
final class ExplainCommand extends Verb {
    /// Bytes that are read, and events in them: enough to look at, and no more than fits.
    private static final int MOST_BYTES = 16 << 20;

    private static final int MOST_EVENTS = 10_000;

    @Parameters(
            paramLabel = "PATH",
            arity = "0..*",
            description = "Spec files, or folders with some. Without any: the routes of the running LogRoute at --url.")
    private List<Path> paths = List.of();

    @Mixin
    private Where where = new Where();

    @Option(
            names = "--event",
            paramLabel = "FILE",
            description = "File with the events; - is the standard input, which is read when nothing is said.")
    private Optional<String> event = Optional.empty();

    @Option(
            names = "--sample",
            description = "Make up an event for each route, one that its match takes, and tell what takes it.")
    private boolean sample;

    private final Supplier<Foresight> foresight;
    private final InputStream in;
    private final InstantSource clock;
    private final boolean colour;

    ExplainCommand(Supplier<Foresight> foresight, InputStream in, InstantSource clock, boolean colour) {
        this.foresight = foresight;
        this.in = in;
        this.clock = clock;
        this.colour = colour;
    }

    /// There is nothing to explain; the message is for the user.
    private static final class NoEvent extends Exception {
        NoEvent(String message) {
            super(message);
        }
    }

    @Override
    public Integer call() {
        if (sample && event.isPresent()) {
            return cannot("--sample makes up the events; leave away one of --sample and --event");
        }
        if (!paths.isEmpty() && line().getParseResult().hasMatchedOption("--url")) {
            return cannot("spec files and --url are both named; leave away one of them");
        }
        if (paths.isEmpty()) {
            return running();
        }
        var declared = Declared.of(
                SpecFiles.once(paths).read(), Declared.NOTHING, foresight.get().templates());
        return explain(declared.pipelines(), ProblemView.of(declared.problems()));
    }

    /// Explains what the routers of a running LogRoute run.
    private int running() {
        var asking = where.asking(line());
        var pipelines = new ArrayList<PipelineDefinition>();
        try {
            for (var router : Answer.all(asking.get("/api/v1/routers"))) {
                var told = asking.find("/api/v1/routers/%s/pipeline".formatted(Asking.encoded(router.raw("name"))));
                if (told.isEmpty()) {
                    continue;
                }
                switch (PipelineDefinition.parse(told.get().raw("text"))) {
                    case Read.Good<PipelineDefinition>(var pipeline) -> pipelines.add(pipeline);
                    case Read.Bad<PipelineDefinition>(var problems) -> {
                        Findings.print(ProblemView.of(problems), new Ink(colour), err());
                        return cannot(
                                "what router %s runs cannot be read by this logroute, %s; take the one that runs there"
                                        .formatted(router.text("name"), Commands.Version.number()));
                    }
                }
                if (!told.get().is("running")) {
                    err().println("Router %s does not run revision %s yet, which is explained here."
                            .formatted(router.text("name"), told.get().text("revision")));
                }
            }
        } catch (IOException e) {
            return cannot(asking.unanswered(e));
        }
        return explain(pipelines, List.of());
    }

    private int explain(List<PipelineDefinition> pipelines, List<ProblemView> problems) {
        if (!json()) {
            Findings.print(problems, new Ink(colour), err());
        }
        if (pipelines.isEmpty()) {
            if (json()) {
                out().println(written(Map.of(
                        "problems", problems.stream().map(ProblemView::tree).toList(), "routers", List.of())));
            }
            return problems.isEmpty()
                    ? cannot("no router is declared there; declare one, with a route")
                    : Commands.FOUND;
        }
        try {
            var explained = sample ? samples(pipelines) : given(pipelines);
            if (json()) {
                var tree = new LinkedHashMap<String, @Nullable Object>();
                tree.put("problems", problems.stream().map(ProblemView::tree).toList());
                tree.put("routers", explained.stream().map(Explained::tree).toList());
                out().println(written(tree));
            } else {
                var text = new ExplainedText(new Ink(colour), out());
                explained.forEach(text::print);
            }
            return problems.isEmpty() ? Commands.GOOD : Commands.FOUND;
        } catch (NoEvent e) {
            return cannot(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return cannot("a filter cannot be made: " + e.getMessage());
        }
    }

    private List<Explained> given(List<PipelineDefinition> pipelines) throws NoEvent, IOException {
        var events = events();
        var out = new ArrayList<Explained>();
        for (var pipeline : pipelines) {
            try (var rehearsal = Rehearsal.of(pipeline)) {
                var trips = new ArrayList<Explained.Told>();
                for (var fields : events) {
                    trips.add(new Explained.Told(Optional.empty(), fields, rehearsal.take(at(fields))));
                }
                out.add(new Explained(pipeline.name(), trips, rehearsal.end(), List.of()));
            }
        }
        return out;
    }

    /// For each route an event of its own, and what takes it.
    private List<Explained> samples(List<PipelineDefinition> pipelines) throws IOException {
        var out = new ArrayList<Explained>();
        for (var pipeline : pipelines) {
            var trips = new ArrayList<Explained.Told>();
            var without = new ArrayList<String>();
            for (var route : pipeline.routes()) {
                var told = sample(pipeline, route);
                told.ifPresentOrElse(trips::add, () -> without.add(route.name().value()));
            }
            out.add(new Explained(pipeline.name(), trips, new Rehearsal.Trip(List.of()), without));
        }
        return out;
    }

    /// One that the route takes; empty when none can be made up.
    private Optional<Explained.Told> sample(PipelineDefinition pipeline, LogRoute route) throws IOException {
        var made = Sample.of(route);
        if (made.isEmpty()) {
            return Optional.empty();
        }
        try (var rehearsal = Rehearsal.of(pipeline)) {
            var trip = rehearsal.take(at(made.get()));
            var name = route.name().value();
            if (!trip.takenBy().contains(name)) {
                return Optional.empty();
            }
            var held = rehearsal.end();
            var taken = new ArrayList<>(trip.passages());
            taken.removeIf(passage -> passage.outcome() != Rehearsal.Outcome.TAKEN);
            taken.addAll(held.passages().stream()
                    .filter(each -> each.outcome() == Rehearsal.Outcome.TAKEN)
                    .toList());
            return Optional.of(new Explained.Told(Optional.of(name), made.get(), new Rehearsal.Trip(taken)));
        }
    }

    private Rehearsal.Given at(Map<String, @Nullable Object> fields) {
        Instant at = Trial.ownTime(fields).orElseGet(clock::instant);
        return new Rehearsal.Given(fields, at);
    }

    private List<Map<String, @Nullable Object>> events() throws NoEvent {
        var from = event.orElse("-");
        var name = from.equals("-") ? "the standard input" : from;
        if (from.equals("-") && System.console() instanceof Console console && console.isTerminal() && !json()) {
            err().println("Reading events from the standard input, as JSON; Ctrl-D ends them.");
        }
        var text = text(from, name);
        if (text.isBlank()) {
            throw new NoEvent("there is no event in %s; write JSON, such as {\"msg\":\"hello\"}, or use --sample"
                    .formatted(name));
        }
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            var whole = Json.value(bytes, 0, bytes.length);
            if (whole instanceof Map<?, ?> one) {
                return List.of(object(one));
            }
            if (whole instanceof List<?> list
                    && !list.isEmpty()
                    && list.stream().allMatch(Map.class::isInstance)) {
                return list.stream().map(each -> object((Map<?, ?>) each)).toList();
            }
        } catch (IllegalArgumentException e) {
            // Then they stand one a line.
        }
        return lines(text, name);
    }

    private static List<Map<String, @Nullable Object>> lines(String text, String name) throws NoEvent {
        var events = new ArrayList<Map<String, @Nullable Object>>();
        int number = 0;
        for (var line : text.lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            if (events.size() == MOST_EVENTS) {
                throw new NoEvent("%s has more than %d events; give fewer".formatted(name, MOST_EVENTS));
            }
            try {
                var bytes = line.getBytes(StandardCharsets.UTF_8);
                events.add(Json.parse(bytes, 0, bytes.length));
            } catch (IllegalArgumentException e) {
                throw new NoEvent("%s, line %d is no JSON object (%s); write one event a line, or one in all"
                        .formatted(name, number, e.getMessage()));
            }
        }
        return events;
    }

    private String text(String from, String name) throws NoEvent {
        try (var input = from.equals("-") ? in : Files.newInputStream(Path.of(from))) {
            var bytes = input.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new NoEvent("%s is larger than %s; give fewer events".formatted(name, Sizes.text(MOST_BYTES)));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new NoEvent(
                    "there is no file %s; name one that is there, or - for the standard input".formatted(from));
        } catch (IOException e) {
            throw new NoEvent("%s cannot be read: %s".formatted(name, e.getMessage()));
        }
    }

    private static Map<String, @Nullable Object> object(Map<?, ?> map) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> object.put(String.valueOf(key), value));
        return object;
    }
}
