/// Takes events over HTTP/1.1: [HttpSource] listens, a `Conversation` speaks with one client,
/// `Split` finds the events in a body; `ElasticApi` says what Elasticsearch would. [HttpSink] posts
/// events to a server, at a [SafeUrl].
///
/// It is an HTTP server of its own on plain sockets and virtual threads, because the one in the
/// JDK reads a request's head without a limit of time, answers `Expect: 100-continue` before
/// anyone may refuse, and takes its bounds from system properties of the whole process. RFC 9112
/// says what a request looks like, RFC 9110 what the answers mean, RFC 9457 how a
/// problem is told.
///
/// The one rule: 200 means that every event of the request is on disk; 400, 413 and 415 that none
/// of it was taken. Everything has a bound: connections, heads, bodies, bytes of all requests
/// together, and every wait.
@NullMarked
package io.logroute.parts.http;

import org.jspecify.annotations.NullMarked;
