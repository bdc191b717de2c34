package io.logroute;

import io.logroute.control.Bell;
import io.logroute.control.Fleet;
import io.logroute.control.Pass;
import io.logroute.control.Reconciler;
import io.logroute.control.SpecFiles;
import io.logroute.control.StatusBoard;
import io.logroute.control.Watch;
import io.logroute.face.CannotServe;
import io.logroute.face.Face;
import io.logroute.face.OldJava;
import io.logroute.face.RunOptions;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.plan.FleetState;
import io.logroute.plan.PipelineDefinition;
import io.logroute.router.Foresight;
import io.logroute.router.Pipelines;
import io.logroute.spec.Problem;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Puts the rooms together for `run`: the controller without a swarm, and its routers in the same
/// process.
final class Wiring {
    private static final int CANNOT_START = 2;
    /// For the pass under way at the end: what routers leave of the time.
    private static final Duration LAST_PASS = Face.STOPPING.minus(Pipelines.STOPPING);

    private final InstantSource clock = InstantSource.system();
    private final Mappings mappings = Mappings.of(Optional.empty());
    private final Foresight foresight = new Foresight(mappings);

    /// Something cannot start; the message is for the user.
    static final class CannotStart extends RuntimeException {
        CannotStart(String message) {
            super(message);
        }
    }

    /// Checks specs.
    Foresight foresight() {
        return foresight;
    }

    /// Runs until it is told to stop. Messages go to `err`: standard output belongs to console
    /// sinks.
    int run(RunOptions options, PrintWriter err) {
        OldJava.tell(err);
        var files = new SpecFiles(options.paths());
        var seen = files.fingerprint();
        var declared = Declared.of(files.read(), Declared.NOTHING, foresight.templates(), foresight);
        if (!declared.problems().isEmpty()) {
            err.println(nothingStarted(declared.problems()));
            return CANNOT_START;
        }
        try (var meters = new Instruments().withJvm()) {
            var data = folder(options.data());
            var routers = new Pipelines(data, mappings, System.out, meters, clock);
            var fleet = new InProcess(routers);
            var board = new StatusBoard(fleet, clock);
            var reconciler = new Reconciler(files, foresight.templates(), foresight, fleet, board, clock);
            Face.serve(
                    options.host(),
                    options.port(),
                    board,
                    routers,
                    meters,
                    foresight,
                    new Running(routers, reconciler, board, files, seen, options, data, err));
            return 0;
        } catch (CannotServe | CannotStart e) {
            err.println(e.getMessage());
            return CANNOT_START;
        }
    }

    private static String nothingStarted(List<Problem> problems) {
        return "%s%n%nNothing was started: mend %s first."
                .formatted(
                        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
                        problems.size() == 1 ? "this" : "these");
    }

    static Path folder(Path data) {
        var folder = data.toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, ".can-write", null));
            return folder;
        } catch (IOException e) {
            throw new CannotStart(
                    "--data: the folder %s cannot be written (%s); let this user write there, or name another with --data"
                            .formatted(folder, e.getMessage()));
        }
    }

    /// The routers of this process as the controller's fleet.
    private static final class InProcess implements Fleet {
        private final Pipelines routers;
        private volatile Map<String, String> targets = Map.of();

        InProcess(Pipelines routers) {
            this.routers = routers;
        }

        @Override
        public Outcome become(List<PipelineDefinition> wanted) {
            var change = routers.become(wanted);
            targets = wanted.stream()
                    .collect(Collectors.toUnmodifiableMap(
                            PipelineDefinition::name, each -> each.revision().hash()));
            return new Outcome(change.done(), change.refused());
        }

        @Override
        public List<FleetState> states() {
            return routers.reports().stream()
                    .map(report ->
                            FleetState.inProcess(targets.getOrDefault(report.router(), report.revision()), report))
                    .toList();
        }
    }

    /// Routers and controller, for as long as REST is served.
    private static final class Running implements Face.Life {
        private final Pipelines routers;
        private final Reconciler reconciler;
        private final StatusBoard board;
        private final SpecFiles files;
        private final String seen;
        private final RunOptions options;
        private final Path data;
        private final PrintWriter err;
        private @Nullable Watch watch;
        private volatile boolean ending;

        Running(
                Pipelines routers,
                Reconciler reconciler,
                StatusBoard board,
                SpecFiles files,
                String seen,
                RunOptions options,
                Path data,
                PrintWriter err) {
            this.routers = routers;
            this.reconciler = reconciler;
            this.board = board;
            this.files = files;
            this.seen = seen;
            this.options = options;
            this.data = data;
            this.err = err;
        }

        @Override
        public void listening(int port) {
            var pass = reconciler.pass();
            if (!pass.declared().problems().isEmpty()) {
                throw new CannotStart(nothingStarted(pass.declared().problems()));
            }
            if (!pass.outcome().refused().isEmpty()) {
                throw new CannotStart(String.join("\n", pass.outcome().refused().values()));
            }
            if (ending) {
                return;
            }
            var watching = new Watch(files, seen, reconciler, board, new Bell(), LAST_PASS);
            watching.start();
            watch = watching;
            welcome(pass, port);
        }

        @Override
        public void ending() {
            ending = true;
            routers.ending();
        }

        @Override
        public void stopping() {
            var watching = watch;
            if (watching != null) {
                watching.close();
            }
            boolean inMemory =
                    routers.reports().stream().anyMatch(each -> each.buffer().isInMemory());
            routers.close();
            if (watching != null) {
                err.printf(
                        "LogRoute stopped; what was not delivered waits in %s%s.%n",
                        data, inMemory ? ", but for what routers held in memory" : "");
                err.flush();
            }
        }

        /// Where to look and what to try next.
        private void welcome(Pass pass, int port) {
            var url = "http://%s:%d".formatted(options.host(), port);
            err.println("LogRoute runs. Ctrl-C stops it; changed spec files are followed.");
            for (var pipeline : pass.declared().pipelines()) {
                err.printf(
                        "  router %-12s %s%n",
                        pipeline.name(),
                        String.join(
                                ", ",
                                pipeline.router().sources().stream()
                                        .map(SourceSpec::label)
                                        .toList()));
                pipeline.router().sources().forEach(this::suggest);
                pipeline.sinks().forEach(sink -> suggest(sink.to()));
            }
            err.printf("  status              ./logroute status --url %s, or %s/api/v1/routes%n", url, url);
            err.printf("  metrics             %s/metrics%n", url);
            err.flush();
        }

        private void suggest(SourceSpec source) {
            if (source instanceof SourceSpec.Http http
                    && http.port() != 0
                    && http.tls().isEmpty()) {
                err.printf(
                        "  try                 curl -d '{\"service_name\":\"hello\",\"msg\":\"world\"}' http://127.0.0.1:%d%s%n",
                        http.port(), http.path());
            }
        }

        private void suggest(SinkSpec sink) {
            if (sink instanceof SinkSpec.File file && file.path().isPlain()) {
                err.printf(
                        "  look                tail -f %s%n",
                        data.resolve(file.path().text()));
            }
        }
    }
}
