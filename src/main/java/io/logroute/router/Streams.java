package io.logroute.router;

import io.logroute.remote.NatsServers;
import io.logroute.spec.BufferSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/// Where an instance keeps its events and its dead letters on NATS servers. Its folder has a note of
/// it, for people who look there:
///
///     <folder>/streams
///
/// @param instance its number in its fleet; 0 where there is one only
public record Streams(BufferSpec.JetStream at, String router, int instance) {

    /// The stream of events.
    String events() {
        return "%s_%s-%d".formatted(at.stream(), router, instance);
    }

    /// The stream of dead letters.
    String letters() {
        return events() + "_DEAD";
    }

    /// Leaves the note.
    void note(Path folder) throws IOException {
        Files.writeString(
                folder.resolve("streams"),
                "stream %s (dead letters: %s) at %s"
                        .formatted(
                                events(),
                                letters(),
                                at.servers().stream().map(URI::toString).collect(Collectors.joining(", "))));
    }

    /// What a router that runs under this data folder, or did last, left as a note: where its buffer
    /// is. Empty for one that keeps it here.
    public static Optional<String> noted(Path data, String router) throws IOException {
        try {
            return Optional.of(
                    Files.readString(data.resolve("routers").resolve(router).resolve("streams")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    NatsServers servers() {
        return NatsServers.of(at.servers(), at.auth(), at.tls());
    }
}
