/// The words of the data path: an [Event], the [Batch] it travels in, the [Source] it comes from,
/// the [Filter]s that change or drop it, the [Sink] it goes to and the [Delivery] that a sink
/// gives back.
///
/// An event is the bytes that came in. They are looked into only when somebody asks for a field.
/// What is changed lies beside them and is written with them; everything else travels on untouched.
///
/// Whoever guards or waits for something on the data path does so with a [Monitor].
///
/// The one rule: this room does no IO, reads no clock, starts no thread and logs nothing. It
/// knows Jackson's streaming parser and nothing else (docs/decisions/0002).
@NullMarked
package io.logroute.flow;

import org.jspecify.annotations.NullMarked;
