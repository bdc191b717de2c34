package io.logroute.control;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Told;
import io.logroute.remote.RouterLink;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.remote.Routers;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What routers told last. Each is asked by itself, so that one that does not answer holds up no other. Safe for all
/// threads.
final class RouterReports {
    /// What is older says nothing any more.
    static final Duration LASTING = Duration.ofSeconds(12);
    /// So long a pass waits for routers that it meets for the first time.
    private static final Duration FIRST_WORD = Duration.ofSeconds(2);
    /// Routers that are asked at the same time.
    private static final int AT_ONCE = 64;

    private final Routers routers;
    private final Function<String, RouterLink.Address> addresses;
    private final InstantSource clock;
    private final Runnable changed;
    private final Executor asking;
    private final Map<String, Heard> heard = new ConcurrentHashMap<>();
    /// The instances that services are, by the names of those.
    private final Map<String, Who> instances = new ConcurrentHashMap<>();
    /// What was last heard of each, however long ago.
    private final Map<String, Told.Last> last = new ConcurrentHashMap<>();
    /// Of whom that is kept besides those that have a service.
    private volatile Set<String> remembered = Set.of();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Semaphore turns = new Semaphore(AT_ONCE);
    /// What came after what: clocks are set back.
    private final AtomicLong order = new AtomicLong();

    private record Who(String router, int number) {
        static Who of(RouterService service) {
            return new Who(service.router(), service.instance());
        }

        static Who of(InstanceReport report) {
            return new Who(report.router(), report.instance());
        }

        @Override
        public String toString() {
            return "instance %d of router %s".formatted(number, router);
        }
    }

    /// @param at when it was asked for
    /// @param turn which came after which; the clock may have been set back in between
    /// @param holds whether a decision may hang on it: its service was not changed since
    private record Heard(Reported what, Instant at, long turn, boolean holds) {
        /// What a decision may hang on.
        String gist() {
            return switch (what) {
                case Reported.Told(var report) ->
                    "%s %s %s %s %s %s %s"
                            .formatted(
                                    report.revision(),
                                    report.takesEvents(),
                                    report.trouble(),
                                    report.buffer().id(),
                                    report.holding().mode(),
                                    report.holding().empty(),
                                    report.holding().letters() > 0);
                case Reported.NotYet _ -> "not yet";
                case Reported.Denied _ -> "denied";
                case Reported.Unreachable _ -> "unreachable";
            };
        }
    }

    /// @param addresses where the management of an instance listens, by the name of its service
    /// @param changed told when a router tells something else than before
    /// @param asking runs what asks one router, and waits for it
    RouterReports(
            Routers routers,
            Function<String, RouterLink.Address> addresses,
            InstantSource clock,
            Runnable changed,
            Executor asking) {
        this.routers = routers;
        this.addresses = addresses;
        this.clock = clock;
        this.changed = changed;
        this.asking = asking;
    }

    /// Keeps what is heard of these, whether they are asked or not.
    void remember(Set<String> names) {
        remembered = Set.copyOf(names);
    }

    /// Asks all that are not being asked already. Does not wait.
    void ask(Collection<RouterService> services) {
        begin(services);
    }

    /// The same, and waits a moment for those of which nothing was ever heard.
    void meet(Collection<RouterService> services) {
        try {
            CompletableFuture.allOf(begin(services).toArray(CompletableFuture[]::new))
                    .get(FIRST_WORD.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // Later, then.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return those who ask what was not heard of before
    private List<CompletableFuture<Void>> begin(Collection<RouterService> services) {
        var names = services.stream().map(RouterService::name).collect(Collectors.toSet());
        heard.keySet().retainAll(names);
        last.keySet().removeIf(name -> !names.contains(name) && !remembered.contains(name));
        instances.keySet().retainAll(names);
        services.forEach(service -> instances.put(service.name(), Who.of(service)));
        var first = new ArrayList<CompletableFuture<Void>>();
        for (var name : names) {
            if (asked.add(name)) {
                var done = new CompletableFuture<Void>();
                if (!heard.containsKey(name)) {
                    first.add(done);
                }
                asking.execute(() -> {
                    ask(name);
                    done.complete(null);
                });
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

    /// Asks, and waits for the answer as long as the link does. One that was asked for before another, and comes
    /// after it, says nothing.
    void askNow(String name) {
        var asked = clock.instant();
        long turn = order.incrementAndGet();
        var now = new Heard(ofItself(name, routers.report(addresses.apply(name))), asked, turn, true);
        var before = new AtomicReference<@Nullable Heard>();
        var kept = heard.compute(name, (_, is) -> {
            before.set(is);
            return is != null && is.turn() > turn ? is : now;
        });
        if (kept != now) {
            return;
        }
        if (now.what() instanceof Reported.Told(var report)) {
            last.put(name, new Told.Last(report, asked));
        }
        var was = before.get();
        if (was == null || !was.gist().equals(now.gist())) {
            changed.run();
        }
    }

    /// An address may be another's by now: what that one tells is nothing of the instance that was asked.
    private Reported ofItself(String name, Reported reported) {
        if (!(reported instanceof Reported.Told(var report))) {
            return reported;
        }
        var asked = Optional.ofNullable(instances.get(name));
        var answers = Who.of(report);
        return asked.filter(who -> !who.equals(answers))
                .<Reported>map(who -> new Reported.Unreachable(
                        "where %s is looked for, %s answers; its address is looked up again".formatted(who, answers)))
                .orElse(reported);
    }

    /// What was told lately and decisions may hang on, by service.
    Map<String, InstanceReport> fresh() {
        return told(false);
    }

    /// What was last heard of each, however long ago, by service.
    Map<String, Told.Last> last() {
        return Map.copyOf(last);
    }

    /// What was told lately, by service.
    Map<String, InstanceReport> lately() {
        return told(true);
    }

    private Map<String, InstanceReport> told(boolean all) {
        var now = clock.instant();
        var fresh = new HashMap<String, InstanceReport>();
        heard.forEach((name, each) -> {
            if ((all || each.holds()) && each.what() instanceof Reported.Told(var report) && isRecent(each.at(), now)) {
                fresh.put(name, report);
            }
        });
        return fresh;
    }

    /// What is ahead of the clock was told before that was set back, nobody knows how long ago.
    private static boolean isRecent(Instant at, Instant now) {
        var age = Duration.between(at, now);
        return !age.isNegative() && age.compareTo(LASTING) < 0;
    }

    /// Its service was changed: no decision hangs on what it told before. Until it tells something else that
    /// is what is known of it.
    void forget(String service) {
        heard.computeIfPresent(
                service, (_, last) -> new Heard(last.what(), clock.instant(), order.incrementAndGet(), false));
    }

    /// Why it tells nothing.
    Optional<String> silence(String service) {
        var last = heard.get(service);
        return last == null
                ? Optional.empty()
                : switch (last.what()) {
                    case Reported.Told _ -> Optional.of("it does not answer any more");
                    case Reported.NotYet(var reason) -> Optional.of(ownWords(reason));
                    case Reported.Denied(var reason) -> Optional.of("it does not know this controller: " + reason);
                    case Reported.Unreachable(var reason) -> Optional.of("it is not reached: " + reason);
                };
    }

    /// What it says, without who says so and that it may be asked again: who reads it knows the one, and the
    /// controller does the other.
    private static String ownWords(String reason) {
        return reason.replaceFirst("^router [^ :]+: ", "").replaceFirst(" Ask again in a moment[.]$", "");
    }
}
