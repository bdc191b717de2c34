package io.logroute.plan.swarm;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The Swarm service of one router instance, as wanted or as seen: one shape, so that they can be compared.
///
/// @param node the id of the node that it is pinned to; empty where a seen one is pinned to none
/// @param constraints the others, sorted
/// @param configs what is mounted, by path, sorted
/// @param secrets names of Docker secrets, by the name of their file under `/run/secrets`
/// @param attachments sorted by network
/// @param ports published in host mode, sorted
/// @param environment without what depends on the mounted pipeline
/// @param labels without what depends on the mounted pipeline, and without [Label#WANTED]
/// @param pipeline the pipeline that is mounted
/// @param replicas 1; whoever scales it by hand makes another number of it
/// @param oddities what is set in a seen one that no service of ours has: `TaskTemplate.ContainerSpec.Sysctls`
public record RouterService(
        String name,
        String router,
        int instance,
        String image,
        String node,
        List<String> constraints,
        Mounted pipeline,
        SortedMap<String, String> configs,
        SortedMap<String, String> secrets,
        Volume volume,
        List<Attachment> attachments,
        List<Integer> ports,
        Optional<Long> memoryBytes,
        Optional<Long> nanoCpus,
        SortedMap<String, String> environment,
        SortedMap<String, String> labels,
        long replicas,
        List<String> oddities) {

    /// The pipeline that a container is started with.
    public record Mounted(String revision, long generation) {}

    /// The volume at `/data`.
    public record Volume(String name, String driver, SortedMap<String, String> options) {
        public Volume {
            options = sorted(options);
        }
    }

    /// A network, by name, and the aliases on it, sorted.
    public record Attachment(String network, List<String> aliases) {
        public Attachment {
            aliases = aliases.stream().sorted().toList();
        }
    }

    public RouterService {
        constraints = constraints.stream().sorted().toList();
        configs = sorted(configs);
        secrets = sorted(secrets);
        attachments = attachments.stream()
                .sorted(java.util.Comparator.comparing(Attachment::network))
                .toList();
        ports = ports.stream().sorted().toList();
        environment = sorted(environment);
        labels = sorted(labels);
        oddities = oddities.stream().sorted().toList();
    }

    /// The same with another pipeline mounted.
    RouterService mounting(Mounted other, Map<String, String> files) {
        return new RouterService(
                name,
                router,
                instance,
                image,
                node,
                constraints,
                other,
                new TreeMap<>(files),
                secrets,
                volume,
                attachments,
                ports,
                memoryBytes,
                nanoCpus,
                environment,
                labels,
                replicas,
                oddities);
    }

    /// What differs from the other in words: `image logroute:1 -> logroute:2, memory 512 -> 1024`.
    String differences(RouterService wanted) {
        var out = new java.util.ArrayList<String>();
        for (var component : RouterService.class.getRecordComponents()) {
            var mine = get(component, this);
            var theirs = get(component, wanted);
            if (mine.equals(theirs) || component.getName().equals("configs") && !pipeline.equals(wanted.pipeline)) {
                continue; // configs come with the pipeline
            }
            out.add(
                    mine instanceof Map<?, ?> some && theirs instanceof Map<?, ?> others
                            ? "%s %s -> %s".formatted(component.getName(), only(some, others), only(others, some))
                            : "%s %s -> %s".formatted(component.getName(), brief(mine), brief(theirs)));
        }
        return String.join(", ", out);
    }

    /// What the other one has not, or has otherwise.
    private static String only(Map<?, ?> some, Map<?, ?> others) {
        var only = new TreeMap<String, String>();
        some.forEach((key, value) -> {
            if (!value.equals(others.get(key))) {
                only.put(String.valueOf(key), String.valueOf(value));
            }
        });
        return only.isEmpty() ? "none" : only.toString();
    }

    private static String brief(Object value) {
        return switch (value) {
            case Optional<?> none when none.isEmpty() -> "none";
            case Optional<?> some -> some.get().toString();
            case Mounted mounted -> mounted.revision();
            default -> value.toString();
        };
    }

    private static Object get(java.lang.reflect.RecordComponent component, RouterService of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    private static SortedMap<String, String> sorted(Map<String, String> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
