package io.logroute.control;

import io.logroute.plan.RouteTests;
import io.logroute.plan.swarm.Installation;
import io.logroute.remote.DockerHost;
import io.logroute.remote.DockerSwarm;
import io.logroute.remote.LinkKey;
import io.logroute.remote.RouterLink;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.SimulatedSwarm;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A controller as `logroute controller` makes it, but for its REST API, at a swarm that is simulated.
final class SimulatedController implements AutoCloseable {
    /// Where nobody listens.
    private static final RouterLink.Address NOWHERE = new RouterLink.Address("127.0.0.1", 1, "nobody-0");

    final Bell bell = new Bell();
    final StatusBoard board;
    final SwarmReconciler reconciler;
    /// What Docker was asked, and what it answered: `services.list 200`.
    final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    private final Instruments meters = new Instruments();
    private final DockerSwarm docker;
    private final RouterLink link;
    private final SwarmWatch watch;

    SimulatedController(SimulatedSwarm swarm) {
        this(
                swarm.url(),
                service -> swarm.router(service)
                        .map(each -> new RouterLink.Address(
                                each.address().getAddress().getHostAddress(),
                                each.address().getPort(),
                                RouterLink.Address.ofService(service).instance()))
                        .orElse(NOWHERE));
    }

    SimulatedController(URI dockerAt, java.util.function.Function<String, RouterLink.Address> addresses) {
        var clock = InstantSource.system();
        var key = LinkKey.generate(new SecureRandom());
        var files = new SpecFiles(List.of());
        var history = new History(clock);
        var counts = new ControllerMeters(meters, clock);
        docker = new DockerSwarm(
                new DockerHost(dockerAt, Optional.empty()),
                "logroute",
                () -> key.secret().getBytes(StandardCharsets.US_ASCII),
                (op, code) -> asked.add(op + " " + code));
        link = new RouterLink(key, clock);
        var here = new Installation(
                "logroute",
                "logroute",
                "logroute:1",
                "logroute-link-" + key.fingerprint(),
                Installation.USUAL_CONFIG_BYTES);
        reconciler = new SwarmReconciler(
                docker, link, addresses, files, here, Set.of(), RouteTests.UNASKED, bell, history, counts, clock);
        board = new StatusBoard(reconciler, history, clock);
        watch = new SwarmWatch(
                docker, files, reconciler, board, counts, bell, new Passes(), clock, Duration.ofSeconds(5));
    }

    SimulatedController start() {
        watch.start();
        return this;
    }

    @Override
    public void close() {
        watch.close();
        docker.close();
        link.close();
        meters.close();
    }
}
