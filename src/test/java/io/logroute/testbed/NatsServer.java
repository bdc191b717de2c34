package io.logroute.testbed;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// NATS with JetStream in processes of its own, one node or a cluster, run by `src/testbed/nats.sh`.
/// Nodes may be stopped, killed, and started again, with their data or without.
public final class NatsServer implements AutoCloseable {
    private static final String SCRIPT = "nats.sh";

    private final List<Node> nodes = new ArrayList<>();
    private final Path folder;

    private NatsServer(int count, String extra) throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "logroute-nats");
        var routes = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            routes.add(Ports.free());
        }
        for (int i = 0; i < count; i++) {
            nodes.add(new Node("n" + i, folder.resolve("n" + i), Ports.free(), count == 1 ? 0 : routes.get(i), routes));
        }
        for (var node : nodes) {
            Files.createDirectories(node.folder);
            Files.writeString(node.folder.resolve("extra.conf"), extra);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "stop nats"));
        nodes.forEach(Node::start);
        nodes.forEach(Node::awaitAnswer);
    }

    /// One server.
    public static NatsServer single() throws IOException {
        return with("");
    }

    /// One server with more in its configuration: users, TLS, `max_payload`.
    public static NatsServer with(String extra) throws IOException {
        Server.needInstalled(SCRIPT);
        return new NatsServer(1, extra);
    }

    /// So many servers, `n0` and on, with JetStream ready to take streams.
    public static NatsServer cluster(int count) throws IOException {
        Server.needInstalled(SCRIPT);
        var cluster = new NatsServer(count, "");
        cluster.awaitJetStream();
        return cluster;
    }

    /// Where its nodes are reached, those too that do not run.
    public List<String> urls() {
        return nodes.stream().map(node -> node.url).toList();
    }

    public Node node(int index) {
        return nodes.get(index);
    }

    /// The node that leads this stream.
    public Node leader(String stream) throws Exception {
        try (var connection = connect()) {
            var leader = Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .ignoreExceptions()
                    .until(
                            () -> Objects.requireNonNull(connection
                                            .jetStreamManagement()
                                            .getStreamInfo(stream)
                                            .getClusterInfo())
                                    .getLeader(),
                            name -> name != null && !name.isEmpty());
            return nodes.stream()
                    .filter(node -> node.name.equals(leader))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /// For tests that look, or meddle.
    public Connection connect() throws IOException, InterruptedException {
        return Nats.connect(Options.builder()
                .servers(urls().toArray(String[]::new))
                .maxReconnects(-1)
                .build());
    }

    private void awaitJetStream() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(250))
                .ignoreExceptions()
                .until(() -> {
                    try (var connection = connect()) {
                        var manage = connection.jetStreamManagement();
                        manage.addStream(io.nats.client.api.StreamConfiguration.builder()
                                .name("ready")
                                .subjects("ready")
                                .replicas(nodes.size())
                                .build());
                        return manage.deleteStream("ready");
                    }
                });
    }

    /// Ends all nodes and deletes what they kept.
    @Override
    public void close() {
        nodes.forEach(Node::kill);
        Node.delete(folder);
    }

    /// One server.
    public static final class Node {
        public final String name;
        public final String url;
        private final Path folder;
        private final int port;
        private final int route;
        private final List<Integer> routes;
        private @Nullable Process process;

        private Node(String name, Path folder, int port, int route, List<Integer> routes) {
            this.name = name;
            this.folder = folder;
            this.port = port;
            this.route = route;
            this.routes = routes;
            this.url = "nats://127.0.0.1:" + port;
        }

        /// Starts it, with what it kept.
        public void start() {
            var command = new ArrayList<>(List.of(
                    Server.SCRIPTS.resolve(SCRIPT).toString(), "run", folder.toString(), Integer.toString(port)));
            if (route > 0) {
                command.add(name);
                command.add(Integer.toString(route));
                routes.forEach(each -> command.add(Integer.toString(each)));
            }
            try {
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                folder.resolve("output").toFile()))
                        .start();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        /// Starts it and waits until it takes connections.
        public void startAndAwait() {
            start();
            awaitAnswer();
        }

        private void awaitAnswer() {
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(180))
                        .pollInterval(Duration.ofMillis(50))
                        .failFast("the server ended", () -> !isAlive())
                        .ignoreExceptions()
                        .until(this::answers);
            } catch (RuntimeException e) {
                throw new IllegalStateException("no answer from " + url + ":\n" + output(), e);
            }
        }

        private boolean answers() throws IOException {
            try (var socket = new java.net.Socket("127.0.0.1", port)) {
                socket.setSoTimeout(2000);
                return new String(socket.getInputStream().readNBytes(4), StandardCharsets.US_ASCII).equals("INFO");
            }
        }

        private String output() {
            try {
                return Files.readString(folder.resolve("output"));
            } catch (IOException e) {
                return "it wrote nothing";
            }
        }

        /// Ends it in order.
        public void stop() {
            running().destroy();
            await();
        }

        /// Ends it as a crash would.
        public void kill() {
            var was = process;
            if (was != null) {
                was.destroyForcibly();
                await();
            }
        }

        /// Stops it where it is (SIGSTOP), as a machine that hangs, until [#thaw].
        public void freeze() throws IOException, InterruptedException {
            signal("-STOP");
        }

        public void thaw() throws IOException, InterruptedException {
            signal("-CONT");
        }

        private void signal(String which) throws IOException, InterruptedException {
            var sent = new ProcessBuilder("kill", which, Long.toString(running().pid())).start();
            if (!sent.waitFor(1, TimeUnit.MINUTES) || sent.exitValue() != 0) {
                throw new IOException("kill %s does not reach it".formatted(which));
            }
        }

        /// Notes what it keeps on its disk. It must not run.
        public void note() throws IOException {
            delete(folder.resolve("noted"));
            copy(folder.resolve("store"), folder.resolve("noted"));
        }

        /// Its disk is as it was when it was noted, as after a loss of power. It must not run.
        public void setBack() throws IOException {
            delete(folder.resolve("store"));
            copy(folder.resolve("noted"), folder.resolve("store"));
        }

        private static void copy(Path from, Path to) throws IOException {
            try (var files = Files.walk(from)) {
                for (var file : files.toList()) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                }
            }
        }

        /// Deletes what it kept: its disk is gone. It must not run.
        public void wipe() {
            delete(folder.resolve("store"));
        }

        public boolean isAlive() {
            return running().isAlive();
        }

        private Process running() {
            return Objects.requireNonNull(process, "it was never started");
        }

        private void await() {
            var ends = running();
            try {
                if (!ends.waitFor(60, TimeUnit.SECONDS)) {
                    ends.destroyForcibly();
                }
            } catch (InterruptedException e) {
                ends.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }

        private static void delete(Path folder) {
            if (!Files.exists(folder)) {
                return;
            }
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException | java.io.UncheckedIOException e) {
                System.err.println("not deleted: " + folder);
            }
        }
    }
}
