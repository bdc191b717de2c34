package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Json;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// LogRoute on a swarm of one node, deployed by its own stack file; and what people do from then on, by Docker and
/// REST.
final class Deployed {
    /// Within this everything comes true that a user waits for, on a machine that has much else to do; else it is
    /// seconds.
    static final Duration SOON = Duration.ofSeconds(300);

    private static final String OPERATOR = "operator-0123456789abcdef";
    private static final String VIEWER = "viewer-0123456789abcdef";

    private final SwarmLab lab;
    private final Path folder;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private Deployed(SwarmLab lab, Path folder) {
        this.lab = lab;
        this.folder = folder;
    }

    /// Deploys it on an empty swarm, with tokens, and waits until it lives.
    static Deployed on(SwarmLab lab, Path folder) throws IOException {
        assertThat(lab.product()).isEqualTo("logroute:dev");
        var deployed = new Deployed(lab, folder);
        deployed.docker("secret", "create", "logroute_operator", deployed.file(OPERATOR));
        deployed.docker("secret", "create", "logroute_viewer", deployed.file(VIEWER));
        deployed.docker(
                "stack",
                "deploy",
                "--resolve-image",
                "never",
                "-c",
                "deploy/logroute.yml",
                "-c",
                "deploy/with-secrets.yml",
                "logroute");
        await("the controller lives")
                .atMost(SOON)
                .ignoreExceptions()
                .until(() -> deployed.ask("GET", "/q/health/live", "").statusCode() == 200);
        return deployed;
    }

    String docker(String... arguments) {
        return lab.docker(1, arguments);
    }

    private String file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "given", ""), content)
                .toString();
    }

    // ---- what is declared

    /// A config with specs, as a user makes it.
    void declare(String config, String yaml) throws IOException {
        docker("config", "create", "--label", "logroute.spec=true", config, file(yaml));
    }

    /// Takes away what is declared in all configs but these.
    void undeclareAllBut(String... configs) {
        var names = new ArrayList<>(
                lab.lines(1, "config", "ls", "--filter", "label=logroute.spec", "--format", "{{.Name}}"));
        names.removeAll(List.of(configs));
        names.forEach(name -> docker("config", "rm", name));
    }

    /// Removes users' services, and, once nobody declares them, those of routers.
    void removeServicesBut(Set<String> names) {
        await("services are removed").atMost(SOON).until(() -> {
            var others = new ArrayList<>(lab.lines(1, "service", "ls", "--format", "{{.Name}}"));
            others.removeAll(names);
            if (!others.isEmpty()) {
                var words = new ArrayList<>(List.of("service", "rm"));
                words.addAll(others);
                docker(words.toArray(String[]::new));
            }
            return others.isEmpty();
        });
    }

    /// Gives up what an instance may hold whose service was removed; where there is none, it is told so.
    void forget(String router, int instance) throws IOException, InterruptedException {
        var path = "/api/v1/volumes/%s/%d?yes=true".formatted(router, instance);
        assertThat(ask("DELETE", path, OPERATOR).statusCode()).isIn(200, 404);
    }

    /// A user's service that need not run: its labels are what matters.
    void service(String name, String stack, String... labels) {
        var words = new ArrayList<>(List.of("service", "create", "-d", "--no-resolve-image", "--replicas", "0"));
        words.addAll(List.of("--name", stack + "_" + name, "--label", "com.docker.stack.namespace=" + stack));
        for (var label : labels) {
            words.addAll(List.of("--label", label));
        }
        words.addAll(List.of(lab.tiny(), "sleep", "1000"));
        docker(words.toArray(String[]::new));
    }

    void label(String service, String... labels) {
        var words = new ArrayList<>(List.of("service", "update", "-d", "--no-resolve-image"));
        for (var label : labels) {
            words.addAll(
                    label.startsWith("-") ? List.of("--label-rm", label.substring(1)) : List.of("--label-add", label));
        }
        words.add(service);
        docker(words.toArray(String[]::new));
    }

    // ---- what is told

    HttpResponse<String> ask(String method, String path, String token) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://%s:8080%s".formatted(lab.address(1), path)))
                .timeout(Duration.ofSeconds(60))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// What stands under `/api/v1/`; empty when there is no such thing.
    private Optional<Object> get(String path) {
        try {
            var answer = ask("GET", "/api/v1/" + path, VIEWER);
            if (answer.statusCode() == 404) {
                return Optional.empty();
            }
            assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
            var body = answer.body().getBytes(StandardCharsets.UTF_8);
            return Optional.ofNullable(Json.value(body, 0, body.length));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// One thing, `routes/shop--web`; empty when it is not there.
    Map<?, ?> one(String path) {
        return get(path).map(each -> (Map<?, ?>) each).orElse(Map.of());
    }

    List<Map<?, ?>> all(String path) {
        return ((List<?>) get(path).orElseThrow())
                .stream().<Map<?, ?>>map(each -> (Map<?, ?>) each).toList();
    }

    /// `True Runs: Every instance runs revision 3f9a1c0d2b4e.`; empty when nothing is told of it.
    String condition(String path, String type) {
        return one(path).get("conditions") instanceof List<?> conditions
                ? conditions.stream()
                        .map(each -> (Map<?, ?>) each)
                        .filter(each -> type.equals(each.get("type")))
                        .map(each -> "%s %s: %s".formatted(each.get("status"), each.get("reason"), each.get("message")))
                        .findFirst()
                        .orElse("")
                : "";
    }

    void awaitCondition(String path, String type, String beginning) {
        await(path + " " + type)
                .atMost(SOON)
                .untilAsserted(() -> assertThat(condition(path, type)).startsWith(beginning));
    }

    /// `config bad:3: spec.to: there is no sink "es2". Write one of: es; or declare it.`
    List<String> problems() {
        return all("problems").stream()
                .map(each -> "%s: %s. %s".formatted(each.get("where"), each.get("what"), each.get("mend")))
                .toList();
    }

    void awaitProblem(String... words) {
        await(String.join(" ", words))
                .atMost(SOON)
                .untilAsserted(() -> assertThat(problems())
                        .anySatisfy(problem -> assertThat(problem).contains(words)));
    }

    /// `drift service/logroute_core-0: Restore service logroute_core-0: replicas 0 -> 1.`
    List<String> events() {
        return events(Instant.EPOCH);
    }

    /// What happened since, be it again.
    List<String> events(Instant since) {
        return all("events?limit=1000&since=" + since).stream()
                .map(each -> "%s %s: %s".formatted(each.get("kind"), each.get("object"), each.get("words")))
                .toList();
    }

    /// What the command prints in the controller's container, and its exit code.
    String logroute(String command) {
        var container = docker("ps", "-q", "-f", "name=logroute_controller").strip();
        return docker(
                "exec",
                "-e",
                "LOGROUTE_TOKEN_FILE=/run/secrets/logroute_viewer",
                container,
                "sh",
                "-c",
                "logroute " + command + "; echo exit $?");
    }

    /// Whether a service has one container, and that is healthy.
    boolean isHealthy(String service) {
        var healthy = lab.lines(
                1, "ps", "-q", "-f", "health=healthy", "-f", "label=com.docker.swarm.service.name=" + service);
        return healthy.size() == 1 && healthy.equals(containers(service));
    }

    /// The containers of a service that run.
    List<String> containers(String service) {
        return lab.lines(1, "ps", "-q", "-f", "label=com.docker.swarm.service.name=" + service);
    }
}
