/// Expressions on events in CEL: conditions ([CelCondition]) and values ([CelFormula]). [Quick] answers
/// what most people write, the CEL runtime the rest.
///
/// What an expression may say is known to [io.logroute.spec.Expressions] alone; here it is evaluated.
///
/// The one rule: an expression never fails an event. Where it has no answer, for want of a field or
/// because of its type, a condition is false, and a formula gives nothing.
@NullMarked
package io.logroute.parts.cel;

import org.jspecify.annotations.NullMarked;
