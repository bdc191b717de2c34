package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.DeploySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How many instances there are where their number follows the load, and what is said of it.
class AutoscaleTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final DeploySpec.Autoscale SPEC = new DeploySpec.Autoscale(2, 4, Duration.ofSeconds(30));

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    fewer than the fewest     | 1 |  42 | 120 |     | 999 |    | 2 | 2 instances, the fewest
                    more than the most        | 6 |   2 |     |     | 999 |    | 4 | 4 instances, the most
                    nobody tells              | 3 |     |     |     | 999 |    | 3 | 3 instances: nobody tells how far the sinks lag
                    within                    | 3 |   9 |     |     | 999 |    | 3 | 3 instances: lag 9 s, within 30 s
                    above for a moment        | 2 |  42 | 119 |     | 999 |    | 2 | 2 instances: lag 42 s > 30 s, not for 2 min yet
                    above for long            | 2 |  42 | 120 |     | 999 |    | 3 | 3 instances: lag 42 s > 30 s for 2 min
                    above at the most         | 4 |  42 | 999 |     | 999 |    | 4 | 4 instances, the most: lag 42 s > 30 s for 2 min
                    above just after a change | 3 |  42 | 120 |     | 179 |    | 3 | 3 instances: lag 42 s > 30 s for 2 min; the last change is not 3 min ago
                    low for a moment          | 3 |   2 |     | 599 | 999 |    | 3 | 3 instances: lag 2 s, within 30 s
                    low for long              | 3 |   2 |     | 600 | 999 |    | 2 | 2 instances: lag 2 s, less than a quarter of 30 s for 10 min
                    low just after a change   | 3 |   2 |     | 600 | 179 |    | 3 | 3 instances: lag 2 s, within 30 s
                    low at the fewest         | 2 |   2 |     | 999 | 999 |    | 2 | 2 instances: lag 2 s, within 30 s
                    a sink is down            | 3 |   2 |     |     | 999 | es | 3 | 3 instances: sink es takes nothing: more instances would not help
                    two are                   | 3 |   2 |     |     | 999 | es,a | 3 | 3 instances: sinks a, es take nothing: more instances would not help
                    one is, others lag        | 2 |  42 | 120 |     | 999 | es | 3 | 3 instances: lag 42 s > 30 s for 2 min
                    """)
    void instances(
            String why,
            int there,
            Long lag,
            Long above,
            Long below,
            long changed,
            String idle,
            int wanted,
            String words) {
        var load = Optional.ofNullable(lag)
                .map(seconds -> new Told.Load(
                        Duration.ofSeconds(seconds),
                        ago(above),
                        ago(below),
                        idle == null ? java.util.List.of() : Arrays.asList(idle.split(","))));
        assertThat(Autoscale.of(SPEC, there, load, ago(changed), NOON)).isEqualTo(new Autoscale(wanted, words));
    }

    private static Optional<Instant> ago(Long seconds) {
        return Optional.ofNullable(seconds).map(NOON::minusSeconds);
    }
}
