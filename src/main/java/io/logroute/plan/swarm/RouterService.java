package io.logroute.plan.swarm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The Swarm service of one router instance, as wanted or as seen: one shape, so that they can be compared.
///
/// @param node the id of the node that it is pinned to; empty where it is pinned to none
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
        List<String> oddities)
        implements Placed {

    /// In the environment: Docker's socket on the node. It is mounted at the same place where this is there.
    public static final String DOCKER_SOCKET = "LOGROUTE_DOCKER_SOCKET";

    /// The pipeline that a container is started with.
    public record Mounted(String revision, long generation) {}

    /// The volume at `/data`.
    public record Volume(String name, String driver, SortedMap<String, String> options) {
        public Volume {
            options = sorted(options);
        }

        /// Of an instance that keeps nothing on a volume.
        public static final Volume NONE = new Volume("", "", new TreeMap<>());

        /// Without its options.
        String place() {
            return "%s (%s)".formatted(name, driver);
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

    @Override
    public boolean isOf(String other) {
        return router.equals(other);
    }

    /// The same with the constraints and ports of another one.
    RouterService standing(RouterService other) {
        return new RouterService(
                name,
                router,
                instance,
                image,
                node,
                other.constraints,
                pipeline,
                configs,
                secrets,
                volume,
                attachments,
                other.ports,
                memoryBytes,
                nanoCpus,
                environment,
                labels,
                replicas,
                oddities);
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

    /// Whether its router is handed the secret of that name, to know the controller by.
    boolean knows(String link) {
        return link.equals(secrets.get(Fleets.LINK));
    }

    /// The same with another secret that its router knows the controller by.
    RouterService knowing(String link) {
        var others = new TreeMap<>(secrets);
        others.put(Fleets.LINK, link);
        return new RouterService(
                name,
                router,
                instance,
                image,
                node,
                constraints,
                pipeline,
                configs,
                others,
                volume,
                attachments,
                ports,
                memoryBytes,
                nanoCpus,
                environment,
                labels,
                replicas,
                List.of());
    }

    /// What differs from the other in words: `image logroute:1 -> logroute:2, replicas 2 -> 1`. Of the
    /// environment, of labels and of the volume's options only names are told: whoever wrote them may have put a
    /// secret there, as shares of Windows want it.
    String differences(RouterService wanted) {
        var out = new ArrayList<String>();
        tell(out, "image", image, wanted.image);
        tell(out, "node", node, wanted.node);
        tell(out, "constraints", constraints, wanted.constraints);
        tell(out, "pipeline", pipeline, wanted.pipeline);
        if (pipeline.equals(wanted.pipeline)) { // configs come with the pipeline
            tell(out, "configs", only(configs, wanted.configs), only(wanted.configs, configs));
        }
        tell(out, "secrets", only(secrets, wanted.secrets), only(wanted.secrets, secrets));
        tell(out, "volume", volume.place(), wanted.volume.place());
        tellNames(out, "volume options", volume.options, wanted.volume.options);
        tell(out, "networks", attachments, wanted.attachments);
        tell(out, "ports", ports, wanted.ports);
        tell(out, "memoryBytes", memoryBytes, wanted.memoryBytes);
        tell(out, "nanoCpus", nanoCpus, wanted.nanoCpus);
        tellNames(out, "environment", environment, wanted.environment);
        tellNames(out, "labels", labels, wanted.labels);
        tell(out, "replicas", replicas, wanted.replicas);
        tell(out, "oddities", oddities, wanted.oddities);
        return String.join(", ", out);
    }

    static void tell(List<String> out, String what, Object is, Object wanted) {
        if (!is.equals(wanted)) {
            out.add("%s %s -> %s".formatted(what, brief(is), brief(wanted)));
        }
    }

    static void tellNames(
            List<String> out, String what, SortedMap<String, String> is, SortedMap<String, String> wanted) {
        if (!is.equals(wanted)) {
            out.add("%s %s -> %s"
                    .formatted(
                            what,
                            brief(only(is, wanted).keySet()),
                            brief(only(wanted, is).keySet())));
        }
    }

    /// What the other one has not, or has otherwise.
    static SortedMap<String, String> only(SortedMap<String, String> some, SortedMap<String, String> others) {
        var only = new TreeMap<>(some);
        only.entrySet().removeIf(entry -> entry.getValue().equals(others.get(entry.getKey())));
        return only;
    }

    private static String brief(Object value) {
        return switch (value) {
            case Optional<?> none when none.isEmpty() -> "none";
            case Optional<?> some -> some.get().toString();
            case Map<?, ?> none when none.isEmpty() -> "none";
            case Collection<?> none when none.isEmpty() -> "none";
            case Mounted mounted -> "%s (%d)".formatted(mounted.revision(), mounted.generation());
            default -> value.toString();
        };
    }

    private static SortedMap<String, String> sorted(Map<String, String> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
