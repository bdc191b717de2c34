package io.logroute.buffer.jetstream;

import io.logroute.Seeds;
import io.logroute.buffer.Buffer;
import io.logroute.buffer.BufferLaws;
import io.logroute.remote.NatsServers;
import io.logroute.testbed.NatsServer;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The laws of every buffer, for the one on JetStream, on a real server.
class JetStreamBufferLaws extends BufferLaws {
    private static NatsServer server;
    private static int names;

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

    @Override
    protected Seeds seeds() {
        return Seeds.upTo(12, 50);
    }

    @Override
    protected Home home(Random random) {
        var servers = new NatsServers(server.urls(), Optional.empty(), Optional.empty());
        var settings = new JetStreamBuffer.Settings("LAWS_" + names++, 1, MAX_BYTES);
        return new Home() {
            @Override
            public Buffer open() throws IOException {
                return JetStreamBuffer.open(servers, settings);
            }

            @Override
            public void kill(Buffer buffer) {
                ((JetStreamBuffer) buffer).abandon();
            }

            @Override
            public boolean changesHands() {
                return true;
            }

            @Override
            public void close() throws IOException {
                JetStreamBuffer.delete(servers, settings.stream());
            }
        };
    }
}
