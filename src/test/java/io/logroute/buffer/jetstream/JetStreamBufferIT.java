package io.logroute.buffer.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.buffer.Buffer;
import io.logroute.buffer.Cursor;
import io.logroute.buffer.Stored;
import io.logroute.buffer.SyncFailed;
import io.logroute.remote.NatsServers;
import io.logroute.testbed.NatsServer;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The log on a real server of NATS, one step at a time.
class JetStreamBufferIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static NatsServer server;
    private static int names;
    private final String name = "LOGROUTE_core-" + names++;

    @BeforeAll
    static void start() throws IOException {
        server = NatsServer.single();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static NatsServers servers() {
        return new NatsServers(server.urls(), Optional.empty(), Optional.empty());
    }

    private JetStreamBuffer open() throws IOException {
        return JetStreamBuffer.open(servers(), new JetStreamBuffer.Settings(name, 1, 64 << 20));
    }

    private static long append(Buffer buffer, String text, int events) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return buffer.append(bytes, 0, bytes.length, events);
    }

    private static List<String> readAll(Cursor cursor) throws Exception {
        List<String> all = new ArrayList<>();
        while (!cursor.hasReadAll()) {
            Optional<Stored> stored = cursor.read(SOON);
            assertThat(stored).as("after %s", all).isPresent();
            all.add(new String(stored.get().bytes(), StandardCharsets.UTF_8));
        }
        return all;
    }

    @Test
    void what_was_appended_is_read_in_order_and_after_closing_only_what_was_not_settled() throws Exception {
        String id;
        try (JetStreamBuffer buffer = open()) {
            id = buffer.id();
            assertThat(append(buffer, "one", 1)).isZero();
            assertThat(append(buffer, "two and three", 2)).isEqualTo(1);
            assertThat(append(buffer, "four", 1)).isEqualTo(3);
            assertThat(buffer.sync()).isEqualTo(4);
            Cursor cursor = buffer.cursor("es");
            assertThat(readAll(cursor)).containsExactly("one", "two and three", "four");
            assertThat(cursor.unsettled()).isEqualTo(4);
            cursor.settle(2);
            cursor.save();
        }
        try (JetStreamBuffer buffer = open()) {
            assertThat(buffer.id()).isEqualTo(id);
            assertThat(buffer.recovery().clean()).isTrue();
            assertThat(buffer.nextSeq()).isEqualTo(4);
            Cursor cursor = buffer.cursor("es");
            assertThat(cursor.settled()).isEqualTo(2);
            assertThat(readAll(cursor)).containsExactly("two and three", "four");
            assertThat(append(buffer, "five", 1)).isEqualTo(4);
            buffer.sync();
            assertThat(readAll(cursor)).containsExactly("five");
        }
    }

    private JetStreamBuffer open(Duration patience, long maxBytes) throws IOException {
        return JetStreamBuffer.open(servers(), new JetStreamBuffer.Settings(name, 1, maxBytes, patience));
    }

    /// Meddles, or looks.
    private interface Hand {
        void touch(JetStreamManagement manage) throws Exception;
    }

    private static void byHand(Hand hand) throws Exception {
        try (var connection = server.connect()) {
            hand.touch(connection.jetStreamManagement());
        }
    }

    @Test
    void a_server_that_is_away_for_a_while_costs_nothing() throws Exception {
        try (var buffer = open()) {
            append(buffer, "before", 1);
            buffer.sync();
            server.node(0).kill();
            append(buffer, "meanwhile", 1);
            var synced = java.util.concurrent.CompletableFuture.supplyAsync(() -> {
                try {
                    return buffer.sync();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            server.node(0).startAndAwait();
            assertThat(synced.get(120, TimeUnit.SECONDS)).isEqualTo(2);
            append(buffer, "after", 1);
            buffer.sync();
            assertThat(readAll(buffer.cursor("es"))).containsExactly("before", "meanwhile", "after");
            assertThat(buffer.damage().lostEvents()).isZero();
        }
    }

    @Test
    void what_waits_too_long_is_told_as_not_stored_and_no_reader_gets_it() throws Exception {
        try (var buffer = open(Duration.ofSeconds(2), 64 << 20)) {
            append(buffer, "before", 1);
            buffer.sync();
            server.node(0).stop();
            long given = append(buffer, "given up", 2);
            long start = System.nanoTime();
            assertThatThrownBy(buffer::sync)
                    .isInstanceOf(SyncFailed.class)
                    .hasMessageContaining("Events 1 to 2 could not be stored in stream " + name)
                    .satisfies(e -> assertThat(((SyncFailed) e).situation()).contains("majority"));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
            assertThat(buffer.sync()).as("told once").isEqualTo(3);
            server.node(0).startAndAwait();
            assertThat(append(buffer, "after", 1)).isEqualTo(3);
            Awaitility.await().atMost(SOON).ignoreExceptions().until(() -> buffer.sync() == buffer.nextSeq());
            assertThatThrownBy(() -> buffer.sync(given)).isInstanceOf(SyncFailed.class);
            var cursor = buffer.cursor("es");
            assertThat(cursor.unsettled()).isEqualTo(2);
            assertThat(readAll(cursor)).containsExactly("before", "after");
            assertThat(buffer.damage().lostEvents()).isZero();
            cursor.settle(buffer.nextSeq());
            cursor.save();
            assertThat(cursor.unsettled()).isZero();
        }
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(cursor.unsettled()).isZero();
        }
    }

    @Test
    void of_two_that_open_it_the_older_is_out_and_says_so() throws Exception {
        var older = open();
        append(older, "old", 1);
        older.sync();
        var reader = older.cursor("es");
        append(older, "under way", 1);
        try (var newer = open()) {
            assertThatThrownBy(() -> {
                        append(older, "late", 1);
                        older.sync();
                    })
                    .isInstanceOf(BufferTaken.class)
                    .hasMessageContaining("another instance has opened stream " + name);
            assertThatThrownBy(() -> append(older, "later", 1)).isInstanceOf(BufferTaken.class);
            assertThatThrownBy(() -> reader.read(SOON)).isInstanceOf(IOException.class);
            append(newer, "new", 1);
            newer.sync();
            assertThat(readAll(newer.cursor("es")))
                    .startsWith("old")
                    .endsWith("new")
                    .doesNotContain("late");
        } finally {
            older.close();
        }
    }

    @Test
    void limits_that_could_drop_events_are_taken_off() throws Exception {
        byHand(manage -> manage.addStream(StreamConfiguration.builder()
                .name(name)
                .subjects(name + ".records", name + ".marks", name + ".claims")
                .maxAge(Duration.ofHours(1))
                .maxMessages(1000)
                .maxBytes(5000)
                .build()));
        open().close();
        byHand(manage -> {
            var is = manage.getStreamInfo(name).getConfiguration();
            assertThat(is.getMaxAge()).isEqualTo(Duration.ZERO);
            assertThat(is.getMaxMsgs()).isEqualTo(-1);
            assertThat(is.getMaxBytes()).isEqualTo(-1);
            assertThat(is.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
        });
    }

    @Test
    void limits_that_somebody_sets_while_it_is_open_are_taken_off() throws Exception {
        try (JetStreamBuffer buffer = open()) {
            append(buffer, "one", 1);
            buffer.sync();
            byHand(manage -> manage.updateStream(
                    StreamConfiguration.builder(manage.getStreamInfo(name).getConfiguration())
                            .maxAge(Duration.ofHours(1))
                            .maxMessages(100_000)
                            .build()));
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(() -> byHand(manage -> {
                        var is = manage.getStreamInfo(name).getConfiguration();
                        assertThat(is.getMaxAge()).isEqualTo(Duration.ZERO);
                        assertThat(is.getMaxMsgs()).isEqualTo(-1);
                    }));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"max_msgs, old", "max_msgs, new", "max_bytes, old", "max_bytes, new"})
    void what_a_limit_drops_that_somebody_sets_while_it_is_open_is_told_as_lost_and_nothing_else_is(String limit)
            throws Exception {
        try (JetStreamBuffer buffer = open()) {
            Cursor cursor = buffer.cursor("es");
            for (int i = 0; i < 20; i++) {
                append(buffer, "number " + i, 1);
            }
            buffer.sync();
            byHand(manage -> {
                var is = manage.getStreamInfo(name);
                long bytes = is.getStreamState().getByteCount();
                boolean old = limit.endsWith("old");
                var changed = StreamConfiguration.builder(is.getConfiguration())
                        .discardPolicy(old ? DiscardPolicy.Old : DiscardPolicy.New);
                manage.updateStream(
                        limit.startsWith("max_msgs")
                                ? changed.maxMessages(7).build()
                                : changed.maxBytes(
                                                old
                                                        ? 7
                                                                * bytes
                                                                / is.getStreamState()
                                                                        .getMsgCount()
                                                        : 2 * bytes)
                                        .build());
                assertThat(append(buffer, "number 20", 1)).isEqualTo(20);
            });
            buffer.sync();
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(() -> byHand(manage -> {
                        var is = manage.getStreamInfo(name).getConfiguration();
                        assertThat(is.getMaxMsgs()).isEqualTo(-1);
                        assertThat(is.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
                        assertThat(is.getMaxBytes())
                                .as("one that refuses more loses nothing")
                                .matches(bytes -> limit.equals("max_bytes, new") == (bytes > 0));
                    }));
            long[] left = new long[1];
            byHand(manage -> left[0] = manage.getStreamInfo(name, StreamInfoOptions.filterSubjects(name + ".records"))
                    .getStreamState()
                    .getSubjectMap()
                    .getOrDefault(name + ".records", 0L));
            assertThat(left[0]).isBetween(1L, limit.equals("max_bytes, new") ? 21L : 20L);
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(buffer.damage().lostEvents()).isEqualTo(21 - left[0]));
            assertThat(append(buffer, "number 21", 1)).isEqualTo(21);
            buffer.sync();
            assertThat(readAll(cursor)).hasSize((int) left[0] + 1).endsWith("number 20", "number 21");
            assertThat(buffer.damage().lostEvents()).isEqualTo(21 - left[0]);
        }
    }

    @Test
    void a_stream_that_would_drop_events_by_its_nature_is_refused() throws Exception {
        byHand(manage -> manage.addStream(StreamConfiguration.builder()
                .name(name)
                .subjects(name + ".records", name + ".marks", name + ".claims")
                .retentionPolicy(RetentionPolicy.Interest)
                .build()));
        assertThatThrownBy(() -> open(Duration.ofSeconds(20), 1 << 20))
                .isInstanceOf(io.logroute.buffer.BufferUnfit.class)
                .hasMessageContaining("cannot be a buffer: its retention is interest")
                .hasMessageContaining("give this router's buffer another name");
    }

    @Test
    void more_replicas_than_there_are_servers_are_refused_with_what_they_say() {
        assertThatThrownBy(() -> JetStreamBuffer.open(
                        servers(), new JetStreamBuffer.Settings(name, 3, 1 << 20, Duration.ofSeconds(5))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("to make it with 3 replicas");
    }

    @Test
    void a_stream_of_somebody_else_is_refused_and_left_as_it_is() throws Exception {
        byHand(manage -> {
            manage.addStream(StreamConfiguration.builder()
                    .name(name)
                    .subjects(name + ".records", name + ".marks", name + ".claims")
                    .build());
            manage.jetStream().publish(name + ".records", new byte[] {1});
        });
        assertThatThrownBy(() -> open(Duration.ofSeconds(20), 1 << 20))
                .hasMessageContaining("holds messages that no LogRoute wrote");
        byHand(manage -> assertThat(manage.getStreamInfo(name).getStreamState().getMsgCount())
                .isEqualTo(1));
    }

    @Test
    void what_others_wrote_into_it_or_deleted_at_its_end_keeps_no_router_from_its_events() throws Exception {
        try (JetStreamBuffer buffer = open()) {
            buffer.cursor("es");
            byHand(this::writeRubbish);
            append(buffer, "one", 1);
            buffer.sync();
            byHand(this::writeRubbish);
            append(buffer, "two", 1);
            buffer.sync();
            buffer.abandon();
        }
        byHand(this::writeRubbish);
        try (JetStreamBuffer buffer = open()) {
            assertThat(readAll(buffer.cursor("es"))).containsExactly("one", "two");
            assertThat(append(buffer, "three", 1)).isGreaterThanOrEqualTo(2);
            buffer.sync();
            buffer.abandon();
        }
    }

    @Test
    void one_message_that_somebody_deletes_takes_no_other_with_it() throws Exception {
        for (var which : List.of(".records", ".>")) {
            try (JetStreamBuffer buffer = open()) {
                buffer.cursor("es");
                append(buffer, "one", 1);
                append(buffer, "two", 1);
                append(buffer, "three", 1);
                buffer.sync();
                buffer.abandon();
            }
            if (which.equals(".records")) {
                open().abandon(); // its marks come after them
            }
            byHand(manage -> manage.deleteMessage(
                    name, manage.getLastMessage(name, name + which).getSeq()));
            try (JetStreamBuffer buffer = open()) {
                assertThat(readAll(buffer.cursor("es")))
                        .as("the last of %s", which)
                        .containsExactly("one", "two");
            }
            byHand(manage -> manage.deleteStream(name));
        }
    }

    private void writeRubbish(JetStreamManagement manage) throws Exception {
        try (var connection = server.connect()) {
            for (var subject : List.of("records", "claims", "marks")) {
                connection.jetStream().publish(name + "." + subject, new byte[] {1, 2, 3});
            }
        }
    }

    @Test
    void a_stream_of_a_newer_format_is_refused_and_left_as_it_is() throws Exception {
        open().close();
        byHand(manage -> manage.jetStream()
                .publish(name + ".claims", new Headers().add(Label.HEADER, "2 whatever comes"), new byte[0]));
        assertThatThrownBy(() -> open(Duration.ofSeconds(20), 1 << 20))
                .isInstanceOf(io.logroute.buffer.BufferTooNew.class)
                .hasMessageContaining("format 2");
    }

    @Test
    void a_consumer_removed_by_hand_is_made_again_where_the_sink_was() throws Exception {
        try (var buffer = open()) {
            for (int i = 0; i < 5; i++) {
                append(buffer, "r" + i, 1);
            }
            buffer.sync();
            var cursor = buffer.cursor("es");
            assertThat(readAll(cursor)).hasSize(5);
            cursor.settle(3);
            cursor.save();
            byHand(manage -> {
                for (var each : manage.getConsumerNames(name)) {
                    manage.deleteConsumer(name, each);
                }
            });
            append(buffer, "r5", 1);
            buffer.sync();
            assertThat(readAll(cursor)).containsExactly("r5");
            cursor.settle(6);
            Awaitility.await().atMost(SOON).ignoreExceptions().untilAsserted(cursor::save);
        }
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(cursor.unsettled()).isZero();
        }
    }

    @Test
    void what_somebody_purges_is_counted_and_the_log_goes_on() throws Exception {
        try (var buffer = open()) {
            for (int i = 0; i < 10; i++) {
                append(buffer, "r" + i, 2);
            }
            buffer.sync();
            var cursor = buffer.cursor("es");
            assertThat(cursor.read(SOON)).isPresent();
            cursor.settle(2);
            cursor.save();
            byHand(manage -> manage.purgeStream(name));
            Awaitility.await().atMost(SOON).untilAsserted(() -> {
                assertThat(buffer.damage().lostEvents()).isEqualTo(18);
                assertThat(cursor.unsettled()).isZero();
            });
            assertThat(append(buffer, "after", 1)).isEqualTo(20);
            buffer.sync();
            cursor.settle(cursor.settled());
            Awaitility.await()
                    .atMost(SOON)
                    .until(() -> cursor.read(Duration.ofMillis(100))
                            .filter(stored -> stored.firstSeq() == 20)
                            .isPresent());
            assertThat(buffer.damage().lostEvents()).isEqualTo(18);
        }
    }

    @Test
    void a_stream_that_somebody_deletes_is_made_anew_and_what_it_held_is_counted() throws Exception {
        try (var buffer = open()) {
            for (int i = 0; i < 10; i++) {
                append(buffer, "r" + i, 2);
            }
            buffer.sync();
            var cursor = buffer.cursor("es");
            assertThat(cursor.read(SOON)).isPresent();
            cursor.settle(2);
            cursor.save();
            byHand(manage -> manage.deleteStream(name));
            assertThat(append(buffer, "after", 1)).isEqualTo(20);
            assertThat(buffer.sync()).isEqualTo(21);
            assertThat(buffer.damage().lostEvents()).isEqualTo(18);
            Awaitility.await()
                    .atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> cursor.read(Duration.ofMillis(100))
                            .filter(stored -> stored.firstSeq() == 20)
                            .isPresent());
            cursor.settle(21);
            cursor.save();
            assertThat(cursor.unsettled()).isZero();
        }
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(buffer.nextSeq()).isEqualTo(21);
            assertThat(cursor.unsettled()).isZero();
        }
    }

    @Test
    void what_was_purged_while_nobody_had_it_open_is_counted_at_opening() throws Exception {
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            for (int i = 0; i < 10; i++) {
                append(buffer, "r" + i, 2);
            }
            buffer.sync();
        }
        byHand(manage -> {
            long first = manage.getNextMessage(name, 1, name + ".records").getSeq();
            manage.purgeStream(name, PurgeOptions.builder().sequence(first + 3).build());
        });
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(buffer.recovery().lostEvents()).isEqualTo(6);
            assertThat(readAll(cursor)).hasSize(7).startsWith("r3");
            assertThat(buffer.damage().lostEvents()).isEqualTo(6);
        }
    }

    @Test
    void what_all_have_settled_is_purged_and_a_full_buffer_goes_on() throws Exception {
        try (var buffer = open(SOON, 2 << 20)) {
            var cursor = buffer.cursor("es");
            byte[] bytes = new byte[100_000];
            for (int i = 0; i < 100; i++) {
                buffer.append(bytes, 0, bytes.length, 1);
                cursor.settle(buffer.sync());
                cursor.save();
                assertThat(buffer.bytes()).isLessThanOrEqualTo(2 << 20);
            }
            assertThat(cursor.unsettledBytes()).isZero();
        }
        byHand(manage -> assertThat(manage.getStreamInfo(name).getStreamState().getByteCount())
                .isLessThan(3 << 20));
    }

    @Test
    void a_full_buffer_waits_for_the_slowest_sink_and_tells_what_it_would_take() throws Exception {
        try (var buffer = open(SOON, 1 << 20)) {
            var slow = buffer.cursor("slow");
            byte[] bytes = new byte[30_000];
            while (buffer.bytes() + bytes.length + 1000 < buffer.maxBytes()) {
                assertThat(buffer.full()).isFalse();
                buffer.append(bytes, 0, bytes.length, 10);
                buffer.sync();
            }
            assertThat(slow.unsettledBytes()).isBetween(900_000L, 1_100_000L);
            assertThat(slow.placeWithin(300_000)).isBetween(slow.unsettled() * 6 / 10, slow.unsettled() * 8 / 10);
            long end = buffer.oldestEnd().orElseThrow();
            assertThat(end).isPositive().isLessThan(slow.unsettled() / 2);
            var waits = java.util.concurrent.CompletableFuture.runAsync(() -> {
                try {
                    buffer.append(bytes, 0, bytes.length, 10);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await().atMost(SOON).until(buffer::full);
            assertThat(slow.skip(slow.settled(), end)).isEqualTo(end);
            assertThat(waits).isNotDone();
            slow.settle(end);
            slow.save();
            waits.get(120, TimeUnit.SECONDS);
            assertThat(slow.read(SOON)).map(Stored::firstSeq).hasValue(end);
        }
    }

    @Test
    void a_forgotten_sink_holds_nothing_back() throws Exception {
        try (var buffer = open()) {
            append(buffer, "r r r", 3);
            buffer.sync();
            var cursor = buffer.cursor("es.main / é");
            assertThat(buffer.readers()).containsExactly("es.main / é");
            assertThat(buffer.settled("es.main / é")).hasValue(0);
            assertThat(buffer.forget("es.main / é")).isEqualTo(3);
            assertThat(buffer.forget("es.main / é")).isZero();
            assertThat(buffer.readers()).isEmpty();
            assertThatThrownBy(() -> cursor.read(SOON)).hasMessageContaining("is closed");
        }
        byHand(manage -> assertThat(manage.getConsumerNames(name)).isEmpty());
    }

    @Test
    void a_sink_that_is_new_and_wants_only_what_comes_reads_nothing_of_what_was() throws Exception {
        try (var buffer = open()) {
            for (int i = 0; i < 20; i++) {
                append(buffer, "r" + i, 1);
            }
            buffer.sync();
            var cursor = buffer.cursor("late");
            cursor.settle(buffer.nextSeq());
            cursor.rewind();
            cursor.save();
            append(buffer, "new", 1);
            buffer.sync();
            assertThat(readAll(cursor)).containsExactly("new");
        }
    }

    @Test
    void a_small_max_payload_makes_records_small_and_says_so() throws Exception {
        try (var small = NatsServer.with("max_payload: 64KB\n")) {
            var servers = new NatsServers(small.urls(), Optional.empty(), Optional.empty());
            try (var buffer = JetStreamBuffer.open(servers, new JetStreamBuffer.Settings(name, 1, 64 << 20))) {
                int most = (int) buffer.maxRecordBytes();
                assertThat(most).isEqualTo(64 * 1024 - 1024);
                buffer.sync(buffer.append(new byte[most], 0, most, 1));
                assertThatThrownBy(() -> buffer.append(new byte[most + 1], 0, most + 1, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("max_payload");
                try (var cursor = buffer.cursor("es")) {
                    assertThat(cursor.read(SOON)).isPresent();
                }
            }
        }
    }

    /// A record that is told as not stored.
    private static void giveUp(JetStreamBuffer buffer, int events) throws Exception {
        server.node(0).stop();
        append(buffer, "given up", events);
        assertThatThrownBy(buffer::sync).isInstanceOf(SyncFailed.class);
        server.node(0).startAndAwait();
    }

    @Test
    void numbers_given_up_at_the_end_are_given_to_no_record_that_a_reader_would_pass_over() throws Exception {
        try (var buffer = open(Duration.ofSeconds(2), 64 << 20)) {
            append(buffer, "before", 1);
            buffer.sync();
            var cursor = buffer.cursor("es");
            assertThat(readAll(cursor)).containsExactly("before");
            giveUp(buffer, 5);
            cursor.settle(1);
            Awaitility.await().atMost(SOON).ignoreExceptions().untilAsserted(cursor::save);
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(() ->
                            byHand(manage -> assertThat(Label.of(manage.getLastMessage(name, name + ".claims")
                                                    .getHeaders())
                                            .map(Label::first))
                                    .as("a mark tells the number that comes next")
                                    .hasValue(6L)));
        }
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            append(buffer, "after", 1);
            buffer.sync();
            assertThat(readAll(cursor)).containsExactly("after");
        }
    }

    @Test
    void what_is_not_settled_counts_after_a_restart_though_numbers_before_it_were_given_up() throws Exception {
        try (var buffer = open(Duration.ofSeconds(2), 64 << 20)) {
            append(buffer, "before", 1);
            buffer.sync();
            giveUp(buffer, 5);
            for (int i = 0; i < 5; i++) {
                append(buffer, "r" + i, 1);
            }
            Awaitility.await().atMost(SOON).ignoreExceptions().until(() -> buffer.sync() == buffer.nextSeq());
            var cursor = buffer.cursor("es");
            assertThat(readAll(cursor)).hasSize(6);
            cursor.settle(8);
            cursor.save();
        }
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(cursor.unsettled()).isEqualTo(3);
            assertThat(readAll(cursor)).containsExactly("r2", "r3", "r4");
            cursor.settle(buffer.nextSeq());
            assertThat(cursor.unsettled()).isZero();
        }
    }

    @Test
    void a_sink_that_comes_after_a_stream_was_set_back_gets_what_comes() throws Exception {
        try (var buffer = open()) {
            var cursor = buffer.cursor("es");
            for (int i = 0; i < 400; i++) {
                append(buffer, "r" + i, 1);
            }
            cursor.settle(buffer.sync());
            cursor.save();
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(() -> byHand(manage -> assertThat(
                                    manage.getStreamInfo(name).getStreamState().getFirstSequence())
                            .isGreaterThan(400)));
            byHand(manage -> {
                var is = manage.getStreamInfo(name).getConfiguration();
                manage.deleteStream(name);
                manage.addStream(is);
                manage.jetStream().publish(name + ".marks", new byte[0]);
            });
            append(buffer, "after", 1);
            buffer.sync();
            var late = buffer.cursor("late");
            assertThat(late.read(SOON)).map(Stored::firstSeq).hasValue(400L);
        }
    }

    @Test
    void a_stream_that_another_has_opened_since_is_not_deleted() throws Exception {
        var older = open();
        var opening = older.opening();
        older.close();
        try (var newer = open()) {
            append(newer, "r", 1);
            newer.sync();
            assertThatThrownBy(() -> JetStreamBuffer.delete(servers(), name, opening))
                    .isInstanceOf(BufferTaken.class)
                    .hasMessageContaining(name);
            JetStreamBuffer.delete(servers(), name, newer.opening());
        }
        byHand(manage -> assertThat(manage.getStreamNames()).doesNotContain(name));
    }

    @Test
    void a_discarded_buffer_leaves_nothing() throws Exception {
        var buffer = open();
        append(buffer, "r", 1);
        buffer.sync();
        buffer.discard();
        byHand(manage -> assertThat(manage.getStreamNames()).doesNotContain(name));
    }

    @Test
    void servers_that_lost_what_they_had_confirmed_give_its_numbers_to_no_other_event() throws Exception {
        var before = open();
        var id = before.id();
        append(before, "before", 1);
        before.sync();
        server.node(0).stop();
        server.node(0).note();
        server.node(0).startAndAwait();
        append(before, "what is lost", 5);
        before.sync();
        long seen = before.nextSeq();
        before.abandon();
        server.node(0).kill();
        server.node(0).setBack();
        server.node(0).startAndAwait();
        var again = open();
        assertThat(again.id()).isEqualTo(id);
        long other = append(again, "another", 1);
        assertThat(other).isGreaterThanOrEqualTo(seen);
        again.sync();
        again.abandon();
        server.node(0).kill();
        server.node(0).setBack();
        server.node(0).startAndAwait();
        try (var third = open();
                var cursor = third.cursor("es")) {
            assertThat(append(third, "a third", 1))
                    .as("also when the same is lost twice")
                    .isGreaterThanOrEqualTo(seen)
                    .isNotEqualTo(other);
            third.sync();
            assertThat(cursor.unsettled()).isEqualTo(2);
            assertThat(readAll(cursor)).containsExactly("before", "a third");
            assertThat(third.damage().lostEvents()).isZero();
        }
    }

    @Test
    void numbers_that_an_opening_passed_over_are_neither_lost_nor_lag() throws Exception {
        var first = open();
        for (int i = 0; i < 10; i++) {
            append(first, "r" + i, 1);
        }
        first.sync();
        var cursor = first.cursor("es");
        assertThat(readAll(cursor)).hasSize(10);
        cursor.settle(3);
        cursor.save();
        first.abandon();
        var second = open();
        assertThat(second.cursor("es").unsettled()).isEqualTo(7);
        assertThat(append(second, "after", 1)).isGreaterThan(1L << 30);
        second.sync();
        assertThat(second.cursor("other").unsettledBytes()).isBetween(2000L, 4000L);
        second.abandon();
        var third = open();
        var reader = third.cursor("es");
        assertThat(reader.unsettled()).isEqualTo(8);
        assertThat(reader.unsettledBytes()).isBetween(1500L, 3500L);
        assertThat(third.recovery().lostEvents()).isZero();
        assertThat(readAll(reader)).containsExactly("r3", "r4", "r5", "r6", "r7", "r8", "r9", "after");
        reader.settle(9);
        assertThat(reader.unsettled()).isEqualTo(2);
        reader.settle(third.nextSeq());
        assertThat(reader.unsettled()).isZero();
        reader.save();
        third.close();
        try (var fourth = open()) {
            assertThat(fourth.nextSeq()).as("no gap after an orderly end").isEqualTo(third.nextSeq());
            assertThat(fourth.cursor("es").unsettled()).isZero();
            assertThat(fourth.damage().lostEvents()).isZero();
        }
    }

    /// Two openings that ended without an orderly end, each with five events.
    private void leapOver() throws Exception {
        var first = open();
        first.cursor("es");
        append(first, "first", 5);
        first.sync();
        first.abandon();
        var second = open();
        append(second, "second", 5);
        second.sync();
        second.abandon();
    }

    @Test
    void what_is_purged_with_a_gap_before_what_is_left_counts_without_the_gap() throws Exception {
        leapOver();
        byHand(manage -> manage.purgeStream(
                name,
                PurgeOptions.builder()
                        .sequence(manage.getStreamInfo(name).getStreamState().getLastSequence())
                        .build()));
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(buffer.recovery().lostEvents()).isEqualTo(5);
            assertThat(cursor.unsettled()).isEqualTo(5);
            assertThat(readAll(cursor)).containsExactly("second");
        }
    }

    @Test
    void what_is_purged_behind_a_gap_counts_though_the_sink_was_before_it() throws Exception {
        var first = open();
        var before = first.cursor("es");
        append(first, "first", 3);
        before.settle(first.sync());
        before.save();
        first.abandon();
        try (var buffer = open();
                var cursor = buffer.cursor("es")) {
            assertThat(cursor.unsettled()).isZero();
            append(buffer, "second", 4);
            buffer.sync();
            byHand(manage -> manage.purgeStream(name));
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(buffer.damage().lostEvents()).isEqualTo(4));
        }
    }

    @Test
    void what_goes_with_a_gap_in_it_counts_without_the_gap() throws Exception {
        leapOver();
        try (var buffer = open()) {
            var cursor = buffer.cursor("es");
            assertThat(cursor.unsettled()).isEqualTo(10);
            byHand(manage -> manage.deleteStream(name));
            append(buffer, "after", 1);
            buffer.sync();
            assertThat(buffer.damage().lostEvents()).isEqualTo(10);
            Awaitility.await().atMost(SOON).until(() -> cursor.unsettled() == 1);
        }
    }

    @Test
    void of_a_stream_that_was_emptied_whoever_opened_it_last_has_it() throws Exception {
        for (int i = 0; i < 3; i++) {
            open().close();
        }
        var older = open();
        byHand(manage -> manage.purgeStream(name));
        try (var newer = open()) {
            assertThatThrownBy(() -> {
                        append(older, "late", 1);
                        older.sync();
                    })
                    .isInstanceOf(BufferTaken.class);
            append(newer, "new", 1);
            newer.sync();
            assertThat(readAll(newer.cursor("es"))).containsExactly("new");
        } finally {
            older.close();
        }
    }

    @Test
    void a_forgotten_sink_leaves_no_consumer_of_any_version() throws Exception {
        try (var buffer = open()) {
            append(buffer, "r", 1);
            buffer.sync();
            buffer.cursor("es");
            byHand(manage -> manage.createConsumer(
                    name,
                    io.nats.client.api.ConsumerConfiguration.builder()
                            .durable(Place.consumer("es", 7))
                            .build()));
            buffer.cursor("other");
            buffer.forget("es");
        }
        byHand(manage -> assertThat(manage.getConsumerNames(name)).containsExactly(Place.consumer("other", 1)));
    }

    @Test
    void whoever_is_to_end_does_not_wait_for_servers_that_hang() throws Exception {
        try (var hanging = NatsServer.single()) {
            var servers = new NatsServers(hanging.urls(), Optional.empty(), Optional.empty());
            var open = JetStreamBuffer.open(servers, new JetStreamBuffer.Settings(name, 1, 1 << 20));
            append(open, "r", 1);
            open.sync();
            hanging.node(0).freeze();
            var ends = new java.util.concurrent.atomic.AtomicBoolean();
            var opening = java.util.concurrent.CompletableFuture.supplyAsync(() -> {
                try {
                    JetStreamBuffer.open(servers, new JetStreamBuffer.Settings(name + "b", 1, 1 << 20), ends::get);
                    return "opened";
                } catch (IOException e) {
                    return e.getMessage();
                }
            });
            assertThat(opening).isNotDone();
            ends.set(true);
            assertThat(opening.get(20, TimeUnit.SECONDS)).contains("is ended");
            append(open, "not stored", 1);
            long start = System.nanoTime();
            open.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(25));
            hanging.node(0).thaw();
        }
    }

    @Test
    void a_file_that_is_missing_is_told_at_once_and_not_waited_for() {
        var login = new NatsServers.Login.Password("logroute", java.nio.file.Path.of("/nowhere/nats-password"));
        var servers = new NatsServers(server.urls(), Optional.of(login), Optional.empty());
        long start = System.nanoTime();
        assertThatThrownBy(() -> JetStreamBuffer.open(servers, new JetStreamBuffer.Settings(name, 1, 1 << 20)))
                .isInstanceOf(io.logroute.remote.NatsSetupWrong.class)
                .hasMessageContaining("/nowhere/nats-password is not there");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
}
