package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Known;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.remote.DockerHost;
import io.logroute.remote.DockerSwarm;
import io.logroute.remote.SwarmRefused;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.SpecReader;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;

/// The stack that we ship, deployed on a swarm of the testbed with the real image: what a test does to it, and sees
/// of it through the eyes of a manager.
final class OnSwarm implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(300);
    /// Between two looks by a command, each of which is a JVM that starts.
    static final Duration NOW_AND_THEN = Duration.ofSeconds(1);
    private static final String CONTROLLER = "logroute_controller";
    private static final byte[] NO_KEY = "0".repeat(64).getBytes(StandardCharsets.US_ASCII);

    private final SwarmLab lab;
    /// The node whose daemon is asked.
    private int eye = 1;
    private DockerSwarm swarm;
    private final Set<Integer> down = new TreeSet<>();

    /// @param files of `deploy/`
    OnSwarm(SwarmLab lab, String... files) throws IOException {
        this.lab = lab;
        this.swarm = open(eye);
        lab.product();
        var command = new ArrayList<>(List.of("stack", "deploy", "--resolve-image", "never"));
        for (var file : files) {
            command.addAll(List.of("-c", "deploy/" + file));
        }
        command.add("logroute");
        lab.insist(1, command.toArray(String[]::new));
        controllerAnswers();
    }

    private DockerSwarm open(int node) {
        return new DockerSwarm(
                new DockerHost(URI.create("unix://" + lab.socket(node)), Optional.empty()),
                "logroute",
                () -> NO_KEY,
                (_, _) -> {});
    }

    /// The node whose daemon is asked.
    int eye() {
        return eye;
    }

    /// From now on this node's daemon is asked.
    void lookFrom(int node) {
        swarm.close();
        eye = node;
        swarm = open(node);
    }

    // ---- what is declared

    /// Stores specs in the swarm, in place of those of this name.
    ///
    /// @return what they make of the router of this name
    PipelineDefinition declare(String router, String yaml) throws SwarmUnreachable, SwarmRefused {
        var pipeline = pipeline(router, yaml);
        swarm.storeSpec(router, yaml.getBytes(StandardCharsets.UTF_8));
        return pipeline;
    }

    static PipelineDefinition pipeline(String router, String yaml) {
        var declared = Declared.of(SpecReader.documents("test.yaml", yaml), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline(router).orElseThrow();
    }

    // ---- what is there

    Seen seen() throws SwarmUnreachable {
        return swarm.observe();
    }

    /// Waits until the swarm is like that.
    Seen until(String what, Predicate<Seen> claim) {
        var last = new Seen[] {Seen.NOTHING};
        try {
            await(what)
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(250))
                    .until(() -> {
                        try {
                            last[0] = seen();
                            return claim.test(last[0]);
                        } catch (SwarmUnreachable e) {
                            return false; // its leader is being chosen
                        }
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("%s\n%s".formatted(e.getMessage(), account(last[0])), e);
        }
        return last[0];
    }

    /// What there is instead, for whoever reads why a test failed.
    private String account(Seen seen) {
        var text = new StringBuilder("states: %s%n".formatted(seen.states()));
        seen.owned()
                .configs()
                .forEach((name, config) -> text.append("config %s %s%n".formatted(name, config.labels())));
        for (var question : List.of(
                List.of("node", "ls"),
                List.of("service", "ls"),
                List.of(
                        "stack",
                        "ps",
                        "--no-trunc",
                        "--format",
                        "{{.Name}} {{.Node}} {{.CurrentState}} {{.Error}}",
                        "logroute"),
                List.of("service", "logs", "--tail", "60", CONTROLLER))) {
            try {
                text.append(lab.docker(eye, question.toArray(String[]::new))).append('\n');
            } catch (AssertionError e) {
                text.append(e.getMessage()).append('\n');
            }
        }
        return text.toString();
    }

    /// Waits until every instance of its router runs it.
    void runs(PipelineDefinition pipeline) {
        until(
                "revision %s of router %s runs".formatted(pipeline.revision(), pipeline.name()),
                seen -> known(seen, pipeline)
                        .filter(known -> known.accepted() && known.refused().isEmpty())
                        .isPresent());
    }

    /// Waits until it is refused.
    ///
    /// @return why
    String refused(PipelineDefinition pipeline) {
        var seen = until(
                "revision %s of router %s is refused".formatted(pipeline.revision(), pipeline.name()),
                each -> known(each, pipeline).flatMap(Known::refused).isPresent());
        return known(seen, pipeline).flatMap(Known::refused).orElseThrow();
    }

    static Optional<Known> known(Seen seen, PipelineDefinition pipeline) {
        return Known.of(seen.owned(), pipeline.name()).stream()
                .filter(each -> each.revision().equals(pipeline.revision().hash()))
                .findFirst();
    }

    static RouterService service(Seen seen, String router, int instance) {
        return Objects.requireNonNull(seen.owned().services().get("logroute_%s-%d".formatted(router, instance)));
    }

    static Seen.State state(Seen seen, String router, int instance) {
        return seen.states().getOrDefault("logroute_%s-%d".formatted(router, instance), Seen.State.NEW);
    }

    // ---- the controller

    /// The node that it is on, and its container there; empty while there is none.
    Optional<Map.Entry<Integer, String>> controller() {
        for (int node = 1; node <= lab.nodes(); node++) {
            if (down.contains(node)) {
                continue;
            }
            var ids = lab.lines(node, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + CONTROLLER);
            if (!ids.isEmpty()) {
                return Optional.of(Map.entry(node, ids.getFirst()));
            }
        }
        return Optional.empty();
    }

    /// A node loses its power.
    void kill(int node) {
        down.add(node);
        lab.kill(node);
    }

    /// And gets it back.
    void start(int node) {
        lab.start(node);
        down.remove(node);
    }

    private boolean answers() {
        try {
            var is = controller();
            is.ifPresent(each -> in(each.getKey(), each.getValue(), "sh /app/image.sh health"));
            return is.isPresent();
        } catch (AssertionError e) {
            return false; // not yet, or its container ended meanwhile
        }
    }

    /// Its process is gone at once; Swarm starts another one.
    void killController() {
        await("there is a controller").atMost(PATIENCE).until(this::isKilled);
    }

    private boolean isKilled() {
        var is = controller();
        if (is.isEmpty()) {
            return false;
        }
        try {
            lab.docker(is.get().getKey(), "kill", "-s", "KILL", is.get().getValue());
            return true;
        } catch (AssertionError e) {
            if (String.valueOf(e.getMessage()).contains("is not running")) {
                return false; // Swarm ended it just now, and starts another one
            }
            throw e;
        }
    }

    /// Waits until it answers.
    void controllerAnswers() {
        await("the controller answers")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(this::answers);
    }

    /// `logroute` in the controller's container; what it printed, whatever its exit code.
    String ask(String... words) {
        var is = await("there is a controller")
                .atMost(PATIENCE)
                .until(this::controller, Optional::isPresent)
                .orElseThrow();
        return in(is.getKey(), is.getValue(), "logroute " + String.join(" ", words) + " 2>&1 || true");
    }

    /// What REST tells of a router.
    Map<?, ?> router(String name) {
        var status = ask("status", "-o", "json").getBytes(StandardCharsets.UTF_8);
        if (Json.parse(status, 0, status.length).get("routers") instanceof List<?> routers) {
            for (var each : routers) {
                if (each instanceof Map<?, ?> router && name.equals(router.get("name"))) {
                    return router;
                }
            }
        }
        return Map.of();
    }

    /// What the metrics of an instance on a node say in lines that begin so.
    String metrics(int node, String service, String beginning) {
        var id = lab.lines(node, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + service)
                .getFirst();
        return in(
                node,
                id,
                "printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' | nc -w 30 127.0.0.1 9600 | grep '^%s' || true"
                        .formatted(beginning));
    }

    private String in(int node, String container, String script) {
        return lab.docker(node, "exec", container, "sh", "-c", script);
    }

    @Override
    public void close() {
        swarm.close();
        List.copyOf(down).forEach(this::start);
        // First of all, for it restores what somebody removes.
        lab.insist(eye, "service", "rm", CONTROLLER);
        await("the controller is gone")
                .atMost(PATIENCE)
                .until(() -> controller().isEmpty());
        lab.clear();
    }
}
