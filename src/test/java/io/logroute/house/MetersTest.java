package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Metrics have names that people can guess, base units, and few labels.
class MetersTest {
    private static final Set<String> LABELS = Set.of(
            "router",
            "source",
            "sink",
            "route",
            "reason",
            "cause",
            "result",
            "condition",
            "revision",
            "filter",
            "kind",
            "state",
            "op",
            "code",
            "volume",
            "node",
            "stage",
            "relay");

    @ParameterizedTest
    @EnumSource(Meter.class)
    void names_follow_the_rules(Meter meter) {
        var name = meter.metric();
        assertThat(name).matches("logroute(_[a-z]+)+");
        assertThat(name.endsWith("_total"))
                .as("counters and nothing else end in _total: " + name)
                .isEqualTo(meter.kind() == Meter.Kind.COUNTER);
        assertThat(name)
                .doesNotContainPattern(
                        "_(ms|millis|milliseconds|minutes|kb|kib|mb|mib|percent|count|sum|bucket|max)(_|$)");
        if (meter.kind() == Meter.Kind.TIMER) {
            assertThat(name).endsWith("_seconds");
        }
        var unit = name.endsWith("_total") ? name.substring(0, name.length() - "_total".length()) : name;
        if (unit.contains("seconds")) {
            assertThat(unit).endsWith("_seconds");
        }
        if (unit.contains("bytes")) {
            assertThat(unit).endsWith("_bytes");
        }
    }

    @ParameterizedTest
    @EnumSource(Meter.class)
    void words_and_labels_follow_the_rules(Meter meter) {
        assertThat(meter.help()).as(meter.metric()).matches("(?s)[A-Z0-9].*\\.");
        assertThat(meter.labels())
                .as(meter.metric())
                .hasSizeLessThanOrEqualTo(3)
                .doesNotHaveDuplicates()
                .isSubsetOf(LABELS);
    }

    @Test
    void no_two_are_alike() {
        assertThat(Arrays.stream(Meter.values()).map(Meter::metric)).doesNotHaveDuplicates();
        assertThat(Arrays.stream(Meter.values()).map(Meter::help)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Meter.class)
    void prometheus_sees_the_name_that_is_written(Meter meter) {
        try (var instruments = new Instruments()) {
            var values = meter.labels().toArray(String[]::new);
            switch (meter.kind()) {
                case COUNTER -> instruments.counter(meter, values).increment();
                case GAUGE -> instruments.gauge(meter, () -> 1, values);
                case TIMER -> instruments.timer(meter, values).record(java.time.Duration.ofSeconds(1));
                case SUMMARY -> instruments.summary(meter, values).record(1);
            }
            var labels = meter.labels().stream()
                    .sorted()
                    .map(label -> label + "=\"" + label + "\"")
                    .collect(java.util.stream.Collectors.joining(","));
            var suffix = meter.kind() == Meter.Kind.TIMER || meter.kind() == Meter.Kind.SUMMARY ? "_count" : "";
            assertThat(instruments.scrape())
                    .contains("\n" + meter.metric() + suffix + (labels.isEmpty() ? "" : "{" + labels + "}") + " 1");
        }
    }
}
