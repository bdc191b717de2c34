package io.logroute.spec;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/// The check that records make of themselves.
final class Require {
    private Require() {}

    /// Throws when `ok` is false. The message begins with the component it is about and says
    /// after the last semicolon how to mend it: `maxEvents is 0; write 1 or more`.
    @FormatMethod
    static void require(boolean ok, @FormatString String message, Object... values) {
        if (!ok) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
