package io.logroute.flow;

import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What was made of the text of a top-level field, found again by the bytes of that text: nothing is made
/// twice while texts come again, not even the text. What is made must depend on that text alone where the
/// field is there.
///
/// It keeps a fixed number of texts, the two that were added last where one hash leads, and no long ones:
/// whoever makes up texts without end pays for what is made of them, and displaces others. Used by one thread.
public final class ByText<T> {
    private static final int LONGEST = 128;
    private static final int PLACES = 8192;

    /// @param text as it stands in the event, with its quotes
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Known<T>(byte[] text, T made) {
        boolean is(byte[] bytes, int from, int to) {
            return text.length == to - from && Eight.same(bytes, from, text, 0, text.length);
        }
    }

    private final String key;
    private final Function<Event, T> made;
    /// Made with the first text: many are asked for none.
    private @Nullable Known<T> @Nullable [] known;

    /// @param made from an event, whether it has the field or not
    public ByText(String key, Function<Event, T> made) {
        this.key = key;
        this.made = made;
    }

    public T of(Event event) {
        int from = event.textFrom(key);
        if (from < 0) {
            return made.apply(event);
        }
        var bytes = event.array();
        int to = Fields.stringEnd(bytes, from);
        if (to - from > LONGEST) {
            return made.apply(event);
        }
        var known = known();
        int place = Eight.hash(bytes, from, to) & PLACES - 2;
        var first = known[place];
        if (first != null && first.is(bytes, from, to)) {
            return first.made();
        }
        var second = known[place + 1];
        if (second != null && second.is(bytes, from, to)) {
            return second.made();
        }
        var fresh = made.apply(event);
        known[place + 1] = first;
        known[place] = new Known<>(Arrays.copyOfRange(bytes, from, to), fresh);
        return fresh;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private @Nullable Known<T>[] known() {
        var there = known;
        if (there == null) {
            there = new Known[PLACES];
            known = there;
        }
        return there;
    }
}
