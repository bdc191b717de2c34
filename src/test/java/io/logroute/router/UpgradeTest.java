package io.logroute.router;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.Declared;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Instance.Ordered;
import io.logroute.router.ScriptedParts.Taken;
import io.logroute.spec.Read;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the router of an earlier LogRoute left on its volume (`upgrades/README.md`), in the hands of this one;
/// and what a later one will leave.
@Timeout(300)
class UpgradeTest {
    @TempDir
    Path data;

    private final Instruments meters = new Instruments();
    private Optional<Life> life = Optional.empty();

    private final class Life {
        final ScriptedParts parts = new ScriptedParts(data, meters, () -> Rig.NOON);
        final Pipelines routers = new Pipelines(data, parts, Rig.QUICK, meters, () -> Rig.NOON);
        final Instance instance = new Instance(
                routers,
                new Accepted("accepted", folder().resolve("accepted")),
                new Accepted("last mounted", folder().resolve("started")),
                new StandingOrder(folder()),
                "core",
                2,
                Set.of(),
                Duration.ofSeconds(30));

        Optional<String> start() throws IOException {
            var mounted = definition("mounted.yaml");
            return instance.start(new Read.Good<>(
                    new Edition(mounted.text(), mounted.revision().hash(), 5)));
        }

        Stream<Long> came(String sink) {
            return parts.destination(sink).taken().stream().map(Taken::n);
        }
    }

    private Path folder() {
        return data.resolve("routers").resolve("core");
    }

    @BeforeEach
    void unpack() throws IOException {
        try (var in = new ZipInputStream(
                Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("/upgrades/buffer.zip")))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                var file = data.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(in, file);
            }
        }
    }

    @AfterEach
    void end() {
        life.ifPresent(each -> each.instance.close());
    }

    private Life life() {
        end();
        var next = new Life();
        life = Optional.of(next);
        return next;
    }

    private static String resource(String name) throws IOException {
        try (var in = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("/upgrades/" + name))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static PipelineDefinition definition(String name) throws IOException {
        var declared = Declared.of(SpecReader.documents(name, resource(name)), Declared.NOTHING, Set.of("ampbeat"));
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline("core").orElseThrow();
    }

    private static Long[] numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toArray(Long[]::new);
    }

    @Test
    void each_sink_gets_exactly_what_it_had_left_along_the_pipeline_that_was_accepted() throws Exception {
        var life = life();
        assertThat(life.start()).isEmpty();
        var report = life.instance.report().orElseThrow();
        assertThat(report.generation()).isEqualTo(6);
        assertThat(report.revision())
                .isEqualTo(definition("accepted.yaml").revision().hash());
        assertThat(report.trouble()).isEmpty();
        await().atMost(60, SECONDS)
                .until(() ->
                        life.came("near").count() >= 100 && life.came("far").count() >= 250);
        assertThat(life.instance.order(Order.DRAIN)).isEqualTo(new Ordered.Taken(Mode.DRAINING));
        await().atMost(60, SECONDS)
                .until(
                        () -> life.instance.report().orElseThrow().holding(),
                        new Holding(Mode.DRAINING, true, 1)::equals);
        assertThat(life.came("near")).containsExactlyInAnyOrder(numbers(300, 400));
        assertThat(life.came("far")).containsExactlyInAnyOrder(numbers(150, 400));
        assertThat(life.parts.destination("far").taken())
                .extracting(Taken::route)
                .containsOnly("two");
    }

    @Test
    void its_dead_letters_are_told_and_replayed() throws Exception {
        var life = life();
        assertThat(life.start()).isEmpty();
        var box = life.routers.all().stream()
                .filter(each -> each.sink().equals("far"))
                .findFirst()
                .orElseThrow();
        assertThat(box.page(LetterFilter.ALL, LetterId.START, box.end(), 10, 1 << 20)
                        .letters())
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.head().reason()).contains("document_parsing_exception", "bad");
                    assertThat(new String(letter.content(), UTF_8)).startsWith("{\"n\":77,");
                });
        var replay = new Replay(LetterFilter.ALL, Optional.of("far"), LetterId.START, box.end(), 100);
        await().atMost(60, SECONDS)
                .until(() -> life.routers.replay(box, replay).orElseThrow().replayed() == 1);
        assertThat(life.came("far")).contains(77L);
        assertThat(box.summary().letters()).isZero();
    }

    /// A downgrade, seen from the side that has to refuse.
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "identity,             buffer/identity",
        "a segment,            buffer/00000000000000000003.seg",
        "a place,              buffer/cursors/near.cur",
        "the accepted pipeline, accepted/pipeline",
        "the last mounted one, started/pipeline",
        "the order,            order",
        "the dead letters,     dead-letters/far/format"
    })
    void what_a_newer_one_wrote_is_refused_with_words_and_nothing_is_changed(String what, String name)
            throws IOException {
        var file = folder().resolve(name);
        raise(file);
        var before = content();
        var why = life().start().orElseThrow();
        assertThat(why)
                .contains("format 2; this LogRoute reads up to 1", "Run the newer LogRoute on")
                .containsAnyOf(file.toString(), file.getFileName().toString(), String.valueOf(file.getParent()));
        end();
        assertThat(content()).isEqualTo(before);
    }

    /// As a LogRoute of format 2 would write it, sums right.
    private static void raise(Path file) throws IOException {
        var name = file.getFileName().toString();
        switch (name) {
            case "pipeline" ->
                Files.writeString(
                        file, Files.readString(file).replaceFirst("logroute-accepted 1", "logroute-accepted 2"));
            case "order" -> Files.writeString(file, "logroute-order 2 drain\n");
            case "format" -> Files.writeString(file, "logroute-dead-letters 2\n");
            default -> raiseBlocks(file, name.endsWith(".cur") ? 4096 : 64);
        }
    }

    private static void raiseBlocks(Path file, int distance) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        for (int at = 0; at <= distance; at += distance) {
            if (bytes.getShort(at + 8) != 1) {
                continue; // none there
            }
            bytes.putShort(at + 8, (short) 2);
            var sum = new CRC32C();
            sum.update(bytes.slice(at, 60));
            bytes.putInt(at + 60, (int) sum.getValue());
        }
        Files.write(file, bytes.array());
    }

    private TreeMap<String, String> content() throws IOException {
        var all = new TreeMap<String, String>();
        try (var files = Files.walk(data)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("LOCK")) { // says who held it last
                    all.put(data.relativize(file).toString(), Files.readString(file, ISO_8859_1));
                }
            }
        }
        return all;
    }

    /// Routers of that time refuse keys that they do not know.
    @Test
    void what_uses_nothing_new_is_the_same_text_as_before() throws IOException {
        var now = definition("specs.yaml");
        assertThat(now.text()).isEqualTo(resource("canonical.yaml"));
        for (var each : new String[] {"mounted.yaml", "accepted.yaml"}) {
            assertThat(definition(each).text()).isEqualTo(resource(each));
        }
    }
}
