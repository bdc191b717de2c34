package io.logroute.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.buffer.jetstream.JetStreamBoxes;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.remote.NatsServers;
import io.logroute.spec.Read;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.NatsServer;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A router that keeps everything on a NATS server, and nothing in its folder.
@Timeout(600)
class OnStreamsIT {
    private static NatsServer nats;
    private static int streams;

    @TempDir
    Path folder;

    private final String prefix = "T" + ++streams;
    private final Instruments meters = new Instruments();
    private final List<Pipelines> opened = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        nats = NatsServer.single();
    }

    @AfterAll
    static void stop() {
        nats.close();
    }

    @AfterEach
    void close() {
        opened.forEach(Pipelines::close);
        meters.close();
    }

    private ScriptedParts parts() {
        return new ScriptedParts(folder, meters, InstantSource.system());
    }

    private Pipelines machine(String name, Assemble parts) {
        var pipelines = new Pipelines(folder.resolve(name), 0, parts, Rig.QUICK, meters, InstantSource.system());
        opened.add(pipelines);
        return pipelines;
    }

    private String buffer(String more) {
        return "{ jetstream: { servers: [\"%s\"], replicas: 1, stream: %s%s } }"
                .formatted(nats.urls().getFirst(), prefix, more);
    }

    private static PipelineDefinition core(String buffer, String sinks) {
        return Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { http: { host: 127.0.0.1, port: 7001 } } ]
                  buffer: %s
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: a }
                spec: { %s }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [a] }
                """.formatted(buffer, sinks));
    }

    private static List<String> events(long from, long to) {
        return LongStream.range(from, to).mapToObj("{\"n\":%d}"::formatted).toList();
    }

    private static void take(ScriptedParts parts, long from, long to) throws Exception {
        parts.source("http:7001").orElseThrow().take(events(from, to)).get(120, SECONDS);
    }

    private static TreeSet<Long> numbers(ScriptedParts parts) {
        var numbers = new TreeSet<Long>();
        parts.destination("a").taken().forEach(each -> numbers.add(each.n()));
        return numbers;
    }

    private static InstanceReport report(Pipelines pipelines) {
        return pipelines.reports().getFirst();
    }

    @Test
    void what_was_acknowledged_on_one_machine_is_delivered_by_another_that_has_nothing_of_it() throws Exception {
        var parts = parts();
        parts.destination("a").fail();
        var one = machine("one", parts);
        assertThat(one.become(List.of(core(buffer(""), "console: {}"))).refused())
                .isEmpty();
        for (int i = 0; i < 20; i++) {
            take(parts, i * 50, i * 50 + 50);
        }
        var buffer = report(one).buffer();
        assertThat(buffer.kind()).isEqualTo(InstanceReport.Kind.JETSTREAM);
        assertThat(buffer.events()).isEqualTo(1000);
        assertThat(buffer.maxBytes()).isEqualTo(8L << 30);
        assertThat(buffer.freeDiskBytes()).isZero();
        one.close();

        parts.destination("a").goOn();
        var other = machine("other", parts);
        assertThat(other.become(List.of(core(buffer(""), "console: {}"))).refused())
                .isEmpty();
        assertThat(report(other).buffer().id()).isEqualTo(buffer.id());
        await().atMost(120, SECONDS).until(() -> numbers(parts).size() == 1000);
        await().atMost(120, SECONDS).until(() -> report(other).buffer().events() == 0);
    }

    @Test
    void of_two_copies_the_older_takes_nothing_in_any_more_and_says_that_it_ends() throws Exception {
        var before = parts();
        before.destination("a").hold(false);
        var older = machine("older", before);
        older.become(List.of(core(buffer(""), "console: {}")));
        take(before, 0, 100);
        var parts = parts();
        var newer = machine("newer", parts);
        assertThat(newer.become(List.of(core(buffer(""), "console: {}"))).refused())
                .isEmpty();
        before.source("http:7001").ifPresent(source -> tryTo(source, events(100, 200)));
        assertThat(older.over().get(120, SECONDS)).contains("another instance has opened stream " + prefix);
        await().atMost(120, SECONDS).until(() -> before.source("http:7001").isEmpty());
        assertThat(report(older).takesEvents()).isFalse();
        assertThat(newer.over()).isNotDone();
        take(parts, 200, 300);
        before.destination("a").goOn();
        await().atMost(120, SECONDS)
                .until(() -> numbers(parts)
                        .containsAll(LongStream.range(0, 100).boxed().toList()));
        await().atMost(120, SECONDS)
                .until(() -> numbers(parts)
                        .containsAll(LongStream.range(200, 300).boxed().toList()));
    }

    @Test
    void the_older_of_two_copies_ends_also_when_nothing_comes_in() throws Exception {
        var older = machine("older", parts());
        older.become(List.of(core(buffer(""), "console: {}")));
        machine("newer", parts()).become(List.of(core(buffer(""), "console: {}")));
        assertThat(older.over().get(120, SECONDS)).contains("another instance");
    }

    private static CompletableFuture<Void> tryTo(ScriptedParts.Listening source, List<String> events) {
        try {
            return source.take(events);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_full_stream_makes_sources_wait_and_loses_nothing() throws Exception {
        var parts = parts();
        parts.destination("a").fail();
        var pipelines = machine("one", parts);
        pipelines.become(List.of(core(buffer(", maxBytes: 16MiB"), "console: {}")));
        var source = parts.source("http:7001").orElseThrow();
        var sent = new CopyOnWriteArrayList<CompletableFuture<Void>>();
        Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 60; i++) {
                sent.add(tryTo(source, large(i)));
            }
        });
        await().atMost(120, SECONDS).until(() -> report(pipelines).buffer().full());
        parts.destination("a").goOn();
        await().atMost(180, SECONDS)
                .until(() -> sent.size() == 60 && sent.stream().allMatch(CompletableFuture::isDone));
        await().atMost(180, SECONDS).until(() -> numbers(parts).size() == 60);
        assertThat(meters.value(Meter.DISCARDED_EVENTS, "core", "a")).isZero();
    }

    @Test
    void a_full_stream_passes_over_the_oldest_where_it_is_told_to_and_counts_them() throws Exception {
        var parts = parts();
        parts.destination("a").fail();
        var pipelines = machine("one", parts);
        pipelines.become(List.of(
                core(buffer(", maxBytes: 16MiB").replace(" } }", " }, whenFull: dropOldest }"), "console: {}")));
        var source = parts.source("http:7001").orElseThrow();
        for (int i = 0; i < 60; i++) {
            tryTo(source, large(i)).get(180, TimeUnit.SECONDS);
        }
        parts.destination("a").goOn();
        await().atMost(180, SECONDS).until(() -> report(pipelines).buffer().events() == 0);
        long dropped = (long) meters.value(Meter.DISCARDED_EVENTS, "core", "a");
        assertThat(dropped).isPositive();
        assertThat(numbers(parts)).contains(59L);
        assertThat(numbers(parts).size() + dropped).isEqualTo(60);
    }

    /// One event of half a megabyte.
    private static List<String> large(int n) {
        return List.of("{\"n\":%d,\"text\":\"%s\"}".formatted(n, "x".repeat(500_000)));
    }

    @Test
    void dead_letters_are_listed_replayed_and_purged_and_there_for_the_next_machine() throws Exception {
        // Where there is no field name the sink has no file to write to.
        var sink = "file: { path: \"" + folder + "/%{name}.ndjson\" }";
        var http = new Feeding();
        var one = machine("one", http);
        one.become(List.of(core(buffer(""), sink)));
        http.take(events(0, 30));
        await().atMost(120, SECONDS).until(() -> letters(one).summary().letters() == 30);
        one.close();
        assertThat(folder.resolve("one/routers/core/dead-letters")).doesNotExist();

        var other = machine("other", http);
        other.become(List.of(core(buffer(""), sink)));
        assertThat(letters(other).summary().letters()).isEqualTo(30);
        var page = letters(other)
                .page(LetterFilter.ALL, LetterId.START, letters(other).end(), 10, 1 << 20);
        assertThat(page.letters()).hasSize(10);
        var first = page.letters().getFirst();
        assertThat(letters(other).letter(first.id()).orElseThrow().contentText())
                .isEqualTo("{\"n\":0}");
        var only = new LetterFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(first.id()));
        assertThat(letters(other)
                        .purge(only, LetterId.START, Optional.empty(), 100)
                        .removed())
                .isEqualTo(1);
        assertThat(letters(other).summary().letters()).isEqualTo(29);
        other.become(List.of(core(buffer(""), "file: { path: \"" + folder + "/all.ndjson\" }")));
        var until = letters(other).end();
        var step = other.replay(
                        letters(other), new Replay(LetterFilter.ALL, Optional.empty(), LetterId.START, until, 100))
                .orElseThrow();
        assertThat(step.replayed()).isEqualTo(29);
        await().atMost(120, SECONDS)
                .until(() -> Files.exists(folder.resolve("all.ndjson"))
                        && Files.readAllLines(folder.resolve("all.ndjson")).size() == 29);
        assertThat(letters(other).summary().letters()).isZero();
    }

    private static DeadLetters letters(Pipelines pipelines) throws IOException {
        return pipelines.all().stream()
                .filter(each -> each.sink().equals("a"))
                .findFirst()
                .orElseThrow();
    }

    /// Real sinks, and a source that the test feeds.
    private final class Feeding extends Assemble {
        private final ScriptedParts parts = parts();

        Feeding() {
            super(
                    folder,
                    Mappings.of(Optional.empty()),
                    new PrintStream(OutputStream.nullOutputStream()),
                    meters,
                    InstantSource.system());
        }

        @Override
        io.logroute.flow.Source source(
                String router,
                io.logroute.spec.SourceSpec spec,
                java.util.function.Supplier<java.util.Set<String>> enabled) {
            return parts.source(router, spec, enabled);
        }

        void take(List<String> events) throws Exception {
            parts.source("http:7001").orElseThrow().take(events).get(120, SECONDS);
        }
    }

    @Test
    void one_that_has_delivered_all_gives_its_streams_up_when_told_to() throws Exception {
        var parts = parts();
        parts.destination("a").fail();
        var pipelines = machine("one", parts);
        var pipeline = core(buffer(""), "console: {}");
        var instance = new Instance(pipelines, folder.resolve("one"), "core", 0, Set.of());
        assertThat(instance.start(new Read.Good<>(
                        new Edition(pipeline.text(), pipeline.revision().hash(), 1))))
                .isEmpty();
        take(parts, 0, 10);
        instance.order(Order.DRAIN);
        assertThat(instance.order(Order.DISCARD)).isInstanceOf(Instance.Ordered.Refused.class);
        parts.destination("a").goOn();
        await().atMost(180, SECONDS)
                .until(() -> instance.report().orElseThrow().holding().empty());
        try (var looking = nats.connect()) {
            var names = looking.jetStreamManagement().getStreamNames();
            assertThat(names).contains(prefix + "_core-0", prefix + "_core-0_DEAD");
            assertThat(instance.order(Order.DISCARD)).isEqualTo(new Instance.Ordered.Taken(Mode.DISCARDED));
            assertThat(looking.jetStreamManagement().getStreamNames())
                    .doesNotContain(prefix + "_core-0", prefix + "_core-0_DEAD");
            assertThat(instance.order(Order.DISCARD)).isEqualTo(new Instance.Ordered.Taken(Mode.DISCARDED));
        }
        var report = instance.report().orElseThrow();
        assertThat(report.holding()).isEqualTo(new InstanceReport.Holding(Mode.DISCARDED, true, 0));
        assertThat(report.generation()).isEqualTo(1);
        assertThat(numbers(parts)).hasSize(10);
    }

    @Test
    void what_a_router_accepted_while_it_ran_is_what_it_starts_with_on_another_machine() throws Exception {
        var parts = parts();
        var mounted = core(buffer(""), "console: {}");
        var newer = core(buffer(""), "console: {}, maxLag: 2h");
        var one = instance("one", parts);
        var before =
                new Read.Good<>(new Edition(mounted.text(), mounted.revision().hash(), 3));
        assertThat(one.start(before)).isEmpty();
        assertThat(one.push(newer.revision().hash(), 4, newer.text().getBytes(UTF_8)))
                .isEqualTo(new Instance.Pushed.Taken(true));
        one.close();

        var other = instance("other", parts);
        assertThat(other.start(before)).isEmpty();
        assertThat(other.report().orElseThrow().trouble()).isEmpty();
        assertThat(other.report().orElseThrow().generation()).isEqualTo(4);
        assertThat(other.report().orElseThrow().revision())
                .isEqualTo(newer.revision().hash());
        assertThat(other.push(newer.revision().hash(), 4, newer.text().getBytes(UTF_8)))
                .isEqualTo(new Instance.Pushed.Taken(false));
        assertThat(letterSinks()).containsExactly("a");
        other.close();

        // A rollout by restart has mounted a later one since.
        var third = instance("third", parts);
        assertThat(third.start(new Read.Good<>(
                        new Edition(mounted.text(), mounted.revision().hash(), 5))))
                .isEmpty();
        assertThat(third.report().orElseThrow().generation()).isEqualTo(5);
    }

    @Test
    void an_accepted_pipeline_of_a_newer_logroute_is_refused_and_no_older_one_runs() throws Exception {
        var servers = new NatsServers(nats.urls(), Optional.empty(), Optional.empty());
        try (var boxes = JetStreamBoxes.open(servers, prefix + "_core-0_DEAD", 1)) {
            boxes.put("_accepted", List.of(new JetStreamBoxes.Piece("2 in other words", new byte[] {1})));
        }
        var parts = parts();
        var mounted = core(buffer(""), "console: {}");
        var edition =
                new Read.Good<>(new Edition(mounted.text(), mounted.revision().hash(), 3));
        assertThat(instance("one", parts).start(edition).orElseThrow())
                .contains("stream %s_core-0_DEAD, has format 2; this LogRoute reads up to 1".formatted(prefix))
                .contains("Run the newer LogRoute");
        assertThat(parts.source("http:7001")).isEmpty();
    }

    @Test
    void a_password_file_that_is_missing_is_told_at_once() {
        var mounted =
                core(buffer(", auth: { username: logroute, passwordFile: /nowhere/nats-password }"), "console: {}");
        var edition =
                new Read.Good<>(new Edition(mounted.text(), mounted.revision().hash(), 3));
        long start = System.nanoTime();
        assertThat(instance("one", parts()).start(edition).orElseThrow())
                .contains("/nowhere/nats-password is not there; give the router a secret under that path");
        assertThat(System.nanoTime() - start).isLessThan(SECONDS.toNanos(25));
    }

    @Test
    void a_router_that_is_told_to_end_does_not_wait_for_servers_that_hang() throws Exception {
        try (var hanging = NatsServer.single()) {
            hanging.node(0).freeze();
            var mounted = core(
                    buffer("").replace(nats.urls().getFirst(), hanging.urls().getFirst()), "console: {}");
            var edition = new Read.Good<>(
                    new Edition(mounted.text(), mounted.revision().hash(), 3));
            var instance = instance("one", parts());
            var started = CompletableFuture.supplyAsync(() -> instance.start(edition));
            assertThat(instance.unready()).isPresent();
            instance.ending();
            assertThat(started.get(30, SECONDS)).isEmpty();
            hanging.node(0).thaw();
        }
    }

    private Instance instance(String name, ScriptedParts parts) {
        return new Instance(machine(name, parts), folder.resolve(name), "core", 0, Set.of());
    }

    private List<String> letterSinks() {
        return opened.getLast().all().stream().map(DeadLetters::sink).toList();
    }

    @Test
    void people_who_look_into_the_folder_are_told_where_the_buffer_is() throws Exception {
        machine("one", parts()).become(List.of(core(buffer(""), "console: {}")));
        assertThat(Streams.noted(folder.resolve("one"), "core"))
                .contains("stream %s_core-0 (dead letters: %s_core-0_DEAD) at %s"
                        .formatted(prefix, prefix, nats.urls().getFirst()));
    }

    @Test
    void from_disk_to_streams_and_back_only_when_nothing_waits() throws Exception {
        var parts = parts();
        parts.destination("a").fail();
        var pipelines = machine("one", parts);
        pipelines.become(List.of(core("{ maxBytes: 16MiB }", "console: {}")));
        take(parts, 0, 10);
        assertThat(pipelines
                        .become(List.of(core(buffer(""), "console: {}")))
                        .refused()
                        .get("core"))
                .contains("events for sink a still wait in the buffer on disk")
                .contains("buffer.jetstream would leave them behind");
        parts.destination("a").goOn();
        await().atMost(120, SECONDS).until(() -> report(pipelines).buffer().events() == 0);
        assertThat(pipelines.become(List.of(core(buffer(""), "console: {}"))).refused())
                .isEmpty();
        assertThat(report(pipelines).buffer().kind()).isEqualTo(InstanceReport.Kind.JETSTREAM);
        parts.destination("a").fail();
        take(parts, 10, 20);
        assertThat(pipelines
                        .become(List.of(core("{ maxBytes: 16MiB }", "console: {}")))
                        .refused()
                        .get("core"))
                .contains("events for sink a still wait on stream " + prefix);
        parts.destination("a").goOn();
        await().atMost(120, SECONDS).until(() -> report(pipelines).buffer().events() == 0);
        assertThat(pipelines
                        .become(List.of(core("{ maxBytes: 16MiB }", "console: {}")))
                        .refused())
                .isEmpty();
        assertThat(numbers(parts)).hasSize(20);
    }

    @Test
    void after_somebody_purged_its_stream_nothing_waits_and_nothing_is_the_oldest_that_does() throws Exception {
        var parts = parts();
        parts.destination("a").fail();
        var pipelines = machine("one", parts);
        pipelines.become(List.of(core(buffer(""), "console: {}")));
        take(parts, 0, 10);
        await().atMost(120, SECONDS)
                .until(() -> report(pipelines).buffer().oldest().isPresent());
        try (var connection = nats.connect()) {
            connection.jetStreamManagement().purgeStream(prefix + "_core-0");
        }
        await().atMost(120, SECONDS).untilAsserted(() -> {
            assertThat(report(pipelines).buffer().events()).isZero();
            assertThat(report(pipelines).buffer().oldest()).isEmpty();
            assertThat(report(pipelines).sinks().getFirst().oldest()).isEmpty();
            assertThat(report(pipelines).buffer().lostEvents()).isEqualTo(10);
        });
    }

    @Test
    void the_pipeline_that_it_accepted_is_kept_again_after_somebody_deleted_the_stream_it_lay_on() throws Exception {
        var parts = parts();
        var now = new AtomicReference<>(Rig.NOON);
        var pipelines = new Pipelines(folder.resolve("one"), 0, parts, Rig.QUICK, meters, now::get);
        opened.add(pipelines);
        var first = core(buffer(""), "console: {}");
        var instance = new Instance(pipelines, folder.resolve("one"), "core", 0, Set.of());
        assertThat(instance.start(new Read.Good<>(
                        new Edition(first.text(), first.revision().hash(), 5))))
                .isEmpty();
        var second = core(buffer(""), "discard: {}");
        assertThat(instance.push(second.revision().hash(), 6, Packed.zipped(second.text())))
                .isEqualTo(new Instance.Pushed.Taken(true));
        try (var connection = nats.connect()) {
            connection.jetStreamManagement().deleteStream(prefix + "_core-0_DEAD");
        }
        now.set(Rig.NOON.plus(Duration.ofMinutes(2))); // letters are looked through each minute
        var kept = new AcceptedOnStream(
                new Streams(second.router().buffer().jetstream().orElseThrow(), "core", 0), () -> false);
        await().atMost(120, SECONDS)
                .until(
                        kept::find,
                        new Accepted.Found.Kept(
                                new Edition(second.text(), second.revision().hash(), 6))::equals);
        instance.close();
    }

    @Test
    void since_when_a_sink_is_declared_no_more_is_known_to_a_machine_that_has_nothing_of_it() throws Exception {
        var parts = parts();
        var now = new AtomicReference<>(Rig.NOON);
        parts.destination("a").fail();
        var one = new Pipelines(folder.resolve("one"), 0, parts, Rig.QUICK, meters, now::get);
        opened.add(one);
        one.become(List.of(core(buffer(""), "console: {}")));
        take(parts, 0, 10);
        var without = Rig.pipeline("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { http: { host: 127.0.0.1, port: 7001 } } ]
                  buffer: %s
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: b }
                spec: { console: {} }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [b] }
                """.formatted(buffer("")));
        assertThat(one.become(List.of(without)).refused()).isEmpty();
        take(parts, 10, 20);
        try (var connection = nats.connect()) {
            var box = prefix + "_core-0_DEAD." + Departures.BOX;
            await().atMost(120, SECONDS).until(() -> {
                var subjects = connection
                        .jetStreamManagement()
                        .getStreamInfo(prefix + "_core-0_DEAD", StreamInfoOptions.filterSubjects(box))
                        .getStreamState()
                        .getSubjectMap();
                return subjects != null && subjects.containsKey(box);
            });
        }
        one.close();

        now.set(Rig.NOON.plus(Duration.ofMinutes(4)));
        var other = new Pipelines(folder.resolve("other"), 0, parts, Rig.QUICK, meters, now::get);
        opened.add(other);
        assertThat(other.become(List.of(without)).refused()).isEmpty();
        assertThat(report(other).holding().removed())
                .containsExactly(
                        new InstanceReport.Removed("a", 10, Rig.NOON.plus(Duration.ofMinutes(10)), Optional.empty()));
        assertThat(other.all()).extracting(DeadLetters::sink).containsExactly("b");
        now.set(Rig.NOON.plus(Duration.ofMinutes(10)));
        await().atMost(120, SECONDS)
                .until(() -> report(other).holding().removed().isEmpty());
    }
}
