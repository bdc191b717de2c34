package io.logroute.plan;

/// How far an instance of a fleet is on its way out.
public enum Stage {
    /// It takes events in and delivers them.
    SERVING,
    /// It takes nothing in, and delivers what it has.
    DRAINING,
    /// It has delivered everything.
    DRAINED,
    /// Its service is gone, and its volume, which holds nothing, is being removed.
    REMOVING,
    /// Its service is gone, and its volume, which holds nothing, stays for an instance of this number.
    KEPT
}
