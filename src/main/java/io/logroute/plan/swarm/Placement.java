package io.logroute.plan.swarm;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// On which node a new instance, or a relay, goes. They stay on theirs for life.
final class Placement {
    private Placement() {}

    /// The node with the fewest instances of the router, then with the fewest services of all, then by
    /// name.
    ///
    /// @param there all services that have a place, those that are about to be made among them
    /// @param ports that the instance publishes: free on its node
    static Optional<Seen.Node> choose(
            Collection<Seen.Node> nodes,
            List<String> constraints,
            String router,
            List<Integer> ports,
            Collection<? extends Placed> there) {
        return fitting(nodes, constraints).stream()
                .filter(node -> there.stream()
                        .filter(each -> each.node().equals(node.id()))
                        .noneMatch(each -> each.ports().stream().anyMatch(ports::contains)))
                .min(Comparator.<Seen.Node>comparingLong(node -> there.stream()
                                .filter(each -> each.node().equals(node.id()) && each.isOf(router))
                                .count())
                        .thenComparingLong(node -> there.stream()
                                .filter(each -> each.node().equals(node.id()))
                                .count())
                        .thenComparing(Seen.Node::hostname)
                        .thenComparing(Seen.Node::id));
    }

    /// The nodes that can take tasks and that the constraints allow.
    static List<Seen.Node> fitting(Collection<Seen.Node> nodes, List<String> constraints) {
        return nodes.stream()
                .filter(node -> node.ready() && node.active())
                .filter(node -> constraints.stream().allMatch(each -> allows(each, node)))
                .toList();
    }

    /// As Swarm reads a constraint: keys as they are written, values without regard to case.
    static boolean allows(String constraint, Seen.Node node) {
        boolean equal = constraint.contains("==");
        var sides = constraint.split(equal ? "==" : "!=", 2);
        if (sides.length < 2) {
            return false;
        }
        var wanted = sides[1].strip();
        var is = value(sides[0].strip(), node);
        return is.map(value -> value.toLowerCase(Locale.ROOT).equals(wanted.toLowerCase(Locale.ROOT)))
                        .orElse(false)
                == equal;
    }

    private static Optional<String> value(String key, Seen.Node node) {
        return switch (key) {
            case "node.id" -> Optional.of(node.id());
            case "node.hostname" -> Optional.of(node.hostname());
            case "node.ip" -> Optional.of(node.address());
            case "node.role" -> Optional.of(node.manager() ? "manager" : "worker");
            case "node.platform.os" -> Optional.of(node.os());
            case "node.platform.arch" -> Optional.of(node.arch());
            case String label
            when label.startsWith("node.labels.") ->
                Optional.ofNullable(node.labels().get(label.substring("node.labels.".length())));
            case String label
            when label.startsWith("engine.labels.") ->
                Optional.ofNullable(node.engineLabels().get(label.substring("engine.labels.".length())));
            default -> Optional.empty();
        };
    }
}
