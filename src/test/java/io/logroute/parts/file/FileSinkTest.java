package io.logroute.parts.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.ByteSize;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.SinkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileSinkTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path home;

    @Test
    void events_become_lines_in_the_file_their_template_names() throws Exception {
        try (var sink = sink("logs/%{service}-%{+yyyy.MM.dd}.ndjson", 1 << 20, 5)) {
            var told = sink.write(batch(event("web", 1), event("cart", 2), event("web", 3)));
            assertThat(told).hasSize(3).allMatch(Delivery.Delivered.class::isInstance);
            assertThat(read("logs/web-2026.01.02.ndjson"))
                    .isEqualTo(event("web", 1).json() + "\n" + event("web", 3).json() + "\n");
            assertThat(read("logs/cart-2026.01.02.ndjson"))
                    .isEqualTo(event("cart", 2).json() + "\n");
        }
    }

    @Test
    void an_event_without_the_field_is_rejected_with_words_and_the_others_are_not() throws Exception {
        try (var sink = sink("%{service}/%{stack.name}.log", 1 << 20, 5)) {
            var good = Event.of("{\"service\":\"a\",\"stack\":{\"name\":\"s\"}}", Instant.EPOCH);
            var told = sink.write(batch(event("web", 1), good));
            assertThat(told.get(0))
                    .isEqualTo(new Delivery.Rejected(
                            "the event has no field stack.name, which the path of its file needs"));
            assertThat(told.get(1)).isInstanceOf(Delivery.Delivered.class);
        }
    }

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource({
        "web,               web",
        "../../etc/passwd,  _._.._etc_passwd",
        "..,                _.",
        ".,                 _",
        ".hidden,           _hidden",
        "/etc/passwd,       _etc_passwd",
        "a/b,               a_b",
        "a\\b,              a_b",
        "C:\\x,             C__x",
        "a b,               a b",
    })
    void strangers_text_stays_within_one_name(String service, String name) throws Exception {
        var base = Files.createDirectories(home.resolve("in/side"));
        try (var sink = new FileSink(spec("%{service}/%{service}.log", 1 << 20, 5), base)) {
            sink.write(batch(event(service, 1)));
        }
        try (Stream<Path> files = Files.walk(home)) {
            var expected = service.equals("../../etc/passwd") ? "_._.._etc_passwd" : name;
            assertThat(files.filter(Files::isRegularFile))
                    .containsExactly(base.resolve(expected).resolve(expected + ".log"));
        }
    }

    @Test
    void hostile_pieces_do_not_join_to_a_way_out() throws Exception {
        var base = Files.createDirectories(home.resolve("in"));
        try (var sink = new FileSink(spec("%{a}%{b}/.%{a}/x", 1 << 20, 5), base)) {
            for (var a : List.of(".", "..", "/", "\\", "\u0000", "./", "../")) {
                for (var b : List.of(".", "..", "/", "/..", "\n")) {
                    sink.write(batch(Event.of(Json.write(java.util.Map.of("a", a, "b", b)), Instant.EPOCH)));
                }
            }
        }
        try (Stream<Path> files = Files.walk(home)) {
            assertThat(files.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allMatch(file ->
                            file.startsWith(base) && base.relativize(file).getNameCount() == 3);
        }
    }

    @Test
    void names_that_no_file_may_have_are_rejected() throws Exception {
        try (var sink = sink("%{service}.log", 1 << 20, 5)) {
            assertThat(sink.write(batch(event("x".repeat(300), 1), event("", 1))))
                    .allSatisfy(told -> assertThat(told).isInstanceOf(Delivery.Rejected.class));
        }
    }

    @Test
    void a_full_file_is_put_aside_and_so_many_are_kept() throws Exception {
        try (var sink = sink("e.ndjson", 1024, 3)) {
            for (int i = 0; i < 100; i++) {
                sink.write(batch(event("web", 1_000 + i)));
            }
        }
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("e.ndjson", "e.ndjson.1", "e.ndjson.2", "e.ndjson.3");
        }
        var lines = (read("e.ndjson.3") + read("e.ndjson.2") + read("e.ndjson.1") + read("e.ndjson"))
                .lines()
                .toList();
        assertThat(lines)
                .isEqualTo(IntStream.range(100 - lines.size(), 100)
                        .mapToObj(i -> event("web", 1_000 + i).json())
                        .toList());
        assertThat(Files.size(home.resolve("e.ndjson.1"))).isBetween(900L, 1024L);
    }

    @Test
    void one_large_batch_is_spread_over_files_of_the_right_size() throws Exception {
        try (var sink = sink("e.ndjson", 2048, 50)) {
            sink.write(new Batch(
                    IntStream.range(0, 200).mapToObj(i -> event("web", i)).toList()));
        }
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files)
                    .hasSizeGreaterThan(5)
                    .allMatch(file -> file.toFile().length() <= 2048);
        }
    }

    @Test
    void an_event_larger_than_a_file_may_be_is_written_all_the_same() throws Exception {
        try (var sink = sink("e.ndjson", 1024, 2)) {
            sink.write(batch(event("web", 1), event("x".repeat(5_000), 2), event("web", 3)));
        }
        assertThat(read("e.ndjson.2").lines()).hasSize(1);
        assertThat(read("e.ndjson.1").lines()).hasSize(1);
        assertThat(read("e.ndjson").lines()).hasSize(1);
    }

    @Test
    void half_a_line_left_by_a_crash_does_not_spoil_the_next() throws Exception {
        Files.writeString(home.resolve("e.ndjson"), "{\"a\":1}\n{\"torn");
        try (var sink = sink("e.ndjson", 1 << 20, 5)) {
            sink.write(batch(event("web", 1)));
        }
        assertThat(read("e.ndjson"))
                .isEqualTo("{\"a\":1}\n{\"torn\n" + event("web", 1).json() + "\n");
    }

    @Test
    void a_file_that_was_moved_away_is_made_anew() throws Exception {
        try (var sink = sink("e.ndjson", 1 << 20, 5)) {
            sink.write(batch(event("web", 1)));
            Files.move(home.resolve("e.ndjson"), home.resolve("moved"));
            sink.write(batch(event("web", 2)));
            Files.delete(home.resolve("e.ndjson"));
            sink.write(batch(event("web", 3)));
        }
        assertThat(read("moved")).isEqualTo(event("web", 1).json() + "\n");
        assertThat(read("e.ndjson")).isEqualTo(event("web", 3).json() + "\n");
    }

    @Test
    void more_files_than_may_be_open_are_all_written() throws Exception {
        try (var sink = sink("%{service}.log", 1 << 20, 5)) {
            for (int round = 0; round < 2; round++) {
                sink.write(new Batch(
                        IntStream.range(0, 150).mapToObj(i -> event("s" + i, 1)).toList()));
                assertThat(openUnder(home)).isLessThanOrEqualTo(64);
            }
        }
        for (int i = 0; i < 150; i++) {
            assertThat(read("s" + i + ".log").lines()).hasSize(2);
        }
        assertThat(openUnder(home)).isZero();
    }

    @Test
    void a_file_that_cannot_be_written_is_tried_again_and_does_not_hold_up_others() throws Exception {
        assumeThat(Path.of("/dev/full")).exists();
        Files.createSymbolicLink(home.resolve("web.log"), Path.of("/dev/full"));
        try (var sink = sink("%{service}.log", 1 << 20, 5)) {
            var told = sink.write(batch(event("web", 1), event("cart", 2)));
            assertThat(told.get(0))
                    .isInstanceOfSatisfying(
                            Delivery.Retry.class,
                            retry -> assertThat(retry.reason()).contains("web.log"));
            assertThat(told.get(1)).isInstanceOf(Delivery.Delivered.class);
            assertThatThrownBy(() -> sink.write(batch(event("web", 1))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("web.log");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a folder is there,         folder,        is a folder",
        "a parent is a file,        file/x,        file is a file and no folder",
        "a link in a circle,        circle,        circle is a link to nowhere",
        "a folder linked in circle, circle/x,      circle is a link to nowhere",
        "a path longer than allowed, long,         longer than a path may be",
    })
    void a_path_that_events_chose_and_that_can_be_no_file_concerns_only_them(String why, String path, String words)
            throws Exception {
        Files.createDirectories(home.resolve("in/folder/sub"));
        Files.writeString(home.resolve("in/file"), "kept\n");
        Files.createSymbolicLink(home.resolve("in/circle"), Path.of("circle"));
        boolean nested = path.contains("/");
        var text = nested ? "in/%{service}/%{service}.x" : "in/%{service}";
        var name = nested ? path.substring(0, path.indexOf('/')) : path;
        if (path.equals("long")) {
            text = ("in/" + "%{service}/".repeat(11) + "x").replace("/x", "/%{service}");
            name = "x".repeat(160);
            var base = home;
            while (base.toString().length() < 2_600) {
                base = base.resolve("d".repeat(180));
            }
            assertRejectedAlone(new FileSink(spec(text, 1 << 20, 5), base), name, words);
            return;
        }
        assertRejectedAlone(sink(text, 1 << 20, 5), name, words);
        assertThat(read("in/file")).isEqualTo("kept\n");
    }

    private static void assertRejectedAlone(FileSink sink, String service, String words) throws Exception {
        try (sink) {
            var told = sink.write(batch(event(service, 1), event("cart", 2), event(service, 3)));
            assertThat(told.get(1)).isInstanceOf(Delivery.Delivered.class);
            assertThat(List.of(told.get(0), told.get(2)))
                    .allSatisfy(each -> assertThat(each)
                            .isInstanceOfSatisfying(
                                    Delivery.Rejected.class,
                                    rejected -> assertThat(rejected.reason())
                                            .contains("cannot have the file")
                                            .contains(words)
                                            .hasSizeLessThan(1_000)));
            assertThat(sink.write(batch(event(service, 4)))).hasOnlyElementsOfType(Delivery.Rejected.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file/x.log", "file/%{service}.log", "folder", "file/%{service}/x"})
    void a_path_in_which_events_have_no_say_is_the_users_to_mend(String path) throws Exception {
        Files.createDirectories(home.resolve("folder"));
        Files.writeString(home.resolve("file"), "kept\n");
        try (var sink = sink(path, 1 << 20, 5)) {
            assertThatThrownBy(() -> sink.write(batch(event("web", 1)))).isInstanceOf(IOException.class);
            Files.delete(home.resolve("folder"));
            Files.delete(home.resolve("file"));
            assertThat(sink.write(batch(event("web", 1)))).containsExactly(Delivery.delivered());
        }
    }

    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource({
        "%{service}/core/log,        routers",
        "%{service},                 routers",
        "routers/core/x,             web",
        "x/../routers/%{service}/x,  web",
        "link/%{service}/x,          core",
        "%{service}/core/new/x,      link",
        "all/%{service}/core/log,    routers",
    })
    void no_event_and_no_template_reaches_what_routers_keep(String path, String service) throws Exception {
        Files.createDirectories(home.resolve("routers/core"));
        Files.writeString(home.resolve("routers/core/log"), "buffer");
        Files.createSymbolicLink(home.resolve("link"), Path.of("routers"));
        Files.createSymbolicLink(home.resolve("all"), Path.of("."));
        try (var sink = sink(path, 1 << 20, 5)) {
            assertThat(sink.write(batch(event(service, 1))).getFirst())
                    .isInstanceOfSatisfying(
                            Delivery.Rejected.class,
                            rejected -> assertThat(rejected.reason())
                                    .contains("where routers keep their buffers")
                                    .contains("mend path of the sink"));
        }
        assertThat(read("routers/core/log")).isEqualTo("buffer");
        try (Stream<Path> files = Files.walk(home.resolve("routers"))) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void names_that_only_look_like_those_of_routers_are_free() throws Exception {
        try (var sink = sink("%{service}/x.log", 1 << 20, 5)) {
            assertThat(sink.write(batch(event("routers2", 1), event("my-routers", 2), event("10.0.0.1", 3))))
                    .containsOnly(Delivery.delivered());
        }
        try (var sink = sink("logs/%{service}", 1 << 20, 5)) {
            assertThat(sink.write(batch(event("routers", 1), event("web", 2), event("web.1", 3))))
                    .containsOnly(Delivery.delivered());
        }
    }

    @Test
    void a_full_disk_is_an_error_and_leaves_no_half_lines() throws Exception {
        assumeThat(Path.of("/dev/full")).exists();
        try (var sink = new FileSink(spec("/dev/full", 1 << 20, 5), home)) {
            assertThatThrownBy(() -> sink.write(batch(event("web", 1))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left");
        }
    }

    @Test
    void threads_take_turns_and_lines_stay_whole() throws Exception {
        try (var sink = sink("e.ndjson", 20_000, 100);
                var threads = Executors.newFixedThreadPool(4)) {
            var writes = threads.invokeAll(IntStream.range(0, 60)
                    .<Callable<List<Delivery>>>mapToObj(n -> () -> sink.write(new Batch(IntStream.range(0, 20)
                            .mapToObj(i -> event("w" + n, i))
                            .toList())))
                    .toList());
            for (var write : writes) {
                assertThat(write.get()).hasSize(20);
            }
        }
        int lines = 0;
        try (Stream<Path> files = Files.list(home)) {
            for (var file : files.toList()) {
                for (var line : Files.readAllLines(file)) {
                    assertThat(Event.of(line, Instant.EPOCH).text("service")).startsWith("w");
                    lines++;
                }
            }
        }
        assertThat(lines).isEqualTo(1_200);
    }

    @Test
    void a_closed_sink_writes_no_more() throws Exception {
        var sink = sink("e.ndjson", 1 << 20, 5);
        sink.write(batch(event("web", 1)));
        sink.close();
        sink.close();
        assertThatThrownBy(() -> sink.write(batch(event("web", 1)))).isInstanceOf(IOException.class);
        assertThat(read("e.ndjson").lines()).hasSize(1);
    }

    private static long openUnder(Path folder) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(link -> {
                        try {
                            return Files.readSymbolicLink(link).startsWith(folder);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    private FileSink sink(String path, long maxBytes, int keep) {
        return new FileSink(spec(path, maxBytes, keep), home);
    }

    private static SinkSpec.File spec(String path, long maxBytes, int keep) {
        return new SinkSpec.File(FieldTemplate.parse(path), new SinkSpec.Rotation(new ByteSize(maxBytes), keep));
    }

    private String read(String name) throws IOException {
        return Files.readString(home.resolve(name));
    }

    private static Event event(String service, int n) {
        return Event.of(
                "{\"@timestamp\":\"2026-01-02T03:04:05Z\",\"service\":%s,\"n\":%d}".formatted(Json.write(service), n),
                Instant.EPOCH);
    }

    private static Batch batch(Event... events) {
        return new Batch(List.of(events));
    }
}
