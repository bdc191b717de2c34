package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void version_names_logroute_and_java() {
        var said = Said.by("--version");
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("logroute ").contains("Java " + Runtime.version());
    }

    @Test
    void without_arguments_it_tells_every_command() {
        var said = Said.by();
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains(
                        "Usage: logroute", "run", "validate", "explain", "test", "status", "completion", "Exit codes:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "validate", "explain", "test", "labels", "status", "events", "completion"})
    void every_command_explains_itself_and_its_exit_codes(String verb) {
        var said = Said.by(verb, "--help");
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("Usage: logroute " + verb, "Exit codes:", "wrong usage");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "no such command     | valdate                                   | Did you mean: logroute validate",
                "no such option      | validate --quite x                        | Unknown option: '--quite'",
                "no path             | validate                                  | Missing required parameter: 'PATH'",
                "no path to run      | run                                       | Missing required parameter: 'PATH'",
                "no such port        | run x --port 65536                        | --port is 65536; write a number from 1 to 65535",
                "a port of letters   | run x --port http                         | is not an int",
                "no address          | run x --host=                             | --host is empty; write 127.0.0.1",
                "not a url           | status --url 127.0.0.1:8080               | write http://host:port",
                "not a web url       | status --url ftp://127.0.0.1              | write http://host:port",
                "no such form        | validate -o xml x                         | expected one of",
            })
    void wrong_usage_is_2_and_says_what_is_wrong_and_where_help_is(String why, String args, String message) {
        var said = Said.by(args.split(" "));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains(message).contains("--help").doesNotContain("\tat ");
    }

    @Test
    void run_hands_over_what_it_was_told_and_gives_back_the_code() {
        var told = new ArrayList<RunOptions>();
        var said = Said.by(
                (options, _, err) -> {
                    told.add(options);
                    err.println("the data folder is full");
                    return 2;
                },
                false,
                "run",
                "a.yaml",
                "b",
                "--host",
                "0.0.0.0",
                "--port",
                "9090",
                "--data",
                "/var/lib/logroute");
        assertThat(told)
                .containsExactly(new RunOptions(
                        java.util.List.of(Path.of("a.yaml"), Path.of("b")),
                        "0.0.0.0",
                        9090,
                        Path.of("/var/lib/logroute")));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).isEqualToIgnoringNewLines("the data folder is full");
    }

    @Test
    void run_listens_for_this_machine_only_unless_told_otherwise() {
        var told = new ArrayList<RunOptions>();
        Said.by((options, _, _) -> told.add(options) ? 0 : 1, false, "run", "a.yaml");
        assertThat(told)
                .containsExactly(
                        new RunOptions(java.util.List.of(Path.of("a.yaml")), "127.0.0.1", 8080, Path.of("./data")));
    }

    @Test
    void a_fault_of_our_own_is_3_with_its_stack_trace() {
        var said = Said.by(
                (_, _, _) -> {
                    throw new IllegalStateException("the sky fell");
                },
                false,
                "run",
                "a.yaml");
        assertThat(said.code()).isEqualTo(3);
        assertThat(said.err()).contains("please report it").contains("the sky fell");
    }

    @Test
    void good_specs_are_counted() {
        var shop = new Shop(folder);
        var said = Said.by("validate", shop.folder().toString());
        assertThat(said.out()).isEqualToIgnoringNewLines("1 router, 2 sinks, 2 routes: all good");
        assertThat(said.code()).isZero();
    }

    @Test
    void good_specs_are_silence_when_quiet() {
        var shop = new Shop(folder);
        assertThat(Said.by("validate", "-q", shop.folder().toString())).isEqualTo(new Said(0, "", ""));
    }

    @Test
    void problems_are_told_even_when_quiet_with_where_what_and_how_to_mend() {
        var shop = new Shop(folder);
        var typo = shop.write("everything.yaml", Shop.route("everything", "archiv"));
        var said = Said.by(
                "validate",
                "--quiet",
                shop.folder().toString(),
                folder.resolve("none").toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(typo + ":4: spec.to[0].sink")
                .contains("there is no sink \"archiv\"")
                .contains("Write one of: archive, screen")
                .contains("2 problems in 2 files")
                .doesNotContain("\u001b");
    }

    @Test
    void colour_comes_only_when_the_terminal_takes_it() {
        var shop = new Shop(folder);
        assertThat(Said.by((_, _, _) -> 0, true, "validate", shop.folder().toString())
                        .out())
                .contains("\u001b[32m1 router, 2 sinks, 2 routes: all good\u001b[0m");
    }

    @Test
    void problems_come_as_json_for_programs() {
        var shop = new Shop(folder);
        shop.write("everything.yaml", Shop.route("everything", "archiv"));
        var said = Said.by("validate", "-o", "json", shop.folder().toString());
        var json = said.out().getBytes(StandardCharsets.UTF_8);
        assertThat(said.code()).isEqualTo(1);
        assertThat(Json.parse(json, 0, json.length))
                .containsEntry("good", false)
                .containsEntry("routers", 1L)
                .extractingByKey("problems", org.assertj.core.api.InstanceOfAssertFactories.list(Map.class))
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.map(String.class, String.class))
                .containsEntry("what", "there is no sink \"archiv\"");
    }

    @Test
    void the_completion_script_knows_every_command() {
        var said = Said.by("completion");
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .startsWith("#!")
                .contains(
                        "validate",
                        "labels",
                        "--stack",
                        "--quiet",
                        "--data",
                        "--url",
                        "--sample",
                        "--junit",
                        "--strict");
    }
}
