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

    /// One node and how it did: [#failures] in a row, and until when it rests.
    static final class Node {
        private final URI url;
        private final String base;
        private int failures;
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

    /// It did not answer, or that it cannot.
    synchronized void failed(Node node) {
        node.failures = Math.min(node.failures + 1, MOST_RESTS);
        node.restsUntil = nanos.getAsLong() + REST.multipliedBy(node.failures).toNanos();
    }
}
