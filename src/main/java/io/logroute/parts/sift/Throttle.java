package io.logroute.parts.sift;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.text.Template;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Excess;
import io.logroute.spec.Pace;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// A bucket of tokens for each key: an event takes one, the rate fills them up, the burst is how
/// many there may be. Time is when events came in; where that goes back, it stands still.
///
/// At most [#MAX_KEYS] buckets are kept. The one that was not asked for longest goes, and is full
/// when its key comes again.
public final class Throttle implements Filter {
    static final int MAX_KEYS = 100_000;

    private final Pace rate;
    private final double perNano;
    private final double burst;
    private final Template key;
    private final Excess excess;
    private final KeyHash.Maker hashes = new KeyHash.Maker();
    private final Map<KeyHash, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<KeyHash, Bucket> eldest) {
            return size() > MAX_KEYS;
        }
    };

    private static final class Bucket {
        double tokens;
        Instant at;

        Bucket(double tokens, Instant at) {
            this.tokens = tokens;
            this.at = at;
        }
    }

    public Throttle(FilterSpec.Throttle spec) {
        rate = spec.rate();
        perNano = (double) rate.events() / rate.per().toNanos();
        burst = spec.burst().map(Integer::doubleValue).orElse((double) rate.events());
        key = new Template(spec.key());
        excess = spec.excess();
    }

    @Override
    public void apply(Event event, Way way) {
        var text = key.render(event);
        if (hasToken(hashes.of(text == null ? "" : text), event.received())) {
            way.pass(event);
            return;
        }
        switch (excess) {
            case DROP -> {}
            case DEAD_LETTER ->
                way.refuse(
                        event,
                        "more than %s of %s"
                                .formatted(
                                        rate,
                                        text == null
                                                ? "events without the field " + key.missing(event)
                                                : "key \"" + text + "\""));
        }
    }

    private boolean hasToken(KeyHash key, Instant now) {
        var bucket = buckets.computeIfAbsent(key, _ -> new Bucket(burst, now));
        if (now.isAfter(bucket.at)) {
            var since = Duration.between(bucket.at, now);
            bucket.tokens = Math.min(burst, bucket.tokens + (since.toSeconds() * 1e9 + since.toNanosPart()) * perNano);
            bucket.at = now;
        }
        if (bucket.tokens < 1 - 1e-9) {
            return false;
        }
        bucket.tokens--;
        return true;
    }
}
