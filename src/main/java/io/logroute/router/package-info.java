/// The data path, in sequence: [Pipelines] runs a [Pipeline] for each router, made equal to what
/// is wanted by one call, `become`. In a pipeline an [Intake] puts what sources bring into the
/// one buffer and acknowledges it after the sync; a [Drain] for each sink reads the buffer with a
/// cursor of its own, sends events along their routes ([Routing]) and writes them, until each is
/// delivered or lies among the [DeadLetters].
///
/// [Instance] is one router of a fleet on a swarm: it starts from the mounted pipeline or the one it
/// [Accepted], whichever is newer, and takes newer ones while it runs.
///
/// [Assemble] turns specs into parts: the one place that knows them all.
///
/// The one rule: nothing is acknowledged before it is durable, and nothing is settled before it
/// is delivered, dropped by a filter, or durable among the dead letters.
@NullMarked
package io.logroute.router;

import org.jspecify.annotations.NullMarked;
