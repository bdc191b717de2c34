package io.logroute.remote;

import io.logroute.plan.swarm.Fleets;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.RouterService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A router's service as Docker's API has it (`ServiceSpec`), both ways.
///
/// What is read back is written again, and all that differs from what Docker holds, Docker's defaults aside, is an
/// oddity of the service: so whatever somebody changes is seen, also what no [RouterService] speaks of.
///
/// Two things are left as people set them: where Docker sends the router's own output
/// (`TaskTemplate.LogDriver`), and
/// how often somebody forced a restart.
final class ServiceForm {
    /// Another try after so long.
    static final Duration DELAY = Duration.ofSeconds(5);
    /// For so long Docker waits for a router that closes.
    private static final Duration GRACE = Duration.ofSeconds(30);

    private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(5);
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration HEALTH_START = Duration.ofSeconds(60);
    private static final long HEALTH_RETRIES = 3;
    /// An updated router is watched for so long once it is healthy: three checks that fail fit in.
    static final Duration MONITOR = Duration.ofSeconds(20);
    /// One that was well before is watched for less.
    static final Duration ROLLBACK_MONITOR = Duration.ofSeconds(5);

    /// The image's user: what it reads alone belongs to it.
    private static final String USER = "10001";

    static final long FOR_ALL = 0444;
    private static final long FOR_USER = 0400;

    static final String DATA = "/data";
    private static final String REVISION = "LOGROUTE_REVISION";
    private static final String GENERATION = "LOGROUTE_GENERATION";
    private static final List<String> MOUNTED = List.of(REVISION, GENERATION);
    private static final List<String> OF_PIPELINE = List.of(Label.REVISION, Label.GENERATION, Label.WANTED);
    static final Pattern NODE = Pattern.compile("node\\.id==(\\S+)");

    private ServiceForm() {}

    /// How Docker calls what we name.
    ///
    /// @param config from a name to an id, or back
    record Ids(UnaryOperator<String> config, UnaryOperator<String> secret, UnaryOperator<String> network) {
        static final Ids NAMES = new Ids(UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity());
    }

    /// The number and the router of a service by its name; empty when it is no name of ours.
    static Optional<Matcher> named(String prefix, String name) {
        // No router has "_" in its name, as the services of relays have.
        var matcher = Pattern.compile(Pattern.quote(prefix) + "_([^_]+)-(0|[1-9][0-9]{0,5})")
                .matcher(name);
        return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }

    // ---- as it is written

    /// @param kept the spec that is there, of which what is not ours stays; nothing for a new service
    static Map<String, @Nullable Object> written(RouterService service, Ids ids, Tree kept) {
        var labels = new TreeMap<>(service.labels());
        labels.put(Label.REVISION, service.pipeline().revision());
        labels.put(Label.GENERATION, Long.toString(service.pipeline().generation()));
        labels.put(Label.WANTED, Fleets.hash(service));

        var task = object();
        task.put("ContainerSpec", container(service, ids));
        var limits = object();
        service.memoryBytes().ifPresent(bytes -> limits.put("MemoryBytes", bytes));
        service.nanoCpus().ifPresent(nano -> limits.put("NanoCPUs", nano));
        task.put("Resources", object("Limits", limits));
        task.put("RestartPolicy", object("Condition", "any", "Delay", DELAY.toNanos()));
        task.put("Placement", object("Constraints", constraints(service.node(), service.constraints())));
        task.put("Networks", networks(service.attachments(), ids));
        keep(task, kept);

        var spec = object();
        spec.put("Name", service.name());
        spec.put("Labels", labels);
        spec.put("TaskTemplate", task);
        spec.put("Mode", object("Replicated", object("Replicas", service.replicas())));
        spec.put("UpdateConfig", update("rollback", MONITOR));
        spec.put("RollbackConfig", update("pause", ROLLBACK_MONITOR));
        spec.put(
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
                                        port.longValue(),
                                        "PublishedPort",
                                        port.longValue(),
                                        "PublishMode",
                                        "host"))
                                .toList()));
        return spec;
    }

    static List<Map<String, @Nullable Object>> networks(List<RouterService.Attachment> attachments, Ids ids) {
        return attachments.stream()
                .map(each -> object("Target", ids.network().apply(each.network()), "Aliases", each.aliases()))
                .toList();
    }

    /// What is people's stays as it is.
    static void keep(Map<String, @Nullable Object> task, Tree kept) {
        for (var theirs : List.of("LogDriver", "ForceUpdate")) {
            var value = kept.at("TaskTemplate", theirs);
            if (value.isThere()) {
                task.put(theirs, value.value());
            }
        }
    }

    /// @param node the id of the node that it is pinned to; empty where it is pinned to none
    static List<String> constraints(String node, List<String> others) {
        return Stream.concat(Stream.of(node).filter(each -> !each.isEmpty()).map("node.id=="::concat), others.stream())
                .toList();
    }

    static Map<String, @Nullable Object> update(String onFailure, Duration monitor) {
        return object(
                "Parallelism", 1L, "FailureAction", onFailure, "Monitor", monitor.toNanos(), "Order", "stop-first");
    }

    private static Map<String, @Nullable Object> container(RouterService service, Ids ids) {
        var environment = new TreeMap<>(service.environment());
        environment.put(REVISION, service.pipeline().revision());
        environment.put(GENERATION, Long.toString(service.pipeline().generation()));
        var configs = new ArrayList<@Nullable Object>();
        service.configs()
                .forEach((path, name) -> configs.add(object(
                        "File",
                        object("Name", path, "UID", "0", "GID", "0", "Mode", FOR_ALL),
                        "ConfigID",
                        ids.config().apply(name),
                        "ConfigName",
                        name)));
        var secrets = new ArrayList<@Nullable Object>();
        service.secrets()
                .forEach((file, name) -> secrets.add(object(
                        "File",
                        object("Name", file, "UID", USER, "GID", USER, "Mode", FOR_USER),
                        "SecretID",
                        ids.secret().apply(name),
                        "SecretName",
                        name)));
        var socket = service.environment().get(RouterService.DOCKER_SOCKET);
        var mounts = new ArrayList<@Nullable Object>();
        if (!service.volume().equals(RouterService.Volume.NONE)) {
            mounts.add(volume(
                    service.volume(), service.labels(), List.of(Label.MANAGED_BY, Label.ROUTER, Label.INSTANCE)));
        }
        if (socket != null) {
            mounts.add(object("Type", "bind", "Source", socket, "Target", socket));
        }
        var container = object(
                "Image",
                service.image(),
                "Args",
                List.of("router"),
                "Env",
                environment.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .toList(),
                "Mounts",
                mounts,
                "StopGracePeriod",
                GRACE.toNanos(),
                "Healthcheck",
                object(
                        "Test",
                        List.of("CMD", "sh", "/app/image.sh", "health"),
                        "Interval",
                        HEALTH_INTERVAL.toNanos(),
                        "Timeout",
                        HEALTH_TIMEOUT.toNanos(),
                        "StartPeriod",
                        HEALTH_START.toNanos(),
                        "Retries",
                        HEALTH_RETRIES),
                "Configs",
                configs,
                "Secrets",
                secrets);
        if (socket != null) {
            // It begins as root, who finds out which group the socket belongs to, and goes on as the image's user in
            // that
            // group (src/build/image.sh): no process of the router has a right of root.
            container.put("User", "0:0");
            container.put("CapabilityDrop", List.of("ALL"));
            container.put("CapabilityAdd", List.of("CAP_SETGID", "CAP_SETUID"));
        }
        return container;
    }

    /// @param labels of the service
    /// @param shared those that its volume has, too
    static Map<String, @Nullable Object> volume(
            RouterService.Volume volume, Map<String, String> labels, List<String> shared) {
        var ofVolume = new TreeMap<>(labels);
        ofVolume.keySet().retainAll(shared);
        return object(
                "Type",
                "volume",
                "Source",
                volume.name(),
                "Target",
                DATA,
                "VolumeOptions",
                object(
                        "Labels",
                        ofVolume,
                        "DriverConfig",
                        object("Name", volume.driver(), "Options", volume.options())));
    }

    static Map<String, @Nullable Object> object(Object... namesAndValues) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    // ---- as it is read

    /// @param named its name, as [#named] takes it apart
    /// @param names from ids to names
    static RouterService read(Tree spec, Matcher named, UnaryOperator<String> names) {
        var container = spec.at("TaskTemplate", "ContainerSpec");
        var labels = spec.at("Labels").texts();
        var pipeline = new RouterService.Mounted(
                labels.getOrDefault(Label.REVISION, ""), number(labels.get(Label.GENERATION)));
        OF_PIPELINE.forEach(labels::remove);
        var constraints = new ArrayList<>(words(spec.at("TaskTemplate", "Placement", "Constraints")));
        var node = constraints.stream()
                .filter(each -> NODE.matcher(each).matches())
                .findFirst();
        node.ifPresent(constraints::remove);
        var replicas = spec.at("Mode", "Replicated", "Replicas");
        var limits = spec.at("TaskTemplate", "Resources", "Limits");
        var service = new RouterService(
                named.group(),
                named.group(1),
                Integer.parseInt(named.group(2)),
                container.at("Image").text(),
                node.map(each -> each.substring("node.id==".length())).orElse(""),
                constraints,
                pipeline,
                files(container.at("Configs"), "ConfigName"),
                files(container.at("Secrets"), "SecretName"),
                volume(container),
                attachments(spec, names),
                spec.at("EndpointSpec", "Ports").items().stream()
                        .map(port -> (int) port.at("PublishedPort").number())
                        .toList(),
                positive(limits.at("MemoryBytes")),
                positive(limits.at("NanoCPUs")),
                environment(container),
                labels,
                replicas.number(),
                List.of());
        return with(service, oddities(spec, written(service, Ids.NAMES, Tree.NOTHING), names));
    }

    private static long number(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    static Optional<Long> positive(Tree number) {
        return Optional.of(number.number()).filter(each -> each != 0);
    }

    static List<String> words(Tree list) {
        return list.items().stream().map(Tree::text).toList();
    }

    static SortedMap<String, String> files(Tree references, String name) {
        var files = new TreeMap<String, String>();
        for (var each : references.items()) {
            files.put(each.at("File", "Name").text(), each.at(name).text());
        }
        return files;
    }

    static RouterService.Volume volume(Tree container) {
        return container.at("Mounts").items().stream()
                .filter(each -> each.at("Target").text().equals(DATA))
                .filter(each -> each.at("Type").text().equals("volume"))
                .findFirst()
                .map(each -> new RouterService.Volume(
                        each.at("Source").text(),
                        each.at("VolumeOptions", "DriverConfig", "Name").word().orElse("local"),
                        each.at("VolumeOptions", "DriverConfig", "Options").texts()))
                .orElse(RouterService.Volume.NONE);
    }

    /// The networks of a service, where any version of the API writes them.
    static List<Tree> networks(Tree spec) {
        var ofTask = spec.at("TaskTemplate", "Networks").items();
        return ofTask.isEmpty() ? spec.at("Networks").items() : ofTask;
    }

    static List<RouterService.Attachment> attachments(Tree spec, UnaryOperator<String> names) {
        return networks(spec).stream()
                .map(each -> new RouterService.Attachment(
                        names.apply(each.at("Target").text()), words(each.at("Aliases"))))
                .toList();
    }

    private static SortedMap<String, String> environment(Tree container) {
        var environment = new TreeMap<String, String>();
        for (var each : words(container.at("Env"))) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                environment.put(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        MOUNTED.forEach(environment::remove);
        return environment;
    }

    private static RouterService with(RouterService service, List<String> oddities) {
        return new RouterService(
                service.name(),
                service.router(),
                service.instance(),
                service.image(),
                service.node(),
                service.constraints(),
                service.pipeline(),
                service.configs(),
                service.secrets(),
                service.volume(),
                service.attachments(),
                service.ports(),
                service.memoryBytes(),
                service.nanoCpus(),
                service.environment(),
                service.labels(),
                service.replicas(),
                oddities);
    }

    // ---- what nobody wrote

    /// Where the spec differs from what would be written of what was read of it.
    ///
    /// @param written what would be written
    static List<String> oddities(Tree spec, Map<String, @Nullable Object> written, UnaryOperator<String> names) {
        var out = new TreeSet<String>();
        differences("", plain("", spec.value(), names), plain("", written, names), out);
        return List.copyOf(out);
    }

    private static void differences(
            String path, @Nullable Object there, @Nullable Object written, TreeSet<String> out) {
        if (there instanceof Map<?, ?> || written instanceof Map<?, ?>) {
            var left = there instanceof Map<?, ?> map ? map : Map.of();
            var right = written instanceof Map<?, ?> map ? map : Map.of();
            var keys = new TreeSet<String>();
            left.keySet().forEach(key -> keys.add((String) key));
            right.keySet().forEach(key -> keys.add((String) key));
            for (var key : keys) {
                differences(path.isEmpty() ? key : path + "." + key, left.get(key), right.get(key), out);
            }
            return;
        }
        if (there == null ? written != null : !there.equals(written)) {
            out.add(path);
        }
    }

    /// A value in the form in which two are compared: without what is empty, without ids, and lists in an order of
    /// their own. Docker leaves out what is empty in one place and writes it in another.
    private static @Nullable Object plain(String path, @Nullable Object value, UnaryOperator<String> names) {
        return switch (value) {
            case Map<?, ?> map -> {
                var out = new TreeMap<String, Object>();
                map.forEach((name, each) -> {
                    var key = (String) name;
                    var below = path.isEmpty() ? key : path + "." + key;
                    var plain = of(below, each, names);
                    if (plain != null) {
                        out.put(key, plain);
                    }
                });
                yield out.isEmpty() ? null : out;
            }
            case List<?> list -> {
                var out = new ArrayList<Object>();
                for (var each : list) {
                    var plain = plain(path + "[]", each, names);
                    if (plain != null) {
                        out.add(plain);
                    }
                }
                // The words of a command stand in an order that means something.
                if (!path.endsWith(".Args") && !path.endsWith(".Command") && !path.endsWith(".Test")) {
                    out.sort(java.util.Comparator.comparing(Object::toString));
                }
                yield out.isEmpty() ? null : out;
            }
            case String text -> text.isEmpty() ? null : text;
            case Number number -> number.doubleValue() == 0 ? null : number;
            case Boolean truth -> truth ? true : null;
            case null -> null;
            default -> value.toString();
        };
    }

    private static @Nullable Object of(String path, @Nullable Object value, UnaryOperator<String> names) {
        return switch (path) {
            // They are read whole.
            case "Labels" -> null;
            // Docker writes them when it makes the volume, and never again: for them alone no router is restarted.
            case "TaskTemplate.ContainerSpec.Mounts[].VolumeOptions.Labels" -> null;
            // They are people's.
            case "TaskTemplate.LogDriver", "TaskTemplate.ForceUpdate" -> null;
            case "TaskTemplate.ContainerSpec.Configs[].ConfigID", "TaskTemplate.ContainerSpec.Secrets[].SecretID" ->
                null;
            // Where older versions of the API write the networks.
            case "Networks" -> null;
            case "TaskTemplate.Networks[].Target" -> value instanceof String id ? names.apply(id) : value;
            case "TaskTemplate.Runtime" -> "container".equals(value) ? null : value;
            case "TaskTemplate.ContainerSpec.Isolation" -> "default".equals(value) ? null : value;
            default -> plain(path, value, names);
        };
    }
}
