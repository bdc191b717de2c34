package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logroute.flow.Address;
import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.NotAllowed;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.NatsAuth;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SinkSpec.NatsPublish;
import io.logroute.testbed.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The sink at a real server of NATS.
@Timeout(600)
class NatsSinkIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static NatsServer server;
    private static Connection looking;
    private static int names;

    private final String stream = "T" + names++;

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

    private static void make(Connection at, StreamConfiguration.Builder stream) throws Exception {
        at.jetStreamManagement().addStream(stream.build());
    }

    private StreamConfiguration.Builder taking() {
        return StreamConfiguration.builder().name(stream).subjects(stream + ".>");
    }

    private NatsSink sink(List<URI> servers, NatsPublish publish, DocumentIds ids, Optional<String> text) {
        return sink(servers, publish, ids, text, Optional.empty());
    }

    private NatsSink sink(
            List<URI> servers, NatsPublish publish, DocumentIds ids, Optional<String> text, Optional<NatsAuth> auth) {
        return sink("out", servers, publish, ids, text, auth);
    }

    private NatsSink sink(
            String name,
            List<URI> servers,
            NatsPublish publish,
            DocumentIds ids,
            Optional<String> text,
            Optional<NatsAuth> auth) {
        return new NatsSink(
                "core",
                name,
                new SinkSpec.Nats(
                        servers,
                        FieldTemplate.parse(stream + ".%{service}"),
                        publish,
                        ids,
                        text.map(FieldTemplate::parse),
                        4_000,
                        auth,
                        Optional.empty()),
                "buffer1");
    }

    private static List<URI> direct() {
        return server.urls().stream().map(URI::create).toList();
    }

    private NatsSink sink() {
        return sink(direct(), NatsPublish.JETSTREAM, new DocumentIds.Sequence(), Optional.empty());
    }

    private static Event event(long seq, String json) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return Event.of(bytes, 0, bytes.length, seq, Instant.parse("2026-11-22T10:00:00Z"))
                .addressed(new Address("all", 0, Optional.empty()));
    }

    private static Batch numbered(int from, int to) {
        return new Batch(IntStream.range(from, to)
                .mapToObj(n -> event(n, "{\"n\":%d,\"service\":\"web\"}".formatted(n)))
                .toList());
    }

    /// What the stream has, in its order.
    private List<String> messages(Connection at) throws Exception {
        var all = new ArrayList<String>();
        var manage = at.jetStreamManagement();
        long last = manage.getStreamInfo(stream).getStreamState().getLastSequence();
        for (long seq = 1; seq <= last; seq++) {
            all.add(new String(manage.getMessage(stream, seq).getData(), StandardCharsets.UTF_8));
        }
        return all;
    }

    @Test
    void events_are_stored_once_however_often_they_are_written() throws Exception {
        make(looking, taking());
        try (var sink = sink()) {
            for (int times = 0; times < 3; times++) {
                assertThat(sink.write(numbered(0, 500))).hasSize(500).containsOnly(Delivery.delivered());
            }
        }
        var manage = looking.jetStreamManagement();
        assertThat(manage.getStreamInfo(stream).getStreamState().getMsgCount()).isEqualTo(500);
        var first = manage.getMessage(stream, 1);
        assertThat(first.getSubject()).isEqualTo(stream + ".web");
        assertThat(Objects.requireNonNull(first.getHeaders()).getFirst("Nats-Msg-Id"))
                .isEqualTo("buffer1-0/out");
        assertThat(new String(first.getData(), StandardCharsets.UTF_8)).contains("\"n\":0");
    }

    @Test
    void two_sinks_that_write_to_one_stream_take_nothing_from_each_other() throws Exception {
        make(looking, taking());
        for (var name : List.of("one", "two")) {
            try (var sink = sink(
                    name,
                    direct(),
                    NatsPublish.JETSTREAM,
                    new DocumentIds.Sequence(),
                    Optional.empty(),
                    Optional.empty())) {
                assertThat(sink.write(numbered(0, 3))).containsOnly(Delivery.delivered());
            }
        }
        assertThat(messages(looking)).hasSize(6);
    }

    @Test
    void what_a_client_sent_twice_is_one_by_its_content() throws Exception {
        make(looking, taking());
        try (var sink =
                sink(direct(), NatsPublish.JETSTREAM, new DocumentIds.Content(), Optional.of("%{m} in %{service}"))) {
            sink.write(new Batch(List.of(
                    event(1, "{\"m\":\"a\",\"service\":\"w\"}"),
                    event(2, "{\"m\":\"a\",\"service\":\"w\"}"),
                    event(3, "{\"m\":\"b\",\"service\":\"w\"}"))));
        }
        assertThat(messages(looking)).containsExactly("a in w", "b in w");
    }

    @Test
    void events_wait_for_a_stream_and_those_that_never_fit_are_told() throws Exception {
        try (var sink = sink()) {
            assertThat(sink.write(numbered(0, 3)))
                    .allSatisfy(each -> assertThat(each)
                            .isInstanceOfSatisfying(
                                    Delivery.Retry.class,
                                    retry -> assertThat(retry.reason()).contains("no stream takes subject")));
            make(looking, taking().maximumMessageSize(2_000));
            var batch = new Batch(List.of(
                    event(1, "{\"service\":\"web\"}"),
                    event(2, "{\"m\":1}"),
                    event(3, "{\"service\":\"web\",\"m\":\"%s\"}".formatted("x".repeat(3_000))),
                    event(4, "{\"service\":\"web\",\"m\":\"%s\"}".formatted("x".repeat(2 << 20)))));
            var told = sink.write(batch);
            assertThat(told.getFirst()).isEqualTo(Delivery.delivered());
            assertThat(told.subList(1, 4)).allSatisfy(each -> assertThat(each).isInstanceOf(Delivery.Rejected.class));
            assertThat(told.toString()).contains("no field service", "the stream refuses it", "max_payload");
        }
    }

    @Test
    void a_stream_that_is_full_makes_events_wait() throws Exception {
        make(looking, taking().maxMessages(2).discardPolicy(io.nats.client.api.DiscardPolicy.New));
        try (var sink = sink()) {
            var told = sink.write(numbered(0, 3));
            assertThat(told.stream().filter(Delivery.Retry.class::isInstance)).hasSize(1);
            looking.jetStreamManagement().purgeStream(stream);
            assertThat(sink.write(numbered(0, 3))).contains(Delivery.delivered());
        }
    }

    @Test
    void core_nats_has_the_batch_when_it_is_delivered() throws Exception {
        var heard = looking.subscribe(stream + ".>");
        looking.flush(Duration.ofSeconds(30));
        try (var sink = sink(direct(), NatsPublish.CORE, new DocumentIds.Sequence(), Optional.empty())) {
            assertThat(sink.write(numbered(0, 100))).hasSize(100).containsOnly(Delivery.delivered());
            for (int i = 0; i < 100; i++) {
                var message = heard.nextMessage(Duration.ofSeconds(60));
                assertThat(new String(message.getData(), StandardCharsets.UTF_8))
                        .contains("\"n\":%d,".formatted(i));
                assertThat(message.getSubject()).isEqualTo(stream + ".web");
            }
        }
    }

    @Test
    void who_is_not_let_in_or_may_not_publish_there_is_told_apart(@TempDir Path folder) throws Exception {
        var users = """
                authorization { users: [
                  { user: admin, password: all }
                  { user: out, password: right, permissions: { publish: ["%s.web"], subscribe: ["_INBOX.>"] } }
                ] }
                """.formatted(stream);
        var password = Files.writeString(folder.resolve("password"), "mistaken");
        var auth = Optional.of(new NatsAuth(
                Optional.of("out"), Optional.of(password), Optional.empty(), Optional.empty(), Optional.empty()));
        try (var own = NatsServer.with(users);
                var admin = Nats.connect(Options.builder()
                        .server(own.urls().getFirst())
                        .userInfo("admin", "all")
                        .build())) {
            make(admin, taking());
            var at = own.urls().stream().map(URI::create).toList();
            var web = event(1, "{\"service\":\"web\"}");
            var vault = event(2, "{\"service\":\"vault\"}");
            try (var sink = sink(at, NatsPublish.JETSTREAM, new DocumentIds.Sequence(), Optional.empty(), auth)) {
                assertThatThrownBy(sink::prepare)
                        .isInstanceOf(NotAllowed.class)
                        .hasMessageContaining("does not let us in")
                        .hasMessageNotContaining("mistaken");
                Files.writeString(password, "right");
                var told = sink.write(new Batch(List.of(web, vault)));
                assertThat(told.getFirst()).isEqualTo(Delivery.delivered());
                assertThat(told.getLast()).isInstanceOfSatisfying(Delivery.Retry.class, retry -> {
                    assertThat(retry.cause()).isEqualTo(Delivery.Retry.Cause.NOT_ALLOWED);
                    assertThat(retry.reason()).contains("Permissions Violation", stream + ".vault");
                });
                // What was forbidden once says nothing of what comes later.
                assertThat(sink.write(new Batch(List.of(web)))).containsExactly(Delivery.delivered());
            }
            try (var sink = sink(at, NatsPublish.CORE, new DocumentIds.Sequence(), Optional.empty(), auth)) {
                assertThat(sink.write(new Batch(List.of(web)))).containsExactly(Delivery.delivered());
                assertThatThrownBy(() -> sink.write(new Batch(List.of(web, vault))))
                        .isInstanceOf(NotAllowed.class)
                        .hasMessageContaining(stream + ".vault");
                assertThat(sink.write(new Batch(List.of(web)))).containsExactly(Delivery.delivered());
            }
        }
    }

    static Stream<Scissors.Cut> steps() {
        return Stream.of("INFO {", "PONG", "\"seq\":30", "\"duplicate\":true")
                .flatMap(word -> Stream.of(new Scissors.Cut(word, true, false), new Scissors.Cut(word, true, true)))
                .toList()
                .stream()
                .flatMap(Stream::of)
                .collect(java.util.stream.Collectors.collectingAndThen(
                        java.util.stream.Collectors.toCollection(ArrayList::new), list -> {
                            for (var word : List.of("CONNECT", "SUB ", "Nats-Msg-Id:buffer1-3", "{\"n\":42")) {
                                list.add(new Scissors.Cut(word, false, false));
                                list.add(new Scissors.Cut(word, false, true));
                            }
                            return list.stream();
                        }));
    }

    @ParameterizedTest(name = "at {0}")
    @MethodSource("steps")
    void a_connection_that_is_cut_twice_loses_nothing_and_repeats_nothing(Scissors.Cut cut) throws Exception {
        make(looking, taking());
        try (var scissors = new Scissors(server.urls().getFirst(), cut, 2);
                var sink = sink(scissors.urls(), NatsPublish.JETSTREAM, new DocumentIds.Sequence(), Optional.empty())) {
            for (int from = 0; from < 200; from += 50) {
                untilDelivered(sink, numbered(from, from + 50));
            }
        }
        assertThat(messages(looking)).as("each once").hasSize(200);
        assertThat(new TreeSet<>(messages(looking))).hasSize(200);
    }

    /// As a drain does: what was not delivered is written again.
    private static void untilDelivered(NatsSink sink, Batch batch) {
        var left = new ArrayList<>(batch.events());
        await().atMost(SOON).until(() -> {
            try {
                var told = sink.write(new Batch(left));
                for (int i = told.size() - 1; i >= 0; i--) {
                    assertThat(told.get(i)).isNotInstanceOf(Delivery.Rejected.class);
                    if (told.get(i) instanceof Delivery.Delivered) {
                        left.remove(i);
                    }
                }
            } catch (IOException e) {
                return false;
            }
            return left.isEmpty();
        });
    }

    @Test
    void a_server_that_is_killed_gets_everything_once() throws Exception {
        try (var own = NatsServer.single();
                var at = own.connect()) {
            make(at, taking());
            try (var sink = sink(
                    own.urls().stream().map(URI::create).toList(),
                    NatsPublish.JETSTREAM,
                    new DocumentIds.Sequence(),
                    Optional.empty())) {
                for (int round = 0; round < 3; round++) {
                    untilDelivered(sink, numbered(round * 300, round * 300 + 300));
                    own.node(0).kill();
                    own.node(0).startAndAwait();
                }
                untilDelivered(sink, numbered(900, 1_000));
                await().atMost(SOON).ignoreExceptions().until(() -> new TreeSet<>(messages(at)).size() == 1_000);
                assertThat(messages(at)).hasSize(1_000);
            }
        }
    }
}
