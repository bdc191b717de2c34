/// The controller: keeps what runs equal to what people declared. [Bell] is rung by anything that
/// may have changed; [Reconciler] then makes a [Pass]: look, decide, act, tell. [StatusBoard]
/// keeps the last pass for everyone who asks, and [History] what happened.
///
/// What it steers is a [Fleet]: the routers in this process, or those of a swarm.
///
/// The one rule: no branch here is about log routing; decisions are made in `plan`.
@NullMarked
package io.logroute.control;

import org.jspecify.annotations.NullMarked;
