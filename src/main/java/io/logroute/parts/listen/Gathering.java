package io.logroute.parts.listen;

import io.logroute.flow.Batch;
import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Events end to end in one array, so that many small ones take no more memory than they are long, and
/// what they take is known before. By one thread.
public final class Gathering {
    /// Bytes that an event takes besides its JSON.
    public static final long EVENT = 96;

    private static final int ENOUGH_BYTES = 1 << 20;
    private static final int ENOUGH_EVENTS = 4_000;
    private static final int LEAST = 4 << 10;
    private static final byte[] HEAD = new byte[Frames.HEAD];

    private Bytes out = new Bytes(0);
    private int[] ends = new int[64];
    private Instant[] received = new Instant[64];
    private int count;

    public boolean isEmpty() {
        return count == 0;
    }

    /// Whether it is time to [#take].
    public boolean isEnough() {
        return out.size() >= ENOUGH_BYTES || count >= ENOUGH_EVENTS;
    }

    /// Bytes of memory that it has.
    public long bytes() {
        return out.capacity() + count * EVENT;
    }

    /// Bytes of memory that it has, for a moment, while an event of so many bytes comes in.
    public long bytesWith(long event) {
        long more = event + Frames.HEAD;
        boolean fits = out.capacity() - out.size() >= more;
        return bytes() + EVENT + (fits ? 0 : larger(more));
    }

    private long larger(long more) {
        return Math.max(LEAST, 2L * (out.size() + more));
    }

    /// Takes one event in.
    public void add(Map<String, @Nullable Object> fields, Instant at) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
            received = Arrays.copyOf(received, 2 * count);
        }
        if (out.capacity() == 0) {
            out = new Bytes(LEAST);
        }
        out.writeBytes(HEAD);
        Json.write(fields, out);
        received[count] = at;
        ends[count++] = out.size();
    }

    /// What was taken in.
    ///
    /// @throws IllegalArgumentException when that is nothing
    public Batch take() {
        var events = new ArrayList<Event>(count);
        int from = 0;
        for (int i = 0; i < count; i++) {
            events.add(Event.of(out.array(), from + Frames.HEAD, ends[i], -1, received[i]));
            from = ends[i];
        }
        out = new Bytes(0);
        ends = new int[64];
        received = new Instant[64];
        count = 0;
        return Batch.framed(events);
    }
}
