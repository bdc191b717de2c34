/// Joins lines that belong together into one event: [Multiline] keeps the lines of each stream until
/// it knows that no more belong to them, and a [Shape] says whether a line goes on.
///
/// The one rule: what is joined depends on the lines, in their order, and on when they came in.
/// Whoever reads them again from the beginning of a group gets the same group, so nothing has to
/// be kept over a restart but the place where it began.
@NullMarked
package io.logroute.parts.multiline;

import org.jspecify.annotations.NullMarked;
