package io.logroute.flow;

import java.nio.charset.StandardCharsets;

/// How far a source is in one of the things that it reads, a container's log say. It is stored in the very record of
/// the buffer that holds the events of its batch, so both are durable or neither is, and the source finds the newest
/// mark of each thing when it starts again ([Inlet#marks]).
///
/// @param of what it reads, in words of the source's own
/// @param at how far it is
public record Mark(String of, String at) {
    /// The bytes of both, at most: they lie in every record.
    private static final int MOST = 4096;

    public Mark {
        if (of.isEmpty() || of.indexOf('\n') >= 0 || at.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a mark is of something, and all of it stands in one line");
        }
        int length = of.getBytes(StandardCharsets.UTF_8).length + at.getBytes(StandardCharsets.UTF_8).length;
        if (length > MOST) {
            throw new IllegalArgumentException("a mark of %d bytes; %d are the most".formatted(length, MOST));
        }
    }

    /// The same, of a thing with a longer name.
    public Mark below(String source) {
        return new Mark(source + "/" + of, at);
    }
}
