package io.logroute.plan.swarm;

import io.logroute.spec.DeploySpec;
import io.logroute.spec.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How many instances a fleet has whose number follows the load, and why.
///
/// - one more when its sinks lag more than the target for [#HIGH]
/// - one fewer when they lag less than a quarter of it for [#LOW]
/// - neither within [#REST] of the last change
///
/// A sink that takes nothing does not count: more instances would not help.
///
/// @param why in words, for people: `3 instances: lag 2 s, within 30 s`
public record Autoscale(int wanted, String why) {
    static final Duration HIGH = Duration.ofMinutes(2);
    static final Duration LOW = Duration.ofMinutes(10);
    static final Duration REST = Duration.ofMinutes(3);
    /// A lag is low below this part of the target.
    public static final int LOW_PART = 4;

    /// @param there instances there are, but for those on their way out
    /// @param load empty when nobody tells
    /// @param changed when an instance came or went last
    static Autoscale of(
            DeploySpec.Autoscale spec, int there, Optional<Told.Load> load, Optional<Instant> changed, Instant now) {
        int count = Math.clamp(there, spec.min(), spec.max());
        if (count != there) {
            return new Autoscale(
                    count, "%s, the %s".formatted(instances(count), count == spec.min() ? "fewest" : "most"));
        }
        if (load.isEmpty()) {
            return new Autoscale(count, instances(count) + ": nobody tells how far the sinks lag");
        }
        var is = load.get();
        var target = spec.targetLag().compareTo(Duration.ofMinutes(10)) < 0
                ? seconds(spec.targetLag())
                : Durations.write(spec.targetLag());
        if (!is.idle().isEmpty()) {
            var who = "sink%s %s take%s nothing: more instances would not help"
                    .formatted(
                            is.idle().size() == 1 ? "" : "s",
                            String.join(", ", is.idle()),
                            is.idle().size() == 1 ? "s" : "");
            if (!isOver(is.above(), HIGH, now)) {
                return new Autoscale(count, "%s: %s".formatted(instances(count), who));
            }
        }
        var lag = "lag " + seconds(is.lag());
        boolean rests = changed.filter(at -> Duration.between(at, now).compareTo(REST) < 0)
                .isPresent();
        if (isOver(is.above(), HIGH, now)) {
            var words = "%s > %s for %s".formatted(lag, target, minutes(HIGH));
            if (count == spec.max()) {
                return new Autoscale(count, "%s, the most: %s".formatted(instances(count), words));
            }
            return rests
                    ? new Autoscale(
                            count,
                            "%s: %s; the last change is not %s ago".formatted(instances(count), words, minutes(REST)))
                    : new Autoscale(count + 1, "%s: %s".formatted(instances(count + 1), words));
        }
        if (isOver(is.below(), LOW, now) && count > spec.min() && !rests) {
            return new Autoscale(
                    count - 1,
                    "%s: %s, less than a quarter of %s for %s"
                            .formatted(instances(count - 1), lag, target, minutes(LOW)));
        }
        return new Autoscale(
                count,
                is.above().isPresent()
                        ? "%s: %s > %s, not for %s yet".formatted(instances(count), lag, target, minutes(HIGH))
                        : "%s: %s, within %s".formatted(instances(count), lag, target));
    }

    private static boolean isOver(Optional<Instant> since, Duration time, Instant now) {
        return since.filter(at -> Duration.between(at, now).compareTo(time) >= 0)
                .isPresent();
    }

    private static String instances(int count) {
        return count == 1 ? "1 instance" : count + " instances";
    }

    private static String minutes(Duration time) {
        return time.toMinutes() + " min";
    }

    private static String seconds(Duration lag) {
        return lag.toSeconds() + " s";
    }
}
