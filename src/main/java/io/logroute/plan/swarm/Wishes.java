package io.logroute.plan.swarm;

import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState.Cause;
import io.logroute.plan.swarm.Holder.Why;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What operators wish of single instances: it is noted down on their records, and the next pass goes about it.
public final class Wishes {
    private Wishes() {}

    /// What comes of a wish.
    public sealed interface Answer {
        /// It is noted down by these steps; by none when it is so already.
        ///
        /// @param instead what comes of it, where that is not what was wished for
        record Granted(List<Step> steps, Optional<String> instead) implements Answer {
            public Granted {
                steps = List.copyOf(steps);
            }

            Granted(List<Step> steps) {
                this(steps, Optional.empty());
            }
        }

        /// It is not done.
        ///
        /// @param what why, without a full stop
        /// @param mend what to do
        record Refused(String what, String mend) implements Answer {}
    }

    /// One instance.
    public record Who(String router, int number) {
        /// As people name it: `core/2`.
        @Override
        public String toString() {
            return "%s/%d".formatted(router, number);
        }
    }

    /// The instances of a router that have, or should have, a service.
    public static List<Who> of(Seen seen, String router) {
        return Holder.of(seen.owned(), router).values().stream()
                .filter(Holder::runs)
                .map(each -> new Who(router, each.instance()))
                .toList();
    }

    /// The instances on a node that have, or should have, a service.
    ///
    /// @param node its name or its id
    public static List<Who> on(Seen seen, String node) {
        // A record says what the node was called when it was written.
        var ids = seen.nodes().stream()
                .filter(each -> each.id().equals(node) || each.hostname().equals(node))
                .map(Seen.Node::id)
                .collect(Collectors.toSet());
        return seen.owned().configs().values().stream()
                .flatMap(config -> Holder.read(config).stream())
                .filter(Holder::runs)
                .filter(each -> !node.isEmpty())
                .filter(each -> ids.isEmpty()
                        ? each.node().equals(node) || each.hostname().equals(node)
                        : ids.contains(each.node()))
                .map(each -> new Who(each.router(), each.instance()))
                .toList();
    }

    /// Takes nothing in any more, delivers what it has, and stands so until that is taken back.
    ///
    /// @param who asks for it
    public static Answer drain(Seen seen, String router, int number, String who, Instant now) {
        var holder = Holder.of(seen.owned(), router).get(number);
        if (holder == null) {
            return unknown(seen, router, number);
        }
        var why = new Why(Cause.OPERATOR, "asked by " + who);
        return switch (holder.stage()) {
            case SERVING -> noted(holder.at(Stage.DRAINING, Optional.of(why), now), "drains: " + why);
            case DRAINING, DRAINED ->
                holder.counts() || holder.asked().isPresent() || holder.forgotten()
                        ? new Answer.Granted(List.of())
                        : noted(holder.asked(Optional.of(why.words())), "it is not taken back: " + why);
            case REMOVING, KEPT ->
                new Answer.Refused(
                        "its service is gone, and its volume holds nothing to deliver", "Nothing is to be done.");
        };
    }

    /// Takes an operator's wish back: it serves again.
    public static Answer uncordon(Seen seen, String router, int number, Instant now) {
        var holder = Holder.of(seen.owned(), router).get(number);
        if (holder == null) {
            return unknown(seen, router, number);
        }
        if (holder.stage() == Stage.SERVING) {
            return new Answer.Granted(List.of());
        }
        if (holder.counts()) {
            return noted(holder.at(Stage.SERVING, Optional.empty(), now), "serves again");
        }
        if (holder.asked().isPresent()) {
            var steps = noted(holder.asked(Optional.empty()), "it may be taken back when more instances are wanted");
            return new Answer.Granted(
                    steps.steps(),
                    Optional.of(
                            "it goes on draining (%s), and is taken back when more instances are wanted than there are"
                                    .formatted(holder.why().map(Why::words).orElse("nobody says why"))));
        }
        return new Answer.Refused(
                "nobody asked for it to drain: it goes for this reason, %s"
                        .formatted(holder.why().map(Why::toString).orElse("which is not known")),
                "Declare more instances: it is taken back then.");
    }

    /// Forgets an instance with all that it holds; its volume stays where it is.
    public static Answer forget(Seen seen, String router, int number) {
        return forget(seen, router, number, true);
    }

    /// Forgets an instance with all that it holds; its volume stays where it is. It is noted down, and passes remove
    /// its service and its record. Of one that lost something only that is forgotten: what is there now was not
    /// what people were asked about.
    ///
    /// @param declared whether its router is
    public static Answer forget(Seen seen, String router, int number, boolean declared) {
        var holder = Holder.of(seen.owned(), router).get(number);
        if (holder == null) {
            return unknown(seen, router, number);
        }
        var service = seen.owned().services().get(holder.name());
        boolean up = holder.isElsewhere()
                || seen.node(holder.node())
                        .filter(node -> node.ready() && node.active())
                        .isPresent();
        if (holder.lost().isPresent()) {
            return noted(holder.losing(Optional.empty()), "what it lost is forgotten");
        }
        if (service != null && up && declared && holder.counts()) {
            return new Answer.Refused(
                    "it runs, and is declared",
                    "Declare fewer instances: one goes when it has delivered everything; this one, if you let it drain before: logroute drain %s/%d."
                            .formatted(router, number));
        }
        // One note: whoever is stopped after it leaves what the next pass ends.
        return noted(holder.forget(), "to be forgotten");
    }

    private static Answer.Granted noted(Holder holder, String reason) {
        return new Answer.Granted(holder.config()
                .map(config -> config.labels().getOrDefault(Label.MANAGED_BY, ""))
                .flatMap(prefix -> holder.note(prefix, reason))
                .map(List::of)
                .orElseGet(List::of));
    }

    private static Answer unknown(Seen seen, String router, int number) {
        var all = Holder.of(seen.owned(), router);
        return new Answer.Refused(
                "router %s has no instance %d".formatted(router, number),
                all.isEmpty()
                        ? "Choose one of: logroute status."
                        : "Choose one of %s."
                                .formatted(String.join(
                                        ", ",
                                        all.keySet().stream()
                                                .map(each -> router + "/" + each)
                                                .toList())));
    }
}
