package io.logroute.plan.swarm;

import java.util.List;

/// A service of ours that has a place on a node, and ports there.
interface Placed {
    String name();

    /// The id of the node that it is pinned to; empty where it is pinned to none.
    String node();

    /// Published in host mode.
    List<Integer> ports();

    /// Whether it is an instance of that router.
    default boolean isOf(String router) {
        return false;
    }
}
