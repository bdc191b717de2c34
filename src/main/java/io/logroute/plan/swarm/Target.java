package io.logroute.plan.swarm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Which revision a fleet should run.
///
/// - one that is not there yet, or was something else's turn, becomes the newest: it gets a generation above all
/// - one that was refused is not tried again while people declare it; what was accepted last runs in its place,
///   or what an operator named
/// - a paused router stays at what it has
///
/// @param revision empty when nothing is to be changed, for want of anything that can run
/// @param known what lies in the swarm of it; empty when it is new
/// @param generation the number that it has, or gets
/// @param refused why the declared revision does not run
public record Target(
        Optional<String> revision, Optional<Known> known, long generation, Optional<Refusal> refused, boolean paused) {

    /// @param revision that does not run
    /// @param instead that runs in its place; empty when none does
    public record Refusal(String revision, String why, Optional<String> instead) {}

    /// Chooses.
    ///
    /// @param declared the revision that people declare now
    /// @param all what there is of the router, newest first
    /// @param running the highest generation of each revision that an instance runs
    public static Target of(String declared, List<Known> all, Map<String, Long> running) {
        var known =
                all.stream().filter(each -> each.revision().equals(declared)).findFirst();
        if (all.stream().anyMatch(Known::paused)) {
            var stays = all.stream().filter(Target::canRun).findFirst();
            if (stays.isPresent()) {
                return new Target(
                        stays.map(Known::revision), stays, numbered(stays.get(), all, running), Optional.empty(), true);
            }
        }
        if (known.isPresent() && known.get().refused().isPresent()) {
            var why = known.get().refused().get();
            var instead = instead(known.get(), all);
            return new Target(
                    instead.map(Known::revision),
                    instead,
                    instead.map(each -> numbered(each, all, running)).orElse(0L),
                    Optional.of(new Refusal(declared, why, instead.map(Known::revision))),
                    false);
        }
        return new Target(
                Optional.of(declared),
                known,
                known.map(each -> numbered(each, all, running)).orElseGet(() -> newest(all, running) + 1),
                Optional.empty(),
                false);
    }

    /// The same, in place of what is declared, which does not run.
    Target insteadOf(String declared, String why) {
        return new Target(revision, known, generation, Optional.of(new Refusal(declared, why, revision)), paused);
    }

    /// What runs in place of a revision that was refused.
    static Optional<Known> instead(Known refused, List<Known> all) {
        return all.stream()
                .filter(each ->
                        refused.instead().filter(each.revision()::equals).isPresent())
                .filter(Target::canRun)
                .findFirst()
                .or(() -> others(refused, all).filter(Known::accepted).findFirst())
                // None was ever seen running everywhere: the one before it may have been about to.
                .or(() -> others(refused, all).findFirst());
    }

    private static Stream<Known> others(Known refused, List<Known> all) {
        return all.stream()
                .filter(Target::canRun)
                .filter(each -> !each.revision().equals(refused.revision()));
    }

    /// Whether it may be tried and can be read here, which one of a newer LogRoute cannot.
    private static boolean canRun(Known known) {
        return known.refused().isEmpty() && known.pipeline().isPresent();
    }

    private static long newest(List<Known> all, Map<String, Long> running) {
        return LongStream.concat(
                        running.values().stream().mapToLong(Long::longValue),
                        all.stream().mapToLong(Known::generation))
                .max()
                .orElse(0);
    }

    /// Its own number when that is above all others, else the next: routers keep to the highest.
    private static long numbered(Known known, List<Known> all, Map<String, Long> running) {
        long newest = newest(all, running);
        // Two of one number: a router that runs the other would take this one for nothing later.
        long numbered = Stream.concat(
                        all.stream().filter(each -> each.generation() == newest).map(Known::revision),
                        running.entrySet().stream()
                                .filter(each -> each.getValue() == newest)
                                .map(Map.Entry::getKey))
                .distinct()
                .count();
        return known.generation() == newest && newest > 0 && numbered == 1 ? newest : newest + 1;
    }
}
