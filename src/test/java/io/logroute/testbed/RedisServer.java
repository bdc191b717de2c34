package io.logroute.testbed;

import java.io.IOException;
import java.net.URI;
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

/// Redis in processes of its own: one server, one with a replica and Sentinels, or a cluster, run by
/// `src/testbed/redis.sh`. Nodes may be stopped, killed, and started again with what they kept.
public final class RedisServer implements AutoCloseable {
    private static final String SCRIPT = "redis.sh";

    private final List<Node> nodes = new ArrayList<>();
    private final Path folder;

    private RedisServer() throws IOException {
        Server.needInstalled(SCRIPT);
        folder = Files.createTempDirectory(Path.of("/tmp"), "logroute-redis");
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "stop redis"));
    }

    /// One server that keeps nothing over its end.
    public static RedisServer single() throws IOException {
        return with("");
    }

    /// One server with more in its configuration: a password, TLS, `appendonly`, `maxmemory`.
    public static RedisServer with(String extra, String... cliOptions) throws IOException {
        var server = new RedisServer();
        server.add("server", extra, cliOptions).startAndAwait();
        return server;
    }

    /// One server that takes TLS only: `%PORT%` in `extra` becomes its port.
    public static RedisServer overTls(String extra, String... cliOptions) throws IOException {
        var server = new RedisServer();
        var node = server.add("server", "", cliOptions);
        Files.writeString(node.folder.resolve("extra.conf"), extra.replace("%PORT%", Integer.toString(node.port)));
        node.startAndAwait();
        return server;
    }

    /// A master, its replica, and three Sentinels that watch it as `mymaster`: nodes 0, 1, and 2 to 4.
    public static RedisServer watched() throws IOException {
        var all = new RedisServer();
        var master = all.add("server", "");
        master.startAndAwait();
        all.add("server", "replicaof 127.0.0.1 " + master.port + "\n").startAndAwait();
        for (int i = 0; i < 3; i++) {
            all.add("sentinel", """
                            sentinel monitor mymaster 127.0.0.1 %d 2
                            sentinel down-after-milliseconds mymaster 3000
                            sentinel failover-timeout mymaster 3000
                            """.formatted(master.port)).startAndAwait();
        }
        // Who does not know of the replica and of the other Sentinels cannot put it in place of the master.
        for (var sentinel : all.nodes.subList(2, 5)) {
            all.await(() -> sentinel.cli("sentinel", "replicas", "mymaster").contains("name")
                    && sentinel.cli("sentinel", "sentinels", "mymaster")
                                    .lines()
                                    .filter("name"::equals)
                                    .count()
                            == 2
                    && sentinel.cli("sentinel", "ckquorum", "mymaster").startsWith("OK"));
        }
        all.await(() -> all.node(1).cli("info", "replication").contains("master_link_status:up"));
        return all;
    }

    /// Three masters that share the slots.
    public static RedisServer cluster() throws IOException {
        var all = new RedisServer();
        var create = new ArrayList<>(List.of("--cluster", "create"));
        for (int i = 0; i < 3; i++) {
            var node = all.add("server", "cluster-enabled yes\ncluster-node-timeout 15000\n");
            node.startAndAwait();
            create.add("127.0.0.1:" + node.port);
        }
        create.add("--cluster-yes");
        all.node(0).cli(create.toArray(String[]::new));
        for (var node : all.nodes) {
            all.await(() -> node.cli("cluster", "info").contains("cluster_state:ok")
                    && node.cli("cluster", "info").contains("cluster_slots_ok:16384"));
        }
        return all;
    }

    private void await(java.util.concurrent.Callable<Boolean> what) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(what);
    }

    private Node add(String mode, String extra, String... cliOptions) throws IOException {
        var node = new Node(mode, folder.resolve("n" + nodes.size()), Ports.free(), List.of(cliOptions));
        Files.createDirectories(node.folder);
        Files.writeString(node.folder.resolve("extra.conf"), extra);
        nodes.add(node);
        return node;
    }

    public Node node(int index) {
        return nodes.get(index);
    }

    /// The first one.
    public URI url() {
        return node(0).url();
    }

    public String cli(String... arguments) throws IOException {
        return node(0).cli(arguments);
    }

    @Override
    public void close() {
        nodes.forEach(Node::kill);
        delete(folder);
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

    /// One server, or Sentinel.
    public static final class Node {
        public final int port;
        private final String mode;
        private final Path folder;
        private final List<String> cliOptions;
        private @Nullable Process process;

        private Node(String mode, Path folder, int port, List<String> cliOptions) {
            this.mode = mode;
            this.folder = folder;
            this.port = port;
            this.cliOptions = cliOptions;
        }

        public URI url() {
            return URI.create("redis://127.0.0.1:" + port);
        }

        /// Starts it, with what it kept, and waits until it answers.
        public void startAndAwait() {
            try {
                process = new ProcessBuilder(
                                Server.SCRIPTS.resolve(SCRIPT).toString(),
                                "run",
                                folder.toString(),
                                Integer.toString(port),
                                mode)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                folder.resolve("output").toFile()))
                        .start();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(180))
                        .pollInterval(Duration.ofMillis(50))
                        .failFast("the server ended", () -> !running().isAlive())
                        .ignoreExceptions()
                        .until(() -> cli("ping").equals("PONG"));
            } catch (IOException | RuntimeException e) {
                throw new IllegalStateException("no answer from " + url() + ":\n" + output(), e);
            }
        }

        /// What `redis-cli` answers.
        public String cli(String... arguments) throws IOException {
            return cliWithInput("", arguments);
        }

        /// The same, with commands or a last argument (`-x`) on its standard input.
        public String cliWithInput(String input, String... arguments) throws IOException {
            var command = new ArrayList<>(List.of(Server.SCRIPTS.resolve(SCRIPT).toString(), "cli"));
            if (!List.of(arguments).contains("--cluster")) {
                command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port)));
            }
            command.addAll(cliOptions);
            command.addAll(List.of(arguments));
            var cli = new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var in = cli.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            var said = new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            try {
                if (!cli.waitFor(120, TimeUnit.SECONDS)) {
                    cli.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return said;
        }

        private String output() {
            try {
                return Files.readString(folder.resolve("output"));
            } catch (IOException e) {
                return "it wrote nothing";
            }
        }

        /// Ends it as a crash would (kill -9).
        public void kill() {
            var was = process;
            if (was != null) {
                was.destroyForcibly();
                await(was);
            }
        }

        private static void await(Process ends) {
            try {
                ends.waitFor(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
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

        private Process running() {
            return Objects.requireNonNull(process, "it was never started");
        }
    }
}
