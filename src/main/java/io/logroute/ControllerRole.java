package io.logroute;

import io.logroute.Wiring.CannotStart;
import io.logroute.control.Bell;
import io.logroute.control.ControllerMeters;
import io.logroute.control.History;
import io.logroute.control.Passes;
import io.logroute.control.SpecFiles;
import io.logroute.control.StatusBoard;
import io.logroute.control.SwarmOperator;
import io.logroute.control.SwarmReconciler;
import io.logroute.control.SwarmWatch;
import io.logroute.face.CannotServe;
import io.logroute.face.ControllerOptions;
import io.logroute.face.Face;
import io.logroute.face.Letters;
import io.logroute.face.OldJava;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.swarm.Installation;
import io.logroute.remote.DockerHost;
import io.logroute.remote.DockerSwarm;
import io.logroute.remote.LinkKey;
import io.logroute.remote.RouterLink;
import io.logroute.router.Foresight;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.Security;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Puts the rooms together for `controller`: what keeps a swarm equal to what is declared on it.
final class ControllerRole {
    private static final int CANNOT_START = 2;
    /// For the pass under way at the end.
    private static final Duration LAST_PASS = Duration.ofSeconds(5);
    private static final String LINK_KEY = "link.key";

    private final InstantSource clock = InstantSource.system();
    private final Foresight foresight = new Foresight(Mappings.of(Optional.empty()));

    /// Names of services mean other addresses with each task: what a lookup gave, or did not, is kept for a
    /// second, and not for the half minute that Java would.
    ///
    /// It counts only before the first lookup of the process, and that is made by the first line of log: the one
    /// of the first change of a security property. So the other one is set as what stands in for it.
    static void forgetAddressesSoon() {
        System.setProperty("sun.net.inetaddr.ttl", "1");
        Security.setProperty("networkaddress.cache.negative.ttl", "1");
    }

    /// Runs until it is told to stop.
    int run(ControllerOptions options, PrintWriter err) {
        forgetAddressesSoon();
        OldJava.tell(err);
        try (var meters = new Instruments().withJvm()) {
            var key = linkKey(options);
            var here = new Installation(
                    options.prefix(),
                    options.network(),
                    options.image(),
                    "%s-link-%s".formatted(options.prefix(), key.fingerprint()),
                    Installation.USUAL_CONFIG_BYTES);
            var files = new SpecFiles(options.specs());
            var bell = new Bell();
            var history = new History(clock);
            var counts = new ControllerMeters(meters, clock);
            counts.ofSwarm();
            try (var swarm = new DockerSwarm(
                            new DockerHost(options.docker(), options.dockerCerts()),
                            options.prefix(),
                            options.nodeSocket(),
                            () -> key.secret().getBytes(StandardCharsets.US_ASCII),
                            counts::asked);
                    var link = new RouterLink(key, clock)) {
                var reconciler = new SwarmReconciler(
                        swarm,
                        link,
                        RouterLink.Address::ofService,
                        files,
                        here,
                        foresight.templates(),
                        foresight,
                        bell,
                        history,
                        counts,
                        clock);
                var board = new StatusBoard(reconciler, history, clock);
                var passes = new Passes();
                var watch = new SwarmWatch(swarm, files, reconciler, board, counts, bell, passes, clock, LAST_PASS);
                Face.serve(
                        options.host(),
                        options.port(),
                        board,
                        Letters.afar(
                                reconciler,
                                (service, method, target, body) ->
                                        link.ask(RouterLink.Address.ofService(service), method, target, body)),
                        meters,
                        foresight,
                        new SwarmOperator(swarm, reconciler, files, here, history, bell, passes, clock),
                        options.access(),
                        new Running(watch, options, err));
                return 0;
            }
        } catch (CannotServe | CannotStart | IllegalArgumentException e) {
            err.println(e.getMessage());
            return CANNOT_START;
        }
    }

    /// The key of the file that is named; else the one in the data folder, made when it is missing.
    private static LinkKey linkKey(ControllerOptions options) {
        var file = options.linkKeyFile()
                .orElseGet(() -> Wiring.folder(options.data()).resolve(LINK_KEY));
        try {
            return LinkKey.read(file);
        } catch (NoSuchFileException e) {
            if (options.linkKeyFile().isPresent()) {
                throw new CannotStart("--link-key-file: there is no file %s; name one that is there, or leave it away"
                        .formatted(file));
            }
            return make(file);
        } catch (AccessDeniedException e) {
            throw new CannotStart(notOurs(file, options.linkKeyFile().isPresent(), Owners.OF_SYSTEM));
        } catch (IOException e) {
            throw new CannotStart("the link key %s cannot be read: %s".formatted(file, e.getMessage()));
        }
    }

    /// Who owns what, in the numbers of users; empty when that cannot be known.
    interface Owners {
        Owners OF_SYSTEM = file -> {
            try {
                return Files.getAttribute(file, "unix:uid") instanceof Integer uid
                        ? OptionalInt.of(uid)
                        : OptionalInt.empty();
            } catch (IOException | UnsupportedOperationException e) {
                return OptionalInt.empty();
            }
        };

        OptionalInt owner(Path file);
    }

    /// Why this user cannot read the link key, and how to mend that.
    ///
    /// @param isNamed whether somebody named the file; else it lies on the controller's volume
    static String notOurs(Path file, boolean isNamed, Owners owners) {
        var self = owners.owner(Path.of("/proc/self"));
        var theirs = owners.owner(file);
        var user = self.isPresent() ? Integer.toString(self.getAsInt()) : "USER";
        var mend = isNamed
                ? "Let that user read it, or name another file with --link-key-file."
                : "Give that user the whole volume, on the node where it lies, such as with: chown -R %s:%s %s"
                        .formatted(user, user, file.getParent());
        return "the link key %s cannot be read: the controller runs as %s, and %s. %s"
                .formatted(
                        file,
                        self.isPresent() ? "user " + user : "another user",
                        theirs.isPresent()
                                ? "the file belongs to user " + theirs.getAsInt()
                                : "whose the file is cannot be seen",
                        mend);
    }

    private static LinkKey make(Path file) {
        var key = LinkKey.generate(new SecureRandom());
        try {
            var draft = Files.createTempFile(
                    file.getParent(),
                    ".link",
                    null,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, key.secret());
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            return key;
        } catch (IOException e) {
            throw new CannotStart(
                    "--data: the link key %s cannot be written (%s); let this user write there, or name another folder with --data"
                            .formatted(file, e.getMessage()));
        }
    }

    /// What follows the swarm, for as long as REST is served.
    private static final class Running implements Face.Life {
        private final SwarmWatch watch;
        private final ControllerOptions options;
        private final PrintWriter err;
        private @Nullable SwarmWatch started;

        Running(SwarmWatch watch, ControllerOptions options, PrintWriter err) {
            this.watch = watch;
            this.options = options;
            this.err = err;
        }

        @Override
        public void listening(int port) {
            watch.start();
            started = watch;
            err.printf(
                    "LogRoute keeps the swarm of %s equal to what is declared there. REST: http://%s:%d%n",
                    options.docker(), options.host(), port);
            err.flush();
        }

        @Override
        public void stopping() {
            if (started != null) {
                started.close();
                err.println("LogRoute's controller stopped; routers go on without it.");
                err.flush();
            }
        }
    }
}
