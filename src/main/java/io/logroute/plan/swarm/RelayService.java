package io.logroute.plan.swarm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A Swarm service of a relay that we deploy, the Redis or the exporter beside it, as wanted or as
/// seen: one shape, so that they can be compared.
///
/// No secret is in it but by name: what Docker shows of a service, it shows to everybody.
///
/// @param relay the relay that it is of
/// @param node the id of the node that it is pinned to; empty where it is pinned to none
/// @param constraints the others, sorted
/// @param command what its shell runs, in place of what the image would
/// @param health what the shell runs to see how it does; empty where nothing is asked
/// @param secrets names of Docker secrets, by the name of their file under `/run/secrets`
/// @param volume at `/data`
/// @param attachments sorted by network
/// @param ports published in host mode, each for [#PORT]; sorted
/// @param labels without [Label#WANTED]
/// @param replicas 1; whoever scales it by hand makes another number of it
/// @param oddities what is set in a seen one that no service of ours has:
///     `TaskTemplate.ContainerSpec.Sysctls`
public record RelayService(
        String name,
        String relay,
        Part part,
        String image,
        String node,
        List<String> constraints,
        String command,
        String health,
        SortedMap<String, String> secrets,
        RouterService.Volume volume,
        List<RouterService.Attachment> attachments,
        List<Integer> ports,
        Optional<Long> memoryBytes,
        SortedMap<String, String> labels,
        long replicas,
        List<String> oddities)
        implements Placed {
    /// Where Redis listens in its container.
    public static final int PORT = 6379;

    /// What it is of a relay.
    public enum Part {
        /// The Redis itself.
        REDIS("relay"),
        /// What tells Prometheus how the Redis does.
        EXPORTER("relay-exporter");

        private final String role;

        Part(String role) {
            this.role = role;
        }

        /// What [Label#ROLE] says of it.
        public String role() {
            return role;
        }

        /// As it is called in sentences.
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public RelayService {
        constraints = constraints.stream().sorted().toList();
        secrets = sorted(secrets);
        attachments = attachments.stream()
                .sorted(Comparator.comparing(RouterService.Attachment::network))
                .toList();
        ports = ports.stream().sorted().toList();
        labels = sorted(labels);
        oddities = oddities.stream().sorted().toList();
    }

    /// What differs from the other in words. Of labels and of the volume's options only names are told,
    /// and of what its shell runs nothing: whoever wrote them may have put a secret there.
    String differences(RelayService wanted) {
        var out = new ArrayList<String>();
        RouterService.tell(out, "image", image, wanted.image);
        RouterService.tell(out, "node", node, wanted.node);
        RouterService.tell(out, "constraints", constraints, wanted.constraints);
        if (!command.equals(wanted.command)) {
            out.add("its settings");
        }
        if (!health.equals(wanted.health)) {
            out.add("its health check");
        }
        RouterService.tell(
                out,
                "secrets",
                RouterService.only(secrets, wanted.secrets),
                RouterService.only(wanted.secrets, secrets));
        RouterService.tell(out, "volume", volume.place(), wanted.volume.place());
        RouterService.tellNames(out, "volume options", volume.options(), wanted.volume.options());
        RouterService.tell(out, "networks", attachments, wanted.attachments);
        RouterService.tell(out, "ports", ports, wanted.ports);
        RouterService.tell(out, "memoryBytes", memoryBytes, wanted.memoryBytes);
        RouterService.tellNames(out, "labels", labels, wanted.labels);
        RouterService.tell(out, "replicas", replicas, wanted.replicas);
        RouterService.tell(out, "oddities", oddities, wanted.oddities);
        return String.join(", ", out);
    }

    private static SortedMap<String, String> sorted(SortedMap<String, String> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
