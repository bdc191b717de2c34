package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HandshakeTest {
    /// Of a record of 16 KiB, the most there may be (RFC 8446, section 5.1).
    private static final byte[] RECORD = {0x16, 3, 3, 0x40, 0};

    @Test
    @Timeout(60)
    void a_peer_that_sends_a_byte_now_and_then_does_not_hold_it_open() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var plain = new Socket(server.getInetAddress(), server.getLocalPort());
                var peer = server.accept();
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            var out = peer.getOutputStream();
            out.write(RECORD);
            var trickle = clock.scheduleWithFixedDelay(() -> trickle(peer), 20, 20, TimeUnit.MILLISECONDS);
            plain.setSoTimeout((int) TimeUnit.SECONDS.toMillis(30));
            var secure = (SSLSocket) SSLContext.getDefault().getSocketFactory().createSocket(plain, "peer", 1, true);
            var late = new CountDownLatch(1);
            assertThatThrownBy(() -> Handshake.within(secure, Duration.ofMillis(300), () -> {
                        late.countDown();
                        close(plain);
                    }))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(late.getCount()).isZero();
            trickle.cancel(true);
        }
    }

    private static void trickle(Socket peer) {
        try {
            peer.getOutputStream().write(0);
        } catch (IOException e) {
            throw new IllegalStateException("the other side is gone", e);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
