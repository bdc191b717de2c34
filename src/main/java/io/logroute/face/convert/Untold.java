package io.logroute.face.convert;

/// There is no way to say that in specs; the message says why, and what to do.
final class Untold extends Exception {
    private static final long serialVersionUID = 1;

    Untold(String why) {
        super(why);
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
