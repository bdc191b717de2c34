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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainCommandTest {
    private static final String SPECS = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec: { sources: [demo] }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec: { elasticsearch: { urls: "http://es:9200", index: "logs-%{+yyyy.MM.dd}", ids: content } }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: disk }
            spec: { file: { path: "logs/%{service_name}.ndjson" } }
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: shop-errors }
            spec:
              router: core
              match: { service: ["shop_*"], when: 'event.level in ["error", "fatal"] && has(event.msg)' }
              filters:
                - parse: { json: { field: msg } }
                - drop: { when: 'event.path == "/healthz"' }
                - set: { fields: { level: "fatal", env: prod } }
                - remove: [msg, stray]
              to: [ { sink: es, index: "Shop-%{+yyyy.MM.dd}" }, disk ]
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: rest }
            spec: { router: core, default: true, to: [disk] }
            """;

    private static final String EVENTS = """
            {"@timestamp":"2026-11-22T10:00:00Z","service_name":"shop_web","level":"error","msg":"{\\"path\\":\\"/buy\\"}"}
            {"@timestamp":"2026-11-22T10:00:01Z","service_name":"shop_web","level":"error","msg":"{\\"path\\":\\"/healthz\\"}"}

            {"@timestamp":"2026-11-22T10:00:02Z","service_name":"bank","level":"info"}
            {"@timestamp":"2026-11-22T10:00:03Z"}
            """;

    @TempDir
    private Path folder = Path.of("");

    private String specs = "";

    @BeforeEach
    void write() throws IOException {
        specs = Files.writeString(folder.resolve("logroute.yaml"), SPECS).toString();
    }

    @Test
    void events_are_told_route_by_route_and_filter_by_filter() throws IOException {
        var said = Said.reading(EVENTS, "explain", specs);
        assertThat(said.err()).isEmpty();
        assertThat(said.code()).isZero();
        Golden.sameAsGolden("explain.txt", said.out());
    }

    @Test
    void events_come_from_a_file_as_lines_as_a_list_or_as_one() throws IOException {
        var file = folder.resolve("events.json");
        Files.writeString(file, "[{\"n\":1},\n {\"n\":2}]");
        assertThat(Said.by("explain", specs, "--event", file.toString()).out()).contains("event 1", "event 2");
        Files.writeString(file, "{\n  \"n\": 1\n}\n");
        assertThat(Said.by("explain", specs, "--event", file.toString()).out()).contains("event  {\"n\":1}");
        assertThat(Said.reading("{\"n\":1}\n{\"n\":2}\n", "explain", specs, "--event", "-")
                        .out())
                .contains("event 1  {\"n\":1}", "event 2  {\"n\":2}");
    }

    @Test
    void a_sample_is_made_up_for_each_route_that_one_can_be_made_up_for() throws IOException {
        Files.writeString(folder.resolve("more.yaml"), """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: odd }
                spec: { router: core, match: { when: 'event.a.matches("^x[0-9]+y$")' }, to: [es] }
                """);
        var said = Said.by("explain", folder.toString(), "--sample");
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains(
                        "an event for route shop-errors  {\"msg\":\"something\",\"service_name\":\"shop_sample\",\"level\":\"error\"}")
                .contains("an event for route rest  {\"msg\":\"a sample event\"}")
                .contains("no event could be made up that route odd takes; give one with --event");
    }

    @Test
    void json_tells_the_same_for_programs() {
        var said = Said.reading(EVENTS, "explain", "-o", "json", specs);
        assertThat(said.code()).isZero();
        var bytes = said.out().getBytes(StandardCharsets.UTF_8);
        var routers = Json.parse(bytes, 0, bytes.length).get("routers");
        assertThat(routers).isInstanceOf(List.class);
        var router = routers instanceof List<?> list && list.getFirst() instanceof Map<?, ?> first ? first : Map.of();
        var events = (List<?>) router.get("events");
        assertThat(events)
                .hasSize(4)
                .extracting(each -> String.valueOf(((Map<?, ?>) each).get("takenBy")))
                .containsExactly("[shop-errors]", "[shop-errors]", "[rest]", "[rest]");
        assertThat(said.out())
                .contains("\"index\":\"shop-2026.11.22\"")
                .contains("{\"field\":\"level\",\"before\":\"\\\"error\\\"\",\"after\":\"\\\"fatal\\\"\"}")
                .contains("\"fate\":\"dropped\"")
                .contains("\"key\":\"service\",\"asks\":\"shop_*\",\"found\":\"service_name is bank\"");
    }

    @Test
    void where_no_route_takes_an_event_it_says_so() throws IOException {
        Files.writeString(folder.resolve("logroute.yaml"), SPECS.substring(0, SPECS.lastIndexOf("---")));
        assertThat(Said.reading("{\"n\":1}", "explain", specs).out())
                .contains(
                        "no route takes it: it is counted and goes nowhere; a route with default: true would take it");
    }

    @Test
    void problems_in_specs_are_told_and_what_can_run_is_explained() throws IOException {
        Files.writeString(folder.resolve("bad.yaml"), Shop.route("bad", "nowhere"));
        var said = Said.reading("{\"n\":1}", "explain", folder.toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).contains("there is no sink \"nowhere\"");
        assertThat(said.out()).contains("rest takes it");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no event at all | ``                | explain SPECS                   | there is no event in the standard input; write JSON",
                "no JSON         | {\"n\":1} {       | explain SPECS                   | the standard input, line 1 is no JSON object",
                "the second line | {\"n\":1}\\n[1]   | explain SPECS                   | the standard input, line 2 is no JSON object",
                "no such file    | ``                | explain SPECS --event none.json | there is no file none.json",
                "both            | ``                | explain SPECS --event - --sample | leave away one of --sample and --event",
            })
    void what_cannot_be_explained_is_2_with_words(String why, String in, String args, String told) {
        var said = Said.reading(
                in.replace("\\n", "\n"), args.replace("SPECS", specs).split(" "));
        assertThat(said.code()).as(why).isEqualTo(2);
        assertThat(said.err()).contains(told).doesNotContain("\tat ");
        assertThat(said.out()).isEmpty();
    }
}
