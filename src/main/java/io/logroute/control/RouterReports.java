package io.logroute.control;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.swarm.RouterService;
import io.logroute.remote.RouterLink;
import io.logroute.remote.RouterLink.Reported;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/// What routers told last. Each is asked by itself, so that one that does not answer holds up no other. Safe for all
/// threads.
final class RouterReports {
    /// What is older says nothing any more.
    private static final Duration LASTING = Duration.ofSeconds(12);
    /// So long a pass waits for routers that it meets for the first time.
    private static final Duration FIRST_WORD = Duration.ofSeconds(2);
    /// Routers that are asked at the same time.
    private static final int AT_ONCE = 64;

    private final RouterLink link;
    private final InstantSource clock;
    private final Runnable changed;
    private final Map<String, Heard> heard = new ConcurrentHashMap<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Semaphore turns = new Semaphore(AT_ONCE);

    /// @param holds whether a decision may hang on it: its service was not changed since
    private record Heard(Reported what, Instant at, boolean holds) {
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

    /// @param changed told when a router tells something else than before
    RouterReports(RouterLink link, InstantSource clock, Runnable changed) {
        this.link = link;
        this.clock = clock;
        this.changed = changed;
    }

    /// Asks all that are not being asked already. Does not wait.
    void ask(Collection<RouterService> services) {
        begin(services);
    }

    /// The same, and waits a moment for those of which nothing was ever heard.
    void meet(Collection<RouterService> services) {
        var end = System.nanoTime() + FIRST_WORD.toNanos();
        try {
            for (var each : begin(services)) {
                each.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return those who ask what was not heard of before
    private List<Thread> begin(Collection<RouterService> services) {
        var names = services.stream().map(RouterService::name).collect(Collectors.toSet());
        heard.keySet().retainAll(names);
        var first = new ArrayList<Thread>();
        for (var name : names) {
            if (asked.add(name)) {
                boolean isNew = !heard.containsKey(name);
                var asking = Thread.ofVirtual().name("ask-" + name).start(() -> ask(name));
                if (isNew) {
                    first.add(asking);
                }
            }
        }
        return first;
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
        var now = new Heard(link.report(RouterLink.Address.ofService(name)), clock.instant(), true);
        var before = heard.put(name, now);
        if (before == null || !before.gist().equals(now.gist())) {
            changed.run();
        }
    }

    /// What was told lately and decisions may hang on, by service.
    Map<String, InstanceReport> fresh() {
        return told(false);
    }

    /// What was told lately, by service.
    Map<String, InstanceReport> lately() {
        return told(true);
    }

    private Map<String, InstanceReport> told(boolean all) {
        var now = clock.instant();
        var fresh = new HashMap<String, InstanceReport>();
        heard.forEach((name, each) -> {
            if ((all || each.holds())
                    && each.what() instanceof Reported.Told(var report)
                    && Duration.between(each.at(), now).compareTo(LASTING) < 0) {
                fresh.put(name, report);
            }
        });
        return fresh;
    }

    /// Its service was changed: no decision hangs on what it told before. Until it tells something else that is what is
    /// known of it.
    void forget(String service) {
        heard.computeIfPresent(service, (_, last) -> new Heard(last.what(), last.at(), false));
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
