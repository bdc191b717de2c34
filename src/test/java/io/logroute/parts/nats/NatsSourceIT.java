package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Behind;
import io.logroute.spec.NatsAuth;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.SourceSpec.NatsCodec;
import io.logroute.spec.SourceSpec.NatsStart;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.logroute.testbed.NatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The source at a real server of NATS.
@Timeout(600)
@Order(11)
class NatsSourceIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static NatsServer server;
    private static Connection looking;
    private static int names;

    private final Instruments meters = new Instruments();
    private String stream = "";

    @BeforeAll
    static void start() throws Exception {
        server = NatsServer.single();
        looking = server.connect();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            looking.close();
            server.close();
        }
    }

    @BeforeEach
    void a_stream() throws Exception {
        stream = "S" + names++;
        make(stream);
    }

    private static void make(String stream) throws Exception {
        looking.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(stream)
                        .subjects(stream + ".>")
                        .storageType(StorageType.File)
                        .build());
    }

    private SourceSpec.NatsStream pulled(Duration ackWait, int maxAckPending) {
        return new SourceSpec.NatsStream(stream, "logroute", Optional.empty(), NatsStart.ALL, ackWait, maxAckPending);
    }

    private NatsSource source(List<URI> servers, SourceSpec.NatsStream pulled) {
        return new NatsSource(
                new SourceSpec.Nats(
                        servers,
                        Optional.of(pulled),
                        Optional.empty(),
                        NatsCodec.JSON,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                "core",
                meters,
                InstantSource.system());
    }

    private static List<URI> direct() {
        return server.urls().stream().map(URI::create).toList();
    }

    private NatsSource source() {
        return source(direct(), pulled(Duration.ofSeconds(30), 20_000));
    }

    private void send(int from, int to) throws Exception {
        var publishing = looking.jetStream();
        for (int i = from; i < to; i++) {
            publishing.publish(stream + ".web", "{\"n\":%d}".formatted(i).getBytes(StandardCharsets.UTF_8));
        }
    }

    private ConsumerInfo consumer() throws Exception {
        return looking.jetStreamManagement().getConsumerInfo(stream, "logroute");
    }

    private void allIsAcknowledged() {
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            assertThat(consumer().getNumAckPending()).as("not acknowledged").isZero();
            assertThat(consumer().getNumPending()).as("not delivered").isZero();
        });
    }

    private static Set<Integer> upTo(int count) {
        return new TreeSet<>(IntStream.range(0, count).boxed().toList());
    }

    @Test
    void messages_are_acknowledged_when_they_are_stored_and_not_before() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.HOLDS);
        send(0, 100);
        try (var source = source()) {
            source.start(inlet);
            await().atMost(SOON)
                    .until(() -> inlet.taken.stream()
                                    .mapToInt(each -> each.batch().size())
                                    .sum()
                            == 100);
            assertThat(consumer().getNumAckPending()).isEqualTo(100);
            assertThat(meters.value(Meter.SOURCE_UP)).isEqualTo(1);
            assertThat(meters.value(Meter.NATS_UNACKNOWLEDGED_MESSAGES)).isEqualTo(100);
            inlet.taken.forEach(each -> each.receipt().stored());
            allIsAcknowledged();
            assertThat(consumer().getRedelivered()).isZero();
        }
    }

    @Test
    void what_the_store_refuses_is_given_back_and_comes_again() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.REFUSES);
        send(0, 50);
        try (var source = source()) {
            source.start(inlet);
            await().atMost(SOON).until(() -> meters.value(Meter.REFUSED_EVENTS) >= 50);
            assertThat(consumer().getAckFloor().getStreamSequence()).isZero();
            inlet.become(MemoryInlet.Mood.STORES);
            await().atMost(SOON).until(() -> inlet.stored.size() == 50);
            assertThat(new TreeSet<>(inlet.numbers())).isEqualTo(upTo(50));
            allIsAcknowledged();
            assertThat(meters.value(Meter.NATS_REDELIVERED_MESSAGES)).isGreaterThanOrEqualTo(50);
        }
    }

    @Test
    void a_store_that_waits_longer_than_the_servers_would_is_given_time() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.WAITS);
        send(0, 300);
        try (var source = source(direct(), pulled(Duration.ofSeconds(4), 200))) {
            source.start(inlet);
            await().atMost(SOON).until(() -> meters.value(Meter.NATS_UNACKNOWLEDGED_MESSAGES) == 200);
            var until = System.nanoTime() + Duration.ofSeconds(9).toNanos();
            await().atMost(SOON).until(() -> {
                assertThat(consumer().getNumAckPending())
                        .as("no more is asked for")
                        .isLessThanOrEqualTo(200);
                return System.nanoTime() > until;
            });
            assertThat(meters.value(Meter.NATS_REDELIVERED_MESSAGES)).isZero();
            inlet.become(MemoryInlet.Mood.STORES);
            await().atMost(SOON).until(() -> inlet.stored.size() == 300);
            allIsAcknowledged();
            assertThat(inlet.numbers()).containsExactlyElementsOf(upTo(300));
        }
    }

    static Stream<Scissors.Cut> steps() {
        var ofClient = Stream.of(
                "CONNECT", "SUB ", "CONSUMER.INFO", "CONSUMER.CREATE", "CONSUMER.MSG.NEXT", "+ACK", "{\"batch\"");
        var ofServer = Stream.of(
                "INFO {", "PONG", "consumer_info_response", "consumer_create_response", "$JS.ACK", "{\"n\":150");
        return Stream.concat(
                ofClient.flatMap(
                        word -> Stream.of(new Scissors.Cut(word, false, false), new Scissors.Cut(word, false, true))),
                ofServer.flatMap(
                        word -> Stream.of(new Scissors.Cut(word, true, false), new Scissors.Cut(word, true, true))));
    }

    @ParameterizedTest(name = "at {0}")
    @MethodSource("steps")
    void a_connection_that_is_cut_twice_loses_nothing_and_repeats_nothing(Scissors.Cut cut) throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        send(0, 300);
        try (var scissors = new Scissors(server.urls().getFirst(), cut, 2);
                var source = source(scissors.urls(), pulled(Duration.ofSeconds(1), 100))) {
            source.start(inlet);
            await().atMost(SOON).until(() -> inlet.stored.size() >= 300);
            send(300, 400);
            await().atMost(SOON).until(() -> inlet.stored.size() >= 400);
            allIsAcknowledged();
            assertThat(inlet.numbers()).as("each once").hasSize(400);
            assertThat(new TreeSet<>(inlet.numbers())).isEqualTo(upTo(400));
            assertThat(scissors.left()).as("cuts that were not made").isLessThan(2);
        }
    }

    @Test
    void acknowledgements_that_a_cut_took_are_known_however_many_messages_come_after_them() throws Exception {
        int first = 300;
        int all = first + 3 * Acknowledged.LATEST;
        var cut = new Scissors.Cut("+ACK", false, false);
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        send(0, first);
        try (var scissors = new Scissors(server.urls().getFirst(), cut, 1);
                var source = source(scissors.urls(), pulled(Duration.ofSeconds(10), 20_000))) {
            source.start(inlet);
            await().atMost(SOON).until(() -> inlet.stored.size() >= first && scissors.left() == 0);
            for (int i = first; i < all; i++) {
                looking.publish(stream + ".web", "{\"n\":%d}".formatted(i).getBytes(StandardCharsets.UTF_8));
            }
            await().atMost(SOON).until(() -> inlet.stored.size() >= all);
            allIsAcknowledged();
            assertThat(inlet.stored).as("each once").hasSize(all);
            assertThat(meters.value(Meter.NATS_REDELIVERED_MESSAGES))
                    .as("the cut took some")
                    .isPositive();
        }
    }

    @Test
    void a_server_that_is_killed_again_and_again_loses_nothing() throws Exception {
        try (var own = NatsServer.single();
                var sending = own.connect()) {
            sending.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name(stream)
                            .subjects(stream + ".>")
                            .build());
            var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
            try (var source =
                    source(own.urls().stream().map(URI::create).toList(), pulled(Duration.ofSeconds(2), 500))) {
                source.start(inlet);
                int sent = 0;
                for (int round = 0; round < 3; round++) {
                    for (int i = 0; i < 1_000; i++) {
                        var body = "{\"n\":%d}".formatted(sent).getBytes(StandardCharsets.UTF_8);
                        try {
                            sending.jetStream().publish(stream + ".web", body);
                        } catch (IOException | JetStreamApiException | IllegalStateException e) {
                            await().atMost(SOON).ignoreExceptions().until(() -> {
                                sending.jetStream().publish(stream + ".web", body);
                                return true;
                            });
                        }
                        sent++;
                    }
                    own.node(0).kill();
                    own.node(0).startAndAwait();
                }
                int all = sent;
                await().atMost(Duration.ofSeconds(120))
                        .untilAsserted(
                                () -> assertThat(new TreeSet<>(inlet.numbers())).isEqualTo(upTo(all)));
                assertThat(meters.value(Meter.NATS_LOST_CONNECTIONS)).isGreaterThanOrEqualTo(1);
            }
        }
    }

    @Test
    void two_instances_share_a_consumer_and_one_that_dies_leaves_its_part_to_the_other() throws Exception {
        var dying = new MemoryInlet(MemoryInlet.Mood.HOLDS);
        var living = new MemoryInlet(MemoryInlet.Mood.STORES);
        var never = new Scissors.Cut("never", true, true);
        var share = pulled(Duration.ofSeconds(2), 2_000);
        try (var scissors = new Scissors(server.urls().getFirst(), never, 0);
                var first = source(scissors.urls(), share);
                var meters2 = new Instruments()) {
            first.start(dying);
            await().atMost(SOON).ignoreExceptions().until(() -> consumer().getNumWaiting() > 0);
            var second = new NatsSource(
                    new SourceSpec.Nats(
                            direct(),
                            Optional.of(share),
                            Optional.empty(),
                            NatsCodec.JSON,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    "core",
                    meters2,
                    InstantSource.system());
            try (second) {
                second.start(living);
                await().atMost(SOON).until(() -> consumer().getNumWaiting() > 1);
                send(0, 1_000);
                await().atMost(SOON).until(() -> !dying.taken.isEmpty() && !living.stored.isEmpty());
                scissors.freeze();
                await().atMost(SOON)
                        .untilAsserted(() ->
                                assertThat(new TreeSet<>(living.numbers())).isEqualTo(upTo(1_000)));
                assertThat(meters2.value(Meter.NATS_REDELIVERED_MESSAGES)).isGreaterThan(0);
                allIsAcknowledged();
            }
        }
    }

    @Test
    void an_instance_that_stops_leaves_what_it_has_not_stored_to_others_at_once() throws Exception {
        var full = new MemoryInlet(MemoryInlet.Mood.WAITS);
        send(0, 500);
        try (var source = source(direct(), pulled(Duration.ofMinutes(10), 20_000))) {
            source.start(full);
            await().atMost(SOON).until(() -> meters.value(Meter.NATS_UNACKNOWLEDGED_MESSAGES) == 500);
        }
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        try (var next = source(direct(), pulled(Duration.ofMinutes(10), 20_000))) {
            next.start(inlet);
            await().atMost(SOON).until(() -> inlet.stored.size() == 500);
            allIsAcknowledged();
        }
    }

    @Test
    void a_source_waits_for_a_stream_that_is_not_there_yet() throws Exception {
        stream = "LATE" + names++;
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        try (var source = source()) {
            source.start(inlet);
            assertThatThrownBy(() -> new Durable(pulled(Duration.ofSeconds(30), 10)).ensure(looking))
                    .hasMessageContaining("have no stream " + stream + "; make it");
            await().atMost(SOON).until(() -> meters.value(Meter.CONNECTIONS) == 1);
            assertThat(meters.value(Meter.SOURCE_UP)).isZero();
            assertThat(source.behind()).contains(Behind.UNKNOWN);
            make(stream);
            send(0, 10);
            await().atMost(SOON).until(() -> inlet.stored.size() == 10);
            assertThat(meters.value(Meter.SOURCE_UP)).isEqualTo(1);
            assertThat(source.behind()).contains(new Behind(0, Optional.empty()));
        }
    }

    @Test
    void a_source_starts_without_servers_and_not_without_its_secret(@TempDir Path folder) throws Exception {
        try (var source = source(List.of(URI.create("nats://127.0.0.1:1")), pulled(Duration.ofSeconds(30), 10))) {
            source.start(new MemoryInlet(MemoryInlet.Mood.STORES));
            assertThat(meters.value(Meter.CONNECTIONS)).isZero();
            assertThat(meters.value(Meter.SOURCE_UP)).isZero();
        }
        var spec = new SourceSpec.Nats(
                direct(),
                Optional.of(pulled(Duration.ofSeconds(30), 10)),
                Optional.empty(),
                NatsCodec.JSON,
                Optional.empty(),
                Optional.of(new NatsAuth(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(folder.resolve("none")),
                        Optional.empty(),
                        Optional.empty())),
                Optional.empty());
        try (var source = new NatsSource(spec, "core", meters, InstantSource.system())) {
            assertThatThrownBy(() -> source.start(new MemoryInlet(MemoryInlet.Mood.STORES)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("none is not there");
        }
    }

    @Test
    void whatever_an_inlet_does_messages_are_handed_over_again() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.BREAKS);
        send(0, 10);
        try (var source = source()) {
            source.start(inlet);
            await().atMost(SOON).until(() -> inlet.broken > 0);
            inlet.become(MemoryInlet.Mood.STORES);
            await().atMost(SOON).until(() -> inlet.numbers().containsAll(upTo(10)));
            allIsAcknowledged();
        }
    }

    @Test
    void a_consumer_that_would_lose_something_is_not_taken() throws Exception {
        var manage = looking.jetStreamManagement();
        var durable = new Durable(pulled(Duration.ofSeconds(30), 77));
        manage.addOrUpdateConsumer(
                stream,
                ConsumerConfiguration.builder()
                        .durable("logroute")
                        .ackPolicy(AckPolicy.Explicit)
                        .maxDeliver(5)
                        .build());
        assertThatThrownBy(() -> durable.ensure(looking))
                .hasMessageContaining("gives a message up after 5 deliveries")
                .hasMessageContaining("delete it, or give the source another name");
        manage.deleteConsumer(stream, "logroute");
        manage.addOrUpdateConsumer(
                stream,
                ConsumerConfiguration.builder()
                        .durable("logroute")
                        .ackPolicy(AckPolicy.Explicit)
                        .headersOnly(true)
                        .build());
        assertThatThrownBy(() -> durable.ensure(looking)).hasMessageContaining("headers_only");
    }

    @Test
    void a_consumer_of_somebody_else_is_taken_when_it_fits_and_told_when_it_does_not() throws Exception {
        var manage = looking.jetStreamManagement();
        var durable = new Durable(pulled(Duration.ofSeconds(30), 77));
        manage.addOrUpdateConsumer(
                stream,
                ConsumerConfiguration.builder()
                        .durable("logroute")
                        .ackPolicy(AckPolicy.All)
                        .build());
        assertThatThrownBy(() -> durable.ensure(looking)).hasMessageContaining("has the ack policy all");
        manage.deleteConsumer(stream, "logroute");
        manage.addOrUpdateConsumer(
                stream,
                ConsumerConfiguration.builder()
                        .durable("logroute")
                        .deliverSubject("pushed")
                        .ackPolicy(AckPolicy.Explicit)
                        .build());
        assertThatThrownBy(() -> durable.ensure(looking)).hasMessageContaining("pushes its messages");
        manage.deleteConsumer(stream, "logroute");
        manage.addOrUpdateConsumer(
                stream,
                ConsumerConfiguration.builder()
                        .durable("logroute")
                        .filterSubject(stream + ".other")
                        .ackPolicy(AckPolicy.Explicit)
                        .build());
        assertThatThrownBy(() -> durable.ensure(looking))
                .hasMessageContaining("gives %s.other, where the source wants all".formatted(stream));
        manage.deleteConsumer(stream, "logroute");
        manage.addOrUpdateConsumer(
                stream,
                ConsumerConfiguration.builder()
                        .durable("logroute")
                        .ackWait(Duration.ofSeconds(7))
                        .ackPolicy(AckPolicy.Explicit)
                        .build());
        assertThat(durable.ensure(looking).ackWait()).isEqualTo(Duration.ofSeconds(7));
        assertThat(consumer().getConsumerConfiguration().getMaxAckPending()).isNotEqualTo(77);
        manage.deleteConsumer(stream, "logroute");
        durable.ensure(looking);
        assertThat(new Durable(pulled(Duration.ofSeconds(9), 78))
                        .ensure(looking)
                        .ackWait())
                .isEqualTo(Duration.ofSeconds(9));
        assertThat(consumer().getConsumerConfiguration().getMaxAckPending()).isEqualTo(78);
    }

    @Test
    void a_consumer_that_is_deleted_is_made_anew() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        send(0, 10);
        try (var source = source()) {
            source.start(inlet);
            await().atMost(SOON).until(() -> inlet.stored.size() == 10);
            allIsAcknowledged();
            looking.jetStreamManagement().deleteConsumer(stream, "logroute");
            send(10, 20);
            await().atMost(SOON).until(() -> inlet.stored.size() == 30);
            allIsAcknowledged();
            assertThat(inlet.numbers().subList(10, 30))
                    .as("the stream comes again, whole")
                    .containsExactlyInAnyOrderElementsOf(upTo(20));
        }
    }

    @Test
    void a_consumer_that_somebody_makes_anew_while_nothing_is_asked_of_it_gives_the_whole_stream_again()
            throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.HOLDS);
        send(0, 3);
        // One at a time: it asks for the next one when this one is acknowledged.
        try (var source = source(direct(), pulled(Duration.ofSeconds(30), 1))) {
            source.start(inlet);
            await().atMost(SOON).until(() -> inlet.taken.size() == 1);
            await().atMost(SOON).until(() -> consumer().getNumWaiting() == 0);
            var created = consumer().getCreationTime();
            await().atMost(SOON).until(() -> ZonedDateTime.now(ZoneOffset.UTC).isAfter(created.plusSeconds(2)));
            var config = consumer().getConsumerConfiguration();
            looking.jetStreamManagement().deleteConsumer(stream, "logroute");
            looking.jetStreamManagement().addOrUpdateConsumer(stream, config);
            inlet.become(MemoryInlet.Mood.STORES);
            inlet.taken.remove().receipt().stored();
            await().atMost(SOON).until(() -> inlet.stored.size() == 3);
            allIsAcknowledged();
            assertThat(inlet.numbers()).containsExactly(0, 1, 2);
        }
    }

    @Test
    void a_consumer_is_still_the_same_after_its_server_was_killed() throws Exception {
        try (var own = NatsServer.single();
                var asking = own.connect()) {
            asking.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name(stream)
                            .subjects(stream + ".>")
                            .build());
            var durable = new Durable(pulled(Duration.ofSeconds(30), 100));
            var made = durable.ensure(asking);
            var before = durable.ensure(asking);
            assertThat(before.isStill(made)).isTrue();
            own.node(0).kill();
            own.node(0).startAndAwait();
            var after = await().atMost(SOON).ignoreExceptions().until(() -> durable.ensure(asking), Objects::nonNull);
            assertThat(after.isStill(before)).as("%s, then %s", before, after).isTrue();
        }
    }

    // ---- core

    private NatsSource core(List<URI> servers, SourceSpec.NatsSubjects subjects, Instruments meters) {
        return new NatsSource(
                new SourceSpec.Nats(
                        servers,
                        Optional.empty(),
                        Optional.of(subjects),
                        NatsCodec.JSON,
                        Optional.of("from"),
                        Optional.empty(),
                        Optional.empty()),
                "core",
                meters,
                InstantSource.system());
    }

    @Test
    void a_queue_group_shares_the_messages_of_core_nats() throws Exception {
        var subjects = new SourceSpec.NatsSubjects(List.of("a.*", "b.>"), "logroute", 100_000);
        var one = new MemoryInlet(MemoryInlet.Mood.STORES);
        var two = new MemoryInlet(MemoryInlet.Mood.STORES);
        try (var meters2 = new Instruments();
                var first = core(direct(), subjects, meters);
                var second = core(direct(), subjects, meters2)) {
            first.start(one);
            second.start(two);
            await().atMost(SOON).until(() -> {
                looking.publish("a.ready", "{\"n\":-1}".getBytes(StandardCharsets.UTF_8));
                looking.publish("b.ready", "{\"n\":-1}".getBytes(StandardCharsets.UTF_8));
                looking.flush(Duration.ofSeconds(30));
                return Stream.of(one, two)
                        .allMatch(inlet -> Stream.of("a.ready", "b.ready")
                                .allMatch(from ->
                                        inlet.stored.stream().anyMatch(event -> from.equals(event.text("from")))));
            });
            for (int i = 0; i < 1_000; i++) {
                looking.publish(
                        i % 2 == 0 ? "a.x" : "b.y.z", "{\"n\":%d}".formatted(i).getBytes(StandardCharsets.UTF_8));
            }
            await().atMost(SOON).untilAsserted(() -> {
                var all = Stream.concat(one.numbers().stream(), two.numbers().stream())
                        .filter(n -> n >= 0)
                        .sorted()
                        .toList();
                assertThat(all).containsExactlyElementsOf(upTo(1_000));
            });
            assertThat(one.stored).isNotEmpty();
            assertThat(two.stored).isNotEmpty();
        }
    }

    @Test
    void what_comes_faster_than_it_is_stored_is_dropped_and_counted() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        var subject = "slow" + names++;
        try (var source = core(direct(), new SourceSpec.NatsSubjects(List.of(subject), "q", 50), meters)) {
            source.start(inlet);
            await().atMost(SOON).until(() -> {
                looking.publish(subject, "{\"n\":-1}".getBytes(StandardCharsets.UTF_8));
                looking.flush(Duration.ofSeconds(30));
                return !inlet.stored.isEmpty();
            });
            inlet.become(MemoryInlet.Mood.WAITS);
            for (int i = 0; i < 10_000; i++) {
                looking.publish(subject, "{\"n\":%d}".formatted(i).getBytes(StandardCharsets.UTF_8));
            }
            looking.flush(Duration.ofSeconds(30));
            // The rest comes through once there is room: every message is either here or counted.
            inlet.become(MemoryInlet.Mood.STORES);
            await().atMost(SOON).untilAsserted(() -> {
                long here = inlet.numbers().stream().filter(n -> n >= 0).count();
                assertThat(here + meters.value(Meter.NATS_DROPPED_MESSAGES)).isEqualTo(10_000);
                assertThat(meters.value(Meter.NATS_DROPPED_MESSAGES)).isPositive();
            });
        }
    }

    @Test
    void what_the_store_refuses_of_core_nats_is_kept_and_tried_again() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.REFUSES);
        var subject = "again" + names++;
        try (var source = core(direct(), new SourceSpec.NatsSubjects(List.of(subject), "q", 50), meters)) {
            source.start(inlet);
            await().atMost(SOON).until(() -> {
                looking.publish(subject, "{\"n\":1}".getBytes(StandardCharsets.UTF_8));
                looking.flush(Duration.ofSeconds(30));
                return meters.value(Meter.REFUSED_EVENTS) > 0;
            });
            inlet.become(MemoryInlet.Mood.STORES);
            await().atMost(SOON).until(() -> !inlet.stored.isEmpty());
            assertThat(meters.value(Meter.NATS_DROPPED_MESSAGES)).isZero();
        }
    }

    @Test
    void core_nats_goes_on_after_a_cut() throws Exception {
        var inlet = new MemoryInlet(MemoryInlet.Mood.STORES);
        var subject = "cut" + names++;
        try (var scissors = new Scissors(server.urls().getFirst(), new Scissors.Cut("MSG ", true, false), 3);
                var source = core(scissors.urls(), new SourceSpec.NatsSubjects(List.of(subject), "q", 50), meters)) {
            source.start(inlet);
            await().atMost(SOON).until(() -> {
                looking.publish(subject, "{\"n\":1}".getBytes(StandardCharsets.UTF_8));
                looking.flush(Duration.ofSeconds(30));
                return !inlet.stored.isEmpty();
            });
            assertThat(scissors.left()).isZero();
        }
    }
}
