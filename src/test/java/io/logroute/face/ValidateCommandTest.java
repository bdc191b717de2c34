package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.flow.Json;
import io.logroute.parts.elastic.Mappings;
import io.logroute.router.Foresight;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {
    @TempDir
    private Path folder = Path.of("");

    private Path mistakes() throws IOException {
        return Path.of("src/test/resources/mistakes.yaml");
    }

    @Test
    void it_reads_the_standard_input_as_plan_and_apply_do() throws IOException {
        var text = Files.readString(mistakes());
        var said = Said.reading(text, "validate", "-");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .isEqualTo(Said.by("validate", mistakes().toString())
                        .out()
                        .replace(mistakes().toString(), "standard input"));
        assertThat(Said.reading("", "validate", "-").err()).contains("there is no document in the standard input");
    }

    /// A route with a mistake that is a warning only.
    private Shop withWarning() {
        var shop = new Shop(folder);
        shop.write(
                "everything.yaml",
                "apiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: everything }\n"
                        + "spec: { router: core, filters: [drop, { remove: [a] }], to: [archive] }\n");
        return shop;
    }

    @Test
    void one_mistake_of_each_kind_is_told_at_once_and_well() throws IOException {
        var said = Said.by("validate", mistakes().toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).isEmpty();
        Golden.sameAsGolden("mistakes.txt", said.out());
    }

    @Test
    void programs_may_have_yaml_too() throws IOException {
        var said = Said.by("validate", mistakes().toString(), "-o", "yaml");
        assertThat(said.code()).isEqualTo(1);
        var json =
                Said.by("validate", mistakes().toString(), "-o", "json").out().getBytes(StandardCharsets.UTF_8);
        assertThat(new org.yaml.snakeyaml.Yaml().<Map<?, ?>>load(said.out()).toString())
                .isEqualTo(String.valueOf(Json.value(json, 0, json.length)));
        assertThat(said.out()).startsWith("good: false\n");
    }

    @Test
    void warnings_do_not_fail_unless_it_is_strict() {
        var shop = withWarning();
        var said = Said.by("validate", shop.folder().toString());
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains("everything.yaml:4: spec.filters[1]: warning")
                .contains("no event comes here: spec.filters[0] drops every one")
                .contains("1 router, 2 sinks, 2 routes: good, with 1 warning");
        assertThat(Said.by("validate", "--strict", shop.folder().toString()).code())
                .isEqualTo(1);
        assertThat(Said.by("validate", "--quiet", shop.folder().toString()).out())
                .contains("1 warning");
    }

    @Test
    void problems_and_warnings_have_their_severity_in_json() {
        var shop = withWarning();
        shop.write("watch.yaml", Shop.route("watch", "scren"));
        var said = Said.by("validate", "-o", "json", shop.folder().toString());
        var json = said.out().getBytes(StandardCharsets.UTF_8);
        assertThat(said.code()).isEqualTo(1);
        assertThat((List<?>) Json.parse(json, 0, json.length).get("problems"))
                .extracting(each -> String.valueOf(((Map<?, ?>) each).get("severity")))
                .containsExactly("warning", "problem");
    }

    @Test
    void a_route_whose_tests_fail_is_a_problem_at_the_place_of_the_test() {
        var shop = new Shop(folder);
        var test = shop.write("tests.yaml", """
                apiVersion: logroute/v1
                kind: LogRouteTest
                metadata: { name: all-of-it }
                spec:
                  route: everything
                  given: [ { event: { a: 1 } } ]
                  expect:
                    - { sink: archive, event: { a: 2 } }
                """);
        var said = Said.by("validate", shop.folder().toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(test + ":8: spec.expect[0]")
                .contains("test all-of-it of route everything fails: archive: an event is not as expected:"
                        + " a: expected 2, it is 1");
        shop.write("tests.yaml", Files.exists(test) ? text(test).replace("a: 2", "a: 1") : "");
        assertThat(Said.by("validate", shop.folder().toString()).out()).contains("2 routes, 1 test: all good");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void rest_gives_the_same_verdict() throws IOException {
        var yaml = Files.readString(mistakes());
        var verdict = Verdict.of(
                SpecReader.documents(mistakes().toString(), yaml), new Foresight(Mappings.of(Optional.empty())));
        var said = Said.by("validate", "-o", "json", mistakes().toString());
        assertThat(said.out().strip()).isEqualTo(Json.write(verdict.tree()));
    }
}
