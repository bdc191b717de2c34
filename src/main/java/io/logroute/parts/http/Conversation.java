package io.logroute.parts.http;

import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Json;
import io.logroute.flow.Receipt;
import io.logroute.parts.listen.Room;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One client's connection, from its first request to its last. Runs on a thread of its own.
final class Conversation implements Runnable, AutoCloseable {
    /// What all conversations of a source share.
    ///
    /// @param elasticsearch whether what Elasticsearch takes is taken as well
    /// @param maxBody bytes of a body, before and after gunzip
    /// @param patience how long a request waits for the buffer, and an answer for its client to
    ///     read it
    record Setting(
            String path,
            boolean elasticsearch,
            long maxBody,
            Duration patience,
            Inlet inlet,
            Room room,
            InstantSource clock,
            Tally tally) {}

    /// What is counted.
    interface Tally {
        void refused(String reason, int events);

        void closed(String reason);
    }

    private static final System.Logger LOG = System.getLogger(Conversation.class.getName());
    private static final int MAX_EVENTS = 200_000;
    private static final int EVENT_OVERHEAD = 96;
    private static final int BATCH_EVENTS = 2_000;
    private static final long BATCH_BYTES = 1 << 20;
    private static final Duration IDLE = Duration.ofSeconds(75);
    private static final Duration HEAD = Duration.ofSeconds(10);
    private static final Duration BODY = Duration.ofSeconds(20);
    private static final Duration ROOM = Duration.ofSeconds(2);
    private static final Duration LEFTOVERS = Duration.ofSeconds(5);
    private static final long MAX_LEFTOVERS = 64 << 20;

    private final Socket socket;
    private final Setting setting;
    private volatile boolean busy;
    private volatile boolean closing;
    private volatile boolean deaf;
    /// [System#nanoTime] when the write under way began; 0 when none is.
    private volatile long writingSince;

    Conversation(Socket socket, Setting setting) {
        this.socket = socket;
        this.setting = setting;
    }

    /// Whether a request is under way.
    boolean busy() {
        return busy;
    }

    /// The request under way is the last; a connection that waits for one ends now.
    void finish() {
        closing = true;
        if (!busy) {
            close();
        }
    }

    /// Closes the connection when its client has not read for too long.
    void checkReads() {
        long since = writingSince;
        if (since != 0 && !deaf && System.nanoTime() - since >= setting.patience.toNanos()) {
            deaf = true;
            setting.tally.closed("deaf");
            close();
        }
    }

    @Override
    public void close() {
        try {
            if (writingSince != 0) {
                // TLS would wait for that write, to say good-bye after it.
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            // it is closed as far as we are concerned
        }
    }

    @Override
    public void run() {
        try {
            socket.setTcpNoDelay(true);
            converse();
        } catch (SocketTimeoutException e) {
            ended(busy, "timeout");
        } catch (SSLException e) {
            ended(true, "tls");
        } catch (IOException e) {
            ended(busy, "broken");
        } catch (InterruptedException e) {
            ended(true, "stopped");
        } catch (RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    "a connection with " + socket.getRemoteSocketAddress() + " failed; please report this",
                    e);
            ended(true, "failed");
        } finally {
            busy = false;
            leave();
        }
    }

    private void ended(boolean counts, String reason) {
        if (counts && !deaf) {
            setting.tally.closed(reason);
        }
    }

    private void converse() throws IOException, InterruptedException {
        var wire = new Wire(socket);
        boolean goesOn = true;
        while (goesOn && !closing) {
            wire.within(IDLE);
            if (!wire.awaits()) {
                return;
            }
            busy = true;
            if (closing) {
                return; // whoever closes may not have seen that it is busy: nothing is taken that is not answered
            }
            goesOn = request(wire);
            busy = false;
        }
    }

    /// With TLS, closing writes as well.
    private void leave() {
        try {
            writing(socket::close);
        } catch (IOException e) {
            // it is closed as far as we are concerned
        }
    }

    /// Something that ends when the client reads, or when [#checkReads] has seen enough of it.
    private interface Writing {
        void run() throws IOException;
    }

    private void writing(Writing writing) throws IOException {
        writingSince = System.nanoTime() | 1;
        try {
            writing.run();
        } finally {
            writingSince = 0;
        }
    }

    private void write(byte[] bytes) throws IOException {
        writing(() -> socket.getOutputStream().write(bytes));
    }

    /// Whether the connection may have another.
    private boolean request(Wire wire) throws IOException, InterruptedException {
        Head head;
        wire.within(HEAD);
        try {
            head = Head.read(wire);
        } catch (Refusal refusal) {
            setting.tally.refused(refusal.reason(), 1);
            send(refusal.reply(), false, false);
            leaveGently(wire);
            return false;
        }
        var body = new BodyStream(wire, head.length());
        Reply reply;
        try {
            reply = answer(head, body, wire);
        } catch (Refusal refusal) {
            setting.tally.refused(refusal.reason(), 1);
            reply = refusal.reply();
        } catch (SocketTimeoutException e) {
            setting.tally.refused("timeout", 1);
            reply = Reply.problem(408, "the body came too slowly, or stopped; nothing of the request was taken");
        }
        if (!body.ended() && !head.expectsContinue() && head.length() > 0 && head.length() <= 64 << 10) {
            readAway(body, wire, head.length());
        }
        boolean goesOn = head.keepAlive() && body.ended() && !closing;
        send(reply, goesOn, head.method().equals("HEAD"));
        if (!goesOn && !body.ended()) {
            leaveGently(wire);
        }
        return goesOn;
    }

    /// The rest of a small body, so that the connection may have another request.
    private static void readAway(BodyStream body, Wire wire, long length) {
        wire.within(LEFTOVERS);
        try {
            body.skip(length);
        } catch (IOException e) {
            // then this is the last request
        }
    }

    private Reply answer(Head head, BodyStream body, Wire wire) throws IOException, Refusal, InterruptedException {
        boolean isOwn = head.path().equals(setting.path);
        if (!setting.elasticsearch || isOwn && head.method().equals("POST") || isOwn && !setting.path.equals("/")) {
            return own(head, body, wire);
        }
        try {
            return ElasticApi.as(asElasticsearch(head, body, wire), head.header("accept"));
        } catch (Refusal refusal) {
            throw new Refusal(
                    refusal.reason(), ElasticApi.as(ElasticApi.error(refusal.reply()), head.header("accept")));
        }
    }

    private Reply asElasticsearch(Head head, BodyStream body, Wire wire)
            throws IOException, Refusal, InterruptedException {
        return switch (ElasticApi.asked(head.method(), head.path(), head.query())) {
            case ElasticApi.Asked.Bulk(var usual) -> taken(head, body, wire, (read, part) -> bulk(read, part, usual));
            case ElasticApi.Asked.Document document ->
                taken(head, body, wire, (read, part) -> document(read, part, document));
            case ElasticApi.Asked.Answered(var reply) -> {
                if (head.length() != 0) {
                    readAway(body, wire, setting.maxBody);
                }
                yield reply;
            }
            case ElasticApi.Asked.Refused(var reply) -> {
                setting.tally.refused("path", 1);
                yield reply;
            }
        };
    }

    private Reply bulk(Body body, Room.Part part, ElasticApi.Usual usual) throws Refusal, InterruptedException {
        long memory = ElasticApi.memory(body.bytes, body.length, usual, MAX_EVENTS);
        hold(part, body.bytes.length + memory);
        List<ElasticApi.Item> items;
        try {
            items = ElasticApi.items(body.bytes, body.length, usual, MAX_EVENTS);
        } catch (ElasticApi.NoBulk e) {
            throw e.isTooMuch() ? tooMuch(String.valueOf(e.getMessage())) : malformed(e.getMessage());
        }
        var taken = items.stream().filter(ElasticApi.Item::isTaken).toList();
        if (taken.size() < items.size()) {
            setting.tally.refused("malformed", items.size() - taken.size());
        }
        store(body, part, taken, memory);
        return ElasticApi.stored(items);
    }

    private Reply document(Body body, Room.Part part, ElasticApi.Asked.Document where)
            throws Refusal, InterruptedException {
        var fault = Json.check(body.bytes, 0, body.length);
        if (fault != null) {
            throw malformed("the document is no JSON object: " + fault.what());
        }
        var item = new ElasticApi.Item(
                where.create() ? "create" : "index",
                where.usual().index(),
                where.id(),
                where.usual().pipeline(),
                Optional.empty(),
                0,
                body.length);
        store(body, part, List.of(item), 0);
        return ElasticApi.stored(item);
    }

    /// @param memory held for the items besides
    private void store(Body body, Room.Part part, List<ElasticApi.Item> items, long memory)
            throws Refusal, InterruptedException {
        if (items.isEmpty()) {
            return;
        }
        // Each event is written anew, for what its action says of it.
        hold(part, body.bytes.length + body.length + (long) items.size() * 2 * EVENT_OVERHEAD + memory);
        var now = setting.clock.instant();
        deliver(
                items.size(),
                inBatches(items.stream()
                        .map(item -> ElasticApi.event(body.bytes, item, now))
                        .toList()));
    }

    private static List<Batch> inBatches(List<Event> all) {
        var batches = new ArrayList<Batch>();
        var events = new ArrayList<Event>();
        long size = 0;
        for (var event : all) {
            events.add(event);
            size += event.size();
            if (events.size() == BATCH_EVENTS || size >= BATCH_BYTES) {
                batches.add(new Batch(events));
                events = new ArrayList<>();
                size = 0;
            }
        }
        if (!events.isEmpty()) {
            batches.add(new Batch(events));
        }
        return batches;
    }

    private Reply own(Head head, BodyStream body, Wire wire) throws IOException, Refusal, InterruptedException {
        if (!head.path().equals(setting.path)) {
            throw new Refusal("path", Reply.problem(404, "events are taken at " + setting.path));
        }
        switch (head.method()) {
            case "GET", "HEAD" -> {
                return Reply.text(
                        200,
                        "Post events here: a JSON object, an array of objects, or one object a line; gzip is welcome.\n"
                                + "200 means that they are on disk.\n");
            }
            case "POST" -> {}
            default ->
                throw new Refusal(
                        "method", Reply.problem(405, "events are posted").with("Allow", "GET, HEAD, POST"));
        }
        return taken(head, body, wire, this::take);
    }

    /// What is done with a body that is there as a whole.
    @FunctionalInterface
    private interface Taking {
        Reply take(Body body, Room.Part part) throws Refusal, InterruptedException;
    }

    private Reply taken(Head head, BodyStream body, Wire wire, Taking taking)
            throws IOException, Refusal, InterruptedException {
        boolean gzip = isGzip(head);
        if (head.length() > setting.maxBody) {
            throw tooLarge("the body has " + head.length() + " bytes");
        }
        if (setting.inlet.full()) {
            throw new Refusal(
                    "full",
                    Reply.problem(429, "the buffer is full; come back in a moment")
                            .with("Retry-After", "1"));
        }
        if (head.expectsContinue() && head.length() != 0) {
            write(Wire.ascii("HTTP/1.1 100 Continue\r\n\r\n"));
        } else if (!head.header("expect").isEmpty() && !head.expectsContinue() && !head.old()) {
            throw new Refusal("malformed", Reply.problem(417, "Expect may be 100-continue, nothing else"));
        }
        wire.withinAtSlowest(BODY);
        try (var part = setting.room.part()) {
            return taking.take(read(body, gzip, part), part);
        }
    }

    private boolean isGzip(Head head) throws Refusal {
        var encoding = head.header("content-encoding").toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "identity" -> false;
            case "gzip", "x-gzip" -> true;
            default ->
                throw new Refusal(
                        "encoding",
                        Reply.problem(415, "Content-Encoding may be gzip or identity")
                                .with("Accept-Encoding", "gzip"));
        };
    }

    private Refusal tooLarge(String what) {
        return tooMuch(
                "%s: sources[].http.maxBody allows %d bytes, before and after gunzip. Post fewer events at a time, or raise maxBody"
                        .formatted(what, setting.maxBody));
    }

    private static Refusal tooMuch(String problem) {
        return new Refusal("too_large", Reply.problem(413, problem));
    }

    private record Body(byte[] bytes, int length) {}

    private Body read(BodyStream body, boolean gzip, Room.Part part) throws IOException, Refusal, InterruptedException {
        try {
            var sent = new Limited(body, setting.maxBody);
            var read = fill(gzip ? new GZIPInputStream(sent, 8 << 10) : sent, part);
            if (gzip) {
                body.skip(Long.MAX_VALUE);
            }
            return read;
        } catch (Limited.Reached e) {
            throw tooLarge("the body is larger than %d bytes".formatted(setting.maxBody));
        } catch (ZipException | EOFException e) {
            throw malformed("the body is no gzip, or not all of it");
        } catch (BodyStream.BrokenBody e) {
            throw malformed(e.getMessage());
        }
    }

    private Refusal malformed(@Nullable String what) {
        return new Refusal("malformed", Reply.problem(400, what + "; nothing of the request was taken"));
    }

    /// Reads to the end, into an array that grows as bytes come: what a client says of its length
    /// is not believed.
    private Body fill(InputStream in, Room.Part part) throws IOException, Refusal, InterruptedException {
        int size = (int) Math.min(8 << 10, setting.maxBody + 1);
        hold(part, size);
        var bytes = new byte[size];
        int at = 0;
        while (true) {
            int read = in.read(bytes, at, bytes.length - at);
            if (read < 0) {
                return new Body(bytes, at);
            }
            at += read;
            if (at > setting.maxBody) {
                throw tooLarge("the body is larger than %d bytes".formatted(setting.maxBody));
            }
            if (at == bytes.length) {
                int larger = (int) Math.min(bytes.length * 2L, setting.maxBody + 1);
                hold(part, larger);
                bytes = Arrays.copyOf(bytes, larger);
            }
        }
    }

    private static void hold(Room.Part part, long bytes) throws Refusal, InterruptedException {
        if (!part.growTo(bytes, ROOM)) {
            throw new Refusal(
                    "busy",
                    Reply.problem(503, "too many bytes of other requests are under way; come back in a moment")
                            .with("Retry-After", "2"));
        }
    }

    private Reply take(Body body, Room.Part part) throws Refusal, InterruptedException {
        var split = Split.of(body.bytes, body.length, MAX_EVENTS);
        if (split.overfull()) {
            throw tooMuch("the body has more than %d events. Post fewer at a time".formatted(MAX_EVENTS));
        }
        var fault = split.fault();
        if (fault != null) {
            throw new Refusal("malformed", told(fault, body.bytes));
        }
        hold(part, body.bytes.length + (long) split.count() * EVENT_OVERHEAD);
        return deliver(split.count(), batches(split, body.bytes));
    }

    /// The position as people count: lines and columns from 1, columns in bytes.
    private static Reply told(Split.Fault fault, byte[] bytes) {
        int line = 1;
        int start = 0;
        for (int i = 0; i < fault.at(); i++) {
            if (bytes[i] == '\n') {
                line++;
                start = i + 1;
            }
        }
        int column = fault.at() - start + 1;
        return Reply.problem(
                400,
                "event %d, line %d, column %d (byte %d): %s; nothing of the request was taken"
                        .formatted(fault.event(), line, column, fault.at(), fault.what()),
                Map.of(
                        "byte", (long) fault.at(),
                        "line", (long) line,
                        "column", (long) column,
                        "event", (long) fault.event()));
    }

    private List<Batch> batches(Split split, byte[] bytes) {
        var now = setting.clock.instant();
        var batches = new ArrayList<Batch>();
        var events = new ArrayList<Event>();
        long size = 0;
        for (int i = 0; i < split.count(); i++) {
            events.add(Event.of(bytes, split.from(i), split.to(i), -1, now));
            size += split.to(i) - split.from(i);
            if (events.size() == BATCH_EVENTS || size >= BATCH_BYTES || i == split.count() - 1) {
                batches.add(new Batch(events));
                events = new ArrayList<>();
                size = 0;
            }
        }
        return batches;
    }

    /// Hands the batches on and waits until all of them are stored. When that takes too long the
    /// client is told to send again, and what was handed on by then may still be stored: at least
    /// once, not exactly once.
    private Reply deliver(int events, List<Batch> batches) throws Refusal, InterruptedException {
        var outcome = new CompletableFuture<String>();
        var receipt = new Receipt() {
            private final AtomicInteger left = new AtomicInteger(batches.size());

            @Override
            public void stored() {
                if (left.decrementAndGet() == 0) {
                    outcome.complete("");
                }
            }

            @Override
            public void refused(String reason) {
                outcome.complete(reason.isEmpty() ? "refused" : reason);
            }
        };
        var handing = Thread.ofVirtual().name("http-inlet").start(() -> {
            try {
                for (var batch : batches) {
                    setting.inlet.accept(batch, receipt);
                }
            } catch (InterruptedException e) {
                receipt.refused("the buffer had no room in time");
            } catch (RuntimeException e) {
                receipt.refused("the buffer failed: " + e);
            }
        });
        try {
            var refused = outcome.get(setting.patience.toMillis(), TimeUnit.MILLISECONDS);
            if (refused.isEmpty()) {
                return Reply.stored(events);
            }
            throw notStored("refused", events, refused);
        } catch (TimeoutException e) {
            throw notStored(
                    "slow",
                    events,
                    "the events were not stored, or not delivered where acknowledge says so, within "
                            + setting.patience.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw notStored("refused", events, String.valueOf(e.getCause()));
        } finally {
            handing.interrupt();
            handing.join();
        }
    }

    private Refusal notStored(String reason, int events, String what) {
        setting.tally.refused(reason, events - 1);
        return new Refusal(
                reason,
                Reply.problem(503, what + "; send them again (some may be stored already)")
                        .with("Retry-After", "2"));
    }

    private void send(Reply reply, boolean goesOn, boolean headOnly) throws IOException {
        var head = new StringBuilder(256)
                .append("HTTP/1.1 ")
                .append(reply.status())
                .append(' ')
                .append(Reply.phrase(reply.status()))
                .append("\r\nDate: ")
                .append(DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        setting.clock.instant().atOffset(ZoneOffset.UTC)))
                .append("\r\nContent-Type: ")
                .append(reply.type())
                .append("\r\nContent-Length: ")
                .append(reply.body().length)
                .append(goesOn ? "\r\n" : "\r\nConnection: close\r\n");
        reply.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        var top = Wire.ascii(head.append("\r\n").toString());
        var all = Arrays.copyOf(top, top.length + (headOnly ? 0 : reply.body().length));
        System.arraycopy(reply.body(), 0, all, top.length, all.length - top.length);
        write(all);
    }

    /// Reads away what the client still sends before the connection closes: closed at once, the
    /// answer would be lost to a client that is busy sending (RFC 9112, section 9.6).
    private void leaveGently(Wire wire) throws IOException {
        writing(socket::shutdownOutput);
        wire.within(LEFTOVERS);
        var away = new byte[16 << 10];
        try {
            for (long left = MAX_LEFTOVERS; left > 0; ) {
                int read = wire.read(away, 0, away.length);
                if (read < 0) {
                    return;
                }
                left -= read;
            }
        } catch (SocketTimeoutException e) {
            // it had its time
        }
    }
}
