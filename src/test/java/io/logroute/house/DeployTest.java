package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Declared;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/// The files in `deploy/` fit each other, the specs and the pages. That Docker takes them is for tests
/// on a real swarm.
class DeployTest {
    private static final Path DEPLOY = Path.of("deploy");

    /// Those that stand for themselves, and those that are given beside one of them.
    private static final List<String> WHOLE = List.of("logroute.yml", "socket-proxy.yml");
    private static final List<String> BESIDE = List.of("with-secrets.yml", "with-link-key.yml", "amp.yml");

    private static final Pattern CALL = Pattern.compile("`((?:GET|HEAD|POST|DELETE) /[^`]*)`");

    @Test
    void every_stack_file_is_known_here() throws IOException {
        assertThat(files("yml"))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(WHOLE.stream(), BESIDE.stream()).toList());
    }

    @TestFactory
    Stream<DynamicTest> every_stack_file_names_files_that_are_there_and_tells_each_variable_of_its_own()
            throws IOException {
        return files("yml").stream()
                .map(file -> DynamicTest.dynamicTest(file, () -> {
                    var stack = yaml(file);
                    assertThat(stack).containsEntry("version", "3.8");
                    for (var config : at(stack, "configs").values()) {
                        assertThat(DEPLOY.resolve(String.valueOf(at(config).get("file"))))
                                .exists();
                    }
                    var text = Files.readString(DEPLOY.resolve(file));
                    var told = text.lines()
                            .filter(line -> line.startsWith("#"))
                            .toList()
                            .toString();
                    assertThat(Pattern.compile("\\$\\{([A-Z_]+)")
                                    .matcher(text)
                                    .results()
                                    .map(found -> found.group(1)))
                            .allSatisfy(name ->
                                    assertThat(told + toldIn("logroute.yml")).contains(name));
                }));
    }

    @TestFactory
    Stream<DynamicTest> every_spec_reads_and_resolves_without_a_problem() throws IOException {
        var specs = files("yaml");
        assertThat(specs).isNotEmpty();
        return specs.stream()
                .map(file -> DynamicTest.dynamicTest(file, () -> {
                    var reading = SpecReader.documents(file, Files.readString(DEPLOY.resolve(file)));
                    assertThat(reading.problems()).isEmpty();
                    var declared = Declared.of(reading, Declared.NOTHING, Set.of("ampbeat"));
                    assertThat(declared.problems()).isEmpty();
                    assertThat(declared.pipelines()).isNotEmpty();
                }));
    }

    /// A config that the controller is to read carries the label by which it finds it.
    @Test
    void every_spec_is_a_config_of_a_stack_and_says_that_it_is_one() throws IOException {
        var labelled = new ArrayList<String>();
        for (var file : files("yml")) {
            for (var config : at(yaml(file), "configs").values()) {
                if ("true".equals(at(config, "labels").get("logroute.spec"))) {
                    labelled.add(String.valueOf(at(config).get("file")).replaceFirst("^\\./", ""));
                }
            }
        }
        assertThat(labelled).containsExactlyInAnyOrderElementsOf(files("yaml"));
    }

    @Test
    void the_stacks_differ_only_in_how_the_controller_comes_to_docker() throws IOException {
        var plain = controller("logroute.yml");
        var behindProxy = controller("socket-proxy.yml");
        for (var different : List.of("user", "cap_add", "networks", "volumes", "command")) {
            plain.remove(different);
            behindProxy.remove(different);
        }
        assertThat(behindProxy).isEqualTo(plain);
        assertThat(options("socket-proxy.yml", "docker")).isEqualTo(options("logroute.yml", "docker"));
    }

    /// The names under which the controller looks for them.
    @Test
    void with_secrets_the_port_is_open_and_tokens_say_who_may_ask() throws IOException {
        var controller = controller("with-secrets.yml");
        assertThat(controller).containsOnlyKeys("secrets", "ports");
        assertThat(controller.get("secrets")).isEqualTo(List.of("logroute_operator", "logroute_viewer"));
        for (var whole : WHOLE) {
            assertThat(controller(whole)).as("an open port without tokens").doesNotContainKeys("ports", "secrets");
        }
    }

    /// The name under which the controller looks for it.
    @Test
    void the_link_key_may_be_a_secret() throws IOException {
        assertThat(controller("with-link-key.yml")).isEqualTo(Map.of("secrets", List.of("logroute_link_key")));
    }

    @Test
    void the_page_lists_the_calls_that_the_socket_proxy_lets_through() throws IOException {
        var listed = listed();
        assertThat(listed).hasSize(19);
        for (var call : listed) {
            assertThat(passes(call.replace("{id}", "zc5-a_b.1"))).as(call).isTrue();
        }
        for (var pattern : patterns()) {
            assertThat(listed)
                    .as("docs/guide/security.md has no call for %s", pattern)
                    .anyMatch(
                            call -> pattern.matcher(call.replace("{id}", "x1")).matches());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /swarm",
                "POST /swarm/update",
                "GET /containers/json",
                "POST /containers/create",
                "POST /containers/x1/exec",
                "POST /nodes/x1/update",
                "DELETE /nodes/x1",
                "DELETE /secrets/x1",
                "GET /info",
                "GET /volumes",
                "DELETE /volumes/x1",
                "DELETE /networks/x1",
                "POST /networks/create",
                "POST /images/create",
                "GET /services/x1/../../swarm",
                "GET /services/..",
                "GET /services/%2e%2e",
                "GET /services/x1/",
                "PUT /configs/create",
                "GET /v1.41/v1.41/services"
            })
    void the_socket_proxy_keeps_other_calls_back(String call) throws IOException {
        assertThat(passes(call)).isFalse();
    }

    private static boolean passes(String call) throws IOException {
        return patterns().stream().anyMatch(pattern -> pattern.matcher(call).find());
    }

    private static List<Pattern> patterns() throws IOException {
        return Files.readAllLines(DEPLOY.resolve("socket-proxy/calls.txt")).stream()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .map(Pattern::compile)
                .toList();
    }

    /// The calls in the table of the page.
    private static List<String> listed() throws IOException {
        return Files.readAllLines(Path.of("docs/guide/security.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> CALL.matcher(line).results().map(found -> found.group(1)))
                .toList();
    }

    /// The options of the controller's command in the file, but for those named.
    private static Map<String, String> options(String file, String... but) throws IOException {
        var options = new TreeMap<String, String>();
        if (Objects.requireNonNull(controller(file).get("command")) instanceof List<?> words) {
            assertThat(words.getFirst()).isEqualTo("controller");
            for (var word : words.subList(1, words.size())) {
                var parts = String.valueOf(word).split("=", 2);
                options.put(parts[0].replaceFirst("^--", ""), parts[1]);
            }
        }
        List.of(but).forEach(options::remove);
        assertThat(options).isNotEmpty();
        return options;
    }

    private static Map<String, Object> controller(String file) throws IOException {
        return at(at(yaml(file), "services"), "controller");
    }

    private static String toldIn(String file) throws IOException {
        return Files.readAllLines(DEPLOY.resolve(file)).stream()
                .filter(line -> line.startsWith("#"))
                .toList()
                .toString();
    }

    private static Map<String, Object> yaml(String file) throws IOException {
        return at(new Yaml().load(Files.readString(DEPLOY.resolve(file))));
    }

    /// What stands under the keys, one in the other; empty when there is nothing.
    private static Map<String, Object> at(@Nullable Object value, String... keys) {
        var found = Optional.ofNullable(value);
        for (var key : keys) {
            found = found.map(each -> each instanceof Map<?, ?> map ? map.get(key) : null);
        }
        var map = new TreeMap<String, Object>();
        if (found.orElse(Map.of()) instanceof Map<?, ?> read) {
            read.forEach((key, each) -> map.put(String.valueOf(key), each == null ? "" : each));
        }
        return map;
    }

    private static List<String> files(String extension) throws IOException {
        try (var files = Files.list(DEPLOY)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("." + extension))
                    .sorted()
                    .toList();
        }
    }
}
