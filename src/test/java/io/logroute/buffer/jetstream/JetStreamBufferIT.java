package io.logroute.buffer.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.Cursor;
import io.logroute.buffer.Stored;
import io.logroute.remote.NatsServers;
import io.logroute.testbed.NatsServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The log on a real server of NATS, one step at a time.
class JetStreamBufferIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static NatsServer server;
    private static int names;
    private final String name = "LOGROUTE_core-" + names++;

    @BeforeAll
    static void start() throws IOException {
        server = NatsServer.single();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static NatsServers servers() {
        return new NatsServers(server.urls(), Optional.empty(), Optional.empty());
    }

    private JetStreamBuffer open() throws IOException {
        return JetStreamBuffer.open(servers(), new JetStreamBuffer.Settings(name, 1, 64 << 20));
    }

    private static long append(Buffer buffer, String text, int events) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return buffer.append(bytes, 0, bytes.length, events);
    }

    private static List<String> readAll(Cursor cursor) throws Exception {
        List<String> all = new ArrayList<>();
        while (!cursor.hasReadAll()) {
            Optional<Stored> stored = cursor.read(SOON);
            assertThat(stored).as("after %s", all).isPresent();
            all.add(new String(stored.get().bytes(), StandardCharsets.UTF_8));
        }
        return all;
    }

    @Test
    void what_was_appended_is_read_in_order_and_after_closing_only_what_was_not_settled() throws Exception {
        String id;
        try (JetStreamBuffer buffer = open()) {
            id = buffer.id();
            assertThat(append(buffer, "one", 1)).isZero();
            assertThat(append(buffer, "two and three", 2)).isEqualTo(1);
            assertThat(append(buffer, "four", 1)).isEqualTo(3);
            assertThat(buffer.sync()).isEqualTo(4);
            Cursor cursor = buffer.cursor("es");
            assertThat(readAll(cursor)).containsExactly("one", "two and three", "four");
            assertThat(cursor.unsettled()).isEqualTo(4);
            cursor.settle(2);
            cursor.save();
        }
        try (JetStreamBuffer buffer = open()) {
            assertThat(buffer.id()).isEqualTo(id);
            assertThat(buffer.recovery().clean()).isTrue();
            assertThat(buffer.nextSeq()).isEqualTo(4);
            Cursor cursor = buffer.cursor("es");
            assertThat(cursor.settled()).isEqualTo(2);
            assertThat(readAll(cursor)).containsExactly("two and three", "four");
            assertThat(append(buffer, "five", 1)).isEqualTo(4);
            buffer.sync();
            assertThat(readAll(cursor)).containsExactly("five");
        }
    }
}
