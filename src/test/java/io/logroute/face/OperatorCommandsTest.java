package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Json;
import io.logroute.plan.FleetState;
import io.logroute.plan.swarm.Label;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands that ask a controller, against its resources.
@Timeout(300)
class OperatorCommandsTest {
    @TempDir
    private Path specs = Path.of("");

    @TempDir
    private Path mine = Path.of("");

    private Shop shop;
    private MemoryOperator operator;
    private ServedRest rest;

    OperatorCommandsTest(@TempDir Path shopFolder) throws IOException {
        shop = new Shop(shopFolder);
        operator = new MemoryOperator(shop);
        rest = new ServedRest(shop.served.of(operator, Access.OPEN));
    }

    @BeforeEach
    void write() throws IOException {
        Files.writeString(mine.resolve("more.yaml"), Shop.route("more", "archive"));
    }

    @AfterEach
    void stop() {
        rest.close();
    }

    private Said said(String... args) {
        var all = new ArrayList<>(List.of(args));
        all.add("--url");
        all.add(rest.url());
        return Said.by(all.toArray(String[]::new));
    }

    private String more() {
        return mine.resolve("more.yaml").toString();
    }

    private String declared() {
        return shop.board
                .last()
                .declared()
                .pipeline("core")
                .orElseThrow()
                .revision()
                .hash();
    }

    private static Map<?, ?> json(Said said) {
        var bytes = said.out().getBytes(StandardCharsets.UTF_8);
        return (Map<?, ?>) Objects.requireNonNull(Json.value(bytes, 0, bytes.length));
    }

    @Test
    void plan_shows_changes_and_steps_and_ends_with_1() {
        var said = said("plan", more());
        assertThat(said.err()).isEmpty();
        assertThat(said.out())
                .contains("CHANGES", "+  name: more", "STEPS", "  1  create config logroute-core-")
                .contains("Nothing was done. Do it with: logroute apply");
        assertThat(said.code()).isEqualTo(1);
        assertThat(json(said("plan", more(), "-o", "json")).get("good")).isEqualTo(true);
    }

    @Test
    void plan_shows_what_was_wrong_before_besides_and_ends_as_without_it() {
        shop.write("broken.yaml", Shop.route("broken", "nope"));
        shop.pass();
        var said = said("plan", more());
        assertThat(said.out())
                .contains("BESIDES", "there is no sink \"nope\"", "+  name: more", "Do it with: logroute apply");
        assertThat(said.code()).isEqualTo(1);
        var told = json(said("plan", more(), "-o", "json"));
        assertThat(told.get("good")).isEqualTo(true);
        assertThat(told.get("problems")).isEqualTo(List.of());
        assertThat(String.valueOf(told.get("besides"))).contains("nope");
    }

    @Test
    void plan_of_what_is_declared_ends_with_0() throws IOException {
        var same = Files.writeString(mine.resolve("same.yaml"), Shop.SCREEN + "---\n" + Shop.route("watch", "screen"));
        var said = said("plan", same.toString());
        assertThat(said.out()).isEqualToIgnoringNewLines("Nothing would be done: it is declared so already.");
        assertThat(said.code()).isZero();
    }

    @Test
    void plan_shows_what_is_no_longer_in_a_file_that_was_applied() throws IOException {
        Files.writeString(
                mine.resolve("more.yaml"), Shop.route("more", "archive") + "---\n" + Shop.route("most", "archive"));
        said("apply", "-f", more());
        Files.writeString(mine.resolve("more.yaml"), Shop.route("more", "archive"));
        assertThat(said("plan", more()).out()).contains("-  name: most");
        var other = Files.copy(mine.resolve("more.yaml"), mine.resolve("other.yaml"));
        assertThat(said("plan", other.toString(), "--name", "more").out()).contains("-  name: most");
    }

    @Test
    void a_problem_is_told_with_its_line_in_its_file_however_many_there_are() throws IOException {
        Files.writeString(mine.resolve("a.yaml"), "---\n# first\n" + Shop.SCREEN);
        Files.writeString(mine.resolve("wrong.yaml"), Shop.route("wrong", "nope"));
        var said = said("plan", mine.toString(), "--name", "mine");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out())
                .contains(mine.resolve("wrong.yaml") + ":4: spec.to[0].sink")
                .contains("there is no sink \"nope\"", "With 1 problem nothing of it would be stored.");
        var told = json(said("plan", mine.toString(), "--name", "mine", "-o", "json"));
        assertThat(String.valueOf(told.get("problems"))).contains("wrong.yaml:4");
    }

    @Test
    void apply_stores_and_waits_until_the_route_is_programmed() {
        var said = said("apply", "-f", more());
        assertThat(said.err()).isEmpty();
        assertThat(said.out())
                .isEqualToNormalizingNewlines(
                        "create config more, with the label logroute.spec=true\nRoute more is programmed.\n");
        assertThat(said.code()).isZero();
        assertThat(shop.board.route("more")).isPresent();
        assertThat(rest.asked).contains("POST /api/v1/specs/more", "GET /api/v1/routes/more");
        assertThat(json(said("apply", "-f", more(), "-o", "json")))
                .isEqualTo(Map.of(
                        "name", "more",
                        "good", true,
                        "done", List.of("create config more, with the label logroute.spec=true"),
                        "running", List.of(),
                        "programmed", List.of("more"),
                        "notRunning", Map.of(),
                        "notProgrammed", Map.of(),
                        "unrouted", List.of(),
                        "problems", List.of()));
    }

    private Said reading(String in, String... args) {
        var all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--url", rest.url()));
        return Said.reading(in, all.toArray(String[]::new));
    }

    @Test
    void plan_and_apply_read_the_standard_input_once() {
        var more = Shop.route("more", "archive");
        assertThat(reading(more, "plan", "--name", "more", "-").out()).contains("+  name: more");
        var said = reading(more, "apply", "--name", "more", "-f", "-", "-");
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).contains("Route more is programmed.");
        assertThat(reading(Shop.route("wrong", "nope"), "plan", "--name", "wrong", "-")
                        .out())
                .contains("standard input:4: spec.to[0].sink");
    }

    @Test
    void the_standard_input_needs_a_name() {
        for (var verb : List.of("plan -", "apply -f -")) {
            var said = reading("", verb.split(" "));
            assertThat(said.code()).isEqualTo(2);
            assertThat(said.err()).contains("the standard input has no name; say what it is stored under with --name");
        }
    }

    @Test
    void apply_with_a_problem_stores_nothing_and_ends_with_2() throws IOException {
        Files.writeString(mine.resolve("more.yaml"), Shop.route("more", "nope"));
        var said = said("apply", "-f", more());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).contains(more() + ":4: spec.to[0].sink", "Nothing was stored: mend this first.");
        assertThat(shop.board.route("more")).isEmpty();
    }

    @Test
    void apply_says_why_a_route_is_not_programmed_in_time() {
        shop.stuck("core", "the disk is full");
        var said = said("apply", "-f", more(), "--timeout", "1s");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("Stored, and not all of it runs:", "route more: ", "the disk is full");
    }

    @Test
    void apply_waits_for_a_router_that_takes_it_late() throws Exception {
        shop.stuck("core", "it restarts");
        var late = Thread.ofVirtual().start(() -> {
            while (rest.asked.stream().filter("GET /api/v1/routes/more"::equals).count() < 2) {
                Thread.onSpinWait();
                Thread.yield();
            }
            shop.free("core");
        });
        var said = said("apply", "-f", more(), "--timeout", "30s");
        late.join();
        assertThat(said.out()).contains("Route more is programmed.");
        assertThat(said.code()).isZero();
    }

    @Test
    void apply_waits_for_a_router_until_it_runs_as_declared() throws Exception {
        var core = Files.writeString(mine.resolve("core.yaml"), Shop.CORE.replace("1GiB", "2GiB"));
        shop.stuck("core", "it restarts");
        var late = Thread.ofVirtual().start(() -> {
            while (rest.asked.stream()
                            .filter("GET /api/v1/routers/core"::equals)
                            .count()
                    < 2) {
                Thread.onSpinWait();
                Thread.yield();
            }
            shop.free("core");
        });
        var said = said("apply", "-f", core.toString(), "--timeout", "30s");
        late.join();
        assertThat(said.out())
                .contains(
                        "Router core runs as declared.", "logroute status tells how they do, with what still drains.");
        assertThat(said.code()).isZero();
        assertThat(json(said("apply", "-f", core.toString(), "-o", "json")).get("running"))
                .isEqualTo(List.of("core"));
    }

    private void nothingAnswers() {
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        java.util.Optional.of(revision),
                        java.util.Optional.empty(),
                        false,
                        1,
                        List.of(),
                        List.of(Shop.lost(0, java.util.Optional.of("node-a"), "its task is rejected: no such image"))));
    }

    @Test
    void apply_says_why_a_router_is_not_ready_and_not_only_where_that_stands() throws IOException {
        var core = Files.writeString(mine.resolve("core.yaml"), Shop.CORE.replace("1GiB", "2GiB"));
        nothingAnswers();
        var said = said("apply", "-f", core.toString(), "--timeout", "1s");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("router core: Router core does not answer: its task is rejected: no such image.")
                .doesNotContain("see Ready");
        assertThat(said.err())
                .isEqualToNormalizingNewlines(
                        "waiting for router core: Router core does not answer: its task is rejected: no such image.\n");
    }

    @Test
    void apply_says_of_a_route_why_its_router_is_not_ready() {
        nothingAnswers();
        assertThat(said("apply", "-f", more(), "--timeout", "1s").out())
                .contains("route more: Router core does not answer: its task is rejected: no such image.");
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        java.util.Optional.of(revision),
                        java.util.Optional.empty(),
                        false,
                        1,
                        List.of(),
                        List.of()));
        assertThat(said("apply", "-f", more(), "--timeout", "1s").out())
                .contains("route more: The router starts: its instances are being made.");
    }

    @Test
    void apply_says_why_a_router_does_not_run_as_declared() throws IOException {
        var core = Files.writeString(mine.resolve("core.yaml"), Shop.CORE.replace("1GiB", "2GiB"));
        shop.stuck("core", "the disk is full");
        var said = said("apply", "-f", core.toString(), "--timeout", "1s");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("Stored, and not all of it runs:", "router core: ", "the disk is full");
        assertThat(said.out()).doesNotContain("as declared.");
    }

    @Test
    void apply_of_a_router_that_no_route_names_says_so() throws IOException {
        var spare = Files.writeString(
                mine.resolve("spare.yaml"), Shop.CORE.replace("core", "spare").replace("8088", "8089"));
        var said = said("apply", "-f", spare.toString());
        assertThat(said.out()).contains("Router spare is not needed yet: no route names it.");
        assertThat(said.code()).isZero();
    }

    @Test
    void apply_of_sinks_alone_has_nothing_to_wait_for() throws IOException {
        var sink = Files.writeString(mine.resolve("other.yaml"), Shop.SCREEN.replace("screen", "other"));
        var said = said("apply", "-f", sink.toString());
        assertThat(said.out()).contains("There is no router and no route in them to wait for");
        assertThat(said.code()).isZero();
        assertThat(said("apply", "-f", more(), "--timeout", "0s").out()).contains("Not waited for 1 route");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "no file          | apply                                | Missing required option: '--file=FILE",
                "several, no name | apply -f a.yaml b.yaml               | name what they are stored under with --name",
                "no such file     | apply -f nowhere.yaml                | there is no file or folder nowhere.yaml",
                "a bad name       | apply -f a.yaml --name A_B           | specs cannot be stored as \"A_B\"; give --name",
                "no time          | apply -f a.yaml --timeout soon       | --timeout is \"soon\"; write 30s or 2m",
                "plans of several | plan a.yaml b.yaml                   | name what they are stored under with --name",
                "no plan          | plan                                 | Missing required parameter: 'FILE'",
                "no such plan     | plan nowhere                         | there is no file or folder nowhere",
                "no revision      | revisions show                       | Missing required parameter: 'REVISION'",
                "no revision's    | revisions show xyz                   | \"xyz\" is no revision. Write its 12 hex digits",
                "not there        | revisions show 000000000000          | there is no revision 000000000000",
                "no router        | pause nope                           | there is no router \"nope\"",
                "hostile router   | resume ../../x                       | there is no router \"../../x\"",
                "no token file    | pause core --token-file nowhere      | --token-file: the REST token cannot be read from nowhere",
            })
    void what_cannot_be_done_is_2_with_words(String why, String args, String message) {
        var said = said(args.split(" +"));
        assertThat(said.err()).contains(message).doesNotContain("\tat ");
        assertThat(said.code()).isEqualTo(2);
    }

    @Test
    void revisions_are_listed_shown_compared_and_rolled_back() {
        var first = declared();
        assertThat(said("revisions", "ls").code()).isZero();
        said("apply", "-f", more());
        var ls = said("revisions", "ls");
        assertThat(ls.out().lines().toList())
                .hasSize(3)
                .anyMatch(line -> line.matches("core +" + declared() + " +2 .* runs +shop"))
                .anyMatch(line -> line.matches("core +" + first + " +1 .* ran +shop"));
        assertThat(said("revisions", "show", first.substring(0, 8)).out()).contains("kind: LogRouter", "name: watch");
        var diff = said("revisions", "diff", first, declared());
        assertThat(diff.code()).isEqualTo(1);
        assertThat(diff.out()).contains("+  name: more");
        assertThat(said("revisions", "diff", first, first).code()).isZero();
        var back = said("revisions", "rollback", first);
        assertThat(back.code()).isZero();
        assertThat(back.out()).contains("rolled back to " + first);
        var after = said("revisions", "ls", "--router", "core");
        assertThat(after.code()).isEqualTo(1);
        assertThat(after.out()).contains("revision %s of router core was refused: ".formatted(declared()));
        assertThat(said("revisions", "rollback", first).out()).contains("It is so already.");
    }

    @Test
    void a_rollback_to_what_is_declared_is_1_and_says_so() {
        var said = said("revisions", "rollback", declared());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("is the declared one", "Name an older one.");
    }

    @Test
    void a_router_is_paused_and_resumed() {
        assertThat(said("pause", "core").out()).contains("paused");
        assertThat(said("pause", "core").out()).contains("Router core is paused already.");
        assertThat(said("revisions", "ls").code()).isEqualTo(1);
        assertThat(said("resume", "core", "-o", "json").code()).isZero();
        assertThat(said("resume", "core").out()).contains("Router core was not paused.");
    }

    @Test
    void explain_without_files_explains_what_runs() throws IOException {
        var event = Files.writeString(mine.resolve("event"), "{\"msg\":\"hello\"}");
        var said = said("explain", "--event", event.toString());
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).contains("watch", "everything", "all.ndjson");
        assertThat(said.code()).isZero();
        assertThat(said("explain", "--sample", "-o", "json").code()).isZero();
        assertThat(said("explain", "--event", event.toString(), more()).err())
                .contains("spec files and --url are both named");
    }

    @Test
    void explain_works_where_there_is_no_swarm_too() throws IOException {
        try (var alone = new ServedRest(shop.served)) {
            var said = Said.by("explain", "--sample", "--url", alone.url());
            assertThat(said.out()).contains("watch");
            assertThat(said.code()).isZero();
            var plan = Said.by("plan", more(), "--url", alone.url());
            assertThat(plan.err()).contains("there is no swarm here", "logroute controller");
            assertThat(plan.code()).isEqualTo(2);
        }
    }

    @Test
    void a_swarm_that_cannot_be_reached_is_told() {
        operator.swarm.reachable(false);
        for (var args : List.of(
                new String[] {"plan", more()},
                new String[] {"apply", "-f", more()},
                new String[] {"pause", "core"},
                new String[] {"revisions", "ls"})) {
            var said = said(args);
            assertThat(said.err()).contains("the swarm cannot be reached: no manager answers");
            assertThat(said.code()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "viewer", "wrong"})
    void with_tokens_only_operators_change_and_nobody_hears_the_token(String who) throws IOException {
        AccessTest.file(mine, "wrong", "not-the-token-0123456789abcdef");
        var access = AccessTest.both(mine);
        try (var guarded = new ServedRest(shop.served.of(operator, access))) {
            var looks = new ArrayList<>(List.of("revisions", "ls", "--url", guarded.url()));
            var changes = new ArrayList<>(List.of("pause", "core", "--url", guarded.url()));
            var letters = new ArrayList<>(List.of("dlq", "ls", "--url", guarded.url()));
            for (var each : List.of(looks, changes, letters)) {
                if (!who.isEmpty()) {
                    each.addAll(List.of("--token-file", mine.resolve(who).toString()));
                }
            }
            boolean views = who.equals("viewer");
            var looked = Said.by(looks.toArray(String[]::new));
            var changed = Said.by(changes.toArray(String[]::new));
            assertThat(looked.code()).isEqualTo(views ? 0 : 2);
            assertThat(Said.by(letters.toArray(String[]::new)).code()).isEqualTo(views ? 0 : 2);
            assertThat(changed.code()).isEqualTo(2);
            assertThat(changed.err())
                    .contains(
                            switch (who) {
                                case "viewer" -> "viewers look and change nothing, and POST changes something";
                                case "wrong" -> "the token is none of this LogRoute's";
                                default -> "no token was sent";
                            })
                    .doesNotContain("0123456789");
            var applied = Said.by(
                    "apply",
                    "-f",
                    more(),
                    "--url",
                    guarded.url(),
                    "--token-file",
                    mine.resolve("operator").toString());
            assertThat(applied.code()).isZero();
        }
    }

    @Test
    void a_sink_or_router_that_there_is_not_is_told_with_those_that_there_are() {
        assertThat(said("dlq", "show", "--sink", "nope").err())
                .contains("there is no sink \"nope\"; there are: archive, screen")
                .doesNotContain("no LogRoute answers");
        assertThat(said("dlq", "ls", "--router", "nope").err())
                .contains("there is no router \"nope\"; there are: core");
        assertThat(said("dlq", "ls", "--sink", "screen").code()).isZero();
        assertThat(said("dlq", "replay", "--sink", "screen").out()).contains("There is no such letter.");
    }

    @Test
    void what_a_server_answers_cannot_steer_the_terminal() throws IOException {
        shop.write(
                "watch.yaml",
                Shop.route("watch", "screen")
                        .replace("router: core,", "router: core, match: { when: \"event.msg == '\\e[31m\\e]0;x'\" },"));
        shop.pass();
        for (var args :
                List.of(new String[] {"revisions", "show", declared()}, new String[] {"plan", more()}, new String[] {
                    "revisions", "ls"
                })) {
            assertThat(said(args).out()).doesNotContain("\u001b");
        }
    }

    @Test
    void a_drain_tells_of_the_dead_letters_that_are_left() {
        operator.fleet(2);
        operator.remembers(
                1,
                Map.of(
                        Label.STAGE,
                        "drained",
                        Label.CONTENT,
                        "events=0,bytes=0,letters=3,at=2026-01-01T00:00:00Z",
                        Label.WHY,
                        "operator: asked by alice"),
                0);
        assertThat(said("drain", "core/1").out())
                .contains(
                        "core/1 is drained: it has delivered everything. Dead letters: 3. Replay or purge them before its"
                                + " node goes: logroute dlq ls --router core-1.");
    }

    @Test
    void a_drain_waits_until_nothing_is_left_and_tells_what_was() throws Exception {
        operator.fleet(2);
        var late = Thread.ofVirtual().start(() -> {
            awaitAsked("GET /api/v1/volumes", 2);
            operator.remembers(1, Map.of(Label.STAGE, "drained"), 0);
        });
        var said = said("drain", "core/1", "--timeout", "30s");
        late.join();
        assertThat(said.out())
                .isEqualToNormalizingNewlines("core/1: drain\ncore/1 is drained: nothing of it is left.\n");
        assertThat(said.code()).isZero();
        assertThat(said("drain", "core/1", "-o", "json").out())
                .isEqualToIgnoringNewLines(
                        "{\"good\":true,\"done\":[],\"drained\":[\"core/1\"],\"notDrained\":{},\"problems\":[]}");
    }

    private void awaitAsked(String what, int times) {
        while (rest.asked.stream().filter(what::equals).count() < times) {
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    @Test
    void a_drain_whose_record_goes_meanwhile_is_done() throws Exception {
        operator.fleet(2);
        var late = Thread.ofVirtual().start(() -> {
            awaitAsked("GET /api/v1/volumes", 1);
            operator.forgets(1);
        });
        assertThat(said("drain", "core/1", "--timeout", "30s").code()).isZero();
        late.join();
    }

    @Test
    void a_drain_that_does_not_end_in_time_says_what_is_left_and_why_and_goes_on() {
        operator.fleet(2);
        shop.down("archive", "connection refused");
        var said = said("drain", "core/1", "--timeout", "1s");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(
                        "core/1 is not drained: 12 events left, the oldest 90s old; sink archive takes nothing: connection refused\n")
                .contains("It goes on; logroute volumes tells how far it is.");
        assertThat(said.err()).contains("waiting for core/1: 12 events left", "sink archive takes nothing");
        var told = json(said("drain", "core/1", "--timeout", "1s", "-o", "json"));
        assertThat(told.get("good")).isEqualTo(false);
        assertThat(String.valueOf(told.get("notDrained"))).contains("core/1=12 events left");
    }

    @Test
    void a_drain_that_is_taken_back_meanwhile_says_so() throws Exception {
        operator.fleet(2);
        var late = Thread.ofVirtual().start(() -> {
            awaitAsked("GET /api/v1/volumes", 1);
            operator.remembers(1, Map.of(Label.STAGE, "serving"), 5);
        });
        // Longer than this test may take.
        var said = said("drain", "core/1", "--timeout", "600s");
        late.join();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("core/1 is not drained: it takes events in: somebody took the drain back")
                .doesNotContain("It goes on");
    }

    @ParameterizedTest
    @CsvSource({
        "core/1 --no-wait,core/1",
        "core/1 --timeout 0s,core/1",
        "core --no-wait,core/0 core/1 core/2",
        "--node node-b --no-wait,core/1"
    })
    void what_is_drained_without_waiting_and_taken_back(String args, String instances) {
        operator.fleet(3);
        var drain = new ArrayList<>(List.of("drain"));
        drain.addAll(List.of(args.split(" ")));
        var said = said(drain.toArray(String[]::new));
        assertThat(said.err()).isEmpty();
        assertThat(said.code()).isZero();
        assertThat(said.out().lines())
                .containsExactlyElementsOf(List.of(instances.split(" ")).stream()
                        .map(each -> each + ": drain")
                        .toList());
        assertThat(said(drain.toArray(String[]::new)).out())
                .contains("asked for already; logroute volumes tells how much is left.");
        var back = new ArrayList<>(List.of("uncordon"));
        back.addAll(List.of(args.replaceAll(" --(no-wait|timeout 0s)", "").split(" ")));
        assertThat(said(back.toArray(String[]::new)).out().lines())
                .containsExactlyElementsOf(List.of(instances.split(" ")).stream()
                        .map(each -> each + ": uncordon")
                        .toList());
        assertThat(said(back.toArray(String[]::new)).out()).contains("Nobody asked anything of ", " to drain.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "drain                    | nothing is named; write ROUTER/N, such as core/2, or ROUTER, or --node NODE",
                "drain core --node a      | an instance or router and --node are both named; name one of them",
                "drain core/x             | \"core/x\" is no instance and no router; write ROUTER/N, such as core/2",
                "drain core/1 --timeout x | --timeout is \"x\"; write 30s or 10m",
                "uncordon                 | nothing is named",
                "drain cor                | there is no router \"cor\"",
                "forget core              | \"core\" is no instance; write ROUTER/N, such as core/2",
                "forget core/7            | there is no volume \"core/7\"; did you mean core/0?",
                "forget relay/down        | there is no relay \"down\"; there is none",
                "forget shop/1            | there is no volume \"shop/1\"; there are: core/0, core/1",
                "volumes --router cor     | there is no router \"cor\"; did you mean core?",
                "drain --nod a            | Possible solutions: --node"
            })
    void what_cannot_be_is_told_and_ends_with_2(String args, String words) {
        operator.fleet(2);
        var said = said(args.split(" "));
        assertThat(said.err()).contains(words);
        assertThat(said.code()).isEqualTo(2);
    }

    @Test
    void an_instance_that_there_is_not_cannot_be_drained() {
        operator.fleet(2);
        var said = said("drain", "core/7");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("instance core/7", "router core has no instance 7", "core/0, core/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"volumes", "volumes ls"})
    void volumes_tell_where_events_lie(String verb) {
        operator.fleet(2);
        said("drain", "core/1", "--no-wait");
        var said = said(verb.split(" "));
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                NAME    NODE    STAGE     EVENTS  BYTES  OLDEST  LETTERS  AS OF  NOTE
                core/0  node-a  serving       12  12KiB  90s           0  now    -
                core/1  node-b  draining      12  12KiB  90s           0  now    It drains (asked by %s): it takes nothing in, and delivers what it has. logroute volumes tells how much is left. logroute uncordon core/1 has it take events in again.
                """.formatted(AskingVerb.who()));
        assertThat(said.code()).isZero();
    }

    @Test
    void events_that_are_not_reached_end_with_1_and_are_told_with_what_was_last_heard() {
        operator.fleet(2);
        operator.remembers(1, Map.of(Label.AWAY, "2026-03-01T11:59:30Z"), 1204);
        var said = said("volumes", "--router", "core");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(
                        "core/1  node-b  serving    1204  1.2MiB  90s           0  2026-03-01T12:00:00Z  Its node is away since 2026-03-01T11:59:30Z.")
                .contains("\ncore/1: Its node is away since 2026-03-01T11:59:30Z.\n");
    }

    @Test
    void programs_get_volumes_as_json_or_yaml() {
        operator.fleet(1);
        var bytes = said("volumes", "-o", "json").out().getBytes(StandardCharsets.UTF_8);
        assertThat((List<?>) Json.value(bytes, 0, bytes.length))
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.map(String.class, Object.class))
                .containsEntry("name", "core/0")
                .containsEntry("volume", "logroute_core-0")
                .containsEntry("good", true)
                .containsEntry("events", 12L);
        var yaml = said("volumes", "-o", "yaml").out();
        assertThat(yaml)
                .startsWith("- name: core/0\n  router: core\n  instance: 0\n")
                .contains("\n  events: 12\n");
        assertThat(new org.yaml.snakeyaml.Yaml().<List<?>>load(yaml)).hasSize(1);
    }

    @Test
    void forget_tells_what_is_given_up_and_does_nothing_without_a_yes() {
        operator.fleet(2);
        operator.remembers(1, Map.of(Label.AWAY, "2026-03-01T11:59:30Z"), 1204);
        var said = said("forget", "core/1");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).isEqualToNormalizingNewlines("""
                core/1 on node node-b holds 1,204 events that are not delivered (1.2MiB, the oldest of 2026-03-01T11:58:30Z) and 0 dead letters, as of 2026-03-01T12:00:00Z. That is given up.
                Nothing was forgotten. Do it with --yes.
                """);
        assertThat(said("volumes").out()).contains("core/1");
        assertThat(json(said("forget", "core/1", "-o", "json")).get("forgotten"))
                .isEqualTo(false);
        var done = said("forget", "core/1", "--yes");
        assertThat(done.out()).contains("1,204 events", "core/1: forget");
        assertThat(done.code()).isZero();
        assertThat(said("volumes").out()).doesNotContain("core/1");
    }

    @ParameterizedTest
    @CsvSource({"y,0", "YES,0", "n,1", "'',1", "yesterday,1"})
    void forget_asks_on_a_terminal(String answer, int code) {
        operator.fleet(2);
        operator.remembers(1, Map.of(Label.AWAY, "2026-03-01T11:59:30Z"), 1204);
        var out = new java.io.StringWriter();
        var in = new java.io.ByteArrayInputStream((answer + "\n").getBytes(StandardCharsets.UTF_8));
        var line = new picocli.CommandLine(new ForgetCommand(in, true, false)).setOut(new java.io.PrintWriter(out));
        assertThat(line.execute("core/1", "--url", rest.url())).isEqualTo(code);
        assertThat(out.toString())
                .contains("1,204 events", "Forget it? [y/N] ", code == 0 ? "core/1: forget" : "Nothing was forgotten.");
    }

    @Test
    void what_runs_is_not_forgotten_and_says_why() {
        operator.fleet(2);
        operator.remembers(0, Map.of(Label.NODE, "n1"), 12);
        var said = said("forget", "core/0", "--yes");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("instance core/0", "it runs, and is declared", "Declare fewer instances");
        for (var each : List.of(said, said("forget", "core/0"))) {
            assertThat(each.code()).isEqualTo(1);
            assertThat(each.out())
                    .contains("it runs, and is declared")
                    .doesNotContain("That is given up", "Do it with --yes", "0 events");
        }
    }

    @Test
    void of_one_that_was_never_heard_of_nobody_says_that_nothing_is_left() {
        operator.fleet(2);
        operator.remembers(
                1, Map.of(Label.STAGE, "draining", Label.WHY, "operator: asked by alice", Label.CONTENT, ""), 0);
        assertThat(said("drain", "core/1", "--timeout", "1s").out())
                .contains("nobody knows how much is left: it was never heard of")
                .doesNotContain("0 events left");
    }

    @ParameterizedTest
    @CsvSource({"drain core-1", "uncordon core-1", "forget core-1 --yes"})
    void who_names_an_instance_as_its_task_is_called_is_told_how_to(String args) {
        operator.fleet(2);
        var said = said(args.split(" "));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).containsIgnoringCase("did you mean core/1?");
    }

    @Test
    void what_one_lost_is_told_until_it_is_forgotten() {
        operator.fleet(1);
        operator.remembers(0, Map.of(Label.NODE, "n1", Label.LOST, "another buffer held 12 events"), 0);
        assertThat(said("volumes").code()).isEqualTo(1);
        assertThat(said("status").out())
                .contains("VOLUMES", "router core: not VolumesReached: core/0: another buffer held 12 events.");
        assertThat(said("forget", "core/0", "--yes").out())
                .contains(
                        "core/0 on node node-a lost what it held: another buffer held 12 events. That is told no longer.");
        assertThat(said("volumes").code()).isZero();
    }

    @Test
    void a_relay_is_forgotten_as_an_instance_is() {
        operator.fleet(1);
        operator.remembersRelay("up");
        shop.deployed(Shop.relay(false, Optional.empty()));
        var said = said("forget", "relay/up");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains(
                        "stays on its volume logroute_relay_up on node n1", "Nothing was forgotten. Do it with --yes.")
                .doesNotContain("elsewhere");
        assertThat(json(said("forget", "relay/up", "-o", "json")).get("forgotten"))
                .isEqualTo(false);
        assertThat(said("forget", "relay/up", "--yes").out()).contains("relay up is forgotten");
        shop.deployed(Shop.relay(true, Optional.empty()));
        assertThat(said("forget", "relay/up").out()).contains("An empty one is started elsewhere.");
        assertThat(said("forget", "relay/far").err()).contains("there is no relay \"far\"; there are: up");
    }

    @Test
    void commands_that_change_something_need_an_operators_token() throws IOException {
        operator.fleet(2);
        var access = AccessTest.both(mine);
        try (var guarded = new ServedRest(shop.served.of(operator, access))) {
            for (var args : List.of("drain core/1", "uncordon core", "forget core/1 --yes", "volumes")) {
                var all = new ArrayList<>(List.of(args.split(" ")));
                all.addAll(List.of(
                        "--url",
                        guarded.url(),
                        "--token-file",
                        mine.resolve("viewer").toString()));
                var said = Said.by(all.toArray(String[]::new));
                assertThat(said.code()).as(args).isEqualTo(args.equals("volumes") ? 0 : 2);
                if (!args.equals("volumes")) {
                    assertThat(said.err()).contains("viewers look and change nothing");
                }
            }
        }
    }

    @Test
    void apply_does_not_wait_for_those_that_leave() throws IOException {
        operator.fleet(2);
        operator.remembers(1, Map.of(Label.STAGE, "draining", Label.WHY, "scale: 1 is wanted"), 12);
        var core = Files.writeString(mine.resolve("core.yaml"), Shop.CORE.replace("1GiB", "2GiB"));
        var said = said("apply", "-f", core.toString(), "--timeout", "10s");
        assertThat(said.out()).contains("Router core runs as declared.");
        assertThat(said.code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "controller",
                "drain",
                "uncordon",
                "volumes",
                "volumes ls",
                "forget",
                "plan",
                "apply",
                "pause",
                "resume",
                "revisions ls",
                "revisions show",
                "revisions diff",
                "revisions rollback"
            })
    void every_command_explains_itself_its_exit_codes_and_its_token(String verb) {
        var said = Said.by((verb + " --help").split(" "));
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("Usage: logroute " + verb, "Exit codes:", "wrong usage", "token-file");
    }

    @Test
    void the_completion_script_knows_them() {
        assertThat(Said.by("completion").out())
                .contains("controller", "plan", "apply", "rollback", "resume", "--token-file", "--docker-certs")
                .contains("drain", "--wait", "uncordon", "volumes", "forget", "--yes");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void apply_does_not_wait_for_what_was_rolled_back_or_is_paused(boolean paused) {
        var old = declared();
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        java.util.Optional.of(old),
                        paused
                                ? java.util.Optional.empty()
                                : java.util.Optional.of(new FleetState.Refusal(
                                        revision, java.util.Optional.of(old), "instance 0: port 5044 is taken")),
                        paused,
                        1,
                        List.of(),
                        List.of(shop.instance(0, "node-a", old))));
        var said = said("apply", "-f", more(), "--timeout", "50s");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("Stored, and not all of it runs:")
                .contains(paused ? "resume" : "port 5044 is taken");
    }
}
