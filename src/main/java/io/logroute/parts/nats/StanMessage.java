package io.logroute.parts.nats;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/// What a client of NATS Streaming (STAN) publishes: its payload in an envelope of protobuf, sent by
/// core NATS to a subject of the streaming server, `_STAN.pub.<id>.<subject>`. Whoever listens there,
/// or a stream that does, gets what the streaming server gets: `docs/decisions/0030-nats-streaming.md`.
///
///     PubMsg = { clientID = 1, guid = 2, subject = 3, reply = 4, data = 5, sha256 = 10 }
final class StanMessage {
    private static final String PUBLISHED = "_STAN.pub.";
    private static final int DATA = (5 << 3) + WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private StanMessage() {}

    static boolean isOne(String subject) {
        return subject.startsWith(PUBLISHED);
    }

    /// The subject that its client published to.
    static String subject(String subject) {
        int dot = subject.indexOf('.', PUBLISHED.length());
        return dot < 0 ? subject : subject.substring(dot + 1);
    }

    /// @throws IOException when it is no envelope
    static byte[] payload(byte[] envelope) throws IOException {
        var in = CodedInputStream.newInstance(envelope);
        var payload = new byte[0];
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == DATA) {
                payload = in.readByteArray();
            } else if (!in.skipField(tag)) {
                throw new IOException("a group ends that did not begin");
            }
        }
        return payload;
    }
}
