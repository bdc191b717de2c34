package io.logroute.parts.nats;

import io.logroute.flow.Batch;
import io.logroute.flow.Bytes;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.NotAllowed;
import io.logroute.flow.Sink;
import io.logroute.parts.elastic.DocumentId;
import io.logroute.parts.text.Template;
import io.logroute.remote.NatsLink;
import io.logroute.remote.NatsServers;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.SinkSpec;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.PublishOptions;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Sends each event as a message. To JetStream: all messages of a batch are published, then each is
/// waited for; an event is delivered when the stream has said that it stored it, or that it had it
/// before under its `Nats-Msg-Id`. To core NATS: the batch is delivered when the server answers a ping
/// that was sent after it.
///
/// | what the servers say | |
/// |---|---|
/// | too large for the server, or for the stream; no subject can be made | dead letter |
/// | no stream takes the subject; the stream is full; no leader; no answer | again later |
/// | we are not let in, or may not publish there | again later, and told apart |
///
/// Takes as many threads as it is given, each with a batch of its own.
public final class NatsSink implements Sink {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final String LOST = "the connection was lost before the confirmation";
    private static final Duration LATER = Duration.ofSeconds(1);
    /// What the servers count besides subject, headers and payload.
    private static final int AROUND = 32;

    private static final int TOO_LARGE_FOR_STREAM = 10_054;
    private static final int LONGEST_ID = 250;

    private final String name;
    private final SinkSpec.Nats spec;
    private final String bufferId;
    private final NatsServers servers;
    private final NatsLink link;
    private final SafeSubject subjects;
    private final Optional<Template> text;
    /// Connections that were lost, and the confirmations with them.
    private final AtomicLong losses = new AtomicLong();

    private volatile @Nullable Publisher publisher;

    private record Publisher(Connection connection, JetStream stream) {}

    /// What the servers say of our rights from a moment on. They say it beside their answers: who may not
    /// publish gets none.
    private record Rights(Connection connection, long before) {
        static Rights from(Connection connection) {
            return new Rights(connection, connection.getStatistics().getErrs());
        }

        /// The last that they forbade meanwhile, in their words.
        Optional<String> denied() {
            var said = connection.getStatistics().getErrs() == before ? null : connection.getLastError();
            return Optional.ofNullable(said)
                    .filter(words -> words.toLowerCase(Locale.ROOT).startsWith("permissions violation"));
        }

        /// Whether they forbade this one, or to hear answers at all.
        boolean denied(String subject) {
            return denied().filter(said -> said.contains("\"" + subject + "\"") || said.contains("Subscription"))
                    .isPresent();
        }
    }

    /// What was published, and what comes of it.
    private record Sent(String subject, CompletableFuture<PublishAck> answer) {}

    /// What is sent of an event.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Letter(String subject, @Nullable Headers headers, byte[] body) {
        long size() {
            return body.length + (headers == null ? 0L : headers.serializedLength());
        }
    }

    /// @param router, name who connects, for people who look at the servers
    /// @param bufferId names the buffer whose numbers the events carry
    public NatsSink(String router, String name, SinkSpec.Nats spec, String bufferId) {
        this.name = name;
        this.spec = spec;
        this.bufferId = bufferId;
        this.servers = NatsServers.of(spec.servers(), spec.auth(), spec.tls());
        this.link = new NatsLink(servers, "logroute %s sink %s".formatted(router, name), (_, event) -> {
            if (event == ConnectionListener.Events.DISCONNECTED) {
                losses.incrementAndGet();
            }
        });
        this.subjects = new SafeSubject(spec.subject());
        this.text = spec.text().map(Template::new);
    }

    /// Reads secrets and certificates, so that what is missing is told at the start; asks nobody.
    public void open() throws IOException {
        try {
            servers.check();
        } catch (IOException e) {
            throw new IOException("sink %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    @Override
    public void prepare() throws IOException {
        connected();
    }

    private Connection connected() throws IOException {
        var connection = link.get();
        if (connection.getStatus() != Connection.Status.CONNECTED) {
            throw new IOException("the connection to the NATS servers is lost; it is tried again: "
                    + Durable.orNothing(connection.getLastError()));
        }
        return connection;
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        var connection = connected();
        return switch (spec.publish()) {
            case JETSTREAM -> toStream(connection, batch);
            case CORE -> toListeners(connection, batch);
        };
    }

    // ---- JetStream

    private List<Delivery> toStream(Connection connection, Batch batch) throws IOException, InterruptedException {
        var stream = publisher(connection).stream();
        long lost = losses.get();
        var rights = Rights.from(connection);
        var ids = DocumentId.of(spec.ids(), bufferId);
        var deliveries = new ArrayList<Delivery>(batch.size());
        var answers = new ArrayList<@Nullable Sent>(batch.size());
        for (var event : batch.events()) {
            switch (letter(connection, event, ids)) {
                case Made.Ready(var letter) -> {
                    deliveries.add(Delivery.delivered());
                    answers.add(new Sent(letter.subject(), published(stream, letter)));
                }
                case Made.Never(var why) -> {
                    deliveries.add(new Delivery.Rejected(why));
                    answers.add(null);
                }
            }
        }
        long until = System.nanoTime() + PATIENCE.toNanos();
        for (int i = 0; i < answers.size(); i++) {
            var answer = answers.get(i);
            if (answer != null) {
                deliveries.set(i, await(answer, until, lost, rights));
            }
        }
        return deliveries;
    }

    private Publisher publisher(Connection connection) throws IOException {
        var known = publisher;
        if (known == null || known.connection() != connection) {
            known = new Publisher(connection, connection.jetStream());
            publisher = known;
        }
        return known;
    }

    private static CompletableFuture<PublishAck> published(JetStream stream, Letter letter) {
        try {
            return stream.publishAsync(letter.subject(), letter.headers(), letter.body(), NOTHING_EXPECTED);
        } catch (IllegalStateException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new IOException(e.getMessage(), e));
        }
    }

    private static final PublishOptions NOTHING_EXPECTED =
            PublishOptions.builder().build();

    /// @param lost connections that had been lost when it was published
    private Delivery await(Sent sent, long until, long lost, Rights rights) throws InterruptedException {
        var answer = sent.answer();
        while (true) {
            try {
                answer.get(GLANCE.toNanos(), TimeUnit.NANOSECONDS);
                return Delivery.delivered(); // or a repeat of what it had
            } catch (TimeoutException e) {
                boolean waits = losses.get() == lost && link.isUp();
                if (waits && !rights.denied(sent.subject()) && System.nanoTime() < until) {
                    continue;
                }
                answer.cancel(true);
                var denied = rights.denied();
                if (waits && denied.isPresent()) {
                    return new Delivery.Retry(
                            "no confirmation for subject %s, and the NATS servers say: %s; give the user of auth the right to it"
                                    .formatted(sent.subject(), denied.get()),
                            LATER,
                            Delivery.Retry.Cause.NOT_ALLOWED);
                }
                return new Delivery.Retry(
                        waits ? "no confirmation within %d s".formatted(PATIENCE.toSeconds()) : LOST, LATER);
            } catch (CancellationException e) {
                return new Delivery.Retry(LOST, LATER);
            } catch (ExecutionException e) {
                return verdict(e.getCause() == null ? e : e.getCause());
            }
        }
    }

    private Delivery verdict(Throwable failure) {
        for (var at = failure; at != null; at = at.getCause()) {
            if (at instanceof JetStreamApiException refused) {
                return refused.getApiErrorCode() == TOO_LARGE_FOR_STREAM
                        ? new Delivery.Rejected("the stream refuses it: " + refused.getMessage())
                        : new Delivery.Retry("the stream refuses it: " + refused.getMessage(), LATER);
            }
        }
        var said = String.valueOf(failure.getMessage());
        return new Delivery.Retry(
                said.contains("No Responders") || said.contains("503")
                        ? "no stream takes subject %s; make one, as by: nats stream add NAME --subjects '...', or write publish: core"
                                .formatted(spec.subject())
                        : "not confirmed: " + said,
                LATER);
    }

    // ---- core

    private List<Delivery> toListeners(Connection connection, Batch batch) throws IOException, InterruptedException {
        var ids = DocumentId.of(new DocumentIds.None(), bufferId);
        var rights = Rights.from(connection);
        var deliveries = new ArrayList<Delivery>(batch.size());
        try {
            for (var event : batch.events()) {
                switch (letter(connection, event, ids)) {
                    case Made.Ready(var letter) -> {
                        connection.publish(letter.subject(), letter.headers(), letter.body());
                        deliveries.add(Delivery.delivered());
                    }
                    case Made.Never(var why) -> deliveries.add(new Delivery.Rejected(why));
                }
            }
            connection.flush(PATIENCE);
        } catch (TimeoutException | IllegalStateException | IllegalArgumentException e) {
            throw new IOException("the NATS server has not confirmed the batch: " + e.getMessage(), e);
        }
        // What it says of rights comes before its answer to the ping; which of the messages it means is not known of
        // all.
        var denied = rights.denied();
        if (denied.isPresent()) {
            throw new NotAllowed("the NATS servers say: %s; give the user of auth the right to publish there"
                    .formatted(denied.get()));
        }
        return deliveries;
    }

    // ---- what is sent

    private sealed interface Made {
        record Ready(Letter letter) implements Made {}

        record Never(String why) implements Made {}
    }

    private Made letter(Connection connection, Event event, DocumentId ids) {
        switch (subjects.of(event)) {
            case SafeSubject.Answer.Nowhere(var why) -> {
                return new Made.Never(why);
            }
            case SafeSubject.Answer.To(var subject) -> {
                byte[] body;
                if (text.isPresent()) {
                    var rendered = text.get().render(event);
                    if (rendered == null) {
                        return new Made.Never("the event has no field %s, which its text needs"
                                .formatted(text.get().missing(event)));
                    }
                    body = rendered.getBytes(StandardCharsets.UTF_8);
                } else {
                    var out = new Bytes(event.size() + 64);
                    event.writeTo(out);
                    body = out.toByteArray();
                }
                Headers headers = null;
                if (ids.isOurs()) {
                    headers = new Headers();
                    headers.add("Nats-Msg-Id", id(event, ids));
                }
                var letter = new Letter(subject, headers, body);
                long most = connection.getMaxPayload();
                return most > 0 && letter.size() + AROUND > most
                        ? new Made.Never("it has %,d bytes; the NATS servers take messages of %,d (max_payload)"
                                .formatted(letter.size(), most))
                        : new Made.Ready(letter);
            }
        }
    }

    /// As a header can hold it: ASCII, and not too long. A stream keeps one message of each id, whatever its
    /// subject, so where the event's number makes it the sink's name stands behind: two sinks may write to one
    /// stream.
    private String id(Event event, DocumentId ids) {
        var out = new Bytes(64);
        ids.write(event, out);
        if (spec.ids() instanceof DocumentIds.Sequence) {
            out.writeBytes(("/" + name).getBytes(StandardCharsets.UTF_8));
        }
        boolean fits = out.size() <= LONGEST_ID;
        for (int i = 0; fits && i < out.size(); i++) {
            fits = out.array()[i] > ' ' && out.array()[i] < 0x7f;
        }
        return fits ? new String(out.array(), 0, out.size(), StandardCharsets.US_ASCII) : hash(out.toByteArray());
    }

    private static String hash(byte[] bytes) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
