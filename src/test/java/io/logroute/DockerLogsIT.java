package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Pipelines;
import io.logroute.spec.Read;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A real Docker: while its daemon is restarted and the router is killed, again and again, every line that
/// containers write comes out once, in order. What they wrote is what Docker itself says of it in the end.
@Timeout(1800)
@ResourceLock(SwarmLab.OTHER_OF_ONE)
class DockerLogsIT {
    private static final int CONTAINERS = 20;
    private static final Duration SOON = Duration.ofMinutes(5);

    /// 50 lines at a time, some on stderr, now and then one of 40,000 characters, no two of its pieces alike;
    /// the run's name tells restarts apart.
    private static final String WRITES = """
            run=$(date +%s); i=0
            long=; part=; n=0
            while [ $n -lt 100 ]; do part="$part.$n"; n=$((n+1)); done
            while [ ${#long} -lt 40000 ]; do long="$long ${#long}$part"; done
            long="${long}x"
            while [ $i -lt 100000 ]; do
              i=$((i+1))
              case $i in
                *7) echo "$run $i" >&2 ;;
                *500) echo "$run $i $long" ;;
                *) echo "$run $i" ;;
              esac
              [ $((i % 50)) != 0 ] || sleep 0.2
            done
            """;

    private final SwarmLab lab = SwarmLab.other(1);
    private Optional<Process> router = Optional.empty();

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        router.ifPresent(Process::destroyForcibly);
        var all = lab.lines(1, "ps", "-aq");
        if (!all.isEmpty()) {
            var remove = new ArrayList<>(List.of("rm", "-f"));
            remove.addAll(all);
            lab.docker(1, remove.toArray(String[]::new));
        }
    }

    /// A router in a process of its own, which can be killed.
    static final class Router {
        private Router() {}

        public static void main(String[] arguments) throws Exception {
            var text = Files.readString(Path.of(arguments[0], "pipeline.yaml"));
            var definition = switch (PipelineDefinition.parse(text)) {
                case Read.Good<PipelineDefinition>(var good) -> good;
                case Read.Bad<PipelineDefinition>(var problems) -> throw new IOException(problems.toString());
            };
            var pipelines = new Pipelines(
                    Path.of(arguments[0]),
                    Mappings.of(Optional.empty()),
                    System.out,
                    new Instruments(),
                    InstantSource.system());
            var change = pipelines.become(List.of(definition));
            System.out.println("started: " + change);
            Thread.currentThread().join();
        }
    }

    private void startRouter() throws IOException {
        var java = ProcessHandle.current().info().command().orElseThrow();
        router = Optional.of(new ProcessBuilder(
                        java,
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Router.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("router.log").toFile()))
                .start());
    }

    private void killRouter() throws InterruptedException {
        var process = router.orElseThrow();
        process.destroyForcibly();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void no_gap_and_no_repeat_while_router_and_dockerd_are_restarted() throws Exception {
        Files.writeString(folder.resolve("pipeline.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: r }
                spec:
                  sources: [{ docker: { host: "unix://%s" } }]
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: out }
                spec: { file: { path: out.ndjson } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: r, to: [out] }
                """.formatted(lab.socket(1)));
        lab.tiny();
        startRouter();
        for (int i = 0; i < CONTAINERS; i++) {
            var run = new ArrayList<>(List.of(
                    "run", "-d", "--restart", "always", "--stop-timeout", "1", "--network", "none", "--name", "c" + i));
            if (i == 1) {
                run.add("-t");
            }
            if (i % 3 == 2) {
                run.addAll(List.of("--log-driver", "local"));
            }
            run.addAll(List.of(
                    "--log-opt",
                    i == 3 ? "max-size=300k" : "max-size=100m",
                    "--log-opt",
                    i == 3 ? "max-file=50" : "max-file=2"));
            run.addAll(List.of("tiny:1", "sh", "-c", WRITES));
            lab.docker(1, run.toArray(String[]::new));
        }
        var random = new Random(11);
        for (int round = 0; round < 8; round++) {
            pause(random.nextInt(500, 3000));
            if (round % 4 == 2) {
                lab.stop(1);
                lab.start(1);
            } else {
                killRouter();
                pause(random.nextInt(1500));
                startRouter();
            }
            // Those that live for a moment.
            lab.docker(1, "run", "-d", "--network", "none", "--name", "short" + round, "tiny:1", "echo", "only this");
        }
        pause(2000);
        var names = lab.lines(1, "ps", "-a", "--format", "{{.Names}}");
        var stop = new ArrayList<>(List.of("stop", "-t", "1"));
        stop.addAll(names);
        lab.docker(1, stop.toArray(String[]::new));
        var written = new TreeMap<String, List<String>>();
        for (var name : names) {
            written.put(name, written(name));
        }
        int all = written.values().stream().mapToInt(List::size).sum();
        System.out.println(all + " lines of " + names.size() + " containers");
        await("all lines")
                .atMost(SOON)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> events().values().stream().mapToInt(List::size).sum() >= all);
        pause(1500); // for what would come twice
        var read = events();
        for (var name : names) {
            assertThat(differences(Objects.requireNonNull(written.get(name)), read.getOrDefault(name, List.of())))
                    .as("container %s", name)
                    .isEmpty();
        }
        assertThat(all).isGreaterThan(10_000);
    }

    /// The first line that is not as it should be, with those around it; empty when all are.
    private static List<String> differences(List<String> written, List<String> read) {
        int at = 0;
        while (at < written.size() && at < read.size() && written.get(at).equals(read.get(at))) {
            at++;
        }
        if (at == written.size() && at == read.size()) {
            return List.of();
        }
        var told = new ArrayList<>(
                List.of("%d written, %d read, from line %d on:".formatted(written.size(), read.size(), at)));
        written.stream()
                .skip(Math.max(0, at - 3))
                .limit(8)
                .map("written "::concat)
                .forEach(told::add);
        read.stream().skip(Math.max(0, at - 3)).limit(8).map("read    "::concat).forEach(told::add);
        return told;
    }

    private static void pause(long millis) throws InterruptedException {
        new java.util.concurrent.CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }

    /// What Docker says that it wrote, each line with its time; stdout, then stderr.
    private List<String> written(String name) throws Exception {
        var out = folder.resolve("written.out");
        var err = folder.resolve("written.err");
        var process = new ProcessBuilder("docker", "-H", "unix://" + lab.socket(1), "logs", "--timestamps", name)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        var lines = new ArrayList<String>();
        for (var file : List.of(out, err)) {
            // Docker 20.10's driver local leaves out some line ends of lines that it keeps in pieces.
            for (var line : Files.readString(file)
                    .replaceAll("x(\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z \\d{10} \\d+)", "x\n$1")
                    .split("\n")) {
                if (!line.isEmpty()) {
                    lines.add(brief(joined(line.strip())));
                }
            }
        }
        return lines;
    }

    /// The command repeats the time before each piece of 16 KiB.
    private static String joined(String line) {
        return line.length() < 1000
                ? line
                : line.substring(0, 31) + line.substring(31).replace(line.substring(0, 31), "");
    }

    /// By container, stdout before stderr; an event that the sink wrote twice, as it may, once.
    private Map<String, List<String>> events() throws IOException {
        var lines = new TreeMap<String, List<String>>();
        var errors = new TreeMap<String, List<String>>();
        var file = folder.resolve("out.ndjson");
        if (Files.notExists(file)) {
            return lines;
        }
        for (var line : new LinkedHashSet<>(Files.readAllLines(file, StandardCharsets.UTF_8))) {
            if (!line.endsWith("}")) {
                continue; // torn by a kill; it comes again
            }
            var bytes = line.getBytes(StandardCharsets.UTF_8);
            var event = Json.parse(bytes, 0, bytes.length);
            var msg = String.valueOf(event.get("msg"));
            var name = String.valueOf(event.get("container_name"));
            boolean err = msg.matches("\\d+ \\d*7") && !name.equals("c1");
            var time = java.time.format.DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'")
                    .withZone(java.time.ZoneOffset.UTC)
                    .format(java.time.Instant.parse(String.valueOf(event.get("@timestamp"))));
            (err ? errors : lines).computeIfAbsent(name, _ -> new ArrayList<>()).add(brief(time + " " + msg));
        }
        errors.forEach((name, all) ->
                lines.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(all));
        return lines;
    }

    private static String brief(String line) {
        return line.length() < 200 ? line : line.substring(0, 60) + "... " + line.length();
    }
}
