package io.logroute.buffer.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.Stored;
import io.logroute.buffer.SyncFailed;
import io.logroute.remote.NatsServers;
import io.logroute.testbed.NatsServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The log on three servers of NATS that fail under load: what was told as stored reaches the sink, in
/// order.
class JetStreamClusterIT {
    private static final String STREAM = "LOGROUTE_core-0";
    private static final Duration LONG = Duration.ofMinutes(5);

    private NatsServer cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = NatsServer.cluster(3);
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private JetStreamBuffer open() throws IOException {
        return JetStreamBuffer.open(
                new NatsServers(cluster.urls(), Optional.empty(), Optional.empty()),
                new JetStreamBuffer.Settings(STREAM, 3, 512 << 20, LONG));
    }

    /// Writes as fast as it goes, numbers in its records, and notes what was confirmed; and a sink that
    /// notes what it got.
    private static final class Load implements AutoCloseable {
        final JetStreamBuffer buffer;
        /// Number of the event in the log, and what it says.
        final TreeMap<Long, Long> confirmed = new TreeMap<>();
        final List<Long> read = Collections.synchronizedList(new ArrayList<>());
        final AtomicLong count = new AtomicLong();
        final AtomicLong refused = new AtomicLong();
        final Thread writes;
        final Thread reads;
        volatile boolean ends;
        volatile @Nullable Throwable failed;
        volatile long slowest;

        Load(JetStreamBuffer buffer, long from) {
            this.buffer = buffer;
            count.set(from);
            writes = Thread.ofVirtual().start(() -> run(this::write));
            reads = Thread.ofVirtual().start(() -> run(this::read));
        }

        interface Running {
            void run() throws Exception;
        }

        private void run(Running running) {
            try {
                running.run();
            } catch (BufferTaken e) {
                ends = true;
            } catch (Exception | AssertionError e) {
                if (!ends) {
                    failed = e;
                }
            }
        }

        private void write() throws Exception {
            while (!ends) {
                var round = new TreeMap<Long, Long>();
                for (int i = 0; i < 20; i++) {
                    long value = count.getAndIncrement();
                    byte[] bytes = new byte[2000];
                    ByteBuffer.wrap(bytes).putLong(value);
                    round.put(buffer.append(bytes, 0, bytes.length, 1), value);
                }
                long start = System.nanoTime();
                for (var each : round.entrySet()) {
                    try {
                        buffer.sync(each.getKey());
                        synchronized (confirmed) {
                            confirmed.put(each.getKey(), each.getValue());
                        }
                    } catch (SyncFailed e) {
                        refused.incrementAndGet();
                    }
                }
                slowest = Math.max(slowest, System.nanoTime() - start);
            }
        }

        private void read() throws Exception {
            try (var cursor = buffer.cursor("es")) {
                long next = cursor.settled();
                while (!ends || !cursor.hasReadAll()) {
                    Optional<Stored> stored;
                    try {
                        stored = cursor.read(Duration.ofMillis(200));
                        if (stored.isPresent()) {
                            assertThat(stored.get().firstSeq()).isGreaterThanOrEqualTo(next);
                            next = stored.get().endSeq();
                            read.add(ByteBuffer.wrap(stored.get().bytes()).getLong());
                            cursor.settle(next);
                            if (next % 500 == 0) {
                                cursor.save();
                            }
                        }
                    } catch (BufferTaken e) {
                        throw e;
                    } catch (IOException e) {
                        Thread.onSpinWait(); // as a drain does: it tries again
                    }
                }
            }
        }

        void awaitMore(long events) {
            long now = confirmedCount();
            Awaitility.await()
                    .atMost(LONG)
                    .failFast("it goes on", () -> assertThat(failed).isNull())
                    .until(() -> confirmedCount() > now + events);
        }

        long confirmedCount() {
            synchronized (confirmed) {
                return confirmed.size();
            }
        }

        void end() throws InterruptedException {
            ends = true;
            assertThat(writes.join(Duration.ofMinutes(3))).isTrue();
            assertThat(reads.join(Duration.ofMinutes(3))).isTrue();
            if (failed != null) {
                throw new AssertionError(failed);
            }
        }

        @Override
        public void close() {
            ends = true;
            buffer.close();
        }
    }

    @Test
    void killed_leaders_cost_waiting_and_no_event() throws Exception {
        try (var load = new Load(open(), 0)) {
            load.awaitMore(500);
            for (int i = 0; i < 2; i++) {
                var leader = cluster.leader(STREAM);
                leader.kill();
                load.awaitMore(500);
                leader.startAndAwait();
                load.awaitMore(500);
            }
            load.end();
            assertThat(load.refused).hasValue(0);
            assertThat(load.read).isSorted().containsAll(load.confirmed.values());
            assertThat(load.buffer.damage().lostEvents()).isZero();
        }
    }

    @Test
    void a_node_that_is_burnt_with_its_disk_costs_no_event() throws Exception {
        try (var load = new Load(open(), 0)) {
            load.awaitMore(500);
            var leader = cluster.leader(STREAM);
            leader.kill();
            leader.wipe();
            load.awaitMore(500);
            load.end();
            assertThat(load.refused).hasValue(0);
            assertThat(load.read).isSorted().containsAll(load.confirmed.values());
        }
        try (var buffer = open()) {
            assertThat(buffer.recovery().lostEvents()).isZero();
        }
    }

    @Test
    void without_a_majority_nothing_is_confirmed_and_it_goes_on_when_there_is_one_again() throws Exception {
        try (var load = new Load(open(), 0)) {
            load.awaitMore(200);
            cluster.node(0).kill();
            cluster.node(1).kill();
            var before = load.confirmedCount();
            Awaitility.await()
                    .during(Duration.ofSeconds(6))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> load.confirmedCount() <= before + 40);
            cluster.node(0).startAndAwait();
            cluster.node(1).startAndAwait();
            load.awaitMore(500);
            load.end();
            assertThat(load.read).isSorted().containsAll(load.confirmed.values());
            assertThat(load.buffer.damage().lostEvents()).isZero();
        }
    }

    @Test
    void a_leader_that_hangs_and_comes_back_brings_nothing_into_disorder() throws Exception {
        try (var load = new Load(open(), 0)) {
            load.awaitMore(200);
            var leader = cluster.leader(STREAM);
            leader.freeze();
            load.awaitMore(300);
            leader.thaw();
            load.awaitMore(500);
            load.end();
            assertThat(load.read).isSorted().containsAll(load.confirmed.values());
            assertThat(load.buffer.damage().lostEvents()).isZero();
        }
    }

    @Test
    void whatever_an_older_owner_was_told_is_stored_the_newer_one_has() throws Exception {
        var confirmed = new ArrayList<Long>();
        var read = new ArrayList<Long>();
        var load = new Load(open(), 0);
        for (int i = 1; i <= 5; i++) {
            load.awaitMore(300);
            var before = load;
            load = new Load(open(), i * 1_000_000L);
            assertThat(before.writes.join(Duration.ofMinutes(3))).isTrue();
            assertThat(before.reads.join(Duration.ofMinutes(3))).isTrue();
            before.close();
            confirmed.addAll(before.confirmed.values());
            read.addAll(before.read);
        }
        load.awaitMore(300);
        load.end();
        confirmed.addAll(load.confirmed.values());
        read.addAll(load.read);
        load.close();
        assertThat(load.refused).hasValue(0);
        assertThat(read).containsAll(confirmed);
        assertThat(load.buffer.damage().lostEvents()).isZero();
    }
}
