package io.logroute.face;

/// REST cannot start; the message says what, where, and how to mend.
public final class CannotServe extends Exception {
    CannotServe(String message) {
        super(message);
    }

    CannotServe(String message, Throwable cause) {
        super(message, cause);
    }
}
