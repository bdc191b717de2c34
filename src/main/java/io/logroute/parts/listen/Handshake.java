package io.logroute.parts.listen;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSocket;

/// TLS handshakes that end. The time-out of a socket is for each read: a peer that sends a byte now and then would
/// hold a handshake open for ever.
public final class Handshake {
    private Handshake() {}

    /// Shakes hands.
    ///
    /// @param tooLate runs on another thread when it is not done within that time; closes what lies below
    /// @throws IOException when there is no TLS with this peer; a [SocketTimeoutException] when it was too late
    public static void within(SSLSocket secure, Duration atMost, Runnable tooLate) throws IOException {
        var done = new CountDownLatch(1);
        var late = new AtomicBoolean();
        Thread.ofVirtual().name("handshake-" + secure.getRemoteSocketAddress()).start(() -> {
            try {
                if (!done.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                    late.set(true);
                    tooLate.run();
                }
            } catch (InterruptedException e) {
                tooLate.run();
            }
        });
        try {
            secure.startHandshake();
        } catch (IOException e) {
            if (late.get()) {
                throw (IOException)
                        new SocketTimeoutException("no TLS handshake within %d s".formatted(atMost.toSeconds()))
                                .initCause(e);
            }
            throw e;
        } finally {
            done.countDown();
        }
    }
}
