package io.logroute.spec;

@Doc("A named destination, for routes to send to.")
public record LogSink(Name name, SinkSpec to) implements Document {}
