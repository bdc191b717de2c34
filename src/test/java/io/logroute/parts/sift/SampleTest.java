package io.logroute.parts.sift;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logroute.flow.Event;
import io.logroute.flow.Taking;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Share;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleTest {
    private static final int MANY = 100_000;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.001, 0.1, 0.5, 0.999, 1})
    void that_part_passes(double rate) {
        var sample = rate(rate);
        long passed = IntStream.range(0, MANY)
                .filter(n -> Taking.passes(sample, event(n, "{}")))
                .count();
        assertThat(passed / (double) MANY).isCloseTo(rate, within(0.005));
        assertThat(passed).as("all or none means all or none").matches(all -> rate != 0 || all == 0);
        assertThat(passed).matches(all -> rate != 1 || all == MANY);
    }

    @Test
    void one_in_so_many_passes() {
        var sample = oneIn(20);
        long passed = IntStream.range(0, MANY)
                .filter(n -> Taking.passes(sample, event(n, "{}")))
                .count();
        assertThat(passed / (double) MANY).isCloseTo(0.05, within(0.005));
        assertThat(IntStream.range(0, 100).allMatch(n -> Taking.passes(oneIn(1), event(n, "{}"))))
                .isTrue();
    }

    @Test
    void every_sink_and_every_start_chooses_the_same_whatever_came_before() {
        var one = rate(0.3);
        var other = rate(0.3);
        IntStream.range(0, 500).forEach(n -> Taking.passes(other, event(n, "{}")));
        assertThat(IntStream.range(500, 1500))
                .allSatisfy(n -> assertThat(Taking.passes(one, event(n, "{\"a\":1}")))
                        .isEqualTo(Taking.passes(other, event(n, "{\"b\":2}"))));
    }

    @Test
    void what_passes_at_a_smaller_rate_passes_at_a_larger_one() {
        var few = rate(0.1);
        var many = rate(0.4);
        assertThat(IntStream.range(0, 5000).filter(n -> Taking.passes(few, event(n, "{}"))))
                .isNotEmpty()
                .allMatch(n -> Taking.passes(many, event(n, "{}")));
    }

    @Test
    void a_trace_stays_whole_and_one_trace_in_so_many_passes() {
        var sample = new Sample(new FilterSpec.Sample(
                Optional.empty(), Optional.of(4), Optional.of(FieldTemplate.parse("%{trace_id}")), Optional.empty()));
        int whole = 0;
        for (int trace = 0; trace < 10_000; trace++) {
            var json = "{\"trace_id\":\"t%d\"}".formatted(trace);
            boolean first = Taking.passes(sample, event(3L * trace, json));
            assertThat(Taking.passes(sample, event(3L * trace + 1, json))).isEqualTo(first);
            whole += first ? 1 : 0;
        }
        assertThat(whole / 10_000.0).isCloseTo(0.25, within(0.02));
        assertThat(IntStream.range(0, 100).allMatch(n -> Taking.passes(sample, event(n, "{\"msg\":\"no trace\"}"))))
                .as("events that lack a field of the key pass")
                .isTrue();
    }

    @Test
    void an_event_without_a_number_is_chosen_by_its_bytes() {
        var sample = rate(0.5);
        long passed = IntStream.range(0, 1000)
                .filter(n -> Taking.passes(sample, event(-1, "{\"n\":%d}".formatted(n))))
                .count();
        assertThat(passed).isBetween(420L, 580L);
        assertThat(Taking.passes(sample, event(-1, "{\"n\":1}")))
                .isEqualTo(Taking.passes(rate(0.5), event(-1, "{\"n\":1}")));
    }

    private static Sample rate(double rate) {
        return new Sample(new FilterSpec.Sample(
                Optional.of(new Share(rate)), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private static Sample oneIn(int n) {
        return new Sample(new FilterSpec.Sample(Optional.empty(), Optional.of(n), Optional.empty(), Optional.empty()));
    }

    private static Event event(long seq, String json) {
        var bytes = json.getBytes(UTF_8);
        return Event.of(bytes, 0, bytes.length, seq, Instant.EPOCH);
    }
}
