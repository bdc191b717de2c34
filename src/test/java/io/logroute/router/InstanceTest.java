package io.logroute.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.router.CrashingVolume.Died;
import io.logroute.router.CrashingVolume.Wound;
import io.logroute.router.Instance.Pushed;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an instance of a fleet runs: at its start, after a push, and after a crash in one.
@Timeout(300)
class InstanceTest {
    @TempDir
    Path data;

    private final Instruments meters = new Instruments();
    private final PipelineDefinition one = pipeline("one", "a");
    private final PipelineDefinition two = pipeline("two", "a");
    private final PipelineDefinition three = pipeline("three", "a");
    private Optional<Life> life = Optional.empty();

    /// One process.
    private final class Life {
        final ScriptedParts parts;
        final Pipelines routers;
        final Instance instance;

        Life(Path data, Accepted.Disk disk) {
            parts = new ScriptedParts(data, meters, () -> Rig.NOON);
            routers = new Pipelines(data, parts, Rig.QUICK, meters, () -> Rig.NOON);
            instance = new Instance(
                    routers,
                    new Accepted("accepted", accepted(data), disk),
                    new Accepted("last mounted", accepted(data).resolveSibling("started")),
                    new StandingOrder(Objects.requireNonNull(accepted(data).getParent()), disk),
                    "core",
                    2,
                    Set.of(),
                    Duration.ofSeconds(30));
            life = Optional.of(this);
        }

        Optional<String> start(Read<Edition> mounted) {
            return instance.start(mounted);
        }

        void starts(PipelineDefinition mounted, long generation) {
            assertThat(start(new Read.Good<>(edition(mounted, generation)))).isEmpty();
        }

        Pushed push(PipelineDefinition pipeline, long generation) {
            return instance.push(pipeline.revision().hash(), generation, Packed.zipped(pipeline.text()));
        }

        void runs(PipelineDefinition pipeline, long generation) {
            var report = instance.report().orElseThrow();
            assertThat(report.revision()).isEqualTo(pipeline.revision().hash());
            assertThat(report.generation()).isEqualTo(generation);
            assertThat(report.instance()).isEqualTo(2);
        }

        String trouble() {
            return instance.report().orElseThrow().trouble().orElse("none");
        }
    }

    private static Path accepted(Path data) {
        return data.resolve("routers").resolve("core").resolve("accepted");
    }

    private Life life() {
        return life(Accepted.REAL);
    }

    private Life life(Accepted.Disk disk) {
        end();
        return new Life(data, disk);
    }

    @AfterEach
    void end() {
        life.ifPresent(each -> each.instance.close());
        life = Optional.empty();
    }

    private static PipelineDefinition pipeline(String route, String sink) {
        return Rig.pipeline(List.of(sink), Rig.route(route, "to: [%s]".formatted(sink)));
    }

    private static Edition edition(PipelineDefinition pipeline, long generation) {
        return new Edition(pipeline.text(), pipeline.revision().hash(), generation);
    }

    @Test
    void it_starts_with_what_is_mounted() {
        var life = life();
        assertThat(life.instance.report()).isEmpty();
        assertThat(life.instance.unready()).contains("it does not run yet");
        life.starts(one, 5);
        life.runs(one, 5);
        assertThat(life.instance.unready()).isEmpty();
        assertThat(life.trouble()).isEqualTo("none");
    }

    @Test
    void what_was_pushed_runs_at_once_and_after_a_restart() {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(two, 6)).isEqualTo(new Pushed.Taken(true));
        life.runs(two, 6);
        life = life();
        life.starts(one, 5);
        life.runs(two, 6);
        assertThat(life.trouble()).isEqualTo("none");
    }

    @Test
    void a_mounted_one_of_the_same_or_a_higher_generation_goes_before_the_accepted() {
        for (long generation : new long[] {6, 7}) {
            var life = life();
            life.starts(one, 5);
            assertThat(life.push(two, 6)).isInstanceOf(Pushed.Taken.class);
            life = life();
            life.starts(three, generation);
            life.runs(three, generation);
        }
    }

    @Test
    void the_same_again_is_taken_without_doing_anything() throws IOException {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(one, 5)).isEqualTo(new Pushed.Taken(false));
        assertThat(accepted(data)).doesNotExist();
        assertThat(life.push(two, 6)).isEqualTo(new Pushed.Taken(true));
        var kept = Files.getLastModifiedTime(accepted(data).resolve("pipeline"));
        assertThat(life.push(two, 6)).isEqualTo(new Pushed.Taken(false));
        assertThat(Files.getLastModifiedTime(accepted(data).resolve("pipeline")))
                .isEqualTo(kept);
    }

    @Test
    void the_same_revision_of_a_later_generation_is_kept() {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(one, 8)).isEqualTo(new Pushed.Taken(true));
        life.runs(one, 8);
        life = life();
        life.starts(two, 7);
        life.runs(one, 8);
    }

    @Test
    void an_earlier_generation_is_outdated_and_so_is_another_revision_of_the_same() {
        var life = life();
        life.starts(one, 5);
        for (long generation : new long[] {0, 4, 5}) {
            assertThat(life.push(two, generation))
                    .isEqualTo(new Pushed.Outdated(
                            "router core runs revision %s (generation 5), and revision %s (generation %d) is no later one"
                                    .formatted(one.revision(), two.revision(), generation)));
        }
        life.runs(one, 5);
    }

    @Test
    void what_the_routers_refuse_is_told_in_their_words_and_it_goes_on_as_it_was() {
        var life = life();
        life.starts(one, 5);
        life.parts.withoutSecret.add("b");
        var broken = pipeline("two", "b");
        assertThat(life.push(broken, 6))
                .isEqualTo(
                        new Pushed.Refused(List.of(new Problem("router core", "sink b: the secret is not there", ""))));
        life.runs(one, 5);
        assertThat(life.trouble()).contains(broken.revision() + " (generation 6) was refused: router core: sink b");
        assertThat(life.push(three, 7)).isEqualTo(new Pushed.Taken(true));
        assertThat(life.trouble()).isEqualTo("none");
        life = life();
        life.starts(one, 5);
        life.runs(three, 7);
    }

    @Test
    void told_to_run_what_it_runs_it_forgets_what_it_refused() {
        var life = life();
        life.starts(one, 5);
        life.parts.withoutSecret.add("b");
        life.push(pipeline("two", "b"), 6);
        assertThat(life.push(one, 5)).isEqualTo(new Pushed.Taken(false));
        assertThat(life.trouble()).isEqualTo("none");
    }

    @Test
    void what_is_no_pipeline_of_this_router_is_refused_with_its_problems() {
        var life = life();
        life.starts(one, 5);
        assertThat(problems(life.instance.push("0123456789ab", 6, two.text().getBytes(UTF_8))))
                .contains("its content is revision %s, and not 0123456789ab as was said".formatted(two.revision()));
        assertThat(problems(life.instance.push("0123456789ab", 6, "{".getBytes(UTF_8))))
                .contains("not YAML");
        assertThat(problems(life.instance.push("0123456789ab", 6, new byte[] {0x1f, (byte) 0x8b, 1})))
                .contains("no whole gzip");
        assertThat(problems(life.instance.push("0123456789ab", 6, new byte[0]))).contains("it holds 0 pipelines");
        var other = two.text().replace("name: core", "name: other").replace("router: core", "router: other");
        assertThat(life.instance.push("0123456789ab", 6, other.getBytes(UTF_8)))
                .as("the revision is not to blame")
                .isEqualTo(new Pushed.NotNow(
                        "this is router core, and that is the pipeline of router other: its address is another's now"));
        life.runs(one, 5);
    }

    private static String problems(Pushed pushed) {
        return pushed instanceof Pushed.Refused(var problems) ? problems.toString() : pushed.toString();
    }

    @Test
    void more_than_routes_and_sinks_needs_a_restart() {
        var life = life();
        life.starts(one, 5);
        var moved = Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { http: { port: 7009 } } ], acknowledge: delivered }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: a }
                spec: { console: {} }
                """ + Rig.route("one", "to: [a]"));
        assertThat(life.push(moved, 6))
                .isInstanceOfSatisfying(
                        Pushed.NeedsRestart.class,
                        needs -> assertThat(needs.reason())
                                .contains("sources, acknowledge of router core would change"));
        life.runs(one, 5);
        assertThat(accepted(data)).doesNotExist();
    }

    @Test
    void an_accepted_one_that_does_not_start_gives_way_to_the_mounted_and_it_says_so() {
        var life = life();
        var withB = pipeline("two", "b");
        life.starts(one, 5);
        assertThat(life.push(withB, 6)).isInstanceOf(Pushed.Taken.class);
        life = life();
        life.parts.withoutSecret.add("b");
        life.starts(one, 5);
        life.runs(one, 5);
        assertThat(life.trouble())
                .contains("the accepted pipeline, revision %s (generation 6) does not start: sink b"
                        .formatted(withB.revision()))
                .contains("it runs the mounted pipeline, revision %s (generation 5)".formatted(one.revision()));
        life.parts.withoutSecret.clear();
        assertThat(life.push(withB, 6)).as("once it can").isEqualTo(new Pushed.Taken(true));
        assertThat(life.trouble()).isEqualTo("none");
    }

    @Test
    void a_mounted_one_that_does_not_start_gives_way_to_the_accepted_and_it_says_so() {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(two, 6)).isInstanceOf(Pushed.Taken.class);
        life = life();
        life.parts.withoutSecret.add("b");
        life.starts(pipeline("three", "b"), 7);
        life.runs(two, 6);
        assertThat(life.trouble()).contains("the mounted pipeline", "does not start: sink b", "it runs the accepted");
        life = life();
        assertThat(life.start(Editions.mounted(data.resolve("nowhere"), "3f9a1c0d2b4e", 7)))
                .isEmpty();
        life.runs(two, 6);
        assertThat(life.trouble()).contains("no pipeline is mounted there");
    }

    /// Live two, restart with three, restart with one that is bad: three was good, and is newer.
    @Test
    void a_mounted_one_that_does_not_start_gives_way_to_the_one_that_was_mounted_before() throws IOException {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(two, 6)).isInstanceOf(Pushed.Taken.class);
        life = life();
        life.starts(three, 7);
        var kept = accepted(data).resolveSibling("started").resolve("pipeline");
        var written = Files.getLastModifiedTime(kept);
        life = life();
        life.starts(three, 7);
        assertThat(Files.getLastModifiedTime(kept)).as("the same again").isEqualTo(written);
        life = life();
        life.parts.withoutSecret.add("b");
        life.starts(pipeline("four", "b"), 8);
        life.runs(three, 7);
        assertThat(life.trouble()).contains("does not start: sink b", "it runs the last mounted pipeline");
        life = life();
        assertThat(life.start(Editions.mounted(data.resolve("nowhere"), "3f9a1c0d2b4e", 8)))
                .isEmpty();
        life.runs(three, 7);
    }

    @Test
    void what_a_rollback_mounts_goes_before_the_newer_one_that_was_mounted() {
        var life = life();
        life.starts(two, 8);
        life = life();
        life.starts(one, 7);
        life.runs(one, 7);
        assertThat(life.trouble()).isEqualTo("none");
        assertThat(life.push(three, 9)).isInstanceOf(Pushed.Taken.class);
        assertThat(life.push(pipeline("four", "b"), 10)).isInstanceOf(Pushed.Taken.class);
        life = life();
        life.starts(two, 8);
        life.runs(pipeline("four", "b"), 10);
        life = life();
        life.parts.withoutSecret.add("b");
        life.starts(one, 7);
        life.runs(one, 7);
    }

    /// Swarm starts the next container while the one before is still ending.
    @Test
    void it_waits_for_the_one_before_it_to_let_go_of_the_buffer() throws Exception {
        var before = life();
        before.starts(one, 5);
        assertThat(before.push(two, 6)).isInstanceOf(Pushed.Taken.class);
        var next = new Life(data, Accepted.REAL);
        var starting = new java.util.concurrent.FutureTask<>(() -> next.start(new Read.Good<>(edition(three, 7))));
        Thread.ofVirtual().start(starting);
        await().atMost(60, SECONDS)
                .until(() -> next.routers.become(List.of()).done().isEmpty());
        assertThat(starting.isDone()).isFalse();
        before.instance.close();
        assertThat(starting.get(60, SECONDS)).isEmpty();
        next.runs(three, 7);
        assertThat(next.trouble()).as("nothing was wrong with it").isEqualTo("none");
    }

    @Test
    void when_neither_starts_both_say_why() {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(two, 6)).isInstanceOf(Pushed.Taken.class);
        life = life();
        life.parts.withoutSecret.add("a");
        assertThat(life.start(new Read.Good<>(edition(one, 5))).orElseThrow())
                .contains("the accepted pipeline", "the mounted pipeline", "sink a: the secret is not there");
        assertThat(life.instance.report()).isEmpty();
    }

    @Test
    void a_damaged_accepted_one_is_told_and_the_mounted_runs() throws IOException {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(two, 6)).isInstanceOf(Pushed.Taken.class);
        end();
        Files.writeString(accepted(data).resolve("pipeline"), "logroute-accepted 1");
        life = life();
        life.starts(one, 5);
        life.runs(one, 5);
        assertThat(life.trouble()).contains("is damaged", "set aside as pipeline.damaged", "it runs the mounted");
    }

    @Test
    void what_cannot_be_kept_is_not_run() {
        for (var failing : List.of("write", "move")) {
            var life = life(new CrashingVolume(0, Wound.BEFORE) {
                @Override
                public void write(Path file, byte[] content) throws IOException {
                    if (failing.equals("write")) {
                        throw new IOException("No space left on device");
                    }
                    super.write(file, content);
                }

                @Override
                public void move(Path from, Path to) throws IOException {
                    throw new IOException("Input/output error");
                }
            });
            life.starts(one, 5);
            assertThat(life.push(two, 6))
                    .isInstanceOfSatisfying(
                            Pushed.NotNow.class,
                            not -> assertThat(not.reason())
                                    .contains("cannot keep revision " + two.revision(), "it goes on as it was"));
            life.runs(one, 5);
        }
    }

    /// The moments of docs/decisions/0020: whichever it dies at, the next process runs the one before or the
    /// new one, the new one when the push was answered, and no event is lost on the way.
    @Test
    void at_whatever_moment_of_a_push_it_dies_the_next_one_runs_old_or_new_and_nothing_is_lost() throws Exception {
        var ran = new HashSet<String>();
        var root = data;
        for (var wound : Wound.values()) {
            boolean more = true;
            for (int moment = 1; more; moment++) {
                data = Files.createDirectories(root.resolve(wound + "-" + moment));
                more = dies(wound, moment, ran);
            }
        }
        assertThat(ran).containsExactlyInAnyOrder("two", "three");
    }

    private boolean dies(Wound wound, int moment, Set<String> ran) throws Exception {
        var life = life();
        life.starts(one, 5);
        assertThat(life.push(two, 6)).isEqualTo(new Pushed.Taken(true));
        life = life(new CrashingVolume(moment, wound));
        life.starts(one, 5);
        life.runs(two, 6);
        var destination = life.parts.destination("a");
        var source = life.parts.source("demo").orElseThrow();
        source.take(numbers(0, 10)).join();
        boolean died = false;
        try {
            assertThat(life.push(three, 7)).isEqualTo(new Pushed.Taken(true));
        } catch (Died e) {
            died = true;
        }
        source.take(numbers(10, 20)).join();
        life = life();
        life.starts(one, 5);
        var revision = life.instance.report().orElseThrow().revision();
        var now = revision.equals(three.revision().hash()) ? three : two;
        life.runs(now, now == three ? 7 : 6);
        ran.add(now == three ? "three" : "two");
        if (!died) {
            assertThat(now).as("it was answered").isEqualTo(three);
        }
        var after = life.parts.destination("a");
        await().atMost(60, SECONDS).until(() -> {
            var all = new HashSet<Long>();
            destination.taken().forEach(each -> all.add(each.n()));
            after.taken().forEach(each -> all.add(each.n()));
            return all.containsAll(LongStream.range(0, 20).boxed().toList());
        });
        assertThat(life.push(three, 8)).as("and it takes the next").isEqualTo(new Pushed.Taken(true));
        life.runs(three, 8);
        return died;
    }

    private static List<String> numbers(long from, long to) {
        return LongStream.range(from, to).mapToObj("{\"n\":%d}"::formatted).toList();
    }

    @Test
    void it_takes_nothing_while_it_ends() {
        var life = life();
        life.starts(one, 5);
        life.instance.ending();
        assertThat(life.push(two, 6)).isEqualTo(new Pushed.NotNow("router core stops"));
        assertThat(life.instance.unready()).contains("it stops");
    }

    @Test
    void a_mounted_pipeline_comes_in_parts_by_name() throws IOException {
        var folder = Files.createDirectories(data.resolve("mounted"));
        for (var part : Packed.of(one.text(), 40).parts()) {
            Files.write(folder.resolve(part.name()), part.bytes());
        }
        Files.writeString(folder.resolve("..data"), "not ours");
        var mounted = Editions.mounted(folder, one.revision().hash(), 5);
        assertThat(mounted).isEqualTo(new Read.Good<>(edition(one, 5)));
        Files.delete(folder.resolve(Packed.of(one.text(), 40).parts().getLast().name()));
        assertThat(Editions.mounted(folder, one.revision().hash(), 5).problems().toString())
                .contains("a part is missing");
    }
}
