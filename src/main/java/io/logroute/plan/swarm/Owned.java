package io.logroute.plan.swarm;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What carries our label, as wanted or as seen.
///
/// @param services of routers, by their names
/// @param secrets names of the link secrets
/// @param relays services of relays, by their names
public record Owned(
        SortedMap<String, OwnedConfig> configs,
        SortedMap<String, RouterService> services,
        SortedSet<String> secrets,
        SortedMap<String, RelayService> relays) {
    public static final Owned NOTHING = new Owned(new TreeMap<>(), new TreeMap<>(), new TreeSet<>());

    public Owned {
        configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
        secrets = Collections.unmodifiableSortedSet(new TreeSet<>(secrets));
        relays = Collections.unmodifiableSortedMap(new TreeMap<>(relays));
    }

    /// One without relays.
    public Owned(
            SortedMap<String, OwnedConfig> configs,
            SortedMap<String, RouterService> services,
            SortedSet<String> secrets) {
        this(configs, services, secrets, new TreeMap<>());
    }

    /// The services of a router, by number.
    Stream<RouterService> of(String router) {
        return services.values().stream()
                .filter(each -> each.router().equals(router))
                .sorted(java.util.Comparator.comparingInt(RouterService::instance));
    }
}
