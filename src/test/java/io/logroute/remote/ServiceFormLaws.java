package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.Seeds;
import io.logroute.flow.Json;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.RouterService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ServiceFormLaws {
    private static final int SEEDS = 500;

    /// Ids that have nothing to do with names.
    private static final ServiceForm.Ids IDS = new ServiceForm.Ids("c-id-"::concat, "s-id-"::concat, "n-id-"::concat);

    private static String name(String id) {
        return id.replaceFirst("^n-id-", "");
    }

    @Test
    void what_is_written_is_read_back_as_it_was_without_an_oddity() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var service = service(Seeds.random(seed));
            assertThat(read(json(service))).as("seed %d", seed).isEqualTo(service);
        }
    }

    @Test
    void what_docker_adds_of_its_own_is_no_oddity() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var service = service(Seeds.random(seed));
            var spec = spec(service);
            var task = object(spec, "TaskTemplate");
            var container = object(task, "ContainerSpec");
            container.put("Isolation", "default");
            container.put("DNSConfig", Map.of());
            object(task, "Placement").put("Platforms", List.of());
            task.put("Runtime", "container");
            task.put("ForceUpdate", 0);
            task.put("LogDriver", Map.of("Name", "json-file", "Options", Map.of("max-size", "1m")));
            object(task, "RestartPolicy").put("MaxAttempts", 0);
            object(spec, "UpdateConfig").put("MaxFailureRatio", 0);
            assertThat(read(Json.write(spec).getBytes(StandardCharsets.UTF_8)))
                    .as("seed %d", seed)
                    .isEqualTo(service);
        }
    }

    @Test
    void a_volume_that_is_not_labelled_is_no_difference() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var service = service(Seeds.random(seed));
            var spec = spec(service);
            var container = object(object(spec, "TaskTemplate"), "ContainerSpec");
            if (container.get("Mounts") instanceof List<?> mounts
                    && !service.volume().equals(RouterService.Volume.NONE)) {
                var mount = new TreeMap<String, Object>();
                ((Map<?, ?>) mounts.getFirst()).forEach((name, each) -> mount.put((String) name, each));
                assertThat(object(mount, "VolumeOptions").remove("Labels")).isNotNull();
                var all = new ArrayList<Object>(mounts);
                all.set(0, mount);
                container.put("Mounts", all);
            }
            assertThat(read(Json.write(spec).getBytes(StandardCharsets.UTF_8)))
                    .as("seed %d", seed)
                    .isEqualTo(service);
        }
    }

    @Test
    void an_instance_without_a_volume_mounts_none_and_one_without_a_node_is_pinned_to_none() throws IOException {
        int without = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var service = service(Seeds.random(seed));
            var text = new String(json(service), StandardCharsets.UTF_8);
            boolean none = service.volume().equals(RouterService.Volume.NONE);
            assertThat(text.contains("\"VolumeOptions\"")).as("seed %d", seed).isEqualTo(!none);
            assertThat(text.contains("node.id=="))
                    .as("seed %d", seed)
                    .isEqualTo(!service.node().isEmpty());
            without += none ? 1 : 0;
        }
        assertThat(without).isBetween(SEEDS / 10, SEEDS / 2);
    }

    @Test
    void whatever_else_is_changed_anywhere_is_seen() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = Seeds.random(seed);
            var service = service(random);
            var spec = spec(service);
            var where = change(spec, random);
            assertThat(read(Json.write(spec).getBytes(StandardCharsets.UTF_8)))
                    .as("seed %d, %s", seed, where)
                    .isNotEqualTo(service);
        }
    }

    @Test
    void an_oddity_is_told_by_its_path() throws IOException {
        var spec = spec(service(new Random(1)));
        var task = object(spec, "TaskTemplate");
        object(task, "ContainerSpec").put("Sysctls", Map.of("net.core.somaxconn", "100"));
        object(spec, "UpdateConfig").put("Order", "start-first");
        assertThat(read(Json.write(spec).getBytes(StandardCharsets.UTF_8)).oddities())
                .containsExactly("TaskTemplate.ContainerSpec.Sysctls.net.core.somaxconn", "UpdateConfig.Order");
    }

    @Test
    void a_router_that_reads_logs_of_containers_has_the_socket_and_begins_as_root_with_two_rights() throws IOException {
        var random = new Random(3);
        for (var service = service(random); ; service = service(random)) {
            if (!service.environment().containsKey(RouterService.DOCKER_SOCKET)) {
                continue;
            }
            var container = object(object(spec(service), "TaskTemplate"), "ContainerSpec");
            assertThat(container)
                    .containsEntry("User", "0:0")
                    .containsEntry("CapabilityDrop", List.of("ALL"))
                    .containsEntry("CapabilityAdd", List.of("CAP_SETGID", "CAP_SETUID"));
            assertThat((List<?>) container.get("Mounts"))
                    .last()
                    .isEqualTo(Map.of("Type", "bind", "Source", "/run/docker.sock", "Target", "/run/docker.sock"));
            return;
        }
    }

    @Test
    void a_service_is_written_as_the_golden_file_shows() throws IOException {
        var service = new RouterService(
                "logroute_core-1",
                "core",
                1,
                "logroute:1.0.0",
                "x1y2z3",
                List.of("node.labels.zone == a"),
                new RouterService.Mounted("3f9a1c0d2b4e", 7),
                new TreeMap<>(Map.of(
                        "/etc/logroute/pipeline/pipeline.1of2", "logroute-core-3f9a1c0d2b4e-1of2",
                        "/etc/logroute/pipeline/pipeline.2of2", "logroute-core-3f9a1c0d2b4e-2of2")),
                new TreeMap<>(Map.of("logroute-link", "logroute-link-0123456789ab", "es-ca", "es-ca")),
                new RouterService.Volume("logroute_core-1", "local", new TreeMap<>(Map.of("type", "nfs"))),
                List.of(
                        new RouterService.Attachment("logroute", List.of("core", "logstash")),
                        new RouterService.Attachment("monit", List.of("core", "logstash"))),
                List.of(5044),
                Optional.of(512L << 20),
                Optional.of(1_500_000_000L),
                new TreeMap<>(Map.of("LOGROUTE_ROUTER", "core", "LOGROUTE_INSTANCE", "1", "TZ", "UTC")),
                new TreeMap<>(Map.of(
                        Label.MANAGED_BY, "logroute",
                        Label.ROLE, "router",
                        Label.ROUTER, "core",
                        Label.INSTANCE, "1")),
                1,
                List.of());
        Golden.sameAsGolden("service.json", pretty(ServiceForm.written(service, IDS, Tree.NOTHING), "") + "\n");
    }

    // ---- chance

    private static RouterService service(Random random) {
        var router = "r" + random.nextInt(100);
        int instance = random.nextInt(12);
        var labels = new TreeMap<>(Map.of(
                Label.MANAGED_BY,
                "logroute",
                Label.ROLE,
                "router",
                Label.ROUTER,
                router,
                Label.INSTANCE,
                Integer.toString(instance)));
        labels.putAll(texts(random, "io.amp."));
        var environment = new TreeMap<>(texts(random, "V"));
        environment.put("LOGROUTE_ROUTER", router);
        environment.put("LOGROUTE_INSTANCE", Integer.toString(instance));
        if (instance % 3 == 0) {
            environment.put(RouterService.DOCKER_SOCKET, "/run/docker.sock");
        }
        var configs = new TreeMap<String, String>();
        var secrets = new TreeMap<>(Map.of("logroute-link", "logroute-link-" + random.nextInt(9)));
        for (int i = random.nextInt(4); i >= 0; i--) {
            configs.put("/etc/logroute/pipeline/pipeline." + i, "logroute-" + router + "-" + random.nextInt(99));
            secrets.put("secret-" + random.nextInt(99), "secret-" + random.nextInt(99));
        }
        var attachments = new ArrayList<RouterService.Attachment>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            attachments.add(new RouterService.Attachment(
                    "net-" + i, List.copyOf(texts(random, "alias").keySet())));
        }
        var constraints = new ArrayList<String>();
        var ports = new ArrayList<Integer>();
        for (int i = random.nextInt(3); i > 0; i--) {
            constraints.add("node.labels.l%d %s v".formatted(random.nextInt(9), random.nextBoolean() ? "==" : "!="));
            ports.add(1000 * i + random.nextInt(1000));
        }
        return new RouterService(
                "logroute_%s-%d".formatted(router, instance),
                router,
                instance,
                "image:" + random.nextInt(9),
                random.nextInt(5) == 0 ? "" : "node" + random.nextInt(9),
                constraints,
                new RouterService.Mounted("%012x".formatted(random.nextLong() >>> 16), random.nextInt(99)),
                configs,
                secrets,
                random.nextInt(5) == 0
                        ? RouterService.Volume.NONE
                        : new RouterService.Volume(
                                "v" + instance, random.nextBoolean() ? "local" : "nfs", texts(random, "o")),
                attachments,
                ports,
                random.nextBoolean() ? Optional.empty() : Optional.of(256L << 20),
                random.nextBoolean() ? Optional.empty() : Optional.of(1_500_000_000L),
                environment,
                labels,
                1,
                List.of());
    }

    private static SortedMap<String, String> texts(Random random, String prefix) {
        var texts = new TreeMap<String, String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            texts.put(prefix + random.nextInt(99), random.nextInt(5) == 0 ? "" : "a=b \"ü\" \n" + random.nextInt(99));
        }
        return texts;
    }

    /// Changes or removes something, somewhere.
    private static String change(Map<String, Object> spec, Random random) {
        var here = spec;
        var path = new StringBuilder();
        while (true) {
            var keys = here.keySet().stream()
                    .filter(key -> !List.of("Name", "ConfigID", "SecretID", Label.WANTED)
                            .contains(key))
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

    private static Map<String, Object> spec(RouterService service) {
        var json = json(service);
        return new TreeMap<>(Json.parse(json, 0, json.length));
    }

    private static byte[] json(RouterService service) {
        return new Tree(ServiceForm.written(service, IDS, Tree.NOTHING)).json();
    }

    private static RouterService read(byte[] json) throws IOException {
        var spec = Tree.parse(json);
        return ServiceForm.read(
                spec, ServiceForm.named("logroute", spec.at("Name").text()).orElseThrow(), ServiceFormLaws::name);
    }

    static String pretty(Object value, String margin) {
        var more = margin + "  ";
        return switch (value) {
            case Map<?, ?> map
            when !map.isEmpty() ->
                String.join(
                        "",
                        "{\n",
                        String.join(
                                ",\n",
                                map.entrySet().stream()
                                        .map(each ->
                                                more + Json.write(each.getKey()) + ": " + pretty(each.getValue(), more))
                                        .toList()),
                        "\n" + margin + "}");
            case List<?> list
            when !list.isEmpty() ->
                String.join(
                        "",
                        "[\n",
                        String.join(
                                ",\n",
                                list.stream()
                                        .map(each -> more + pretty(each, more))
                                        .toList()),
                        "\n" + margin + "]");
            default -> Json.write(value);
        };
    }
}
