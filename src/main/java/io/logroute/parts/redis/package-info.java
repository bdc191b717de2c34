/// Redis: events from streams and lists, and to them.
///
/// [RedisSource] has a [Taker] for each key. What differs between the two forms of a key stands in its [Shelf]:
/// [StreamShelf] and [ListShelf]. [Payload] makes events of what was taken, without IO, clock or thread. [RedisSink]
/// writes; [Backlog] says how much more a key may hold. The words on the wire and the way to the servers are in
/// `remote`, so that a relay can use them, too.
///
/// The one rule: what was taken stays in Redis, marked as begun with, until the router has stored it; and nothing is
/// trimmed that somebody has yet to read.
@NullMarked
package io.logroute.parts.redis;

import org.jspecify.annotations.NullMarked;
