package io.logroute.testbed;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// A large swarm of many teams: 1,000 services, of which 300 say with labels where their logs go and 10 of
/// these say it wrong; 200 configs with specs; three nodes. One router, `core`, with two sinks.
public final class Crowd {
    public static final int SERVICES = 1000;
    public static final int LABELLED = 300;
    public static final int BROKEN = 10;
    public static final int CONFIGS = 200;
    /// Routes in force: those of good labels, and one in each config but the first.
    public static final int ROUTES = LABELLED - BROKEN + CONFIGS - 1;

    private static final int STACKS = 50;

    private static final String FIRST = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec:
              sources:
                - beats: { port: 5044 }
              buffer: { maxBytes: 8GiB }
              deploy:
                networks: [core]
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec:
              elasticsearch:
                urls: ["http://elasticsearch:9200"]
                index: "logs-%{+yyyy.MM.dd}"
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: archive }
            spec:
              discard: {}
            """;

    private static final String ROUTE = """
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: team-%1$d }
            spec:
              router: core
              match: { service: ["team%1$d_*"], when: 'event.level in ["error", "fatal"] && event.shard == %1$d' }
              filters:
                - parse: { json: { field: msg } }
                - drop: { when: 'event.path == "/healthz"' }
                - set: { fields: { team: "team-%1$d" } }
                - redact: { fields: [msg], patterns: [email] }
              to:
                - { sink: es, index: "team-%1$d-%%{+yyyy.MM.dd}" }
                - { sink: archive }
            """;

    private Crowd() {}

    /// The name of one of the services.
    public static String service(int number) {
        return "stack%d_service%d".formatted(number % STACKS, number);
    }

    /// Whether the labels of that service are wrong.
    public static boolean isBroken(int number) {
        return number < LABELLED && number % (LABELLED / BROKEN) == 1;
    }

    /// Moves in.
    public static SimulatedSwarm in(SimulatedSwarm swarm) {
        for (int i = 1; i <= 3; i++) {
            swarm.node("node" + i);
        }
        swarm.network("logroute");
        swarm.network("core");
        for (int i = 0; i < CONFIGS; i++) {
            var text = i == 0 ? FIRST : ROUTE.formatted(i);
            swarm.config(
                    "spec-%03d".formatted(i), Map.of("logroute.spec", "true"), text.getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < SERVICES; i++) {
            swarm.service(service(i), labels(i), Map.of("maintainer", "team"));
        }
        return swarm;
    }

    private static Map<String, String> labels(int number) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("com.docker.stack.namespace", "stack" + number % STACKS);
        labels.put("com.docker.stack.image", "registry.example.com/team/service:1.2.3");
        labels.put("traefik.enable", "true");
        labels.put("traefik.http.routers.r%d.rule".formatted(number), "Host(`s%d.example.com`)".formatted(number));
        if (number < LABELLED) {
            labels.put("logroute.enable", "true");
            labels.put("logroute.to", "es");
            labels.put("logroute.index", "service-%d-%%{+yyyy.MM.dd}".formatted(number));
            labels.put("logroute.parse", "json");
            labels.put("logroute.when", "event.shard != " + number);
            labels.put(isBroken(number) ? "logroute.dorp" : "logroute.drop", "event.level == \"debug\"");
        }
        return labels;
    }
}
