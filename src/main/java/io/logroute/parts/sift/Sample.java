package io.logroute.parts.sift;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.parts.text.Template;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Share;
import org.jspecify.annotations.Nullable;

/// Lets a part of the events through. An event is chosen by a hash of its key, or else of its
/// number in the buffer (of its bytes while it has none), so the choice is the same for every sink
/// and after a restart; what passes at a smaller rate passes at every larger one.
public final class Sample implements Filter {
    private final double rate;
    private final @Nullable Template key;
    private final KeyHash.Maker hashes = new KeyHash.Maker();

    public Sample(FilterSpec.Sample spec) {
        rate = spec.rate().map(Share::value).orElseGet(() -> 1.0 / spec.oneIn().orElseThrow());
        key = spec.key().map(Template::new).orElse(null);
    }

    @Override
    public void apply(Event event, Way way) {
        if (place(event) < rate) {
            way.pass(event);
        }
    }

    /// Where the event stands between 0 and 1; -1 when it passes in any case.
    private double place(Event event) {
        if (key == null) {
            return share(
                    event.seq() >= 0
                            ? mixed(event.seq())
                            : hashes.of(event.raw()).high());
        }
        var text = key.render(event);
        return text == null ? -1 : share(hashes.of(text).high());
    }

    private static double share(long hash) {
        return (hash >>> 11) * 0x1.0p-53;
    }

    /// Numbers that follow one another lie anywhere afterwards. (Finaliser of SplitMix64; Steele, Lea
    /// and Flood, Fast Splittable Pseudorandom Number Generators, 2014.)
    private static long mixed(long number) {
        long z = number + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
