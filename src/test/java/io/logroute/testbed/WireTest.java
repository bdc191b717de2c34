package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What goes over a wire, goes through; when it is cut nothing does, until it is healed.
@Timeout(300)
class WireTest {
    private static final int PATIENCE_MILLIS = 60_000;

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Wire wire =
            new Wire("127.77.9.1", 0, new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));

    WireTest() throws IOException {
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    @AfterEach
    void close() throws IOException {
        wire.close();
        server.close();
    }

    private Socket connected() throws IOException {
        var client = new Socket("127.77.9.1", wire.port());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private Socket accepted() throws IOException {
        var there = server.accept();
        there.setSoTimeout(PATIENCE_MILLIS);
        return there;
    }

    private void passes() throws IOException {
        try (var client = connected();
                var there = accepted()) {
            client.getOutputStream().write('a');
            assertThat(there.getInputStream().read()).isEqualTo('a');
            there.getOutputStream().write('b');
            assertThat(client.getInputStream().read()).isEqualTo('b');
            there.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void it_passes_on_both_ways_and_the_end_as_well() throws IOException {
        passes();
    }

    @Test
    void when_it_is_cut_what_is_open_ends_on_both_sides_and_new_ones_are_refused_until_it_is_healed()
            throws IOException {
        try (var client = connected();
                var there = accepted()) {
            client.getOutputStream().write('a');
            assertThat(there.getInputStream().read()).isEqualTo('a');
            wire.cut();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(there.getInputStream().read()).isEqualTo(-1);
        }
        assertThatThrownBy(this::connected).isInstanceOf(ConnectException.class);
        wire.cut();
        wire.heal();
        passes();
        wire.heal();
        passes();
    }
}
