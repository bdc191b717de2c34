/// How routers lie on a swarm, decided purely: [Packed] is a pipeline as Docker configs hold it.
///
/// The one rule: no IO, no clock, no thread; what is wanted and what is seen come in, what to do
/// comes out.
@NullMarked
package io.logroute.plan.swarm;

import org.jspecify.annotations.NullMarked;
