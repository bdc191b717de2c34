package io.logroute.buffer.jetstream;

import io.logroute.buffer.BufferUnfit;
import io.logroute.remote.NatsLink;
import io.logroute.remote.NatsServers;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PullRequestOptions;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.PurgeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.PublishAck;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.impl.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Pieces of bytes in boxes on one stream, each box a subject of its own:
///
///     <stream>.<box>    a message for each piece; several for one that is longer than the servers take
///
/// What was put in is durable on most of the replicas when [#put] returns, has a number that no other
/// piece gets, and stays until it is taken out: the stream has no limits of its own. Safe for all
/// threads.
public final class JetStreamBoxes implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(JetStreamBoxes.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration OPENING = Duration.ofSeconds(30);
    private static final JetStreamOptions ASKING =
            JetStreamOptions.builder().requestTimeout(Duration.ofSeconds(5)).build();
    /// The servers say at once when there is nothing; where that is lost, so long is waited.
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final String NOTE = "LogRoute-Note";
    /// Which part of a longer piece it is: `<name of the piece> <part> <parts>`, from 0.
    private static final String PART = "LogRoute-Part";
    private static final Pattern PARTS = Pattern.compile("\\S+ \\d{1,9} \\d{1,9}");
    private static final String SIZE = "Nats-Msg-Size";
    private static final int FOR_HEADERS = 8 << 10;
    private static final int HEADS_AT_ONCE = 2_000;
    private static final int PIECES_AT_ONCE = 32;
    private static final int REMOVED_AT_ONCE = 500;
    private static final int NO_STREAM = 10059;

    private final NatsLink link;
    private final String stream;
    private final int partBytes;
    private final StreamConfiguration wanted;
    private volatile Instant made;
    private final AtomicInteger madeAnew = new AtomicInteger();

    /// What is put in.
    ///
    /// @param note a few words that [#heads] gives without the bytes
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Piece(String note, byte[] bytes) {}

    /// What lies in a box.
    ///
    /// @param number that of its first message
    /// @param size of all its bytes
    /// @param messages how many it takes
    /// @param bytes empty where only heads were asked for, and where a part is missing
    /// @param whole whether no part is missing
    /// @param name that its parts have in common; empty where it is one message
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Kept(long number, String note, long size, int messages, byte[] bytes, boolean whole, String name) {}

    private JetStreamBoxes(NatsLink link, StreamConfiguration wanted, StreamInfo info) {
        this.link = link;
        this.wanted = wanted;
        this.stream = Objects.requireNonNull(wanted.getName());
        this.partBytes = (int) Math.max(1024, Math.min(link.maxPayload(), 1 << 20) - FOR_HEADERS);
        this.made = info.getCreateTime().toInstant();
    }

    /// The boxes on this stream, which is made when it is not there. A cluster that has just been
    /// formed refuses for a while, so it is tried for some time.
    ///
    /// @throws IOException when the servers do not answer or refuse it
    public static JetStreamBoxes open(NatsServers servers, String stream, int replicas) throws IOException {
        return open(servers, stream, replicas, () -> false);
    }

    /// As [#open(NatsServers, String, int)].
    ///
    /// @param ends whether whoever waits for it is to end: then it is given up within a moment
    public static JetStreamBoxes open(NatsServers servers, String stream, int replicas, BooleanSupplier ends)
            throws IOException {
        return Patience.of(OPENING, ends).persist(() -> openNow(servers, stream, replicas));
    }

    private static JetStreamBoxes openNow(NatsServers servers, String stream, int replicas) throws IOException {
        var wanted = StreamConfiguration.builder()
                .name(stream)
                .description("The dead letters of a LogRoute router. Only that router writes and deletes them.")
                .subjects(stream + ".>")
                .retentionPolicy(RetentionPolicy.Limits)
                .discardPolicy(DiscardPolicy.New)
                .storageType(StorageType.File)
                .replicas(replicas)
                .build();
        var link = new NatsLink(servers, "logroute " + stream);
        link.get();
        try {
            return new JetStreamBoxes(link, wanted, made(link.get().jetStreamManagement(ASKING), wanted));
        } catch (JetStreamApiException e) {
            link.close();
            throw new IOException("the NATS servers refuse stream %s: %s".formatted(stream, e.getMessage()), e);
        } catch (BufferUnfit e) {
            link.close();
            throw e;
        } catch (IOException e) {
            link.close();
            throw new IOException(
                    "stream %s: no answer from %s: %s; see that a majority of them runs"
                            .formatted(stream, String.join(", ", servers.servers()), e.getMessage()),
                    e);
        }
    }

    /// One that is there stays as it is, but for what could lose letters.
    private static StreamInfo made(JetStreamManagement managing, StreamConfiguration wanted)
            throws IOException, JetStreamApiException {
        StreamInfo there;
        try {
            there = managing.getStreamInfo(Objects.requireNonNull(wanted.getName()));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_STREAM) {
                throw e;
            }
            return managing.addStream(wanted);
        }
        var mending = Lossless.mending(there.getConfiguration(), wanted, "a router's dead letters");
        if (mending.isEmpty()) {
            return there;
        }
        var set = managing.updateStream(mending.get().right());
        LOG.log(
                System.Logger.Level.WARNING,
                "Stream {0} could have lost dead letters by its own limits ({1}); they are set right now",
                wanted.getName(),
                mending.get().wrong());
        return set;
    }

    /// Makes the stream anew where somebody deleted it, with all that lay in it, and takes off what limits somebody
    /// set. One that is there as it should be stays as it is.
    ///
    /// @return whether it was not there
    public boolean renew() throws IOException {
        // To the nanosecond: one may be deleted and made again within a second.
        var now = asked(manage -> made(manage, wanted)).getCreateTime().toInstant();
        boolean another = !now.equals(made);
        made = now;
        if (another) {
            madeAnew.incrementAndGet();
        }
        return another;
    }

    /// How often [#renew] made the stream anew: so often, all that lay in it went.
    public int madeAnew() {
        return madeAnew.get();
    }

    /// Where they lie, for people.
    public String where() {
        return "stream " + stream;
    }

    /// When the stream was made, in seconds since 1970: with that, numbers differ from those of a
    /// stream of the same name that was there before.
    public long made() {
        return made.getEpochSecond();
    }

    /// Names of the boxes that something lies in, sorted.
    public List<String> boxes() throws IOException {
        var names = new TreeSet<String>();
        counts(stream + ".>").keySet().forEach(subject -> names.add(subject.substring(stream.length() + 1)));
        return List.copyOf(names);
    }

    /// How many messages lie in a box.
    public long messages(String box) throws IOException {
        return counts(subject(box)).getOrDefault(subject(box), 0L);
    }

    private Map<String, Long> counts(String subjects) throws IOException {
        var counts = asked(manage -> manage.getStreamInfo(stream, StreamInfoOptions.filterSubjects(subjects)))
                .getStreamState()
                .getSubjectMap();
        return counts == null ? Map.of() : counts;
    }

    /// No piece that is put in from now on has a lower number.
    public long next() throws IOException {
        return asked(manage -> manage.getStreamInfo(stream)).getStreamState().getLastSequence() + 1;
    }

    private String subject(String box) {
        return stream + "." + box;
    }

    /// Puts pieces in, in their order.
    ///
    /// @return what they are kept as, durably
    /// @throws IOException when that is not known of all; some may be there all the same, if they
    ///     cannot be taken out again
    public List<Kept> put(String box, List<Piece> pieces) throws IOException {
        var publishing = link.get().jetStream();
        var sent = new ArrayList<Sent>();
        for (var piece : pieces) {
            sent.add(send(publishing, box, piece));
        }
        long until = System.nanoTime() + PATIENCE.toNanos();
        var kept = new ArrayList<Kept>();
        IOException failed = null;
        var stored = new ArrayList<Long>();
        for (int i = 0; i < pieces.size(); i++) {
            long first = 0;
            var name = sent.get(i).name();
            for (var each : sent.get(i).parts()) {
                try {
                    long number = answer(each, until).getSeqno();
                    first = first == 0 ? number : first;
                    stored.add(number);
                } catch (IOException e) {
                    failed = failed == null ? e : failed;
                }
            }
            var piece = pieces.get(i);
            int messages = sent.get(i).parts().size();
            kept.add(new Kept(first, piece.note(), piece.bytes().length, messages, piece.bytes(), true, name));
        }
        if (failed != null) {
            takeBack(stored);
            throw failed;
        }
        return kept;
    }

    private void takeBack(List<Long> stored) {
        try {
            remove(stored);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "What was stored of a group stays; it comes again", e);
        }
    }

    private record Sent(String name, List<CompletableFuture<PublishAck>> parts) {}

    private Sent send(JetStream publishing, String box, Piece piece) {
        int parts = Math.max(1, (piece.bytes().length + partBytes - 1) / partBytes);
        var name = parts > 1 ? UUID.randomUUID().toString() : "";
        var sent = new ArrayList<CompletableFuture<PublishAck>>();
        for (int i = 0; i < parts; i++) {
            var headers = new Headers();
            if (i == 0) {
                headers.put(NOTE, URLEncoder.encode(piece.note(), StandardCharsets.UTF_8));
            }
            if (parts > 1) {
                headers.put(PART, "%s %d %d".formatted(name, i, parts));
            }
            var bytes = parts == 1
                    ? piece.bytes()
                    : Arrays.copyOfRange(
                            piece.bytes(), i * partBytes, Math.min(piece.bytes().length, (i + 1) * partBytes));
            try {
                sent.add(publishing.publishAsync(subject(box), headers, bytes));
            } catch (IllegalStateException | IllegalArgumentException e) {
                sent.add(CompletableFuture.failedFuture(e)); // it is closed, or the connection is full of what waits
            }
        }
        return new Sent(name, sent);
    }

    private static <T> T answer(CompletableFuture<T> asked, long until) throws IOException {
        try {
            return asked.get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it is ended", e);
        } catch (TimeoutException e) {
            throw new IOException("NATS did not answer within %d s".formatted(PATIENCE.toSeconds()), e);
        } catch (ExecutionException e) {
            throw new IOException(said(e), e);
        }
    }

    private static String said(Throwable e) {
        var cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /// What lies in a box from this number on, without its bytes, until `each` says false.
    public void heads(String box, long from, Predicate<Kept> each) throws IOException {
        walk(box, from, true, HEADS_AT_ONCE, each);
    }

    /// What lies in a box from this number on, until `each` says false.
    public void pieces(String box, long from, Predicate<Kept> each) throws IOException {
        walk(box, from, false, PIECES_AT_ONCE, each);
    }

    private void walk(String box, long from, boolean headsOnly, int atOnce, Predicate<Kept> each) throws IOException {
        var gathering = new Gathering(each);
        boolean ended = walk(box, from, headsOnly, atOnce, gathering);
        if (ended) {
            gathering.end();
        }
    }

    /// Takes a message, and says whether to go on.
    private interface Taking {
        boolean take(Message message, boolean headsOnly);
    }

    /// @return whether it came to the end
    private boolean walk(String box, long from, boolean headsOnly, int atOnce, Taking taking) throws IOException {
        if (messages(box) == 0) {
            return true;
        }
        var reader = asked(_ -> reader(box, Math.max(1, from), headsOnly));
        try {
            long read = 0;
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (true) {
                reader.pull(PullRequestOptions.noWait(atOnce).build());
                int pulled = 0;
                for (var message = next(reader); message != null; message = next(reader)) {
                    if (message.metaData().consumerSequence() != ++read) {
                        throw new IOException("NATS passed over messages of " + where() + "; try again");
                    }
                    if (!taking.take(message, headsOnly)) {
                        return false;
                    }
                    if (message.metaData().pendingCount() == 0) {
                        return true;
                    }
                    if (++pulled == atOnce) {
                        break;
                    }
                }
                if (pulled > 0) {
                    until = System.nanoTime() + PATIENCE.toNanos();
                } else if (asked(_ -> reader.getConsumerInfo()).getNumPending() == 0) {
                    return true; // those that were left were taken out meanwhile
                } else if (System.nanoTime() > until) {
                    throw new IOException("NATS did not answer within %d s".formatted(PATIENCE.toSeconds()));
                }
            }
        } catch (IllegalStateException e) {
            throw new IOException("NATS says: " + e.getMessage(), e);
        } finally {
            end(reader);
        }
    }

    private JetStreamSubscription reader(String box, long from, boolean headsOnly)
            throws IOException, JetStreamApiException {
        var consumer = ConsumerConfiguration.builder()
                .deliverPolicy(DeliverPolicy.ByStartSequence)
                .startSequence(from)
                .ackPolicy(AckPolicy.None)
                .headersOnly(headsOnly)
                .memStorage(true)
                .numReplicas(1)
                .inactiveThreshold(PATIENCE.multipliedBy(3))
                .build();
        return link.get()
                .jetStream()
                .subscribe(
                        subject(box),
                        PullSubscribeOptions.builder().stream(stream)
                                .configuration(consumer)
                                .build());
    }

    /// The next message; `null` when there is none now.
    private static @Nullable Message next(JetStreamSubscription reader) throws IOException {
        try {
            return reader.nextMessage(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it is ended", e);
        }
    }

    private void end(JetStreamSubscription reader) {
        try {
            var name = reader.getConsumerName();
            reader.unsubscribe();
            link.get().publish("$JS.API.CONSUMER.DELETE.%s.%s".formatted(stream, name), new byte[0]);
        } catch (IOException | IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "A reader of " + stream + " ends by itself", e);
        }
    }

    /// Puts the parts of pieces together again. They come in order, though those of two writers may lie
    /// between each other.
    private static final class Gathering implements Taking {
        private final Predicate<Kept> each;
        private final Map<String, Open> open = new HashMap<>();

        private static final class Open {
            final long number;
            final String note;
            final String name;
            final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            long size;
            int messages;

            Open(long number, String note, String name) {
                this.number = number;
                this.note = note;
                this.name = name;
            }
        }

        Gathering(Predicate<Kept> each) {
            this.each = each;
        }

        @Override
        public boolean take(Message message, boolean headsOnly) {
            var headers = message.getHeaders();
            var part = headers == null ? null : headers.getFirst(PART);
            long number = message.metaData().streamSequence();
            var note = headers == null ? null : headers.getFirst(NOTE);
            var text = note == null ? "" : decoded(note);
            long size = size(message, headsOnly);
            if (part == null) {
                return each.test(new Kept(number, text, size, 1, bytes(message, headsOnly), true, ""));
            }
            if (!PARTS.matcher(part).matches()) { // none of ours
                return each.test(new Kept(number, text, size, 1, new byte[0], false, ""));
            }
            var said = part.split(" ");
            int i = Integer.parseInt(said[1]);
            int parts = Integer.parseInt(said[2]);
            var piece = open.get(said[0]);
            if (i == 0) {
                piece = new Open(number, text, said[0]);
                open.put(said[0], piece);
            }
            if (piece == null || piece.messages != i) {
                return true; // of one that began before what is read, or that misses a part and is told at the end
            }
            piece.messages++;
            piece.size += size;
            piece.bytes.writeBytes(bytes(message, headsOnly));
            if (piece.messages < parts) {
                return true;
            }
            open.remove(said[0]);
            return each.test(
                    new Kept(piece.number, piece.note, piece.size, parts, piece.bytes.toByteArray(), true, piece.name));
        }

        /// What cannot be read is no note.
        private static String decoded(String note) {
            try {
                return URLDecoder.decode(note, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return "";
            }
        }

        /// What is left is not whole.
        void end() {
            for (var piece : open.values()) {
                if (!each.test(new Kept(
                        piece.number, piece.note, piece.size, piece.messages, new byte[0], false, piece.name))) {
                    return;
                }
            }
        }

        private static byte[] bytes(Message message, boolean headsOnly) {
            return headsOnly || message.getData() == null ? new byte[0] : message.getData();
        }

        private static long size(Message message, boolean headsOnly) {
            if (!headsOnly) {
                return message.getData() == null ? 0 : message.getData().length;
            }
            var headers = message.getHeaders();
            var told = headers == null ? null : headers.getFirst(SIZE);
            return told == null ? 0 : Long.parseLong(told);
        }
    }

    /// Takes whole pieces out.
    ///
    /// @param pieces as they were read
    /// @return of those, in their order, whether each was still there
    public List<Boolean> take(String box, Collection<Kept> pieces) throws IOException {
        var numbers = new ArrayList<Long>();
        for (var piece : pieces) {
            numbers.add(piece.number());
        }
        var there = remove(numbers);
        for (var piece : pieces) {
            if (!piece.name().isEmpty()) {
                remove(others(box, piece));
            }
        }
        return there;
    }

    /// The numbers of the later parts. What is left of them when this fails is part of nothing, and is
    /// read by nobody.
    private List<Long> others(String box, Kept piece) throws IOException {
        var found = new ArrayList<Long>();
        walk(box, piece.number() + 1, true, PIECES_AT_ONCE, (message, _) -> {
            var part =
                    message.getHeaders() == null ? null : message.getHeaders().getFirst(PART);
            if (part != null && part.startsWith(piece.name() + " ")) {
                found.add(message.metaData().streamSequence());
            }
            return found.size() < piece.messages() - 1;
        });
        return found;
    }

    /// Takes messages out, durably.
    private List<Boolean> remove(List<Long> numbers) throws IOException {
        var to = link.get();
        var removed = new ArrayList<Boolean>();
        for (int from = 0; from < numbers.size(); from += REMOVED_AT_ONCE) {
            var some = numbers.subList(from, Math.min(numbers.size(), from + REMOVED_AT_ONCE));
            var asked = new ArrayList<CompletableFuture<Message>>();
            for (long number : some) {
                asked.add(to.requestWithTimeout(
                        "$JS.API.STREAM.MSG.DELETE." + stream,
                        "{\"seq\":%d,\"no_erase\":true}".formatted(number).getBytes(StandardCharsets.US_ASCII),
                        PATIENCE));
            }
            long until = System.nanoTime() + PATIENCE.toNanos();
            for (var each : asked) {
                removed.add(wasThere(new String(answer(each, until).getData(), StandardCharsets.UTF_8)));
            }
        }
        return removed;
    }

    private static boolean wasThere(String answer) throws IOException {
        if (answer.contains("\"success\":true") || answer.contains("\"success\": true")) {
            return true;
        }
        // What is not there is told as such, in words that differ between versions.
        if (answer.matches("(?s).*\"err_code\":\\s*(10043|10057|10037)\\D.*") || answer.contains("not found")) {
            return false;
        }
        throw new IOException("NATS does not delete a message: " + answer);
    }

    /// Takes out all of a box with lower numbers than this.
    public void takeBelow(String box, long number) throws IOException {
        if (number <= 1) {
            return; // there are none, and servers would take that for all
        }
        asked(manage -> manage.purgeStream(
                stream,
                PurgeOptions.builder().subject(subject(box)).sequence(number).build()));
    }

    private interface Question<T> {
        T ask(JetStreamManagement manage) throws IOException, JetStreamApiException;
    }

    private <T> T asked(Question<T> question) throws IOException {
        try {
            return question.ask(link.get().jetStreamManagement(ASKING));
        } catch (JetStreamApiException e) {
            throw new IOException("the NATS servers say: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw new IOException("the connection to NATS is closed", e);
        }
    }

    /// Gives the connection back.
    @Override
    public void close() {
        link.close();
    }
}
