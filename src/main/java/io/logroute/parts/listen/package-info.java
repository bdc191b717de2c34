/// What sources that listen share: [Listener] takes connections, with TLS or without, each a [Peer] on
/// a virtual thread of its own; [Datagrams] takes what comes over UDP; [Room] is the memory of all for
/// what is read and not handed over; [InFlight] bounds what is handed over and not stored.
///
/// The one rule: after `close` nothing more is handed over, and nobody waits without a bound of time.
@NullMarked
package io.logroute.parts.listen;

import org.jspecify.annotations.NullMarked;
