package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.regex.Pattern;

/// The name of a router, sink or route: it becomes part of the names of configs, services, files
/// and metrics.
public record Name(String value) implements Comparable<Name> {
    private static final Pattern FITTING = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");

    public Name {
        require(
                fits(value),
                "name \"%s\" does not fit; use a-z, 0-9 and -, begin with a letter, end with a letter or digit, 40 at most",
                value);
    }

    /// Whether it can be a name.
    public static boolean fits(String value) {
        return FITTING.matcher(value).matches();
    }

    @Override
    public int compareTo(Name other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
