/// The cupboard: every metric as data ([Meter]) and the instruments that count ([Instruments]).
///
/// A metric is named once, in [Meter]; the code, docs/metrics.md and the tests read the same list.
///
/// The one rule: base units, counters end in `_total`, and no label that grows with the events.
@NullMarked
package io.logroute.telemetry;

import org.jspecify.annotations.NullMarked;
