package io.logroute.parts.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.parts.docker.FakeDocker.Container;
import io.logroute.spec.ByteSize;
import io.logroute.spec.Glob;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.SourceSpec.Docker.Containers;
import io.logroute.spec.SourceSpec.Docker.Schema;
import io.logroute.spec.SourceSpec.Docker.StartAt;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class DockerSourceTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String WEB = "a1b2c3d4e5f6a7b8";

    private final MarkedInlet inlet = new MarkedInlet();
    private final Instruments meters = new Instruments();
    private FakeDocker docker;
    private final List<DockerSource> open = new ArrayList<>();
    private volatile Set<String> enabled = Set.of();

    @BeforeEach
    void begin() throws IOException {
        docker = new FakeDocker();
    }

    @AfterEach
    void end() {
        open.forEach(DockerSource::close);
        docker.close();
    }

    private SourceSpec.Docker spec() {
        return spec(Containers.ALL, List.of(), Schema.AMP, StartAt.BEGINNING);
    }

    private SourceSpec.Docker spec(Containers containers, List<Glob> exclude, Schema schema, StartAt startAt) {
        return new SourceSpec.Docker(
                docker.host(), containers, exclude, schema, startAt, ByteSize.parse("64KiB"), Optional.empty());
    }

    private DockerSource start() throws IOException {
        return start(spec());
    }

    private DockerSource start(SourceSpec.Docker spec) throws IOException {
        var source = new DockerSource(
                spec,
                "r",
                () -> enabled,
                meters,
                InstantSource.system(),
                "0123456789ab",
                Duration.ofMillis(100),
                Duration.ofMillis(400));
        open.add(source);
        source.start(inlet);
        return source;
    }

    private void awaitLines(String... lines) {
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(inlet.texts("msg")).containsExactly(lines));
    }

    private void awaitNumbers(String container, int count) {
        Awaitility.await("%d lines of %s".formatted(count, container))
                .atMost(SOON)
                .until(() -> inlet.texts(container, "msg").size() >= count);
        assertThat(inlet.texts(container, "msg"))
                .containsExactlyElementsOf(
                        IntStream.range(0, count).mapToObj(Integer::toString).toList());
    }

    @Test
    void events_have_the_fields_of_amps_agent() throws IOException {
        var web = docker.run(WEB, "shop_web.3.xyz");
        web.labels.putAll(Map.of(
                "com.docker.swarm.service.name", "shop_web",
                "com.docker.swarm.service.id", "s1",
                "com.docker.swarm.task.id", "xyz",
                "com.docker.swarm.task.name", "shop_web.3.xyz",
                "com.docker.swarm.node.id", "n1",
                "com.docker.stack.namespace", "shop",
                "io.amp.role", "user"));
        web.write("say \"hi\"\tto the \u0001 wörld");
        start();
        Awaitility.await().atMost(SOON).until(() -> inlet.events().size() == 1);
        assertThat(inlet.events().getFirst().json())
                .isEqualTo(
                        "{\"@timestamp\":\"2026-11-18T11:06:40.001Z\",\"type\":\"logs\",\"container_id\":\"a1b2c3d4e5f6a7b8\","
                                + "\"container_name\":\"shop_web.3.xyz\",\"container_short_name\":\"shop_web_a1b2c3\","
                                + "\"container_state\":\"running\",\"service_name\":\"shop_web\",\"service_id\":\"s1\","
                                + "\"task_id\":\"xyz\",\"task_slot\":3,\"stack_name\":\"shop\",\"node_id\":\"n1\","
                                + "\"labels\":{\"io-amp-role\":\"user\"},\"time_id\":\"18E91EFD5BE2C240\","
                                + "\"msg\":\"say \\\"hi\\\"\\tto the \\u0001 wörld\"}");
    }

    @Test
    void or_those_of_the_elastic_common_schema() throws IOException {
        var web = docker.run(WEB, "shop_web.1.xyz");
        web.labels.putAll(Map.of(
                "com.docker.swarm.service.name", "shop_web",
                "com.docker.stack.namespace", "shop",
                "com.docker.swarm.node.id", "n1",
                "io.amp.role", "user"));
        web.write(true, "oh");
        start(spec(Containers.ALL, List.of(), Schema.ECS, StartAt.BEGINNING));
        Awaitility.await().atMost(SOON).until(() -> inlet.events().size() == 1);
        var event = inlet.events().getFirst();
        assertThat(event.text("message")).isEqualTo("oh");
        assertThat(event.text("stream")).isEqualTo("stderr");
        assertThat(event.text("service", "name")).isEqualTo("shop_web");
        assertThat(event.text("stack", "name")).isEqualTo("shop");
        assertThat(event.text("host", "id")).isEqualTo("n1");
        assertThat(event.text("container", "id")).isEqualTo(WEB);
        assertThat(event.text("container", "image", "name")).isEqualTo("tiny:1");
        assertThat(event.text("container", "labels", "io_amp_role")).isEqualTo("user");
    }

    @Test
    void lines_of_a_tty_and_lines_that_docker_cut_are_whole() throws IOException {
        var long1 = "x".repeat(40_000);
        var tty = docker.run(WEB, "tty", true);
        tty.chunk = 1000;
        tty.write(long1);
        tty.write("short");
        var other = docker.run("b1", "plain");
        other.chunk = 7;
        other.write(true, long1 + "!");
        start();
        Awaitility.await().atMost(SOON).until(() -> inlet.events().size() == 3);
        assertThat(inlet.texts(WEB, "msg")).containsExactly(long1, "short");
        assertThat(inlet.texts("b1", "msg")).containsExactly(long1 + "!");
    }

    @Test
    void a_line_that_is_too_long_comes_in_parts() throws IOException {
        var web = docker.run(WEB, "web");
        web.write("y".repeat(100_000));
        start();
        Awaitility.await().atMost(SOON).until(() -> inlet.events().size() == 2);
        assertThat(inlet.events().stream().map(each -> each.get("log")))
                .containsExactly(Map.of("flags", List.of("partial")), null);
        assertThat(String.join("", inlet.texts("msg"))).isEqualTo("y".repeat(100_000));
        assertThat(meters.value(Meter.DOCKER_CUT_LINES, "r")).isEqualTo(1);
    }

    @Test
    void no_event_is_larger_than_the_buffer_takes() throws IOException {
        inlet.largest(10_000);
        docker.run(WEB, "web").write("ü".repeat(15_000));
        start();
        Awaitility.await()
                .atMost(SOON)
                .until(() -> String.join("", inlet.texts("msg")).length() == 15_000);
        assertThat(String.join("", inlet.texts("msg"))).isEqualTo("ü".repeat(15_000));
        assertThat(inlet.events()).allMatch(each -> each.size() <= 10_000);
    }

    @Test
    void wherever_the_stream_breaks_off_no_line_is_lost_and_none_comes_twice() throws IOException {
        var web = docker.run(WEB, "web");
        var bytes = 0;
        for (int i = 0; i < 5; i++) {
            web.write(i % 2 == 0, Integer.toString(i));
            bytes += 8 + 31 + 2;
        }
        IntStream.range(1, bytes).filter(each -> each % 7 == 0 || each < 50).forEach(web.breaks::add);
        start();
        awaitNumbers(WEB, 5);
        Awaitility.await().atMost(SOON).until(() -> web.breaks.isEmpty());
        web.write("5");
        awaitNumbers(WEB, 6);
    }

    @Test
    void dockerd_and_we_are_restarted_while_containers_write() throws Exception {
        var all = new ArrayList<Container>();
        for (int i = 0; i < 5; i++) {
            all.add(docker.run("c" + i, "c" + i, i == 4));
        }
        var random = new Random(7);
        var source = start();
        int number = 0;
        for (int round = 0; round < 12; round++) {
            for (int lines = random.nextInt(200); lines >= 0; lines--, number++) {
                for (var each : all) {
                    each.write(!each.tty && random.nextBoolean(), Integer.toString(number));
                }
            }
            switch (random.nextInt(3)) {
                case 0 -> {
                    docker.stop();
                    docker.startAgain();
                }
                case 1 -> {
                    source.close();
                    source = start();
                }
                default -> inlet.refuses(3);
            }
        }
        for (var each : all) {
            int count = number;
            Awaitility.await()
                    .atMost(SOON)
                    .until(() -> inlet.texts(each.id, "msg").size() >= count);
            var found = inlet.texts(each.id, "msg");
            assertThat(found.stream().sorted(java.util.Comparator.comparing(Integer::parseInt)))
                    .containsExactlyElementsOf(IntStream.range(0, count)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    @Test
    void a_container_that_ends_is_read_to_its_end_and_on_when_it_starts_again() throws IOException {
        var web = docker.run(WEB, "web");
        start();
        web.write("0");
        web.writeRest("1");
        web.stop();
        awaitLines("0", "1");
        web.write("2");
        web.start();
        awaitLines("0", "1", "2");
    }

    @Test
    void so_is_one_whose_end_and_start_nobody_told() throws IOException {
        docker.tells = false;
        var web = docker.run(WEB, "web", true);
        start();
        web.write("0");
        web.writeRest("1");
        web.stop();
        awaitLines("0", "1");
        web.write("2");
        web.start();
        awaitLines("0", "1", "2");
    }

    @Test
    void one_that_is_removed_is_read_to_its_end_and_forgotten() throws IOException {
        var web = docker.run(WEB, "web");
        start();
        web.write("0");
        awaitLines("0");
        web.write("1");
        web.writeRest("the end");
        docker.remove(web);
        awaitLines("0", "1", "the end");
        Awaitility.await().atMost(SOON).until(() -> inlet.forgotten().contains(WEB));
        assertThat(inlet.marks()).isEmpty();
    }

    @Test
    void what_ended_while_we_were_away_is_read() throws IOException {
        var web = docker.run(WEB, "web");
        var source = start();
        web.write("0");
        awaitLines("0");
        source.close();
        web.write("1");
        web.stop();
        start();
        awaitLines("0", "1");
    }

    @Test
    void the_present_only_where_that_is_wanted_and_all_of_it_over_restarts() throws IOException {
        var web = docker.run(WEB, "web");
        web.time(nanos() - 3_600_000_000_000L);
        web.write("long ago");
        var source = start(spec(Containers.ALL, List.of(), Schema.AMP, StartAt.NOW));
        var other = docker.run("b1", "other");
        other.time(nanos());
        other.write("0");
        awaitLines("0");
        source.close();
        web.time(nanos());
        web.write("1");
        start(spec(Containers.ALL, List.of(), Schema.AMP, StartAt.NOW));
        awaitLines("0", "1");
    }

    private static long nanos() {
        var now = InstantSource.system().instant();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }

    @Test
    void who_is_wanted() throws IOException {
        docker.run("0123456789abcdef", "ourselves").write("no");
        var router = docker.run("r1", "router");
        router.labels.put("logroute.self", "true");
        router.write("no");
        docker.run("e1", "elastic.1").write("no");
        var enabledByContainer = docker.run("w1", "web");
        enabledByContainer.labels.put("logroute.enable", "true");
        enabledByContainer.write("by label");
        docker.run("x1", "other").write("no");
        var shop = docker.run("s1", "shop");
        shop.labels.put("com.docker.swarm.service.name", "shop_web");
        shop.write("by service");
        start(spec(Containers.ENABLED, List.of(new Glob("elastic*")), Schema.AMP, StartAt.BEGINNING));
        awaitLines("by label");
        enabled = Set.of("shop_web");
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(inlet.texts("msg")).containsExactly("by label", "by service"));
        enabled = Set.of();
        Awaitility.await().atMost(SOON).until(() -> meters.value(Meter.DOCKER_CONTAINERS, "r") == 1);
        shop.write("while it is not wanted");
        enabled = Set.of("shop_web");
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() ->
                        assertThat(inlet.texts("s1", "msg")).containsExactly("by service", "while it is not wanted"));
    }

    @Test
    void a_logging_driver_that_lets_nobody_read_is_told() throws IOException {
        var web = docker.run(WEB, "web");
        web.status = 501;
        web.driver = "none";
        start();
        Awaitility.await().atMost(SOON).until(() -> meters.value(Meter.DOCKER_UNREADABLE, "r") == 1);
        Awaitility.await("it is not asked again and again")
                .during(Duration.ofMillis(500))
                .atMost(SOON)
                .until(() -> web.opened < 5);
        web.status = 200;
        web.write("0");
        web.stop();
        web.start();
        awaitLines("0");
        assertThat(meters.value(Meter.DOCKER_UNREADABLE, "r")).isZero();
    }

    /// As one does whose file a crash of the node has damaged.
    @Test
    void a_log_that_breaks_off_each_time_at_the_same_place_is_told_and_not_asked_for_all_the_time() throws IOException {
        var web = docker.run(WEB, "web");
        web.write("0");
        web.says = "Error grabbing logs: invalid character '\\x00' looking for beginning of value";
        start();
        awaitLines("0");
        Awaitility.await().atMost(SOON).until(() -> meters.value(Meter.DOCKER_UNREADABLE, "r") == 1);
        int opened = web.opened;
        Awaitility.await("it is asked less and less often")
                .during(Duration.ofSeconds(1))
                .atMost(SOON)
                .until(() -> web.opened < opened + 3);
        web.says = null;
        web.write("1");
        awaitLines("0", "1");
        assertThat(meters.value(Meter.DOCKER_UNREADABLE, "r")).isZero();
    }

    @Test
    void a_docker_that_hangs_holds_up_nobody() throws IOException {
        var web = docker.run(WEB, "web");
        web.write("0");
        var source = start();
        awaitLines("0");
        docker.hangs = true;
        Awaitility.await().atMost(SOON).until(() -> !docker.hung.isEmpty());
        var begun = System.nanoTime();
        source.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    }

    /// It must not be that nobody takes what is read, for ever.
    @Test
    void when_storing_fails_the_log_is_begun_anew_from_what_is_stored() throws IOException {
        var web = docker.run(WEB, "web");
        inlet.fails(2);
        start();
        for (int i = 0; i < 20_000; i++) {
            web.write(Integer.toString(i));
        }
        awaitNumbers(WEB, 20_000);
        Awaitility.await("those that read before have ended").atMost(SOON).until(() -> {
            web.write("more"); // else nobody notices that they have
            return web.readers.get() == 1;
        });
    }

    @Test
    void a_stream_that_fell_silent_is_opened_again() throws IOException {
        var web = docker.run(WEB, "web");
        web.write("0");
        start();
        awaitLines("0");
        int opened = web.opened;
        Awaitility.await().atMost(SOON).until(() -> web.opened > opened + 1);
        web.write("1");
        awaitLines("0", "1");
    }

    @Test
    void who_writes_faster_than_is_stored_waits_in_docker() throws IOException {
        inlet.waits(true);
        var web = docker.run(WEB, "web");
        start();
        for (int i = 0; i < 6_000; i++) {
            web.write(Integer.toString(i));
        }
        Awaitility.await()
                .during(Duration.ofMillis(500))
                .atMost(SOON)
                .until(() -> inlet.events().isEmpty());
        inlet.waits(false);
        awaitNumbers(WEB, 6_000);
        assertThat(inlet.largestBatch).isLessThan(3_000);
    }

    /// Its log says nothing meanwhile, either, but not since its stream fell silent.
    @Test
    void who_waits_for_room_for_longer_than_a_stream_is_silent_loses_nothing() throws IOException {
        inlet.waits(true);
        var web = docker.run(WEB, "web");
        var lines = IntStream.range(0, 40)
                .mapToObj(number -> number + "x".repeat(50_000))
                .toList();
        lines.forEach(web::write);
        start();
        Awaitility.await().atMost(SOON).until(() -> inlet.waiting() > 0);
        Awaitility.await()
                .during(Duration.ofSeconds(3))
                .atMost(SOON)
                .until(() -> inlet.events().isEmpty());
        inlet.waits(false);
        Awaitility.await().atMost(SOON).until(() -> inlet.events().size() >= lines.size());
        assertThat(inlet.texts("msg")).isEqualTo(lines);
    }

    @Test
    void a_docker_that_does_not_answer_at_the_start_is_waited_for() throws IOException {
        var web = docker.run(WEB, "web");
        web.write("0");
        docker.stop();
        start();
        assertThat(meters.value(Meter.SOURCE_UP, "r", "docker")).isZero();
        docker.startAgain();
        awaitLines("0");
        assertThat(meters.value(Meter.SOURCE_UP, "r", "docker")).isEqualTo(1);
    }
}
