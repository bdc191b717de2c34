package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.Seeds;
import io.logroute.flow.Json;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.RelayService;
import io.logroute.plan.swarm.RelayService.Part;
import io.logroute.plan.swarm.RouterService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelayFormLaws {
    private static final int SEEDS = 500;
    private static final ServiceForm.Ids IDS = new ServiceForm.Ids("c-id-"::concat, "s-id-"::concat, "n-id-"::concat);

    private static String name(String id) {
        return id.replaceFirst("^n-id-", "");
    }

    @Test
    void what_is_written_is_read_back_as_it_was_without_an_oddity() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var service = service(Seeds.random(seed));
            assertThat(read(spec(service))).as("seed %d", seed).isEqualTo(service);
        }
    }

    @Test
    void what_docker_adds_and_what_people_may_set_is_no_oddity() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var service = service(Seeds.random(seed));
            var spec = spec(service);
            var task = object(spec, "TaskTemplate");
            object(task, "ContainerSpec").put("Isolation", "default");
            object(task, "Placement").put("Platforms", List.of());
            task.put("Runtime", "container");
            task.put("ForceUpdate", 3);
            task.put("LogDriver", Map.of("Name", "json-file"));
            object(spec, "UpdateConfig").put("MaxFailureRatio", 0);
            assertThat(read(spec)).as("seed %d", seed).isEqualTo(service);
        }
    }

    @Test
    void whatever_else_is_changed_anywhere_is_seen() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = Seeds.random(seed);
            var service = service(random);
            var spec = spec(service);
            var where = change(spec, random);
            assertThat(read(spec)).as("seed %d, %s", seed, where).isNotEqualTo(service);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "logroute_relay_up,            up,   REDIS",
        "logroute_relay_up_exporter,   up,   EXPORTER",
        "logroute_relay_up-1,          up-1, REDIS",
        "logroute_core-0,              ,     ",
        "logroute_relay-0,             ,     ",
        "other_relay_up,               ,     "
    })
    void no_service_of_a_relay_is_taken_for_one_of_a_router_nor_the_other_way(String service, String relay, Part part) {
        var named = RelayForm.named("logroute", service);
        assertThat(named.map(each -> each.group(1)).orElse(null)).isEqualTo(relay);
        assertThat(named.map(each -> each.group(2) == null ? Part.REDIS : Part.EXPORTER)
                        .orElse(null))
                .isEqualTo(part);
        if (relay != null) {
            assertThat(ServiceForm.named("logroute", service)).isEmpty();
        }
    }

    @Test
    void a_redis_is_written_as_the_golden_file_shows() throws IOException {
        var service = new RelayService(
                "logroute_relay_up",
                "up",
                Part.REDIS,
                "redis:7.2-alpine",
                "x1y2z3",
                List.of(),
                "set -eu\nexec redis-server -\n",
                "redis-cli ping\n",
                new TreeMap<>(Map.of("relay-password", "relay-password")),
                new RouterService.Volume("logroute_relay_up", "local", new TreeMap<>()),
                List.of(new RouterService.Attachment("logroute", List.of("relay-up"))),
                List.of(6400),
                Optional.of(1088L << 20),
                new TreeMap<>(Map.of(
                        Label.MANAGED_BY,
                        "logroute",
                        Label.ROLE,
                        "relay",
                        Label.RELAY,
                        "up",
                        "io.amp.role",
                        "infrastructure")),
                1,
                List.of());
        Golden.sameAsGolden(
                "relay.json", ServiceFormLaws.pretty(RelayForm.written(service, IDS, Tree.NOTHING), "") + "\n");
    }

    // ---- chance

    private static RelayService service(Random random) {
        var relay = "r" + random.nextInt(100);
        boolean redis = random.nextBoolean();
        var part = redis ? Part.REDIS : Part.EXPORTER;
        var secrets = new TreeMap<String, String>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            secrets.put("secret-" + random.nextInt(99), "secret-" + random.nextInt(99));
        }
        var attachments = new ArrayList<RouterService.Attachment>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            attachments.add(new RouterService.Attachment("net-" + i, List.of("relay-" + relay)));
        }
        return new RelayService(
                redis ? "logroute_relay_" + relay : "logroute_relay_%s_exporter".formatted(relay),
                relay,
                part,
                "image:" + random.nextInt(9),
                redis ? "node" + random.nextInt(9) : "",
                random.nextBoolean() ? List.of() : List.of("node.labels.l == " + random.nextInt(9)),
                "script \"ü\"\n" + random.nextInt(9),
                redis ? "check\n" + random.nextInt(9) : "",
                secrets,
                redis
                        ? new RouterService.Volume(
                                "v" + relay,
                                random.nextBoolean() ? "local" : "nfs",
                                new TreeMap<>(Map.of("type", "nfs")))
                        : RouterService.Volume.NONE,
                attachments,
                random.nextBoolean() ? List.of() : List.of(6000 + random.nextInt(999)),
                random.nextInt(5) == 0 ? Optional.empty() : Optional.of(256L << 20),
                new TreeMap<>(Map.of(
                        Label.MANAGED_BY, "logroute", Label.ROLE, part.role(), Label.RELAY, relay, "io.amp.role", "x")),
                1,
                List.of());
    }

    /// Changes or removes something, somewhere.
    private static String change(Map<String, Object> spec, Random random) {
        var here = spec;
        var path = new StringBuilder();
        while (true) {
            var keys = here.keySet().stream()
                    .filter(key -> !List.of("Name", "SecretID", Label.WANTED).contains(key))
                    // What a volume is labelled with when Docker makes it.
                    .filter(key -> !key.equals("Labels") || !path.toString().endsWith(".VolumeOptions"))
                    .toList();
            if (keys.isEmpty()) {
                here.put("Other", "new");
                return path + ".Other is new";
            }
            var key = keys.get(random.nextInt(keys.size()));
            path.append('.').append(key);
            var value = here.get(key);
            if (value instanceof Map<?, ?> && random.nextInt(8) != 0) {
                here = object(here, key);
            } else if (value instanceof List<?> list && !list.isEmpty() && list.getFirst() instanceof Map<?, ?> map) {
                var first = new TreeMap<String, Object>();
                map.forEach((name, each) -> first.put((String) name, each));
                var copy = new ArrayList<Object>(list);
                copy.set(0, first);
                here.put(key, copy);
                here = first;
            } else {
                here.put(key, "something else");
                return path.toString();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Map<String, Object> in, String key) {
        var copy = new TreeMap<String, Object>((Map<String, Object>) in.getOrDefault(key, Map.of()));
        in.put(key, copy);
        return copy;
    }

    private static Map<String, Object> spec(RelayService service) {
        var json = new Tree(RelayForm.written(service, IDS, Tree.NOTHING)).json();
        return new TreeMap<>(Json.parse(json, 0, json.length));
    }

    private static RelayService read(Map<String, Object> json) throws IOException {
        var spec = Tree.parse(Json.write(json).getBytes(StandardCharsets.UTF_8));
        return RelayForm.read(
                spec, RelayForm.named("logroute", spec.at("Name").text()).orElseThrow(), RelayFormLaws::name);
    }
}
