package io.logroute.flow;

import org.jspecify.annotations.Nullable;

/// What one look over an event tells of its top level, so that nobody looks again:
///
///     bit 47      named: bits 16-46 say something
///     bits 31-45  where the value of `stack_name` begins
///     bits 16-30  where the value of `service_name` begins
///     bit 15      known: bits 0-14 say something
///     bit 14      it may have a field `@metadata`
///     bit 13      line ends stand between its tokens
///     bits 0-12   where the value of `@timestamp` begins
///
/// A place is counted from the event's first byte; 0 when there is no such field; all ones when one
/// has to look: far behind, written with escapes, or there twice. Zero says nothing, and is always right.
///
/// They lie beside the event in the buffer ([Frames]), in a form that a LogRoute of before `named` takes
/// for nothing known. What that one wrote is read here as it meant it. Both forms, and why they are so:
/// `docs/decisions/0019-what-was-seen-at-the-door.md`.
final class Facts {
    static final long UNKNOWN = 0;
    static final long KNOWN = 1 << 15;
    static final long METADATA = 1 << 14;
    static final long LINE_ENDS = 1 << 13;
    static final long NAMED = 1L << 47;

    /// In the lower 32 bits of the stored form, where bits 16-47 are: that it may have `@metadata`.
    private static final long STORED_METADATA = 1L << 30;

    /// A field whose place is noted.
    ///
    /// @param shift the first bit of its place
    /// @param most the greatest that is noted there, which means that one has to look
    record Name(String key, int shift, long most) {
        static final Name TIMESTAMP = new Name("@timestamp", 0, (1 << 13) - 1);
        static final Name SERVICE = new Name("service_name", 16, (1 << 15) - 1);
        static final Name STACK = new Name("stack_name", 31, (1 << 15) - 1);

        /// The field of that key; `null` when its place is not noted.
        static @Nullable Name of(String key) {
            return switch (key) {
                case "@timestamp" -> TIMESTAMP;
                case "service_name" -> SERVICE;
                case "stack_name" -> STACK;
                default -> null;
            };
        }

        private long place(long facts) {
            return facts >>> shift & most;
        }

        private boolean stands(byte[] bytes, int name, int nameEnd) {
            return is(key, bytes, name, nameEnd);
        }
    }

    private static final String BEATS_METADATA = "@metadata";
    private static final long LOOK = looking(Name.TIMESTAMP) | looking(Name.SERVICE) | looking(Name.STACK);

    private Facts() {}

    private static long looking(Name name) {
        return name.most << name.shift;
    }

    /// Whether a field of such a name is to be told to [#with]; most are not.
    ///
    /// @param first the first byte of its name
    /// @param escaped whether the name has escapes with numbers
    static boolean matters(byte first, boolean escaped) {
        return first == '@' || first == 's' || escaped;
    }

    /// The facts with one field more.
    ///
    /// @param name, nameEnd its name, the quotes included
    /// @param value where its value begins, counted from the event's first byte
    static long with(long facts, byte[] bytes, int name, int nameEnd, int value) {
        if (Name.SERVICE.stands(bytes, name, nameEnd)) {
            return noted(facts, Name.SERVICE, value);
        }
        if (Name.STACK.stands(bytes, name, nameEnd)) {
            return noted(facts, Name.STACK, value);
        }
        if (Name.TIMESTAMP.stands(bytes, name, nameEnd)) {
            return noted(facts, Name.TIMESTAMP, value);
        }
        if (is(BEATS_METADATA, bytes, name, nameEnd)) {
            return facts | METADATA;
        }
        return hasEscape(bytes, name, nameEnd) ? facts | METADATA | LOOK : facts;
    }

    /// The facts with the place of the value of this field.
    static long noted(long facts, Name name, int value) {
        return name.place(facts) == 0 && value < name.most ? facts | (long) value << name.shift : facts | looking(name);
    }

    private static boolean is(String word, byte[] bytes, int name, int nameEnd) {
        int length = word.length();
        if (nameEnd - name != length + 2) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[name + 1 + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasEscape(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /// The field whose value begins at this place; `null` when that of none does that is noted.
    static @Nullable Name at(long facts, int value) {
        if (Name.TIMESTAMP.place(facts) == value) {
            return Name.TIMESTAMP;
        }
        if (Name.SERVICE.place(facts) == value) {
            return Name.SERVICE;
        }
        return Name.STACK.place(facts) == value ? Name.STACK : null;
    }

    /// Whether one has to look for a field whose place would be noted.
    static boolean haveToLook(long facts) {
        return isLooking(facts, Name.TIMESTAMP) || isLooking(facts, Name.SERVICE) || isLooking(facts, Name.STACK);
    }

    private static boolean isLooking(long facts, Name name) {
        return name.place(facts) == name.most;
    }

    /// Whether the event can leave as it is: it has a time, and nothing that must not leave.
    static boolean leavesAsItIs(long facts) {
        return (facts & (KNOWN | METADATA | LINE_ENDS)) == KNOWN && place(facts, Name.TIMESTAMP) > 0;
    }

    /// Where the value of this field begins; 0 when the event has no such field, -1 when one has to look.
    static int place(long facts, Name name) {
        long told = name == Name.TIMESTAMP ? KNOWN : NAMED;
        return (facts & told) == 0 || isLooking(facts, name) ? -1 : (int) name.place(facts);
    }

    /// The 48 bits that lie beside an event in the buffer. With places of names, `known` is off and the bit
    /// of `@metadata` on, which was never written before; where that bit goes then, there is room among
    /// the places.
    static long stored(long facts) {
        if ((facts & NAMED) == 0) {
            return (facts & 0xffff) << 32;
        }
        long places = facts >>> 16 | ((facts & METADATA) == 0 ? 0 : STORED_METADATA);
        return (facts & 0x3fff | METADATA) << 32 | places;
    }

    /// What was stored, by this LogRoute or one before.
    static long ofStored(long stored) {
        long head = stored >>> 32 & 0xffff;
        if ((head & KNOWN) != 0) {
            return head;
        }
        long places = stored & 0xffffffffL;
        if ((head & METADATA) == 0 || (places << 16 & NAMED) == 0) {
            return UNKNOWN;
        }
        long metadata = (places & STORED_METADATA) == 0 ? 0 : METADATA;
        return (places & ~STORED_METADATA) << 16 | KNOWN | head & 0x3fff | metadata;
    }
}
