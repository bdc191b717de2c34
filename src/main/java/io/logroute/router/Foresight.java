package io.logroute.router;

import io.logroute.parts.elastic.MappedFields;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Doubts;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.RouteTests;
import io.logroute.plan.Writes;
import io.logroute.spec.Document;
import io.logroute.spec.Located;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.Name;
import io.logroute.spec.NamedFiles;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SinkSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What will come of what is declared, told beforehand: it runs the tests of routes, and warns of what
/// can be run and will hardly do what was meant. Safe for all threads.
public final class Foresight implements RouteTests {
    private static final int REMEMBERED = 2_000;

    private final Mappings mappings;
    /// What tests gave, for those that are asked again and again while nothing changes.
    private final LinkedHashMap<Asked, Trial> trials = new LinkedHashMap<>(64, 0.75f, true);

    private record Asked(PipelineDefinition pipeline, LogRouteTest test) {}

    public Foresight(Mappings mappings) {
        this.mappings = mappings;
    }

    /// Names of the index templates that there are.
    public Set<String> templates() {
        try {
            return new TreeSet<>(mappings.names());
        } catch (IOException e) {
            throw new UncheckedIOException("the templates in the jar cannot be read; build it anew", e);
        }
    }

    @Override
    public List<Problem> failures(PipelineDefinition pipeline, LogRoute route, List<Located> tests) {
        var problems = new ArrayList<Problem>();
        for (var located : tests) {
            var test = (LogRouteTest) located.document();
            try {
                var trial = trial(pipeline, test);
                if (!trial.holds()) {
                    problems.add(failure(located, trial));
                }
            } catch (IOException e) {
                problems.add(new Problem(
                        located.where("spec.route"),
                        "test %s cannot be run: %s".formatted(test.name(), e.getMessage()),
                        "Mend route %s.".formatted(route.name())));
            }
        }
        return problems;
    }

    /// Runs a test, or remembers what it gave.
    ///
    /// @throws IOException when a filter of the route cannot be made, with what, where and how to mend
    public synchronized Trial trial(PipelineDefinition pipeline, LogRouteTest test) throws IOException {
        var asked = new Asked(Trial.around(pipeline, test), test);
        var known = trials.get(asked);
        if (known == null) {
            known = Trial.of(asked.pipeline(), test);
            trials.put(asked, known);
            if (trials.size() > REMEMBERED) {
                trials.pollFirstEntry();
            }
        }
        return known;
    }

    private static Problem failure(Located located, Trial trial) {
        var first = trial.differences().getFirst();
        int others = trial.differences().size() - 1;
        var detail = first.details().isEmpty() ? "" : ": " + first.details().getFirst();
        return new Problem(
                located.where(first.entry().map("spec.expect[%d]"::formatted).orElse("spec.expect")),
                "test %s of route %s fails: %s%s%s"
                        .formatted(
                                trial.test().name(),
                                trial.test().route(),
                                first.what(),
                                detail,
                                others == 0 ? "" : ", and %d more".formatted(others)),
                "Mend the route or the test; logroute test shows all of it.");
    }

    /// What can be run and will hardly do what was meant, sorted by place. What has problems of another kind
    /// is looked at, too.
    public List<Problem> warnings(Reading reading) {
        var documents = reading.documents();
        var routes = documents.stream()
                .filter(each -> each.document() instanceof LogRoute)
                .sorted(Comparator.comparing(each -> each.document().name()))
                .toList();
        var warnings = new ArrayList<>(Doubts.about(routes));
        // A route that cannot be read may be the one that takes the rest.
        if (reading.broken().stream()
                .allMatch(broken ->
                        broken.kind().filter(kind -> !kind.equals("LogRoute")).isPresent())) {
            warnings.addAll(Doubts.aboutUnrouted(documents));
        }
        for (var located : documents) {
            files(located, warnings);
        }
        var templates = templatesOfSinks(documents);
        var mapped = new HashMap<Name, MappedFields>();
        for (var located : routes) {
            fields(located, templates, mapped, warnings);
        }
        return warnings.stream().distinct().sorted().toList();
    }

    private static void files(Located located, List<Problem> warnings) {
        NamedFiles.of(located.document())
                .forEach((place, file) -> trouble(file)
                        .ifPresent(trouble -> warnings.add(new Problem(
                                located.where(place),
                                trouble,
                                "%s reads it where it runs; put it there, or name another."
                                        .formatted(reader(located.document()))))));
    }

    private static Optional<String> trouble(Path file) {
        if (Files.isDirectory(file)) {
            return Optional.of("%s is a folder".formatted(file));
        }
        if (!Files.exists(file)) {
            return Optional.of("there is no file %s on this machine".formatted(file));
        }
        return Files.isReadable(file)
                ? Optional.empty()
                : Optional.of("the file %s cannot be read by this user".formatted(file));
    }

    private static String reader(Document document) {
        return switch (document) {
            case LogRouter router -> "Router " + router.name();
            case LogRoute route -> "Router " + route.router();
            case LogSink _, LogRelay _, LogRouteTest _ -> "The router";
        };
    }

    /// The templates of the sinks that have one that is there.
    private Map<Name, Set<Name>> templatesOfSinks(List<Located> documents) {
        var known = templates();
        var templates = new HashMap<Name, Set<Name>>();
        for (var each : documents) {
            if (each.document() instanceof LogSink sink) {
                sink.to()
                        .bulkApi()
                        .flatMap(SinkSpec.Elasticsearch::template)
                        .filter(template -> known.contains(template.value()))
                        .ifPresent(template -> templates
                                .computeIfAbsent(sink.name(), _ -> new TreeSet<>())
                                .add(template));
            }
        }
        return templates;
    }

    /// Fields that the filters of a route write, by the templates of its sinks.
    ///
    /// @param read the templates that were read before
    private void fields(
            Located located, Map<Name, Set<Name>> ofSinks, Map<Name, MappedFields> read, List<Problem> warnings) {
        var route = (LogRoute) located.document();
        var templates = new TreeSet<Name>();
        for (var target : route.to()) {
            templates.addAll(ofSinks.getOrDefault(target.sink(), Set.of()));
        }
        for (var template : templates) {
            try {
                var mapped = read.get(template);
                if (mapped == null) {
                    mapped = MappedFields.of(mappings, template);
                    read.put(template, mapped);
                }
                for (var written : Writes.of(located)) {
                    mapped.about(written.field(), written.kind(), written.text())
                            .ifPresent(doubt -> warnings.add(new Problem(written.where(), doubt.what(), doubt.mend())));
                }
            } catch (IOException e) {
                warnings.add(new Problem(
                        located.where("spec.to"),
                        "the fields cannot be looked at: " + e.getMessage(),
                        "Mend the template."));
            }
        }
    }
}
