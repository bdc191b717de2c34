package io.logroute.parts.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.flow.Json;
import io.logroute.spec.ByteSize;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of Elasticsearch and OpenSearch that nobody here wrote.
@Timeout(600)
class ElasticClientsIT {
    private static final Path CLIENTS = Path.of("src/test/clients/elasticsearch");

    @TempDir
    Path folder;

    private final MemoryInlet inlet = new MemoryInlet();
    private final Instruments meters = new Instruments();
    private final HttpSource source = new HttpSource(
            new SourceSpec.Http("127.0.0.1", 0, "/", ByteSize.parse("16MiB"), Optional.empty(), true),
            "core",
            meters,
            InstantSource.system(),
            HttpSource.PATIENCE);

    @BeforeEach
    void start() throws Exception {
        source.start(inlet);
    }

    @AfterEach
    void stop() {
        source.close();
        meters.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"elasticsearch", "opensearch"})
    void the_client_from_npm_writes_and_is_told_what_is_not_taken(String kind) throws Exception {
        boolean installed = Files.exists(CLIENTS.resolve("node_modules/.installed"));
        var what = "the Node clients are not installed; run src/test/clients/elasticsearch/install.sh";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(what).isTrue();
        }
        assumeTrue(installed, what);
        var answer = run("node", "write.js", kind, "" + source.port(), "1000");
        var told = Json.parse(answer, 0, answer.length);
        assertThat(told)
                .containsEntry("cluster", "logroute")
                .containsEntry("errors", true)
                .containsEntry("one", "created")
                .containsEntry("there", false)
                .containsEntry("put", true)
                .containsEntry("search", 400L);
        assertThat(told.get("statuses"))
                .isEqualTo(Map.of("create 201", 500L, "index 201", 500L, "update 400", 1L, "delete 400", 1L));
        assertThat(inlet.events).hasSize(1001);
        assertThat(inlet.events.subList(0, 1000))
                .extracting(event -> event.get("n"))
                .doesNotHaveDuplicates();
        assertThat(inlet.events.get(7).get("msg")).isEqualTo("event 7 of " + kind + ", ü");
        assertThat(inlet.events.get(7).get("@metadata", "_id")).isEqualTo("id-7");
        assertThat(inlet.events.get(7).get("@metadata", "_index")).isEqualTo("logs-shop");
    }

    private byte[] run(String... command) throws Exception {
        var out = folder.resolve("out");
        var process = new ProcessBuilder(command)
                .directory(CLIENTS.toFile())
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS))
                    .as("the client ends")
                    .isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("err")))
                    .isZero();
            return Files.readAllBytes(out);
        } finally {
            process.destroyForcibly();
        }
    }
}
