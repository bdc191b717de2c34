package io.logroute.parts.nats;

import java.time.Instant;

/// What the reply subject of a message of JetStream tells of it:
///
///     $JS.ACK.[<domain>.<account>.]<stream>.<consumer>
///         .<times>.<seq>.<consumer seq>.<time>.<pending>[.<chance>]
///
/// @param times how often it was delivered, this time included
/// @param seq its number in the stream
/// @param nanos when it was stored there, since 1970
/// @param pending messages that the consumer has not delivered yet
record Delivered(long times, long seq, long nanos, long pending) {
    private static final String PREFIX = "$JS.ACK.";
    private static final int SHORT = 9;
    private static final int LONGEST = 12;

    /// @throws IllegalArgumentException when it is no such subject
    static Delivered of(String reply) {
        if (!reply.startsWith(PREFIX)) {
            throw new IllegalArgumentException("\"%s\" is no acknowledgement subject of JetStream".formatted(reply));
        }
        var starts = new int[LONGEST + 1];
        int tokens = 1;
        for (int i = 0; i < reply.length() && tokens <= LONGEST; i++) {
            if (reply.charAt(i) == '.') {
                starts[tokens++] = i + 1;
            }
        }
        int first = tokens == SHORT ? SHORT - 5 : SHORT - 3;
        if (tokens < SHORT || first + 5 > tokens) {
            throw new IllegalArgumentException("\"%s\" is no acknowledgement subject of JetStream".formatted(reply));
        }
        return new Delivered(
                number(reply, starts[first]),
                number(reply, starts[first + 1]),
                number(reply, starts[first + 3]),
                number(reply, starts[first + 4]));
    }

    private static long number(String text, int at) {
        long number = 0;
        for (int i = at; i < text.length() && text.charAt(i) != '.'; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("\"%s\" is no acknowledgement subject of JetStream".formatted(text));
            }
            number = number * 10 + digit;
        }
        return number;
    }

    Instant stored() {
        return Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
    }
}
