package io.logroute.buffer;

import io.logroute.Seeds;
import io.logroute.buffer.DiskBuffer.Limits;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Random;

/// The laws of every buffer, for the one on disk. [DiskBufferLaws] has its own besides, on disks that
/// fail.
class DiskContractLaws extends BufferLaws {
    @Override
    protected Seeds seeds() {
        return Seeds.upTo(100);
    }

    @Override
    protected Home home(Random random) {
        return new Home() {
            private CrashingDisk disk = new CrashingDisk();

            @Override
            public Buffer open() throws IOException {
                return DiskBuffer.open(
                        disk, new Limits(MAX_BYTES, 64 * 1024), InstantSource.system(), random::nextLong);
            }

            @Override
            public void kill(Buffer buffer) {
                var before = disk;
                disk = disk.kill();
                before.powerFor(0);
                ((DiskBuffer) buffer).abandon();
            }

            @Override
            public boolean changesHands() {
                return false;
            }

            @Override
            public void close() {}
        };
    }
}
