package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class DoorTest {
    private static final int TIMES = 300;

    /// A socket that is closed under a waiting virtual thread would take, and reset, some of these.
    @Test
    void whoever_connects_after_it_was_closed_is_refused() throws Exception {
        var taken = new LinkedBlockingQueue<Socket>();
        for (int time = 0; time < TIMES; time++) {
            var door = new Door(0, taken::add);
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), door.port());
                    var _ = taken.take()) {
                door.close();
                assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), door.port()))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("refused");
            }
        }
    }
}
