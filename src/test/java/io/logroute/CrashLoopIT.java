package io.logroute;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.testbed.ElasticsearchServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The whole promise, from outside: the real jar is killed with SIGKILL over and over while clients
/// send, at moments that nobody chose, also while it starts; and a real Elasticsearch has each
/// event that was acknowledged, once.
///
/// `-Dlogroute.kills=200` kills as often as that (in as many `logroute.seconds` as are given), and
/// `-Dlogroute.seed=7` at other moments;
/// `./dev soak --kills 200` does so and tells the figures, which are left in the file
/// `logroute.kills.report`.
@Timeout(value = 6, unit = java.util.concurrent.TimeUnit.HOURS)
@ResourceLock(ElasticsearchServer.PLAIN)
@Order(10)
class CrashLoopIT {
    private static final int KILLS = Integer.getInteger("logroute.kills", 6);
    private static final long SECONDS = Long.getLong("logroute.seconds", Long.MAX_VALUE / 1_000_000_000L);
    private static final String REPORT = System.getProperty("logroute.kills.report", "");
    /// Seconds for a start on a machine that has much else to do.
    private static final int PATIENCE = 240;

    private static final int CLIENTS = 2;
    private static final int MOST_IN_A_WINDOW = 100;
    private static final int PAGE = 20_000;
    private static final Pattern BUCKET = Pattern.compile("\"key\":([0-9.E]+),\"doc_count\":(\\d+)");

    /// Events that were acknowledged together, after so many attempts.
    private record Window(int from, int count, int attempts) {}

    @TempDir
    Path folder;

    private final Random random = new Random(Integer.getInteger("logroute.seed", 1));
    private final int beats = LogRouteProcess.freePort();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final AtomicLong acknowledged = new AtomicLong();
    /// A permit for each window that may be sent.
    private final Semaphore pace = new Semaphore(0);

    CrashLoopIT() throws IOException {}

    @Test
    void what_was_acknowledged_is_in_elasticsearch_once_however_often_the_process_is_killed() throws Exception {
        var elastic = ElasticsearchServer.plain();
        elastic.clear();
        var spec = write(elastic.url());
        long began = System.nanoTime();
        int kills = 0;
        int starting = 0;
        List<Window> windows = new ArrayList<>();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor();
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            var _ = clock.scheduleAtFixedRate(
                    () -> pace.release(pace.availablePermits() < 2 * CLIENTS ? CLIENTS : 0), 50, 50, MILLISECONDS);
            List<Future<List<Window>>> loads = IntStream.range(0, CLIENTS)
                    .mapToObj(client -> clients.submit(() -> load(client * 50_000_000, random.nextLong())))
                    .toList();
            try {
                while (kills < KILLS && System.nanoTime() - began < SECONDS * 1_000_000_000L) {
                    kills++;
                    starting += killed(spec, kills) ? 1 : 0;
                }
                try (var run = LogRouteProcess.run(spec, folder.resolve("data")).readyWithin(PATIENCE)) {
                    enough.set(true);
                    for (var load : loads) {
                        windows.addAll(load.get(10, MINUTES));
                    }
                    all_is_delivered(run);
                }
            } finally {
                enough.set(true);
                clients.shutdownNow();
                clock.shutdownNow();
            }
        }
        elastic.must("POST", "/crash-*/_refresh", "");
        long repeated = windows.stream()
                .filter(window -> window.attempts() > 1)
                .mapToLong(Window::count)
                .sum();
        long own = found("crash-own", windows, false);
        long numbered = found("crash-numbered", windows, true);
        tell(String.format(
                Locale.ROOT,
                "%d kills (%d before it was ready), %d events acknowledged, %d of them sent more than once;"
                        + " by their own ids %d documents, 0 missing, 0 twice;"
                        + " by the buffer's numbers %d documents, 0 missing, 0 more often than sent; %.1f minutes%n",
                kills,
                starting,
                acknowledged.get(),
                repeated,
                own,
                numbered,
                (System.nanoTime() - began) / 60e9));
        assertThat(repeated).as("events that a kill cut off").isPositive();
    }

    /// Starts it and kills it. Gives whether that was before it was ready.
    private boolean killed(Path spec, int kill) throws Exception {
        boolean early = random.nextInt(5) == 0;
        try (var run = LogRouteProcess.run(spec, folder.resolve("data"))) {
            if (!early) {
                run.readyWithin(PATIENCE);
                assertThat(run.get("/metrics").body())
                        .contains("logroute_buffer_lost_events{router=\"core\"} 0")
                        .contains("logroute_buffer_corrupt_records{router=\"core\"} 0");
            }
            int millis = early ? 50 + random.nextInt(2000) : 200 + random.nextInt(2800);
            assertThat(run.process.waitFor(millis, MILLISECONDS))
                    .as(() -> "ended by itself before kill %d: %s".formatted(kill, run.said()))
                    .isFalse();
            run.process.destroyForcibly();
            assertThat(run.exit()).as("ended by SIGKILL").isEqualTo(128 + 9);
            assertThat(run.said()).as("before kill %d", kill).doesNotContain("ERROR");
        }
        if (kill % 10 == 0) {
            System.out.println(kill + " kills, " + acknowledged + " events acknowledged");
        }
        return early;
    }

    /// A client: sends windows with the numbers from `first` on, each until it is acknowledged.
    private List<Window> load(int first, long seed) throws IOException, InterruptedException {
        var sizes = Seeds.random(seed);
        List<Window> done = new ArrayList<>();
        try (var beat = new Beat(beats)) {
            beat.connect();
            int from = first;
            while (!enough.get()) {
                pace.acquire();
                int count = 1 + sizes.nextInt(MOST_IN_A_WINDOW);
                done.add(new Window(from, count, attempts(beat, events(from, count))));
                acknowledged.addAndGet(count);
                from += count;
            }
        }
        return done;
    }

    private static int attempts(Beat beat, List<String> events) {
        for (int attempts = 1; ; attempts++) {
            try {
                beat.send(events);
                return attempts;
            } catch (IOException e) {
                beat.connect();
            }
        }
    }

    private static void all_is_delivered(LogRouteProcess run) throws Exception {
        for (var sink : List.of("own", "numbered")) {
            await("nothing waits for " + sink)
                    .atMost(10, MINUTES)
                    .until(() -> run.get("/api/v1/sinks/" + sink).body().contains("\"waitingEvents\":0"));
        }
        assertThat(run.get("/metrics").body())
                .contains("logroute_dead_letters{router=\"core\",sink=\"own\"} 0")
                .contains("logroute_dead_letters{router=\"core\",sink=\"numbered\"} 0");
        assertThat(run.said()).doesNotContain("ERROR");
    }

    /// The documents of this index, of which each event has one, or at most as many as its client
    /// made attempts.
    private static long found(String index, List<Window> windows, boolean asOftenAsSent) throws Exception {
        var documents = documents(index, windows);
        List<String> wrong = new ArrayList<>();
        for (var window : windows) {
            int most = asOftenAsSent ? window.attempts() : 1;
            for (int n = window.from(); n < window.from() + window.count(); n++) {
                int there = documents.getOrDefault(n, 0);
                if (there < 1 || there > most) {
                    wrong.add("event %d is there %d times, sent %d times".formatted(n, there, window.attempts()));
                }
            }
        }
        assertThat(wrong.stream().limit(20))
                .as("%d events of %s are missing or there too often", wrong.size(), index)
                .isEmpty();
        assertThat(documents)
                .as("and nothing else")
                .hasSize(windows.stream().mapToInt(Window::count).sum());
        return documents.values().stream().mapToLong(there -> there).sum();
    }

    /// How often each number is there.
    private static Map<Integer, Integer> documents(String index, List<Window> windows) throws Exception {
        Map<Integer, Integer> found = new TreeMap<>();
        var pages = windows.stream()
                .flatMap(window -> Stream.of(window.from(), window.from() + window.count() - 1))
                .map(n -> n / PAGE * PAGE)
                .distinct()
                .toList();
        for (int page : pages) {
            var answer = ElasticsearchServer.plain()
                    .must("POST", "/" + index + "/_search", """
                    {"size": 0, "query": {"range": {"n": {"gte": %d, "lt": %d}}},
                     "aggs": {"numbers": {"histogram": {"field": "n", "interval": 1, "min_doc_count": 1}}}}
                    """.formatted(page, page + PAGE));
            assertThat(answer).contains("\"failed\":0");
            BUCKET.matcher(answer)
                    .results()
                    .forEach(bucket ->
                            found.put((int) Double.parseDouble(bucket.group(1)), Integer.parseInt(bucket.group(2))));
        }
        return found;
    }

    private static List<String> events(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(n -> """
                        {"@timestamp":"2026-11-23T12:00:00.000Z","container_id":"9b2f7c1d","time_id":"%d","n":%d,\
                        "service_name":"shop_front","node_id":"n1","msg":"GET /api/v1/items/%d 200 7ms"}""".formatted(n, n, n))
                .toList();
    }

    private static void tell(String figures) throws IOException {
        System.out.print(figures);
        if (!REPORT.isEmpty()) {
            Files.writeString(Path.of(REPORT), figures);
        }
    }

    /// One buffer small enough that its segments come and go, two sinks that make ids their own way.
    private Path write(URI elastic) throws IOException {
        return Files.writeString(folder.resolve("logroute.yaml"), """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { beats: { host: 127.0.0.1, port: %d } } ]
                  buffer: { maxBytes: 16MiB }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: own }
                spec:
                  elasticsearch: { urls: ["%s"], index: crash-own, ids: "%%{container_id}-%%{time_id}" }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: numbered }
                spec:
                  elasticsearch: { urls: ["%s"], index: crash-numbered, ids: sequence }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: all }
                spec: { router: core, to: [own, numbered] }
                """.formatted(beats, elastic, elastic));
    }
}
