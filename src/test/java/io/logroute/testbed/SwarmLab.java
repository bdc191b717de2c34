package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// A real Docker swarm on this machine, of nodes `1` to [#nodes], that `src/testbed/swarm.sh` runs.
/// An odd number of nodes are managers all. It has no registry and no way out: what services are to
/// run comes by [#tiny], [#product] and [#load], and a service is created with `-d --no-resolve-image`.
///
/// A node may be killed, cut off and started again; a test that does so leaves all nodes up.
public final class SwarmLab {
    /// For @ResourceLock: the swarm of one node, which one test class has at a time.
    public static final String OF_ONE = "the swarm of one node";

    /// For @ResourceLock: the other one of one node, for other classes at the same time.
    public static final String OTHER_OF_ONE = "the other swarm of one node";

    /// For @ResourceLock: the swarm of three nodes.
    public static final String OF_THREE = "the swarm of three nodes";

    /// For @ResourceLock: the other one of three nodes, for other classes at the same time.
    public static final String OTHER_OF_THREE = "the other swarm of three nodes";

    /// For @ResourceLock: the swarms of one node each that [#several] gives.
    public static final String SEVERAL = "several swarms of one node";

    private static final String SCRIPT = "swarm.sh";
    /// What a manager says for as long as there is no leader that the others follow, or when somebody else was
    /// quicker.
    private static final Pattern AGAIN =
            Pattern.compile("lost leader|does not have a leader|deadline exceeded|code = Unavailable|out of sequence");

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration BUILDING = Duration.ofMinutes(15);

    private static final Map<String, SwarmLab> LABS = new ConcurrentHashMap<>();
    private static @Nullable Path product;

    /// Names of ours that a Docker elsewhere would be found by.
    private static final List<String> ELSEWHERE =
            List.of("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION");

    private final String name;
    private final List<String> addresses = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();
    private final Set<Integer> reached = new TreeSet<>();
    /// What every node is given, and one that burnt, again.
    private final Set<Path> images = new LinkedHashSet<>();

    private final Set<Integer> down = new TreeSet<>();

    private SwarmLab(int nodes, String which) {
        // Short, for it becomes the name of network interfaces; and of this JVM alone.
        this.name = "t" + Long.toString(ProcessHandle.current().pid(), 36) + nodes + which;
        Runtime.getRuntime().addShutdownHook(new Thread(this::down, "take down swarm " + name));
        int managers = nodes % 2 == 1 ? nodes : nodes - 1;
        up(nodes, managers).lines().forEach(line -> {
            var words = line.split(" +");
            addresses.add(words[1]);
            sockets.add(Path.of(words[2].replace("unix://", "")));
        });
        assertThat(addresses).hasSize(nodes);
    }

    private String up(int nodes, int managers) {
        try {
            return script(BUILDING, "up", Integer.toString(nodes), Integer.toString(managers));
        } catch (AssertionError e) {
            // The next test that asks for it finds nothing half made.
            down();
            throw e;
        }
    }

    /// The one of so many nodes; it is started when a test first asks for it.
    public static SwarmLab of(int nodes) {
        return of(nodes, "");
    }

    /// Another one of so many nodes, for those who would wait long for the first.
    public static SwarmLab other(int nodes) {
        return of(nodes, "b");
    }

    /// Swarms of one node each that know nothing of each other. No other test has them: whoever asks for
    /// them ends them.
    public static List<SwarmLab> several(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> of(1, Character.toString('p' + number)))
                .toList();
    }

    private static SwarmLab of(int nodes, String which) {
        Server.needInstalled(SCRIPT);
        return LABS.computeIfAbsent(nodes + which, _ -> new SwarmLab(nodes, which));
    }

    public int nodes() {
        return addresses.size();
    }

    /// Where the node is reached from this machine and from every node.
    public String address(int node) {
        return addresses.get(node - 1);
    }

    /// Where nodes, and containers on them, reach this machine.
    public String host() {
        return address(1).replaceFirst("\\d+$", "1");
    }

    /// Makes what listens on this port of 127.0.0.1 reachable from the swarm, on the same port of
    /// [#host].
    public void reach(int port) throws IOException {
        if (reached.add(port)) {
            wires.add(new Wire(host(), port, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        }
    }

    /// A line to a port of a machine elsewhere, a node of another lab, which begins at a port of [#host]
    /// and can be cut.
    public Wire wire(String address, int port) throws IOException {
        var wire = new Wire(host(), 0, new InetSocketAddress(InetAddress.getByName(address), port));
        wires.add(wire);
        return wire;
    }

    /// The socket of the node's daemon.
    public Path socket(int node) {
        return sockets.get(node - 1);
    }

    /// A Docker command on the node, which must succeed within 5 minutes; what it printed.
    public String docker(int node, String... arguments) {
        return docker(PATIENCE, node, arguments);
    }

    /// The same, of a command that may be repeated: as long as managers choose a leader, or something else changes
    /// the same object, it is.
    public String insist(int node, String... arguments) {
        var said = new AtomicReference<>("");
        Awaitility.await("the managers take %s".formatted(List.of(arguments)))
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    try {
                        said.set(docker(node, arguments));
                        return true;
                    } catch (AssertionError e) {
                        if (AGAIN.matcher(String.valueOf(e.getMessage())).find()) {
                            return false;
                        }
                        throw e;
                    }
                });
        return said.get();
    }

    private String docker(Duration patience, int node, String... arguments) {
        var command = new ArrayList<>(List.of("docker", "-H", "unix://" + socket(node)));
        command.addAll(List.of(arguments));
        return said(command, Map.of("DOCKER_BUILDKIT", "0"), patience);
    }

    /// Deploys a stack file, as on a manager, and does not wait for its tasks.
    ///
    /// @param environment what the file takes from it
    public void deploy(String stack, Path file, Map<String, String> environment) {
        deploy(stack, List.of(file), environment);
    }

    /// The same, of files that add to each other.
    public void deploy(String stack, List<Path> files, Map<String, String> environment) {
        var command = new ArrayList<>(
                List.of("docker", "-H", "unix://" + socket(1), "stack", "deploy", "--resolve-image", "never"));
        files.forEach(file -> command.addAll(List.of("-c", file.toString())));
        command.add(stack);
        said(command, environment, PATIENCE);
    }

    /// As when its power fails: every process of the node is gone at once.
    public void kill(int node) {
        down.add(node);
        script("kill", Integer.toString(node));
    }

    /// In order, as when the machine is shut down.
    public void stop(int node) {
        down.add(node);
        script("stop", Integer.toString(node));
    }

    /// Starts a node again that was killed or stopped; returns when its daemon answers.
    public void start(int node) {
        script("start", Integer.toString(node));
        down.remove(node);
    }

    /// As when it burns down: every process of the node is gone at once, and its disk with volumes,
    /// images and what it knew of the swarm.
    public void burn(int node) {
        down.add(node);
        script("burn", Integer.toString(node));
    }

    /// A new machine in the place of one that burnt, or was removed from the swarm: it joins as a
    /// manager, and gets the images again. It has another id than the old one, and none of its labels.
    public void join(int node) {
        if (down.contains(node)) {
            start(node);
        }
        images.forEach(image -> docker(node, "load", "-q", "-i", image.toString()));
        script("join", Integer.toString(node), Integer.toString(anyOther(node)));
    }

    /// Takes a node out of the swarm for good. The node itself, be it up or down, is not asked.
    ///
    /// @param id its id in the swarm
    public void remove(int node, String id) {
        int other = anyOther(node);
        insist(other, "node", "demote", id);
        Awaitility.await("node %s is no manager any more".formatted(id))
                .atMost(PATIENCE)
                .ignoreException(AssertionError.class)
                .until(() -> docker(other, "node", "rm", "-f", id).contains(id));
    }

    /// What tasks its swarm gives it.
    ///
    /// @param availability `active`, `pause` or `drain`
    public void availability(int node, String availability) {
        insist(node, "node", "update", "--availability", availability, id(node));
    }

    /// What its swarm calls it.
    public String id(int node) {
        return docker(node, "info", "--format", "{{.Swarm.NodeID}}").strip();
    }

    public boolean isUp(int node) {
        return !down.contains(node);
    }

    /// A node that is up, and not this one.
    private int anyOther(int node) {
        return IntStream.rangeClosed(1, nodes())
                .filter(each -> each != node && isUp(each))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no other node than %d is up".formatted(node)));
    }

    /// Takes its network cable out.
    public void cut(int node) {
        script("cut", Integer.toString(node));
    }

    /// Puts it back.
    public void heal(int node) {
        script("heal", Integer.toString(node));
    }

    /// Puts an image, as `docker save` writes it, onto every node.
    public void load(Path image) {
        images.add(image);
        IntStream.rangeClosed(1, nodes()).forEach(node -> docker(node, "load", "-q", "-i", image.toString()));
    }

    /// Puts `tiny:1` onto every node: a shell, a web server (`httpd`) and what else busybox has.
    ///
    /// @return its name
    public String tiny() {
        if (!has("tiny:1")) {
            load(base("tiny"));
        }
        return "tiny:1";
    }

    /// Puts `nats:1` onto every node: the NATS server that `src/testbed/nats.sh` brings.
    ///
    /// @return its name
    public String nats() {
        if (!has("nats:1")) {
            load(base("nats"));
        }
        return "nats:1";
    }

    /// Puts what stands in for the images of `deploy/monitoring/` onto every node: `prometheus:1` and
    /// `haproxy:1`, which `src/testbed/prometheus.sh` and `haproxy.sh` bring.
    public void monitoring() {
        for (var image : List.of("prometheus", "haproxy")) {
            if (!has(image + ":1")) {
                load(base(image));
            }
        }
    }

    /// Puts `redis:1` onto every node: the Redis that `src/testbed/redis.sh` brings, as its official image has
    /// it, and prometheus-redis-exporter.
    ///
    /// @return its name
    public String redis() {
        if (!has("redis:1")) {
            load(base("redis"));
        }
        return "redis:1";
    }

    /// Puts the image of LogRoute onto every node, built of the jar of this build by
    /// `deploy/Dockerfile`; it is built once for all labs of the JVM.
    ///
    /// @return its name
    public String product() throws IOException {
        if (!has("logroute:dev")) {
            load(builtOn(this));
        }
        return "logroute:dev";
    }

    private static synchronized Path builtOn(SwarmLab lab) throws IOException {
        var image = product;
        if (image == null) {
            image = lab.build();
            product = image;
        }
        return image;
    }

    private Path build() throws IOException {
        assertThat(Path.of("target/logroute-0.1.0-SNAPSHOT-runner.jar"))
                .as("the jar of the build; run this through ./dev it")
                .exists();
        docker(1, "load", "-q", "-i", base("jre").toString());
        docker(
                BUILDING,
                1,
                "build",
                "-q",
                "-f",
                "deploy/Dockerfile",
                "--build-arg",
                "BASE=jre:25",
                "-t",
                "logroute:dev",
                ".");
        var image = Files.createTempFile("logroute-image", ".tar");
        image.toFile().deleteOnExit();
        docker(1, "save", "-o", image.toString(), "logroute:dev");
        return image;
    }

    /// Gives an image another name besides, on every node.
    public void tag(String image, String name) {
        IntStream.rangeClosed(1, nodes()).filter(this::isUp).forEach(node -> docker(node, "tag", image, name));
    }

    private static Path base(String which) {
        return Path.of(said(List.of(Server.SCRIPTS.resolve("base-image.sh").toString(), which), Map.of(), BUILDING)
                .strip());
    }

    private boolean has(String image) {
        return IntStream.rangeClosed(1, nodes())
                .noneMatch(node -> docker(node, "images", "-q", image).isBlank());
    }

    /// Removes what tests made: services and, when their containers are gone, configs, secrets,
    /// networks, volumes and labels of nodes. Images stay.
    public void clear() {
        // Over and over: a controller that goes with them restores for a moment what it misses.
        Awaitility.await("services and their containers are gone")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(300))
                .ignoreException(AssertionError.class) // a leader is chosen; or somebody else removed it
                .until(() -> {
                    remove(1, "service", lines(1, "service", "ls", "-q"));
                    boolean alone = IntStream.rangeClosed(1, nodes())
                            .allMatch(node -> lines(node, "ps", "-aq", "--filter", "label=com.docker.swarm.service.id")
                                    .isEmpty());
                    return alone && lines(1, "service", "ls", "-q").isEmpty();
                });
        remove(1, "config", lines(1, "config", "ls", "-q"));
        remove(1, "secret", lines(1, "secret", "ls", "-q"));
        remove(
                1,
                "network",
                lines(1, "network", "ls", "--filter", "driver=overlay", "--format", "{{.Name}}").stream()
                        .filter(network -> !network.equals("ingress"))
                        .toList());
        for (int node = 1; node <= nodes(); node++) {
            remove(node, "volume", lines(node, "volume", "ls", "-q"));
        }
        for (var node : lines(1, "node", "ls", "-q")) {
            var labels =
                    docker(1, "node", "inspect", node, "--format", "{{range $k, $v := .Spec.Labels}}{{$k}} {{end}}");
            for (var label : labels.split("\\s+")) {
                if (!label.isBlank()) {
                    insist(1, "node", "update", "--label-rm", label, node);
                }
            }
        }
    }

    private void remove(int node, String kind, List<String> names) {
        if (!names.isEmpty()) {
            var command = new ArrayList<>(List.of(kind, "rm"));
            command.addAll(names);
            docker(node, command.toArray(String[]::new));
        }
    }

    /// The lines that a Docker command on the node prints.
    public List<String> lines(int node, String... arguments) {
        return docker(node, arguments).lines().filter(line -> !line.isBlank()).toList();
    }

    /// Takes it down; who asks for it again gets a new one.
    public void end() {
        LABS.values().remove(this);
        down();
    }

    private void down() {
        wires.forEach(Wire::close);
        try {
            script("down");
        } catch (RuntimeException | AssertionError e) {
            System.err.println("swarm " + name + " could not be taken down: " + e.getMessage());
        }
    }

    private String script(String... arguments) {
        return script(PATIENCE, arguments);
    }

    private String script(Duration patience, String... arguments) {
        var command = new ArrayList<>(List.of(Server.SCRIPTS.resolve(SCRIPT).toString()));
        command.addAll(List.of(arguments));
        var owner = Long.toString(ProcessHandle.current().pid());
        return said(command, Map.of("LAB", name, "OWNER", owner), patience);
    }

    /// What the command printed; it must succeed in time.
    private static String said(List<String> command, Map<String, String> environment, Duration patience) {
        try {
            var out = Files.createTempFile("logroute-swarm", ".out");
            var err = Files.createTempFile("logroute-swarm", ".err");
            try {
                var builder =
                        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
                ELSEWHERE.forEach(builder.environment()::remove);
                builder.environment().putAll(environment);
                var process = builder.start();
                process.getOutputStream().close();
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            "not done within %s: %s%n%s".formatted(patience, command, Files.readString(err)));
                }
                assertThat(process.exitValue())
                        .as("%s%n%s%s", command, Files.readString(out), Files.readString(err))
                        .isZero();
                return Files.readString(out);
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command, e);
        }
    }
}
