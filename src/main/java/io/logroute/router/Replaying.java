package io.logroute.router;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Receipt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Gives dead letters back, a step at a time. A letter is taken out only after it is durable in
/// the buffer again, or at the sink, or a new dead letter: whatever ends the process in between,
/// it comes twice at worst.
final class Replaying {
    private static final long STEP_BYTES = 4 << 20;
    private static final Duration STORE = Duration.ofSeconds(20);
    private static final Duration TURN = Duration.ofSeconds(20);

    private final DeadLetters letters;
    private final String buffer;

    /// @param buffer id of the router's buffer
    Replaying(DeadLetters letters, String buffer) {
        this.letters = letters;
        this.buffer = buffer;
    }

    /// Through the routes of today: as events that just came in.
    Replay.Step throughRoutes(Replay replay, Intake.Door door) throws IOException, InterruptedException {
        return inTurn(replay, STEP_BYTES, replay.limit(), page -> {
            if (door.full()) {
                return stuck(replay, "the buffer is full; its sinks have to take events first");
            }
            var stored = new CompletableFuture<Optional<String>>();
            door.accept(new Batch(page.letters().stream().map(Replaying::anew).toList()), new Receipt() {
                @Override
                public void stored() {
                    stored.complete(Optional.empty());
                }

                @Override
                public void refused(String reason) {
                    stored.complete(Optional.of(reason));
                }
            });
            var refused = await(stored);
            if (refused.isPresent()) {
                return stuck(replay, "they were not stored: " + refused.get());
            }
            letters.remove(page.letters(), "replayed");
            return new Replay.Step(page.letters().size(), 0, page.damaged(), page.next(), Optional.empty());
        });
    }

    /// Straight to a sink.
    ///
    /// @param own whether it is the sink that refused them
    /// @param rejected where those go that it refuses again
    Replay.Step straight(Replay replay, Drain drain, boolean own, DeadLetters rejected)
            throws IOException, InterruptedException {
        var gathering = drain.outlet().gathering();
        long bytes = Math.min(STEP_BYTES, gathering.maxBytes());
        int limit = Math.min(replay.limit(), gathering.maxEvents());
        return inTurn(replay, bytes, limit, page -> {
            var events = page.letters().stream().map(each -> again(each, own)).toList();
            List<Delivery> deliveries;
            try {
                deliveries = drain.writeStraight(events);
            } catch (IOException e) {
                return stuck(replay, String.valueOf(e.getMessage()));
            }
            var settled = new ArrayList<DeadLetter>();
            var refused = new ArrayList<DeadLetters.Letter>();
            var trouble = Optional.<String>empty();
            for (int i = 0; i < events.size(); i++) {
                switch (deliveries.get(i)) {
                    case Delivery.Delivered _ -> settled.add(page.letters().get(i));
                    case Delivery.Rejected(var why) -> {
                        settled.add(page.letters().get(i));
                        refused.add(new DeadLetters.Letter(events.get(i), why));
                    }
                    case Delivery.Held(var why, var _, var _) -> trouble = Optional.of(why);
                    case Delivery.Retry(var why, var _, var _) -> trouble = Optional.of(why);
                }
            }
            if (!refused.isEmpty()) {
                rejected.keep(refused);
            }
            letters.remove(settled, "replayed");
            return new Replay.Step(
                    settled.size() - refused.size(),
                    refused.size(),
                    page.damaged(),
                    trouble.isPresent() ? Optional.of(replay.after()) : page.next(),
                    trouble);
        });
    }

    private interface Work {
        Replay.Step on(DeadLetters.Page page) throws IOException, InterruptedException;
    }

    /// Two that replay the same letters take turns, so that none goes twice.
    private Replay.Step inTurn(Replay replay, long bytes, int limit, Work work)
            throws IOException, InterruptedException {
        if (!letters.replaying().tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
            return stuck(replay, "another replay of the same letters is under way");
        }
        try {
            var page = letters.page(replay.filter(), replay.after(), replay.until(), limit, bytes);
            if (page.letters().isEmpty()) {
                return new Replay.Step(0, 0, page.damaged(), page.next(), Optional.empty());
            }
            return work.on(page);
        } finally {
            letters.replaying().unlock();
        }
    }

    private static Replay.Step stuck(Replay replay, String why) {
        return new Replay.Step(0, 0, 0, Optional.of(replay.after()), Optional.of(why));
    }

    private static Optional<String> await(CompletableFuture<Optional<String>> stored) throws InterruptedException {
        try {
            return stored.get(STORE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Optional.of("no answer came within %d s".formatted(STORE.toSeconds()));
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// What came in, as an event that just came in. One without a time of its own keeps that of its
    /// first receipt.
    private static Event anew(DeadLetter letter) {
        var bytes = letter.cameIn();
        var event = Event.of(bytes, 0, bytes.length, -1, letter.head().received());
        if (event.has("@timestamp")) {
            return event;
        }
        var dated = new LinkedHashMap<String, @Nullable Object>();
        dated.put("@timestamp", letter.head().received().toString());
        var head = new ByteArrayOutputStream(bytes.length + 64);
        Json.write(dated, head);
        var out = new ByteArrayOutputStream(bytes.length + 64);
        out.write(head.toByteArray(), 0, head.size() - 1);
        boolean empty = event.names().isEmpty();
        if (!empty) {
            out.write(',');
        }
        out.write(bytes, 1, bytes.length - 1);
        var written = out.toByteArray();
        return Event.of(written, 0, written.length, -1, letter.head().received());
    }

    /// The event on its way to the sink once more.
    private Event again(DeadLetter letter, boolean own) {
        var event = letter.isChanged()
                ? Event.again(
                        letter.content(),
                        letter.cameIn(),
                        number(letter),
                        letter.head().received(),
                        letter.head().piece())
                : Event.of(
                        letter.content(),
                        0,
                        letter.content().length,
                        number(letter),
                        letter.head().received());
        // Another sink may have got the event along another route: this is not the same document.
        int copy = own ? letter.head().copy() : Math.max(1, letter.head().copy());
        return event.addressed(
                new Address(letter.head().route(), copy, own ? letter.head().index() : Optional.empty()));
    }

    /// Its number in the buffer, so that its document keeps its id. That of a buffer that is no more
    /// would be another event's: such a letter gets one beyond all numbers, the same each time.
    private long number(DeadLetter letter) {
        if (letter.head().buffer().equals(buffer) && letter.head().seq() >= 0) {
            return letter.head().seq();
        }
        try {
            var name = "%s %d %s"
                    .formatted(
                            letter.head().buffer(),
                            letter.head().seq(),
                            letter.head().time());
            var hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return 1L << 62 | ByteBuffer.wrap(hash).getLong() & (1L << 62) - 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
