package io.logroute.flow;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Bytes that are gathered by one thread: a [ByteArrayOutputStream] without its locks, whose array
/// can be had without a copy.
public class Bytes extends ByteArrayOutputStream {
    public Bytes(int capacity) {
        super(capacity);
    }

    /// The array itself: the first [#size] bytes of it are what was written.
    public final byte[] array() {
        return buf;
    }

    public final int capacity() {
        return buf.length;
    }

    @Override
    public void reset() {
        count = 0;
    }

    /// Takes back what was written after the first so many bytes.
    public final void cutTo(int size) {
        count = Math.min(count, size);
    }

    @Override
    public final int size() {
        return count;
    }

    @Override
    public final void write(int b) {
        room(1);
        buf[count++] = (byte) b;
    }

    @Override
    public final void write(byte[] from, int offset, int length) {
        room(length);
        System.arraycopy(from, offset, buf, count, length);
        count += length;
    }

    @Override
    public final void writeBytes(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    private void room(int more) {
        if (buf.length - count < more) {
            long wanted = Math.max((long) count + more, Math.min(2L * buf.length, Integer.MAX_VALUE - 8));
            buf = Arrays.copyOf(buf, Math.toIntExact(wanted));
        }
    }
}
