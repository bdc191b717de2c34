package io.logroute.router;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.Seeds;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Outlet.Gathering;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lines of many streams that are held back until their group is complete, over crashes at any
/// moment and a sink that fails: each line is delivered in the group that it belongs to, and in no
/// other, whatever is delivered twice.
class HeldEventsLaws {
    private static final Duration FLUSH_AFTER = Duration.ofMillis(120);
    private static final int MAX_LINES = 7;

    private static final String BEFORE = "joined-before";
    private static final String AFTER = "then-joined";

    @TempDir
    Path folder;

    /// What a sink that keeps documents by id has: the id, and what it says.
    private record Document(long seq, String copy, String text) implements Comparable<Document> {
        @Override
        public int compareTo(Document other) {
            return toString().compareTo(other.toString());
        }
    }

    @Test
    void every_line_is_in_the_group_that_the_model_says_and_in_no_other() throws Exception {
        for (int seed : Seeds.upTo(12, 10)) {
            var home = Files.createDirectory(folder.resolve("seed" + seed));
            run(home, seed);
        }
    }

    private void run(Path home, int seed) throws Exception {
        var random = Seeds.random(seed);
        boolean plainToo = random.nextBoolean();
        boolean plainFirst = random.nextBoolean();
        var pipeline = pipeline(plainToo, plainFirst);
        var got = new TreeSet<Document>();
        int n = 0;
        int crashes = random.nextInt(5);
        int streams = 1 + random.nextInt(4);
        try (var rig = new Rig(home, pipeline)) {
            rig.buffer.cursor("model").close(); // nothing is let go before the model has read it
        }
        for (int life = 0; life <= crashes; life++) {
            try (var rig = new Rig(home, pipeline)) {
                long found = found(rig);
                long begun = n;
                rig.drain(new Gathering(1 + random.nextInt(12), 1 << 20, Duration.ofMillis(1), 1 + random.nextInt(4)));
                var drain = Objects.requireNonNull(rig.drains.get("a"));
                fail(rig.sink("a"), random.nextInt());
                for (int move = 3 + random.nextInt(25); move > 0; move--) {
                    switch (random.nextInt(8)) {
                        case 0 -> drain.save();
                        case 1 -> rest(random.nextInt(300));
                        case 2 -> rig.sink("a").hold();
                        case 3 -> rig.sink("a").goOn();
                        default -> {
                            int count = 1 + random.nextInt(15);
                            rig.take(lines(random, n, count, streams));
                            n += count;
                        }
                    }
                }
                if (life < crashes) {
                    crash(home, rig, drain);
                } else {
                    rig.sink("a").goOn();
                    await().atMost(60, SECONDS).until(() -> rig.report("a").lagEvents() == 0);
                    assertThat(found + n - begun + rig.count(Meter.COPIED_EVENTS, "a"))
                            .as("seed %d: what was found or came is accounted for", seed)
                            .isEqualTo(rig.count(Meter.DELIVERED_EVENTS, "a")
                                    + rig.count(Meter.FILTERED_EVENTS, "a")
                                    + rig.count(Meter.DEAD_LETTERED_EVENTS, "a")
                                    + rig.count(Meter.PASSED_EVENTS, "a"));
                    assertThat(rig.count(Meter.DISCARDED_EVENTS, "a")).isZero();
                }
                rig.sink("a").taken().forEach(event -> got.add(document(event)));
                if (life == crashes) {
                    var wanted = model(rig, plainToo, plainFirst);
                    assertThat(without(wanted, got))
                            .as("seed %d: nobody got", seed)
                            .isEmpty();
                    assertThat(without(got, wanted))
                            .as("seed %d: in other pieces", seed)
                            .isEmpty();
                }
            }
        }
    }

    private static Set<Document> without(Set<Document> all, Set<Document> some) {
        var rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    /// Events that wait for the sink from earlier lives.
    private static long found(Rig rig) throws IOException {
        try (var cursor = rig.buffer.cursor("a")) {
            return cursor.unsettled();
        }
    }

    /// What is on the disk is as kill -9 leaves it: the place is the one saved last, and what is under way does not
    /// arrive.
    private static void crash(Path home, Rig rig, Drain drain) throws IOException {
        var cursors = home.resolve("buffer/cursors");
        var kept = Files.createTempDirectory(home, "kept");
        copy(cursors, kept);
        rig.sink("a").answers((_, _) -> {
            throw new IOException("killed");
        });
        drain.close();
        rig.close();
        copy(kept, cursors);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void fail(ScriptedSink sink, int seed) {
        var random = Seeds.random(seed);
        sink.answers((_, _) -> {
            synchronized (random) {
                return switch (random.nextInt(30)) {
                    case 0 -> throw new IOException("cut");
                    case 1 -> new Delivery.Retry("busy", Duration.ofMillis(random.nextInt(40)));
                    default -> Delivery.delivered();
                };
            }
        });
    }

    private static void rest(int millis) {
        await().pollDelay(Duration.ofMillis(millis))
                .atMost(Duration.ofSeconds(60))
                .until(() -> true);
    }

    /// `+` begins a group, `-` goes on; some are for no group at all.
    private static List<String> lines(Random random, int from, int count, int streams) {
        var lines = new ArrayList<String>();
        for (int n = from; n < from + count; n++) {
            lines.add(
                    switch (random.nextInt(10)) {
                        case 0 -> "{\"n\":%d,\"kind\":\"other\",\"msg\":\"o%d\"}".formatted(n, n);
                        case 1 -> "{\"n\":%d,\"kind\":\"lines\",\"msg\":\"no stream %d\"}".formatted(n, n);
                        default ->
                            "{\"n\":%d,\"kind\":\"lines\",\"s\":\"s%d\",\"msg\":\"%s%d\"}"
                                    .formatted(n, random.nextInt(streams), random.nextInt(2) == 0 ? "+" : "-", n);
                    });
        }
        return lines;
    }

    private static PipelineDefinition pipeline(boolean plainToo, boolean plainFirst) {
        // They go in the order of their names.
        var joined = Rig.route(
                plainFirst ? AFTER : BEFORE,
                "match: { fields: { kind: lines } }, filters: [ { multiline: { start: '^[+]', key: '%{s}', flushAfter: "
                        + FLUSH_AFTER.toMillis() + "ms, maxLines: " + MAX_LINES
                        + " } }, { drop: { when: 'event.msg.contains(\"13\")' } } ], to: [a]");
        var plain = Rig.route("plain", "match: { fields: { kind: lines } }, to: [a]");
        return Rig.pipeline(List.of("a"), plainToo ? plain + joined : joined);
    }

    private static Document document(Event event) {
        return new Document(
                event.seq(),
                event.address().copy() == 0 ? "" : event.address().route(),
                String.valueOf(event.text("msg")));
    }

    /// Reads the buffer once, in a plain way.
    private static Set<Document> model(Rig rig, boolean plainToo, boolean plainFirst) throws Exception {
        record Group(long first, List<String> lines, Instant last) {}
        var groups = new ArrayList<Group>();
        var open = new HashMap<String, Group>();
        var model = new TreeSet<Document>();
        var copyOfPlain = plainFirst ? "" : "plain";
        var copyOfJoined = plainToo && plainFirst ? AFTER : "";
        try (var cursor = rig.buffer.cursor("model")) {
            while (true) {
                var stored = cursor.read(Duration.ofMillis(50));
                if (stored.isEmpty()) {
                    break;
                }
                for (var event : Drain.decode(stored.get())) {
                    var msg = String.valueOf(event.text("msg"));
                    if ("other".equals(event.get("kind"))) {
                        continue;
                    }
                    var stream = event.text("s");
                    if (plainToo) {
                        model.add(new Document(event.seq(), copyOfPlain, msg));
                    }
                    if (stream == null) {
                        groups.add(new Group(event.seq(), List.of(msg), event.received()));
                        continue;
                    }
                    var group = open.get(stream);
                    if (group != null
                            && !msg.startsWith("+")
                            && group.lines.size() < MAX_LINES
                            && Duration.between(group.last, event.received()).compareTo(FLUSH_AFTER) < 0) {
                        var lines = new ArrayList<>(group.lines);
                        lines.add(msg);
                        open.put(stream, new Group(group.first, lines, event.received()));
                        continue;
                    }
                    if (group != null) {
                        groups.add(group);
                    }
                    open.put(stream, new Group(event.seq(), List.of(msg), event.received()));
                }
            }
        }
        groups.addAll(open.values());
        for (var group : groups) {
            var text = String.join("\n", group.lines);
            if (!text.contains("13")) {
                model.add(new Document(group.first, copyOfJoined, text));
            }
        }
        return model;
    }
}
