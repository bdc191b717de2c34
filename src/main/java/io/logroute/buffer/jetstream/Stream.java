package io.logroute.buffer.jetstream;

import io.logroute.buffer.BufferTooNew;
import io.logroute.remote.NatsLink;
import io.logroute.remote.NatsServers;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.PurgeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// One stream on the servers, and what is asked of it: each question with a bounded wait, each refusal
/// an `IOException` that says what to do. May be used from any thread.
final class Stream implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final System.Logger LOG = System.getLogger(Stream.class.getName());
    /// Codes of the servers' answers.
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int CONSUMER_NOT_FOUND = 10014;
    private static final int NO_MESSAGE = 10037;
    /// So many messages of others may lie at the end of a log.
    private static final long FOREIGN = 10_000;
    /// More than a router reads ahead, ever. The client takes no word for "without a limit", and the
    /// servers' own is 1000.
    private static final long UNACKNOWLEDGED = 10_000_000;

    /// No message is given to a reader twice on its own: what was on the way when a connection broke is
    /// asked for again.
    private static final Duration ACK_WAIT = Duration.ofDays(365);

    private final NatsServers servers;
    final String name;
    private final int replicas;
    private final NatsLink link;

    Stream(NatsServers servers, String name, int replicas) throws IOException {
        this.servers = servers;
        this.name = name;
        this.replicas = replicas;
        this.link = new NatsLink(servers, "logroute " + name);
        link.get();
    }

    String records() {
        return name + ".records";
    }

    String marks() {
        return name + ".marks";
    }

    /// Where an opening, a closing and the like stand.
    String claims() {
        return name + ".claims";
    }

    long maxPayload() {
        return link.maxPayload();
    }

    Connection connection() throws IOException {
        return link.get();
    }

    @Override
    public void close() {
        link.close();
    }

    private JetStreamManagement manage() throws IOException {
        return connection()
                .jetStreamManagement(
                        JetStreamOptions.builder().requestTimeout(PATIENCE).build());
    }

    private interface Asking<T> {
        T ask(JetStreamManagement manage) throws IOException, JetStreamApiException;
    }

    private <T> T ask(String what, Asking<T> asking) throws IOException {
        try {
            return asking.ask(manage());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
                throw new StreamGone(name);
            }
            throw new IOException("stream %s: the servers refuse %s: %s".formatted(name, what, e.getMessage()), e);
        } catch (IOException e) {
            throw new IOException(
                    "stream %s: no answer from %s, asked %s: %s; see that a majority of them runs"
                            .formatted(name, String.join(", ", servers.servers()), what, e.getMessage()),
                    e);
        } catch (IllegalStateException e) {
            throw new IOException(
                    "stream %s: no connection to %s: %s"
                            .formatted(name, String.join(", ", servers.servers()), e.getMessage()),
                    e);
        }
    }

    StreamInfo info() throws IOException {
        return ask("to tell of it", manage -> manage.getStreamInfo(name));
    }

    private StreamConfiguration wanted() {
        return StreamConfiguration.builder()
                .name(name)
                .subjects(records(), marks(), claims())
                .description("The buffer of a LogRoute router. Only that router writes, reads and purges it.")
                .storageType(StorageType.File)
                .replicas(replicas)
                .retentionPolicy(RetentionPolicy.Limits)
                .discardPolicy(DiscardPolicy.New)
                .duplicateWindow(Duration.ofSeconds(1)) // not used, and costs memory
                .build();
    }

    /// Makes it; true when it was not there.
    boolean create() throws IOException {
        try {
            check(info());
            return false;
        } catch (StreamGone e) {
            ask("to make it with %d replicas".formatted(replicas), manage -> manage.addStream(wanted()));
            return true;
        }
    }

    /// Nothing that a sink has not settled may go by a limit of the stream's own. What can be set right
    /// is, and told.
    void check(StreamInfo info) throws IOException {
        Optional<Lossless> mending = Lossless.mending(info.getConfiguration(), wanted(), "a buffer");
        if (mending.isEmpty()) {
            return;
        }
        String wrong = mending.get().wrong();
        ask(
                "to take off limits that could lose events (%s; wanted: none, discard new, %d replicas)"
                        .formatted(wrong, replicas),
                manage -> manage.updateStream(mending.get().right()));
        LOG.log(
                System.Logger.Level.WARNING,
                "Stream {0} could have lost events by its own limits ({1}); they are set right now",
                name,
                wrong);
    }

    void delete() throws IOException {
        try {
            ask("to delete it", manage -> manage.deleteStream(name));
        } catch (StreamGone e) {
            LOG.log(System.Logger.Level.DEBUG, "Stream {0} is gone already", name);
        }
    }

    /// The message of this number; empty when it is not there.
    Optional<MessageInfo> get(long sequence) throws IOException {
        return maybe("for message " + sequence, manage -> manage.getMessage(name, sequence));
    }

    /// The last message; empty when there is none.
    Optional<MessageInfo> last() throws IOException {
        return maybe("for the last message", manage -> manage.getLastMessage(name, name + ".>"));
    }

    /// The last message that a LogRoute wrote. What others left behind it is passed over, and so is what they
    /// deleted; empty when there is none among the last few thousand.
    Optional<MessageInfo> lastOfOurs(StreamState state) throws IOException {
        Optional<MessageInfo> last = last();
        return last.filter(Stream::isOurs).isPresent() ? last : lastOfOurs(state, Stream::isOurs);
    }

    private Optional<MessageInfo> lastOfOurs(StreamState state, Predicate<MessageInfo> which) throws IOException {
        long first = Math.max(1, Math.max(state.getFirstSequence(), state.getLastSequence() - FOREIGN));
        for (long at = state.getLastSequence(); at >= first; at--) {
            Optional<MessageInfo> message = get(at);
            if (message.filter(which).isPresent()) {
                return message;
            }
        }
        return Optional.empty();
    }

    private static boolean isOurs(MessageInfo message) {
        return Label.version(message.getHeaders()) > 0;
    }

    /// The last record. The servers may say that there is none, where somebody deleted the last one, and give one
    /// that somebody else wrote.
    Optional<MessageInfo> lastRecord() throws IOException {
        Optional<MessageInfo> last = maybe("for the last record", manage -> manage.getLastMessage(name, records()));
        if (last.filter(Stream::isOurs).isPresent()) {
            return last;
        }
        StreamState state = ask(
                        "for the number of records",
                        manage -> manage.getStreamInfo(name, StreamInfoOptions.filterSubjects(records())))
                .getStreamState();
        var counts = state.getSubjectMap();
        if (counts == null || counts.getOrDefault(records(), 0L) == 0) {
            return Optional.empty();
        }
        return Optional.of(lastOfOurs(state, Stream::isRecord)
                .orElseThrow(() -> new IOException(
                        "stream %s: of its last %d messages none is a record of LogRoute, and there are such; delete what somebody else wrote into it, and nothing else"
                                .formatted(name, FOREIGN))));
    }

    private static boolean isRecord(MessageInfo message) {
        return Label.of(message.getHeaders()).filter(label -> !label.isMark()).isPresent();
    }

    /// The first message of ours at or after this number.
    Optional<MessageInfo> next(long sequence) throws IOException {
        return next(sequence, name + ".>");
    }

    private Optional<MessageInfo> next(long sequence, String subject) throws IOException {
        for (long from = Math.max(1, sequence); ; ) {
            long at = from;
            Optional<MessageInfo> found = maybe(
                    "for the message from %d on".formatted(at), manage -> manage.getNextMessage(name, at, subject));
            if (found.isEmpty() || isOurs(found.get())) {
                return found;
            }
            from = found.get().getSeq() + 1;
        }
    }

    /// Whether the servers have this later message and not that one. What they have is asked first: who
    /// does not know of the later one may not know of the other yet, either.
    boolean isGone(long sequence, long later) throws IOException {
        return info().getStreamState().getLastSequence() >= later
                && get(sequence).isEmpty();
    }

    /// The first mark between stretches at or after this number.
    Optional<MessageInfo> nextMark(long sequence) throws IOException {
        return next(sequence, marks());
    }

    private Optional<MessageInfo> maybe(String what, Asking<MessageInfo> asking) throws IOException {
        return ask(what, manage -> {
            try {
                return Optional.of(asking.ask(manage));
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == NO_MESSAGE) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /// What a message says of itself.
    ///
    /// @throws io.logroute.buffer.BufferTooNew when a newer LogRoute wrote it
    Label label(MessageInfo message) throws IOException {
        int version = Label.version(message.getHeaders());
        if (version > Label.VERSION) {
            throw new BufferTooNew(
                    "Stream %s was written in format %d by a newer LogRoute; this one reads up to %d. Run the newer LogRoute, or name another stream."
                            .formatted(name, version, Label.VERSION));
        }
        return Label.of(message.getHeaders())
                .orElseThrow(() -> new IOException(
                        "stream %s holds messages that no LogRoute wrote (number %d); give this router's buffer another name"
                                .formatted(name, message.getSeq())));
    }

    /// Deletes all before this message.
    void purge(long sequence) throws IOException {
        ask(
                "to purge up to " + sequence,
                manage -> manage.purgeStream(
                        name, PurgeOptions.builder().sequence(sequence).build()));
    }

    /// All of them, each told by its own leader. A list of the servers' own leaves those out whose leader
    /// does not answer, as after the loss of a node, and says so to nobody who asks through the client.
    List<ConsumerInfo> consumers() throws IOException {
        List<ConsumerInfo> all = new ArrayList<>();
        for (String consumer : consumerNames()) {
            all.add(ask("of consumer " + consumer, manage -> manage.getConsumerInfo(name, consumer)));
        }
        return all;
    }

    List<String> consumerNames() throws IOException {
        return ask("to list its consumers", manage -> manage.getConsumerNames(name));
    }

    /// A durable consumer that begins at this message.
    void consumer(String consumer, String description, long from) throws IOException {
        ask(
                "to make consumer " + consumer,
                manage -> manage.createConsumer(
                        name,
                        ConsumerConfiguration.builder()
                                .durable(consumer)
                                .description(description)
                                .deliverPolicy(DeliverPolicy.ByStartSequence)
                                .startSequence(Math.max(1, from))
                                .ackPolicy(AckPolicy.All)
                                .ackWait(ACK_WAIT)
                                .maxAckPending(UNACKNOWLEDGED)
                                .build()));
    }

    void deleteConsumer(String consumer) throws IOException {
        ask("to delete consumer " + consumer, manage -> {
            try {
                return manage.deleteConsumer(name, consumer);
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == CONSUMER_NOT_FOUND) {
                    return false;
                }
                throw e;
            }
        });
    }

    /// Bytes that the account has left; the largest number where it has no limit.
    long free() throws IOException {
        return ask("how much room there is", manage -> {
            var account = manage.getAccountStatistics();
            long most = account.getLimits().getMaxStorage();
            return most <= 0 ? Long.MAX_VALUE : Math.max(0, most - account.getStorage());
        });
    }

    /// Stores an empty message after whatever is there.
    void store(String subject, Headers headers) throws IOException {
        ask("to take a message", manage -> manage.jetStream().publish(subject, headers, new byte[0]));
    }

    /// @throws IOException when it is not confirmed in time
    void acknowledge(String subject) throws IOException {
        try {
            Message answer = connection()
                    .request(subject, "+ACK".getBytes(java.nio.charset.StandardCharsets.US_ASCII), PATIENCE);
            if (answer == null || answer.isStatusMessage()) {
                throw new IOException("stream %s: a sink's place was not taken: %s"
                        .formatted(name, answer == null ? "no answer" : answer.getStatus()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a sink's place was saved", e);
        } catch (IllegalStateException e) {
            throw new IOException("stream %s: no connection: %s".formatted(name, e.getMessage()), e);
        }
    }
}
