package io.logroute.plan.swarm;

import java.util.regex.Pattern;

/// This LogRoute among the things of a swarm.
///
/// @param prefix what the names of our services begin with, and what [Label#MANAGED_BY] says
/// @param network the overlay network that the controller shares with all routers
/// @param image the image of routers whose spec names none
/// @param linkSecret the secret that routers know the controller by
/// @param configBytes what one Docker config holds, at most
public record Installation(String prefix, String network, String image, String linkSecret, int configBytes) {
    /// What every Docker takes: 500 KiB, of which some is left for what is around the content.
    public static final int USUAL_CONFIG_BYTES = 500_000;

    private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9-]{0,18}[a-z0-9]");

    public Installation {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "prefix \"%s\" does not fit; use a-z, 0-9 and -, begin with a letter, 2 to 20 of them"
                            .formatted(prefix));
        }
        if (network.isBlank() || image.isBlank() || linkSecret.isBlank() || configBytes < 1000) {
            throw new IllegalArgumentException("network, image or link secret is empty, or configs hold nothing");
        }
    }

    String service(String router, int instance) {
        return "%s_%s-%d".formatted(prefix, router, instance);
    }

    /// The Redis of a relay, its volume and its record: `logroute_relay_up`. No service of a router is
    /// called so: no router has `_` in its name.
    String relay(String relay) {
        return "%s_relay_%s".formatted(prefix, relay);
    }

    /// `logroute_relay_up_exporter`.
    String exporter(String relay) {
        return relay(relay) + "_exporter";
    }

    /// `logroute-core-3f9a1c0d2b4e`.
    String config(String router, String revision) {
        return "%s-%s-%s".formatted(prefix, router, revision);
    }
}
