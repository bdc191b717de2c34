package io.logroute.buffer.jetstream;

import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// How a log ends, as its last message says.
///
/// @param last the last message that the stream ever had
/// @param label of the last one that it has; empty when it has none
/// @param bytes what all records have come to
/// @param closed whether that one is the mark of an orderly end
/// @param exact where readers were then
record Ending(long last, Optional<Label> label, long bytes, boolean closed, Map<String, Long> exact) {
    Ending {
        exact = Map.copyOf(exact);
    }

    static Ending of(Stream stream) throws IOException {
        StreamState state = stream.info().getStreamState();
        Optional<MessageInfo> found = stream.lastOfOurs(state);
        if (found.isEmpty()) {
            Optional<MessageInfo> other = stream.last();
            if (other.isPresent()) {
                stream.label(other.get()); // refuses it
            }
            if (state.getMsgCount() > 0) {
                throw new IOException(
                        "stream %s: the servers say that it holds %d messages, and give none of them; see that a majority of them runs"
                                .formatted(stream.name, state.getMsgCount()));
            }
            return new Ending(state.getLastSequence(), Optional.empty(), 0, false, Map.of());
        }
        MessageInfo message = found.get();
        Label label = stream.label(message);
        byte[] data = message.getData() == null ? new byte[0] : message.getData();
        String said = new String(data, StandardCharsets.UTF_8);
        boolean closed = label.isMark() && said.startsWith("closed");
        return new Ending(
                message.getSeq(),
                Optional.of(label),
                label.bytes() + (label.isMark() ? 0 : Entry.size(data.length)),
                closed,
                closed ? exact(said) : Map.of());
    }

    private static Map<String, Long> exact(String said) {
        Map<String, Long> exact = new HashMap<>();
        said.lines()
                .skip(1)
                .map(line -> line.split("="))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> {
                    Place.of(pair[0]).ifPresent(name -> exact.put(name.reader(), Long.parseLong(pair[1])));
                });
        return exact;
    }

    /// Nothing was ever in it.
    boolean isNew() {
        return label.isEmpty() && last == 0;
    }

    /// Somebody else has emptied it.
    boolean isEmptied() {
        return label.isEmpty() && last > 0;
    }
}
