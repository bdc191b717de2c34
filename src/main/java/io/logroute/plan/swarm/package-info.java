/// What should be on a swarm, what is there, and the steps between: decided from data to data.
///
/// [io.logroute.plan.swarm.Seen] is one look at a swarm; of it, [io.logroute.plan.swarm.Owned] is what
/// carries our label. [io.logroute.plan.swarm.Fleets] decides: which revision each fleet should run
/// ([io.logroute.plan.swarm.Target]), on which node each instance lives ([io.logroute.plan.swarm.Placement]),
/// which instances serve and which are on their way out ([io.logroute.plan.swarm.Holder], of each its record),
/// and, one after the other, the [io.logroute.plan.swarm.Step]s that lead there.
/// [io.logroute.plan.swarm.Relays] does the
/// same for the Redis of relays. All state lies in the swarm,
/// in labels of our own configs and services, so that any controller can go on where another one stopped.
///
/// The one rule: whoever stops after any step leaves a working swarm, in which every service has its configs,
/// now and after a rollback.
@NullMarked
package io.logroute.plan.swarm;

import org.jspecify.annotations.NullMarked;
