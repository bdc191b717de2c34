package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Keeps the rooms and arrows of the house, and who may know which library. `jdeps` reads them
/// off the classes.
///
/// Micrometer: [io.logroute.telemetry.Instruments] hands out its counters and timers as they are,
/// since a wrapper would say the same again; rooms that may open the cupboard know these types
/// (`io.micrometer.core.instrument`), and only the cupboard knows registries and binders.
class ArrowsTest {
    private static final Path CLASSES = Path.of("target/classes");
    private static final Pattern ARROW = Pattern.compile("(?m)^\\s+(\\S+)\\s+->\\s+(\\S+)");

    private static final Set<String> PURE = Set.of("spec", "plan", "flow");
    private static final Set<String> EFFECTS = Set.of("remote", "parts", "buffer", "buffer.jetstream");
    private static final Set<String> SHELLS = Set.of("control", "router");

    /// The rooms that a room may use, its own aside. The door may use all.
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("spec", Set.of()),
            Map.entry("flow", Set.of()),
            Map.entry("plan", Set.of("spec")),
            Map.entry("telemetry", Set.of()),
            // It knows no events: bytes in, bytes out.
            Map.entry("buffer", Set.of("telemetry")),
            // docs/decisions/0025
            Map.entry("buffer.jetstream", Set.of("buffer", "remote", "telemetry")),
            Map.entry("remote", Set.of("spec", "plan", "flow", "telemetry")),
            Map.entry("parts", Set.of("spec", "plan", "flow", "telemetry", "remote")),
            Map.entry("control", union(PURE, EFFECTS, Set.of("telemetry"))),
            Map.entry("router", union(PURE, EFFECTS, Set.of("telemetry"))),
            Map.entry("face", union(PURE, EFFECTS, SHELLS, Set.of("telemetry"))));

    /// Libraries by the beginning of their packages, and the places, by the beginning of a
    /// class's name, that know them.
    private static final Map<String, List<String>> LIBRARIES = Map.ofEntries(
            Map.entry("org.jspecify.", List.of("")),
            Map.entry("com.google.errorprone.annotations.", List.of("")),
            Map.entry("io.quarkus.", List.of("face.", "Main", "Wiring")),
            Map.entry("picocli.", List.of("face.", "Main", "Wiring")),
            Map.entry("jakarta.", List.of("face.", "Main", "Wiring")),
            Map.entry("org.eclipse.microprofile.", List.of("face.", "Main", "Wiring")),
            Map.entry("io.vertx.", List.of("face.", "Main", "Wiring")),
            Map.entry("io.smallrye.", List.of("face.", "Main", "Wiring")),
            Map.entry("org.jboss.", List.of("face.", "Main", "Wiring")),
            Map.entry("org.yaml.snakeyaml.", List.of("spec.")),
            Map.entry("dev.cel.", List.of("spec.", "parts.cel.")),
            Map.entry("com.google.re2j.", List.of("spec.", "parts.cel.")),
            Map.entry("com.google.common.", List.of("spec.", "parts.cel.")),
            Map.entry("com.google.protobuf.", List.of("spec.", "parts.cel.", "parts.nats.")),
            Map.entry("com.fasterxml.jackson.core.", List.of("flow.", "parts.", "remote.", "face.")),
            Map.entry("com.fasterxml.jackson.", List.of("face.")),
            Map.entry("io.micrometer.core.instrument.binder.", List.of("telemetry.")),
            Map.entry(
                    "io.micrometer.core.instrument.",
                    List.of("telemetry.", "remote.", "parts.", "buffer.", "router.", "control.", "face.")),
            Map.entry("io.micrometer.", List.of("telemetry.")),
            Map.entry("org.apache.hc.", List.of("remote.ElasticClient")),
            Map.entry("redis.clients.", List.of("remote.Redis")),
            Map.entry("io.nats.", List.of("remote.NatsServers", "remote.NatsLink", "parts.nats.", "buffer.jetstream.")),
            Map.entry("com.github.dockerjava.", List.of("remote.DockerHttp")));

    @Test
    void every_arrow_of_the_house_runs_as_drawn() {
        assertThat(wrongArrows(CLASSES)).isEmpty();
    }

    @Test
    void jdeps_sees_the_house() {
        var arrows = arrows(CLASSES);
        assertThat(arrows).contains("io.logroute.spec.SpecWriter -> org.yaml.snakeyaml.Yaml");
        assertThat(arrows).contains("io.logroute.plan.Declared -> io.logroute.spec.Reading");
    }

    @ParameterizedTest(name = "{0} must not know {1}")
    @CsvSource({
        "spec, io.logroute.plan.Declared",
        "plan, io.logroute.flow.Event",
        "plan, org.yaml.snakeyaml.Yaml",
        "flow, io.logroute.spec.Name",
        "flow, io.logroute.telemetry.Meter",
        "buffer, io.logroute.flow.Event",
        "buffer, io.logroute.remote.NatsServers",
        "buffer, io.logroute.buffer.jetstream.JetStreamBuffer",
        "buffer, io.nats.client.Connection",
        "buffer.jetstream, io.logroute.flow.Event",
        "router, io.nats.client.Connection",
        "parts.redis, redis.clients.jedis.Connection",
        "remote, io.logroute.parts.text.Template",
        "parts.http, io.nats.client.Connection",
        "parts.http, com.google.protobuf.CodedInputStream",
        "remote, org.apache.hc.client5.http.impl.classic.CloseableHttpClient",
        "remote, com.github.dockerjava.transport.DockerHttpClient",
        "router, io.logroute.control.Bell",
        "control, io.quarkus.runtime.Quarkus",
        "parts.text, dev.cel.common.CelOptions",
        "router, com.fasterxml.jackson.core.JsonFactory",
        "parts.http, com.fasterxml.jackson.databind.ObjectMapper",
        "router, io.micrometer.prometheusmetrics.PrometheusMeterRegistry",
        "telemetry, io.logroute.spec.Name",
        "cellar, java.lang.String"
    })
    void a_planted_wrong_import_is_found(String room, String type, @TempDir Path folder) throws IOException {
        plant(folder, room, type);
        assertThat(wrongArrows(folder)).isNotEmpty();
    }

    @ParameterizedTest(name = "{0} may know {1}")
    @CsvSource({
        "plan, io.logroute.spec.Name",
        "parts.cel, dev.cel.common.CelOptions",
        "buffer.jetstream, io.nats.client.Connection",
        "buffer.jetstream, io.logroute.remote.NatsServers",
        "router, io.logroute.buffer.jetstream.JetStreamBuffer",
        "router, io.micrometer.core.instrument.Counter",
        "control, io.logroute.plan.Declared",
        "face, io.quarkus.runtime.Quarkus",
        "parts.http, com.fasterxml.jackson.core.JsonFactory",
        "parts.nats, io.nats.client.Connection",
        "parts.nats, com.google.protobuf.CodedInputStream"
    })
    void a_planted_right_import_is_not(String room, String type, @TempDir Path folder) throws IOException {
        plant(folder, room, type);
        assertThat(wrongArrows(folder)).isEmpty();
    }

    private static void plant(Path folder, String room, String type) throws IOException {
        var source = folder.resolve("Planted.java");
        Files.writeString(source, "package io.logroute.%s; final class Planted { %s wrong; }".formatted(room, type));
        var said = new StringWriter();
        var compiler = javax.tools.ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        var made = compiler.getTask(
                        said,
                        files,
                        null,
                        List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        files.getJavaFileObjects(source))
                .call();
        assertThat(made).as(said.toString()).isTrue();
    }

    private static Set<String> arrows(Path classes) {
        var out = new StringWriter();
        var writer = new PrintWriter(out);
        int result = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(writer, writer, "-verbose:class", "-filter:none", classes.toString());
        assertThat(result).as(out.toString()).isZero();
        var arrows = new TreeSet<String>();
        ARROW.matcher(out.toString()).results().forEach(each -> arrows.add(each.group(1) + " -> " + each.group(2)));
        assertThat(arrows).as("what jdeps says of " + classes).isNotEmpty();
        return arrows;
    }

    private static List<String> wrongArrows(Path classes) {
        return arrows(classes).stream()
                .filter(arrow -> {
                    var ends = arrow.split(" -> ", 2);
                    return ends[0].startsWith("io.logroute.")
                            && !right(ends[0].substring("io.logroute.".length()), ends[1]);
                })
                .toList();
    }

    private static boolean right(String from, String to) {
        var room = room(from);
        if (!room.isEmpty() && !MAY_USE.containsKey(room)) {
            return false;
        }
        if (to.startsWith("io.logroute.")) {
            var other = room(to.substring("io.logroute.".length()));
            return room.isEmpty()
                    || room.equals(other)
                    || MAY_USE.getOrDefault(room, Set.of()).contains(other);
        }
        if (to.startsWith("java.")
                || to.startsWith("javax.")
                || to.startsWith("com.sun.net.httpserver.")
                || to.startsWith("com.sun.management.")
                || to.startsWith("sun.misc.")) {
            return true;
        }
        var library = LIBRARIES.keySet().stream()
                .filter(to::startsWith)
                .max(java.util.Comparator.comparingInt(String::length));
        return library.isPresent()
                && LIBRARIES.getOrDefault(library.get(), List.of()).stream().anyMatch(from::startsWith);
    }

    /// The first part of the name inside the house; empty for the door. The log on JetStream is a room of its own
    /// inside another.
    private static String room(String name) {
        if (name.startsWith("buffer.jetstream.")) {
            return "buffer.jetstream";
        }
        int dot = name.indexOf('.');
        return dot < 0 ? "" : name.substring(0, dot);
    }

    @SafeVarargs
    private static Set<String> union(Set<String>... sets) {
        var all = new TreeSet<String>();
        for (var set : sets) {
            all.addAll(set);
        }
        return all;
    }
}
