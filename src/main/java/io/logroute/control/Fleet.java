package io.logroute.control;

import io.logroute.plan.FleetState;
import io.logroute.plan.PipelineDefinition;
import java.util.List;
import java.util.Map;

/// The routers that a controller steers.
public interface Fleet {
    /// Makes the running routers equal to what is wanted. A router that cannot become what is
    /// wanted goes on as it was.
    Outcome become(List<PipelineDefinition> wanted);

    /// What is known of the routers and their instances, sorted by name; of those too that are declared no longer and
    /// still run. Asked for every second: it does not wait for anybody.
    List<FleetState> states();

    /// What came of it.
    ///
    /// @param changed descriptions of what was done, such as "start router core, revision
    ///     3f9a1c0d2b4e"
    /// @param refused why a router did not become what was wanted, by its name
    record Outcome(List<String> changed, Map<String, String> refused) {
        public Outcome {
            changed = List.copyOf(changed);
            refused = Map.copyOf(refused);
        }
    }
}
