package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Stage;
import io.logroute.plan.swarm.Holder;
import io.logroute.plan.swarm.Seen;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.testbed.SwarmLab;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Chaos on three real nodes, chosen by a seed, for `./dev soak swarm`: nodes killed, cut off and
/// drained, controllers and routers killed, the sink away, labels, routes and numbers changed. One node
/// at a time is off, for three managers are no swarm without two. In the end all is mended, and within
/// a bounded time everything that was acknowledged has arrived, and the swarm rests as declared.
@ResourceLock(SwarmLab.OF_THREE)
class SwarmSoak {
    private static final int MINUTES = Integer.getInteger("logroute.minutes", 60);
    private static final long SEED = Long.getLong("logroute.seed", System.nanoTime() % 1_000_000);
    private static final Path REPORT = Path.of(System.getProperty("logroute.soak.report", "target/soak-swarm.txt"));
    /// After the last action.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final String DELETE = "volumes: delete";
    private static final int LAST = 2;

    @TempDir
    Path folder;

    /// What is done, and how often of so many.
    private enum Action {
        KILL_NODE(2),
        CUT_LINK(2),
        DRAIN_NODE(2),
        MEND_NODE(8),
        KILL_CONTROLLER(3),
        KILL_ROUTER(4),
        SINK_AWAY(3),
        SINK_BACK(6),
        SCALE(4),
        DRAIN_BY_HAND(2),
        UNCORDON(3),
        CHANGE_ROUTE(3),
        CHANGE_LABEL(2);

        final int share;

        Action(int share) {
            this.share = share;
        }
    }

    /// What ought to come true again after an action, and since when.
    private record Recovery(String what, long begun, Predicate<Seen> well) {}

    private final Random random = Seeds.random(SEED);
    private final CountDownLatch never = new CountDownLatch(1);
    private final Map<String, Integer> done = new TreeMap<>();
    private final Map<String, List<Double>> recovered = new TreeMap<>();
    private final List<Recovery> pending = new ArrayList<>();
    private final long begun = System.nanoTime();
    private @Nullable PrintWriter report;
    private @Nullable LoadedFleet fleet;
    /// The node that is off, and how; 0 for none.
    private int off;

    private Action how = Action.MEND_NODE;
    private boolean sinkIsAway;
    private int replicas = LAST;

    @Test
    void an_hour_of_chaos_loses_nothing_and_ends_at_rest() throws Exception {
        try (var out = new PrintWriter(Files.newBufferedWriter(REPORT), true)) {
            report = out;
            say("seed %d, %d minutes", SEED, MINUTES);
            chaos();
        }
    }

    private void chaos() throws Exception {
        // The controller goes from node to node.
        var key = Files.writeString(folder.resolve("key"), "0123456789abcdef".repeat(4));
        SwarmLab.of(3).docker(1, "secret", "create", "logroute_link_key", key.toString());
        try (var swarm = new LoadedFleet(SwarmLab.of(3), Duration.ofMillis(50), "logroute.yml", "with-link-key.yml")) {
            fleet = swarm;
            swarm.rests(replicas, DELETE);
            swarm.load();
            swarm.goesOn();
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
            while (System.nanoTime() < end) {
                act(next());
                watch(Duration.ofMillis(1_000 + random.nextInt(8_000)));
            }
            boolean good = mended(swarm);
            tell(swarm, good);
            assertThat(good).as("see %s", REPORT).isTrue();
        }
    }

    private LoadedFleet fleet() {
        return java.util.Objects.requireNonNull(fleet);
    }

    private Action next() {
        int all = IntStream.range(0, Action.values().length)
                .map(each -> Action.values()[each].share)
                .sum();
        int at = random.nextInt(all);
        for (var action : Action.values()) {
            at -= action.share;
            if (at < 0) {
                return action;
            }
        }
        throw new IllegalStateException();
    }

    // ---- actions; all choices are made before it is known whether they fit, so that a seed means the same again

    private void act(Action action) throws Exception {
        int node = 1 + random.nextInt(3);
        int number = 1 + random.nextInt(3);
        switch (action) {
            case KILL_NODE, CUT_LINK, DRAIN_NODE -> takeOff(action, node);
            case MEND_NODE -> mend();
            case KILL_CONTROLLER -> killController();
            case KILL_ROUTER -> killRouter(number);
            case SINK_AWAY -> {
                if (!sinkIsAway) {
                    did(action, "");
                    fleet().sink.away();
                    sinkIsAway = true;
                }
            }
            case SINK_BACK -> sinkBack();
            case SCALE -> {
                if (number != replicas) {
                    did(action, "%d -> %d", replicas, number);
                    replicas = number;
                    declare();
                }
            }
            case DRAIN_BY_HAND -> byHand(action, "drain core/%d --no-wait", number);
            case UNCORDON -> byHand(action, "uncordon core/%d", number);
            case CHANGE_ROUTE -> {
                did(action, "");
                fleet().vary();
                declare();
            }
            case CHANGE_LABEL -> label(number);
        }
    }

    private void takeOff(Action action, int node) throws SwarmUnreachable {
        if (off != 0) {
            return;
        }
        off = node;
        how = action;
        if (fleet().swarm.eye() == node && action != Action.DRAIN_NODE) {
            fleet().swarm.lookFrom(node % 3 + 1);
        }
        did(action, "n%d", node);
        var there = seen().map(each -> serving(each).size()).orElse(0);
        switch (action) {
            case KILL_NODE -> fleet().swarm.kill(node);
            case CUT_LINK -> fleet().lab.cut(node);
            default -> fleet().lab.availability(node, "drain");
        }
        int wanted = Math.min(Math.min(there, replicas), 2);
        recover(
                "as many as can serve do so without a node",
                seen -> (off == 0 || !allNodesAreThere(seen)) && serving(seen).size() >= wanted);
    }

    private void mend() throws Exception {
        int node = off;
        if (node == 0) {
            return;
        }
        did(Action.MEND_NODE, "n%d, %s", node, how);
        switch (how) {
            case KILL_NODE -> fleet().swarm.start(node);
            case CUT_LINK -> fleet().lab.heal(node);
            default -> fleet().lab.availability(node, "active");
        }
        off = 0;
        recover("a node is back", SwarmSoak::allNodesAreThere);
    }

    private static boolean allNodesAreThere(Seen seen) {
        return seen.nodes().size() == 3 && seen.nodes().stream().allMatch(each -> each.ready() && each.active());
    }

    private void killController() {
        var is = fleet().swarm.controller();
        if (is.isEmpty()) {
            return;
        }
        did(Action.KILL_CONTROLLER, "on n%d", is.get().getKey());
        kill(is.get().getKey(), is.get().getValue());
        var old = is.get().getValue();
        recover(
                "another controller runs",
                _ -> fleet().swarm
                        .controller()
                        .filter(each -> !each.getValue().equals(old))
                        .isPresent());
    }

    private void killRouter(int number) throws SwarmUnreachable {
        var seen = seen().orElse(Seen.NOTHING);
        var service = LoadedFleet.service(number - 1);
        var router = seen.owned().services().get(service);
        int node = router == null ? 0 : fleet().node(router);
        if (node == 0 || node == off) {
            return;
        }
        var containers = containers(node, service);
        if (containers.isEmpty()) {
            return;
        }
        did(Action.KILL_ROUTER, "core/%d on n%d", number - 1, node);
        kill(node, containers.getFirst());
        recover(
                "a router runs again, or is gone",
                later -> !later.states().containsKey(service)
                        || node == off
                        || containers(node, service).stream().anyMatch(each -> !containers.contains(each)));
    }

    private List<String> containers(int node, String service) {
        return fleet().lab.lines(node, "ps", "-q", "--filter", "label=com.docker.swarm.service.name=" + service);
    }

    private void kill(int node, String container) {
        try {
            fleet().lab.docker(node, "kill", "-s", "KILL", container);
        } catch (AssertionError e) {
            say("  it had ended meanwhile");
        }
    }

    private void sinkBack() throws IOException {
        if (!sinkIsAway) {
            return;
        }
        did(Action.SINK_BACK, "");
        fleet().sink.back();
        sinkIsAway = false;
        int before = fleet().sink.size();
        recover("events arrive again", _ -> fleet().sink.size() > before);
    }

    private void byHand(Action action, String words, int number) {
        if (fleet().swarm.controller().isEmpty()) {
            return;
        }
        try {
            var command = words.formatted(number - 1);
            var answer =
                    fleet().swarm.ask(command.split(" ")).lines().findFirst().orElse("");
            did(action, "core/%d: %s", number - 1, answer);
        } catch (AssertionError | java.util.NoSuchElementException e) {
            say("  %s: no controller answers", action);
        }
    }

    private void label(int number) {
        did(Action.CHANGE_LABEL, "team t%d", number);
        var label = "logroute.set.team=t" + number;
        try {
            int eye = fleet().swarm.eye();
            if (fleet().lab
                    .lines(eye, "service", "ls", "-q", "-f", "name=shop_web")
                    .isEmpty()) {
                fleet().lab
                        .docker(
                                eye,
                                "service",
                                "create",
                                "-d",
                                "--no-resolve-image",
                                "--replicas",
                                "0",
                                "--name",
                                "shop_web",
                                "--label",
                                "logroute.enable=true",
                                "--label",
                                "logroute.router=core",
                                "--label",
                                "logroute.to=es",
                                "--label",
                                label,
                                fleet().lab.tiny(),
                                "true");
            } else {
                fleet().lab
                        .docker(eye, "service", "update", "-d", "--no-resolve-image", "--label-add", label, "shop_web");
            }
        } catch (AssertionError e) {
            say("  the managers do not take it: a leader is being chosen");
        }
    }

    private void declare() {
        fleet().declare(replicas, DELETE);
    }

    // ---- what is seen

    private Optional<Seen> seen() {
        try {
            return Optional.of(fleet().swarm.seen());
        } catch (SwarmUnreachable e) {
            return Optional.empty(); // a leader is being chosen
        }
    }

    private List<Holder> serving(Seen seen) {
        return LoadedFleet.holders(seen).values().stream()
                .filter(each -> each.stage() == Stage.SERVING
                        && each.away().isEmpty()
                        && seen.states().containsKey(each.name())
                        && seen.states().get(each.name()).runs())
                .toList();
    }

    private void recover(String what, Predicate<Seen> well) {
        pending.add(new Recovery(what, System.nanoTime(), well));
    }

    /// Lets time pass, and notes what comes true meanwhile.
    private void watch(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        do {
            settle();
        } while (!never.await(500, TimeUnit.MILLISECONDS) && System.nanoTime() < end);
    }

    private void settle() {
        seen().ifPresent(seen -> pending.removeIf(each -> {
            boolean well = false;
            try {
                well = each.well().test(seen);
            } catch (AssertionError e) {
                // A daemon does not answer: not now.
            }
            if (well) {
                recovered
                        .computeIfAbsent(each.what(), _ -> new ArrayList<>())
                        .add((System.nanoTime() - each.begun()) / 1e9);
            }
            return well;
        }));
    }

    // ---- the end

    /// Mends all, and waits.
    ///
    /// @return whether all came true in time
    private boolean mended(LoadedFleet swarm) throws Exception {
        say("mending all");
        mend();
        sinkBack();
        for (int number = 1; number <= 9; number++) {
            int instance = number - 1;
            if (seen().map(each -> LoadedFleet.holders(each).containsKey(instance))
                    .orElse(true)) {
                byHand(Action.UNCORDON, "uncordon core/%d", number);
            }
        }
        replicas = LAST;
        declare();
        long since = System.nanoTime();
        boolean good = true;
        try {
            swarm.goesOn();
            swarm.stops();
        } catch (org.awaitility.core.ConditionTimeoutException | AssertionError e) {
            say("the load does not go on: %s", String.valueOf(e.getMessage()));
            good = false;
        }
        while (System.nanoTime() - since < PATIENCE.toNanos()) {
            settle();
            if (swarm.missing().isEmpty() && pending.isEmpty() && isAtRest()) {
                say("all is well %.1f s after it was mended", (System.nanoTime() - since) / 1e9);
                return good;
            }
            never.await(1, TimeUnit.SECONDS);
        }
        say("not at rest after %d minutes", PATIENCE.toMinutes());
        pending.forEach(each -> say("  not: %s", each.what()));
        seen().ifPresent(seen -> LoadedFleet.holders(seen).values().forEach(each -> say("  %s", each)));
        return false;
    }

    private boolean isAtRest() {
        return seen().filter(seen -> {
                    var holders = LoadedFleet.holders(seen).values();
                    return seen.jobs().isEmpty()
                            && seen.owned().services().size() == LAST
                            && holders.size() == LAST
                            && holders.stream()
                                    .allMatch(each -> each.stage() == Stage.SERVING
                                            && each.away().isEmpty()
                                            && each.lost().isEmpty())
                            && serving(seen).size() == LAST
                            && names(seen).equals(volumes());
                })
                .isPresent();
    }

    private static Set<String> names(Seen seen) {
        var names = new TreeSet<String>();
        LoadedFleet.holders(seen).values().forEach(each -> names.add(each.name()));
        return names;
    }

    private Set<String> volumes() {
        var volumes = new TreeSet<String>();
        IntStream.rangeClosed(1, 3).filter(fleet().lab::isUp).forEach(node -> volumes.addAll(fleet().volumes(node)));
        return volumes;
    }

    private void tell(LoadedFleet swarm, boolean good) {
        say("actions: %s", done);
        say(
                "acknowledged %d, arrived %d, missing %d, repeated %d",
                swarm.count(), swarm.sink.size(), swarm.missing().cardinality(), swarm.sink.repeated());
        say("volumes left: %s", volumes());
        recovered.forEach((what, seconds) -> {
            seconds.sort(Comparator.naturalOrder());
            say(
                    "%s: %d times, after %.1f s (half of them), %.1f s at most; each: %s",
                    what,
                    seconds.size(),
                    seconds.get(seconds.size() / 2),
                    seconds.getLast(),
                    String.join(" ", seconds.stream().map("%.1f"::formatted).toList()));
        });
        say(good ? "GOOD: seed %d" : "BAD: seed %d", SEED);
    }

    private void did(Action action, String words, Object... values) {
        done.merge(action.name().toLowerCase(Locale.ROOT), 1, Integer::sum);
        say("%s %s", action.name().toLowerCase(Locale.ROOT), words.formatted(values));
    }

    private void say(String words, Object... values) {
        long seconds = (System.nanoTime() - begun) / 1_000_000_000L;
        var line = "%02d:%02d  %s".formatted(seconds / 60, seconds % 60, words.formatted(values));
        java.util.Objects.requireNonNull(report).println(line);
        System.out.println(line);
    }
}
