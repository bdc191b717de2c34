/// The durable log of a router: bytes in, bytes out; it knows no events.
@NullMarked
package io.logroute.buffer;

import org.jspecify.annotations.NullMarked;
