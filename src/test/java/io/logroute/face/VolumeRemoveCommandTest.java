package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import io.logroute.testbed.ScriptedHttp.Request;
import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a node's Docker is asked for, and what is told; a real Docker is in `DockerSwarmIT`.
@Timeout(300)
class VolumeRemoveCommandTest {
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "ours                   | amp_core-2 | {'logroute.managed-by': 'amp', 'logroute.instance': '2'} | 204 | 0 | volume amp_core-2 is removed",
                "removed meanwhile      | amp_core-2 | {'logroute.managed-by': 'amp', 'logroute.instance': '2'} | 404 | 0 | volume amp_core-2 is not there any more",
                "in use                 | amp_core-2 | {'logroute.managed-by': 'amp', 'logroute.instance': '2'} | 409 | 1 | volume amp_core-2 stays: a container still uses it: 409: in use",
                "made without labels    | amp_core-2 | null | 204 | 0 | volume amp_core-2 is removed",
                "no name of an instance | amp_data   | null | -   | 1 | volume amp_data stays: it is not ours",
                "of another prefix      | core-2     | null | -   | 1 | it is not ours",
                "of another LogRoute    | amp_core-2 | {'logroute.managed-by': 'other', 'logroute.instance': '2'} | - | 1 | it is not ours",
                "of a stack             | amp_core-2 | {'com.docker.stack.namespace': 'amp'} | - | 1 | docker volume rm amp_core-2",
                "Docker is not well     | amp_core-2 | null | 500 | 1 | Docker does not remove it: 500: in use",
            })
    void a_volume_is_removed_when_it_is_ours(
            String why, String volume, String labels, String removal, int code, String words) throws IOException {
        var said = remove(
                volume,
                "0s",
                request -> request.method().equals("GET")
                        ? new Reply.Answer(
                                200, "{\"Name\": \"%s\", \"Labels\": %s}".formatted(volume, labels.replace('\'', '"')))
                        : new Reply.Answer(Integer.parseInt(removal), "{\"message\": \"in use\"}"));
        assertThat(said.out() + said.err()).contains(words);
        assertThat(said.code()).isEqualTo(code);
        assertThat(asked.stream().anyMatch(each -> each.startsWith("DELETE ")))
                .as("asked %s", asked)
                .isEqualTo(!removal.equals("-"));
    }

    @Test
    void a_container_that_uses_it_is_waited_for_as_long_as_is_said() throws IOException {
        var said = remove(
                "amp_core-2",
                request -> request.method().equals("GET")
                        ? new Reply.Answer(200, "{\"Name\": \"amp_core-2\", \"Labels\": null}")
                        : new Reply.Answer(
                                asked.stream()
                                                        .filter(each -> each.startsWith("DELETE "))
                                                        .count()
                                                < 3
                                        ? 409
                                        : 204,
                                "{\"message\": \"in use\"}"));
        assertThat(said.out()).isEqualToNormalizingNewlines("volume amp_core-2 is removed\n");
        assertThat(said.code()).isZero();
    }

    @Test
    void one_that_is_not_there_is_no_trouble() throws IOException {
        var said = remove("amp_core-2", _ -> new Reply.Answer(404, "{\"message\": \"no such volume\"}"));
        assertThat(said.out()).isEqualToNormalizingNewlines("volume amp_core-2 is not there any more\n");
        assertThat(said.code()).isZero();
    }

    @Test
    void without_docker_it_says_so() {
        var said = Said.by("volume-remove", "--docker", "unix:///nowhere/docker.sock", "logroute_core-2");
        assertThat(said.err()).contains("volume logroute_core-2 stays: ", "is the socket mounted");
        assertThat(said.code()).isEqualTo(2);
        assertThat(Said.by().out()).as("it is the controller's").doesNotContain("volume-remove");
    }

    private Said remove(String volume, java.util.function.Function<Request, Reply> answer) throws IOException {
        return remove(volume, "30s", answer);
    }

    private Said remove(String volume, String wait, java.util.function.Function<Request, Reply> answer)
            throws IOException {
        try (var docker = new ScriptedHttp(request -> {
            if (request.path().equals("/_ping")) {
                return new Reply.Noise("HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nContent-Length: 2\r\n\r\nOK");
            }
            asked.add(request.method() + " " + request.path());
            return answer.apply(request);
        })) {
            return Said.by(
                    "volume-remove",
                    "--prefix",
                    "amp",
                    "--wait",
                    wait,
                    "--docker",
                    "tcp://127.0.0.1:" + docker.url().getPort(),
                    volume);
        }
    }
}
