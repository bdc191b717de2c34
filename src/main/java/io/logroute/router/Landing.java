package io.logroute.router;

import java.nio.file.Path;
import java.util.Optional;

/// Where an event comes out of a router, as far as it can be told without the world outside.
public sealed interface Landing {
    /// In Elasticsearch.
    ///
    /// @param id the document's, where the event alone says it; else it is made of the place in the buffer, or
    ///     by Elasticsearch
    record InIndex(String index, Optional<String> id) implements Landing {}

    /// @param path of the file, from the data folder on where it lies in there
    record InFile(Path path) implements Landing {}

    /// @param key the stream or list
    record InRedis(String key) implements Landing {}

    /// On a subject of NATS.
    record OnSubject(String subject) implements Landing {}

    /// With a server that takes it over the network.
    ///
    /// @param to whom, such as `POST https://stash/in`
    record Sent(String to) implements Landing {}

    /// On the standard output.
    record OnConsole() implements Landing {}

    /// Nowhere, as the sink is meant to.
    record Discarded() implements Landing {}

    /// Among the dead letters of the sink.
    record DeadLettered(String reason) implements Landing {}
}
