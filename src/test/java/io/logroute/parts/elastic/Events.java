package io.logroute.parts.elastic;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;

/// Events on their way to the sink, as tests speak of them.
final class Events {
    static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private Events() {}

    static Event event(long seq, String json) {
        return event(seq, json, new Address("all", 0, Optional.empty()));
    }

    static Event event(long seq, String json, Address address) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return Event.of(bytes, 0, bytes.length, seq, NOON).addressed(address);
    }

    /// Events with numbers from 0 on, each with its number as `n`.
    static Batch numbered(int count) {
        return new Batch(IntStream.range(0, count)
                .mapToObj(n -> event(n, "{\"@timestamp\":\"2026-11-23T12:00:00Z\",\"n\":%d}".formatted(n)))
                .toList());
    }

    static Batch batch(Event... events) {
        return new Batch(java.util.List.of(events));
    }
}
