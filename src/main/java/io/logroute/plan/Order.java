package io.logroute.plan;

/// What a controller tells an instance to do. To repeat an order changes nothing.
public enum Order {
    /// To take events in.
    SERVE,
    /// To take nothing in, and to deliver what it has.
    DRAIN,
    /// To give up a buffer elsewhere that is drained, with the place it has there.
    DISCARD
}
