package io.logroute.control;

import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.Step;
import io.logroute.plan.swarm.World;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.remote.Routers;
import io.logroute.remote.Swarm;
import io.logroute.remote.SwarmUnreachable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// A swarm whose routers live, behind both ports of a controller. Faults come on request: the controller is
/// killed when a step is made, before it hears what came of it; which is before the next one, too.
final class LivingSwarm implements Swarm, Routers {
    final World world;
    private final Consumer<World> always;
    private final List<String> said = new ArrayList<>();
    private int left = Integer.MAX_VALUE;
    /// Steps that do not find what they are to change.
    java.util.function.Predicate<Step> outdated = _ -> false;

    /// The controller is no more.
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// @param always holds after every step
    LivingSwarm(World world, Consumer<World> always) {
        this.world = world;
        this.always = always;
    }

    /// The so-maniest step from now on is the last one of the controller.
    void killAt(int number) {
        left = number;
    }

    /// Whether it was killed.
    boolean killed() {
        return left <= 0;
    }

    /// All steps so far, pushes among them.
    List<String> said() {
        return List.copyOf(said);
    }

    @Override
    public Seen observe() {
        return world.seen;
    }

    @Override
    public void apply(Step step) throws OutOfDate {
        if (outdated.test(step)) {
            throw new OutOfDate("it is there already");
        }
        world.apply(step);
        made(step.describe());
    }

    @Override
    public Pushed push(Address address, String text, Revision revision, long generation) {
        if (!world.answers(address.host())) {
            return new Pushed.Unreachable("nobody listens at " + address);
        }
        var refused = world.take(address.host(), text, revision.hash(), generation);
        made("hand revision %s to %s".formatted(revision, address.host()));
        return refused.<Pushed>map(why -> new Pushed.Refused(List.of(why))).orElseGet(() -> new Pushed.Taken(true));
    }

    @Override
    public Ordered order(Address address, Order order) {
        if (!world.answers(address.host())) {
            return new Ordered.Unreachable("nobody listens at " + address);
        }
        world.obey(address.host(), order);
        made("tell %s to %s".formatted(address.host(), order));
        return new Ordered.Taken();
    }

    private void made(String what) {
        said.add(what);
        always.accept(world);
        if (--left == 0) {
            throw new Killed();
        }
    }

    @Override
    public Reported report(Address address) {
        return world.answers(address.host())
                ? new Reported.Told(Objects.requireNonNull(world.reports.get(address.host())))
                : new Reported.Unreachable("nobody listens at " + address);
    }

    @Override
    public String storeSpec(String name, byte[] content) throws SwarmUnreachable {
        throw new SwarmUnreachable("people declare by World");
    }

    @Override
    public AutoCloseable follow(Runnable bell) {
        return () -> {};
    }

    @Override
    public boolean follows() {
        return true;
    }

    /// Tasks get where they are going, and some time passes.
    void settle() {
        List.copyOf(world.seen.owned().services().keySet()).forEach(world::settle);
        world.settleRelays();
        world.runJobs();
        world.now = world.now.plusSeconds(6);
        always.accept(world);
    }

    /// What an instance runs.
    Optional<String> runs(String service) {
        return Optional.ofNullable(world.reports.get(service)).map(each -> each.revision());
    }
}
