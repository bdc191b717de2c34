package io.logroute.buffer.jetstream;

import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Purges what every reader has passed, and looks at what the servers say of the stream: how much it
/// holds, who wrote it, whether anybody else has purged it. On a thread of its own.
final class Sweeper {
    private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());
    private static final Duration REST = Duration.ofMillis(50);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

    /// Whether it is time for a turn.
    enum Turn {
        USUAL,
        /// An append waits for room.
        WANTED,
        /// There is no next one.
        OVER
    }

    /// All before a message may be purged.
    ///
    /// @param low the number that this is
    record Due(long message, long low) {}

    private final JetStreamBuffer buffer;
    private final Stream stream;
    private final Thread thread;
    private long askedFree;

    Sweeper(JetStreamBuffer buffer, Stream stream) {
        this.buffer = buffer;
        this.stream = stream;
        this.thread = Thread.ofVirtual().name("purge-" + stream.name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void end() {
        thread.interrupt();
    }

    private void run() {
        try {
            for (Turn turn = buffer.awaitTurn(); turn != Turn.OVER; turn = buffer.awaitTurn()) {
                try {
                    sweep(turn);
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.DEBUG, "Nothing is purged now", e);
                }
                TimeUnit.MILLISECONDS.sleep(REST.toMillis()); // also while an append waits
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "Nothing is purged any more");
        }
    }

    private void sweep(Turn turn) throws IOException {
        if (buffer.isUnsure()) {
            stream.check(stream.info()); // it may be such a limit that has the servers take nothing
            return;
        }
        Optional<Due> due = buffer.due(turn);
        if (due.isPresent()) {
            stream.purge(due.get().message());
            buffer.purged(due.get());
        }
        look();
    }

    private void look() throws IOException {
        StreamInfo info = stream.info();
        stream.check(info); // somebody may have set limits since
        StreamState state = info.getStreamState();
        if (System.nanoTime() - askedFree > LOOK_EVERY.toNanos() || askedFree == 0) {
            buffer.free(stream.free());
            askedFree = System.nanoTime();
        }
        if (buffer.wasPurged(state)) {
            Optional<MessageInfo> first = stream.next(state.getFirstSequence());
            buffer.purgedByOthers(state, first.isPresent() ? Optional.of(stream.label(first.get())) : Optional.empty());
        }
    }
}
