/// Filters that let some events through and keep others back: [Sample] a part of them, [Throttle]
/// so many in a time, [Dedupe] those that say something new.
///
/// The one rule: what passes is decided by the events alone and the times at which they came in,
/// never by a random number or the clock. So each sink of a route gets the same events, and one
/// that comes again after a restart is judged as it was.
@NullMarked
package io.logroute.parts.sift;

import org.jspecify.annotations.NullMarked;
