package io.logroute.spec;

/// One YAML document: a thing with a kind and a name.
public sealed interface Document permits LogRouter, LogSink, LogRelay, LogRoute, LogRouteTest {
    /// The `apiVersion` that documents carry.
    String API_VERSION = "logroute/v1";

    Name name();

    /// The word under `kind`.
    default String kind() {
        return getClass().getSimpleName();
    }
}
