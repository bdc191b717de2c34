package io.logroute.remote;

import static io.logroute.remote.ServiceForm.object;

import io.logroute.plan.swarm.Fleets;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.RelayService;
import io.logroute.plan.swarm.RelayService.Part;
import io.logroute.plan.swarm.RouterService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A relay's service as Docker's API has it (`ServiceSpec`), both ways, with oddities as [ServiceForm]
/// has them.
final class RelayForm {
    /// For so long Docker waits for a Redis that closes its files.
    private static final Duration GRACE = Duration.ofSeconds(30);

    private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(5);
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration HEALTH_START = Duration.ofSeconds(30);
    /// A disk that is slow for half a minute ends no Redis: that would have to read all its files
    /// again.
    private static final long HEALTH_RETRIES = 6;

    private static final List<String> SHELL = List.of("sh", "-c");
    private static final String CHECK = "CMD";

    private RelayForm() {}

    /// The relay of a service by its name, and what it is of it; empty when it is no name of ours.
    static Optional<Matcher> named(String prefix, String name) {
        var matcher = Pattern.compile(Pattern.quote(prefix) + "_relay_([^_]+)(_exporter)?")
                .matcher(name);
        return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }

    /// @param kept the spec that is there, of which what is not ours stays; nothing for a new service
    static Map<String, @Nullable Object> written(RelayService service, ServiceForm.Ids ids, Tree kept) {
        var labels = new TreeMap<>(service.labels());
        labels.put(Label.WANTED, Fleets.hash(service));

        var limits = object();
        service.memoryBytes().ifPresent(bytes -> limits.put("MemoryBytes", bytes));
        var task = object(
                "ContainerSpec",
                container(service, ids),
                "Resources",
                object("Limits", limits),
                "RestartPolicy",
                object("Condition", "any", "Delay", ServiceForm.DELAY.toNanos()),
                "Placement",
                object("Constraints", ServiceForm.constraints(service.node(), service.constraints())),
                "Networks",
                ServiceForm.networks(service.attachments(), ids));
        ServiceForm.keep(task, kept);
        return object(
                "Name",
                service.name(),
                "Labels",
                labels,
                "TaskTemplate",
                task,
                "Mode",
                object("Replicated", object("Replicas", service.replicas())),
                "UpdateConfig",
                ServiceForm.update("rollback", ServiceForm.MONITOR),
                "RollbackConfig",
                ServiceForm.update("pause", ServiceForm.ROLLBACK_MONITOR),
                "EndpointSpec",
                object(
                        "Mode",
                        "dnsrr",
                        "Ports",
                        service.ports().stream()
                                .map(port -> object(
                                        "Protocol",
                                        "tcp",
                                        "TargetPort",
                                        (long) RelayService.PORT,
                                        "PublishedPort",
                                        port.longValue(),
                                        "PublishMode",
                                        "host"))
                                .toList()));
    }

    private static Map<String, @Nullable Object> container(RelayService service, ServiceForm.Ids ids) {
        var command = new ArrayList<>(SHELL);
        command.add(service.command());
        var secrets = new ArrayList<@Nullable Object>();
        // Whoever Redis is in its image, it reads them; nobody else is in the container.
        service.secrets()
                .forEach((file, name) -> secrets.add(object(
                        "File",
                        object("Name", file, "UID", "0", "GID", "0", "Mode", ServiceForm.FOR_ALL),
                        "SecretID",
                        ids.secret().apply(name),
                        "SecretName",
                        name)));
        var container = object("Image", service.image(), "Command", command);
        if (!service.volume().equals(RouterService.Volume.NONE)) {
            container.put(
                    "Mounts",
                    List.of(ServiceForm.volume(
                            service.volume(), service.labels(), List.of(Label.MANAGED_BY, Label.ROLE, Label.RELAY))));
        }
        container.put("StopGracePeriod", GRACE.toNanos());
        if (!service.health().isEmpty()) {
            var test = new ArrayList<>(List.of(CHECK));
            test.addAll(SHELL);
            test.add(service.health());
            container.put(
                    "Healthcheck",
                    object(
                            "Test",
                            test,
                            "Interval",
                            HEALTH_INTERVAL.toNanos(),
                            "Timeout",
                            HEALTH_TIMEOUT.toNanos(),
                            "StartPeriod",
                            HEALTH_START.toNanos(),
                            "Retries",
                            HEALTH_RETRIES));
        }
        container.put("Secrets", secrets);
        return container;
    }

    /// @param named its name, as [#named] takes it apart
    /// @param names from ids to names
    static RelayService read(Tree spec, Matcher named, UnaryOperator<String> names) {
        var service = read(spec, named, names, List.of());
        return read(
                spec,
                named,
                names,
                ServiceForm.oddities(spec, written(service, ServiceForm.Ids.NAMES, Tree.NOTHING), names));
    }

    private static RelayService read(Tree spec, Matcher named, UnaryOperator<String> names, List<String> oddities) {
        var container = spec.at("TaskTemplate", "ContainerSpec");
        var labels = spec.at("Labels").texts();
        labels.remove(Label.WANTED);
        var constraints = new ArrayList<>(ServiceForm.words(spec.at("TaskTemplate", "Placement", "Constraints")));
        var node = constraints.stream()
                .filter(each -> ServiceForm.NODE.matcher(each).matches())
                .findFirst();
        node.ifPresent(constraints::remove);
        return new RelayService(
                named.group(),
                named.group(1),
                named.group(2) == null ? Part.REDIS : Part.EXPORTER,
                container.at("Image").text(),
                node.map(each -> each.substring("node.id==".length())).orElse(""),
                constraints,
                last(container.at("Command")),
                last(container.at("Healthcheck", "Test")),
                ServiceForm.files(container.at("Secrets"), "SecretName"),
                ServiceForm.volume(container),
                ServiceForm.attachments(spec, names),
                spec.at("EndpointSpec", "Ports").items().stream()
                        .map(port -> (int) port.at("PublishedPort").number())
                        .toList(),
                ServiceForm.positive(spec.at("TaskTemplate", "Resources", "Limits", "MemoryBytes")),
                labels,
                spec.at("Mode", "Replicated", "Replicas").number(),
                oddities);
    }

    /// The last word of a command, which is what the shell runs.
    private static String last(Tree command) {
        var words = ServiceForm.words(command);
        return words.isEmpty() ? "" : words.getLast();
    }
}
