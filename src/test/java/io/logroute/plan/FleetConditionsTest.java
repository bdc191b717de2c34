package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Condition.Status;
import io.logroute.plan.Declared.RouteVerdict;
import io.logroute.plan.FleetState.Refusal;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Limit;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.Preparation.State;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.spec.Problem;
import io.logroute.spec.SpecReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What is told of a router of several instances: of its routes, of each instance, and of itself.
class FleetConditionsTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final PipelineDefinition PIPELINE = pipeline();
    private static final String NOW = PIPELINE.revision().hash();
    private static final String OLD = "000000000000";
    private static final RouteVerdict ALL = new RouteVerdict("all", Optional.of("core"), List.of(), List.of(), true);
    private static final Problem NO_SECRET = new Problem(
            "router core: sources[0].tls",
            "there is no secret tls-key in the swarm",
            "Create it with docker secret create.");

    /// A fleet as a test needs it.
    private record Told(
            String target,
            Optional<Refusal> refusal,
            boolean paused,
            int wanted,
            List<Problem> problems,
            List<InstanceState> instances,
            List<VolumeState> volumes,
            Optional<String> scaling) {
        Told(
                String target,
                Optional<Refusal> refusal,
                boolean paused,
                int wanted,
                List<Problem> problems,
                List<InstanceState> instances) {
            this(target, refusal, paused, wanted, problems, instances, List.of(), Optional.empty());
        }

        static Told of(InstanceState... instances) {
            return new Told(NOW, Optional.empty(), false, instances.length, List.of(), List.of(instances));
        }

        Told on(VolumeState... volumes) {
            return new Told(target, refusal, paused, wanted, problems, instances, List.of(volumes), scaling);
        }

        Told scaling(String why) {
            return new Told(target, refusal, paused, wanted, problems, instances, volumes, Optional.of(why));
        }

        Told wanting(int instances) {
            return new Told(target, refusal, paused, instances, problems, this.instances, volumes, scaling);
        }

        Told targeting(String revision) {
            return new Told(revision, refusal, paused, wanted, problems, instances, volumes, scaling);
        }

        Told refusing(String revision) {
            return new Told(
                    target,
                    Optional.of(new Refusal(revision, Optional.of(OLD), "beats:5044: port 5044 is taken")),
                    paused,
                    wanted,
                    problems,
                    instances,
                    volumes,
                    scaling);
        }

        Told pausing() {
            return new Told(target, refusal, true, wanted, problems, instances, volumes, scaling);
        }

        Told with(Problem problem) {
            return new Told(target, refusal, paused, wanted, List.of(problem), instances, volumes, scaling);
        }

        FleetState state() {
            return new FleetState(
                    "core", Optional.of(target), refusal, paused, wanted, problems, instances, volumes, scaling);
        }

        Reported reported() {
            return new Reported(Optional.of(PIPELINE), state());
        }

        List<Condition> route() {
            return Conditions.ofRoute(ALL, Optional.of(reported()));
        }

        List<Condition> fleet() {
            return Conditions.ofFleet(reported());
        }
    }

    static Stream<Arguments> of_a_route() {
        var three = Told.of(runs(0, NOW), runs(1, NOW), runs(2, NOW));
        return Stream.of(
                Arguments.of(
                        "every instance runs what is declared",
                        three,
                        "Programmed True Runs: Every instance runs revision %s.".formatted(NOW)),
                Arguments.of(
                        "one is behind",
                        Told.of(runs(0, NOW), runs(1, OLD), runs(2, NOW)),
                        "Programmed False Behind: Instance 1 of router core still runs revision 000000000000. Wait for the change to be made."),
                Arguments.of(
                        "two are behind",
                        Told.of(runs(0, OLD), runs(1, NOW), runs(2, OLD)),
                        "Programmed False Behind: Instances 0 and 2 of router core still run revision 000000000000. Wait for the change to be made."),
                Arguments.of(
                        "all are behind",
                        Told.of(runs(0, OLD), runs(1, OLD)),
                        "Programmed False Behind: Router core still runs revision 000000000000. Wait for the change to be made."),
                Arguments.of(
                        "one does not answer",
                        Told.of(runs(0, NOW), lost(1)),
                        "Programmed False NotReached: Instance 1: Router core does not answer: task rejected: No such image."),
                Arguments.of(
                        "it was rolled back",
                        Told.of(runs(0, OLD), runs(1, OLD)).targeting(OLD).refusing(NOW),
                        "Programmed False RolledBack: Revision %s was taken back: beats:5044: port 5044 is taken. Revision 000000000000 runs in its place. It is not tried again until what is declared changes."
                                .formatted(NOW)),
                Arguments.of(
                        "another revision was rolled back long ago",
                        three.refusing("111111111111"),
                        "Programmed True Runs: Every instance runs revision %s.".formatted(NOW)),
                Arguments.of(
                        "it is paused before the change",
                        Told.of(runs(0, OLD), runs(1, OLD)).targeting(OLD).pausing(),
                        "Programmed False Paused: Router core is paused at revision 000000000000: changes of what is declared wait. Let it follow them again with logroute resume core."),
                Arguments.of(
                        "it is paused, and nothing waits",
                        three.pausing(),
                        "Programmed True Runs: Every instance runs revision %s.".formatted(NOW)),
                Arguments.of(
                        "something keeps the change from being made",
                        Told.of(runs(0, OLD), runs(1, OLD)).targeting(OLD).with(NO_SECRET),
                        "Programmed False Blocked: " + NO_SECRET),
                Arguments.of(
                        "no node takes one of them",
                        Told.of(runs(0, NOW), homeless(1)).with(NO_SECRET),
                        "Programmed False Blocked: " + NO_SECRET),
                Arguments.of(
                        "all run what is declared, which nobody told them to",
                        three.targeting(OLD),
                        "Programmed False Behind: Router core was not told yet to run revision %s. Wait for the change to be made."
                                .formatted(NOW)),
                Arguments.of(
                        "a sink is down everywhere",
                        Told.of(down(0, "refused"), down(1, "refused")),
                        "Delivering False SinkDown: Sink a: refused. Nothing is lost: its events wait in the buffer and are tried again."),
                Arguments.of(
                        "a sink is down, with a question",
                        Told.of(down(0, "there is no host es here; is the router on its network?")),
                        "Delivering False SinkDown: Sink a: there is no host es here; is the router on its network? Nothing is lost: its events wait in the buffer and are tried again."),
                Arguments.of(
                        "a sink is down at two of three",
                        Told.of(down(0, "refused"), runs(1, NOW), down(2, "refused")),
                        "Delivering False SinkDown: Sink a: refused (at instances 0 and 2). Nothing is lost: its events wait in the buffer and are tried again."),
                Arguments.of(
                        "a sink is down in different words",
                        Told.of(down(0, "refused"), down(1, "timed out")),
                        "Degraded True SinkDown: Sink a: refused (at instance 0; other words at instance 1). Nothing is lost: its events wait in the buffer and are tried again."),
                Arguments.of(
                        "a template is refused at one",
                        Told.of(prepared(0, State.DONE), prepared(1, State.REFUSED)),
                        "TemplateInstalled False Refused: Sink a: template ampbeat (at instance 1)."),
                Arguments.of(
                        "a template is installed",
                        Told.of(prepared(0, State.DONE), prepared(1, State.DONE)),
                        "TemplateInstalled True Installed: Sink a: template ampbeat."),
                Arguments.of(
                        "a buffer is full",
                        Told.of(runs(0, NOW), full(1)),
                        "Backpressured True BufferFull: The buffer of instance 1 of router core is full: its clients wait. Mend the sink that lags most, or raise buffer.maxBytes."),
                Arguments.of(
                        "a sink holds one up",
                        Told.of(runs(0, NOW), lagging(1)),
                        "Backpressured True SinkLags: Sink a: it lags more than its maxLag of 2h, so clients of instance 1 of router core wait. Mend the sink, raise its maxLag, or let it be passed over with whenFull: dropOldest."),
                Arguments.of(
                        "an instance is down",
                        Told.of(runs(0, NOW), lost(1)),
                        "Degraded True InstanceDown: Instance 1: Router core does not answer: task rejected: No such image."),
                Arguments.of(
                        "no instance answers",
                        Told.of(lost(0), lost(1)),
                        "Delivering False NotRunning: The route does not run; see Programmed."),
                Arguments.of(
                        "of templates nothing is known when no instance answers",
                        Told.of(lost(0), lost(1)),
                        "TemplateInstalled Unknown NotReached: No instance tells; see Programmed."),
                Arguments.of(
                        "its only instance does not answer",
                        Told.of(lost(0)),
                        "Programmed False NotReached: Router core does not answer: task rejected: No such image."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("of_a_route")
    void a_route_is_told_over_all_instances(String why, Told fleet, String expected) {
        assertThat(fleet.route()).extracting(FleetConditionsTest::shown).contains(expected);
    }

    static Stream<Arguments> of_a_fleet() {
        var two = Told.of(runs(0, NOW), runs(1, NOW));
        return Stream.of(
                Arguments.of("all well", two, "Ready True TakesEvents: The sources of every instance take events in."),
                Arguments.of(
                        "all current",
                        two,
                        "ConfigCurrent True Current: Every instance runs what is declared, revision %s."
                                .formatted(NOW)),
                Arguments.of("all placed", two, "Scheduled True Placed: Every instance has its node."),
                Arguments.of(
                        "as many as declared", two, "Scaled True AsDeclared: 2 instances are declared, and there."),
                Arguments.of(
                        "nothing taken back", two, "RolledBack False NotRefused: What is declared was not taken back."),
                Arguments.of("not paused", two, "Paused False Follows: It follows what is declared."),
                Arguments.of(
                        "in this process",
                        new Told(
                                NOW,
                                Optional.empty(),
                                false,
                                1,
                                List.of(),
                                FleetState.inProcess(NOW, report(0, NOW, sink(), false))
                                        .instances()),
                        "Scheduled True OwnProcess: It runs in the process of the controller."),
                Arguments.of(
                        "no node fits one",
                        Told.of(runs(0, NOW), homeless(1)),
                        "Scheduled False NoNode: Instance 1 has no node: no node has the label zone=b."),
                Arguments.of(
                        "one that no node takes is not there",
                        Told.of(runs(0, NOW), homeless(1)).with(NO_SECRET),
                        "Scaled False Missing: 2 instances are declared, and 1 is there. " + NO_SECRET),
                Arguments.of(
                        "one that no node takes is not ready",
                        Told.of(homeless(0)),
                        "Ready False NoNode: It has no node; see Scheduled."),
                Arguments.of(
                        "fewer than declared",
                        two.wanting(3).with(NO_SECRET),
                        "Scaled False Missing: 3 instances are declared, and 2 are there. " + NO_SECRET),
                Arguments.of(
                        "a smaller number, just now",
                        two.wanting(1),
                        "Scaled False Draining: 1 instance is declared, and 2 are there. Wait for the others to be drained."),
                Arguments.of(
                        "one delivers what it has before it goes",
                        two.wanting(1).on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "Scaled False Draining: 1 instance is declared. Instance 1 delivers what it has before it goes; see Draining."),
                Arguments.of(
                        "one that drains says why",
                        two.wanting(1).on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "Draining True ScalingDown: Instance 1: It drains (1 is wanted): it takes nothing in, and delivers what it has. logroute volumes tells how much is left."),
                Arguments.of(
                        "one that drains and whose sink is down cannot end",
                        Told.of(runs(0, NOW), down(1, "connection refused"))
                                .wanting(1)
                                .on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "Draining True ScalingDown: Instance 1: It drains (1 is wanted): it takes nothing in, and delivers what it has. Sink a takes nothing: connection refused. What waits for it stays, and the drain does not end before."),
                Arguments.of(
                        "one that waits for a sink that is declared no more says until when",
                        Told.of(runs(0, NOW), waitsFor(1, "screen"))
                                .wanting(1)
                                .on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "Draining True ScalingDown: Instance 1: It drains (1 is wanted): it takes nothing in, and delivers what it has. Sink screen is declared no more and has not taken all that was accepted for it: declared again it gets that; else it is given up at 2026-11-22T12:10:00Z. The drain does not end before."),
                Arguments.of(
                        "one that is drained and not reached goes on later",
                        Told.of(runs(0, NOW), lost(1))
                                .wanting(1)
                                .on(leaving(1, Stage.DRAINING, "node: node-1 was away for 5m")),
                        "Draining True NodeLost: Instance 1: It drains (node-1 was away for 5m): it takes nothing in, and delivers what it has. Task rejected: No such image. That goes on when it is reached again."),
                Arguments.of(
                        "one that drains and does not know the controller says so",
                        Told.of(runs(0, NOW), lost(1, "it does not know this controller: its key is another one"))
                                .wanting(1)
                                .on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "Draining True ScalingDown: Instance 1: It drains (1 is wanted): it takes nothing in, and delivers what it has. It does not know this controller: its key is another one. That goes on when it is reached again."),
                Arguments.of(
                        "one whose node was removed does not come back",
                        Told.of(runs(0, NOW), lost(1))
                                .wanting(1)
                                .on(removed(
                                        leaving(1, Stage.DRAINING, "node: its node node-1 is no longer in the swarm"))),
                        "Draining True NodeLost: Instance 1: It drains (its node node-1 is no longer in the swarm): it takes nothing in, and delivers what it has. Its node was removed from the swarm: what is there is not delivered any more. logroute forget core/1 gives it up."),
                Arguments.of(
                        "one that was not asked yet is not told to keep silent",
                        Told.of(runs(0, NOW), lost(1, InstanceState.NOT_ASKED)),
                        "Ready False NotReached: Instance 1: It was not asked yet, and is in a moment."),
                Arguments.of(
                        "who asked for a drain is told, and how to end it",
                        two.on(leaving(1, Stage.DRAINING, "operator: asked by alice")),
                        "Draining True ByOperator: Instance 1: It drains (asked by alice): it takes nothing in, and delivers what it has. logroute volumes tells how much is left. logroute uncordon core/1 has it take events in again."),
                Arguments.of(
                        "one that an operator drained counts as declared",
                        two.on(leaving(1, Stage.DRAINED, "operator: asked by alice")),
                        "Scaled True AsDeclared: 2 instances are declared, and there."),
                Arguments.of(
                        "a drained one is no trouble",
                        two.on(leaving(1, Stage.DRAINED, "operator: asked by alice")),
                        "Draining False Drained: Instance 1: delivered everything, and takes nothing in."),
                Arguments.of(
                        "those that leave do not make it unready",
                        Told.of(runs(0, NOW), lost(1)).on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "Ready True TakesEvents: The sources of every instance take events in."),
                Arguments.of(
                        "when all are drained nothing is taken in",
                        two.on(
                                leaving(0, Stage.DRAINING, "operator: asked by alice"),
                                leaving(1, Stage.DRAINED, "operator: asked by alice")),
                        "Ready False Drained: No instance takes events in: all are drained, or on the way there. logroute uncordon core has them take events in again."),
                Arguments.of(
                        "what one that drains runs does not matter",
                        Told.of(runs(0, NOW), runs(1, OLD)).on(leaving(1, Stage.DRAINING, "scale: 1 is wanted")),
                        "ConfigCurrent True Current: Every instance runs what is declared, revision %s."
                                .formatted(NOW)),
                Arguments.of(
                        "a volume goes",
                        Told.of(runs(0, NOW)).on(leaving(1, Stage.REMOVING, "scale: 1 is wanted")),
                        "Scaled False Removing: Instance 1 has delivered everything, and is being removed."),
                Arguments.of(
                        "dead letters keep one from going",
                        two.wanting(1).on(volume(1, Stage.DRAINED, "scale: 1 is wanted", 0, 3, Optional.empty())),
                        "Scaled False DeadLetters: Instance 1 has delivered everything; dead letters are still there, and it does not go before they are replayed or purged: logroute dlq ls --router core-1."),
                Arguments.of(
                        "an empty volume that stays is as declared",
                        Told.of(runs(0, NOW)).on(leaving(1, Stage.KEPT, "scale: 1 is wanted")),
                        "Scaled True AsDeclared: 1 instance is declared, and there."),
                Arguments.of(
                        "as many as the load needs",
                        two.scaling("2 instances: lag 42 s > 30 s for 2 min"),
                        "Scaled True AsDeclared: 2 instances are wanted for the load, and there."),
                Arguments.of(
                        "a lost node's instance is told by its volume, and not missing",
                        Told.of(runs(0, NOW), lost(1), runs(2, NOW))
                                .wanting(2)
                                .on(away(1, Stage.DRAINING, "node: away for 5m", 1204)),
                        "Scaled True AsDeclared: 2 instances are declared, and there."),
                Arguments.of(
                        "undelivered events where nobody gets at them",
                        Told.of(runs(0, NOW), lost(1)).on(away(1, Stage.SERVING, "", 1204)),
                        "VolumesReached False NodeAway: core/1: its volume logroute_core-1 holds 1204 events that are not delivered (as of 2026-11-22T11:59:00Z), and node node-1 is away since 2026-11-22T11:59:30Z. That is delivered when it is back; if it never will be, logroute forget core/1 gives it up."),
                Arguments.of(
                        "undelivered events on a node that was removed",
                        Told.of(runs(0, NOW), lost(1)).on(removed(away(1, Stage.DRAINING, "node: removed", 1204))),
                        "VolumesReached False NodeAway: core/1: its volume logroute_core-1 holds 1204 events that are not delivered (as of 2026-11-22T11:59:00Z), and node node-1 was removed from the swarm. A machine that joins anew is another node: what is there comes back by hand only; or logroute forget core/1 gives it up."),
                Arguments.of(
                        "dead letters on a volume whose instance went",
                        Told.of(runs(0, NOW)).on(unserved(1, 3)),
                        "VolumesReached False NotServed: core/1: its volume logroute_core-1 holds 0 events that are not delivered, and 3 dead letters (as of 2026-11-22T11:59:00Z), and its instance has no service. Declare more instances, and it comes back with what is there; or logroute forget core/1 gives it up."),
                Arguments.of(
                        "an empty volume whose instance went",
                        Told.of(runs(0, NOW)).on(unserved(1, 0)),
                        "VolumesReached True AllReached: Nothing that is not delivered lies where it is not reached."),
                Arguments.of(
                        "an empty volume on a node that is away",
                        Told.of(runs(0, NOW), lost(1)).on(away(1, Stage.SERVING, "", 0)),
                        "VolumesReached True AllReached: Nothing that is not delivered lies where it is not reached."),
                Arguments.of(
                        "a volume that is not the one it was",
                        two.on(volume(
                                1,
                                Stage.SERVING,
                                "",
                                0,
                                0,
                                Optional.of("12 events were in another buffer, as of 11:00"))),
                        "VolumesReached False Lost: core/1: 12 events were in another buffer, as of 11:00. logroute forget core/1 has that told no longer."),
                Arguments.of(
                        "rolled back",
                        two.targeting(OLD).refusing(NOW),
                        "RolledBack True Refused: Revision %s was taken back: beats:5044: port 5044 is taken. Revision 000000000000 runs in its place. It is not tried again until what is declared changes."
                                .formatted(NOW)),
                Arguments.of(
                        "rolled back, and all run what they were told",
                        Told.of(runs(0, OLD), runs(1, OLD)).targeting(OLD).refusing(NOW),
                        "ConfigCurrent True AsTold: Every instance runs what it was told to run, revision 000000000000."),
                Arguments.of(
                        "paused",
                        two.pausing(),
                        "Paused True Asked: Router core is paused at revision %s: changes of what is declared wait. Let it follow them again with logroute resume core."
                                .formatted(NOW)),
                Arguments.of(
                        "kept from changing",
                        Told.of(runs(0, OLD), runs(1, OLD)).targeting(OLD).with(NO_SECRET),
                        "ConfigCurrent False Blocked: " + NO_SECRET),
                Arguments.of(
                        "three in two ways of being behind",
                        Told.of(runs(0, OLD), runs(1, "222222222222"), runs(2, OLD)),
                        "ConfigCurrent False Behind: Instances 0 and 2: Runs revision 000000000000, not what is declared. Wait for the change to be made. Instance 1: Runs revision 222222222222, not what is declared. Wait for the change to be made."),
                Arguments.of(
                        "one that does not answer is not asked for its buffer",
                        Told.of(runs(0, NOW), lost(1)),
                        "BufferHealthy True Healthy: Every buffer is whole and can be written."),
                Arguments.of(
                        "no instance answers",
                        Told.of(lost(0), lost(1)),
                        "Ready False NotReached: Instances 0 and 1: Router core does not answer: task rejected: No such image."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("of_a_fleet")
    void a_router_is_told_over_all_instances(String why, Told fleet, String expected) {
        assertThat(fleet.fleet()).extracting(FleetConditionsTest::shown).contains(expected);
    }

    @Test
    void the_types_are_the_same_whatever_happens_and_stand_in_one_order() {
        var ofInstances = List.of("Ready", "ConfigCurrent", "BufferHealthy", "EventsRouted", "Draining");
        var ofFleets = new ArrayList<>(ofInstances);
        ofFleets.addAll(List.of("Scheduled", "Scaled", "VolumesReached", "RolledBack", "Paused"));
        for (var fleet : List.of(Told.of(), Told.of(lost(0)), Told.of(runs(0, NOW), lost(1)))) {
            assertThat(fleet.fleet()).extracting(Condition::type).isEqualTo(ofFleets);
            for (var instance : fleet.state().instances()) {
                assertThat(Conditions.ofInstance(fleet.reported(), instance))
                        .extracting(Condition::type)
                        .isEqualTo(ofInstances);
            }
        }
    }

    @Test
    void an_instance_that_does_not_answer_claims_nothing() {
        var fleet = Told.of(runs(0, NOW), lost(1)).reported();
        assertThat(Conditions.ofInstance(fleet, fleet.fleet().instances().getLast()))
                .extracting(Condition::status)
                .containsExactly(Status.FALSE, Status.UNKNOWN, Status.UNKNOWN, Status.UNKNOWN, Status.UNKNOWN);
    }

    @Test
    void a_router_that_is_declared_no_longer_runs_on_and_says_so() {
        var fleet = undeclared(Told.of(runs(0, NOW)).wanting(0));
        assertThat(Conditions.ofFleet(fleet))
                .extracting(FleetConditionsTest::shown)
                .contains(
                        "Scaled False NotDeclared: The router is declared no longer, or no route names it. Instance 0 stays as it is.",
                        "ConfigCurrent True NotDeclared: Runs revision %s, and goes on with it: its router is declared no longer, or no route names it."
                                .formatted(NOW));
        var some = undeclared(Told.of(runs(0, NOW), runs(1, NOW), runs(2, NOW))
                .wanting(0)
                .on(leaving(1, Stage.DRAINING, "operator: asked by alice")));
        assertThat(Conditions.ofFleet(some))
                .extracting(FleetConditionsTest::shown)
                .contains(
                        "Scaled False NotDeclared: The router is declared no longer, or no route names it. Instances 0 and 2 stay as they are. Instance 1 goes when it has delivered what it has; see Draining.");
    }

    private static Reported undeclared(Told told) {
        var fleet = told.state();
        return new Reported(
                Optional.empty(),
                new FleetState(
                        fleet.router(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        0,
                        List.of(),
                        fleet.instances(),
                        fleet.volumes(),
                        Optional.empty()));
    }

    @Test
    void of_a_router_that_is_gone_only_its_volumes_tell_something() {
        var kept = Told.of().on(leaving(0, Stage.KEPT, "undeclared: it is declared no longer"));
        assertThat(Conditions.ofFleet(new Reported(Optional.empty(), kept.state())))
                .hasSameSizeAs(kept.fleet())
                .allMatch(Condition::good);
        var lost = Told.of().on(away(0, Stage.DRAINING, "undeclared: it is declared no longer", 12));
        assertThat(Conditions.ofFleet(new Reported(Optional.empty(), lost.state())))
                .filteredOn(condition -> !condition.good())
                .extracting(Condition::type)
                .containsExactly("VolumesReached");
    }

    @Test
    void one_that_leaves_claims_nothing_of_its_routes() {
        var leaving = Told.of(runs(0, NOW), state(1, report(1, OLD, sink(), true)), lost(2))
                .on(leaving(1, Stage.DRAINING, "scale: 1 is wanted"), leaving(2, Stage.DRAINING, "scale: 1 is wanted"));
        assertThat(leaving.route()).allMatch(Condition::good);
        assertThat(leaving.wanting(1).fleet())
                .filteredOn(condition -> !condition.good())
                .extracting(Condition::type)
                .containsExactly("Draining", "Scaled");
    }

    @Test
    void an_instance_that_leaves_is_as_it_should_be_but_for_that() {
        var fleet = Told.of(runs(0, NOW), runs(1, OLD)).on(leaving(1, Stage.DRAINING, "operator: asked by alice"));
        assertThat(Conditions.ofInstance(
                        fleet.reported(), fleet.state().instances().getLast()))
                .extracting(FleetConditionsTest::shown)
                .contains(
                        "Ready False Draining: It takes nothing in, as it should; see Draining.",
                        "ConfigCurrent True Draining: It takes nothing in; what it has goes by what was declared when that came.");
    }

    @Test
    void what_is_told_of_a_drain_does_not_change_with_what_is_left() {
        var two = Told.of(runs(0, NOW), runs(1, NOW)).wanting(1);
        assertThat(two.on(volume(1, Stage.DRAINING, "scale: 1 is wanted", 1204, 0, Optional.empty()))
                        .fleet())
                .isEqualTo(two.on(volume(1, Stage.DRAINING, "scale: 1 is wanted", 7, 0, Optional.empty()))
                        .fleet());
    }

    @Test
    void one_that_runs_wherever_swarm_likes_has_its_place() {
        var fleet = Told.of(new InstanceState(
                "core",
                0,
                Optional.of("logroute_core-0"),
                Optional.empty(),
                Optional.empty(),
                Optional.of("it starts")));
        assertThat(fleet.fleet())
                .extracting(FleetConditionsTest::shown)
                .anyMatch(each -> each.startsWith("Scheduled False"));
        assertThat(fleet.on(new VolumeState(
                                "logroute_core-0",
                                "core",
                                0,
                                InstanceReport.Kind.JETSTREAM,
                                Optional.empty(),
                                Stage.SERVING,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                0,
                                0,
                                Optional.empty(),
                                0,
                                Optional.empty(),
                                false,
                                Optional.empty(),
                                false,
                                false))
                        .fleet())
                .extracting(FleetConditionsTest::shown)
                .contains("Scheduled True Placed: Every instance has its node.");
    }

    @Test
    void words_of_many_instances_stay_short_and_the_same() {
        var instances = IntStream.range(0, 50)
                .mapToObj(number -> lost(number, "word " + number))
                .toArray(InstanceState[]::new);
        var ready = Told.of(instances).fleet().getFirst();
        assertThat(ready.message())
                .hasSizeLessThan(400)
                .contains("Instance 2: ")
                .endsWith("In other words, instances 3-49.");
        assertThat(Told.of(instances).fleet().getFirst()).isEqualTo(ready);
    }

    @Test
    void a_fleet_of_which_there_is_nothing_yet_starts_unless_something_keeps_it_from_that() {
        var fresh = new FleetState("core", Optional.of(NOW), Optional.empty(), false, 2, List.of(), List.of());
        assertThat(ready(fresh)).isEqualTo("The router starts: its instances are being made.");
        assertThat(Conditions.ofRoute(ALL, Optional.of(new Reported(Optional.of(PIPELINE), fresh))))
                .extracting(FleetConditionsTest::shown)
                .contains("Programmed False NoRouter: The router starts: its instances are being made.");
        for (var other : List.of(
                FleetState.unknown("core"),
                new FleetState("core", Optional.of(NOW), Optional.empty(), false, 2, List.of(NO_SECRET), List.of()),
                new FleetState("core", Optional.of(NOW), Optional.empty(), false, 0, List.of(), List.of()),
                new FleetState(
                        "core",
                        Optional.of(NOW),
                        Optional.of(new Refusal(NOW, Optional.empty(), "it fails")),
                        false,
                        2,
                        List.of(),
                        List.of()))) {
            assertThat(ready(other)).isEqualTo("The router does not run.");
        }
    }

    private static String ready(FleetState fleet) {
        return Conditions.ofFleet(new Reported(Optional.of(PIPELINE), fleet))
                .getFirst()
                .message();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "0             | instance 0",
                "0 2           | instances 0 and 2",
                "0 1           | instances 0 and 1",
                "0 1 2         | instances 0-2",
                "0 1 2 4       | instances 0-2 and 4",
                "1 3 4 5 6 9   | instances 1, 3-6 and 9"
            })
    void numbers_in_words(String numbers, String words) {
        assertThat(Numbers.instances(
                        Stream.of(numbers.split(" ")).map(Integer::valueOf).toList()))
                .isEqualTo(words);
    }

    private static String shown(Condition condition) {
        return "%s %s %s: %s"
                .formatted(condition.type(), condition.status().word(), condition.reason(), condition.message());
    }

    private static VolumeState leaving(int number, Stage stage, String why) {
        return volume(number, stage, why, stage == Stage.DRAINING ? 5 : 0, 0, Optional.empty());
    }

    private static VolumeState volume(
            int number, Stage stage, String why, long events, long letters, Optional<String> lost) {
        return new VolumeState(
                "logroute_core-" + number,
                "core",
                number,
                InstanceReport.Kind.DISK,
                Optional.of("node-" + number),
                stage,
                Optional.of(why).filter(words -> !words.isEmpty()),
                Optional.of(NOON),
                Optional.empty(),
                events,
                events * 1000,
                Optional.empty(),
                letters,
                Optional.of(NOON),
                true,
                lost,
                false,
                false);
    }

    private static VolumeState away(int number, Stage stage, String why, long events) {
        return new VolumeState(
                "logroute_core-" + number,
                "core",
                number,
                InstanceReport.Kind.DISK,
                Optional.of("node-" + number),
                stage,
                Optional.of(why).filter(words -> !words.isEmpty()),
                Optional.of(NOON),
                Optional.of(NOON.minusSeconds(30)),
                events,
                events * 1000,
                Optional.empty(),
                0,
                Optional.of(NOON.minusSeconds(60)),
                false,
                Optional.empty(),
                false,
                false);
    }

    private static VolumeState removed(VolumeState of) {
        return new VolumeState(
                of.name(),
                of.router(),
                of.instance(),
                of.kind(),
                of.node(),
                of.stage(),
                of.why(),
                of.since(),
                of.away(),
                of.events(),
                of.bytes(),
                of.oldest(),
                of.letters(),
                of.asOf(),
                of.now(),
                of.lost(),
                true,
                false);
    }

    private static VolumeState unserved(int number, long letters) {
        return new VolumeState(
                "logroute_core-" + number,
                "core",
                number,
                InstanceReport.Kind.DISK,
                Optional.of("node-" + number),
                Stage.KEPT,
                Optional.of("scale: 1 is wanted"),
                Optional.of(NOON),
                Optional.empty(),
                0,
                0,
                Optional.empty(),
                letters,
                Optional.of(NOON.minusSeconds(60)),
                false,
                Optional.empty(),
                false,
                false);
    }

    private static InstanceState runs(int number, String revision) {
        return state(number, report(number, revision, sink(), false));
    }

    private static InstanceState full(int number) {
        return state(number, report(number, NOW, sink(), true));
    }

    private static InstanceState down(int number, String why) {
        return state(number, report(number, NOW, sink(State.NOT_NEEDED, Optional.empty(), Optional.of(why)), false));
    }

    private static InstanceState waitsFor(int number, String removed) {
        var sink = new InstanceReport.Removed(removed, 12, Instant.parse("2026-11-22T12:10:00Z"), Optional.empty());
        return state(
                number,
                report(number, NOW, sink(), false)
                        .with(new InstanceReport.Holding(
                                InstanceReport.Mode.DRAINING, false, 0, List.of(sink), Optional.empty())));
    }

    private static InstanceState lagging(int number) {
        var limit = Optional.of(new Limit(true, "it lags more than its maxLag of 2h"));
        return state(number, report(number, NOW, sink(State.NOT_NEEDED, limit, Optional.empty()), false));
    }

    private static InstanceState prepared(int number, State state) {
        return state(number, report(number, NOW, sink(state, Optional.empty(), Optional.empty()), false));
    }

    private static InstanceState lost(int number) {
        return lost(number, "task rejected: No such image");
    }

    private static InstanceState lost(int number, String why) {
        return new InstanceState(
                "core",
                number,
                Optional.of("logroute_core-" + number),
                Optional.of("node-" + number),
                Optional.empty(),
                Optional.of(why));
    }

    private static InstanceState homeless(int number) {
        return new InstanceState(
                "core",
                number,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("no node has the label zone=b"));
    }

    private static InstanceState state(int number, InstanceReport report) {
        return new InstanceState(
                "core",
                number,
                Optional.of("logroute_core-" + number),
                Optional.of("node-" + number),
                Optional.of(report),
                Optional.empty());
    }

    private static InstanceReport report(int number, String revision, SinkReport sink, boolean full) {
        return new InstanceReport(
                "core",
                number,
                revision,
                0,
                NOON,
                NOON,
                List.of(),
                new BufferReport(
                        "", InstanceReport.Kind.DISK, 1, 2, 3, 4, full, 0, 0, Optional.empty(), Optional.empty()),
                List.of(sink),
                List.of(),
                0,
                Optional.empty());
    }

    private static SinkReport sink() {
        return sink(State.NOT_NEEDED, Optional.empty(), Optional.empty());
    }

    private static SinkReport sink(State state, Optional<Limit> limit, Optional<String> trouble) {
        return new SinkReport(
                "a",
                "console",
                0,
                0,
                0,
                0,
                0,
                5,
                50,
                Optional.empty(),
                Optional.empty(),
                new Preparation(state, "template ampbeat."),
                limit,
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
