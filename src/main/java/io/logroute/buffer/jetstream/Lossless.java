package io.logroute.buffer.jetstream;

import io.logroute.buffer.BufferUnfit;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// What must hold of a stream so that nothing in it goes but by the router's own hand.
///
/// @param right how it is to be set, where something that can be set could lose what lies in it
/// @param wrong what that is
record Lossless(StreamConfiguration right, String wrong) {
    /// How a stream that is there is to be set, when it is not right.
    ///
    /// @param wanted as it would be made
    /// @param what it is to be, "a buffer"
    /// @throws BufferUnfit when it is what it should not be by its nature
    static Optional<Lossless> mending(StreamConfiguration is, StreamConfiguration wanted, String what)
            throws BufferUnfit {
        refuseUnfit(is, wanted, what);
        List<String> wrong = new ArrayList<>();
        if (is.getMaxAge() != null && !is.getMaxAge().isZero()) {
            wrong.add("max_age " + is.getMaxAge());
        }
        if (is.getMaxMsgs() > 0) {
            wrong.add("max_msgs " + is.getMaxMsgs());
        }
        if (is.getMaxMsgsPerSubject() > 0) {
            wrong.add("max_msgs_per_subject " + is.getMaxMsgsPerSubject());
        }
        if (is.getMaxBytes() > 0 && is.getDiscardPolicy() != DiscardPolicy.New) {
            wrong.add("max_bytes %d with discard old".formatted(is.getMaxBytes()));
        }
        if (is.getReplicas() < wanted.getReplicas()) {
            wrong.add("%d replicas".formatted(is.getReplicas()));
        }
        if (wrong.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Lossless(
                StreamConfiguration.builder(is)
                        .maxAge(Duration.ZERO)
                        .maxMessages(-1)
                        .maxMessagesPerSubject(-1)
                        .maxBytes(-1)
                        .discardPolicy(DiscardPolicy.New)
                        .replicas(Math.max(is.getReplicas(), wanted.getReplicas()))
                        .build(),
                String.join(", ", wrong)));
    }

    private static void refuseUnfit(StreamConfiguration is, StreamConfiguration wanted, String what)
            throws BufferUnfit {
        String name = String.valueOf(is.getName());
        refuseUnless(
                is.getStorageType() == StorageType.File,
                name,
                what,
                "it lies in memory",
                "that loses it with the servers");
        refuseUnless(
                is.getRetentionPolicy() == RetentionPolicy.Limits,
                name,
                what,
                "its retention is " + is.getRetentionPolicy(),
                "that deletes what is still needed");
        refuseUnless(
                is.getMirror() == null
                        && (is.getSources() == null || is.getSources().isEmpty()),
                name,
                what,
                "it is a copy of another",
                "only this router may write it");
        refuseUnless(!is.getDenyPurge() && !is.getSealed(), name, what, "it may not be purged", "it would only grow");
        refuseUnless(
                new HashSet<>(is.getSubjects()).containsAll(wanted.getSubjects()),
                name,
                what,
                "its subjects are " + String.join(", ", is.getSubjects()),
                "those of %s are %s".formatted(what, String.join(", ", wanted.getSubjects())));
    }

    private static void refuseUnless(boolean right, String name, String what, String is, String why)
            throws BufferUnfit {
        if (!right) {
            throw new BufferUnfit(
                    "stream %s cannot be %s: %s, and %s; delete that stream when nobody needs it, or give this router's buffer another name"
                            .formatted(name, what, is, why));
        }
    }
}
