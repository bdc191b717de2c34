package io.logroute.plan;

import io.logroute.spec.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A relay that the controller deploys, as it is known: its Redis, and the exporter beside it.
///
/// @param declared whether it is declared now
/// @param address where routers of this swarm find it
/// @param service what its Redis is called as a service
/// @param volume what Docker calls the volume with its files
/// @param node the name of the node that they are on; empty where none is chosen yet
/// @param published the port on that node for those above; empty where there is none
/// @param conditions `Ready` of its Redis, and `Exported` where there is, or should be, an exporter;
///     sorted
/// @param problems what keeps it from being as declared
public record RelayState(
        String name,
        boolean declared,
        String address,
        String service,
        String volume,
        Optional<String> node,
        Optional<Integer> published,
        List<Condition> conditions,
        List<Problem> problems) {
    /// The reason of a condition of what runs, and is being changed.
    public static final String UPDATING = "Updating";

    public RelayState {
        conditions = conditions.stream().sorted().toList();
        problems = problems.stream().distinct().sorted().toList();
    }

    /// The same with what kept its services from being made or changed.
    public RelayState with(List<Problem> more) {
        var all = new ArrayList<>(problems);
        all.addAll(more);
        return new RelayState(name, declared, address, service, volume, node, published, conditions, all);
    }

    /// Whether its Redis runs.
    public boolean ready() {
        return conditions.stream().filter(each -> each.type().equals("Ready")).allMatch(Condition::good);
    }

    /// Whether something is about to come of it by itself.
    public boolean isOnItsWay() {
        return conditions.stream()
                .anyMatch(each -> each.status() == Condition.Status.UNKNOWN
                        || each.reason().equals(UPDATING));
    }
}
