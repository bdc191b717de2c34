package io.logroute.parts.elastic;

import static io.logroute.parts.elastic.ElasticSinkTest.answer;
import static io.logroute.parts.elastic.Events.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Delivery;
import io.logroute.flow.Delivery.Retry;
import io.logroute.flow.Preparation;
import io.logroute.remote.ElasticClient;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import io.logroute.testbed.ScriptedHttp.Request;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class InstallationTest {
    private final Instruments meters = new Instruments();
    private final ScriptedHttp server = start();
    private final ConcurrentHashMap<String, String> templates = new ConcurrentHashMap<>();
    private Instant now = Events.NOON;

    private ScriptedHttp start() {
        try {
            return new ScriptedHttp(this::likeElasticsearch);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        meters.close();
    }

    @Test
    void components_go_first_then_the_index_template_then_events() throws Exception {
        try (var sink = sink()) {
            assertThat(sink.preparation()).isInstanceOf(Preparation.Pending.class);
            sink.write(numbered(1));
            sink.write(numbered(1));
            assertThat(sink.preparation())
                    .isEqualTo(new Preparation.Done("template logroute-ampbeat, version 1, for ampbeat-*"));
        }
        assertThat(changes())
                .containsExactly(
                        "PUT /_component_template/logroute-ampbeat-settings",
                        "PUT /_component_template/logroute-ampbeat-fields",
                        "PUT /_index_template/logroute-ampbeat",
                        "POST /_bulk",
                        "POST /_bulk");
    }

    @Test
    void what_is_there_already_is_not_put_again() throws Exception {
        try (var first = sink();
                var second = sink()) {
            first.write(numbered(1));
            second.write(numbered(1));
        }
        assertThat(changes()).filteredOn(change -> change.startsWith("PUT")).hasSize(3);
    }

    @Test
    void threads_that_write_at_once_install_it_once() throws Exception {
        try (var sink = sink();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writes = IntStream.range(0, 8)
                    .mapToObj(_ -> threads.submit(() -> sink.write(numbered(1))))
                    .toList();
            for (Future<List<Delivery>> write : writes) {
                assertThat(write.get()).containsExactly(Delivery.delivered());
            }
        }
        assertThat(changes()).filteredOn(change -> change.startsWith("PUT")).hasSize(3);
        assertThat(changes().subList(0, 3)).allMatch(change -> change.startsWith("PUT"));
    }

    @Test
    void while_elasticsearch_is_away_it_is_pending_and_nothing_is_written() throws Exception {
        server.script(_ -> answer(503, ""));
        try (var sink = sink()) {
            assertThatThrownBy(() -> sink.write(numbered(1))).isInstanceOf(IOException.class);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Pending.class);
            server.script(_ -> new Reply.Noise(""));
            assertThatThrownBy(() -> sink.write(numbered(1))).isInstanceOf(IOException.class);
            server.script(_ -> answer(200, "<html>"));
            assertThatThrownBy(() -> sink.write(numbered(1))).isInstanceOf(IOException.class);
            assertThat(changes()).isEmpty();
            server.script(this::likeElasticsearch);
            assertThat(sink.write(numbered(1))).containsExactly(Delivery.delivered());
        }
    }

    @Test
    void a_refusal_keeps_events_waiting_and_is_looked_at_again_after_half_a_minute() throws Exception {
        server.script(request -> request.method().equals("PUT")
                ? answer(400, "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"no\"},\"status\":400}")
                : likeElasticsearch(request));
        try (var sink = sink()) {
            for (int i = 0; i < 3; i++) {
                var delivery = sink.write(numbered(1)).getFirst();
                assertThat(delivery).isInstanceOf(Retry.class);
                assertThat(((Retry) delivery).after()).isEqualTo(Duration.ofSeconds(30));
            }
            assertThat(sink.preparation()).isInstanceOf(Preparation.Refused.class);
            assertThat(((Preparation.Refused) sink.preparation()).reason())
                    .isEqualTo("index template logroute-ampbeat: elasticsearch answered 400:"
                            + " illegal_argument_exception: no");
            assertThat(changes()).hasSize(1);
            server.script(this::likeElasticsearch);
            now = now.plusSeconds(31);
            assertThat(sink.write(numbered(1))).containsExactly(Delivery.delivered());
            assertThat(sink.preparation()).isInstanceOf(Preparation.Done.class);
        }
    }

    @Test
    void a_foreign_component_keeps_events_waiting_when_there_is_no_index_template() throws Exception {
        templates.put("/_component_template/logroute-ampbeat-fields", "{\"template\":{}}");
        try (var sink = sink()) {
            assertThat(sink.write(numbered(1)).getFirst()).isInstanceOf(Retry.class);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Refused.class);
        }
        assertThat(changes()).isEmpty();
    }

    @Test
    void an_index_without_any_text_gets_no_template_and_events_wait() throws Exception {
        try (var sink = sink("%{app}")) {
            assertThat(sink.write(numbered(1)).getFirst()).isInstanceOf(Retry.class);
            assertThat(((Preparation.Refused) sink.preparation()).mend()).contains("Begin the sink's index with");
        }
        assertThat(changes()).isEmpty();
    }

    private ElasticSink sink() {
        return sink("ampbeat-%{+yyyy.MM.dd}");
    }

    private ElasticSink sink(String index) {
        var spec = Sinks.at(server.url()).template("ampbeat").index(index).spec();
        return new ElasticSink(
                "core", "es", spec, "b7", Mappings.of(Optional.empty()), meters, new ElasticClient(spec), () -> now);
    }

    private List<String> changes() {
        return server.requests().stream()
                .filter(request -> !request.method().equals("GET"))
                .map(request -> request.method() + " " + request.path().replaceAll("\\?.*", ""))
                .toList();
    }

    /// Keeps templates as Elasticsearch does and takes every document.
    private Reply likeElasticsearch(Request request) {
        var path = request.path();
        if (path.startsWith("/_bulk")) {
            return ElasticSinkTest.created(request);
        }
        if (request.method().equals("PUT")) {
            templates.put(path, request.text());
            return answer(200, "{\"acknowledged\":true}");
        }
        var there = templates.get(path);
        if (there == null) {
            return answer(
                    404, "{\"error\":{\"type\":\"resource_not_found_exception\",\"reason\":\"x\"},\"status\":404}");
        }
        var kind = path.contains("component") ? "component_template" : "index_template";
        var name = path.substring(path.lastIndexOf('/') + 1);
        return answer(200, "{\"%ss\":[{\"name\":\"%s\",\"%s\":%s}]}".formatted(kind, name, kind, there));
    }
}
