package io.logroute;

import io.logroute.Wiring.CannotStart;
import io.logroute.face.CannotServe;
import io.logroute.face.Face;
import io.logroute.face.Managed;
import io.logroute.face.Management;
import io.logroute.face.OldJava;
import io.logroute.face.RouterOptions;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.InstanceReport;
import io.logroute.remote.LinkKey;
import io.logroute.router.Editions;
import io.logroute.router.Foresight;
import io.logroute.router.Instance;
import io.logroute.router.Pipelines;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Collectors;

/// Puts the rooms together for `router`: one instance of a fleet, alone in its process.
final class RouterRole {
    private static final System.Logger LOG = System.getLogger(RouterRole.class.getName());
    private static final int CANNOT_START = 2;
    private static final int CANNOT_GO_ON = 2;

    private final InstantSource clock = InstantSource.system();
    private final Mappings mappings = Mappings.of(Optional.empty());

    /// Runs until it is told to stop. Messages go to `err`: standard output belongs to console
    /// sinks.
    int run(RouterOptions options, PrintWriter err) {
        OldJava.tell(err);
        try (var meters = new Instruments().withJvm()) {
            var data = Wiring.folder(options.data());
            var key = key(options.linkKey());
            var routers = new Pipelines(data, options.instance(), mappings, System.out, meters, clock);
            var instance = new Instance(
                    routers, data, options.router(), options.instance(), new Foresight(mappings).templates());
            Management.serve(
                    options.host(),
                    options.port(),
                    new Managed(instance, routers, meters, key, clock),
                    new Running(instance, options, data, err));
            var over = instance.over();
            if (over.isDone()) {
                err.printf("Router %s, instance %d, ended: %s.%n", options.router(), options.instance(), over.join());
                err.flush();
                return CANNOT_GO_ON;
            }
            return 0;
        } catch (CannotServe | CannotStart e) {
            err.println(e.getMessage());
            return CANNOT_START;
        }
    }

    private static Optional<LinkKey> key(Path file) {
        try {
            return Optional.of(LinkKey.read(file));
        } catch (NoSuchFileException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "There is no link key at {0}: no controller is obeyed. Give the service the secret that the"
                            + " controller made, or name its file with --link-key-file.",
                    file);
            return Optional.empty();
        } catch (IOException e) {
            throw new CannotStart("--link-key-file: " + e.getMessage());
        }
    }

    /// The router, for as long as management is served.
    private record Running(Instance instance, RouterOptions options, Path data, PrintWriter err) implements Face.Life {
        @Override
        public void listening(int port) {
            var mounted = Editions.mounted(options.pipeline(), options.revision(), options.generation());
            instance.start(mounted).ifPresent(why -> {
                throw new CannotStart(why);
            });
            instance.report().ifPresent(report -> welcome(report, port));
        }

        private void welcome(InstanceReport report, int port) {
            err.printf(
                    "Router %s, instance %d, runs revision %s (generation %d): %s; management on port %d.%n",
                    report.router(),
                    report.instance(),
                    report.revision(),
                    report.generation(),
                    switch (report.holding().mode()) {
                        case SERVING ->
                            report.sources().stream()
                                    .map(InstanceReport.SourceReport::name)
                                    .collect(Collectors.joining(", "));
                        case DRAINING -> "it takes nothing in and delivers what it has";
                        case DISCARDED -> "it gave its buffer up and does nothing";
                    },
                    port);
            err.flush();
        }

        @Override
        public void ending() {
            instance.ending();
        }

        private String waits(InstanceReport.Kind kind) {
            return switch (kind) {
                case DISK -> "waits in " + data;
                case MEMORY -> "waits in %s, but for what was held in memory".formatted(data);
                case JETSTREAM -> "waits on its stream";
            };
        }

        @Override
        public void stopping() {
            var last = instance.report();
            instance.close();
            last.ifPresent(report -> {
                err.printf(
                        "LogRoute stopped; what was not delivered %s.%n",
                        waits(report.buffer().kind()));
                err.flush();
            });
        }
    }
}
