package io.logroute.parts.nats;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.logroute.flow.Bytes;
import io.logroute.flow.Timestamps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A batch of AMP's agent: the protobuf `logs.GetReply`, of which only the entries count. Each becomes
/// the JSON of the event that ampbeat made of it, its fields in ampbeat's words, empty ones included;
/// an entry's fields of later agents are passed over.
///
///     GetReply = { entries = 1: LogEntry*, size = 2, total = 3 }
///     LogEntry = { 1: text ... 16: text, of which 9: int32, 14: map of text to text }
///
/// As ampbeat did: the time has milliseconds, and is when it was sent where the entry's is none; labels
/// of Docker's own (`com.docker.`) are left away, and in the names of the others a dot is a dash;
/// `from_id` is left away; an entry without labels has no `labels`.
final class AmpBatch {
    /// Texts of an entry by their numbers; those without a name are not ampbeat's.
    private static final String[] TEXTS = {
        "",
        "",
        "container_id",
        "container_name",
        "container_short_name",
        "container_state",
        "service_name",
        "service_id",
        "task_id",
        "",
        "stack_name",
        "stack_id",
        "node_id",
        "time_id",
        "",
        "msg"
    };

    private static final int ENTRY = (1 << 3) + WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int SIZE = (2 << 3) + WireFormat.WIRETYPE_VARINT;
    private static final int TOTAL = (3 << 3) + WireFormat.WIRETYPE_VARINT;

    private static final int TIMESTAMP = 1;
    private static final int TASK_SLOT = 9;
    private static final int LABELS = 14;
    private static final int MSG = 15;

    private static final String OF_DOCKER = "com.docker.";

    /// An entry of two bytes makes four hundred of JSON, so a small message could fill a router's memory. Those
    /// of agents make three times as much as they are.
    private static final int MOST_TIMES = 16;

    private static final long ALWAYS = 1 << 20;

    private static final byte[][] KEYS = keys();
    private static final byte[] HEAD = ascii("{\"@timestamp\":\"");
    private static final byte[] TYPE = ascii("\",\"type\":\"logs\"");
    private static final byte[] SLOT = ascii(",\"task_slot\":");
    private static final byte[] LABELS_KEY = ascii(",\"labels\":{");

    private AmpBatch() {}

    private static byte[][] keys() {
        var keys = new byte[TEXTS.length][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ascii(",\"%s\":\"".formatted(TEXTS[i]));
        }
        return keys;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// The events' JSON, in the order of the entries.
    ///
    /// @param sent when the batch was sent
    /// @throws IOException when the bytes are no such batch; nothing of it is taken then
    static List<byte[]> read(byte[] bytes, Instant sent) throws IOException {
        var in = CodedInputStream.newInstance(bytes);
        var events = new ArrayList<byte[]>();
        var out = new Bytes(512);
        long size = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == SIZE || tag == TOTAL) {
                in.readRawVarint64();
                continue;
            }
            if (tag != ENTRY) {
                throw new IOException("field %d is none of a batch".formatted(WireFormat.getTagFieldNumber(tag)));
            }
            int end = in.pushLimit(in.readRawVarint32());
            out.reset();
            entry(in, sent, out);
            in.popLimit(end);
            events.add(out.toByteArray());
            size += out.size();
            if (size > Math.max(ALWAYS, (long) MOST_TIMES * bytes.length)) {
                throw new IOException("its entries hold nothing, or next to nothing");
            }
        }
        return events;
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new IOException("a group ends that did not begin");
        }
    }

    private static void entry(CodedInputStream in, Instant sent, Bytes out) throws IOException {
        var texts = new String[TEXTS.length];
        int slot = 0;
        Map<String, String> labels = Map.of();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            int type = WireFormat.getTagWireType(tag);
            boolean isBytes = type == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (number == LABELS && isBytes) {
                labels = labels.isEmpty() ? new LinkedHashMap<>() : labels;
                label(in, labels);
            } else if (number == TASK_SLOT && type == WireFormat.WIRETYPE_VARINT) {
                slot = in.readInt32();
            } else if (number >= TIMESTAMP && number <= MSG && number != TASK_SLOT && isBytes) {
                texts[number] = in.readString();
            } else if (number <= MSG) {
                throw new IOException("field %d of an entry is of another type".formatted(number));
            } else {
                skip(in, tag);
            }
        }
        write(texts, slot, labels, sent, out);
    }

    private static void label(CodedInputStream in, Map<String, String> labels) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        var key = "";
        var value = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (1 << 3) + WireFormat.WIRETYPE_LENGTH_DELIMITED -> key = in.readString();
                case (2 << 3) + WireFormat.WIRETYPE_LENGTH_DELIMITED -> value = in.readString();
                default -> skip(in, tag);
            }
        }
        in.popLimit(end);
        labels.put(key, value);
    }

    private static void write(String[] texts, int slot, Map<String, String> labels, Instant sent, Bytes out) {
        var time = texts[TIMESTAMP] == null ? null : Timestamps.parse(texts[TIMESTAMP]);
        out.writeBytes(HEAD);
        out.writeBytes(ascii(Timestamps.format((time == null ? sent : time).truncatedTo(ChronoUnit.MILLIS))));
        out.writeBytes(TYPE);
        for (int i = 2; i <= MSG; i++) {
            if (i == TASK_SLOT) {
                out.writeBytes(SLOT);
                out.writeBytes(ascii(Integer.toString(slot)));
            } else if (i == LABELS) {
                write(labels, out);
            } else {
                out.writeBytes(KEYS[i]);
                if (texts[i] != null) {
                    out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(texts[i]));
                }
                out.write('"');
            }
        }
        out.write('}');
    }

    private static void write(Map<String, String> labels, Bytes out) {
        if (labels.isEmpty()) {
            return;
        }
        var kept = new LinkedHashMap<String, String>();
        labels.forEach((name, value) -> {
            if (!name.startsWith(OF_DOCKER)) {
                kept.put(name.replace('.', '-'), value);
            }
        });
        out.writeBytes(LABELS_KEY);
        boolean first = true;
        for (var label : kept.entrySet()) {
            out.write(first ? '"' : ',');
            if (!first) {
                out.write('"');
            }
            first = false;
            out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(label.getKey()));
            out.writeBytes(ascii("\":\""));
            out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(label.getValue()));
            out.write('"');
        }
        out.write('}');
    }
}
