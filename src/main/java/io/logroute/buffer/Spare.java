package io.logroute.buffer;

/// The file of a segment that all readers have passed, kept for a later segment: what was written
/// before is faster to force than a file that grows. Nothing in it means anything.
/// `ordinal` is that of its former life.
record Spare(long ordinal, long size) {
    private static final String SUFFIX = ".spare";

    /// How many are kept at most.
    static final int MOST = 4;

    String name() {
        return name(ordinal);
    }

    static String name(long ordinal) {
        return "%020d%s".formatted(ordinal, SUFFIX);
    }

    static boolean isName(String file) {
        return file.endsWith(SUFFIX) && Segment.isName(file.replace(SUFFIX, ".seg"));
    }
}
