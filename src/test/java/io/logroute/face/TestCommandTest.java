package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class TestCommandTest {
    private static final String SPECS = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec: { sources: [demo] }
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec: { elasticsearch: { urls: "http://es:9200", index: "logs-%{+yyyy.MM.dd}" } }
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: shop }
            spec:
              router: core
              match: { service: ["shop_*"] }
              filters: [ { drop: { when: 'event.level == "debug"' } }, { set: { fields: { env: prod } } } ]
              to: [es]
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: rest }
            spec: { router: core, default: true, to: [ { sink: es, index: rest } ] }
            """;

    private static final String GOOD = """
            ---
            apiVersion: logroute/v1
            kind: LogRouteTest
            metadata: { name: env-is-set }
            spec:
              route: shop
              given: [ { event: { service_name: shop_web } } ]
              expect: [ { sink: es, index: logs-2026.01.01, event: { env: prod } } ]
            ---
            apiVersion: logroute/v1
            kind: LogRouteTest
            metadata: { name: debug-is-dropped }
            spec: { route: shop, given: [ { event: { service_name: shop_web, level: debug } } ], expect: [] }
            """;

    private static final String BAD = """
            ---
            apiVersion: logroute/v1
            kind: LogRouteTest
            metadata: { name: wrong-env }
            spec:
              route: shop
              given:
                - event: { service_name: shop_web, msg: "<&]]> \\u0007" }
                - event: { service_name: shop_db }
              expect:
                - { sink: es, event: { env: test, msg: null } }
            """;

    @TempDir
    private Path folder = Path.of("");

    private String specs = "";

    @BeforeEach
    void write() throws IOException {
        specs = write(GOOD);
    }

    private String write(String tests) throws IOException {
        return Files.writeString(folder.resolve("logroute.yaml"), SPECS + tests).toString();
    }

    @Test
    void tests_that_hold_are_0_with_a_count_and_the_routes_that_have_none() {
        var said = Said.by("test", specs);
        assertThat(said.err()).isEmpty();
        assertThat(said.code()).isZero();
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                shop
                  ok    debug-is-dropped
                  ok    env-is-set

                2 tests: 2 passed, 0 failed
                1 of 2 routes have tests; these have none: rest
                """);
    }

    @Test
    void a_test_that_fails_is_1_and_tells_field_by_field_what_is_different_and_where() throws IOException {
        specs = write(GOOD + BAD);
        var said = Said.by("test", specs);
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("  FAIL  wrong-env\n")
                .contains("        es: an event is not as expected  (" + specs + ":47: spec.expect[0])\n")
                .contains("          env: expected \"test\", it is \"prod\"\n")
                .contains("          msg: expected not to be there, it is \"<&]]> \\u0007\"\n")
                .contains("        es: one more than expected")
                .contains("3 tests: 2 passed, 1 failed");
    }

    @Test
    void only_names_tests_or_routes_and_what_is_not_there_is_2() throws IOException {
        specs = write(GOOD + BAD);
        assertThat(Said.by("test", specs, "--only", "env-*", "--only", "debug-is-dropped")
                        .out())
                .contains("2 tests: 2 passed");
        assertThat(Said.by("test", specs, "--only", "shop").out()).contains("3 tests");
        var none = Said.by("test", specs, "--only", "nothing");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err())
                .contains("no test is meant by --only nothing; there are: debug-is-dropped, env-is-set, wrong-env");
    }

    @Test
    void specs_without_a_test_are_2_so_that_nobody_takes_silence_for_good() throws IOException {
        var said = Said.by("test", write(""));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("there is no test; write a LogRouteTest");
    }

    @Test
    void a_test_of_a_route_with_problems_could_not_be_run() throws IOException {
        specs = Files.writeString(folder.resolve("logroute.yaml"), SPECS.replace("to: [es]", "to: [ess]") + GOOD)
                .toString();
        var said = Said.by("test", specs);
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("there is no sink \"ess\"")
                .contains("  error env-is-set\n        route shop cannot run; see the problems")
                .contains("2 tests: 0 passed, 0 failed, 2 could not be run; 1 problem in the specs");
    }

    @Test
    void json_tells_the_same_for_programs() throws IOException {
        specs = write(GOOD + BAD);
        var said = Said.by("test", "-o", "json", specs);
        var bytes = said.out().getBytes(StandardCharsets.UTF_8);
        assertThat(Json.parse(bytes, 0, bytes.length))
                .containsEntry("good", false)
                .containsEntry("passed", 2L)
                .containsEntry("failed", 1L)
                .containsEntry("routes", 2L)
                .extractingByKey("tests", org.assertj.core.api.InstanceOfAssertFactories.list(Map.class))
                .extracting(each -> each.get("outcome"))
                .containsExactly("passed", "passed", "failed");
    }

    @Test
    void the_junit_report_is_xml_with_a_suite_for_each_route() throws Exception {
        specs = write(GOOD + BAD);
        var file = folder.resolve("report.xml");
        assertThat(Said.by("test", specs, "--junit", file.toString()).code()).isEqualTo(1);
        var root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("testsuites");
        var suite = (Element) root.getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("name")).isEqualTo("shop");
        assertThat(suite.getAttribute("tests")).isEqualTo("3");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getAttribute("errors")).isEqualTo("0");
        assertThat(suite.getAttribute("time")).matches("\\d+\\.\\d{3}");
        var cases = suite.getElementsByTagName("testcase");
        assertThat(cases.getLength()).isEqualTo(3);
        var failed = (Element) cases.item(2);
        assertThat(failed.getAttribute("name")).isEqualTo("wrong-env");
        assertThat(failed.getAttribute("classname")).isEqualTo("shop");
        assertThat(failed.getAttribute("file")).isEqualTo(specs);
        var failure = (Element) failed.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message")).isEqualTo("es: an event is not as expected");
        assertThat(failure.getTextContent())
                .contains("env: expected \"test\", it is \"prod\"")
                .contains("<&]]>");
        assertThat(((Element) cases.item(0)).getElementsByTagName("failure").getLength())
                .isZero();
    }

    @Test
    void a_report_that_cannot_be_written_is_2() {
        var said = Said.by(
                "test", specs, "--junit", folder.resolve("none/report.xml").toString());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("--junit: ").contains("name a file in a folder that is there");
    }
}
