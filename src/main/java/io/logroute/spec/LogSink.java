package io.logroute.spec;

@Doc("A named destination, for routes to send to.")
public record LogSink(
        Name name,
        SinkSpec to,

        @Doc(value = "How much is kept of what it refuses for good, and how long.", or = "{}")
        DeadLettersSpec deadLetters)
        implements Document {}
