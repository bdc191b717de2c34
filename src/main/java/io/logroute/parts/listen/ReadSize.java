package io.logroute.parts.listen;

import java.time.Duration;

/// How large an array is that a connection reads into: small while little comes, so that a thousand quiet
/// connections cost little, and larger while what comes fills it.
public final class ReadSize {
    /// Of a connection that is new, or was quiet.
    public static final int LEAST = 4 << 10;

    private static final int USUAL = 64 << 10;

    /// A connection that says nothing for so long is quiet.
    public static final Duration QUIET = Duration.ofSeconds(1);

    private ReadSize() {}

    /// For the next read.
    ///
    /// @param length of the array now
    /// @param kept bytes in it that are not decoded yet
    /// @param isFilled whether the last read filled it
    /// @param isQuiet whether nothing came for a while
    public static int next(int length, int kept, boolean isFilled, boolean isQuiet) {
        if (kept == 0 && isQuiet) {
            return LEAST;
        }
        if (kept == 0 && length > USUAL) {
            return USUAL;
        }
        return isFilled && length < USUAL ? 2 * length : length;
    }
}
