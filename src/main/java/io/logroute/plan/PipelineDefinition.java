package io.logroute.plan;

import io.logroute.spec.Document;
import io.logroute.spec.Glob;
import io.logroute.spec.Located;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.NamedFiles;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import io.logroute.spec.SpecReader;
import io.logroute.spec.SpecWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a router runs: its spec, its routes and the sinks they name, each sorted by name. Every
/// reference resolves.
public final class PipelineDefinition {
    private final LogRouter router;
    private final List<LogRoute> routes;
    private final List<LogSink> sinks;
    private final Map<String, LogRoute> byName;
    /// Rendered once: it is asked for every second. Whichever thread's it is, it is the same.
    private @Nullable Revision revision;
    /// Found once, as well.
    private @Nullable Set<Path> files;

    /// @throws IllegalArgumentException when a route names a sink that is not there
    public PipelineDefinition(LogRouter router, List<LogRoute> routes, List<LogSink> sinks) {
        this.router = router;
        this.routes =
                routes.stream().sorted(Comparator.comparing(LogRoute::name)).toList();
        this.byName = this.routes.stream()
                .collect(Collectors.toMap(route -> route.name().value(), route -> route, (first, _) -> first));
        this.sinks = sinks.stream().sorted(Comparator.comparing(LogSink::name)).toList();
        var names = sinks.stream().map(LogSink::name).collect(Collectors.toSet());
        for (var route : routes) {
            for (var target : route.to()) {
                if (!names.contains(target.sink())) {
                    throw new IllegalArgumentException("route %s names sink %s, which the pipeline does not have"
                            .formatted(route.name(), target.sink()));
                }
            }
        }
    }

    /// The pipeline that [#text] wrote.
    public static Read<PipelineDefinition> parse(String text) {
        var reading = SpecReader.documents("pipeline", text);
        if (!reading.broken().isEmpty()) {
            return new Read.Bad<>(reading.problems());
        }
        var documents = reading.documents().stream().map(Located::document).toList();
        var routers = all(LogRouter.class, documents);
        if (routers.size() != 1) {
            return new Read.Bad<>(List.of(new Problem(
                    "pipeline",
                    "it has %d routers".formatted(routers.size()),
                    "Give the text of one pipeline, with the LogRouter that it is of.")));
        }
        try {
            return new Read.Good<>(new PipelineDefinition(
                    routers.getFirst(), all(LogRoute.class, documents), all(LogSink.class, documents)));
        } catch (IllegalArgumentException e) {
            return new Read.Bad<>(List.of(new Problem(
                    "pipeline", String.valueOf(e.getMessage()), "Give the text that LogRoute wrote, whole.")));
        }
    }

    private static <T extends Document> List<T> all(Class<T> kind, List<Document> documents) {
        return documents.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    public LogRouter router() {
        return router;
    }

    public List<LogRoute> routes() {
        return routes;
    }

    /// The route of that name, whatever their number in about the same time.
    public Optional<LogRoute> route(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public List<LogSink> sinks() {
        return sinks;
    }

    /// Services that say in labels of theirs where their logs go.
    public Set<String> servicesWithLabels() {
        return routes.stream()
                .filter(route -> route.name().value().contains("--"))
                .flatMap(route -> route.match().service().stream())
                .filter(Glob::isPlain)
                .map(Glob::text)
                .collect(Collectors.toUnmodifiableSet());
    }

    public String name() {
        return router.name().value();
    }

    /// The name of this content.
    public Revision revision() {
        var known = revision;
        if (known == null) {
            known = Revision.of(text());
            revision = known;
        }
        return known;
    }

    /// The files that its documents name: secrets, certificates, keys.
    public Set<Path> files() {
        var known = files;
        if (known == null) {
            known = documents()
                    .flatMap(document -> NamedFiles.of(document).values().stream())
                    .collect(Collectors.toUnmodifiableSet());
            files = known;
        }
        return known;
    }

    private Stream<Document> documents() {
        return Stream.of(Stream.of(router), routes.stream(), sinks.stream()).flatMap(documents -> documents);
    }

    /// The canonical text: the same for the same content, whatever order and form people wrote it
    /// in.
    public String text() {
        return documents().map(SpecWriter::write).collect(Collectors.joining("---\n"));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PipelineDefinition that
                && router.equals(that.router)
                && routes.equals(that.routes)
                && sinks.equals(that.sinks);
    }

    @Override
    public int hashCode() {
        return Objects.hash(router, routes, sinks);
    }

    @Override
    public String toString() {
        return name() + "-" + revision();
    }
}
