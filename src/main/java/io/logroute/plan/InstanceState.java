package io.logroute.plan;

import java.util.Optional;

/// One instance of a router as the controller knows it.
///
/// @param number its number in the fleet, from 0; it keeps it for life
/// @param service the Swarm service that it is; empty where it runs in the controller's own process
/// @param node name of the node that it is pinned to; empty while it has none
/// @param report what it tells of itself; empty when it is not reached
/// @param trouble why it does not run or is not reached, with Swarm's own words
public record InstanceState(
        String router,
        int number,
        Optional<String> service,
        Optional<String> node,
        Optional<InstanceReport> report,
        Optional<String> trouble) {
    /// The trouble of one that runs, and whose turn to be asked has not come since the controller started.
    public static final String NOT_ASKED = "it was not asked yet, and is in a moment";

    public InstanceState {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "an instance of router %s has number %d; instances count from 0".formatted(router, number));
        }
    }

    /// Its name, such as `core-0`.
    public String name() {
        return router + "-" + number;
    }

    /// Whether it runs in the controller's own process: it tells of itself, and is no service.
    public boolean inProcess() {
        return service.isEmpty() && node.isEmpty() && report.isPresent();
    }

    /// Whether it runs and can take events in.
    public boolean takesEvents() {
        return report.isPresent() && report.get().takesEvents();
    }
}
