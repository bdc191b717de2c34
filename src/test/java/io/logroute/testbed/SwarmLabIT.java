package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A swarm of one node does what tests rely on.
@Timeout(600)
@ResourceLock(SwarmLab.OF_ONE)
class SwarmLabIT {
    private static final int PORT = 18080;

    private final SwarmLab lab = SwarmLab.of(1);

    @TempDir
    Path folder;

    @AfterEach
    void clear() {
        lab.clear();
    }

    @Test
    void a_service_with_a_config_answers_on_the_port_that_its_node_publishes() throws IOException {
        var page = Files.writeString(folder.resolve("page"), "from a config");
        lab.docker(1, "config", "create", "page", page.toString());
        create("--config", "source=page,target=/www/index.html", lab.tiny(), "httpd", "-f", "-p", "8080", "-h", "/www");
        answers("from a config");
    }

    @Test
    void a_node_that_is_killed_comes_back_with_its_service_and_its_volume() {
        create(
                "--mount",
                "type=volume,source=kept,target=/www",
                lab.tiny(),
                "sh",
                "-c",
                "echo started >> /www/index.html && exec httpd -f -p 8080 -h /www");
        answers("started\n");
        lab.kill(1);
        lab.start(1);
        answers("started\nstarted\n");
    }

    @Test
    void a_container_reaches_a_server_of_the_test() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var answer = "from the test".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            lab.reach(port);
            var ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 10 %s %d".formatted(lab.host(), port);
            assertThat(lab.docker(1, "run", "--rm", lab.tiny(), "sh", "-c", ask))
                    .endsWith("from the test");
        } finally {
            server.stop(0);
        }
    }

    private void create(String... arguments) {
        var command = new ArrayList<>(List.of(
                "service", "create", "-d", "-q", "--no-resolve-image", "--name", "web", "--endpoint-mode", "dnsrr"));
        // The web server is deaf to SIGTERM.
        command.addAll(List.of("--stop-grace-period", "1s"));
        command.addAll(List.of("--publish", "mode=host,published=%d,target=8080".formatted(PORT)));
        command.addAll(List.of(arguments));
        lab.docker(1, command.toArray(String[]::new));
    }

    private void answers(String expected) {
        await().atMost(Duration.ofSeconds(180)).ignoreExceptions().untilAsserted(() -> {
            var url =
                    URI.create("http://%s:%d/".formatted(lab.address(1), PORT)).toURL();
            var connection = url.openConnection();
            connection.setConnectTimeout(2000);
            connection.setReadTimeout(2000);
            try (var in = connection.getInputStream()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(expected);
            }
        });
    }
}
