package io.logroute.parts.http;

import java.io.IOException;
import java.io.InputStream;

/// The body of one request as it is sent: so many bytes, or chunks (RFC 9112, section 7.1). Ends
/// where the body ends, not where the connection does.
final class BodyStream extends InputStream {
    private static final int MAX_LINE = 256;
    private static final int MAX_TRAILERS = 20;

    private final Wire wire;
    private final boolean chunked;
    private long left;
    private boolean ended;
    private boolean begun;

    BodyStream(Wire wire, long length) {
        this.wire = wire;
        this.chunked = length < 0;
        this.left = chunked ? 0 : length;
        this.ended = length == 0;
    }

    /// Whether all of it was read.
    boolean ended() {
        return ended;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (ended || chunked && left == 0 && !nextChunk()) {
            return -1;
        }
        int read = wire.read(into, from, (int) Math.min(length, left));
        if (read < 0) {
            throw new BrokenBody("the connection ended within the body");
        }
        left -= read;
        if (left == 0 && !chunked) {
            ended = true;
        }
        return read;
    }

    /// More than nothing while the body goes on: the gunzip asks this before it looks for a
    /// further member.
    @Override
    public int available() throws IOException {
        if (chunked && left == 0 && !ended) {
            nextChunk();
        }
        return ended ? 0 : 1;
    }

    private boolean nextChunk() throws IOException {
        if (begun && !"".equals(wire.line(MAX_LINE))) {
            throw new BrokenBody("a chunk does not end with its line end");
        }
        begun = true;
        var line = wire.line(MAX_LINE);
        if (line == null) {
            throw new BrokenBody(
                    "the connection ended within the body, or the size of a chunk is longer than it may be");
        }
        int end = line.indexOf(';');
        var size = (end < 0 ? line : line.substring(0, end)).strip();
        if (!size.matches("[0-9a-fA-F]{1,8}")) {
            throw new BrokenBody("the size of a chunk is no number");
        }
        left = Long.parseLong(size, 16);
        if (left > 0) {
            return true;
        }
        for (int i = 0; i < MAX_TRAILERS; i++) {
            var trailer = wire.line(MAX_LINE);
            if (trailer == null) {
                break;
            }
            if (trailer.isEmpty()) {
                ended = true;
                return false;
            }
        }
        throw new BrokenBody("the trailers after the last chunk do not end");
    }

    /// The body is not what its head says.
    static final class BrokenBody extends IOException {
        BrokenBody(String message) {
            super(message);
        }
    }
}
