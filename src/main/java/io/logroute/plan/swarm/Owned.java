package io.logroute.plan.swarm;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What carries our label, as wanted or as seen.
///
/// @param secrets names of the link secrets
public record Owned(
        SortedMap<String, OwnedConfig> configs, SortedMap<String, RouterService> services, SortedSet<String> secrets) {
    public static final Owned NOTHING = new Owned(new TreeMap<>(), new TreeMap<>(), new TreeSet<>());

    public Owned {
        configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
        secrets = Collections.unmodifiableSortedSet(new TreeSet<>(secrets));
    }

    /// The services of a router, by number.
    Stream<RouterService> of(String router) {
        return services.values().stream()
                .filter(each -> each.router().equals(router))
                .sorted(java.util.Comparator.comparingInt(RouterService::instance));
    }
}
