/// NATS: [NatsSource] takes messages from a stream of JetStream (`StreamFeed`) or from subjects of core
/// NATS (`SubjectFeed`), `Decoder` makes events of them; [NatsSink] sends events as messages.
///
/// A `Link` keeps the connection, which `remote.NatsServers` makes, for as long as the part is open.
/// The pull requests of JetStream are our own: the client's subscriptions do not tell how much of a
/// request is still to come, and we never ask for more than there is room for.
///
/// The one rule: a message of a stream is acknowledged when the receipt of its events says stored, and
/// never before. Everything has a bound: what is asked for, what is held, what is sent and not
/// confirmed, and every wait.
@NullMarked
package io.logroute.parts.nats;

import org.jspecify.annotations.NullMarked;
