package io.logroute.router;

import io.logroute.buffer.jetstream.JetStreamBoxes;
import io.logroute.buffer.jetstream.JetStreamBuffer;
import io.logroute.remote.NatsServers;
import io.logroute.testbed.NatsServer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/// What holds of replays, where the dead letters lie on a stream.
@Timeout(600)
class ReplayOnStreamIT extends ReplayTest {
    private static @Nullable NatsServer nats;
    private @Nullable JetStreamBoxes boxes;

    @BeforeAll
    static void start() throws IOException {
        nats = NatsServer.single();
    }

    @AfterAll
    static void stop() {
        server().close();
    }

    private static NatsServer server() {
        return Objects.requireNonNull(nats);
    }

    private static NatsServers servers() {
        return new NatsServers(server().urls(), Optional.empty(), Optional.empty());
    }

    @Override
    Rig keeping(Rig rig) throws Exception {
        var opened = JetStreamBoxes.open(servers(), "LOGROUTE_core-0_DEAD", 1);
        boxes = opened;
        return rig.keeping((sink, buffer) -> new LettersOnStream(
                opened, "core", sink, buffer, DeadLetters.Bounds.USUAL, InstantSource.system(), (_, _) -> {}));
    }

    @AfterEach
    void discard() throws IOException {
        Objects.requireNonNull(boxes).close();
        JetStreamBuffer.delete(servers(), "LOGROUTE_core-0_DEAD");
    }
}
