package io.logroute.parts.nats;

import io.logroute.spec.SourceSpec;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The durable consumer that instances share: made when it is not there, taken when it is and fits. One
/// that we made follows the spec's `ackWait` and `maxAckPending`; one that somebody else made stays as
/// it is.
final class Durable {
    private static final String OURS = "Made by LogRoute; the instances of a router share it.";
    private static final int NO_STREAM = 10_059;
    private static final int NO_CONSUMER = 10_014;
    private static final JetStreamOptions ASKING =
            JetStreamOptions.builder().requestTimeout(Duration.ofSeconds(5)).build();

    private static final System.Logger LOG = System.getLogger(Durable.class.getName());

    private final SourceSpec.NatsStream spec;
    /// Whether the consumer was there before.
    private boolean isKnown;

    Durable(SourceSpec.NatsStream spec) {
        this.spec = spec;
    }

    /// The consumer as it is there.
    ///
    /// @param isMade just now, by us
    record Consumer(Duration ackWait, ZonedDateTime created, boolean isMade) {
        /// A single server tells another time of the same consumer after a restart, by what it needed to write it
        /// down; one that was made anew is younger than its elder got.
        private static final Duration SAME = Duration.ofSeconds(1);

        /// Whether what was acknowledged to the one before was to this one, too: not when that was deleted, and this
        /// one made in its place.
        boolean isStill(Consumer before) {
            return !isMade && Duration.between(before.created, created).abs().compareTo(SAME) <= 0;
        }
    }

    /// @throws IOException when there is no stream, or the consumer does not fit; the message says how
    ///     to mend it
    Consumer ensure(Connection connection) throws IOException {
        try {
            var managing = connection.jetStreamManagement(ASKING);
            var there = there(managing);
            if (there == null) {
                var made = managing.addOrUpdateConsumer(spec.stream(), wanted());
                if (isKnown) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Consumer {0} of stream {1} was deleted, and is made anew: {2}",
                            spec.consumer(),
                            spec.stream(),
                            spec.start() == SourceSpec.NatsStart.ALL
                                    ? "what is in the stream comes again"
                                    : "what came meanwhile does not come");
                }
                isKnown = true;
                return new Consumer(spec.ackWait(), made.getCreationTime(), true);
            }
            isKnown = true;
            var is = there.getConsumerConfiguration();
            check(is);
            if (OURS.equals(is.getDescription())
                    && (!spec.ackWait().equals(is.getAckWait()) || is.getMaxAckPending() != spec.maxAckPending())) {
                managing.addOrUpdateConsumer(
                        spec.stream(),
                        ConsumerConfiguration.builder(is)
                                .ackWait(spec.ackWait())
                                .maxAckPending(spec.maxAckPending())
                                .build());
                return new Consumer(spec.ackWait(), there.getCreationTime(), false);
            }
            return new Consumer(
                    Optional.ofNullable(is.getAckWait()).orElse(spec.ackWait()), there.getCreationTime(), false);
        } catch (JetStreamApiException e) {
            throw new IOException(
                    "the NATS servers refuse consumer %s of stream %s: %s"
                            .formatted(spec.consumer(), spec.stream(), e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "no answer about consumer %s of stream %s: %s; see that the servers have JetStream and a majority of them runs"
                            .formatted(spec.consumer(), spec.stream(), orNothing(e.getMessage())),
                    e);
        }
    }

    /// Whoever is asked about a consumer drops the requests that nobody listens to any more. Until then
    /// NATS 2.9 tries to fill them with what is given back, and leaves that message for `ack_wait`.
    void forgetOldRequests(Connection connection) {
        try {
            connection.jetStreamManagement(ASKING).getConsumerInfo(spec.stream(), spec.consumer());
        } catch (JetStreamApiException | IOException e) {
            // then what is given back comes later
        }
    }

    private ConsumerConfiguration wanted() {
        var wanted = ConsumerConfiguration.builder()
                .durable(spec.consumer())
                .description(OURS)
                .ackPolicy(AckPolicy.Explicit)
                .ackWait(spec.ackWait())
                .maxAckPending(spec.maxAckPending())
                .deliverPolicy(
                        switch (spec.start()) {
                            case ALL -> DeliverPolicy.All;
                            case NEW -> DeliverPolicy.New;
                        });
        spec.subject().ifPresent(wanted::filterSubject);
        return wanted.build();
    }

    private @Nullable ConsumerInfo there(JetStreamManagement managing) throws IOException, JetStreamApiException {
        try {
            return managing.getConsumerInfo(spec.stream(), spec.consumer());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_CONSUMER) {
                return null;
            }
            if (e.getApiErrorCode() == NO_STREAM) {
                throw new Unfit(
                        "the NATS servers have no stream %s; make it, as by: nats stream add %s --subjects 'logs.>', or mend jetstream.stream of the source"
                                .formatted(spec.stream(), spec.stream()));
            }
            throw e;
        }
    }

    private void check(ConsumerConfiguration there) throws Unfit {
        if (there.getDeliverSubject() != null && !there.getDeliverSubject().isEmpty()) {
            throw unfit("pushes its messages to a subject; this source pulls");
        }
        if (there.getAckPolicy() != AckPolicy.Explicit) {
            throw unfit("has the ack policy %s; this source acknowledges each message, explicit"
                    .formatted(there.getAckPolicy()));
        }
        if (there.getMaxDeliver() > 0) {
            throw unfit("gives a message up after %d deliveries (max_deliver), and it would be lost"
                    .formatted(there.getMaxDeliver()));
        }
        if (there.isHeadersOnly()) {
            throw unfit("gives headers without what was sent (headers_only)");
        }
        var filters = filters(there);
        var wanted = spec.subject().map(Set::of).orElse(Set.of());
        if (!filters.equals(wanted) && !(wanted.isEmpty() && filters.equals(Set.of(">")))) {
            throw unfit("gives %s, where the source wants %s"
                    .formatted(
                            filters.isEmpty() ? "all subjects" : String.join(", ", filters),
                            wanted.isEmpty() ? "all" : String.join(", ", wanted)));
        }
    }

    /// The client has a list with null in it where there is none.
    private static Set<String> filters(ConsumerConfiguration there) {
        return Optional.ofNullable(there.getFilterSubjects()).orElse(List.of()).stream()
                .filter(each -> each != null && !each.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Unfit unfit(String how) {
        return new Unfit(
                "consumer %s of stream %s %s; delete it, or give the source another name under jetstream.consumer"
                        .formatted(spec.consumer(), spec.stream(), how));
    }

    static String orNothing(@Nullable String text) {
        return text == null || text.isEmpty() ? "nothing was said" : text;
    }

    /// The servers answer, and what they have is not what we need.
    static final class Unfit extends IllegalStateException {
        Unfit(String why) {
            super(why);
        }
    }
}
