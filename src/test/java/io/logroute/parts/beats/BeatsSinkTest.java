package io.logroute.parts.beats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.Name;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.Door;
import io.logroute.testbed.Ports;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class BeatsSinkTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Instant RECEIVED = Instant.parse("2026-11-30T07:00:00Z");

    @TempDir
    Path folder;

    private final Instruments meters = new Instruments();
    private @Nullable BeatsSink sink;

    @AfterEach
    void stop() {
        if (sink != null) {
            sink.close();
        }
        meters.close();
    }

    @ParameterizedTest(name = "compressionLevel {0}")
    @ValueSource(ints = {0, 3, 9})
    void events_go_on_as_the_bytes_that_came_in(int level) throws Exception {
        var came = "{ \"@timestamp\":\"2026-01-01T00:00:00.000Z\", \"n\" : 1.0,\"@metadata\":{\"beat\":\"filebeat\"} }";
        try (var receiver = new Receiver((events, answer) -> answer.ack(events))) {
            var to = sink(spec(List.of(receiver.host()), level, Optional.empty(), "60s"));
            assertThat(to.write(batch(came, "{\"@timestamp\":\"x\",\"a\":\"ü\"}")))
                    .containsOnly(Delivery.delivered());
            assertThat(receiver.events).containsExactly(came, "{\"@timestamp\":\"x\",\"a\":\"ü\"}");
        }
    }

    @Test
    void our_own_source_takes_windows_one_after_the_other() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        try (var source = source(inlet, Optional.empty())) {
            var to = sink(spec(List.of("127.0.0.1:" + source.port()), 3, Optional.empty(), "60s"));
            for (int i = 0; i < 5; i++) {
                assertThat(to.write(numbered(i * 2000, 2000))).containsOnly(Delivery.delivered());
            }
            assertThat(inlet.stored()).hasSize(10_000).doesNotHaveDuplicates();
        }
    }

    @Test
    void what_an_event_lacks_is_added_and_no_more() throws Exception {
        try (var receiver = new Receiver((events, answer) -> answer.ack(events))) {
            var named = new SinkSpec.Beats(
                    List.of(receiver.host()),
                    true,
                    Optional.empty(),
                    3,
                    2048,
                    ByteSize.parse("5MiB"),
                    Duration.ZERO,
                    2,
                    SOON,
                    Optional.of(new Name("shop")));
            sink(named).write(batch("{}", "{\"a\":1}", "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"@metadata\":{}}"));
            assertThat(receiver.events)
                    .containsExactly(
                            "{\"@timestamp\":\"2026-11-30T07:00:00.000Z\",\"@metadata\":{\"beat\":\"shop\",\"type\":\"_doc\"}}",
                            "{\"@timestamp\":\"2026-11-30T07:00:00.000Z\",\"@metadata\":{\"beat\":\"shop\",\"type\":\"_doc\"},\"a\":1}",
                            "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"@metadata\":{}}");
        }
    }

    @Test
    void acknowledgements_in_parts_and_signs_of_life_are_waited_for() throws Exception {
        try (var receiver = new Receiver((events, answer) -> {
            answer.ack(0);
            answer.ack(1);
            answer.ack(0);
            answer.ack(events);
        })) {
            assertThat(sink(spec(receiver)).write(numbered(0, 3))).containsOnly(Delivery.delivered());
        }
    }

    @Test
    void a_receiver_that_says_it_is_at_work_is_waited_for_longer_than_the_timeout() throws Exception {
        try (var receiver = new Receiver((events, answer) -> {
            for (int i = 0; i < 12; i++) {
                answer.later(Duration.ofMillis(500));
                answer.ack(0);
            }
            answer.ack(events);
        })) {
            var to = sink(spec(List.of(receiver.host()), 3, Optional.empty(), "5s"));
            assertThat(to.write(numbered(0, 3))).containsOnly(Delivery.delivered());
        }
    }

    @Test
    void one_that_says_nothing_is_left_and_the_window_comes_again() throws Exception {
        try (var receiver = new Receiver((events, answer) -> {})) {
            var to = sink(spec(List.of(receiver.host()), 3, Optional.empty(), "1s"));
            assertThatThrownBy(() -> to.write(numbered(0, 3))).hasMessageContaining("no acknowledgement within 1 s");
        }
    }

    @Test
    void of_a_window_cut_in_its_middle_what_was_acknowledged_is_delivered_and_the_rest_comes_again() throws Exception {
        try (var receiver = new Receiver((events, answer) -> {
            answer.ack(2);
            answer.cut();
        })) {
            var deliveries = sink(spec(receiver)).write(numbered(0, 5));
            assertThat(deliveries.subList(0, 2)).containsOnly(Delivery.delivered());
            assertThat(deliveries.subList(2, 5)).allMatch(Delivery.Retry.class::isInstance);
            assertThat(meters.value(Meter.SINK_LOST_CONNECTIONS, "core", "up")).isEqualTo(1);
        }
    }

    @Test
    void what_was_acknowledged_while_the_window_was_still_sent_is_not_sent_again() throws Exception {
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var to = sink(spec(List.of("127.0.0.1:" + server.getLocalPort()), 0, Optional.empty(), "60s"));
            var large = numbered(0, 200_000);
            for (int i = 0; i < 10; i++) {
                var write = new FutureTask<>(() -> to.write(large));
                Thread.ofVirtual().start(write);
                var socket = server.accept();
                socket.getInputStream().readNBytes(10_000);
                new Receiver.Answer(socket).ack(2);
                socket.close(); // with a reset, for there is something that it did not read
                assertThat(write.get(60, TimeUnit.SECONDS))
                        .filteredOn(Delivery.Delivered.class::isInstance)
                        .hasSize(2);
            }
        }
    }

    @ParameterizedTest(name = "cut after {0} bytes of a window")
    @ValueSource(ints = {0, 1, 2, 6, 7, 12, 30})
    void wherever_the_connection_is_cut_the_window_comes_again_and_nothing_is_lost(int bytes) throws Exception {
        try (var receiver = new Receiver((events, answer) -> answer.ack(events))) {
            receiver.cutAfter = bytes;
            var to = sink(spec(receiver));
            assertThatThrownBy(() -> to.write(numbered(0, 3))).isInstanceOf(IOException.class);
            receiver.cutAfter = -1;
            assertThat(written(to, numbered(0, 3))).containsOnly(Delivery.delivered());
            assertThat(receiver.events).hasSize(3);
        }
    }

    @ParameterizedTest(name = "cut after {0} bytes of the acknowledgement")
    @ValueSource(ints = {0, 1, 2, 5})
    void an_acknowledgement_that_is_cut_is_none(int bytes) throws Exception {
        try (var receiver = new Receiver((events, answer) -> {
            answer.bytes(
                    ByteBuffer.allocate(6)
                            .put((byte) '2')
                            .put((byte) 'A')
                            .putInt(events)
                            .array(),
                    bytes);
            answer.cut();
        })) {
            assertThatThrownBy(() -> sink(spec(receiver)).write(numbered(0, 3))).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"HTTP/1.1 400 Bad Request\r\n", "1A\0\0\0\3", "2A\0\0\0\4", "2A\377\377\377\377"})
    void what_is_no_acknowledgement_of_the_window_is_told_and_believed_in_nothing(String noise) throws Exception {
        try (var receiver = new Receiver(
                (events, answer) -> answer.bytes(noise.getBytes(StandardCharsets.ISO_8859_1), noise.length()))) {
            assertThatThrownBy(() -> sink(spec(receiver)).write(numbered(0, 3)))
                    .hasMessageMatching("(?s).*(no acknowledgement of Lumberjack 2|acknowledges event).*");
        }
    }

    @Test
    void two_windows_are_under_way_on_one_connection_and_acknowledged_in_their_order() throws Exception {
        var acks = new CopyOnWriteArrayList<Receiver.Answer>();
        var sizes = new CopyOnWriteArrayList<Integer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var receiver = new Receiver((events, answer) -> {
                    acks.add(answer);
                    sizes.add(events);
                })) {
            var to = sink(spec(receiver));
            assertThat(to.windowsAtOnce()).isEqualTo(2);
            var writes = new ArrayList<Future<List<Delivery>>>();
            writes.add(threads.submit(() -> to.write(numbered(0, 2))));
            await().atMost(SOON).until(() -> sizes.size() == 1);
            writes.add(threads.submit(() -> to.write(numbered(2, 3))));
            await().atMost(SOON).until(() -> sizes.size() == 2);
            assertThat(receiver.connections()).isEqualTo(1);
            acks.get(0).ack(2);
            assertThat(writes.get(0).get(60, TimeUnit.SECONDS)).hasSize(2).containsOnly(Delivery.delivered());
            assertThat(writes.get(1).isDone()).isFalse();
            acks.get(1).ack(3);
            assertThat(writes.get(1).get(60, TimeUnit.SECONDS)).hasSize(3).containsOnly(Delivery.delivered());
        }
    }

    @Test
    void windows_go_to_all_hosts_and_to_the_others_when_one_is_gone() throws Exception {
        try (var one = new Receiver((events, answer) -> answer.ack(events));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var held = new CopyOnWriteArrayList<Receiver.Answer>();
            var two = new Receiver((events, answer) -> held.add(answer));
            var to = sink(spec(List.of(two.host(), one.host()), 3, Optional.empty(), "60s"));
            var stuck = threads.submit(() -> to.write(numbered(0, 2)));
            await().atMost(SOON).until(() -> held.size() == 1);
            assertThat(to.write(numbered(2, 2))).containsOnly(Delivery.delivered());
            assertThat(one.events).hasSize(2);
            two.close();
            assertThatThrownBy(() -> stuck.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            for (int i = 0; i < 4; i++) {
                assertThat(written(to, numbered(0, 2))).containsOnly(Delivery.delivered());
            }
        }
    }

    @Test
    void without_load_balancing_the_first_host_that_answers_gets_all() throws Exception {
        try (var one = new Receiver((events, answer) -> answer.ack(events));
                var two = new Receiver((events, answer) -> answer.ack(events))) {
            var spec = new SinkSpec.Beats(
                    List.of(one.host(), two.host()),
                    false,
                    Optional.empty(),
                    3,
                    2048,
                    ByteSize.parse("5MiB"),
                    Duration.ZERO,
                    2,
                    SOON,
                    Optional.empty());
            var to = sink(spec);
            for (int i = 0; i < 4; i++) {
                to.write(numbered(i, 1));
            }
            assertThat(one.events).hasSize(4);
            one.close();
            await().atMost(SOON).until(() -> {
                written(to, numbered(9, 1));
                return !two.events.isEmpty();
            });
        }
    }

    @Test
    void while_the_first_host_is_connected_to_the_others_are_not_wanted_yet() throws Exception {
        var certificates = Certificates.make(folder, "server");
        var inlet = MemoryInlet.storingAtOnce();
        var standby = MemoryInlet.storingAtOnce();
        var door = Optional.of(new ServerTls(certificates.crt("server"), certificates.key("server"), Optional.empty()));
        var ours = new ClientTls(Optional.of(certificates.crt("server")), Optional.empty(), Optional.empty(), true);
        try (var first = source(inlet, door);
                var second = source(standby, door);
                var gate = new Gate(first.port())) {
            var hosts = List.of(gate.host(), "127.0.0.1:" + second.port());
            var to = sink(new SinkSpec.Beats(
                    hosts,
                    false,
                    Optional.of(ours),
                    3,
                    2048,
                    ByteSize.parse("5MiB"),
                    Duration.ZERO,
                    2,
                    SOON,
                    Optional.empty()));
            var one = new FutureTask<>(() -> to.write(numbered(0, 1)));
            Thread.ofVirtual().start(one);
            await().atMost(SOON).until(gate::isKnockedAt);
            var two = new FutureTask<>(() -> to.write(numbered(1, 1)));
            var thread = Thread.ofPlatform().start(two);
            await().atMost(SOON).until(() -> two.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
            gate.open();
            assertThat(one.get(60, TimeUnit.SECONDS)).containsOnly(Delivery.delivered());
            assertThat(two.get(60, TimeUnit.SECONDS)).containsOnly(Delivery.delivered());
            assertThat(inlet.stored()).hasSize(2);
            assertThat(standby.stored()).isEmpty();
        }
    }

    @Test
    void who_waits_for_a_host_that_another_thread_finds_gone_does_not_try_it_again_at_once() throws Exception {
        try (var knocks = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var plain = new ClientTls(Optional.empty(), Optional.empty(), Optional.empty(), false);
            var to = sink(spec(List.of("127.0.0.1:" + knocks.getLocalPort()), 3, Optional.of(plain), "60s"));
            var one = new FutureTask<>(() -> to.write(numbered(0, 1)));
            Thread.ofVirtual().start(one);
            try (var knock = knocks.accept()) {
                var two = new FutureTask<>(() -> to.write(numbered(1, 1)));
                var thread = Thread.ofPlatform().start(two);
                await().atMost(SOON).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
                knock.close();
                assertThatThrownBy(() -> one.get(60, TimeUnit.SECONDS)).hasMessageContaining("127.0.0.1");
                assertThatThrownBy(() -> two.get(8, TimeUnit.SECONDS))
                        .as("a try of its own would take ten seconds")
                        .hasMessageContaining("127.0.0.1");
            }
        }
    }

    @Test
    void a_receiver_that_comes_back_is_found_again() throws Exception {
        int port = Ports.free();
        try (var receiver = new Receiver(port, (events, answer) -> answer.ack(events))) {
            sink(spec(receiver)).write(numbered(0, 1));
        }
        var to = java.util.Objects.requireNonNull(sink);
        await().atMost(SOON)
                .untilAsserted(() -> assertThatThrownBy(() -> to.write(numbered(1, 1)))
                        .hasMessageContaining("nobody listens there"));
        try (var again = new Receiver(port, (events, answer) -> answer.ack(events))) {
            assertThat(written(to, numbered(1, 1))).containsOnly(Delivery.delivered());
            assertThat(again.events).hasSize(1);
        }
    }

    @Test
    void mutual_tls_is_spoken_and_a_certificate_of_another_name_or_signer_is_not_believed() throws Exception {
        var certificates = Certificates.make(folder, "server", "client");
        var inlet = MemoryInlet.storingAtOnce();
        var door = new ServerTls(
                certificates.crt("server"), certificates.key("server"), Optional.of(certificates.crt("client")));
        try (var source = source(inlet, Optional.of(door))) {
            var host = "127.0.0.1:" + source.port();
            var ours = new ClientTls(
                    Optional.of(certificates.crt("server")),
                    Optional.of(certificates.crt("client")),
                    Optional.of(certificates.key("client")),
                    true);
            assertThat(sink(spec(List.of(host), 3, Optional.of(ours), "60s")).write(numbered(0, 2)))
                    .containsOnly(Delivery.delivered());
            java.util.Objects.requireNonNull(sink).close();
            var strangers =
                    new ClientTls(Optional.of(certificates.crt("client")), Optional.empty(), Optional.empty(), true);
            assertThatThrownBy(() -> sink(spec(List.of(host), 3, Optional.of(strangers), "60s"))
                            .write(numbered(0, 2)))
                    .hasMessageContaining("TLS failed");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"crt", "ca"})
    void certificates_that_were_renewed_are_used_for_the_next_connection(String which) throws Exception {
        var certificates = Certificates.make(folder, "server", "client", "stranger");
        var inlet = MemoryInlet.storingAtOnce();
        var door = new ServerTls(
                certificates.crt("server"), certificates.key("server"), Optional.of(certificates.crt("client")));
        var ca = folder.resolve("ca.pem");
        var crt = folder.resolve("ours.pem");
        var key = folder.resolve("ours.key");
        Files.copy(certificates.crt(which.equals("ca") ? "stranger" : "server"), ca);
        Files.copy(certificates.crt(which.equals("crt") ? "stranger" : "client"), crt);
        Files.copy(certificates.key(which.equals("crt") ? "stranger" : "client"), key);
        try (var source = source(inlet, Optional.of(door))) {
            var ours = new ClientTls(Optional.of(ca), Optional.of(crt), Optional.of(key), true);
            var to = sink(spec(List.of("127.0.0.1:" + source.port()), 3, Optional.of(ours), "60s"));
            assertThatThrownBy(() -> to.write(numbered(0, 1))).isInstanceOf(IOException.class);
            Files.copy(certificates.crt("server"), ca, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(certificates.crt("client"), crt, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(certificates.key("client"), key, StandardCopyOption.REPLACE_EXISTING);
            assertThat(written(to, numbered(0, 1))).containsOnly(Delivery.delivered());
            assertThat(inlet.stored()).hasSize(1);
        }
    }

    @Test
    void one_that_takes_the_place_of_another_and_one_that_is_turned_away_leave_the_metric_there() throws Exception {
        try (var receiver = new Receiver((events, answer) -> answer.ack(events))) {
            var before = sink(spec(receiver));
            before.write(numbered(0, 1));
            var turnedAway = sink(spec(receiver));
            turnedAway.open();
            turnedAway.close();
            assertThat(meters.value(Meter.SINK_CONNECTIONS, "core", "up")).isEqualTo(1);
            var after = sink(spec(receiver));
            after.open();
            after.write(numbered(1, 1));
            before.close();
            assertThat(meters.value(Meter.SINK_CONNECTIONS, "core", "up")).isEqualTo(1);
            after.close();
            assertThat(meters.scrape()).doesNotContain("logroute_sink_connections");
        }
    }

    @Test
    void closing_ends_a_write_that_waits() throws Exception {
        try (var receiver = new Receiver((events, answer) -> {});
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var to = sink(spec(receiver));
            var write = threads.submit(() -> to.write(numbered(0, 1)));
            await().atMost(SOON).until(() -> receiver.events.size() == 1);
            to.close();
            assertThatThrownBy(() -> write.get(60, TimeUnit.SECONDS)).hasMessageContaining("closed");
        }
    }

    /// As the drain does it: again until it is known of each.
    private static List<Delivery> written(BeatsSink to, Batch batch) {
        var done = new ArrayList<Delivery>();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            try {
                done.addAll(to.write(batch));
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return done;
    }

    private BeatsSource source(MemoryInlet inlet, Optional<ServerTls> tls) throws IOException {
        var source = new BeatsSource(
                new SourceSpec.Beats("127.0.0.1", 0, 10, Duration.ofSeconds(60), tls),
                "core",
                meters,
                InstantSource.system());
        source.start(inlet);
        return source;
    }

    private BeatsSink sink(SinkSpec.Beats spec) {
        sink = new BeatsSink("core", "up", spec, meters);
        return sink;
    }

    private static SinkSpec.Beats spec(Receiver receiver) {
        return spec(List.of(receiver.host()), 3, Optional.empty(), "60s");
    }

    private static SinkSpec.Beats spec(List<String> hosts, int level, Optional<ClientTls> tls, String timeout) {
        return new SinkSpec.Beats(
                hosts,
                true,
                tls,
                level,
                2048,
                ByteSize.parse("5MiB"),
                Duration.ZERO,
                2,
                Duration.parse("PT" + timeout.toUpperCase(java.util.Locale.ROOT)),
                Optional.empty());
    }

    private static Batch numbered(int from, int count) {
        return batch(IntStream.range(from, from + count)
                .mapToObj(n -> "{\"@timestamp\":\"2026-01-01T00:00:00.000Z\",\"n\":%d}".formatted(n))
                .toArray(String[]::new));
    }

    private static Batch batch(String... events) {
        return new Batch(java.util.Arrays.stream(events)
                .map(json -> Event.of(json, RECEIVED))
                .toList());
    }

    /// Takes connections, and leads them on once it is open.
    private static final class Gate implements AutoCloseable {
        private final CountDownLatch knocked = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);
        private final int to;
        private final Door door;

        Gate(int to) throws IOException {
            this.to = to;
            this.door = new Door(0, this::taken);
        }

        String host() {
            return "127.0.0.1:" + door.port();
        }

        boolean isKnockedAt() {
            return knocked.getCount() == 0;
        }

        void open() {
            opened.countDown();
        }

        private void taken(Socket near) throws IOException, InterruptedException {
            knocked.countDown();
            opened.await();
            var far = new Socket(InetAddress.getLoopbackAddress(), to);
            Thread.ofVirtual().start(() -> lead(near, far));
            Thread.ofVirtual().start(() -> lead(far, near));
        }

        private static void lead(Socket from, Socket to) {
            try (from;
                    to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // One of them ended it.
            }
        }

        @Override
        public void close() throws IOException {
            opened.countDown();
            door.close();
        }
    }

    /// Reads windows with our decoder, and answers them as a test says.
    static final class Receiver implements AutoCloseable {
        interface Script {
            void window(int events, Answer answer) throws IOException, InterruptedException;
        }

        final List<String> events = new CopyOnWriteArrayList<>();
        /// So many bytes are read of a connection before it is cut; -1 for all.
        volatile int cutAfter = -1;
        private final List<Socket> open = new CopyOnWriteArrayList<>();
        private final Door door;
        private final Script script;

        Receiver(Script script) throws IOException {
            this(0, script);
        }

        Receiver(int port, Script script) throws IOException {
            this.script = script;
            this.door = new Door(port, this::taken);
        }

        int port() {
            return door.port();
        }

        String host() {
            return "127.0.0.1:" + port();
        }

        int connections() {
            return open.size();
        }

        private void taken(Socket socket) {
            open.add(socket);
            Thread.ofVirtual().start(() -> serve(socket));
        }

        private void serve(Socket socket) {
            try (socket;
                    var decoder = new LumberjackDecoder(LumberjackDecoder.Limits.USUAL)) {
                if (cutAfter >= 0) {
                    new DataInputStream(socket.getInputStream()).readFully(new byte[cutAfter]);
                    socket.setSoLinger(true, 0);
                    return;
                }
                while (decoder.readFrom(socket.getInputStream()) >= 0) {
                    for (var window = decoder.next(RECEIVED); window != null; window = decoder.next(RECEIVED)) {
                        window.events().forEach(event -> events.add(new String(event.raw(), StandardCharsets.UTF_8)));
                        script.window(window.events().size(), new Answer(socket));
                    }
                }
            } catch (IOException | LumberjackDecoder.Breach | InterruptedException e) {
                // The test ended it.
            }
        }

        record Answer(Socket socket) {
            void ack(int place) throws IOException {
                bytes(
                        ByteBuffer.allocate(6)
                                .put((byte) '2')
                                .put((byte) 'A')
                                .putInt(place)
                                .array(),
                        6);
            }

            void bytes(byte[] bytes, int count) throws IOException {
                socket.getOutputStream().write(bytes, 0, count);
            }

            void cut() throws IOException {
                socket.close();
            }

            /// A receiver at work.
            void later(Duration work) throws InterruptedException {
                new java.util.concurrent.CountDownLatch(1).await(work.toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void close() throws IOException {
            door.close();
            for (var socket : open) {
                socket.close();
            }
        }
    }
}
