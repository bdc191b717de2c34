/// Fluent: events from Fluent Bit, Fluentd, fluent-logger libraries and Docker's fluentd driver, over
/// the Forward protocol, version 1.
///
/// [MessageEnd] finds where a message ends, [ForwardDecoder] writes its events as JSON ([Transcoder]);
/// both without IO, clock or thread. [PartialLines] joins lines that Docker cut. [Handshake] is the
/// protocol's own proof of a key and a user. [FluentSource] listens.
///
/// The one rule: a `chunk` is acknowledged after all its events are stored.
@NullMarked
package io.logroute.parts.fluent;

import org.jspecify.annotations.NullMarked;
