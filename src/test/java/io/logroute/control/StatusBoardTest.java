package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.control.History.Event;
import io.logroute.control.StatusBoard.Told;
import io.logroute.plan.Declared;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.RouteReport;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.InstanceState;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.spec.Problem;
import io.logroute.spec.SpecReader;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatusBoardTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private Instant now = NOON;
    private List<FleetState> states = List.of();
    private final Fleet fleet = new Fleet() {
        @Override
        public Outcome become(List<PipelineDefinition> wanted) {
            return new Outcome(List.of(), Map.of());
        }

        @Override
        public List<FleetState> states() {
            return states;
        }
    };
    private final StatusBoard board = new StatusBoard(fleet, () -> now);

    @Test
    void what_is_well_from_the_beginning_is_no_event() {
        var pipeline = declare(3);
        run(pipeline, runs(pipeline, 0), runs(pipeline, 1));
        put(3);
        board.look();
        assertThat(events("")).isEmpty();
    }

    @Test
    void an_instance_that_goes_is_told_once_of_it_and_of_its_router_and_of_no_route() {
        var pipeline = declare(1);
        run(pipeline, runs(pipeline, 0), runs(pipeline, 1));
        put(1);
        now = now.plusSeconds(5);
        run(pipeline, runs(pipeline, 0), lost(1));
        for (int i = 0; i < 100; i++) {
            now = now.plusSeconds(1);
            board.look();
        }
        assertThat(events("instance/core-1"))
                .containsExactly("Ready is False, NotReached: Router core does not answer: task failed.");
        assertThat(events("instance/core-0")).isEmpty();
        assertThat(events("router/core"))
                .containsExactly("Ready is False, NotReached: Instance 1: Router core does not answer: task failed.");
        assertThat(events("route/")).isEmpty();
        assertThat(all()).allSatisfy(event -> {
            assertThat(event.time()).isEqualTo(NOON.plusSeconds(6));
            assertThat(event.count()).isEqualTo(1);
        });
        assertThat(of("router/core", "Ready").since()).isEqualTo(NOON.plusSeconds(6));
    }

    @Test
    void what_many_routes_have_in_common_is_one_event_of_their_router() {
        var pipeline = declare(11);
        run(pipeline, runs(pipeline, 0));
        put(11);
        run(pipeline, sinkDown(pipeline));
        board.look();
        assertThat(events("route/")).isEmpty();
        assertThat(events("router/core"))
                .contains("Of 11 routes: Delivering is False, SinkDown: Sink out: no connection. Nothing is lost: its"
                        + " events wait in the buffer and are tried again.");
    }

    @Test
    void of_ten_routes_each_tells_for_itself() {
        var pipeline = declare(10);
        run(pipeline, runs(pipeline, 0));
        put(10);
        run(pipeline, sinkDown(pipeline));
        board.look();
        assertThat(events("route/r0009")).isNotEmpty();
    }

    @Test
    void an_instance_that_comes_back_says_only_that() {
        var pipeline = declare(1);
        run(pipeline, runs(pipeline, 0), runs(pipeline, 1));
        put(1);
        run(pipeline, runs(pipeline, 0), lost(1));
        board.look();
        int before = all().size();
        run(pipeline, runs(pipeline, 0), runs(pipeline, 1));
        board.look();
        assertThat(all().subList(before, all().size()))
                .extracting(event -> event.object() + " " + event.words())
                .containsExactly(
                        "instance/core-1 Ready is True, TakesEvents: Sources take events in.",
                        "router/core Ready is True, TakesEvents: The sources of every instance take events in.");
    }

    @Test
    void a_single_instance_leaves_the_words_to_its_router() {
        var pipeline = declare(1);
        run(pipeline, runs(pipeline, 0));
        put(1);
        run(pipeline, lost(0));
        board.look();
        assertThat(events("instance/")).isEmpty();
        assertThat(events("router/core"))
                .containsExactly("Ready is False, NotReached: Router core does not answer: task failed.");
    }

    @Test
    void a_change_that_is_under_way_is_left_to_its_steps_and_a_new_route_says_when_it_runs() {
        var before = declare(1);
        run(before, runs(before, 0), runs(before, 1));
        put(1);
        var after = declare(2);
        put(2);
        run(after, runs(after, 0), runs(before, 1));
        board.look();
        run(after, runs(after, 0), runs(after, 1));
        board.look();
        assertThat(all())
                .extracting(event -> event.object() + " " + event.words())
                .containsExactly("route/r0001 Programmed is True, Runs: Every instance runs revision %s."
                        .formatted(after.revision()));
    }

    @Test
    void a_new_route_says_that_it_runs_also_when_it_does_at_once() {
        var before = declare(1);
        run(before, runs(before, 0));
        put(1);
        var after = declare(2);
        run(after, runs(after, 0));
        put(2);
        assertThat(all()).extracting(Event::object).containsExactly("route/r0001");
        assertThat(events("route/r0001")).singleElement().asString().startsWith("Programmed is True, Runs");
    }

    @Test
    void a_second_instance_is_no_news_of_the_first() {
        var pipeline = declare(1);
        run(pipeline, runs(pipeline, 0));
        put(1);
        run(pipeline, runs(pipeline, 0), lost(1));
        board.look();
        assertThat(events("instance/core-0")).isEmpty();
        assertThat(events("instance/core-1")).hasSize(1);
    }

    @Test
    void trouble_that_an_instance_was_in_before_it_was_silent_is_not_told_again() {
        var pipeline = declare(1);
        run(pipeline, sinkDown(pipeline));
        put(1);
        run(pipeline, lost(0));
        board.look();
        int before = all().size();
        run(pipeline, sinkDown(pipeline));
        board.look();
        assertThat(all().subList(before, all().size()))
                .extracting(Event::words)
                .containsExactly("Ready is True, TakesEvents: Sources take events in.");
    }

    @Test
    void a_router_that_is_declared_no_longer_and_still_runs_is_shown() {
        var pipeline = declare(1);
        run(pipeline, runs(pipeline, 0));
        board.put(new Pass(now, Declared.NOTHING, new Fleet.Outcome(List.of(), Map.of())));
        assertThat(board.routers()).singleElement().satisfies(router -> {
            assertThat(router.name()).isEqualTo("core");
            assertThat(router.revision()).isEmpty();
        });
        assertThat(of("router/core", "Scaled").condition().reason()).isEqualTo("NotDeclared");
    }

    @Test
    void it_is_ready_when_every_instance_of_every_declared_router_is() {
        var pipeline = declare(1);
        put(1);
        assertThat(board.ready()).as("nothing is known of it").isFalse();
        run(pipeline, runs(pipeline, 0), lost(1));
        assertThat(board.ready()).isFalse();
        run(pipeline, runs(pipeline, 0), runs(pipeline, 1));
        assertThat(board.ready()).isTrue();
    }

    @Test
    void problems_of_fleets_stand_among_the_others() {
        var pipeline = declare(1);
        put(1);
        var problem = new Problem("router core: deploy.constraints", "no node fits", "Label one.");
        states = List.of(new FleetState(
                "core",
                Optional.of(pipeline.revision().hash()),
                Optional.empty(),
                false,
                1,
                List.of(problem),
                List.of()));
        assertThat(board.problems()).containsExactly(problem);
    }

    @Test
    void a_fleet_that_went_away_leaves_nothing_behind() {
        var pipeline = declare(1);
        run(pipeline, lost(0));
        put(1);
        now = now.plusSeconds(60);
        states = List.of();
        put(0);
        assertThat(board.routers()).isEmpty();
        now = now.plusSeconds(60);
        run(pipeline, lost(0));
        put(1);
        assertThat(of("instance/core-0", "Ready").since()).isEqualTo(now);
    }

    @Test
    void a_look_at_a_thousand_routes_of_fifty_instances_makes_no_more_than_twenty_megabytes_of_garbage() {
        var pipeline = declare(1_000);
        run(
                pipeline,
                IntStream.range(0, 50).mapToObj(each -> runs(pipeline, each)).toArray(InstanceState[]::new));
        put(1_000);
        board.look();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        board.look();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isBetween(1_000_000L, 20_000_000L);
        assertThat(board.route("r0999").orElseThrow().routedEvents()).isEqualTo(50);
    }

    @Test
    void a_router_that_is_gone_is_told_while_something_of_it_is_not_reached() {
        put(0);
        states = List.of(gone(Optional.empty()));
        assertThat(board.routers()).isEmpty();
        assertThat(board.volumes()).extracting(VolumeState::of).containsExactly("core/2");
        states = List.of(gone(Optional.of(NOON)));
        assertThat(of("router/core", "VolumesReached").condition().message()).contains("12 events");
        assertThat(board.routers().getFirst().conditions())
                .filteredOn(told -> !told.condition().good())
                .hasSize(1);
    }

    private static FleetState gone(Optional<Instant> away) {
        return new FleetState(
                "core",
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                List.of(),
                List.of(),
                List.of(new VolumeState(
                        "logroute_core-2",
                        "core",
                        2,
                        InstanceReport.Kind.DISK,
                        Optional.of("n"),
                        away.isPresent() ? Stage.DRAINING : Stage.KEPT,
                        Optional.of("undeclared: it is declared no longer"),
                        Optional.of(NOON),
                        away,
                        away.isPresent() ? 12 : 0,
                        0,
                        Optional.empty(),
                        0,
                        Optional.of(NOON),
                        false,
                        Optional.empty(),
                        false,
                        false)),
                Optional.empty());
    }

    private Declared declared(int routes) {
        if (routes == 0) {
            return Declared.NOTHING;
        }
        var yaml = new StringBuilder("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: out }
                spec: { console: {} }
                """);
        for (int i = 0; i < routes; i++) {
            yaml.append("""
                    ---
                    apiVersion: logroute/v1
                    kind: LogRoute
                    metadata: { name: r%04d }
                    spec: { router: core, to: [out] }
                    """.formatted(i));
        }
        return Declared.of(SpecReader.documents("r.yaml", yaml.toString()), Declared.NOTHING, Set.of());
    }

    private PipelineDefinition declare(int routes) {
        return declared(routes).pipeline("core").orElseThrow();
    }

    private void put(int routes) {
        board.put(new Pass(now, declared(routes), new Fleet.Outcome(List.of(), Map.of())));
    }

    private void run(PipelineDefinition pipeline, InstanceState... instances) {
        states = List.of(new FleetState(
                "core",
                Optional.of(pipeline.revision().hash()),
                Optional.empty(),
                false,
                instances.length,
                List.of(),
                List.of(instances)));
    }

    private static InstanceState sinkDown(PipelineDefinition pipeline) {
        return runs(pipeline, 0, Optional.of("no connection"));
    }

    private static InstanceState runs(PipelineDefinition pipeline, int number) {
        return runs(pipeline, number, Optional.empty());
    }

    private static InstanceState runs(PipelineDefinition pipeline, int number, Optional<String> trouble) {
        var report = new InstanceReport(
                "core",
                number,
                pipeline.revision().hash(),
                0,
                NOON,
                NOON,
                List.of(),
                new BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(new SinkReport(
                        "out",
                        "console",
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        new Preparation(Preparation.State.NOT_NEEDED, "nothing"),
                        Optional.empty(),
                        trouble,
                        Optional.empty())),
                pipeline.routes().stream()
                        .map(route -> new RouteReport(route.name().value(), 1))
                        .toList(),
                0,
                Optional.empty());
        return new InstanceState(
                "core",
                number,
                Optional.of("logroute_core-" + number),
                Optional.of("n"),
                Optional.of(report),
                Optional.empty());
    }

    private static InstanceState lost(int number) {
        return new InstanceState(
                "core",
                number,
                Optional.of("logroute_core-" + number),
                Optional.of("n"),
                Optional.empty(),
                Optional.of("task failed"));
    }

    private Told of(String object, String type) {
        var all = new ArrayList<Told>();
        for (var router : board.routers()) {
            if (object.equals("router/" + router.name())) {
                all.addAll(router.conditions());
            }
            router.instances().stream()
                    .filter(each -> object.equals("instance/" + each.state().name()))
                    .forEach(each -> all.addAll(each.conditions()));
        }
        return all.stream()
                .filter(told -> told.condition().type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private List<Event> all() {
        return board.history().events(Optional.empty(), Optional.empty(), History.ROOM);
    }

    private List<String> events(String object) {
        return board
                .history()
                .events(Optional.of(object).filter(each -> !each.isEmpty()), Optional.empty(), History.ROOM)
                .stream()
                .map(Event::words)
                .toList();
    }
}
