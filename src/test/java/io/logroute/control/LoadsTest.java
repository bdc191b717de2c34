package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.swarm.Told;
import io.logroute.spec.DeploySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// How far sinks lag, over time.
class LoadsTest {
    private static final Map<String, DeploySpec.Autoscale> SCALED =
            Map.of("core", new DeploySpec.Autoscale(1, 4, Duration.ofSeconds(30)));

    private final Loads loads = new Loads();
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    private SinkReport sink(String name, @Nullable Integer lag, @Nullable String trouble) {
        return new SinkReport(
                name,
                "discard",
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Optional.ofNullable(lag).map(now::minusSeconds),
                Optional.empty(),
                new Preparation(Preparation.State.NOT_NEEDED, ""),
                Optional.empty(),
                Optional.ofNullable(trouble),
                Optional.empty());
    }

    private InstanceReport report(String router, Mode mode, SinkReport... sinks) {
        return new InstanceReport(
                router,
                0,
                "a",
                1,
                now,
                now,
                List.of(),
                new BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(sinks),
                List.of(),
                0,
                Optional.empty(),
                new Holding(mode, false, 0));
    }

    private Told.@Nullable Load look(InstanceReport... reports) {
        now = now.plusSeconds(1);
        return loads.look(SCALED, List.of(reports), now).get("core");
    }

    private Told.Load seen(InstanceReport... reports) {
        return Objects.requireNonNull(look(reports));
    }

    @Test
    void the_worst_of_all_sinks_of_all_instances_counts_since_it_is_above_or_low() {
        var first = seen(
                report("core", Mode.SERVING, sink("es", 10, null), sink("archive", null, null)),
                report("core", Mode.SERVING, sink("es", 50, null)));
        assertThat(first.lag()).isEqualTo(Duration.ofSeconds(51));
        assertThat(first.above()).contains(now);
        var since = now;
        var second = seen(
                report("core", Mode.SERVING, sink("es", 31, null)), report("core", Mode.SERVING, sink("es", 1, null)));
        assertThat(second.above()).contains(since);
        var third = seen(
                report("core", Mode.SERVING, sink("es", 20, null)), report("core", Mode.SERVING, sink("es", 1, null)));
        assertThat(third.above()).isEmpty();
        assertThat(third.below()).isEmpty();
        var fourth = seen(
                report("core", Mode.SERVING, sink("es", 2, null)), report("core", Mode.SERVING, sink("es", 1, null)));
        assertThat(fourth.below()).contains(now);
    }

    @Test
    void a_sink_that_takes_nothing_does_not_count_and_no_lag_is_low_meanwhile() {
        var load = seen(report("core", Mode.SERVING, sink("es", 5000, "connection refused"), sink("archive", 1, null)));
        assertThat(load.lag()).isEqualTo(Duration.ofSeconds(2));
        assertThat(load.above()).isEmpty();
        assertThat(load.below()).isEmpty();
        assertThat(load.idle()).containsExactly("es");
    }

    @Test
    void an_instance_that_drains_does_not_count_and_where_nobody_tells_nothing_is_known() {
        assertThat(look(report("core", Mode.DRAINING, sink("es", 5000, null)))).isNull();
        assertThat(look(report("other", Mode.SERVING, sink("es", 5000, null)))).isNull();
    }

    @Test
    void with_another_number_of_instances_it_begins_anew() {
        look(report("core", Mode.SERVING, sink("es", 50, null)));
        var load = seen(
                report("core", Mode.SERVING, sink("es", 50, null)), report("core", Mode.SERVING, sink("es", 0, null)));
        assertThat(load.above()).contains(now);
    }
}
