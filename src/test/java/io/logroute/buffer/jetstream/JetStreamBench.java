package io.logroute.buffer.jetstream;

import com.sun.management.OperatingSystemMXBean;
import io.logroute.buffer.Buffer;
import io.logroute.buffer.DiskBuffer;
import io.logroute.remote.NatsServers;
import io.nats.client.JetStream;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// For `./dev bench jetstream`: the same records through the log on disk, the log on JetStream, and a
/// plain publisher of the client on the same servers. One thread appends, one syncs for all.
///
///     JetStreamBench FOLDER REPLICAS SECONDS URL...
public final class JetStreamBench {
    private static final int EVENT = 400;
    private static final int IN_FLIGHT = 128;
    private static final byte[] BYTES = new byte[1 << 20];

    private JetStreamBench() {}

    /// Something that stores records.
    private interface Store extends AutoCloseable {
        void append(byte[] bytes, int events) throws Exception;

        void sync() throws Exception;

        @Override
        void close() throws Exception;
    }

    private record InBuffer(Buffer buffer) implements Store {
        @Override
        public void append(byte[] bytes, int events) throws Exception {
            buffer.append(bytes, 0, bytes.length, events);
        }

        @Override
        public void sync() throws IOException {
            buffer.sync();
        }

        @Override
        public void close() {
            buffer.close();
        }
    }

    private static final class Plain implements Store {
        private final io.nats.client.Connection connection;
        private final JetStream stream;
        private final ArrayDeque<CompletableFuture<PublishAck>> flight = new ArrayDeque<>();

        Plain(List<String> urls, int replicas) throws Exception {
            connection = Nats.connect(
                    Options.builder().servers(urls.toArray(String[]::new)).build());
            connection
                    .jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("PLAIN")
                            .subjects("plain")
                            .replicas(replicas)
                            .build());
            stream = connection.jetStream();
        }

        @Override
        public void append(byte[] bytes, int events) throws Exception {
            CompletableFuture<PublishAck> oldest;
            synchronized (flight) {
                flight.add(stream.publishAsync("plain", bytes));
                oldest =
                        flight.size() > Math.max(2, Math.min(IN_FLIGHT, (int) (JetStreamBuffer.PENDING / bytes.length)))
                                ? flight.remove()
                                : null;
            }
            if (oldest != null) {
                oldest.get(30, TimeUnit.SECONDS);
            }
        }

        @Override
        public void sync() throws Exception {
            List<CompletableFuture<PublishAck>> all;
            synchronized (flight) {
                all = List.copyOf(flight);
                flight.clear();
            }
            for (var each : all) {
                each.get(30, TimeUnit.SECONDS);
            }
        }

        @Override
        public void close() throws Exception {
            connection.jetStreamManagement().deleteStream("PLAIN");
            connection.close();
        }
    }

    private interface Opening {
        Store open() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        var folder = Path.of(args[0]);
        int replicas = Integer.parseInt(args[1]);
        int seconds = Integer.parseInt(args[2]);
        var urls = List.of(args).subList(3, args.length);
        var servers = new NatsServers(urls, Optional.empty(), Optional.empty());
        new Random(1).nextBytes(BYTES);
        long limit = 64L << 30;
        Opening disk = () -> new InBuffer(DiskBuffer.open(folder.resolve("disk"), DiskBuffer.Limits.of(limit)));
        Opening stream = () ->
                new InBuffer(JetStreamBuffer.open(servers, new JetStreamBuffer.Settings("BENCH", replicas, limit)));
        Opening plain = () -> new Plain(urls, replicas);
        for (int events : new int[] {2048, 20}) {
            System.out.printf("%nrecords of %d events, %d bytes; %d replicas%n", events, events * EVENT, replicas);
            run("disk buffer", disk, events, seconds);
            double ours = 0;
            double theirs = 0;
            for (int round = 0; round < 2; round++) { // in turn, so that a busy machine is busy for both
                theirs += run("plain JetStream publisher", plain, events, seconds);
                ours += run("JetStream buffer", stream, events, seconds);
                JetStreamBuffer.delete(servers, "BENCH");
            }
            System.out.printf("  JetStream buffer / plain publisher      %.0f %%%n", 100 * ours / theirs);
        }
    }

    /// Events a second.
    private static double run(String what, Opening opening, int events, int seconds) throws Exception {
        try (var store = opening.open()) {
            load(store, events, Math.max(1, seconds / 3));
            var machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long cpu = machine.getProcessCpuTime();
            long start = System.nanoTime();
            long stored = load(store, events, seconds);
            double took = (System.nanoTime() - start) / 1e9;
            double spent = (machine.getProcessCpuTime() - cpu) / 1e9;
            long[] waits = latencies(store, events);
            System.out.printf(
                    "  %-28s %9.0f events/s %6.0f MB/s  CPU %5.2f s/Mev  acknowledged p50 %.2f p99 %.2f ms%n",
                    what,
                    stored / took,
                    stored * (double) EVENT / 1e6 / took,
                    spent * 1e6 / stored,
                    waits[waits.length / 2] / 1e6,
                    waits[waits.length * 99 / 100] / 1e6);
            return stored / took;
        }
    }

    private static long load(Store store, int events, int seconds) throws Exception {
        byte[] bytes = Arrays.copyOf(BYTES, events * EVENT);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        var ends = new java.util.concurrent.atomic.AtomicBoolean();
        var syncs = Thread.ofVirtual().start(() -> {
            try {
                while (!ends.get()) {
                    store.sync();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
            } catch (Exception e) {
                e.printStackTrace();
            }
        });
        long stored = 0;
        while (System.nanoTime() < until) {
            store.append(bytes, events);
            stored += events;
        }
        ends.set(true);
        syncs.join(Duration.ofMinutes(1));
        store.sync();
        return stored;
    }

    /// One record every 10 ms.
    private static long[] latencies(Store store, int events) throws Exception {
        byte[] bytes = Arrays.copyOf(BYTES, Math.min(events, 100) * EVENT);
        long[] waits = new long[200];
        for (int i = 0; i < waits.length; i++) {
            long start = System.nanoTime();
            store.append(bytes, Math.min(events, 100));
            store.sync();
            waits[i] = System.nanoTime() - start;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        Arrays.sort(waits);
        return waits;
    }
}
