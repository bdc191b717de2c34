package io.logroute.plan.swarm;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A relay that we deploy as the swarm remembers it, be its services there or not: on which node its
/// volume is. It lies on the labels of a config that is called as its Redis and its volume are, so that
/// whichever controller looks goes on with it.
///
/// @param name of its config, its Redis and its volume: `logroute_relay_up`
/// @param node the id of its node
/// @param hostname the name of that node
/// @param tried the last change of each of its services, as [Attempt] writes it
/// @param forgotten whether somebody said to forget it: its services go, then this
/// @param config where it lies in the swarm; empty where it does not yet
record RelayRecord(
        String name,
        String relay,
        String node,
        String hostname,
        SortedMap<Integer, String> tried,
        boolean forgotten,
        Optional<OwnedConfig> config) {
    /// What its config says it is, on [Label#ROLE].
    static final String ROLE = "relay";

    RelayRecord {
        tried = Collections.unmodifiableSortedMap(new TreeMap<>(tried));
    }

    /// One whose node was just chosen.
    static RelayRecord at(Installation here, String relay, String node, String hostname) {
        return new RelayRecord(here.relay(relay), relay, node, hostname, new TreeMap<>(), false, Optional.empty());
    }

    /// Those that lie in the swarm, by relay.
    static SortedMap<String, RelayRecord> of(Owned owned) {
        return owned.configs().values().stream()
                .flatMap(config -> read(config).stream())
                .collect(Collectors.toMap(RelayRecord::relay, each -> each, (one, _) -> one, TreeMap::new));
    }

    /// What a config says; empty when it is the record of no relay, or a copy that somebody made of
    /// one.
    private static Optional<RelayRecord> read(OwnedConfig config) {
        var labels = config.labels();
        var relay = labels.get(Label.RELAY);
        if (!ROLE.equals(labels.get(Label.ROLE))
                || relay == null
                || !config.name().equals("%s_relay_%s".formatted(labels.get(Label.MANAGED_BY), relay))) {
            return Optional.empty();
        }
        return Optional.of(new RelayRecord(
                config.name(),
                relay,
                labels.getOrDefault(Label.NODE, ""),
                labels.getOrDefault(Label.HOSTNAME, ""),
                Known.numbers(labels.getOrDefault(Label.TRIED, "")),
                "true".equals(labels.get(Label.FORGOTTEN)),
                Optional.of(config)));
    }

    Attempt attempt(RelayService.Part part) {
        return Attempt.read(tried.getOrDefault(part.ordinal(), ""));
    }

    /// The same with what is about to be tried.
    RelayRecord trying(RelayService.Part part, Attempt attempt) {
        var more = new TreeMap<>(tried);
        more.put(part.ordinal(), attempt.toString());
        return new RelayRecord(name, relay, node, hostname, more, forgotten, config);
    }

    RelayRecord forget() {
        return new RelayRecord(name, relay, node, hostname, tried, true, config);
    }

    /// The name of its node, for people.
    String where() {
        return hostname.isEmpty() ? node : hostname;
    }

    /// The labels that say it, with what others put beside.
    private SortedMap<String, String> labels(String managedBy) {
        var labels = new TreeMap<>(config.map(OwnedConfig::labels).orElseGet(TreeMap::new));
        labels.put(Label.MANAGED_BY, managedBy);
        labels.put(Label.ROLE, ROLE);
        labels.put(Label.RELAY, relay);
        put(labels, Label.NODE, node);
        put(labels, Label.HOSTNAME, hostname);
        put(labels, Label.TRIED, Known.write(tried));
        put(labels, Label.FORGOTTEN, forgotten ? "true" : "");
        return labels;
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (value.isEmpty()) {
            labels.remove(name);
        } else {
            labels.put(name, value);
        }
    }

    /// The config of one that has none.
    OwnedConfig written(String managedBy) {
        var text = """
                Relay %s, with the volume %s on node %s.
                This is how LogRoute remembers where it is. LogRoute removes it when somebody says: logroute forget relay/%s.
                """.formatted(relay, name, where(), relay);
        return new OwnedConfig(name, labels(managedBy), new Content(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// The step that writes it down, when it is not written so already.
    ///
    /// @param reason what changes, in words
    Optional<Step> note(String managedBy, String reason) {
        var labels = labels(managedBy);
        return config.filter(each -> !each.labels().equals(labels))
                .map(each -> new Step.LabelConfig(each.name(), each.labels(), labels, reason));
    }
}
