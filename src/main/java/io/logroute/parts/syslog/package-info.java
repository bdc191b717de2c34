/// Syslog: RFC 5424 and RFC 3164, over UDP, TCP and TLS.
///
/// [SyslogMessage] makes fields of one message, [SyslogFrames] finds messages in a stream; both without
/// IO, clock or thread. [SyslogSource] listens.
///
/// The one rule: what is no syslog is an event all the same, with its whole text and a tag.
@NullMarked
package io.logroute.parts.syslog;

import org.jspecify.annotations.NullMarked;
