package io.logroute.parts.console;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Sink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Collections;
import java.util.List;

/// Writes each event as a line of JSON. Delivered means that the stream took it; a closed pipe is
/// an [IOException], and the batch is tried again. The stream belongs to who gave it and is not
/// closed.
public final class ConsoleSink implements Sink {
    private final PrintStream out;

    public ConsoleSink(PrintStream out) {
        this.out = out;
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException {
        var lines = new ByteArrayOutputStream((int) Math.min(batch.bytes() + 64L * batch.size(), 16 << 20));
        for (var event : batch.events()) {
            event.writeTo(lines);
            lines.write('\n');
        }
        synchronized (out) {
            out.write(lines.toByteArray(), 0, lines.size());
            if (out.checkError()) {
                throw new IOException("standard output takes no more; it was closed, or its disk is full");
            }
        }
        return Collections.nCopies(batch.size(), Delivery.delivered());
    }

    @Override
    public void close() {}
}
