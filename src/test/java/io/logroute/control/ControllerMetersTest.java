package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.control.ControllerMeters.Result;
import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceState;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControllerMetersTest {
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private final Instruments instruments = new Instruments();
    private final ControllerMeters meters = new ControllerMeters(instruments, () -> now);

    @AfterEach
    void close() {
        instruments.close();
    }

    @Test
    void the_age_of_the_last_settled_pass_grows_until_the_next_one() {
        now = now.plusSeconds(30);
        assertThat(instruments.value(Meter.SETTLED_PASS_AGE)).isEqualTo(30);
        meters.passed(Result.CHANGED, Duration.ofMillis(5));
        meters.passed(Result.FAILED, Duration.ofMillis(5));
        assertThat(instruments.value(Meter.SETTLED_PASS_AGE)).isEqualTo(30);
        meters.passed(Result.SETTLED, Duration.ofMillis(5));
        assertThat(instruments.value(Meter.SETTLED_PASS_AGE)).isZero();
        assertThat(instruments.scrape())
                .contains("logroute_passes_total{result=\"settled\"} 1.0")
                .contains("logroute_passes_total{result=\"failed\"} 1.0")
                .contains("logroute_pass_duration_seconds_count{result=\"changed\"} 1");
    }

    @Test
    void what_is_done_is_counted_by_its_kind() {
        meters.ofSwarm();
        meters.stepped("create_config");
        meters.stepped("create_config");
        meters.asked("list_services", 200);
        meters.asked("list_services", 0);
        meters.rolledBack("core");
        meters.drifted("service");
        meters.eventStream(true);
        assertThat(instruments.scrape())
                .contains("logroute_steps_total{kind=\"create_config\"} 2.0")
                .contains("logroute_docker_requests_total{code=\"200\",op=\"list_services\"} 1.0")
                .contains("logroute_docker_requests_total{code=\"none\",op=\"list_services\"} 1.0")
                .contains("logroute_rollbacks_total{router=\"core\"} 1.0")
                .contains("logroute_drift_total{kind=\"service\"} 1.0")
                .contains("logroute_event_stream_up 1.0");
    }

    @Test
    void instances_are_counted_by_state_and_go_with_their_router() {
        meters.fleets(List.of(fleet("core", running("core", 0, "new"), running("core", 1, "old"), lost("core", 2))));
        assertThat(instruments.scrape())
                .contains("logroute_instances{router=\"core\",state=\"ready\"} 1.0")
                .contains("logroute_instances{router=\"core\",state=\"behind\"} 1.0")
                .contains("logroute_instances{router=\"core\",state=\"unreached\"} 1.0")
                .contains("logroute_instances{router=\"core\",state=\"troubled\"} 0.0");
        meters.fleets(List.of(fleet("core", running("core", 0, "new"), running("core", 1, "new"))));
        assertThat(instruments.scrape())
                .contains("logroute_instances{router=\"core\",state=\"ready\"} 2.0")
                .contains("logroute_instances{router=\"core\",state=\"behind\"} 0.0");
        meters.fleets(List.of(fleet("edge", lost("edge", 0))));
        assertThat(instruments.scrape()).doesNotContain("router=\"core\"").contains("router=\"edge\"");
    }

    @Test
    void volumes_are_shown_until_their_record_is_gone() {
        meters.fleets(List.of(fleet(
                3,
                List.of(running("core", 0, "new"), running("core", 1, "new")),
                volume(0, Stage.SERVING, 12),
                volume(1, Stage.DRAINING, 1204),
                volume(2, Stage.KEPT, 0))));
        assertThat(instruments.scrape())
                .contains("logroute_fleet_wanted_instances{router=\"core\"} 3.0")
                .contains("logroute_fleet_instances{router=\"core\",stage=\"serving\"} 1.0")
                .contains("logroute_fleet_instances{router=\"core\",stage=\"draining\"} 1.0")
                .contains("logroute_fleet_instances{router=\"core\",stage=\"kept\"} 1.0")
                .contains("logroute_fleet_instances{router=\"core\",stage=\"removing\"} 0.0")
                .contains("logroute_volume_events{node=\"node-1\",router=\"core\",volume=\"logroute_core-1\"} 1204.0")
                .contains("logroute_volume_bytes{node=\"node-1\",router=\"core\",volume=\"logroute_core-1\"} 12040.0")
                .contains(
                        "logroute_volume_oldest_seconds{node=\"node-1\",router=\"core\",volume=\"logroute_core-1\"} 60.0")
                .contains(
                        "logroute_volume_oldest_seconds{node=\"node-2\",router=\"core\",volume=\"logroute_core-2\"} 0.0")
                .contains("logroute_volume_stage{router=\"core\",stage=\"draining\",volume=\"logroute_core-1\"} 1.0");
        now = now.plusSeconds(30);
        meters.fleets(List.of(fleet(
                2,
                List.of(running("core", 0, "new"), running("core", 1, "new")),
                volume(0, Stage.SERVING, 12),
                volume(1, Stage.DRAINED, 0))));
        assertThat(instruments.scrape())
                .contains("logroute_fleet_wanted_instances{router=\"core\"} 2.0")
                .contains(
                        "logroute_volume_oldest_seconds{node=\"node-0\",router=\"core\",volume=\"logroute_core-0\"} 90.0")
                .contains("logroute_volume_events{node=\"node-1\",router=\"core\",volume=\"logroute_core-1\"} 0.0")
                .contains("stage=\"drained\",volume=\"logroute_core-1\"")
                .doesNotContain("stage=\"draining\",volume")
                .doesNotContain("logroute_core-2");
        meters.fleets(List.of());
        assertThat(instruments.scrape()).doesNotContain("logroute_volume", "logroute_fleet");
    }

    private static FleetState fleet(int wanted, List<InstanceState> instances, VolumeState... volumes) {
        return new FleetState(
                "core",
                Optional.of("new"),
                Optional.empty(),
                false,
                wanted,
                List.of(),
                instances,
                List.of(volumes),
                Optional.empty());
    }

    private VolumeState volume(int number, Stage stage, long events) {
        return new VolumeState(
                "logroute_core-" + number,
                "core",
                number,
                InstanceReport.Kind.DISK,
                Optional.of("node-" + number),
                stage,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                events,
                events * 10,
                events == 0 ? Optional.empty() : Optional.of(Instant.parse("2026-01-01T11:59:00Z")),
                0,
                Optional.of(now),
                true,
                Optional.empty(),
                false,
                false);
    }

    private static FleetState fleet(String router, InstanceState... instances) {
        return new FleetState(
                router, Optional.of("new"), Optional.empty(), false, instances.length, List.of(), List.of(instances));
    }

    private static InstanceState running(String router, int number, String revision) {
        var report = new InstanceReport(
                router,
                number,
                revision,
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                List.of(),
                new BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                0,
                Optional.empty());
        return new InstanceState(
                router, number, Optional.of("s"), Optional.of("n"), Optional.of(report), Optional.empty());
    }

    private static InstanceState lost(String router, int number) {
        return new InstanceState(
                router, number, Optional.of("s"), Optional.of("n"), Optional.empty(), Optional.of("gone"));
    }
}
