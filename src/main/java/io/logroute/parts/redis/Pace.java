package io.logroute.parts.redis;

/// How many entries to ask for in one go: about 2 MiB of them, going by those that came last. It begins with
/// one, and grows by four: whether the next ones are larger nobody says, and a reply has to fit into memory. So a
/// router that died of entries that were too large together takes them one by one. Of one thread.
final class Pace {
    static final long BYTES = 2 << 20;
    private static final int FIRST = 1;
    private static final int MOST = 2_000;

    private int count = FIRST;

    int count() {
        return count;
    }

    void came(long bytes, int entries) {
        if (entries > 0) {
            long fitting = BYTES / Math.max(1, bytes / entries);
            count = (int) Math.clamp(fitting, 1, Math.min(MOST, 4L * count));
        }
    }
}
