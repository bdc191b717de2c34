/// Ports to systems outside the process that more than one room speaks to, and their adapters.
/// [Elastic] is Elasticsearch, or OpenSearch, over HTTP; [Pem] reads certificates and keys.
/// [RouterLink] is how a controller speaks to routers that run elsewhere, known to each other by a
/// [LinkKey].
///
/// The one rule: types of a client library never leave their adapter.
@NullMarked
package io.logroute.remote;

import org.jspecify.annotations.NullMarked;
