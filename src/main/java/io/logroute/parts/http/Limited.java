package io.logroute.parts.http;

import java.io.FilterInputStream;
import java.io.IOException;

/// Gives so many bytes and no more.
final class Limited extends FilterInputStream {
    /// There is more than it may give.
    static final class Reached extends IOException {}

    private final BodyStream body;
    private long left;

    Limited(BodyStream body, long max) {
        super(body);
        this.body = body;
        this.left = max;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        int read = body.read(into, from, length);
        left -= Math.max(0, read);
        if (left < 0) {
            throw new Reached();
        }
        return read;
    }
}
