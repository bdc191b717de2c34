package io.logroute.parts.nats;

import java.util.ArrayDeque;

/// Pull requests under way, the oldest first: what may still arrive. Servers fill them one after the
/// other or in turns; arrivals are counted against the oldest. Used by one thread.
final class Asked {
    private static final class Request {
        final long id;
        int messages;
        long bytes;

        Request(long id, int messages, long bytes) {
            this.id = id;
            this.messages = messages;
            this.bytes = bytes;
        }
    }

    private final ArrayDeque<Request> requests = new ArrayDeque<>();

    void add(long id, int messages, long bytes) {
        requests.add(new Request(id, messages, bytes));
    }

    void arrived(long bytes) {
        var first = requests.peek();
        if (first == null) {
            return; // of a request that was given up
        }
        first.messages--;
        first.bytes = Math.max(0, first.bytes - bytes);
        if (first.messages == 0) {
            requests.remove();
        }
    }

    /// The servers send nothing more for it.
    void ended(long id) {
        requests.removeIf(request -> request.id == id);
    }

    void clear() {
        requests.clear();
    }

    int count() {
        return requests.size();
    }

    int messages() {
        return requests.stream().mapToInt(request -> request.messages).sum();
    }

    long bytes() {
        return requests.stream().mapToLong(request -> request.bytes).sum();
    }
}
