/// Keeps nothing of what it is given: [DiscardSink].
///
/// The one rule: whoever sends events here has said so by name.
@NullMarked
package io.logroute.parts.discard;

import org.jspecify.annotations.NullMarked;
