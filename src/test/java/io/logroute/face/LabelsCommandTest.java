package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.flow.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsCommandTest {
    private static final String EXAMPLE = "examples/labels-on-a-service/";

    @TempDir
    private Path folder = Path.of("");

    private Path stack(String... labels) throws IOException {
        var yaml = new StringBuilder("services:\n  web:\n    deploy:\n      labels:\n");
        for (var label : labels) {
            yaml.append("        ").append(label).append('\n');
        }
        return Files.writeString(folder.resolve("stack.yml"), yaml);
    }

    @Test
    void the_labels_of_the_example_are_shown_as_routes() throws IOException {
        var said = Said.by("labels", EXAMPLE + "stack.yml", "--stack", "shop", "--specs", EXAMPLE + "logroute.yaml");
        assertThat(said.err()).isEmpty();
        assertThat(said.code()).isZero();
        Golden.sameAsGolden("labels.txt", said.out());
    }

    @Test
    void what_is_shown_as_yaml_is_a_spec_that_validate_takes() throws IOException {
        var said = Said.by("labels", EXAMPLE + "stack.yml", "--stack", "shop", "--specs", EXAMPLE, "-o", "yaml");
        assertThat(said.code()).isZero();
        var routes = Files.writeString(folder.resolve("labels.yaml"), said.out());
        assertThat(Said.by("validate", EXAMPLE + "logroute.yaml", routes.toString())
                        .out())
                .contains("all good");
    }

    @Test
    void problems_are_told_with_file_line_and_label() throws IOException {
        var stack = stack(
                "logroute.enable: \"true\"",
                "logroute.to: es",
                "logroute.dorp: 'event.a == 1'",
                "logroute.sample: \"2\"");
        var said = Said.by("labels", stack.toString(), "--stack", "shop");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                %s:7: logroute.dorp
                  there is no such label
                  Did you mean logroute.drop?

                %s:8: logroute.sample
                  2.0 is no part of a whole
                  Write a number from 0 to 1, such as 0.1.

                2 problems in 1 file
                """.formatted(stack, stack));
    }

    @Test
    void as_yaml_problems_go_to_the_error_output() throws IOException {
        var stack = stack("logroute.enable: \"true\"", "logroute.to: es", "logroute.routes.a.to: ''");
        var said = Said.by("labels", stack.toString(), "--stack", "shop", "-o", "yaml");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).startsWith("# labels of service shop_web, ").contains("name: shop--web");
        assertThat(said.out()).doesNotContain("problem");
        assertThat(said.err()).contains(stack + ":7: logroute.routes.a.to", "is empty", "1 problem in 1 file");
    }

    @Test
    void as_json_it_is_for_programs() throws IOException {
        var stack = stack("logroute.enable: \"true\"", "logroute.to: es", "logroute.routes.a.to: ''");
        var said = Said.by("labels", stack.toString(), "--stack", "shop", "-o", "json");
        var json = said.out().getBytes(StandardCharsets.UTF_8);
        var tree = Json.parse(json, 0, json.length);
        assertThat(tree).containsEntry("good", false);
        assertThat(tree)
                .extractingByKey("routes", InstanceOfAssertFactories.list(Map.class))
                .singleElement()
                .satisfies(route -> {
                    assertThat(route.get("metadata")).isEqualTo(Map.of("name", "shop--web"));
                    assertThat(route.get("spec"))
                            .isEqualTo(Map.of(
                                    "router",
                                    "default",
                                    "match",
                                    Map.of("service", List.of("shop_web")),
                                    "to",
                                    List.of("es")));
                });
        assertThat(tree)
                .extractingByKey("problems", InstanceOfAssertFactories.list(Map.class))
                .singleElement()
                .satisfies(problem -> assertThat(problem.get("where")).isEqualTo(stack + ":7: logroute.routes.a.to"));
    }

    @Test
    void specs_before_the_file_do_not_swallow_it_and_may_be_given_several_times() throws IOException {
        var router = Files.writeString(folder.resolve("router.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: default }
                spec: { sources: [{ demo: { eventsPerSecond: 1 } }] }
                """);
        var sinks = Files.writeString(folder.resolve("sinks.yaml"), """
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { console: {} }
                """);
        var stack = Files.writeString(folder.resolve("stack.yml"), """
                services:
                  web: { image: x, deploy: { labels: { logroute.enable: "true", logroute.to: es } } }
                """);
        var said = Said.by(
                "labels",
                "--stack",
                "shop",
                "--specs",
                router.toString(),
                "--specs",
                sinks.toString(),
                stack.toString());
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).contains("1 service, 1 route: all good");
        assertThat(said.code()).isZero();
    }

    @Test
    void with_specs_sinks_and_what_they_allow_are_checked() throws IOException {
        var specs = Files.writeString(folder.resolve("specs.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [{ demo: {} }] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: audit }
                spec: { console: {}, allow: { stacks: [admin] } }
                """);
        var stack = stack("logroute.enable: \"true\"", "logroute.to: audit", "logroute.routes.a.to: es");
        var said = Said.by("labels", stack.toString(), "--stack", "shop", "--specs", specs.toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(
                        stack + ":6: logroute.to",
                        "sink audit may be named by labels of stack admin, and not by those of service shop_web",
                        stack + ":7: logroute.routes.a.to",
                        "there is no sink \"es\"",
                        "router: core",
                        "2 problems in 1 file");
    }

    @Test
    void what_is_off_or_not_there_is_said() throws IOException {
        assertThat(Said.by("labels", stack("logroute.enable: \"false\"").toString(), "--stack", "shop")
                        .out())
                .isEqualToNormalizingNewlines("""
                        # service shop_web is off: logroute.enable is "false"
                        1 service, 0 routes: all good
                        """);
        var said = Said.by("labels", stack("a.b: c").toString());
        assertThat(said).isEqualTo(new Said(0, "no service has labels of logroute" + System.lineSeparator(), ""));
    }

    @Test
    void names_of_services_cannot_break_a_line_or_steer_the_terminal() throws IOException {
        var name = "\"a\\n---\\nkind: x\\e[31m\\x9b\\N\\L\"";
        for (var enable : List.of("false", "true")) {
            var stack = Files.writeString(folder.resolve("stack.yml"), """
                    services:
                      %s:
                        deploy:
                          labels: { logroute.enable: "%s", logroute.to: es }
                    """.formatted(name, enable));
            var said = Said.by("labels", stack.toString(), "--stack", "shop");
            assertThat(said.out())
                    .contains(enable.equals("true") ? "is no name of a service" : "shop_a --- kind: x [31m");
            assertThat(said.out().lines()).noneMatch(line -> line.startsWith("---") || line.startsWith("kind: x"));
            assertThat(said.out()).doesNotContainPattern("[\u001b\u0080-\u009f\u2028\u2029]");
        }
    }

    @Test
    void the_same_service_in_two_files_is_told() throws IOException {
        var one = stack("logroute.enable: \"true\"", "logroute.to: es");
        var other = Files.copy(one, folder.resolve("stack2.yml"));
        assertThat(Said.by("labels", one.toString(), other.toString(), "--stack", "shop")
                        .out())
                .contains(other + ":6: logroute.to", "LogRoute shop--web is declared twice");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "no file         | labels                    | 2 | Missing required parameter: 'FILE'",
                "no name         | labels x --stack a*       | 2 | --stack is \"a*\"; write letters, digits, _, . and -",
                "no such form    | labels x -o xml           | 2 | expected one of",
                "no such file    | labels no-such.yml        | 1 | there is no such file or folder",
                "a folder        | labels examples           | 1 | this is a folder",
            })
    void wrong_usage_and_files_that_cannot_be_read_are_told(String why, String args, int code, String words) {
        var said = Said.by(args.split(" "));
        assertThat(said.code()).as(why).isEqualTo(code);
        assertThat(said.out() + said.err()).contains(words);
    }
}
