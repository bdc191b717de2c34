package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logroute.plan.swarm.Label;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/// The files in `deploy/monitoring/` fit each other, the metrics and the pages. That Prometheus takes them, and that
/// they show what is there, is in `MonitoringIT`.
class MonitoringTest {
    private static final Path FOLDER = Path.of("deploy/monitoring");
    private static final Path GUIDE = Path.of("docs/guide/monitoring.md");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern OF_TEMPLATE = Pattern.compile("\\$labels\\.(\\w+)");
    private static final Pattern OF_LEGEND = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Pattern OF_PROMETHEUS_META =
            Pattern.compile("__meta_dockerswarm_(service|node|network|task)_(\\w+)");

    /// What Prometheus documents of a task.
    private static final Set<String> META = Set.of(
            "service_name",
            "node_hostname",
            "node_address",
            "network_name",
            "task_desired_state",
            "task_slot",
            "task_id");

    // ---- what is named

    /// An expression, where it stands, and the labels that texts beside it name.
    private record Named(String where, String expression, Set<String> labels) {}

    @TestFactory
    Stream<DynamicTest> every_metric_and_every_label_that_is_named_exists() throws IOException {
        var all = Shown.all();
        return Stream.concat(alerts().stream().map(MonitoringTest::named), panels().stream())
                .map(named -> DynamicTest.dynamicTest(named.where(), () -> {
                    var shown = Shown.in(named.expression());
                    assertThat(shown.metrics()).as(named.expression()).isNotEmpty();
                    var labels = new TreeSet<>(Shown.OF_TARGETS);
                    shown.metrics().forEach((metric, matched) -> {
                        assertThat(all).as(named.expression()).containsKey(metric);
                        var known = new TreeSet<>(Shown.OF_TARGETS);
                        known.addAll(all.getOrDefault(metric, Set.of()));
                        assertThat(known).as("labels of " + metric).containsAll(matched);
                        labels.addAll(known);
                    });
                    assertThat(labels).as(named.expression()).containsAll(shown.grouped());
                    assertThat(labels).as("what is told of it").containsAll(named.labels());
                }));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            logroute_sink_up == 0                                             | {logroute_sink_up=[]} []
            sum by (router, le) (rate(a_b{router=~"x, {y}", sink!="z"}[5m]))  | {a_b=[router, sink]} [le, router]
            a > 0 unless on (job) b offset 10m or vector(5e8)                 | {a=[], b=[]} [job]
            predict_linear(a[1h], 4 * 3600) > bool b                          | {a=[], b=[]} []
            """)
    void what_an_expression_names_is_found(String expression, String found) {
        var shown = Shown.in(expression);
        assertThat(shown.metrics() + " " + shown.grouped()).isEqualTo(found);
    }

    private static Named named(Map<String, Object> alert) {
        var labels = new TreeSet<String>();
        for (var words : at(alert, "annotations").values()) {
            OF_TEMPLATE.matcher(String.valueOf(words)).results().forEach(found -> labels.add(found.group(1)));
        }
        return new Named(text(alert, "alert"), text(alert, "expr"), labels);
    }

    // ---- alerts

    @TestFactory
    Stream<DynamicTest> every_alert_says_what_where_and_what_to_type_and_has_a_paragraph() throws IOException {
        var guide = Files.readString(GUIDE);
        return alerts().stream()
                .map(alert -> DynamicTest.dynamicTest(text(alert, "alert"), () -> {
                    var name = text(alert, "alert");
                    assertThat(name).startsWith("LogRoute");
                    assertThat(at(alert, "labels")).containsOnlyKeys("severity");
                    assertThat(at(alert, "labels").get("severity")).isIn("critical", "warning");
                    var annotations = at(alert, "annotations");
                    assertThat(annotations).containsOnlyKeys("summary", "description", "guide");
                    assertThat(text(annotations, "summary")).hasSizeBetween(20, 130);
                    assertThat(text(annotations, "description")).contains("logroute ");
                    assertThat(text(annotations, "guide"))
                            .isEqualTo("%s#%s".formatted(GUIDE, name.toLowerCase(Locale.ROOT)));
                    assertThat(guide).contains("\n### " + name + "\n");
                }));
    }

    @Test
    void the_guide_tells_of_no_alert_that_is_not_there() throws IOException {
        assertThat(Files.readAllLines(GUIDE).stream()
                        .filter(line -> line.startsWith("### LogRoute"))
                        .map(line -> line.substring("### ".length())))
                .containsExactlyElementsOf(
                        alerts().stream().map(alert -> text(alert, "alert")).toList());
    }

    @Test
    void every_alert_has_a_case_in_which_it_fires_and_a_time_at_which_it_does_not() throws IOException {
        Map<String, Object> cases = yaml(Path.of("src/test/resources/monitoring/alerts-test.yml"));
        var fires = new HashSet<String>();
        var rests = new HashSet<String>();
        for (var each : list(cases.get("tests"))) {
            var told = new ArrayList<Set<String>>();
            for (var at : list(at(each).get("promql_expr_test"))) {
                var firing = new HashSet<String>();
                for (var sample : list(at(at).get("exp_samples"))) {
                    firing.add(text(at(sample), "labels").replaceAll("\\{alertname=\"(.*)\"}", "$1"));
                }
                told.add(firing);
            }
            for (var firing : told) {
                fires.addAll(firing);
                // At another time of the same case it does not.
                told.stream().filter(other -> !other.equals(firing)).forEach(other -> {
                    var gone = new HashSet<>(firing);
                    gone.removeAll(other);
                    rests.addAll(gone);
                });
            }
        }
        var names = alerts().stream().map(alert -> text(alert, "alert")).toList();
        assertThat(fires).containsExactlyInAnyOrderElementsOf(names);
        assertThat(rests).containsExactlyInAnyOrderElementsOf(names);
    }

    // ---- scraping

    @Test
    void what_is_asked_of_docker_is_what_logroute_and_amp_put_there() throws Exception {
        var ours = new HashSet<String>();
        for (var field : Label.class.getFields()) {
            if (field.get(null) instanceof String label) {
                ours.add(label);
            }
        }
        ours.addAll(List.of("io.amp.metrics.port", "io.amp.metrics.path", "io.amp.metrics.mode"));
        var known = new HashSet<>(META);
        ours.forEach(label -> known.add("service_label_" + label.replaceAll("[^a-zA-Z0-9]", "_")));
        var asked = OF_PROMETHEUS_META
                .matcher(Files.readString(FOLDER.resolve("prometheus.yml")))
                .results()
                .map(found -> found.group(1) + "_" + found.group(2))
                .toList();
        assertThat(asked).isNotEmpty();
        assertThat(known).containsAll(asked);
    }

    /// Else Prometheus calls the metric's own `exported_router`, and every expression misses it.
    @Test
    void no_label_of_a_target_hides_one_of_a_metric() throws IOException {
        for (var job : jobs().entrySet()) {
            if (!job.getKey().startsWith("logroute-")) {
                continue;
            }
            var given = new TreeSet<String>();
            for (var rule : list(job.getValue().get("relabel_configs"))) {
                var target = String.valueOf(at(rule).getOrDefault("target_label", "__none__"));
                if (!target.startsWith("__")) {
                    given.add(target);
                }
            }
            assertThat(Shown.OF_TARGETS).as(job.getKey()).containsAll(given);
            for (var meter : Meter.values()) {
                // Volumes are the controller's to tell, and stand on a node; an instance of a router is on one.
                if (job.getKey().equals("logroute-routers") && meter.metric().startsWith("logroute_volume_")) {
                    continue;
                }
                assertThat(meter.labels())
                        .as("%s, scraped by job %s", meter.metric(), job.getKey())
                        .doesNotContainAnyElementsOf(given);
            }
        }
    }

    // ---- the dashboard

    @Test
    void the_dashboard_is_one_page_in_order_that_asks_which_prometheus_and_which_router() throws IOException {
        var dashboard = dashboard();
        assertThat(dashboard.get("schemaVersion").asInt())
                .isEqualTo(39); // Grafana 10.4 and 11; newer ones take it, too
        var variables = stream(dashboard.at("/templating/list"))
                .map(each -> each.get("name").asText())
                .toList();
        assertThat(variables).containsExactly("datasource", "router");
        var ids = new HashSet<Integer>();
        var taken = new HashSet<String>();
        for (var panel : dashboard.get("panels")) {
            var title = panel.get("title").asText();
            assertThat(title).isNotBlank();
            assertThat(ids.add(panel.get("id").asInt()))
                    .as("an id of its own: " + title)
                    .isTrue();
            var place = panel.get("gridPos");
            for (int x = place.get("x").asInt();
                    x < place.get("x").asInt() + place.get("w").asInt();
                    x++) {
                assertThat(x).as(title).isLessThan(24);
                for (int y = place.get("y").asInt();
                        y < place.get("y").asInt() + place.get("h").asInt();
                        y++) {
                    assertThat(taken.add(x + "," + y))
                            .as("a place of its own: " + title)
                            .isTrue();
                }
            }
            if (!panel.get("type").asText().equals("row")) {
                assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
            }
        }
        assertThat(stream(dashboard.get("panels"))
                        .filter(panel -> panel.get("type").asText().equals("row"))
                        .map(panel -> panel.get("title").asText()))
                .containsExactly(
                        "Fleets",
                        "Throughput",
                        "Buffers",
                        "Sinks",
                        "Dead letters",
                        "Conditions",
                        "Volumes",
                        "Relays",
                        "Controller",
                        "Processes");
    }

    /// Whoever chooses a router sees that one alone.
    @Test
    void what_has_a_router_is_asked_for_the_chosen_one() throws IOException {
        var all = Shown.all();
        for (var panel : panels()) {
            Shown.in(panel.expression()).metrics().forEach((metric, matched) -> {
                if (all.getOrDefault(metric, Set.of()).contains("router")) {
                    assertThat(matched).as("%s: %s", panel.where(), metric).contains("router");
                }
            });
        }
    }

    // ---- the stack

    @Test
    void the_stack_puts_every_file_where_it_is_read() throws IOException {
        var stack = yaml(FOLDER.resolve("monitoring.yml"));
        var read = new LinkedHashMap<String, String>();
        at(stack, "services").values().forEach(service -> {
            for (var config : list(at(service).get("configs"))) {
                var source = text(at(config), "source");
                read.put(
                        text(at(config), "target"), text(at(at(stack, "configs").get(source)), "file"));
            }
        });
        read.values().forEach(file -> assertThat(FOLDER.resolve(file)).exists());
        assertThat(read)
                .containsEntry("/etc/prometheus/prometheus.yml", "./prometheus.yml")
                .containsEntry("/etc/prometheus/rules/logroute.rules.yml", "./logroute.rules.yml")
                .containsEntry("/etc/grafana/provisioning/datasources/prometheus.yml", "./datasource.yml")
                .containsEntry("/etc/grafana/provisioning/dashboards/logroute.yml", "./dashboards.yml")
                .containsEntry("/etc/grafana/dashboards/logroute.json", "./dashboard.json")
                .containsEntry("/etc/calls.txt", "./calls.txt");
        assertThat(yaml(FOLDER.resolve("prometheus.yml")).get("rule_files"))
                .isEqualTo(List.of("/etc/prometheus/rules/*.yml"));
        assertThat(Files.readString(FOLDER.resolve("dashboards.yml"))).contains("path: /etc/grafana/dashboards");
        assertThat(text(
                        at(at(at(stack, "services").get("grafana")).get("environment")),
                        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"))
                .isEqualTo("/etc/grafana/dashboards/logroute.json");
    }

    @Test
    void the_stack_names_each_image_by_its_version_and_tells_each_variable() throws IOException {
        for (var file : List.of("monitoring.yml", "with-amp.yml")) {
            var text = Files.readString(FOLDER.resolve(file));
            var told =
                    text.lines().filter(line -> line.startsWith("#")).toList().toString();
            assertThat(Pattern.compile("\\$\\{([A-Z_]+)")
                            .matcher(text)
                            .results()
                            .map(found -> found.group(1)))
                    .allSatisfy(name -> assertThat(told).contains(name));
        }
        for (var service :
                at(yaml(FOLDER.resolve("monitoring.yml")), "services").values()) {
            assertThat(text(at(service), "image"))
                    .matches("\\$\\{[A-Z_]+:-[a-z/]+:v?[0-9]+\\.[0-9]+[0-9.]*(-[a-z]+)?}");
        }
    }

    @Test
    void prometheus_may_look_at_docker_and_change_nothing() throws IOException {
        var calls = Files.readAllLines(FOLDER.resolve("calls.txt")).stream()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .toList();
        assertThat(calls).allSatisfy(call -> assertThat(call).matches("\\^(GET|\\(GET\\|HEAD\\)) /[a-z_]+\\$"));
        for (var call : List.of("GET /services", "GET /tasks", "GET /nodes", "GET /networks", "HEAD /_ping")) {
            assertThat(calls).as(call).anyMatch(pattern -> call.matches(pattern));
        }
    }

    @Test
    void both_stacks_of_logroute_give_the_controller_the_labels_that_it_is_found_by() throws IOException {
        for (var file : List.of("logroute.yml", "socket-proxy.yml")) {
            var controller = at(at(yaml(Path.of("deploy", file)), "services").get("controller"));
            assertThat(at(controller.get("deploy")).get("labels"))
                    .as(file)
                    .isEqualTo(Map.of(Label.MANAGED_BY, "logroute", Label.ROLE, "controller"));
        }
    }

    // ---- reading

    private static List<Map<String, Object>> alerts() throws IOException {
        var all = new ArrayList<Map<String, Object>>();
        for (var group : list(yaml(FOLDER.resolve("logroute.rules.yml")).get("groups"))) {
            for (var rule : list(at(group).get("rules"))) {
                all.add(at(rule));
            }
        }
        assertThat(all).isNotEmpty();
        return all;
    }

    private static Map<String, Map<String, Object>> jobs() throws IOException {
        var jobs = new LinkedHashMap<String, Map<String, Object>>();
        for (var job : list(yaml(FOLDER.resolve("prometheus.yml")).get("scrape_configs"))) {
            jobs.put(text(at(job), "job_name"), at(job));
        }
        assertThat(jobs).containsKeys("logroute-routers", "logroute-controller", "amp");
        return jobs;
    }

    private static JsonNode dashboard() throws IOException {
        return JSON.readTree(FOLDER.resolve("dashboard.json").toFile());
    }

    /// Every expression of the dashboard.
    private static List<Named> panels() throws IOException {
        var all = new ArrayList<Named>();
        for (var panel : dashboard().get("panels")) {
            for (var target : panel.path("targets")) {
                var labels = new TreeSet<String>();
                OF_LEGEND
                        .matcher(target.path("legendFormat").asText())
                        .results()
                        .forEach(found -> labels.add(found.group(1)));
                all.add(new Named(
                        "%s %s"
                                .formatted(
                                        panel.get("title").asText(),
                                        target.get("refId").asText()),
                        target.get("expr").asText(),
                        labels));
            }
        }
        for (var annotation : dashboard().at("/annotations/list")) {
            all.add(new Named(
                    annotation.get("name").asText(), annotation.get("expr").asText(), Set.of("router", "revision")));
        }
        assertThat(all).hasSizeGreaterThan(40);
        return all;
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static Map<String, Object> yaml(Path file) throws IOException {
        return at(new Yaml().load(Files.readString(file)));
    }

    private static Map<String, Object> at(@org.jspecify.annotations.Nullable Object value) {
        var map = new LinkedHashMap<String, Object>();
        if (value instanceof Map<?, ?> read) {
            read.forEach((key, each) -> map.put(String.valueOf(key), each == null ? "" : each));
        }
        return map;
    }

    private static Map<String, Object> at(Map<String, Object> map, String key) {
        return at(map.get(key));
    }

    private static List<?> list(@org.jspecify.annotations.Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static String text(Map<String, Object> map, String key) {
        return String.valueOf(map.getOrDefault(key, ""));
    }
}
