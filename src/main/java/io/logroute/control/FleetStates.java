package io.logroute.control;

import io.logroute.plan.FleetState;
import io.logroute.plan.RelayState;
import java.util.List;

/// What is known of routers.
public interface FleetStates {
    /// What is known of the routers and their instances, sorted by name; of those too that are declared no
    /// longer and still run. Asked for every second: it does not wait for anybody.
    List<FleetState> states();

    /// What is known of the relays that are deployed here, sorted by name; of those too that are declared no longer.
    /// Likewise.
    default List<RelayState> relays() {
        return List.of();
    }
}
