package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

@Doc("How a fleet runs on a swarm.")
public record DeploySpec(
        @Doc(value = "Instances, each with a volume of its own.", example = "2", or = "1")
        int replicas,

        @Doc(value = "One instance on every node that the constraints allow, in place of `replicas`.", or = "false")
        boolean perNode,

        @Doc(
                value = "Swarm placement constraints for every instance.",
                example = "[\"node.labels.amp.type.core == true\"]",
                or = "[]")
        List<String> constraints,

        @Doc(
                value = "Overlay networks that every instance joins, beside the one it shares with the controller.",
                example = "[core, monit]",
                or = "[]")
        List<String> networks,

        @Doc(
                value = "Names under which clients find the fleet on its networks, beside its own.",
                example = "[logstash]",
                or = "[]")
        List<String> aliases,

        @Doc(
                value =
                        "Ports of sources that are opened on the node of each instance, in host mode: two instances that"
                                + " publish the same port need two nodes. Clients on a shared network need none.",
                example = "[5044]",
                or = "[]")
        List<Integer> publish,

        @Doc(value = "How a changed pipeline reaches the instances.", or = "live")
        Rollout rollout,

        @Doc(value = "The volume of each instance.", or = "{}")
        Volume volume,

        @Doc(
                value = "What becomes of the volume of an instance that is no longer wanted, once it has delivered"
                        + " everything.",
                or = "retain",
                later = true)
        Volumes volumes,

        @Doc(
                value =
                        "So long an instance waits for its node that is down or takes no tasks; then another one takes its"
                                + " place elsewhere, and it only delivers what it still has when the node is back.",
                example = "10m",
                or = "5m",
                later = true)
        Duration nodeLossTimeout,

        @Doc(
                value = "As many instances as the load needs, in place of `replicas`.",
                example = "{ min: 1, max: 4, targetLag: 30s }")
        Optional<Autoscale> autoscale,

        @Doc(value = "What each instance may use.", or = "{}")
        Resources resources,

        @Doc(
                value =
                        "Docker secrets that are mounted at `/run/secrets/NAME`, beside those that the sources and sinks"
                                + " of the fleet name there.",
                example = "[es-ca]",
                or = "[]")
        List<String> secrets,

        @Doc(value = "The image. Without it, that of the controller.", example = "logroute:1.0.0")
        Optional<String> image,

        @Doc(
                value = "Labels on the Swarm service of each instance; those that begin with `logroute.` are ours.",
                example = "{ io.amp.role: infrastructure }",
                or = "{}")
        Map<String, String> labels,

        @Doc(
                value = "Environment of each instance; names that begin with LOGROUTE_ are ours, but for"
                        + " LOGROUTE_JAVA_OPTS. No place for secrets: Docker shows it to everybody.",
                example = "{ LOGROUTE_JAVA_OPTS: -Xmx512m }",
                or = "{}")
        Map<String, String> environment) {
    private static final int MOST = 1000;
    private static final Pattern CONSTRAINT =
            Pattern.compile("(node\\.(id|hostname|ip|role|platform\\.(os|arch)|labels\\.[A-Za-z0-9._/-]+)"
                    + "|engine\\.labels\\.[A-Za-z0-9._/-]+) *(==|!=) *\\S.*");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?");
    private static final Pattern OBJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{1,63}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /// How a changed pipeline reaches the instances.
    public enum Rollout {
        @Doc("A change of routes and sinks is handed to the running instances, which take it without ending a"
                + " connection; every other change restarts them, one after the other.")
        LIVE,
        @Doc("Every change restarts the instances, one after the other, with the new pipeline mounted.")
        RESTART
    }

    /// What becomes of the volume of an instance that is no longer wanted.
    public enum Volumes {
        @Doc("It stays, empty, and is used again when there are more instances.")
        RETAIN,
        @Doc("It is removed. One with dead letters stays until they are purged or replayed, and one that a file sink"
                + " writes on stays for good.")
        DELETE
    }

    @Doc("How many instances there are follows how far the sinks lag. A sink that takes nothing does not count: more"
            + " routers would not help it.")
    public record Autoscale(
            @Doc(value = "Instances, at least.", or = "1") int min,

            @Doc(value = "Instances, at most.", example = "4")
            int max,

            @Doc(
                    value = "How old the oldest event may be that waits for a sink, before there is one more instance.",
                    or = "30s")
            Duration targetLag) {
        public Autoscale {
            require(min >= 1 && min <= MOST, "min is %d; write 1 or more, at most 1000", min);
            require(max >= min && max <= MOST, "max is %d; write %d (min) or more, at most 1000", max, min);
            require(
                    targetLag.compareTo(Duration.ofSeconds(1)) >= 0 && targetLag.compareTo(Duration.ofDays(1)) <= 0,
                    "targetLag is %s; write 1s to 1d (30s suits most)",
                    Durations.write(targetLag));
        }
    }

    @Doc("The volume that an instance keeps for life.")
    public record Volume(
            @Doc(value = "The volume driver.", example = "local", or = "local")
            String driver,

            @Doc(value = "Its options.", example = "{ type: nfs }", or = "{}")
            Map<String, String> options) {
        public Volume {
            options = sorted(options);
            require(!driver.isBlank(), "driver is empty; write local, or the name of a volume plugin");
        }
    }

    @Doc("What an instance may use.")
    public record Resources(
            @Doc(
                    value =
                            "Memory, at most; an instance that needs more is killed. It needs about 400 MiB, and what is set"
                                    + " with -Xmx on top of 224m.",
                    example = "512MiB")
            Optional<ByteSize> memory,

            @Doc(value = "Processors, at most.", example = "\"1.5\"")
            Optional<String> cpus) {
        private static final Pattern CPUS = Pattern.compile("(?=.*[1-9])[0-9]{1,4}(\\.[0-9]{1,3})?");
        private static final long LEAST = 256L << 20;

        public Resources {
            memory.ifPresent(size ->
                    require(size.bytes() >= LEAST, "memory is %s; write 256MiB or more (512MiB suits most)", size));
            cpus.ifPresent(
                    text -> require(CPUS.matcher(text).matches(), "cpus is \"%s\"; write for instance 1 or 0.5", text));
        }
    }

    public DeploySpec {
        constraints = List.copyOf(constraints);
        networks = List.copyOf(networks);
        aliases = List.copyOf(aliases);
        publish = List.copyOf(publish);
        secrets = List.copyOf(secrets);
        labels = sorted(labels);
        environment = sorted(environment);
        require(replicas >= 1 && replicas <= MOST, "replicas is %d; write 1 or more, at most 1000", replicas);
        require(!perNode || replicas == 1, "replicas and perNode stand together; write one of them");
        require(
                autoscale.isEmpty() || (replicas == 1 && !perNode),
                "autoscale stands beside replicas or perNode; write one of them");
        require(
                nodeLossTimeout.compareTo(Duration.ofSeconds(1)) >= 0
                        && nodeLossTimeout.compareTo(Duration.ofDays(3650)) <= 0,
                "nodeLossTimeout is %s; write 1s to 3650d (5m suits most)",
                Durations.write(nodeLossTimeout));
        requireConstraints(constraints);
        networks.forEach(network -> requireObject("networks", network, "network"));
        for (var alias : aliases) {
            require(HOST.matcher(alias).matches(), "aliases has \"%s\"; write a host name, such as logstash", alias);
        }
        for (var port : publish) {
            require(port >= 1 && port <= 65_535, "publish has %d; write a port, 1 to 65535", port);
        }
        require(distinct(publish), "publish has a port twice; write each once");
        secrets.forEach(secret -> requireObject("secrets", secret, "Docker secret"));
        image.ifPresent(text -> requireImage("image", text));
        for (var key : labels.keySet()) {
            require(
                    !key.isBlank() && !key.startsWith(Labels.PREFIX) && !key.startsWith("com.docker."),
                    "labels has \"%s\"; take another name: logroute. and com.docker. are not for people",
                    key);
        }
        for (var key : environment.keySet()) {
            require(VARIABLE.matcher(key).matches(), "environment has \"%s\"; write a name such as TZ", key);
            require(
                    !key.startsWith("LOGROUTE_") || key.equals("LOGROUTE_JAVA_OPTS"),
                    "environment has \"%s\"; names that begin with LOGROUTE_ are ours, take another",
                    key);
        }
    }

    /// What a fleet is that says nothing: one instance, wherever there is room.
    public static final DeploySpec USUAL = new DeploySpec(
            1,
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Rollout.LIVE,
            new Volume("local", Map.of()),
            Volumes.RETAIN,
            Duration.ofMinutes(5),
            Optional.empty(),
            new Resources(Optional.empty(), Optional.empty()),
            List.of(),
            Optional.empty(),
            Map.of(),
            Map.of());

    static void requireConstraints(List<String> constraints) {
        for (var constraint : constraints) {
            require(
                    CONSTRAINT.matcher(constraint.strip()).matches(),
                    "constraints has \"%s\"; write for instance node.labels.zone == a",
                    constraint);
        }
    }

    /// @param what the name is one of
    static void requireObject(String key, String name, String what) {
        require(OBJECT.matcher(name).matches(), "%s has \"%s\"; write the name of a %s", key, name, what);
    }

    static void requireImage(String key, String image) {
        require(
                !image.isBlank() && image.chars().noneMatch(Character::isWhitespace),
                "%s is \"%s\"; write for instance logroute:1.0.0",
                key,
                image);
    }

    private static boolean distinct(List<?> values) {
        return values.stream().distinct().count() == values.size();
    }

    private static Map<String, String> sorted(Map<String, String> map) {
        return java.util.Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
