package io.logroute.remote;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Which nodes a request goes to, in turn. A node that failed rests for a minute, and a minute
/// longer each time it fails again; while all of them rest, the one that has rested most is asked.
/// Safe for all threads.
final class Nodes {
    private static final Duration REST = Duration.ofMinutes(1);
    private static final int MOST_RESTS = 30;

    private final List<Node> nodes;
    private final LongSupplier nanos;
    private final AtomicInteger turn = new AtomicInteger();

    /// One node and how it did: [#failures] in a row, and from when until when it rests.
    static final class Node {
        private final URI url;
        private final String base;
        private int failures;
        private long restsFrom;
        private long restsUntil;

        private Node(URI url) {
            this.url = url;
            var text = url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
            this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        }

        /// The address of a path of the API, which begins with a slash, below the node's own.
        URI at(String path) {
            return URI.create(base + path);
        }

        @Override
        public String toString() {
            return url.toString();
        }
    }

    /// @param nanos a clock like [System#nanoTime]
    Nodes(List<URI> urls, LongSupplier nanos) {
        this.nodes = urls.stream().map(Node::new).toList();
        this.nanos = nanos;
    }

    /// Those that do not rest, another one first each time; never none.
    List<Node> inTurn() {
        int first = Math.floorMod(turn.getAndIncrement(), nodes.size());
        var awake = new ArrayList<Node>(nodes.size());
        synchronized (this) {
            long now = nanos.getAsLong();
            for (int i = 0; i < nodes.size(); i++) {
                var node = nodes.get((first + i) % nodes.size());
                if (node.failures == 0 || node.restsUntil - now <= 0) {
                    awake.add(node);
                }
            }
            if (awake.isEmpty()) {
                awake.add(nodes.stream()
                        .min(Comparator.comparingLong(node -> node.restsUntil - now))
                        .orElseThrow());
            }
        }
        return awake;
    }

    /// It answered as a node does that is well.
    synchronized void worked(Node node) {
        node.failures = 0;
    }

    /// When a request begins; [#failed] wants to know.
    long now() {
        return nanos.getAsLong();
    }

    /// It did not answer, or that it cannot. Requests that are under way together fail together,
    /// which is one failure: those that began before it rested say nothing new.
    ///
    /// @param began when the request did, by [#now]
    synchronized void failed(Node node, long began) {
        if (node.failures > 0 && began - node.restsFrom < 0) {
            return;
        }
        node.failures = Math.min(node.failures + 1, MOST_RESTS);
        node.restsFrom = nanos.getAsLong();
        node.restsUntil = node.restsFrom + REST.multipliedBy(node.failures).toNanos();
    }
}
