package io.logroute.parts.beats;

import io.logroute.parts.beats.LumberjackDecoder.Window;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The windows of one connection that wait for their acknowledgement, in the order in which they
/// came.
///
/// Three kinds of threads meet here: the reader adds windows, the buffer's thread settles them in
/// whatever order, and the writer ([#writeTo]) writes acknowledgements of the first ones, as far
/// as all before them are settled. Settling takes the lock for a moment and never waits for the
/// client.
final class Acks {
    /// More windows than any client has in flight (libbeat: `pipelining` 2), so that none waits
    /// for this.
    static final int MAX_WINDOWS = 16;

    /// Or so much of them, whichever comes first; one window is always let in.
    static final long MAX_WEIGHT = 64L << 20;

    private static final int FRAME = 6;

    private final long keepAlive;
    private final Runnable onKeepAlive;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long weight;
    private boolean ended;
    private long writingSince;
    private boolean writing;
    private long quietSince = System.nanoTime();

    /// @param keepAlive how long a client with windows in flight hears nothing at most
    /// @param onKeepAlive runs for each acknowledgement of nothing
    Acks(Duration keepAlive, Runnable onKeepAlive) {
        this.keepAlive = keepAlive.toNanos();
        this.onKeepAlive = onKeepAlive;
    }

    /// One window on its way to the disk.
    final class Waiting {
        private final byte version;
        private final int ack;
        private final long weight;
        private boolean settled;

        private Waiting(Window window) {
            version = window.version();
            ack = window.ack();
            weight = window.weight();
        }

        /// The window is stored: its acknowledgement may go out once those before it may.
        void settle() {
            lock.lock();
            try {
                settled = true;
                if (this == waiting.peek()) {
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    Waiting add(Window window) {
        var added = new Waiting(window);
        lock.lock();
        try {
            if (waiting.isEmpty()) {
                quietSince = System.nanoTime();
            }
            waiting.add(added);
            weight += added.weight;
            changed.signalAll();
            return added;
        } finally {
            lock.unlock();
        }
    }

    /// Takes back a window that nobody will settle.
    void drop(Waiting window) {
        lock.lock();
        try {
            if (waiting.remove(window)) {
                weight -= window.weight;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is room for another window, at most so long.
    ///
    /// @return false when there is none
    boolean awaitRoom(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!ended && (waiting.size() >= MAX_WINDOWS || weight >= MAX_WEIGHT && !waiting.isEmpty())) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until every window is acknowledged, at most so long.
    ///
    /// @return false when some are not
    boolean awaitNone(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!ended && !waiting.isEmpty()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Whether no window waits.
    boolean none() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /// [System#nanoTime] when the last acknowledgement was written.
    long quietSince() {
        lock.lock();
        try {
            return quietSince;
        } finally {
            lock.unlock();
        }
    }

    /// How long the writer has been at one write: long when the client does not read.
    Duration writing() {
        lock.lock();
        try {
            return writing ? Duration.ofNanos(System.nanoTime() - writingSince) : Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    /// Ends [#writeTo] and all waiting.
    ///
    /// @return whether nothing is being written, nor will be
    boolean end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
            return !writing;
        } finally {
            lock.unlock();
        }
    }

    /// Writes acknowledgements until [#end].
    ///
    /// @throws IOException when the client takes no more
    void writeTo(OutputStream out) throws IOException, InterruptedException {
        var frames = new byte[MAX_WINDOWS * FRAME];
        while (true) {
            int settled = awaitSettled(frames);
            if (settled < 0) {
                return;
            }
            if (settled == 0) {
                onKeepAlive.run();
            }
            out.write(frames, 0, Math.max(1, settled) * FRAME);
            out.flush();
            written(settled);
        }
    }

    /// Waits for windows at the head that are settled, or for the time to say that we are alive.
    /// The acknowledgements to write are in `frames` then.
    ///
    /// @return how many windows are settled; 0 for an acknowledgement of nothing; -1 at the end
    private int awaitSettled(byte[] frames) throws InterruptedException {
        lock.lock();
        try {
            while (!ended) {
                int settled = 0;
                for (var each : waiting) {
                    if (!each.settled || settled == MAX_WINDOWS) {
                        break;
                    }
                    put(frames, settled++, each.version, each.ack);
                }
                long left = quietSince + keepAlive - System.nanoTime();
                if (settled == 0 && !waiting.isEmpty() && left <= 0) {
                    put(frames, 0, waiting.getFirst().version, 0);
                }
                if (settled > 0 || !waiting.isEmpty() && left <= 0) {
                    writing = true;
                    writingSince = System.nanoTime();
                    return settled;
                }
                if (waiting.isEmpty()) {
                    changed.await();
                } else {
                    changed.await(left, TimeUnit.NANOSECONDS);
                }
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    private void written(int settled) {
        lock.lock();
        try {
            writing = false;
            quietSince = System.nanoTime();
            for (int i = 0; i < settled; i++) {
                weight -= waiting.remove().weight;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static void put(byte[] frames, int place, byte version, int ack) {
        int at = place * FRAME;
        frames[at] = version;
        frames[at + 1] = 'A';
        frames[at + 2] = (byte) (ack >>> 24);
        frames[at + 3] = (byte) (ack >>> 16);
        frames[at + 4] = (byte) (ack >>> 8);
        frames[at + 5] = (byte) ack;
    }
}
