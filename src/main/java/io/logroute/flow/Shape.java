package io.logroute.flow;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the JSON objects of one sender have in common: the bytes between the values at their top,
/// names, quotes, colons and commas. Where an object has the same bytes there as a valid one
/// before, only its values are to be looked at; the rest is as valid as it was then. Senders
/// mostly write the same fields in the same order.
///
/// A piece is what stands before a value: `{"a":` the first, `,"b":` the others. Used by one thread
/// at a time.
public final class Shape {
    /// Objects with more fields, or longer names together, are not learned.
    private static final int MAX_PIECES = 64;

    private static final int MAX_BYTES = 4096;

    /// What one object that does not fit takes away of the trust that each fitting one adds one to.
    private static final int MISS = 4;

    private static final int MOST_TRUST = 32;

    /// So many objects are not tried after trust was used up.
    private static final int REST = 1_000;

    private byte[] text = new byte[256];
    private int[] ends = new int[16];
    /// The field before whose value a piece stands, where its place is to be noted.
    private Facts.@Nullable Name[] names = new Facts.Name[16];

    private int count;
    /// What is known of every object like this, beside the places.
    private long facts;

    private int trust = MOST_TRUST;
    private int resting;

    /// Where values of the object at hand begin and end.
    private int[] marks = new int[32];

    private int marked;

    /// Whether it is worth trying whether the next object fits. Starts anew with it.
    boolean isTried() {
        marked = 0;
        if (resting > 0) {
            resting--;
            return false;
        }
        return count > 0;
    }

    int count() {
        return count;
    }

    /// The field before whose value the piece stands; `null` when its place is not to be noted.
    Facts.@Nullable Name name(int piece) {
        return names[piece];
    }

    /// What is known of an object that fits, beside the places.
    long facts() {
        return facts;
    }

    int length(int piece) {
        return ends[piece] - start(piece);
    }

    private int start(int piece) {
        return piece == 0 ? 0 : ends[piece - 1];
    }

    /// Whether the piece stands at this place, and something behind it.
    boolean fits(int piece, byte[] bytes, int at, int to) {
        int start = start(piece);
        int length = ends[piece] - start;
        return length < to - at && Eight.same(bytes, at, text, start, length);
    }

    void fitted() {
        trust = Math.min(MOST_TRUST, trust + 1);
    }

    void missed() {
        trust -= MISS;
        if (trust < 0) {
            trust = MOST_TRUST / 2;
            resting = REST;
        }
    }

    /// A value at the top of the object at hand.
    void mark(int from, int to) {
        if (marked == marks.length && marked < 2 * MAX_PIECES) {
            marks = Arrays.copyOf(marks, 2 * marked);
        }
        if (marked < marks.length) {
            marks[marked] = from;
            marks[marked + 1] = to;
        }
        marked += 2;
    }

    /// The object at hand is valid, and those that follow may be like it.
    ///
    /// @param facts what is known of it
    void learn(byte[] bytes, int from, int to, long facts) {
        count = 0;
        if (resting > 0 || marked > marks.length || marked == 0 || !isTold(facts)) {
            return;
        }
        int at = from;
        int length = 0;
        int pieces = marked / 2;
        if (ends.length < pieces) {
            ends = new int[Math.max(pieces, 2 * ends.length)];
            names = new Facts.Name[ends.length];
        }
        for (int i = 0; i < pieces; i++) {
            int value = marks[2 * i];
            int more = value - at;
            if (length + more > MAX_BYTES) {
                return;
            }
            if (length + more > text.length) {
                text = Arrays.copyOf(text, Math.max(length + more, 2 * text.length));
            }
            System.arraycopy(bytes, at, text, length, more);
            length += more;
            ends[i] = length;
            names[i] = Facts.at(facts, value - from);
            at = marks[2 * i + 1];
        }
        this.facts = facts & Facts.METADATA;
        // Blanks before the end are rare, and looked at there.
        count = at + 1 == to ? pieces : 0;
    }

    /// Whether the same names tell the same: no field has to be looked for.
    private static boolean isTold(long facts) {
        return (facts & Facts.LINE_ENDS) == 0 && !Facts.haveToLook(facts);
    }
}
