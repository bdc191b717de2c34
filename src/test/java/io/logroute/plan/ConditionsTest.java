package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Limit;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.Preparation.State;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.spec.Problem;
import io.logroute.spec.SpecReader;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final Problem PROBLEM = new Problem("r.yaml:3: spec.to", "is wrong", "Mend it.");
    private static final PipelineDefinition PIPELINE = pipeline();

    private static final RouteVerdict GOOD = verdict(List.of(), List.of(), true);

    @Test
    void all_is_well() {
        assertThat(of(GOOD, report(sink(), buffer())))
                .containsExactly(
                        "Accepted True Valid",
                        "Resolved True Found",
                        "TemplateInstalled True NotNeeded",
                        "Programmed True Runs",
                        "Delivering True SinksTakeEvents",
                        "Backpressured False BufferHasRoom",
                        "Degraded False AllWell");
    }

    @Test
    void a_sink_that_is_down_is_told_in_its_own_words_and_nothing_counts_as_lost() {
        var report = report(sink(Optional.of("connection refused"), 0, none()), buffer());
        assertThat(of(GOOD, report)).contains("Delivering False SinkDown", "Degraded True SinkDown");
        assertThat(condition(GOOD, report, "Delivering").message())
                .contains("Sink a: connection refused", "Nothing is lost");
    }

    @Test
    void a_full_buffer_is_backpressure() {
        assertThat(of(GOOD, report(sink(), buffer(true, 0, Optional.empty()))))
                .contains("Backpressured True BufferFull");
    }

    @Test
    void a_template_is_told_as_it_stands() {
        assertThat(of(GOOD, report(prepared(State.PENDING), buffer())))
                .contains("TemplateInstalled Unknown Pending", "Degraded False AllWell");
        assertThat(of(GOOD, report(prepared(State.DONE), buffer()))).contains("TemplateInstalled True Installed");
        assertThat(of(GOOD, report(prepared(State.REFUSED), buffer())))
                .contains("TemplateInstalled False Refused", "Degraded True TemplateRefused");
    }

    @Test
    void dead_letters_are_degraded_but_delivering() {
        assertThat(of(GOOD, report(sink(Optional.empty(), 3, none()), buffer())))
                .contains("Delivering True SinksTakeEvents", "Degraded True DeadLetters");
    }

    @Test
    void a_route_that_is_held_runs_as_it_was_and_says_why() {
        var held = verdict(List.of(PROBLEM), List.of(), true);
        assertThat(of(held, report(sink(), buffer())))
                .contains("Accepted False Invalid", "Programmed False Held", "Degraded True Held");
        assertThat(condition(held, report(sink(), buffer()), "Accepted").message())
                .contains("r.yaml:3: spec.to: is wrong. Mend it.", "runs as it was before");
    }

    @Test
    void a_route_that_names_nothing_that_is_there_does_not_run() {
        var dangling = verdict(List.of(), List.of(PROBLEM), false);
        assertThat(of(dangling, report(sink(), buffer())))
                .contains("Accepted True Valid", "Resolved False NotFound", "Programmed False NotInForce")
                .contains("Delivering False NotRunning");
    }

    @Test
    void without_its_router_nothing_is_claimed() {
        var conditions =
                Conditions.ofRoute(GOOD, Optional.of(new Reported(Optional.of(PIPELINE), FleetState.unknown("core"))))
                        .stream()
                        .map(ConditionsTest::shown);
        assertThat(conditions)
                .contains("TemplateInstalled Unknown NoRouter", "Programmed False NoRouter")
                .contains("Delivering False NotRunning");
    }

    @Test
    void a_router_that_runs_another_revision_is_behind() {
        var behind = new InstanceReport(
                "core",
                0,
                "000000000000",
                0,
                NOON,
                NOON,
                List.of(),
                buffer(),
                List.of(sink()),
                List.of(),
                0,
                Optional.of("beats:5044: port 5044 is taken"));
        assertThat(of(GOOD, behind)).contains("Programmed False Behind");
        assertThat(ofInstance(behind).stream().map(ConditionsTest::shown))
                .contains("Ready True TakesEvents", "ConfigCurrent False Behind");
    }

    @Test
    void a_damaged_buffer_is_told_of_the_instance() {
        var damaged = report(sink(), buffer(false, 7, Optional.empty()));
        assertThat(ofInstance(damaged).stream().map(ConditionsTest::shown)).contains("BufferHealthy False Damaged");
        var refusing = report(sink(), buffer(false, 0, Optional.of("The disk of the buffer refuses data.")));
        assertThat(ofInstance(refusing).stream().map(ConditionsTest::shown))
                .contains("BufferHealthy False DiskTrouble", "Ready False Troubled");
        assertThat(of(GOOD, refusing)).contains("Degraded True DiskTrouble");
    }

    @Test
    void a_buffer_on_a_stream_is_told_of_without_a_word_of_disks() {
        var trouble = Optional.of("The servers of stream LOGROUTE_core-0 take no data.");
        var away =
                new BufferReport("", InstanceReport.Kind.JETSTREAM, 1, 2, 0, 4, false, 0, 0, Optional.empty(), trouble);
        assertThat(ofInstance(report(sink(), away)).stream().map(ConditionsTest::shown))
                .contains("BufferHealthy False StreamTrouble", "Ready False Troubled");
        assertThat(of(GOOD, report(sink(), away))).contains("Degraded True StreamTrouble");
        var lost = new BufferReport(
                "", InstanceReport.Kind.JETSTREAM, 1, 2, 0, 4, false, 7, 0, Optional.empty(), Optional.empty());
        assertThat(ofInstance(report(sink(), lost)))
                .filteredOn(each -> each.type().equals("BufferHealthy"))
                .singleElement()
                .satisfies(each -> assertThat(each.message())
                        .contains("Messages are gone from the stream")
                        .doesNotContain("disk"));
    }

    @Test
    void the_words_stay_the_same_while_counts_grow() {
        for (var pair : List.of(
                List.of(sink(Optional.of("no"), 1, none()), sink(Optional.of("no"), 900, none())),
                List.of(sink(Optional.empty(), 1, none()), sink(Optional.empty(), 2, none())))) {
            assertThat(Conditions.ofRoute(GOOD, one(report(pair.get(0), buffer()))))
                    .isEqualTo(Conditions.ofRoute(GOOD, one(report(pair.get(1), buffer()))));
        }
        assertThat(ofInstance(report(sink(), buffer(false, 1, Optional.empty()))))
                .isEqualTo(ofInstance(report(sink(), buffer(false, 2, Optional.empty()))));
    }

    private static Optional<Reported> one(InstanceReport report) {
        return Optional.of(new Reported(
                Optional.of(PIPELINE), FleetState.inProcess(PIPELINE.revision().hash(), report)));
    }

    private static List<Condition> ofInstance(InstanceReport report) {
        var router = one(report).orElseThrow();
        return Conditions.ofInstance(router, router.fleet().instances().getFirst());
    }

    private static List<String> of(RouteVerdict verdict, InstanceReport report) {
        return Conditions.ofRoute(verdict, one(report)).stream()
                .map(ConditionsTest::shown)
                .toList();
    }

    private static Condition condition(RouteVerdict verdict, InstanceReport report, String type) {
        return Conditions.ofRoute(verdict, one(report)).stream()
                .filter(each -> each.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static String shown(Condition condition) {
        return condition.type() + " " + condition.status().word() + " " + condition.reason();
    }

    private static RouteVerdict verdict(List<Problem> wrong, List<Problem> unresolved, boolean inForce) {
        return new RouteVerdict("all", Optional.of("core"), wrong, unresolved, inForce);
    }

    private static InstanceReport report(SinkReport sink, BufferReport buffer) {
        return report(sink, buffer, 0);
    }

    private static InstanceReport report(SinkReport sink, BufferReport buffer, long unrouted) {
        return new InstanceReport(
                "core",
                0,
                PIPELINE.revision().hash(),
                0,
                NOON,
                NOON,
                List.of(),
                buffer,
                List.of(sink),
                List.of(),
                unrouted,
                Optional.empty());
    }

    @Test
    void events_that_no_route_took_are_told_in_words_that_stay_the_same() {
        assertThat(routed(0)).extracting(ConditionsTest::shown).isEqualTo("EventsRouted True AllRouted");
        assertThat(routed(1)).extracting(ConditionsTest::shown).isEqualTo("EventsRouted False Unrouted");
        assertThat(routed(1)).isEqualTo(routed(900));
        assertThat(routed(1).message())
                .contains("logroute_unrouted_events_total", "Declare a route with default: true and router: core");
    }

    private static Condition routed(long unrouted) {
        return ofInstance(report(sink(), buffer(), unrouted)).stream()
                .filter(each -> each.type().equals("EventsRouted"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_sink_that_lags_too_far_is_told_with_what_comes_of_it() {
        var blocks = lagging(0, new Limit(true, "it lags more than its maxLag of 2h"));
        assertThat(condition(GOOD, report(blocks, buffer()), "Backpressured").reason())
                .isEqualTo("SinkLags");
        assertThat(condition(GOOD, report(blocks, buffer()), "Backpressured").message())
                .contains("Sink a: it lags more than its maxLag of 2h, so clients of router core wait.");
        var drops = condition(
                GOOD, report(lagging(7, new Limit(false, "it lagged more than its maxLag")), buffer()), "Degraded");
        assertThat(drops.reason()).isEqualTo("EventsDiscarded");
        assertThat(drops.message()).contains("its oldest events are passed over");
        var more = condition(
                GOOD, report(lagging(99, new Limit(false, "it lagged more than its maxLag")), buffer()), "Degraded");
        assertThat(more).as("the same words while more is passed over").isEqualTo(drops);
        assertThat(condition(GOOD, report(lagging(7, null), buffer()), "Degraded")
                        .message())
                .contains("were passed over", "It keeps up now.");
    }

    private static SinkReport lagging(long discarded, @Nullable Limit limit) {
        return new SinkReport(
                "a",
                "console",
                5,
                0,
                0,
                0,
                discarded,
                5,
                50,
                Optional.empty(),
                Optional.empty(),
                none(),
                Optional.ofNullable(limit),
                Optional.empty(),
                Optional.empty());
    }

    private static BufferReport buffer() {
        return buffer(false, 0, Optional.empty());
    }

    private static BufferReport buffer(boolean full, long lost, Optional<String> trouble) {
        return new BufferReport("", InstanceReport.Kind.DISK, 1, 2, 3, 4, full, lost, lost, Optional.empty(), trouble);
    }

    private static Preparation none() {
        return new Preparation(State.NOT_NEEDED, "It needs none.");
    }

    private static SinkReport prepared(State state) {
        return sink(Optional.empty(), 0, new Preparation(state, "template ampbeat"));
    }

    private static SinkReport sink() {
        return sink(Optional.empty(), 0, none());
    }

    private static SinkReport sink(Optional<String> trouble, long deadLettered, Preparation preparation) {
        return new SinkReport(
                "a",
                "console",
                deadLettered,
                0,
                deadLettered,
                deadLettered,
                0,
                5,
                50,
                Optional.empty(),
                Optional.empty(),
                preparation,
                Optional.empty(),
                trouble,
                Optional.empty());
    }

    private static PipelineDefinition pipeline() {
        var yaml = """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { demo: {} } ] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: a }
                spec: { console: {} }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [a] }
                """;
        return Declared.of(SpecReader.documents("r.yaml", yaml), Declared.NOTHING, Set.of())
                .pipeline("core")
                .orElseThrow();
    }
}
