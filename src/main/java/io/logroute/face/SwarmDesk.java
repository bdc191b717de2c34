package io.logroute.face;

import io.logroute.control.Operator;
import io.logroute.control.Operator.RevisionState;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.Name;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Asks the [Operator] for the resources; what it cannot answer becomes a [Fault].
record SwarmDesk(Served served) {
    private static final Pattern REVISION = Pattern.compile("[0-9a-f]{4,12}");
    private static final int LONGEST_WHO = 64;

    /// Something that is asked of it.
    @FunctionalInterface
    interface Question<T> {
        T of(Operator operator) throws SwarmUnreachable;
    }

    <T> T ask(Question<T> question) {
        if (served.operator().isEmpty()) {
            throw fault(
                    409,
                    "there is no swarm here: this LogRoute runs its routers in its own process",
                    "Ask a controller on a swarm; logroute controller starts one. Here spec files are followed as they"
                            + " change.");
        }
        try {
            return question.of(served.operator().get());
        } catch (SwarmUnreachable e) {
            throw new WebApplicationException(
                    e,
                    new Fault(
                                    503,
                                    "the swarm cannot be reached: " + e.getMessage(),
                                    "Look after its managers, then ask again; routers go on meanwhile.")
                            .response());
        }
    }

    /// Those of the router; of all when none is named.
    List<RevisionState> revisions(@Nullable String router) {
        var all = ask(Operator::revisions);
        if (router == null || router.isEmpty()) {
            return all;
        }
        needRouter(router, all);
        return all.stream().filter(each -> each.router().equals(router)).toList();
    }

    /// The one that is called so, or alone begins so.
    RevisionState revision(String name, @Nullable String router) {
        if (!REVISION.matcher(name).matches()) {
            throw fault(
                    400,
                    "\"%s\" is no revision".formatted(name),
                    "Write its 12 hex digits, or the first 4 or more of them.");
        }
        var found = revisions(router).stream()
                .filter(each -> each.revision().startsWith(name))
                .toList();
        var exact = found.stream().filter(each -> each.revision().equals(name)).toList();
        var fitting = exact.isEmpty() ? found : exact;
        if (fitting.isEmpty()) {
            throw fault(
                    404,
                    "there is no revision %s%s"
                            .formatted(name, router == null || router.isEmpty() ? "" : " of router " + router),
                    "Choose one of: logroute revisions ls.");
        }
        if (fitting.size() > 1) {
            throw fault(
                    409,
                    "%d revisions begin with %s: %s"
                            .formatted(
                                    fitting.size(),
                                    name,
                                    String.join(
                                            ", ",
                                            fitting.stream()
                                                    .map(each -> each.revision() + " of router " + each.router())
                                                    .toList())),
                    "Write more digits, or name the router.");
        }
        return fitting.getFirst();
    }

    String text(RevisionState revision) {
        return ask(operator -> operator.text(revision.router(), revision.revision()))
                .orElseThrow(() -> fault(
                        404,
                        "the text of revision %s of router %s is not whole in the swarm"
                                .formatted(revision.revision(), revision.router()),
                        "One of its Docker configs was removed or changed by hand; name another revision."));
    }

    /// A router that is declared, or was.
    void needRouter(String router, List<RevisionState> revisions) {
        if (revisions.stream().noneMatch(each -> each.router().equals(router))
                && served.board().routers().stream()
                        .noneMatch(each -> each.name().equals(router))) {
            var meant = served.board().volumes().stream()
                    .filter(each -> router.equals(each.router() + "-" + each.instance()) || router.equals(each.name()))
                    .findFirst();
            if (meant.isPresent()) {
                throw fault(
                        404,
                        "there is no router \"%s\"".formatted(router),
                        "Did you mean %s? Instances are written so."
                                .formatted(meant.get().of()));
            }
            throw Fault.absent("router", router);
        }
    }

    static String name(String name) {
        try {
            return new Name(name).value();
        } catch (IllegalArgumentException e) {
            throw fault(
                    400,
                    "specs cannot be stored as \"%s\"".formatted(name),
                    "Use a-z, 0-9 and -, begin with a letter, end with a letter or digit, 40 at most.");
        }
    }

    /// Whoever asks, as they call themselves.
    static String who(@Nullable String who) {
        var plain = Ink.plain(Optional.ofNullable(who).orElse("")).strip();
        return plain.isEmpty() ? "an operator" : plain.substring(0, Math.min(LONGEST_WHO, plain.length()));
    }

    /// 200; or 422 when problems kept it from being done.
    static Response answer(DoneView done) {
        return Response.status(done.good() ? 200 : 422)
                .type(MediaType.APPLICATION_JSON)
                .entity(done)
                .build();
    }

    static WebApplicationException fault(int status, String what, String mend) {
        return new WebApplicationException(new Fault(status, what, mend).response());
    }
}
