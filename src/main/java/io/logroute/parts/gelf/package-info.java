/// GELF: Graylog's format, version 1.1, over UDP and TCP.
///
/// [GelfMessage] makes fields of one message, [Chunks] puts messages together that came in several
/// datagrams; both without IO, clock or thread. [GelfSource] listens.
///
/// The one rule: what is no GELF is an event all the same, with its whole text and a tag.
@NullMarked
package io.logroute.parts.gelf;

import org.jspecify.annotations.NullMarked;
