/// What people write: the records of the kinds `LogRouter`, `LogSink`, `LogRelay`, `LogRoute` and
/// `LogRouteTest`, and their reading from YAML.
///
/// [SpecReader] gives a [Read]: all the documents, or every [Problem] at once. Records check
/// themselves: a value that exists is valid. Each component carries a [Doc], from which the
/// reader takes defaults, and the pages and JSON Schemas take their words. A new source, filter
/// or sink is a new record in its sealed family, nothing else here.
///
/// [Labels] reads the same routes out of the labels of a service, and [StackFile] those labels out
/// of a stack file.
///
/// The one rule: no IO but through what is handed in, no clock, no thread, no log; one library
/// for YAML ([SpecReader]), one for expressions ([When]).
@NullMarked
package io.logroute.spec;

import org.jspecify.annotations.NullMarked;
