/// The operator's mind: what should be, made of what people declared, and what to say about how
/// it goes.
///
/// [Declared] sorts documents into [PipelineDefinition]s, one for each router, named by the
/// [Revision] of their content. [InstanceReport] is what a running router tells, [FleetState]
/// what the controller knows of all instances of one; [Conditions] decides from them what is true of
/// a route, an instance and a router.
///
/// The one rule: functions from data to data. No IO, no clock, no thread, no log, no library.
@NullMarked
package io.logroute.plan;

import org.jspecify.annotations.NullMarked;
