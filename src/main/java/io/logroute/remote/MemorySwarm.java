package io.logroute.remote;

import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.SpecName;
import io.logroute.plan.swarm.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.UnaryOperator;

/// A swarm that only remembers what was done to it, by the planner's own rules: for dry runs and tests.
/// Faults come on request.
public final class MemorySwarm implements Swarm {
    private final Set<Runnable> bells = new CopyOnWriteArraySet<>();
    private final List<Step> applied = new ArrayList<>();
    private Seen now;
    private boolean reachable = true;
    private int failing;

    public MemorySwarm(Seen now) {
        this.now = now;
    }

    @Override
    public synchronized Seen observe() throws SwarmUnreachable {
        needReachable();
        return now;
    }

    @Override
    public void apply(Step step) throws SwarmUnreachable, OutOfDate {
        synchronized (this) {
            needReachable();
            if (step instanceof Step.Push || step instanceof Step.Tell) {
                throw new IllegalArgumentException("what a router is told is nothing a swarm does");
            }
            if (failing > 0 && --failing == 0) {
                reachable = false;
                needReachable();
            }
            now = now.after(step);
            applied.add(step);
        }
        ring();
    }

    private void needReachable() throws SwarmUnreachable {
        if (!reachable) {
            throw new SwarmUnreachable("no manager answers");
        }
    }

    @Override
    public String storeSpec(String name, byte[] content) throws SwarmUnreachable, SwarmRefused {
        var config = DockerSwarm.specName(name, content);
        synchronized (this) {
            needReachable();
            var specs = new ArrayList<>(now.specs());
            specs.removeIf(each -> SpecName.goneBy(each).equals(name));
            specs.add(new Seen.SpecConfig(config, new Content(content)));
            now = new Seen(
                    now.nodes(),
                    now.users(),
                    specs,
                    now.owned(),
                    now.states(),
                    now.networks(),
                    now.secrets(),
                    now.jobs());
        }
        ring();
        return config;
    }

    @Override
    public AutoCloseable follow(Runnable bell) {
        bells.add(bell);
        return () -> bells.remove(bell);
    }

    @Override
    public synchronized boolean follows() {
        return reachable;
    }

    /// Every step so far.
    public synchronized List<Step> applied() {
        return List.copyOf(applied);
    }

    /// Something happens in the swarm that we did not do.
    public void happens(UnaryOperator<Seen> change) {
        synchronized (this) {
            now = change.apply(now);
        }
        ring();
    }

    /// From now on nobody answers, or somebody does again.
    public void reachable(boolean reaches) {
        synchronized (this) {
            reachable = reaches;
        }
        ring();
    }

    /// The so-maniest step from now on is not made, and nobody answers any more.
    public synchronized void failAtStep(int number) {
        failing = number;
    }

    private void ring() {
        bells.forEach(Runnable::run);
    }
}
