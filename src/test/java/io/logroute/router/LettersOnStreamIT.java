package io.logroute.router;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.buffer.BufferUnfit;
import io.logroute.buffer.jetstream.JetStreamBoxes;
import io.logroute.buffer.jetstream.JetStreamBuffer;
import io.logroute.remote.NatsServers;
import io.logroute.router.DeadLetters.Bounds;
import io.logroute.testbed.Door;
import io.logroute.testbed.NatsServer;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
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
        return open(servers(), maxBytes);
    }

    private DeadLetters open(NatsServers by, long maxBytes) throws IOException {
        var boxes = JetStreamBoxes.open(by, "LOGROUTE_core-0_DEAD", 1);
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

    private static StreamConfiguration.Builder made() {
        return StreamConfiguration.builder().name("LETTERS_DEAD").subjects("LETTERS_DEAD.>");
    }

    @Test
    void limits_that_could_drop_letters_are_taken_off() throws Exception {
        try (var hand = nats.connect()) {
            var manage = hand.jetStreamManagement();
            manage.addStream(made().maxAge(Duration.ofHours(1))
                    .maxMessages(1000)
                    .maxMessagesPerSubject(10)
                    .maxBytes(5000)
                    .build());
            JetStreamBoxes.open(servers(), "LETTERS_DEAD", 1).close();
            var is = manage.getStreamInfo("LETTERS_DEAD").getConfiguration();
            assertThat(is.getMaxAge()).isEqualTo(Duration.ZERO);
            assertThat(is.getMaxMsgs()).isEqualTo(-1);
            assertThat(is.getMaxMsgsPerSubject()).isEqualTo(-1);
            assertThat(is.getMaxBytes()).isEqualTo(-1);
            assertThat(is.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
            manage.deleteStream("LETTERS_DEAD");
        }
    }

    @Test
    void a_stream_that_would_drop_letters_by_its_nature_is_refused() throws Exception {
        try (var hand = nats.connect()) {
            var manage = hand.jetStreamManagement();
            manage.addStream(made().storageType(StorageType.Memory).build());
            assertThatThrownBy(() -> JetStreamBoxes.open(servers(), "LETTERS_DEAD", 1))
                    .isInstanceOf(BufferUnfit.class)
                    .hasMessageContaining("stream LETTERS_DEAD cannot be a router's dead letters: it lies in memory");
            manage.deleteStream("LETTERS_DEAD");
            manage.addStream(made().retentionPolicy(RetentionPolicy.WorkQueue).build());
            assertThatThrownBy(() -> JetStreamBoxes.open(servers(), "LETTERS_DEAD", 1))
                    .isInstanceOf(BufferUnfit.class)
                    .hasMessageContaining("its retention is workqueue");
            manage.deleteStream("LETTERS_DEAD");
        }
    }

    @Test
    void a_stream_that_somebody_deletes_is_made_anew_and_takes_letters_again() throws Exception {
        try (var letters = open();
                var hand = nats.connect()) {
            keep(letters, 0, 3);
            letters.sweep();
            hand.jetStreamManagement().deleteStream("LOGROUTE_core-0_DEAD");
            assertThatThrownBy(() -> keep(letters, 3, 5)).isInstanceOf(IOException.class);
            keep(letters, 3, 5);
            assertThat(numbers(letters)).containsExactly(3L, 4L);
            hand.jetStreamManagement().deleteStream("LOGROUTE_core-0_DEAD");
            now = now.plusSeconds(60);
            letters.sweep();
            assertThat(letters.count()).as("a drain can end").hasValue(0);
        }
    }

    @Test
    void a_stream_that_is_deleted_and_made_again_within_a_second_is_another_one() throws Exception {
        try (var boxes = JetStreamBoxes.open(servers(), "LETTERS_DEAD", 1);
                var hand = nats.connect()) {
            for (int times = 0; times < 10; times++) {
                hand.jetStreamManagement().deleteStream("LETTERS_DEAD");
                JetStreamBoxes.open(servers(), "LETTERS_DEAD", 1).close();
                assertThat(boxes.renew()).isTrue();
                assertThat(boxes.renew()).isFalse();
            }
            hand.jetStreamManagement().deleteStream("LETTERS_DEAD");
        }
    }

    @Test
    void limits_that_somebody_sets_while_it_is_open_are_taken_off() throws Exception {
        try (var letters = open();
                var hand = nats.connect()) {
            keep(letters, 0, 3);
            var manage = hand.jetStreamManagement();
            manage.updateStream(StreamConfiguration.builder(
                            manage.getStreamInfo("LOGROUTE_core-0_DEAD").getConfiguration())
                    .maxAge(Duration.ofHours(1))
                    .build());
            letters.sweep();
            assertThat(manage.getStreamInfo("LOGROUTE_core-0_DEAD")
                            .getConfiguration()
                            .getMaxAge())
                    .isEqualTo(Duration.ZERO);
            assertThat(letters.count()).hasValue(3);
        }
    }

    @Test
    void what_others_put_there_is_damage_and_keeps_no_letter_from_being_counted_or_read() throws Exception {
        try (var letters = open();
                var hand = nats.connect()) {
            keep(letters, 0, 2);
            for (var headers : List.of(
                    new Headers().add("LogRoute-Part", "x"),
                    new Headers().add("LogRoute-Part", "x 1 99999999999"),
                    new Headers().add("LogRoute-Note", "%zz"))) {
                hand.jetStream().publish("LOGROUTE_core-0_DEAD.es", headers, new byte[] {1});
            }
            letters.sweep();
            assertThat(letters.summary().letters()).isEqualTo(2);
            assertThat(letters.summary().damaged()).isEqualTo(3);
            keep(letters, 2, 4);
            assertThat(numbers(letters)).containsExactly(0L, 1L, 2L, 3L);
        }
    }

    /// Hands on to the server; the first connection in which a text is sent ends once the server has answered to it.
    private static final class CutOffAnswer implements AutoCloseable {
        private final String text;
        private final URI to;
        private final AtomicBoolean cut = new AtomicBoolean();
        private final Door door;

        CutOffAnswer(String text, String to) throws IOException {
            this.text = text;
            this.to = URI.create(to);
            this.door = new Door(0, this::taken);
        }

        NatsServers servers() {
            return new NatsServers(List.of("nats://127.0.0.1:" + door.port()), Optional.empty(), Optional.empty());
        }

        private void taken(Socket client) throws IOException {
            var target = new Socket(to.getHost(), to.getPort());
            var asked = new AtomicBoolean();
            var turn = new ReentrantLock(); // an answer is looked at when its question was
            Thread.ofVirtual()
                    .start(() -> copy(client, target, turn, () -> true, bytes -> {
                        if (new String(bytes, ISO_8859_1).contains(text) && cut.compareAndSet(false, true)) {
                            asked.set(true);
                        }
                    }));
            Thread.ofVirtual().start(() -> copy(target, client, turn, () -> !asked.get(), _ -> {}));
        }

        private static void copy(Socket from, Socket to, Lock turn, BooleanSupplier goesOn, Consumer<byte[]> written) {
            try (from;
                    to) {
                var buffer = new byte[64 << 10];
                for (int n = from.getInputStream().read(buffer);
                        n > 0 && handsOn(Arrays.copyOf(buffer, n), to, turn, goesOn, written);
                        n = from.getInputStream().read(buffer)) {}
            } catch (IOException e) {
                // The other direction ended it.
            }
        }

        private static boolean handsOn(
                byte[] bytes, Socket to, Lock turn, BooleanSupplier goesOn, Consumer<byte[]> written)
                throws IOException {
            turn.lock();
            try {
                if (!goesOn.getAsBoolean()) {
                    return false;
                }
                to.getOutputStream().write(bytes);
                written.accept(bytes);
                return true;
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            door.close();
        }
    }

    @Test
    void those_whose_deletion_got_no_answer_are_counted_once_when_they_are_gone() throws Exception {
        try (var cutting = new CutOffAnswer("$JS.API.STREAM.PURGE.", nats.urls().getFirst());
                var letters = open(cutting.servers(), 64 << 10)) {
            int kept = 0;
            while (!cutting.cut.get()) {
                keep(letters, kept, kept + 10);
                kept += 10;
            }
            assertThat(gone).as("nobody knows yet").isEmpty();
            now = now.plusSeconds(60);
            letters.sweep();
            var left = numbers(letters);
            assertThat(gone).isEqualTo(Map.of("max_bytes", (long) kept - left.size()));
            assertThat(letters.count()).hasValue(left.size());
            keep(letters, kept, kept + 300);
            assertThat(gone)
                    .isEqualTo(
                            Map.of("max_bytes", kept + 300L - numbers(letters).size()));
        }
    }

    @Test
    void those_that_were_taken_out_without_an_answer_are_counted_too() throws Exception {
        try (var cutting = new CutOffAnswer(
                        "$JS.API.STREAM.MSG.DELETE.", nats.urls().getFirst());
                var letters = open(cutting.servers(), 1 << 20)) {
            keep(letters, 0, 20);
            var page = all(letters, LetterFilter.ALL);
            assertThatThrownBy(() -> letters.remove(page.subList(0, 5), "replayed"))
                    .isInstanceOf(IOException.class);
            now = now.plusSeconds(60);
            letters.sweep();
            assertThat(gone.getOrDefault("replayed", 0L))
                    .isEqualTo(20L - numbers(letters).size());
        }
    }
}
