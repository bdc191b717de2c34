package io.logroute.parts.nats;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/// Batches as AMP's agent sends them: `logs.GetReply` of `api/rpc/logs/logs.proto`.
final class Agent {
    private static final int TASK_SLOT = 9;
    private static final int LABELS = 14;

    /// A part of a message.
    private interface Part {
        void write(CodedOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();

    private static byte[] message(Part part) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            part.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// @param texts by the numbers of their fields
    Agent entry(Map<Integer, String> texts, int taskSlot, Map<String, String> labels) {
        var entry = message(out -> {
            for (var text : texts.entrySet()) {
                out.writeString(text.getKey(), text.getValue());
            }
            if (taskSlot != 0) {
                out.writeInt32(TASK_SLOT, taskSlot);
            }
            for (var label : labels.entrySet()) {
                out.writeByteArray(LABELS, message(pair -> {
                    pair.writeString(1, label.getKey());
                    pair.writeString(2, label.getValue());
                }));
            }
        });
        batch.writeBytes(message(out -> out.writeByteArray(1, entry)));
        return this;
    }

    byte[] batch() {
        return batch.toByteArray();
    }

    /// The batch as a client of NATS Streaming sends it.
    static byte[] inStan(String subject, byte[] payload) {
        return message(out -> {
            out.writeString(1, "agent-host1");
            out.writeString(2, "0HvGpHDD5AbjMI8KnMwwkX");
            out.writeString(3, subject);
            out.writeByteArray(5, payload);
        });
    }
}
