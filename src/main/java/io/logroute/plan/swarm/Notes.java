package io.logroute.plan.swarm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is noted down of a revision, on the labels of its configs: that it was refused, and why; what runs in
/// its place; that its router is paused. The swarm remembers it, whichever controller looks.
public final class Notes {
    private static final int LONGEST_LABEL = 2000;

    private Notes() {}

    /// The label of the revision that is to run no more, and why.
    ///
    /// @return empty when there is no such revision, or it is refused already
    public static Optional<Step> refuse(
            Seen seen, String router, String revision, String why, Optional<String> instead) {
        return Known.of(seen.owned(), router).stream()
                .filter(each ->
                        each.revision().equals(revision) && each.refused().isEmpty())
                .findFirst()
                .map(known -> {
                    var labels = new TreeMap<>(known.head().labels());
                    labels.put(Label.REFUSED, shortened(why));
                    labels.remove(Label.ACCEPTED);
                    instead.ifPresent(other -> labels.put(Label.INSTEAD, other));
                    return label(known, labels, "refused: " + shortened(why));
                });
    }

    /// Runs a revision in place of the one that is declared, for as long as people declare that.
    ///
    /// @param declared its revision; the same as `revision` ends an earlier rollback
    /// @return the steps: none when it is so already; empty when what is declared is not in the swarm yet
    public static Optional<List<Step>> rollBack(
            Seen seen, String router, String declared, String revision, String why) {
        var known = Known.of(seen.owned(), router);
        var from =
                known.stream().filter(each -> each.revision().equals(declared)).findFirst();
        var to = known.stream().filter(each -> each.revision().equals(revision)).findFirst();
        if (from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        var steps = new ArrayList<Step>();
        // Whoever asks for it wants it tried again.
        to.filter(each -> each.refused().isPresent()).map(Notes::forgiven).ifPresent(steps::add);
        if (!declared.equals(revision)) {
            refuse(seen, router, declared, why, Optional.of(revision))
                    .or(() -> from.filter(each -> !each.instead().equals(Optional.of(revision)))
                            .map(each -> instead(each, revision)))
                    .ifPresent(steps::add);
        }
        return Optional.of(steps);
    }

    /// Pauses or resumes a router.
    ///
    /// @return the steps: none when it is so already; empty when there is nothing of the router yet
    public static Optional<List<Step>> pause(Seen seen, String router, boolean paused) {
        var known = Known.of(seen.owned(), router);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        var marked = paused
                ? known.stream().anyMatch(Known::paused) ? List.<Known>of() : List.of(known.getFirst())
                : known.stream().filter(Known::paused).toList();
        return Optional.of(marked.stream()
                .map(each -> {
                    var labels = new TreeMap<>(each.head().labels());
                    if (paused) {
                        labels.put(Label.PAUSED, "true");
                    } else {
                        labels.remove(Label.PAUSED);
                    }
                    return label(each, labels, paused ? "paused" : "resumed");
                })
                .toList());
    }

    static Step label(Known known, SortedMap<String, String> labels, String why) {
        return new Step.LabelConfig(known.head().name(), known.head().labels(), labels, why);
    }

    static String shortened(String why) {
        return why.length() <= LONGEST_LABEL ? why : why.substring(0, LONGEST_LABEL - 3) + "...";
    }

    /// The label of a revision that was refused, and may be tried again.
    static Step forgiven(Known known) {
        var labels = new TreeMap<>(known.head().labels());
        labels.remove(Label.REFUSED);
        labels.remove(Label.INSTEAD);
        labels.remove(Label.TRIED);
        return label(known, labels, "may be tried again");
    }

    /// The label of a revision that is refused, and in whose place another one is to run.
    static Step instead(Known refused, String revision) {
        var labels = new TreeMap<>(refused.head().labels());
        labels.put(Label.INSTEAD, revision);
        return label(refused, labels, "instead " + revision);
    }
}
