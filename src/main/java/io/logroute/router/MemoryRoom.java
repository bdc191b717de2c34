package io.logroute.router;

import com.sun.management.OperatingSystemMXBean;
import io.logroute.spec.BufferSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/// What buffers in memory may take together. They lie beside the Java heap and are taken piece by
/// piece: without this bound those that do not fit would be killed by the system when they fill,
/// with all that is in them.
///
/// @param machine bytes that the machine, or the container, has
/// @param heap bytes that the Java heap may take
record MemoryRoom(long machine, long heap) {
    /// For the JVM itself, its threads and what it sends and receives.
    private static final long RESERVE = 256 << 20;

    static MemoryRoom here() {
        return new MemoryRoom(
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
                Runtime.getRuntime().maxMemory());
    }

    /// @param buffer bytes of the one that is wanted
    /// @param others bytes of all others that run
    /// @throws IOException when it does not fit beside them, with what would
    void refuseTooLarge(long buffer, long others) throws IOException {
        long left = Math.max(0, machine - heap - RESERVE - others);
        if (buffer <= left) {
            return;
        }
        var mend = "keep it on disk with buffer: { maxBytes: … }";
        throw new IOException(
                "buffer.memory is %d MiB, and of the %d MiB of memory here %d MiB are left for it: the Java heap may take %d MiB, the rest of the JVM %d MiB, and other buffers in memory %d MiB; %s"
                        .formatted(
                                buffer >> 20,
                                machine >> 20,
                                left >> 20,
                                heap >> 20,
                                RESERVE >> 20,
                                others >> 20,
                                left < BufferSpec.LEAST
                                        ? mend
                                        : "write %dMiB or less, or %s".formatted(left >> 20, mend)));
    }
}
