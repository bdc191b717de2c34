package io.logroute.remote;

import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The service of a job that has a node remove a volume, as Docker's API has it, both ways. Its one
/// task runs `logroute volume-remove` on that node, beside Docker's socket there.
///
/// A volume is in use until the container that had it is gone, which the task waits for. One that fails
/// is followed by another one, a few times; then the job has failed.
///
/// It is a service of one replica that is restarted when it fails, and no `replicated-job`: of those
/// Docker 20.10 leaves the containers on the node when the service is removed.
final class JobForm {
    /// What [Label#ROLE] says of it.
    static final String ROLE = "job";

    private static final String SUFFIX = "-remove";
    /// Where the socket is in the container.
    private static final String SOCKET = "/var/run/docker.sock";
    /// Longer than a router may take to end.
    private static final Duration WAIT = Duration.ofSeconds(45);
    /// Another try after so long.
    private static final Duration DELAY = Duration.ofSeconds(3);
    private static final long MORE_TRIES = 2;

    private static final Set<String> ENDED = Set.of("failed", "rejected", "shutdown", "orphaned", "remove");

    private JobForm() {}

    /// @param prefix of the installation
    /// @param socket where Docker's socket lies on the nodes
    static Map<String, @Nullable Object> written(Step.RemoveVolume remove, String prefix, String socket) {
        var container = object(
                "Image",
                remove.image(),
                "Args",
                List.of("volume-remove", "--prefix", prefix, "--wait", WAIT.toSeconds() + "s", remove.volume()),
                // The socket belongs to root; no other right of root is needed than to open files.
                "User",
                "0:0",
                "CapabilityDrop",
                List.of("ALL"),
                "CapabilityAdd",
                List.of("CAP_DAC_OVERRIDE"),
                "Mounts",
                List.of(
                        object("Type", "bind", "Source", socket, "Target", SOCKET),
                        // The image declares a volume there, and Docker would make one.
                        object("Type", "tmpfs", "Target", "/data")),
                "Healthcheck",
                object("Test", List.of("NONE")));
        return object(
                "Name",
                remove.job(),
                "Labels",
                object(Label.MANAGED_BY, prefix, Label.ROLE, ROLE, Label.ROUTER, remove.router()),
                "TaskTemplate",
                object(
                        "ContainerSpec",
                        container,
                        "RestartPolicy",
                        object("Condition", "on-failure", "Delay", DELAY.toNanos(), "MaxAttempts", MORE_TRIES),
                        "Placement",
                        object("Constraints", List.of("node.id==" + remove.node()))),
                "Mode",
                object("Replicated", object("Replicas", 1L)));
    }

    /// @param name of the service
    /// @param newest its tasks, newest first
    static Seen.Job read(String name, Map<String, String> labels, List<Seen.Task> newest) {
        boolean done = newest.stream().anyMatch(task -> task.state().equals("complete"));
        return new Seen.Job(
                name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name,
                labels.getOrDefault(Label.ROUTER, ""),
                done,
                done ? Optional.empty() : error(newest));
    }

    /// Only once no other task follows: what waits for its turn, or for a node, may yet do it.
    private static Optional<String> error(List<Seen.Task> newest) {
        return newest.stream()
                .findFirst()
                .filter(task -> ENDED.contains(task.state()))
                .map(task -> task.error().orElse("its task is " + task.state()));
    }

    private static Map<String, @Nullable Object> object(Object... namesAndValues) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }
}
