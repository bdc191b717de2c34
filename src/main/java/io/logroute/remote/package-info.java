/// Ports to systems outside the process that more than one room speaks to, and their adapters.
/// [Elastic] is Elasticsearch, or OpenSearch, over HTTP; [Swarm] is a Docker Swarm through one of its managers, as
/// [DockerSwarm] over Docker's API and as [MemorySwarm] for dry runs and tests; [RouterLink] is how a
/// controller speaks to routers that run elsewhere, known to each other by a [LinkKey]; [Pem] reads certificates and
/// keys; [NatsServers] makes connections to NATS, for those rooms that speak to it themselves, and
/// [NatsLink] keeps one.
///
/// The one rule: types of a client library never leave their adapter; those of NATS go to `buffer.jetstream` and
/// `parts.nats`, too.
@NullMarked
package io.logroute.remote;

import org.jspecify.annotations.NullMarked;
