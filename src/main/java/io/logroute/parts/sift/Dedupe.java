package io.logroute.parts.sift;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.text.Template;
import io.logroute.spec.FilterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;

/// Drops events whose key was there before within a window. The window begins with the event that
/// passed, not with the last that was dropped: what never stops passes once a window. Time is when
/// events came in; where that goes back, the window is open still.
public final class Dedupe implements Filter {
    private final Template key;
    private final Duration window;
    private final int maxKeys;
    private final KeyHash.Maker hashes = new KeyHash.Maker();
    /// When the event that stands for its key came in; the oldest first.
    private final LinkedHashMap<KeyHash, Instant> passed = new LinkedHashMap<>();

    public Dedupe(FilterSpec.Dedupe spec) {
        key = new Template(spec.key());
        window = spec.window();
        maxKeys = spec.maxKeys();
    }

    @Override
    public void apply(Event event, Way way) {
        var text = key.render(event);
        if (text == null) {
            way.pass(event);
            return;
        }
        var hash = hashes.of(text);
        var now = event.received();
        var before = passed.get(hash);
        if (before != null && Duration.between(before, now).compareTo(window) < 0) {
            return;
        }
        passed.remove(hash);
        forget(now);
        passed.put(hash, now);
        way.pass(event);
    }

    /// Lets go of the oldest: those whose window is over, and one when there are too many.
    private void forget(Instant now) {
        for (var oldest = passed.firstEntry(); oldest != null; oldest = passed.firstEntry()) {
            boolean over = Duration.between(oldest.getValue(), now).compareTo(window) >= 0;
            if (!over && passed.size() < maxKeys) {
                return;
            }
            passed.pollFirstEntry();
        }
    }
}
