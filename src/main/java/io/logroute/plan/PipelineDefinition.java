package io.logroute.plan;

import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.SpecWriter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a router runs: its spec, its routes and the sinks they name, each sorted by name. Every
/// reference resolves.
public record PipelineDefinition(LogRouter router, List<LogRoute> routes, List<LogSink> sinks) {
    public PipelineDefinition {
        routes = routes.stream().sorted(Comparator.comparing(LogRoute::name)).toList();
        sinks = sinks.stream().sorted(Comparator.comparing(LogSink::name)).toList();
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

    public String name() {
        return router.name().value();
    }

    /// The name of this content.
    public Revision revision() {
        return Revision.of(text());
    }

    /// The canonical text: the same for the same content, whatever order and form people wrote it
    /// in.
    public String text() {
        return Stream.of(Stream.of(router), routes.stream(), sinks.stream())
                .flatMap(documents -> documents)
                .map(SpecWriter::write)
                .collect(Collectors.joining("---\n"));
    }

    @Override
    public String toString() {
        return name() + "-" + revision();
    }
}
