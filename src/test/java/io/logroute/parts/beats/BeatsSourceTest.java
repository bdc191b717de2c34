package io.logroute.parts.beats;

import static io.logroute.parts.beats.Frames.frames;
import static io.logroute.parts.beats.Frames.libbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.parts.beats.LumberjackDecoder.Limits;
import io.logroute.parts.beats.MemoryInlet.Taken;
import io.logroute.parts.listen.Room;
import io.logroute.remote.Pem;
import io.logroute.spec.ClientTls;
import io.logroute.spec.ServerTls;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.Certificates;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BeatsSourceTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration MOMENT = Duration.ofMillis(5);
    private static final Duration NO_KEEP_ALIVE = Duration.ofMinutes(5);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final Instruments meters = new Instruments();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
        meters.close();
    }

    @Test
    void a_window_is_acknowledged_after_it_is_stored_and_not_before() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        client.send(libbeat(1, 2));
        var window = next(inlet);
        assertThat(window.events()).containsExactly(event(1), event(2));
        client.hearsNothing();
        window.receipt().stored();
        assertThat(client.ack()).isEqualTo("2A 2");
    }

    @Test
    void windows_in_flight_are_acknowledged_one_by_one_and_in_order() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        client.send(libbeat(1, 3).add(libbeat(4, 1)).add(libbeat(5, 2)));
        var first = next(inlet);
        var second = next(inlet);
        var third = next(inlet);
        third.receipt().stored();
        second.receipt().stored();
        client.hearsNothing();
        first.receipt().stored();
        assertThat(List.of(client.ack(), client.ack(), client.ack())).containsExactly("2A 3", "2A 1", "2A 2");
    }

    @Test
    void an_acknowledgement_has_the_version_of_its_window() throws Exception {
        var client = connect(start(spec(100, 600), MemoryInlet.storingAtOnce(), NO_KEEP_ALIVE));
        client.send(frames().window('1', 1).data('1', 1, "line", "hello"));
        assertThat(client.ack()).isEqualTo("1A 1");
        client.send(libbeat(1, 1));
        assertThat(client.ack()).isEqualTo("2A 1");
    }

    @Test
    void only_so_many_windows_of_a_connection_are_in_flight() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        for (int i = 0; i < 40; i++) {
            client.send(libbeat(i, 1));
        }
        await().atMost(SOON).until(() -> inlet.taken.size() == Acks.MAX_WINDOWS);
        await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> inlet.taken.size() == Acks.MAX_WINDOWS);
        for (int i = 0; i < 40; i++) {
            next(inlet).receipt().stored();
            assertThat(client.ack()).isEqualTo("2A 1");
        }
    }

    @Test
    void a_client_that_waits_for_the_disk_is_kept_alive() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var keepAlive = Duration.ofMillis(50);
        var client = connect(start(spec(100, 3), inlet, keepAlive));
        long began = System.nanoTime();
        client.send(libbeat(1, 2));
        var window = next(inlet);
        // Longer than the idle time: it does not run while a window waits.
        long end = System.nanoTime() + Duration.ofMillis(3500).toNanos();
        int kept = 0;
        while (System.nanoTime() < end) {
            assertThat(client.ack()).isEqualTo("2A 0");
            kept++;
        }
        window.receipt().stored();
        assertThat(client.nextAckOfSomething()).isEqualTo("2A 2");
        assertThat(meters.value(Meter.ACK_KEEPALIVES))
                .isGreaterThanOrEqualTo(kept)
                .isLessThanOrEqualTo((double) (System.nanoTime() - began) / keepAlive.toNanos());
    }

    @Test
    void a_client_that_waits_for_room_in_the_buffer_is_kept_alive() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        var room = inlet.fill();
        var client = connect(start(spec(100, 600), inlet, Duration.ofMillis(50)));
        client.send(libbeat(1, 2));
        assertThat(List.of(client.ack(), client.ack())).containsExactly("2A 0", "2A 0");
        room.countDown();
        assertThat(client.nextAckOfSomething()).isEqualTo("2A 2");
        assertThat(inlet.stored()).hasSize(2);
    }

    @Test
    void a_client_that_vanishes_within_a_window_loses_nothing_that_was_stored() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        var source = start(spec(100, 600), inlet, NO_KEEP_ALIVE);
        var client = connect(source);
        var half = libbeat(3, 50).bytes();
        client.send(libbeat(1, 2).raw(java.util.Arrays.copyOf(half, half.length - 5)));
        assertThat(client.ack()).isEqualTo("2A 2");
        client.socket.setSoLinger(true, 0);
        client.close();
        closedFor("client");
        assertThat(inlet.stored()).containsExactly(event(1), event(2));
        var again = connect(source);
        again.send(libbeat(3, 50));
        assertThat(again.ack()).isEqualTo("2A 50");
        assertThat(inlet.stored()).hasSize(52);
    }

    @Test
    void a_client_that_has_said_everything_still_gets_its_acknowledgement() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        client.send(libbeat(1, 2));
        client.socket.shutdownOutput();
        var window = next(inlet);
        client.hearsNothing();
        window.receipt().stored();
        assertThat(client.ack()).isEqualTo("2A 2");
        client.isClosed();
        closedFor("client");
    }

    @Test
    void events_do_not_wait_long_for_the_rest_of_their_window() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        client.send(frames().window('1', 1000).data('1', 1, "k", "a").data('1', 2, "k", "b"));
        assertThat(client.ack()).isEqualTo("1A 2");
        client.send(frames().data('1', 3, "k", "c"));
        client.socket.shutdownOutput();
        assertThat(client.ack()).isEqualTo("1A 3");
        assertThat(inlet.stored()).hasSize(3);
    }

    @Test
    void a_refused_window_closes_the_connection_without_acknowledgement() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        client.send(libbeat(1, 2));
        next(inlet).receipt().refused("the disk failed");
        client.isClosed();
        closedFor("refused");
        assertThat(meters.value(Meter.REFUSED_EVENTS, "core", "beats:0", "refused"))
                .isEqualTo(2);
    }

    @Test
    void connections_over_the_limit_are_closed_at_once() throws Exception {
        var source = start(spec(2, 600), MemoryInlet.storingAtOnce(), NO_KEEP_ALIVE);
        var first = connect(source);
        var second = connect(source);
        await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS) == 2);
        connect(source).isClosed();
        closedFor("too_many_connections");
        first.close();
        await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS) == 1);
        var third = connect(source);
        for (var client : List.of(second, third)) {
            client.send(libbeat(1, 1));
            assertThat(client.ack()).isEqualTo("2A 1");
        }
    }

    @Test
    void an_idle_connection_is_closed() throws Exception {
        var client = connect(start(spec(100, 3), MemoryInlet.storingAtOnce(), NO_KEEP_ALIVE));
        client.send(libbeat(1, 1));
        assertThat(client.ack()).isEqualTo("2A 1");
        client.isClosed();
        closedFor("idle");
    }

    @Test
    void a_frame_that_comes_byte_by_byte_takes_no_longer_than_the_idle_time() throws Exception {
        var client = connect(start(spec(100, 3), MemoryInlet.storingAtOnce(), NO_KEEP_ALIVE));
        client.send(frames().window('2', 1).start('2', 'J').u32(1).u32(1_000_000));
        await().atMost(SOON).pollInterval(Duration.ofMillis(100)).until(() -> {
            try {
                client.send(frames().raw(" "));
                return false;
            } catch (SocketException e) {
                return true;
            }
        });
        closedFor("half_frame");
    }

    @Test
    void a_client_that_hears_no_acknowledgements_is_closed_at_last() throws Exception {
        var source = start(spec(100, 3), MemoryInlet.storingAtOnce(), NO_KEEP_ALIVE);
        var many = frames();
        for (int i = 0; i < 20_000; i++) {
            many.window('2', 1).json(1, "{}");
        }
        var client = connect(source);
        assertThatThrownBy(() -> {
                    while (true) {
                        client.send(many);
                    }
                })
                .isInstanceOf(SocketException.class);
        closedFor("deaf");
    }

    @Test
    void garbage_and_bombs_close_their_own_connection_only() throws Exception {
        var limits = new Limits(1000, 1 << 20, 1 << 20, 1 << 18, 50, 10, 100, 1 << 20);
        var inlet = MemoryInlet.storingAtOnce();
        var source = start(
                new BeatsSource(spec(100, 600), "core", meters, InstantSource.fixed(NOON), NO_KEEP_ALIVE, limits),
                inlet);
        var good = connect(source);
        good.send(libbeat(1, 1));
        assertThat(good.ack()).isEqualTo("2A 1");
        var http = connect(source);
        http.send(frames().raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        http.isClosed();
        var bomb = connect(source);
        bomb.send(frames().window('2', 1)
                .packed('2', Frames.zlib(frames().json(1, " ".repeat(900_000)).bytes())));
        bomb.isClosed();
        var large = connect(source);
        large.send(frames().window('2', 1001));
        large.isClosed();
        closedFor("garbage");
        closedFor("zip_bomb");
        closedFor("oversized");
        assertThat(meters.value(Meter.REFUSED_EVENTS)).isEqualTo(3);
        good.send(libbeat(2, 1));
        assertThat(good.ack()).isEqualTo("2A 1");
        assertThat(inlet.stored()).containsExactly(event(1), event(2));
    }

    @Test
    void half_frames_share_their_memory_and_do_not_stop_others() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        long size = 24L << 20;
        var room = new Room(size, 128 << 10);
        var source = start(
                new BeatsSource(
                        spec(100, 600), "core", meters, InstantSource.fixed(NOON), NO_KEEP_ALIVE, Limits.USUAL, room),
                inlet);
        var good = connect(source);
        var random = new Random(7);
        var halves = new ArrayList<Thread>();
        for (int i = 0; i < 20; i++) {
            int claimed = (8 << 20) + random.nextInt(8 << 20);
            var client = connect(source);
            halves.add(Thread.ofVirtual().start(() -> client.sendsHalfFrame(claimed)));
        }
        int sent = 0;
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (closed("no_room") < 17) {
            assertThat(System.nanoTime()).as("half frames are closed").isLessThan(end);
            // Its window, read and unpacked, fits into what each connection has for itself.
            good.send(libbeat(sent, 100));
            assertThat(good.ack()).isEqualTo("2A 100");
            sent += 100;
        }
        assertThat(inlet.stored()).hasSize(sent);
        assertThat(room.left()).isNotNegative();
        // Whoever needs what those hold that go no further gets it.
        var large = connect(source);
        await().pollInSameThread().atMost(Duration.ofSeconds(120)).until(() -> stores(source, 4 << 20));
        large.send(libbeat(1, 1));
        assertThat(large.ack()).isEqualTo("2A 1");
        source.close();
        for (var half : halves) {
            assertThat(half.join(SOON)).isTrue();
        }
        await().atMost(SOON).until(() -> room.left() == size);
    }

    private boolean stores(BeatsSource source, int length) throws IOException {
        try (var client = connect(source)) {
            client.send(frames().window('2', 1).json(1, "{\"a\":\"" + "x".repeat(length) + "\"}"));
            return client.ack().equals("2A 1");
        } catch (EOFException | SocketException e) {
            return false;
        }
    }

    @Test
    void memory_for_reading_goes_back_when_frames_are_stored_and_when_clients_vanish() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        long size = 24L << 20;
        var room = new Room(size, 64 << 10);
        var source = start(
                new BeatsSource(
                        spec(100, 600), "core", meters, InstantSource.fixed(NOON), NO_KEEP_ALIVE, Limits.USUAL, room),
                inlet);
        for (int i = 0; i < 5; i++) {
            assertThat(stores(source, 6 << 20)).isTrue();
        }
        var staying = connect(source);
        staying.send(frames().window('2', 1).json(1, "{\"a\":\"" + "x".repeat(5 << 20) + "\"}"));
        assertThat(staying.ack()).isEqualTo("2A 1");
        await().atMost(SOON).until(() -> room.left() == size);
        var vanishing = connect(source);
        vanishing.send(
                frames().window('2', 1).start('2', 'J').u32(1).u32(9 << 20).raw(new byte[8 << 20]));
        await().atMost(SOON).until(() -> room.left() < size - (7 << 20));
        vanishing.close();
        await().atMost(SOON).until(() -> room.left() == size);
        assertThat(inlet.stored()).hasSize(6);
    }

    @Test
    void unreadable_events_are_kept_acknowledged_and_counted() throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        var client = connect(start(spec(100, 600), inlet, NO_KEEP_ALIVE));
        client.send(frames().window('2', 2).json(1, "not JSON").json(2, "{\"n\":NaN}"));
        assertThat(client.ack()).isEqualTo("2A 2");
        assertThat(inlet.stored()).first().asString().contains("not JSON", "_jsonparsefailure");
        await().atMost(SOON).until(() -> meters.value(Meter.UNREADABLE_EVENTS) == 1);
    }

    @Test
    void a_port_that_is_taken_is_told_with_what_to_do() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var spec = new SourceSpec.Beats(
                    "127.0.0.1", taken.getLocalPort(), 10, Duration.ofSeconds(60), Optional.empty());
            var source = new BeatsSource(spec, "core", meters, InstantSource.system());
            assertThatThrownBy(() -> source.start(MemoryInlet.storingAtOnce()))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "beats:%d: port %d on 127.0.0.1 is taken; stop what uses it or choose another port under sources[].beats.port",
                            taken.getLocalPort(), taken.getLocalPort());
            source.close();
        }
    }

    @Test
    void an_address_of_another_machine_is_told_with_what_to_do() {
        var spec = new SourceSpec.Beats("192.0.2.1", 0, 10, Duration.ofSeconds(60), Optional.empty());
        assertThatThrownBy(() -> new BeatsSource(spec, "core", meters, InstantSource.system())
                        .start(MemoryInlet.storingAtOnce()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("beats:0: cannot listen on 192.0.2.1")
                .hasMessageContaining("sources[].beats.host");
    }

    @Test
    void closing_is_safe_twice_and_without_start() throws Exception {
        var never = new BeatsSource(spec(10, 600), "core", meters, InstantSource.system());
        never.close();
        never.close();
        var source = start(spec(10, 600), MemoryInlet.storingAtOnce(), NO_KEEP_ALIVE);
        var client = connect(source);
        await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS) == 1);
        source.close();
        source.close();
        client.isClosed();
        closedFor("shutdown");
    }

    @Test
    void closing_lets_windows_that_were_handed_over_get_their_acknowledgement_and_takes_no_more() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var source = start(spec(10, 600), inlet, NO_KEEP_ALIVE);
        var client = connect(source);
        client.send(libbeat(1, 2));
        var window = next(inlet);
        var room = inlet.fill();
        client.send(libbeat(3, 1));
        var closing = Thread.ofVirtual().start(source::close);
        awaitClosing(source);
        window.receipt().stored();
        assertThat(client.ack()).isEqualTo("2A 2");
        client.isClosed();
        assertThat(closing.join(SOON)).isTrue();
        room.countDown();
        assertThat(inlet.taken).isEmpty();
    }

    @Test
    void closing_does_not_cut_off_an_acknowledgement_from_a_client_that_writes_on() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var source = start(spec(10, 600), inlet, NO_KEEP_ALIVE);
        var client = connect(source);
        client.send(libbeat(1, 2));
        var window = next(inlet);
        var more = frames();
        for (int i = 0; i < 500; i++) {
            more.add(libbeat(3 + 10 * i, 10));
        }
        var closing = Thread.ofVirtual().start(source::close);
        awaitClosing(source);
        window.receipt().stored();
        await().pollDelay(Duration.ZERO).pollInterval(MOMENT).atMost(SOON).until(() -> client.in.available() > 0);
        // It has a second for that.
        client.send(more);
        assertThat(client.ack()).isEqualTo("2A 2");
        assertThat(client.in.read()).as("an end in good order").isEqualTo(-1);
        client.close();
        assertThat(closing.join(SOON)).isTrue();
        assertThat(inlet.taken).isEmpty();
    }

    @Test
    void closing_does_not_wait_for_ever_for_the_disk() throws Exception {
        var inlet = MemoryInlet.storingOnRequest();
        var source = start(spec(10, 600), inlet, NO_KEEP_ALIVE);
        var client = connect(source);
        client.send(libbeat(1, 2));
        var window = next(inlet);
        long before = System.nanoTime();
        source.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
        client.isClosed();
        window.receipt().stored();
    }

    @Test
    void tls_carries_windows_and_a_plain_client_is_closed(@TempDir Path folder) throws Exception {
        var certificates = Certificates.make(folder, "server");
        var tls = new ServerTls(certificates.crt("server"), certificates.key("server"), Optional.empty());
        var inlet = MemoryInlet.storingAtOnce();
        var source = start(spec(10, 600, tls), inlet, NO_KEEP_ALIVE);
        var client = connect(source, trusting(certificates, "server", null));
        client.send(libbeat(1, 500).add(libbeat(501, 500)));
        assertThat(List.of(client.ack(), client.ack())).containsExactly("2A 500", "2A 500");
        assertThat(inlet.stored()).hasSize(1000);
        var plain = connect(source);
        plain.send(libbeat(1, 1));
        plain.hearsNoAcknowledgement();
        closedFor("tls");
        assertThat(inlet.stored()).hasSize(1000);
    }

    @Test
    void mutual_tls_takes_clients_with_a_certificate_of_ours_only(@TempDir Path folder) throws Exception {
        var certificates = Certificates.make(folder, "server", "client", "stranger");
        var tls = new ServerTls(
                certificates.crt("server"), certificates.key("server"), Optional.of(certificates.crt("client")));
        var inlet = MemoryInlet.storingAtOnce();
        var source = start(spec(10, 600, tls), inlet, NO_KEEP_ALIVE);
        var client = connect(source, trusting(certificates, "server", "client"));
        client.send(libbeat(1, 2));
        assertThat(client.ack()).isEqualTo("2A 2");
        for (var wrong : new String[] {null, "stranger"}) {
            assertThatThrownBy(() -> {
                        var refused = connect(source, trusting(certificates, "server", wrong));
                        refused.send(libbeat(1, 2));
                        refused.ack();
                    })
                    .isInstanceOfAny(SSLException.class, SocketException.class);
        }
        await().atMost(SOON).until(() -> closed("tls") == 2);
        assertThat(inlet.stored()).hasSize(2);
    }

    @Test
    void a_missing_certificate_file_is_told_and_nothing_is_left_open(@TempDir Path folder) {
        var tls = new ServerTls(folder.resolve("none.crt"), folder.resolve("none.key"), Optional.empty());
        var source = new BeatsSource(spec(10, 600, tls), "core", meters, InstantSource.system());
        assertThatThrownBy(() -> source.start(MemoryInlet.storingAtOnce()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.crt does not exist");
        assertThatThrownBy(source::port).isInstanceOf(IllegalStateException.class);
    }

    private static ClientTls trusting(Certificates certificates, String server, @Nullable String own) {
        var name = Optional.ofNullable(own);
        return new ClientTls(
                Optional.of(certificates.crt(server)), name.map(certificates::crt), name.map(certificates::key), true);
    }

    private static SourceSpec.Beats spec(int maxConnections, int idleSeconds) {
        return new SourceSpec.Beats("127.0.0.1", 0, maxConnections, Duration.ofSeconds(idleSeconds), Optional.empty());
    }

    private static SourceSpec.Beats spec(int maxConnections, int idleSeconds, ServerTls tls) {
        return new SourceSpec.Beats("127.0.0.1", 0, maxConnections, Duration.ofSeconds(idleSeconds), Optional.of(tls));
    }

    private BeatsSource start(SourceSpec.Beats spec, MemoryInlet inlet, Duration keepAlive) throws IOException {
        return start(new BeatsSource(spec, "core", meters, InstantSource.fixed(NOON), keepAlive, Limits.USUAL), inlet);
    }

    private BeatsSource start(BeatsSource source, MemoryInlet inlet) throws IOException {
        opened.add(source);
        source.start(inlet);
        return source;
    }

    private static Taken next(MemoryInlet inlet) throws InterruptedException {
        var taken = inlet.taken.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        if (taken == null) {
            throw new AssertionError("no window came");
        }
        return taken;
    }

    private static String event(int n) {
        return "{\"@timestamp\":\"2026-01-01T12:00:00.000Z\",\"n\":%d}".formatted(n);
    }

    private void closedFor(String reason) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(closed(reason)).as(reason).isEqualTo(1));
    }

    private double closed(String reason) {
        return meters.value(Meter.CLOSED_CONNECTIONS, "core", "beats:0", reason);
    }

    /// What is stored within two seconds from then on is acknowledged.
    private static void awaitClosing(BeatsSource source) {
        await().pollDelay(Duration.ZERO).pollInterval(MOMENT).atMost(SOON).until(() -> !reachable(source));
    }

    private static boolean reachable(BeatsSource source) {
        try (var socket = new Socket("127.0.0.1", source.port())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private Client connect(BeatsSource source) throws IOException {
        return open(new Socket("127.0.0.1", source.port()));
    }

    private Client connect(BeatsSource source, ClientTls tls) throws IOException {
        return open(Pem.client(tls).getSocketFactory().createSocket("127.0.0.1", source.port()));
    }

    private Client open(Socket socket) throws IOException {
        socket.setSoTimeout(Math.toIntExact(SOON.toMillis()));
        var client = new Client(socket, new DataInputStream(socket.getInputStream()));
        opened.add(client);
        return client;
    }

    /// The other end of the connection.
    private record Client(Socket socket, DataInputStream in) implements AutoCloseable {
        void send(Frames frames) throws IOException {
            socket.getOutputStream().write(frames.bytes());
        }

        /// All of a frame but its last byte, as far as the other end takes it; then nothing.
        void sendsHalfFrame(int length) {
            try {
                send(frames().window('2', 1).start('2', 'J').u32(1).u32(length));
                var some = new byte[64 << 10];
                for (int left = length - 1; left > 0; left -= some.length) {
                    socket.getOutputStream().write(some, 0, Math.min(left, some.length));
                }
                in.read();
            } catch (IOException e) {
                // it was closed
            }
        }

        /// The next acknowledgement, as `2A 17`.
        String ack() throws IOException {
            return "%c%c %s".formatted(in.readByte(), in.readByte(), Integer.toUnsignedString(in.readInt()));
        }

        String nextAckOfSomething() throws IOException {
            while (true) {
                var ack = ack();
                if (!ack.endsWith(" 0")) {
                    return ack;
                }
            }
        }

        void hearsNothing() throws IOException {
            socket.setSoTimeout(200);
            assertThatThrownBy(in::readByte).isInstanceOf(java.net.SocketTimeoutException.class);
            socket.setSoTimeout(Math.toIntExact(SOON.toMillis()));
        }

        /// It was closed by the other end, in good order or not, and nothing came before.
        void isClosed() throws IOException {
            try {
                assertThat(in.read()).isEqualTo(-1);
            } catch (SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            }
        }

        /// It was closed by the other end; before that may have come an alert of TLS.
        void hearsNoAcknowledgement() throws IOException {
            try {
                assertThat(in.readAllBytes()).doesNotContain('A');
            } catch (SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
