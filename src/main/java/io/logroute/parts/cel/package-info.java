/// Conditions on events in CEL: [CelCondition].
///
/// What a condition may say is known to [io.logroute.spec.Expressions] alone; here it is evaluated.
///
/// The one rule: a condition never fails. What it cannot answer, for want of a field or because
/// of its type, is false.
@NullMarked
package io.logroute.parts.cel;

import org.jspecify.annotations.NullMarked;
