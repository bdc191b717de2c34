package io.logroute.remote;

import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;

/// Routers that run elsewhere, as a controller speaks to them. Every call ends within a bound and tells what
/// came of it. Safe for all threads.
public interface Routers {
    /// What the instance there tells of itself.
    Reported report(Address address);

    /// Hands a pipeline to the running router there; returns when it runs and keeps it, or does not.
    Pushed push(Address address, String text, Revision revision, long generation);

    /// Tells the instance there what to do with events; returns when it does so and keeps to it, or does not.
    Ordered order(Address address, Order order);
}
