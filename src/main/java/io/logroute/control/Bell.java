package io.logroute.control;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Rung by anything that may have changed something; what it was is not said. Rings that come
/// together count once.
public final class Bell {
    private final Semaphore rings = new Semaphore(0);

    /// Rings. Never waits.
    public void ring() {
        if (rings.availablePermits() == 0) {
            rings.release();
        }
    }

    /// Waits until it is rung, or for `silence`; then for a short quiet time, so that changes
    /// that come together are looked at together.
    ///
    /// @return whether it was rung
    public boolean await(Duration silence, Duration quiet) throws InterruptedException {
        boolean rung = rings.tryAcquire(silence.toMillis(), TimeUnit.MILLISECONDS);
        if (rung) {
            // A ring within the quiet time begins it anew, but not for ever.
            for (int i = 0; i < 10 && rings.tryAcquire(quiet.toMillis(), TimeUnit.MILLISECONDS); i++) {
                rings.drainPermits();
            }
        }
        return rung;
    }
}
