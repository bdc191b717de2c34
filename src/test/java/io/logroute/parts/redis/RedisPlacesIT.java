package io.logroute.parts.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Batch;
import io.logroute.flow.NotAllowed;
import io.logroute.spec.ClientTls;
import io.logroute.spec.RedisAt;
import io.logroute.spec.RedisForm;
import io.logroute.testbed.Certificates;
import io.logroute.testbed.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Who may, over TLS, of a cluster, and where Sentinels say.
class RedisPlacesIT {
    @TempDir
    Path folder;

    private final RedisRig rig = new RedisRig();

    @AfterEach
    void end() throws Exception {
        rig.close();
    }

    private void passes(Specs specs) throws Exception {
        passes(specs, 0);
    }

    /// From the sink to the source, 100 numbers more than before.
    private void passes(Specs specs, int from) throws Exception {
        var inlet = MemoryInlet.storingAtOnce();
        try (var source = rig.source(specs, inlet)) {
            assertThat(source).isNotNull();
            RedisRig.writeAll(rig.sink(specs), RedisRig.events(RedisRig.numbered(from, from + 100)));
            RedisRig.soon().until(() -> inlet.stored().size() >= 100);
            assertThat(inlet.stored()).isEqualTo(RedisRig.numbered(from, from + 100));
        }
    }

    private Path secret(String text) throws IOException {
        return Files.writeString(folder.resolve("password"), text + "\n");
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void with_a_password_that_is_changed_meanwhile(RedisForm form) throws Exception {
        try (var server = RedisServer.with("requirepass first\n", "-a", "first", "--no-auth-warning")) {
            var specs = Specs.at(server.url()).form(form);
            assertThatThrownBy(() -> rig.sink(specs).write(new Batch(RedisRig.events(RedisRig.numbered(0, 1)))))
                    .isInstanceOf(NotAllowed.class)
                    .hasMessageContaining("NOAUTH");
            assertThatThrownBy(() -> rig.sink(specs.auth(secret("wrong"))).prepare())
                    .isInstanceOf(NotAllowed.class)
                    .hasMessageContaining("does not let us in")
                    .hasMessageNotContaining("wrong");
            secret("first");
            passes(specs.auth(folder.resolve("password")));
            var sink = rig.sink(specs.auth(folder.resolve("password")));
            RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(0, 1)));
            server.cli("config", "set", "requirepass", "second");
            secret("second");
            var inlet = MemoryInlet.storingAtOnce();
            rig.source(specs.auth(folder.resolve("password")), inlet);
            RedisRig.soon().until(() -> inlet.stored().size() == 1);
        }
    }

    @Test
    void a_password_that_is_not_there_is_told_at_the_start() throws Exception {
        var missing = Specs.at(URI.create("redis://127.0.0.1:1")).auth(folder.resolve("none"));
        assertThatThrownBy(() -> rig.source(missing, MemoryInlet.storingAtOnce()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("redis:127.0.0.1:1/logs: ")
                .hasMessageContaining("none is not there");
        assertThatThrownBy(() -> rig.sink(missing).open())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none is not there");
    }

    /// What `docs/guide/redis.md` says a user needs.
    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void with_a_user_who_may_no_more_than_is_needed(RedisForm form) throws Exception {
        var rights = Files.readAllLines(Path.of("docs/guide/redis.md")).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("ACL SETUSER logroute "))
                .findFirst()
                .orElseThrow()
                .replace("ACL SETUSER logroute ", "")
                .replace(">PASSWORD", ">secret");
        try (var server = RedisServer.single()) {
            var command = new ArrayList<>(List.of("acl", "setuser", "logroute"));
            command.addAll(List.of(rights.split(" ")));
            assertThat(server.cli(command.toArray(String[]::new))).isEqualTo("OK");
            passes(Specs.at(server.url()).form(form).maxLength(1_000).auth(Optional.of("logroute"), secret("secret")));
            if (form == RedisForm.STREAM) {
                passes(Specs.at(server.url()).maxEvents(1_000).auth(Optional.of("logroute"), secret("secret")), 100);
            }
            assertThat(server.cli("acl", "log")).isEmpty();
        }
    }

    @Test
    void over_tls_with_certificates_on_both_sides() throws Exception {
        var made = Certificates.make(folder, "server", "client", "other");
        var extra = """
                port 0
                tls-port %s
                tls-cert-file %s
                tls-key-file %s
                tls-ca-cert-file %s
                """.formatted("%PORT%", made.crt("server"), made.key("server"), made.crt("client"));
        try (var server = RedisServer.overTls(
                extra,
                "--tls",
                "--cacert",
                made.crt("server").toString(),
                "--cert",
                made.crt("client").toString(),
                "--key",
                made.key("client").toString())) {
            var url = URI.create("rediss://localhost:" + server.node(0).port);
            var tls = new ClientTls(
                    Optional.of(made.crt("server")),
                    Optional.of(made.crt("client")),
                    Optional.of(made.key("client")),
                    true);
            passes(Specs.at(url).tls(tls));
            var stranger = new ClientTls(
                    Optional.of(made.crt("other")),
                    Optional.of(made.crt("client")),
                    Optional.of(made.key("client")),
                    true);
            assertThatThrownBy(() -> rig.sink(Specs.at(url).tls(stranger)).prepare())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no Redis answers");
            var careless = new ClientTls(
                    Optional.empty(), Optional.of(made.crt("client")), Optional.of(made.key("client")), false);
            passes(Specs.at(url).tls(careless), 100);
        }
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void where_sentinels_say_and_elsewhere_when_the_master_dies(RedisForm form) throws Exception {
        try (var all = RedisServer.watched()) {
            var specs = Specs.at(new RedisAt(
                            List.of(
                                    all.node(2).url(),
                                    all.node(3).url(),
                                    all.node(4).url()),
                            Optional.of(new RedisAt.Sentinel("mymaster", Optional.empty())),
                            false,
                            0,
                            Optional.empty(),
                            Optional.empty()))
                    .form(form);
            var inlet = MemoryInlet.storingAtOnce();
            rig.source(specs, inlet);
            var sink = rig.sink(specs);
            RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(0, 100)));
            RedisRig.soon().until(() -> inlet.stored().size() >= 100);
            all.node(0).kill();
            RedisRig.writeAll(sink, RedisRig.events(RedisRig.numbered(100, 200)));
            RedisRig.soon().until(() -> inlet.stored().stream().distinct().count() >= 200);
            assertThat(inlet.stored().stream().distinct())
                    .containsExactlyInAnyOrderElementsOf(RedisRig.numbered(0, 200));
            assertThat(all.node(1).cli("role")).startsWith("master");
        }
    }

    @ParameterizedTest
    @EnumSource(RedisForm.class)
    void of_a_cluster_each_key_where_it_belongs_and_elsewhere_when_its_slot_moves(RedisForm form) throws Exception {
        try (var cluster = RedisServer.cluster()) {
            var at = new RedisAt(
                    List.of(cluster.node(0).url(), cluster.node(1).url()),
                    Optional.empty(),
                    true,
                    0,
                    Optional.empty(),
                    Optional.empty());
            var specs = Specs.at(at).form(form);
            var inlet = MemoryInlet.storingAtOnce();
            rig.source(specs.key("logs-0,logs-1,logs-2,logs-3,logs-4,logs-5"), inlet);
            var sink = rig.sink(specs.key("logs-%{k}"));
            RedisRig.writeAll(sink, RedisRig.events(keyed(0, 60)));
            RedisRig.soon().until(() -> inlet.stored().size() >= 60);
            moveSlots(cluster);
            RedisRig.writeAll(sink, RedisRig.events(keyed(60, 120)));
            RedisRig.soon().until(() -> inlet.stored().stream().distinct().count() >= 120);
            assertThat(inlet.stored().stream().distinct()).containsExactlyInAnyOrderElementsOf(keyed(0, 120));
        }
    }

    /// Nothing is read then, so nobody but who settles hears of it.
    @Test
    void what_is_in_hand_while_its_slot_moves_is_settled_where_it_is_then() throws Exception {
        try (var cluster = RedisServer.cluster()) {
            var at = new RedisAt(
                    List.of(cluster.node(0).url(), cluster.node(1).url()),
                    Optional.empty(),
                    true,
                    0,
                    Optional.empty(),
                    Optional.empty());
            var specs = Specs.at(at).key("b").room("1MiB"); // its slot, 3300, is the first node's
            var large = RedisRig.numbered(0, 3).stream()
                    .map(each -> each.replace("}", ",\"x\":\"" + "x".repeat(700_000) + "\"}"))
                    .toList();
            RedisRig.writeAll(rig.sink(specs), RedisRig.events(large));
            var inlet = MemoryInlet.storingOnRequest();
            rig.source(specs, inlet);
            var first = inlet.taken.poll(120, TimeUnit.SECONDS);
            assertThat(first).isNotNull();
            assertThat(first.events().size()).as("there is no room for all").isLessThan(3);
            moveSlots(cluster);
            first.receipt().stored();
            assertThat(inlet.taken.poll(180, TimeUnit.SECONDS)).isNotNull();
        }
    }

    /// All slots of the first node go to the second.
    private static void moveSlots(RedisServer cluster) throws IOException {
        assertThat(cluster.cli(
                        "--cluster",
                        "reshard",
                        "127.0.0.1:" + cluster.node(0).port,
                        "--cluster-from",
                        cluster.node(0).cli("cluster", "myid"),
                        "--cluster-to",
                        cluster.node(1).cli("cluster", "myid"),
                        "--cluster-slots",
                        "5461",
                        "--cluster-pipeline",
                        "500",
                        "--cluster-yes"))
                .contains("Moving slot");
    }

    private static List<String> keyed(int from, int to) {
        return RedisRig.numbered(from, to).stream()
                .map(each -> each.replace("}", ",\"k\":" + Math.floorMod(each.hashCode(), 6) + "}"))
                .toList();
    }
}
