package io.logroute.parts.beats;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.plan.InstanceReport.Mode;
import io.logroute.plan.Order;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Edition;
import io.logroute.router.Instance;
import io.logroute.router.Instance.Ordered;
import io.logroute.router.Pipelines;
import io.logroute.spec.Read;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What clients under load hear of an instance that is told to drain, and where they go: real sources
/// on real sockets.
@Timeout(300)
class ClientsOfADrainTest {
    private static final int CLIENTS = 4;
    private static final int WINDOW = 50;
    /// Windows that a client has under way, as Beats does.
    private static final int AHEAD = 3;

    /// A disk or a client that takes longer at the end of a source is not waited for any more.
    private static final Duration CUT_OFF = Duration.ofSeconds(1);

    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    @TempDir
    Path data;

    private final Instruments meters = new Instruments();
    private final List<Router> routers = new ArrayList<>();

    private final class Router {
        final Path folder;
        final int beats;
        final int http;
        final Instance instance;

        Router(String name) throws IOException {
            try (var one = new ServerSocket(0);
                    var other = new ServerSocket(0)) {
                beats = one.getLocalPort();
                http = other.getLocalPort();
            }
            folder = Files.createDirectories(data.resolve(name));
            instance = new Instance(
                    new Pipelines(
                            folder,
                            Mappings.of(Optional.empty()),
                            new PrintStream(OutputStream.nullOutputStream()),
                            meters,
                            InstantSource.system()),
                    folder,
                    "core",
                    0,
                    Set.of());
            routers.add(this);
            var pipeline = pipeline(beats, http);
            assertThat(instance.start(new Read.Good<>(
                            new Edition(pipeline.text(), pipeline.revision().hash(), 1))))
                    .isEmpty();
        }

        /// Numbers that came out, with how often.
        Map<Integer, Integer> out() throws IOException {
            var all = new HashMap<Integer, Integer>();
            var file = folder.resolve("out.ndjson");
            if (Files.exists(file)) {
                var found = NUMBER.matcher(Files.readString(file));
                while (found.find()) {
                    all.merge(Integer.valueOf(found.group(1)), 1, Integer::sum);
                }
            }
            return all;
        }
    }

    @AfterEach
    void close() {
        routers.forEach(each -> each.instance.close());
        meters.close();
    }

    /// How long its sources took to end.
    private static Duration drain(Router router) {
        long began = System.nanoTime();
        assertThat(router.instance.order(Order.DRAIN)).isEqualTo(new Ordered.Taken(Mode.DRAINING));
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static PipelineDefinition pipeline(int beats, int http) {
        var declared =
                Declared.of(SpecReader.documents("test.yaml", """
                        apiVersion: logroute/v1
                        kind: LogRouter
                        metadata: { name: core }
                        spec:
                          sources:
                            - beats: { host: 127.0.0.1, port: %d }
                            - http: { host: 127.0.0.1, port: %d }
                            - demo: { eventsPerSecond: 100 }
                        ---
                        apiVersion: logroute/v1
                        kind: LogSink
                        metadata: { name: out }
                        spec: { file: { path: out.ndjson } }
                        ---
                        apiVersion: logroute/v1
                        kind: LogRoute
                        metadata: { name: all }
                        spec: { router: core, to: [out] }
                        """.formatted(beats, http)), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline("core").orElseThrow();
    }

    /// A Beat: some windows under way, each sent again elsewhere when the connection ends before it is
    /// acknowledged.
    private static final class Beat implements Runnable {
        final ArrayDeque<Integer> places;
        final int last;
        final AtomicInteger numbers;
        final Map<Integer, Set<Integer>> acknowledged = new ConcurrentHashMap<>();
        volatile int acks;

        Beat(List<Integer> ports, AtomicInteger numbers) {
            this.places = new ArrayDeque<>(ports);
            this.last = ports.getLast();
            this.numbers = numbers;
        }

        /// Until it was heard for a while where it is to go at last.
        private boolean goesOn() {
            return acknowledged.getOrDefault(last, Set.of()).size() < 50 * WINDOW;
        }

        @Override
        public void run() {
            var waiting = new ArrayDeque<Integer>();
            while (goesOn() || !waiting.isEmpty()) {
                int port = places.peek();
                try (var socket = new Socket("127.0.0.1", port)) {
                    socket.setSoTimeout(60_000);
                    var in = new DataInputStream(socket.getInputStream());
                    for (int first : waiting) {
                        socket.getOutputStream()
                                .write(Frames.libbeat(first, WINDOW).bytes());
                    }
                    while (goesOn() || !waiting.isEmpty()) {
                        while (waiting.size() < AHEAD && goesOn()) {
                            int first = numbers.getAndAdd(WINDOW);
                            waiting.add(first);
                            socket.getOutputStream()
                                    .write(Frames.libbeat(first, WINDOW).bytes());
                        }
                        in.readFully(new byte[2]);
                        if (in.readInt() == WINDOW) {
                            int first = waiting.remove();
                            var there = acknowledged.computeIfAbsent(port, _ -> ConcurrentHashMap.newKeySet());
                            IntStream.range(first, first + WINDOW).forEach(there::add);
                            acks++;
                        }
                    }
                } catch (IOException e) {
                    places.add(places.remove()); // the next one
                }
            }
        }
    }

    @Test
    void windows_under_way_are_acknowledged_then_the_connection_ends_and_clients_move_on() throws Exception {
        var first = new Router("first");
        var second = new Router("second");
        var numbers = new AtomicInteger();
        var beats = IntStream.range(0, CLIENTS)
                .mapToObj(_ -> new Beat(List.of(first.beats, second.beats), numbers))
                .toList();
        var threads = beats.stream().map(Thread.ofVirtual()::start).toList();
        await().atMost(60, SECONDS).until(() -> beats.stream().allMatch(beat -> beat.acks > 10));
        var took = drain(first);
        assertThatThrownBy(() -> new Socket("127.0.0.1", first.beats).close())
                .as("so that Beats go elsewhere")
                .isInstanceOf(ConnectException.class);
        for (var thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
        }
        await().atMost(60, SECONDS)
                .until(() -> first.instance.report().orElseThrow().holding().empty());
        await().atMost(60, SECONDS).until(() -> {
            var all = new HashSet<>(first.out().keySet());
            all.addAll(second.out().keySet());
            return all.size() == numbers.get();
        });
        var firstOut = first.out();
        for (var beat : beats) {
            assertThat(beat.acknowledged.keySet()).as("it was at both").contains(first.beats, second.beats);
            assertThat(firstOut.keySet()).containsAll(beat.acknowledged.get(first.beats));
        }
        assertThat(Collections.max(firstOut.values())).isEqualTo(1);
        var toldThere = beats.stream()
                .flatMap(beat -> beat.acknowledged.getOrDefault(first.beats, Set.of()).stream())
                .collect(Collectors.toSet());
        if (took.compareTo(CUT_OFF) < 0) {
            assertThat(firstOut.keySet().stream().filter(n -> !toldThere.contains(n)))
                    .as("taken in, and its client did not hear of it")
                    .isEmpty();
        }
        assertThat(first.instance.order(Order.SERVE)).isEqualTo(new Ordered.Taken(Mode.SERVING));
        new Socket("127.0.0.1", first.beats).close();
    }

    @Test
    void requests_over_http_are_answered_then_nobody_listens() throws Exception {
        var first = new Router("first");
        var numbers = new AtomicInteger();
        Set<Integer> stored = ConcurrentHashMap.newKeySet();
        Set<String> strange = ConcurrentHashMap.newKeySet();
        Set<Integer> unheard = ConcurrentHashMap.newKeySet();
        var threads = IntStream.range(0, CLIENTS)
                .mapToObj(_ -> Thread.ofVirtual().start(() -> {
                    try (var http = HttpClient.newHttpClient()) {
                        for (int i = 0; i < 100_000; i++) {
                            int n = numbers.getAndIncrement();
                            try {
                                var answer = http.send(
                                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/".formatted(first.http)))
                                                .POST(BodyPublishers.ofString("{\"n\":%d}".formatted(n)))
                                                .build(),
                                        BodyHandlers.ofString());
                                if (answer.statusCode() == 200) {
                                    stored.add(n);
                                } else {
                                    strange.add(answer.statusCode() + " " + answer.body());
                                }
                            } catch (ConnectException e) {
                                return;
                            } catch (IOException e) {
                                unheard.add(n); // the connection ended between two requests
                            }
                        }
                        strange.add("it was never refused");
                    } catch (InterruptedException e) {
                        strange.add("interrupted");
                    }
                }))
                .toList();
        await().atMost(60, SECONDS).until(() -> stored.size() > 100);
        var took = drain(first);
        for (var thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
        }
        await().atMost(60, SECONDS)
                .until(() -> first.instance.report().orElseThrow().holding().empty());
        var out = first.out();
        assertThat(strange).isEmpty();
        assertThat(out.keySet()).containsAll(stored);
        if (took.compareTo(CUT_OFF) < 0) {
            assertThat(unheard.stream().filter(out::containsKey))
                    .as("taken in, and its client did not hear of it")
                    .isEmpty();
        }
    }
}
