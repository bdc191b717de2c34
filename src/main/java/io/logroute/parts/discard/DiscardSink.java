package io.logroute.parts.discard;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Sink;
import java.util.Collections;
import java.util.List;

/// Takes everything and keeps nothing. Any number of threads at a time.
public final class DiscardSink implements Sink {
    @Override
    public List<Delivery> write(Batch batch) {
        return Collections.nCopies(batch.size(), Delivery.delivered());
    }

    @Override
    public void close() {}
}
