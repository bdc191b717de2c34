package io.logroute.router;

import io.logroute.buffer.jetstream.JetStreamBoxes;
import io.logroute.buffer.jetstream.JetStreamBuffer;
import io.logroute.remote.NatsServers;
import io.logroute.router.DeadLetters.Bounds;
import io.logroute.testbed.NatsServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LettersOnStreamIT extends DeadLettersClaims {
    private static NatsServer nats;

    private final List<JetStreamBoxes> opened = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        nats = NatsServer.single();
    }

    @AfterAll
    static void stop() {
        nats.close();
    }

    private static NatsServers servers() {
        return new NatsServers(nats.urls(), Optional.empty(), Optional.empty());
    }

    @Override
    DeadLetters open(long maxBytes) throws IOException {
        var boxes = JetStreamBoxes.open(servers(), "LOGROUTE_core-0_DEAD", 1);
        opened.add(boxes);
        return new LettersOnStream(
                boxes,
                "core",
                "es",
                "buf",
                new Bounds(maxBytes, Duration.ofDays(30)),
                () -> now,
                (why, letters) -> gone.merge(why, letters, Long::sum));
    }

    @AfterEach
    void discard() throws IOException {
        opened.forEach(JetStreamBoxes::close);
        JetStreamBuffer.delete(servers(), "LOGROUTE_core-0_DEAD");
    }
}
