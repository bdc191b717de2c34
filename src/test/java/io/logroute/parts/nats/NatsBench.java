package io.logroute.parts.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/// `./dev bench nats`: fills streams, reads one as plain clients of jnats do, and watches a router read
/// another.
///
///     fill URL STREAM EVENTS      makes the stream, and so many messages of some 400 bytes in it
///     plain URL STREAM EVENTS     reads them: fetches of 1,000, an acknowledgement each
///     watch URL STREAM EVENTS     waits until the durable `logroute` has all acknowledged
public final class NatsBench {
    private static final int AHEAD = 2_000;

    private NatsBench() {}

    /// Prints one line of JSON.
    public static void main(String[] args) throws Exception {
        var options = Options.builder().server(args[1]).maxReconnects(-1).build();
        int events = Integer.parseInt(args[3]);
        try (var connection = Nats.connect(options)) {
            switch (args[0]) {
                case "fill" -> fill(connection, args[2], events);
                case "plain" -> plain(connection, args[2], events);
                case "watch" -> watch(connection, args[2], events);
                default -> throw new IllegalArgumentException("no work " + args[0]);
            }
        }
    }

    private static void fill(Connection connection, String stream, int events) throws Exception {
        connection
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(stream)
                        .subjects(stream + ".>")
                        .storageType(StorageType.File)
                        .build());
        var publishing = connection.jetStream();
        var confirming = new ArrayDeque<CompletableFuture<PublishAck>>();
        var line = "GET /cart/items?session=%016x&page=2 HTTP/1.1 200 1832 Mozilla/5.0 (X11; Linux x86_64) ".repeat(2);
        for (int i = 0; i < events; i++) {
            var json =
                    "{\"@timestamp\":\"2026-11-22T10:00:00.%03dZ\",\"service_name\":\"shop_web\",\"level\":\"info\",\"container_id\":\"%064x\",\"n\":%d,\"msg\":\"%s\"}"
                            .formatted(i % 1000, i % 50, i, line.formatted(i, i));
            confirming.add(publishing.publishAsync(stream + ".web", json.getBytes(StandardCharsets.UTF_8)));
            if (confirming.size() >= AHEAD) {
                confirming.remove().get();
            }
        }
        for (var each : confirming) {
            each.get();
        }
    }

    private static void plain(Connection connection, String stream, int events) throws Exception {
        long began = System.nanoTime();
        var consumer = ConsumerConfiguration.builder().maxAckPending(20_000).build();
        var pulling = connection
                .jetStream()
                .subscribe(
                        null,
                        PullSubscribeOptions.builder().stream(stream)
                                .durable("plain" + began)
                                .configuration(consumer)
                                .build());
        long bytes = 0;
        for (int count = 0; count < events; ) {
            for (var message : pulling.fetch(1_000, Duration.ofSeconds(5))) {
                bytes += message.getData().length;
                message.ack();
                count++;
            }
        }
        connection.flush(Duration.ofSeconds(10));
        tell(events, bytes, System.nanoTime() - began);
    }

    private static void watch(Connection connection, String stream, int events) throws Exception {
        var manage = connection.jetStreamManagement();
        long began = 0;
        while (true) {
            try {
                var info = manage.getConsumerInfo(stream, "logroute");
                if (began == 0 && info.getDelivered().getStreamSequence() > 0) {
                    began = System.nanoTime();
                }
                if (info.getAckFloor().getStreamSequence() >= events) {
                    break;
                }
            } catch (JetStreamApiException | IOException e) {
                // not made yet
            }
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        tell(events, 0, System.nanoTime() - (began == 0 ? System.nanoTime() - 1 : began));
    }

    private static void tell(int events, long bytes, long nanos) {
        var os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        System.out.printf(
                "{\"events\":%d,\"bytes\":%d,\"ms\":%d,\"eps\":%d,\"cpu_s\":%.2f}%n",
                events, bytes, nanos / 1_000_000, events * 1_000_000_000L / nanos, os.getProcessCpuTime() / 1e9);
    }
}
