package io.logroute.remote;

import io.logroute.plan.swarm.Seen;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What routers wrote last before they ended, where Docker knows nothing but an exit code. Asked once for each task;
/// few letters, little time. Only of the standard error, which is the log: what a console sink writes to the
/// standard output is events, which are none of ours to show. Used by one thread at a time.
final class LastWords {
    private static final Duration LIMIT = Duration.ofSeconds(3);
    /// For all tasks of one look.
    private static final Duration BUDGET = Duration.ofSeconds(6);
    private static final int LINES = 5;
    private static final int MOST_BYTES = 32 << 10;
    private static final int LONGEST = 600;
    private static final int REMEMBERED = 1000;
    private static final int HEAD = 8;

    private final DockerHttp docker;
    private final Map<String, Optional<String>> remembered = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<String>> eldest) {
            return size() > REMEMBERED;
        }
    };

    LastWords(DockerHttp docker) {
        this.docker = docker;
    }

    /// The words of one look, which may take a while together.
    Look.Words forOneLook() {
        long until = System.nanoTime() + BUDGET.toNanos();
        return task -> {
            var known = remembered.get(task.id());
            if (known != null) {
                return known;
            }
            if (!saysNothing(task) || System.nanoTime() - until > 0) {
                return Optional.empty();
            }
            var words = ask(task.id());
            remembered.put(task.id(), words);
            return words;
        };
    }

    private static boolean saysNothing(Seen.Task task) {
        return task.error()
                .filter(error -> error.startsWith("task: non-zero exit"))
                .isPresent();
    }

    private Optional<String> ask(String task) {
        var path = "/tasks/%s/logs?stderr=1&tail=%d".formatted(DockerSwarm.encoded(task), LINES);
        try {
            return docker.call(DockerHttp.Request.get("tasks.logs", path), LIMIT, (status, body) -> {
                return status == 200 ? words(body) : Optional.empty();
            });
        } catch (SwarmUnreachable e) {
            // They only explain; the node may be down, or its log driver keeps nothing.
            return Optional.empty();
        }
    }

    /// Frames of eight bytes, of which the last four are the length, and so many bytes of text.
    private static Optional<String> words(InputStream body) throws IOException {
        var lines = new ArrayList<String>();
        int left = MOST_BYTES;
        while (left > 0) {
            var head = body.readNBytes(HEAD);
            if (head.length < HEAD) {
                break;
            }
            int length =
                    ((head[4] & 0xff) << 24) | ((head[5] & 0xff) << 16) | ((head[6] & 0xff) << 8) | (head[7] & 0xff);
            if (length < 0 || length > left) {
                break;
            }
            left -= length;
            new String(body.readNBytes(length), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.replaceAll("\\e\\[[0-9;]*m", "")
                            .replaceAll("\\p{Cntrl}", " ")
                            .strip())
                    .filter(line -> !line.isEmpty())
                    .forEach(lines::add);
        }
        return joined(lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }

    private static Optional<String> joined(List<String> lines) {
        var text = String.join(" / ", lines);
        return Optional.of(text.length() <= LONGEST ? text : "..." + text.substring(text.length() - LONGEST))
                .filter(words -> !words.isEmpty());
    }
}
