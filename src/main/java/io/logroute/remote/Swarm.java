package io.logroute.remote;

import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;

/// A Docker Swarm, through one of its managers. Safe for all threads.
public interface Swarm {
    /// Looks at everything.
    ///
    /// @throws SwarmUnreachable when no manager answers, or this node is none; looking again later may help
    Seen observe() throws SwarmUnreachable;

    /// Makes one change. Repeating a change that was made already does no harm.
    ///
    /// @throws OutOfDate when what it changes is not as it was in the last look: look again
    /// @throws SwarmRefused when the swarm will not have it, now or later
    /// @throws SwarmUnreachable when no manager answers; whether it was made is not known then
    /// @throws IllegalArgumentException for a [Step.Push], which is nothing a swarm does
    void apply(Step step) throws SwarmUnreachable, OutOfDate, SwarmRefused;

    /// Stores spec documents as a config with the label `logroute.spec=true`, in place of those that were
    /// stored under this name before, and of a config with that label that was made by hand and has just this
    /// name. The same content again changes nothing.
    ///
    /// @param name 1 to 50 of a-z, A-Z, 0-9, `.`, `_` and `-`, of which the first is a letter or digit
    /// @return the config's name, which ends with a hash of the content
    /// @throws SwarmRefused when the swarm will not have it: it is too large, say
    /// @throws SwarmUnreachable when no manager answers; whether it was stored is not known then
    String storeSpec(String name, byte[] content) throws SwarmUnreachable, SwarmRefused;

    /// Rings when something happened, whatever it was, and when the stream of events was lost and found again; until
    /// it is closed. Never throws for a swarm that cannot be reached: it tries again.
    AutoCloseable follow(Runnable bell);

    /// Whether events arrive now.
    boolean follows();
}
