package io.logroute.parts.nats;

/// What brings messages to an inlet, on threads of its own, until it is closed: safe twice.
interface Feed extends AutoCloseable {
    void start();

    /// Whether what it takes messages from is there, as long as servers are reached.
    boolean isUp();

    @Override
    void close();
}
