/// Writes events to standard output: [ConsoleSink].
///
/// The one rule: a line is whole, or the write fails; two batches never mix within a line.
@NullMarked
package io.logroute.parts.console;

import org.jspecify.annotations.NullMarked;
