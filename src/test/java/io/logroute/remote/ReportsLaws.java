package io.logroute.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.logroute.Seeds;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Limit;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.RouteReport;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.InstanceReport.SourceReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportsLaws {
    @Test
    void whatever_an_instance_tells_comes_back_as_it_was() {
        for (int seed : Seeds.upTo(1_000)) {
            var report = any(Seeds.random(seed));
            assertThat(Reports.read(Reports.write(report))).as("seed %d", seed).isEqualTo(report);
        }
    }

    @Test
    void whatever_bytes_come_they_are_a_report_or_refused() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var json = Reports.write(any(random));
            for (int i = random.nextInt(5); i >= 0; i--) {
                json[random.nextInt(json.length)] = (byte) random.nextInt(128);
            }
            try {
                assertThat(Reports.read(json)).as("seed %d", seed).isNotNull();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
    }

    @Test
    void what_another_version_tells_is_read_as_far_as_it_is_known() {
        var report = Reports.read("""
                {"router":"core","revision":"3f9a1c0d2b4e","since":"2026-11-29T12:00:00Z","taken":"2026-11-29T12:00:01Z",
                 "mood":"fine","sinks":[{"name":"es","kind":"elasticsearch","shards":{"a":[1]}}]}
                """.getBytes(UTF_8));
        assertThat(report.generation()).isZero();
        assertThat(report.sinks()).singleElement().satisfies(sink -> {
            assertThat(sink.lagEvents()).isZero();
            assertThat(sink.preparation().state()).isEqualTo(Preparation.State.NOT_NEEDED);
        });
    }

    @Test
    void what_names_a_report_must_be_there() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reports.read("{\"router\":\"core\"}".getBytes(UTF_8)))
                .withMessage("revision is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reports.read(
                        "{\"router\":\"core\",\"revision\":\"r\",\"since\":\"2026-11-29T12:00:00Z\",\"taken\":\"2026-11-29T12:00:00Z\",\"sinks\":[{\"name\":\"es\",\"kind\":\"x\",\"lagBytes\":\"many\"}]}"
                                .getBytes(UTF_8)))
                .withMessage("sinks[0].lagBytes is no whole number");
    }

    static InstanceReport any(Random random) {
        return new InstanceReport(
                text(random),
                random.nextInt(50),
                text(random),
                number(random),
                instant(random),
                instant(random),
                some(
                        random,
                        () -> new SourceReport(
                                text(random),
                                number(random),
                                number(random),
                                random.nextBoolean(),
                                maybe(
                                        random,
                                        () -> new InstanceReport.Behind(
                                                number(random), maybe(random, () -> instant(random)))))),
                new BufferReport(
                        text(random),
                        InstanceReport.Kind.values()[random.nextInt(InstanceReport.Kind.values().length)],
                        number(random),
                        number(random),
                        number(random),
                        number(random),
                        random.nextBoolean(),
                        number(random),
                        number(random),
                        maybe(random, () -> instant(random)),
                        maybe(random, () -> text(random))),
                some(
                        random,
                        () -> new SinkReport(
                                text(random),
                                text(random),
                                number(random),
                                number(random),
                                number(random),
                                number(random),
                                number(random),
                                number(random),
                                number(random),
                                maybe(random, () -> instant(random)),
                                maybe(random, () -> instant(random)),
                                new Preparation(
                                        Preparation.State.values()[random.nextInt(Preparation.State.values().length)],
                                        text(random)),
                                maybe(random, () -> new Limit(random.nextBoolean(), text(random))),
                                maybe(random, () -> text(random)),
                                maybe(
                                        random,
                                        () -> new InstanceReport.Behind(
                                                number(random), maybe(random, () -> instant(random)))))),
                some(random, () -> new RouteReport(text(random), number(random))),
                number(random),
                maybe(random, () -> text(random)),
                new InstanceReport.Holding(
                        InstanceReport.Mode.values()[random.nextInt(InstanceReport.Mode.values().length)],
                        random.nextBoolean(),
                        number(random),
                        some(
                                random,
                                () -> new InstanceReport.Removed(
                                        text(random),
                                        number(random),
                                        instant(random),
                                        maybe(random, () -> text(random)))),
                        maybe(random, () -> text(random))));
    }

    private static <T> List<T> some(Random random, Supplier<T> one) {
        return Stream.generate(one).limit(random.nextInt(4)).toList();
    }

    private static <T> Optional<T> maybe(Random random, Supplier<T> one) {
        return random.nextBoolean() ? Optional.of(one.get()) : Optional.empty();
    }

    private static long number(Random random) {
        return random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(100);
    }

    private static Instant instant(Random random) {
        return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    }

    private static String text(Random random) {
        var words = List.of("core", "", "\"", "\\", "é\n", "\uD83D\uDE00", "\u0000", "{}", "es: 503");
        return words.get(random.nextInt(words.size())) + random.nextInt(10);
    }
}
