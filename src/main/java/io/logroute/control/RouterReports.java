package io.logroute.control;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.swarm.RouterService;
import io.logroute.remote.RouterLink;
import io.logroute.remote.RouterLink.Reported;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What routers told last. Each is asked by itself, so that one that does not answer holds up no other. Safe for all
/// threads.
final class RouterReports {
    /// What is older says nothing any more.
    private static final Duration LASTING = Duration.ofSeconds(12);
    /// Routers that are asked at the same time.
    private static final int AT_ONCE = 64;

    private final RouterLink link;
    private final Function<String, RouterLink.Address> addresses;
    private final InstantSource clock;
    private final Runnable changed;
    private final Map<String, Heard> heard = new ConcurrentHashMap<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Semaphore turns = new Semaphore(AT_ONCE);

    private record Heard(Reported what, Instant at) {
        /// What a decision may hang on.
        String gist() {
            return switch (what) {
                case Reported.Told(var report) ->
                    "%s %s %s".formatted(report.revision(), report.takesEvents(), report.trouble());
                case Reported.NotYet _ -> "not yet";
                case Reported.Denied _ -> "denied";
                case Reported.Unreachable _ -> "unreachable";
            };
        }
    }

    /// @param addresses where the management of an instance listens, by the name of its service
    /// @param changed told when a router tells something else than before
    RouterReports(
            RouterLink link, Function<String, RouterLink.Address> addresses, InstantSource clock, Runnable changed) {
        this.link = link;
        this.addresses = addresses;
        this.clock = clock;
        this.changed = changed;
    }

    /// Asks all that are not being asked already. Does not wait.
    void ask(Collection<RouterService> services) {
        var names = services.stream().map(RouterService::name).collect(Collectors.toSet());
        heard.keySet().retainAll(names);
        for (var name : names) {
            if (asked.add(name)) {
                Thread.ofVirtual().name("ask-" + name).start(() -> ask(name));
            }
        }
    }

    private void ask(String name) {
        try {
            turns.acquire();
            try {
                askNow(name);
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            asked.remove(name);
        }
    }

    /// Asks, and waits for the answer as long as the link does.
    void askNow(String name) {
        var now = new Heard(link.report(addresses.apply(name)), clock.instant());
        var before = heard.put(name, now);
        if (before == null || !before.gist().equals(now.gist())) {
            changed.run();
        }
    }

    /// What was told lately, by service.
    Map<String, InstanceReport> fresh() {
        var now = clock.instant();
        var fresh = new HashMap<String, InstanceReport>();
        heard.forEach((name, each) -> {
            if (each.what() instanceof Reported.Told(var report)
                    && Duration.between(each.at(), now).compareTo(LASTING) < 0) {
                fresh.put(name, report);
            }
        });
        return fresh;
    }

    /// Forgets what it told: it changes.
    void forget(String service) {
        heard.remove(service);
    }

    /// Why it tells nothing.
    Optional<String> silence(String service) {
        var last = heard.get(service);
        return last == null
                ? Optional.empty()
                : switch (last.what()) {
                    case Reported.Told _ -> Optional.of("it does not answer any more");
                    case Reported.NotYet(var reason) -> Optional.of(reason);
                    case Reported.Denied(var reason) -> Optional.of("it does not know this controller: " + reason);
                    case Reported.Unreachable(var reason) -> Optional.of("it is not reached: " + reason);
                };
    }
}
