package io.logroute.parts.docker;

import io.logroute.flow.Json;
import io.logroute.flow.Timestamps;
import io.logroute.remote.NodeDocker.Container;
import io.logroute.spec.SourceSpec.Docker.Schema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The fields of a container's events. Those that are the same for all of its lines are written once.
final class Fields {
    private static final String DOCKERS = "com.docker.";
    private static final String SERVICE = "com.docker.swarm.service.name";
    private static final String SERVICE_ID = "com.docker.swarm.service.id";
    private static final String TASK = "com.docker.swarm.task.id";
    private static final String TASK_NAME = "com.docker.swarm.task.name";
    private static final String NODE = "com.docker.swarm.node.id";
    private static final String STACK = "com.docker.stack.namespace";
    private static final byte[] PARTIAL = ascii(",\"log\":{\"flags\":[\"partial\"]}");
    private static final byte[] STDOUT = ascii(",\"stream\":\"stdout\"");
    private static final byte[] STDERR = ascii(",\"stream\":\"stderr\"");
    private static final byte[] TIME = ascii("{\"@timestamp\":\"");
    private static final byte[] HEX = ascii("0123456789ABCDEF");

    private final Schema schema;
    private final byte[] same;
    private final byte[] text;

    Fields(Schema schema, Container container) {
        this.schema = schema;
        var fields = Json.write(
                switch (schema) {
                    case AMP -> amp(container);
                    case ECS -> ecs(container);
                });
        // {"a":1} becomes ,"a":1
        this.same = ("\"," + fields.substring(1, fields.length() - 1)).getBytes(StandardCharsets.UTF_8);
        this.text = ascii(
                switch (schema) {
                    case AMP -> ",\"msg\":\"";
                    case ECS -> ",\"message\":\"";
                });
    }

    /// As AMP's agent and ampbeat call them (agent/container.go, agent/logs.go, ampbeat/beater).
    private static Map<String, @Nullable Object> amp(Container container) {
        var listed = container.listed();
        var labels = listed.labels();
        var service = labels.getOrDefault(SERVICE, "noService");
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("type", "logs");
        fields.put("container_id", listed.id());
        fields.put("container_name", listed.name());
        fields.put("container_short_name", service + "_" + shortened(listed.id()));
        fields.put("container_state", listed.state());
        fields.put("service_name", service);
        fields.put("service_id", labels.getOrDefault(SERVICE_ID, ""));
        fields.put("task_id", labels.getOrDefault(TASK, ""));
        fields.put("task_slot", slot(labels));
        fields.put("stack_name", labels.getOrDefault(STACK, "noStack"));
        fields.put("node_id", labels.getOrDefault(NODE, ""));
        fields.put("labels", own(labels, '-'));
        return fields;
    }

    /// As the Elastic Common Schema does, and where that says nothing as Beats do.
    private static Map<String, @Nullable Object> ecs(Container container) {
        var listed = container.listed();
        var labels = listed.labels();
        var of = new LinkedHashMap<String, @Nullable Object>();
        of.put("id", listed.id());
        of.put("name", listed.name());
        of.put("runtime", "docker");
        of.put("image", Map.of("name", container.image()));
        of.put("labels", own(labels, '_'));
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("container", of);
        if (labels.containsKey(SERVICE)) {
            var service = new LinkedHashMap<String, @Nullable Object>();
            service.put("name", labels.get(SERVICE));
            service.put("id", labels.getOrDefault(SERVICE_ID, ""));
            fields.put("service", service);
            var orchestrator = new LinkedHashMap<String, @Nullable Object>();
            orchestrator.put("type", "swarm");
            orchestrator.put(
                    "resource",
                    Map.of(
                            "type",
                            "task",
                            "id",
                            labels.getOrDefault(TASK, ""),
                            "name",
                            labels.getOrDefault(TASK_NAME, "")));
            fields.put("orchestrator", orchestrator);
        }
        if (labels.containsKey(STACK)) {
            fields.put("stack", Map.of("name", labels.getOrDefault(STACK, "")));
        }
        if (labels.containsKey(NODE)) {
            fields.put("host", Map.of("id", labels.getOrDefault(NODE, "")));
        }
        return fields;
    }

    private static String shortened(String id) {
        return id.length() > 6 ? id.substring(0, 6) : id;
    }

    /// Of `shop_web.3.<task>` it is 3; of a global service's task, which is named after its node, 0.
    private static int slot(Map<String, String> labels) {
        var parts = List.of(labels.getOrDefault(TASK_NAME, "").split("\\."));
        if (parts.size() < 3) {
            return 0;
        }
        var slot = parts.get(parts.size() - 2);
        return slot.matches("[0-9]{1,9}") ? Integer.parseInt(slot) : 0;
    }

    /// What is not Docker's own. A dot in a name would make objects of them in an index.
    private static Map<String, String> own(Map<String, String> labels, char dot) {
        var own = new TreeMap<String, String>();
        labels.forEach((name, value) -> {
            if (!name.startsWith(DOCKERS)) {
                own.put(name.replace('.', dot), value);
            }
        });
        return own;
    }

    /// Writes the event of a line.
    ///
    /// @param timeId above those of the lines before
    void write(Bytes out, boolean err, long time, long timeId, byte[] bytes, int from, int to, boolean partial) {
        out.add(TIME);
        out.add(ascii(Timestamps.format(Instant.ofEpochSecond(time / 1_000_000_000, time % 1_000_000_000))));
        out.add(same);
        switch (schema) {
            case AMP -> {
                out.add(TIME_ID);
                for (int shift = 60; shift >= 0; shift -= 4) {
                    out.add(HEX[(int) (timeId >>> shift) & 15]);
                }
                out.add((byte) '"');
            }
            case ECS -> out.add(err ? STDERR : STDOUT);
        }
        if (partial) {
            out.add(PARTIAL);
        }
        out.add(text);
        out.addEscaped(bytes, from, to);
        out.add(END);
    }

    private static final byte[] TIME_ID = ascii(",\"time_id\":\"");
    private static final byte[] END = ascii("\"}");

    /// As `%016X` of Go.
    static String timeId(long timeId) {
        return HexFormat.of().withUpperCase().toHexDigits(timeId);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
