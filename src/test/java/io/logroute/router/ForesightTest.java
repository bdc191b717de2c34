package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.parts.elastic.Mappings;
import io.logroute.spec.Problem;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForesightTest {
    private final Foresight foresight = new Foresight(Mappings.of(Optional.empty()));

    @TempDir
    private Path folder = Path.of("");

    private List<String> warnings(String yaml) {
        var reading = SpecReader.documents("a.yaml", yaml);
        assertThat(reading.problems()).isEmpty();
        return foresight.warnings(reading).stream().map(Problem::what).toList();
    }

    private static String sink(Path password) {
        return """
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { elasticsearch: { urls: "http://es:9200", index: a, template: ampbeat, auth: { username: u, passwordFile: "%s" } } }
                """.formatted(password);
    }

    @Test
    void files_that_are_not_here_are_warned_of() throws IOException {
        var file = folder.resolve("password");
        assertThat(warnings(sink(file))).containsExactly("there is no file %s on this machine".formatted(file));
        assertThat(warnings(sink(folder))).containsExactly("%s is a folder".formatted(folder));
        Files.writeString(file, "secret");
        assertThat(warnings(sink(file))).isEmpty();
    }

    @Test
    void fields_are_looked_at_for_the_sinks_of_the_route_that_have_a_template() throws IOException {
        var file = Files.writeString(folder.resolve("password"), "secret");
        var route = """
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: r }
                spec: { router: core, filters: [{ set: { fields: { task_slot: first, msg: x } } }], to: [%s] }
                """;
        assertThat(warnings(sink(file) + route.formatted("es")))
                .containsExactly(
                        "task_slot is a long by template ampbeat: Elasticsearch refuses an event with \"first\" there");
        assertThat(warnings(sink(file) + route.formatted("other"))).isEmpty();
    }

    @Test
    void a_trial_is_remembered_until_route_or_test_change() throws IOException {
        var pipeline = Rig.pipeline(List.of("a"), Rig.route("r", "to: [a]"));
        var test = TrialTest.test("r", "given: [ { event: { n: 1 } } ], expect: [ { sink: a, event: { n: 1 } } ]");
        var first = foresight.trial(pipeline, test);
        assertThat(foresight.trial(pipeline, test)).isSameAs(first);
        var other = Rig.pipeline(List.of("a"), Rig.route("r", "filters: [{ remove: [n] }], to: [a]"));
        assertThat(first.holds()).isTrue();
        assertThat(foresight.trial(other, test).holds()).isFalse();
    }

    @Test
    void hashes_of_secrets_are_the_same_wherever_a_rehearsal_is_and_need_no_salt() throws IOException {
        var pipeline = Rig.pipeline(
                List.of("a"),
                Rig.route(
                        "r",
                        "filters: [ { redact: { patterns: [email], replace: hash, saltFile: /nowhere } } ], to: [a]"));
        try (var rehearsal = Rehearsal.of(pipeline)) {
            var arrival = rehearsal
                    .take(RehearsalTest.given("{\"msg\":\"ann@example.org\"}"))
                    .passages()
                    .getFirst()
                    .arrivals()
                    .getFirst();
            assertThat(String.valueOf(arrival.fields().get("msg"))).matches("\\[email:[0-9a-f]{12}\\]");
        }
    }
}
