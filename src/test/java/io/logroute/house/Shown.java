package io.logroute.house;

import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What a PromQL expression names, and what there is to be named.
///
/// @param metrics each metric, with the labels in its braces
/// @param grouped labels after `by`, `without`, `on`, `ignoring` and the like
record Shown(Map<String, Set<String>> metrics, Set<String> grouped) {
    /// What Prometheus has of itself.
    private static final Map<String, Set<String>> OF_PROMETHEUS =
            Map.of("up", Set.of(), "ALERTS", Set.of("alertname", "alertstate", "severity"));

    /// What the exporter beside a relay shows, as far as it is asked for; `RelaysIT` sees each of them.
    private static final Map<String, Set<String>> OF_REDIS = Map.of(
            "redis_up", Set.of(),
            "redis_memory_used_bytes", Set.of(),
            "redis_memory_max_bytes", Set.of(),
            "redis_stream_length", Set.of("db", "stream"),
            "redis_stream_groups", Set.of("db", "stream"),
            "redis_stream_last_generated_id", Set.of("db", "stream"),
            "redis_stream_group_last_delivered_id", Set.of("db", "stream", "group"));

    /// Labels that the scrape configuration gives to everything, or that an own one may.
    static final Set<String> OF_TARGETS = Set.of("job", "instance", "node", "installation");

    private static final Pattern TEXT = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern GROUPING =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern METRIC = Pattern.compile("(?<![\\w.:$])([a-zA-Z_:][\\w:]*)\\s*(\\{[^}]*}|\\()?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)\\s*(?:=~|!~|!=|=)");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "offset", "bool");

    static Shown in(String expression) {
        var text = TEXT.matcher(expression).replaceAll("\"\"").replaceAll("\\[[^]]*]", "");
        var grouped = new TreeSet<String>();
        GROUPING.matcher(text).results().forEach(found -> {
            for (var label : found.group(1).split(",")) {
                if (!label.isBlank()) {
                    grouped.add(label.strip());
                }
            }
        });
        var metrics = new LinkedHashMap<String, Set<String>>();
        METRIC.matcher(GROUPING.matcher(text).replaceAll(" ")).results().forEach(found -> {
            var rest = found.group(2) == null ? "" : found.group(2);
            if (WORDS.contains(found.group(1)) || rest.equals("(")) {
                return;
            }
            var labels = metrics.computeIfAbsent(found.group(1), _ -> new LinkedHashSet<>());
            LABEL.matcher(rest).results().forEach(label -> labels.add(label.group(1)));
        });
        return new Shown(metrics, grouped);
    }

    /// Every metric that there is, as Prometheus sees it, with its own labels.
    static Map<String, Set<String>> all() {
        var all = new TreeMap<String, Set<String>>(OF_PROMETHEUS);
        for (var meter : Meter.values()) {
            var labels = new TreeSet<>(meter.labels());
            switch (meter.kind()) {
                case COUNTER, GAUGE -> all.put(meter.metric(), labels);
                case TIMER -> {
                    for (var suffix : Set.of("_count", "_sum", "_max")) {
                        all.put(meter.metric() + suffix, labels);
                    }
                    var withBounds = new TreeSet<>(labels);
                    withBounds.add("le");
                    all.put(meter.metric() + "_bucket", withBounds);
                }
                case SUMMARY -> {
                    for (var suffix : Set.of("_count", "_sum", "_max")) {
                        all.put(meter.metric() + suffix, labels);
                    }
                }
            }
        }
        all.putAll(OF_REDIS);
        all.putAll(ofJvm());
        return all;
    }

    /// Pauses of the collector come with the first one.
    private static Map<String, Set<String>> ofJvm() {
        var all = new TreeMap<String, Set<String>>();
        all.put("jvm_gc_pause_seconds_sum", Set.of("action", "cause", "gc"));
        try (var instruments = new Instruments().withJvm()) {
            for (var line : instruments.scrape().lines().toList()) {
                if (!line.startsWith("#")) {
                    var shown = in(line.substring(0, line.lastIndexOf(' ')));
                    all.putAll(shown.metrics());
                }
            }
        }
        return all;
    }
}
