package io.logroute.router;

/// A pipeline as it is handed to a router: its text, the revision that this is, and which change of
/// the fleet brought it. Of two the one of the higher generation is the newer.
///
/// @param revision the name of that text
/// @param generation counted up by the controller, from 1
public record Edition(String text, String revision, long generation) {
    public Edition {
        if (!revision.matches("[0-9a-f]{12}")) {
            throw new IllegalArgumentException(
                    "the revision is \"%s\"; it has 12 hex digits, as in 3f9a1c0d2b4e".formatted(revision));
        }
        if (generation < 0) {
            throw new IllegalArgumentException("the generation is %d; they count up from 1".formatted(generation));
        }
    }

    @Override
    public String toString() {
        return "revision %s (generation %d)".formatted(revision, generation);
    }
}
