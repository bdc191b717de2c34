package io.logroute.plan.swarm;

import java.time.Duration;
import java.util.regex.Pattern;

/// The last time that the service of an instance was changed for a revision, as the revision's label remembers it:
/// `<version>.<hash>.<times>`, where older ones are the version alone.
///
/// @param version the number that the service had before; -1 when it was never changed for it
/// @param wanted the hash of what it was changed to; empty when it is not known
/// @param again how often the very same change was made before
record Attempt(long version, String wanted, int again) {
    /// A change that Swarm rolled back, and that no revision is to blame for, is tried again after this, and after
    /// twice as long each time: with each try the router stops for a while.
    static final Duration FIRST_REST = Duration.ofMinutes(2);

    private static final Attempt NONE = new Attempt(-1, "", 0);
    private static final int MOST_DOUBLED = 5;
    private static final Pattern FORM = Pattern.compile("(\\d{1,18})(?:\\.([0-9a-f]{1,64})\\.(\\d{1,6}))?");

    static Attempt of(Known revision, int instance) {
        return read(revision.tried().getOrDefault(instance, ""));
    }

    /// As it was written; one that was never made where that cannot be read.
    static Attempt read(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return NONE;
        }
        return form.group(2) == null
                ? new Attempt(Long.parseLong(form.group(1)), "", 0)
                : new Attempt(Long.parseLong(form.group(1)), form.group(2), Integer.parseInt(form.group(3)));
    }

    boolean wasMade() {
        return version >= 0;
    }

    /// The one after this.
    Attempt next(Seen.State state, RouterService to) {
        return next(state, Fleets.hash(to));
    }

    /// @param hash of what it is changed to
    Attempt next(Seen.State state, String hash) {
        return new Attempt(state.version(), hash, hash.equals(wanted) ? again + 1 : 0);
    }

    /// How long to wait for the next one, should Swarm have rolled this back.
    Duration rest(RouterService to) {
        return rest(Fleets.hash(to));
    }

    /// @param hash of what it is changed to
    Duration rest(String hash) {
        return hash.equals(wanted) ? FIRST_REST.multipliedBy(1L << Math.min(again, MOST_DOUBLED)) : Duration.ZERO;
    }

    @Override
    public String toString() {
        return "%d.%s.%d".formatted(version, wanted, again);
    }
}
