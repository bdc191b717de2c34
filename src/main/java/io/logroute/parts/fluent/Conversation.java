package io.logroute.parts.fluent;

import io.logroute.parts.listen.Breach;
import io.logroute.parts.listen.Peer;
import io.logroute.parts.listen.ReadSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// What is said with one client: the handshake, messages, and acknowledgements, which a thread of their
/// own writes.
///
/// Messages that came together are handed over together; those with a chunk in batches of their own, so
/// that it is known what to acknowledge.
final class Conversation {
    /// Chunks that wait to be stored or acknowledged; who sends more waits.
    private static final int MOST_UNACKNOWLEDGED = 4_096;

    private static final Duration REST_OF_LINE = Duration.ofSeconds(5);
    private static final Duration FOREVER = Duration.ofDays(30);
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Duration LAST_ACKS = Duration.ofSeconds(2);
    private static final byte[] ACK = {(byte) 0x81, (byte) 0xa3, 'a', 'c', 'k'};

    /// The chunks of a message, or several, whose batches are under way.
    private final class Due {
        private final List<byte[]> chunks;
        private final AtomicInteger batches = new AtomicInteger(1);

        Due(List<byte[]> chunks) {
            this.chunks = chunks;
        }

        void settle() {
            if (batches.decrementAndGet() == 0 && !chunks.isEmpty()) {
                acks.add(this);
            }
        }
    }

    private final Peer peer;
    private final @Nullable Handshake handshake;
    private final InstantSource clock;
    private final ObjIntConsumer<String> lost;
    private final MessageEnd end;
    private final PartialLines partials = new PartialLines();
    private final ForwardDecoder decoder;
    private final Semaphore unacknowledged = new Semaphore(MOST_UNACKNOWLEDGED);
    /// No longer than [#MOST_UNACKNOWLEDGED].
    private final LinkedBlockingQueue<Due> acks = new LinkedBlockingQueue<>();

    private @Nullable Thread writing;
    private byte[] bytes = new byte[ReadSize.LEAST];
    private int from;
    private int to;
    /// Whether the last read filled the array, or nothing came for a while.
    private boolean isFilled;

    private boolean isQuiet;
    private boolean isBegun;
    private long partialSince;
    private List<byte[]> chunks = new ArrayList<>();
    private @Nullable Due due;
    /// Whether there are events among those decoded whose client waits for no acknowledgement.
    private boolean isForgotten;

    /// @param lost told of events that no client sends again and that were not stored
    Conversation(
            Peer peer,
            @Nullable Handshake handshake,
            long maxMessage,
            InstantSource clock,
            ObjIntConsumer<String> lost) {
        this.peer = peer;
        this.handshake = handshake;
        this.clock = clock;
        this.lost = lost;
        this.end = new MessageEnd(maxMessage);
        this.decoder =
                new ForwardDecoder(maxMessage, partials, more -> peer.hold(bytes.length + partials.bytes() + more));
        peer.answersWith(this::awaitAcks);
    }

    void run() throws IOException, Breach, InterruptedException {
        try {
            if (handshake == null || isIn(handshake)) {
                read();
            }
        } catch (InterruptedException e) {
            sayGoodbye();
            throw e;
        } finally {
            if (writing != null) {
                writing.interrupt();
            }
        }
    }

    private boolean isIn(Handshake asks) throws IOException, Breach {
        var asked = asks.ask();
        var helo = asked.helo();
        peer.write(helo, helo.length);
        var ping = new MessageEnd(Handshake.MOST);
        ping.begin(0);
        peer.turned();
        while (true) {
            int n = peer.read(bytes, to, true, GLANCE);
            if (n < 0) {
                return false;
            }
            to += n;
            int behind = ping.end(bytes, to);
            if (behind < 0) {
                continue;
            }
            var verdict = asked.verdict(bytes, 0, behind);
            peer.write(verdict.pong(), verdict.pong().length);
            if (!verdict.isIn()) {
                throw new Breach("auth", "the handshake failed: %s".formatted(verdict.reason()));
            }
            from = behind;
            return true;
        }
    }

    private void read() throws IOException, Breach, InterruptedException {
        try {
            messages();
            while (!peer.isClosed()) {
                boolean isHalf = to > from;
                int n = peer.read(bytes, to, isHalf, patience());
                if (n < 0) {
                    break;
                }
                to += n;
                isFilled = to == bytes.length;
                isQuiet = n == 0;
                if (n > 0) {
                    if (!isHalf) {
                        peer.turned();
                    }
                    messages();
                } else if (to == from) {
                    makeRoom();
                }
                giveUpPartials();
                peer.holdsBack(!partials.isEmpty());
            }
        } catch (Breach | IOException e) {
            atTheEnd();
            throw e;
        }
        atTheEnd();
        while (!peer.isClosed() && !awaitAcks(GLANCE)) {
            // The client may still read. A refusal, a deaf client or the end of the source closes it.
        }
    }

    private Duration patience() {
        if (!partials.isEmpty()) {
            return GLANCE;
        }
        return to > from || bytes.length == ReadSize.LEAST ? FOREVER : ReadSize.QUIET;
    }

    /// Parts of lines whose sender is gone are events, too.
    private void atTheEnd() throws Breach, InterruptedException {
        decoder.write(partials.rest());
        handOver();
    }

    private void giveUpPartials() throws Breach, InterruptedException {
        boolean isLate = System.nanoTime() - partialSince >= REST_OF_LINE.toNanos();
        if (!partials.isEmpty() && (isLate || peer.isEnding())) {
            atTheEnd();
        }
    }

    private void messages() throws Breach, InterruptedException {
        try {
            while (to > from) {
                if (!isBegun) {
                    end.begin(from);
                    isBegun = true;
                }
                int behind = end.end(bytes, to);
                if (behind < 0) {
                    break;
                }
                message(behind);
                from = behind;
                isBegun = false;
                peer.turned();
            }
        } catch (Breach e) {
            handOver();
            throw e;
        }
        handOver();
        makeRoom();
    }

    private void message(int behind) throws Breach, InterruptedException {
        boolean hadPartials = !partials.isEmpty();
        var chunk = decoder.message(bytes, from, behind, clock.instant(), this::handOverPart);
        if (!hadPartials) {
            partialSince = System.nanoTime();
        }
        if (chunk != null) {
            awaitRoomForChunk();
            chunks.add(chunk);
        } else {
            isForgotten = true;
        }
        if (decoder.hasEnough() || chunks.size() >= MOST_UNACKNOWLEDGED / 4) {
            handOver();
        }
    }

    private void awaitRoomForChunk() throws InterruptedException {
        while (!unacknowledged.tryAcquire(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
            if (peer.isClosed()) {
                throw new InterruptedException("closed");
            }
        }
    }

    /// Part of a message: what is acknowledged with it waits for the rest.
    private void handOverPart() throws InterruptedException {
        var whole = due == null ? new Due(chunks) : due;
        due = whole;
        give(whole);
    }

    private void handOver() throws InterruptedException {
        var whole = due == null ? new Due(chunks) : due;
        give(whole);
        if (!whole.chunks.isEmpty()) {
            startWriting();
        }
        whole.settle();
        due = null;
        chunks = new ArrayList<>();
    }

    private void give(Due whole) throws InterruptedException {
        long size = decoder.batchBytes();
        var batch = decoder.take(clock.instant());
        if (batch == null) {
            return;
        }
        boolean isAwaited = decoder.isAcknowledged() || !whole.chunks.isEmpty();
        if (isAwaited) {
            whole.batches.incrementAndGet();
        }
        if (isAwaited && !isForgotten && decoder.isAcknowledged()) {
            peer.hand(batch, size, whole::settle);
        } else {
            peer.insist(batch, size, isAwaited ? whole::settle : () -> {}, lost);
        }
        isForgotten = false;
        peer.holdOnly(bytes.length + decoder.bytes() + partials.bytes());
    }

    private void makeRoom() throws Breach, InterruptedException {
        if (from == to) {
            from = 0;
            to = 0;
        } else if (from > 0 && (to == bytes.length || from > bytes.length / 2)) {
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
            from = 0;
            end.moved(0);
        }
        int next = from > 0 ? bytes.length : ReadSize.next(bytes.length, to, isFilled, isQuiet);
        if (next < bytes.length || next > bytes.length && peer.mayHold(bytes.length + next + partials.bytes())) {
            bytes = Arrays.copyOf(bytes, next);
        }
        long wanted = from + end.wanted();
        if (to == bytes.length || wanted > bytes.length && to > from) {
            // What is said to come is believed as far as half of it came.
            long size = Math.max(2L * bytes.length, Math.min(wanted, 4L * bytes.length));
            peer.hold(bytes.length + size + partials.bytes());
            bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.min(size, Integer.MAX_VALUE - 8)));
        }
        if (!peer.mayHold(bytes.length + partials.bytes())) {
            // Others need the memory more: parts of lines go on as they are.
            atTheEnd();
        }
        peer.holdOnly(bytes.length + partials.bytes());
    }

    private void startWriting() {
        if (writing == null) {
            writing = Thread.ofVirtual().name("fluent-acks-" + peer.name()).start(this::writeAcks);
        }
    }

    private void writeAcks() {
        var out = new ByteArrayOutputStream();
        try {
            while (!peer.isClosed()) {
                var first = acks.poll(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                int count = 0;
                for (var each = first; each != null; each = acks.poll()) {
                    for (var chunk : each.chunks) {
                        out.writeBytes(ACK);
                        Handshake.text(out, chunk);
                        count++;
                    }
                }
                peer.write(out.toByteArray(), out.size());
                out.reset();
                unacknowledged.release(count);
            }
        } catch (IOException e) {
            peer.close("client", "it takes no acknowledgements: " + e.getMessage());
        } catch (InterruptedException e) {
            // The conversation ends.
        }
    }

    /// What was handed over before the source ended may still be acknowledged, and the client may read
    /// that.
    private void sayGoodbye() {
        if (peer.isClosed()) {
            return;
        }
        unacknowledged.release(chunks.size());
        try {
            awaitAcks(LAST_ACKS);
            peer.readToTheEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return false when chunks are not acknowledged after so long
    private boolean awaitAcks(Duration atMost) throws InterruptedException {
        if (!unacknowledged.tryAcquire(MOST_UNACKNOWLEDGED, atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        unacknowledged.release(MOST_UNACKNOWLEDGED);
        return true;
    }
}
