package io.logroute.plan.swarm;

import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.ByteSize;
import io.logroute.spec.DeploySpec;
import io.logroute.spec.LogSink;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What the service of an instance looks like, by what is declared.
final class Shape {
    /// Where the volume of an instance is in its container.
    private static final String DATA = "/data/";

    private Shape() {}

    static DeploySpec deploy(PipelineDefinition pipeline) {
        return pipeline.router().deploy().orElse(DeploySpec.USUAL);
    }

    /// Whether instances keep their events on no volume of theirs, so that Swarm may move them.
    static boolean keepsElsewhere(PipelineDefinition pipeline) {
        return pipeline.router().buffer().jetstream().isPresent();
    }

    /// Whether a sink writes files on the volumes of instances.
    static boolean writesOnVolume(PipelineDefinition pipeline) {
        return pipeline.sinks().stream()
                .map(LogSink::to)
                .filter(SinkSpec.File.class::isInstance)
                .map(file -> ((SinkSpec.File) file).path().text())
                .anyMatch(path -> !path.startsWith("/") || path.startsWith(DATA));
    }

    /// Docker secrets of a pipeline: those that its documents name as files, and those of `deploy.secrets`.
    static Set<String> secrets(PipelineDefinition pipeline) {
        var names = new TreeSet<>(deploy(pipeline).secrets());
        pipeline.files().stream()
                .filter(file -> Fleets.SECRETS.equals(file.getParent()))
                .map(file -> file.getFileName().toString())
                .forEach(names::add);
        names.remove(Fleets.LINK);
        return names;
    }

    static String image(PipelineDefinition pipeline, Installation here) {
        return deploy(pipeline).image().orElse(here.image());
    }

    /// Docker's socket on the node, where a source reads from it.
    private static Optional<String> socket(PipelineDefinition pipeline) {
        return pipeline.router().sources().stream()
                .filter(SourceSpec.Docker.class::isInstance)
                .flatMap(docker -> ((SourceSpec.Docker) docker).socket().stream())
                .findFirst();
    }

    /// @param node the id of its node; empty where it is pinned to none
    static RouterService service(
            Installation here,
            PipelineDefinition pipeline,
            int instance,
            String node,
            RouterService.Mounted mounted,
            SortedMap<String, String> configs) {
        var deploy = deploy(pipeline);
        var router = pipeline.name();
        var name = here.service(router, instance);
        var files = new TreeMap<String, String>();
        secrets(pipeline).forEach(secret -> files.put(secret, secret));
        files.put(Fleets.LINK, here.linkSecret());
        var environment = new TreeMap<>(deploy.environment());
        environment.put("LOGROUTE_ROUTER", router);
        environment.put("LOGROUTE_INSTANCE", Integer.toString(instance));
        socket(pipeline).ifPresent(path -> environment.put(RouterService.DOCKER_SOCKET, path));
        var labels = new TreeMap<>(deploy.labels());
        labels.put(Label.MANAGED_BY, here.prefix());
        labels.put(Label.ROLE, "router");
        labels.put(Label.ROUTER, router);
        labels.put(Label.INSTANCE, Integer.toString(instance));
        var aliases = Stream.concat(Stream.of(router), deploy.aliases().stream())
                .distinct()
                .toList();
        return new RouterService(
                name,
                router,
                instance,
                image(pipeline, here),
                node,
                deploy.constraints(),
                mounted,
                configs,
                files,
                node.isEmpty()
                        ? RouterService.Volume.NONE
                        : new RouterService.Volume(
                                name,
                                deploy.volume().driver(),
                                new TreeMap<>(deploy.volume().options())),
                Stream.concat(Stream.of(here.network()), deploy.networks().stream())
                        .distinct()
                        .map(network -> new RouterService.Attachment(network, aliases))
                        .toList(),
                deploy.publish(),
                deploy.resources().memory().map(ByteSize::bytes),
                deploy.resources().cpus().map(Shape::nano),
                environment,
                labels,
                1,
                java.util.List.of());
    }

    private static long nano(String cpus) {
        return new BigDecimal(cpus).movePointRight(9).longValueExact();
    }
}
