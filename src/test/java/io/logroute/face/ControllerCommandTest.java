package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ControllerCommandTest {
    @TempDir
    private Path secrets = Path.of("");

    private final List<ControllerOptions> told = new ArrayList<>();

    private Said controller(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = new CommandLine(new ControllerCommand((options, _, _) -> told.add(options) ? 0 : 1, secrets))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return new Said(line.execute(args), out.toString(), err.toString());
    }

    private ControllerOptions only() {
        assertThat(told).hasSize(1);
        return told.getFirst();
    }

    @Test
    void without_a_token_it_listens_on_this_machine_only_and_says_so() {
        var said = controller("--image", "logroute:1", "--docker", "unix:///var/run/docker.sock");
        assertThat(said.code()).isZero();
        assertThat(said.err())
                .contains("There is no token: REST listens on 127.0.0.1 only")
                .contains("--operator-token-file");
        var options = only();
        assertThat(options.host()).isEqualTo("127.0.0.1");
        assertThat(options.port()).isEqualTo(8080);
        assertThat(options.prefix()).isEqualTo("logroute");
        assertThat(options.network()).isEqualTo("logroute");
        assertThat(options.data()).isEqualTo(Path.of("/data"));
        assertThat(options.docker()).isEqualTo(URI.create("unix:///var/run/docker.sock"));
        assertThat(options.specs()).isEmpty();
        assertThat(options.linkKeyFile()).isEmpty();
        assertThat(options.access().isOpen()).isTrue();
    }

    @Test
    void secrets_of_docker_are_taken_without_being_named() throws Exception {
        Files.writeString(secrets.resolve("logroute_operator"), AccessTest.OPERATOR + "\n");
        Files.writeString(secrets.resolve("logroute_viewer"), AccessTest.VIEWER + "\n");
        var said = controller("--image", "logroute:1");
        assertThat(said.err()).isEmpty();
        assertThat(only().access()).hasToString("viewers and operators");
        assertThat(only().host()).isEqualTo("0.0.0.0");
        assertThat(only().toString()).doesNotContain("0123456789");
    }

    @Test
    void the_link_key_is_taken_from_its_secret_unless_a_file_is_named() throws Exception {
        var secret = Files.writeString(secrets.resolve("logroute_link_key"), "0123456789abcdef".repeat(4));
        controller("--image", "logroute:1");
        assertThat(only().linkKeyFile()).contains(secret);
        told.clear();
        controller("--image", "logroute:1", "--link-key-file", "/k");
        assertThat(only().linkKeyFile()).contains(Path.of("/k"));
    }

    @Test
    void files_that_are_named_come_before_secrets() throws Exception {
        Files.writeString(secrets.resolve("logroute_operator"), "short");
        var file = Files.writeString(secrets.resolve("mine"), AccessTest.OPERATOR);
        assertThat(controller("--image", "logroute:1", "--operator-token-file", file.toString())
                        .code())
                .isZero();
        assertThat(only().access()).hasToString("operators");
        assertThat(controller("--image", "logroute:1").err()).contains("the operator token in", "has 5 characters");
    }

    @Test
    void it_hands_over_all_that_it_was_told() {
        assertThat(controller(
                                "--prefix",
                                "amp",
                                "--network",
                                "core",
                                "--image",
                                "registry:5000/logroute:1@sha256:ab",
                                "--data",
                                "/d",
                                "--host",
                                "::1",
                                "--port",
                                "0",
                                "--docker",
                                "tcp://proxy:2376",
                                "--docker-certs",
                                "/certs",
                                "--node-socket",
                                "/run/user/docker.sock",
                                "--specs",
                                "a",
                                "b",
                                "--link-key-file",
                                "/k")
                        .code())
                .isZero();
        assertThat(only())
                .isEqualTo(new ControllerOptions(
                        "amp",
                        "core",
                        "registry:5000/logroute:1@sha256:ab",
                        Path.of("/d"),
                        "::1",
                        0,
                        URI.create("tcp://proxy:2376"),
                        java.util.Optional.of(Path.of("/certs")),
                        "/run/user/docker.sock",
                        List.of(Path.of("a"), Path.of("b")),
                        Access.OPEN,
                        java.util.Optional.of(Path.of("/k"))));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "open to all         | --image i --host 0.0.0.0            | --host is 0.0.0.0 and there is no token: everybody who reaches it could change what runs; give one with --operator-token-file, or leave --host away",
                "open to a network   | --image i --host 10.0.0.1           | there is no token",
                "a name that looks so| --image i --host 127.0.0.1.evil.com | there is no token",
                "no image            | --image=                            | --image is empty; name the image that routers run",
                "no image's name     | --image -x                          | which no image is called",
                "upper case prefix   | --image i --prefix Log              | --prefix \"Log\" does not fit",
                "long prefix         | --image i --prefix aaaaaaaaaaaaaaaaaaaaa | does not fit",
                "no network          | --image i --network=                | --network is \"\", which no network is called",
                "a blank network     | --image i --network a/b             | which no network is called",
                "no port             | --image i --port 70000              | --port is 70000; write a number",
                "docker by ssh       | --image i --docker ssh://host       | --docker is \"ssh://host\"; write unix:///var/run/docker.sock",
                "docker by host      | --image i --docker host:2375        | write unix:///var/run/docker.sock",
                "docker without port | --image i --docker tcp://host       | or tcp://host:port",
                "docker with a path  | --image i --docker tcp://host:1/x   | or tcp://host:port",
                "docker with a user  | --image i --docker tcp://a:b@host:1 | or tcp://host:port",
                "relative socket     | --image i --docker unix://docker    | --docker is",
                "docker of no form   | --image i --docker tcp://[          | --docker is \"tcp://[\"",
                "no token file       | --image i --viewer-token-file /no   | the viewer token cannot be read from /no",
            })
    void what_cannot_be_is_2_and_says_how_to_mend_it(String why, String args, String message) {
        var said = controller(args.split(" +"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains(message).doesNotContain("\tat ");
        assertThat(told).isEmpty();
    }
}
