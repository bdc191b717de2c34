package io.logroute.control;

import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What operators ask of a controller besides looking. Everything lies in the swarm afterwards: another
/// controller goes on with it.
public interface Operator {
    /// A revision that lies in the swarm.
    ///
    /// @param generation the number it got when it was last chosen; the highest is the newest
    /// @param accepted whether every instance ran it
    /// @param refused why it is not to run
    /// @param target whether the fleet should run it now
    /// @param sources the spec documents that it came from
    record RevisionState(
            String router,
            String revision,
            long generation,
            Optional<Instant> since,
            boolean accepted,
            Optional<String> refused,
            boolean target,
            boolean paused,
            String sources) {}

    /// What would be done if something else were declared.
    ///
    /// @param steps described, in order, of the first pass; a fleet's instances follow one after the other
    /// @param changes what changes in each pipeline: lines that begin with `+`, `-` or a space
    /// @param problems what keeps them from being stored: nothing would be done then
    /// @param besides what is wrong elsewhere, and with fleets, and keeps nothing from being stored
    record Planned(List<String> steps, List<String> changes, List<Problem> problems, List<Problem> besides) {}

    /// @param done what was done, described
    /// @param problems why nothing was done
    /// @param instances those that it was done to, or that were so already, such as `core/2`; none
    ///     where it is not about instances
    record Done(List<String> done, List<Problem> problems, List<String> instances) {
        public Done {
            done = List.copyOf(done);
            problems = List.copyOf(problems);
            instances = List.copyOf(instances);
        }

        public Done(List<String> done, List<Problem> problems) {
            this(done, problems, List.of());
        }
    }

    /// Which instances are to drain, or to take events in again.
    sealed interface Place {
        /// As it is called in what is told: `router core`.
        String words();

        /// All of a router.
        record Fleet(String router) implements Place {
            @Override
            public String words() {
                return "router " + router;
            }
        }

        /// One.
        record Instance(String router, int number) implements Place {
            @Override
            public String words() {
                return "instance %s-%d".formatted(router, number);
            }
        }

        /// All on a node, whichever router they are of.
        ///
        /// @param node its name or its id
        record Node(String node) implements Place {
            @Override
            public String words() {
                return "node " + node;
            }
        }
    }

    /// Sorted by router, the newest first.
    List<RevisionState> revisions() throws SwarmUnreachable;

    /// The pipeline's canonical text.
    Optional<String> text(String router, String revision) throws SwarmUnreachable;

    /// Plans without doing: as if these documents were stored under that name.
    ///
    /// @param name what the documents are called in problems, too
    Planned plan(String name, String yaml) throws SwarmUnreachable;

    /// Stores documents as a Docker config with the label `logroute.spec=true`, in place of the one that was
    /// stored under this name before, or made by hand and is called just so. Nothing is stored when there is
    /// a problem in them or would be elsewhere because of them, or one of them is declared elsewhere, too.
    Done apply(String name, String yaml) throws SwarmUnreachable;

    /// Runs an older revision in place of the declared one, until what is declared changes.
    Done rollback(String router, String revision, String who) throws SwarmUnreachable;

    /// A paused router takes no new revision.
    Done pause(String router, boolean paused, String who) throws SwarmUnreachable;

    /// Has those instances take nothing in, deliver what they have, and stay so until somebody takes
    /// that back.
    Done drain(Place place, String who) throws SwarmUnreachable;

    /// Has those take events in again that somebody asked to drain.
    Done uncordon(Place place, String who) throws SwarmUnreachable;

    /// Why an instance would not be forgotten; empty when it would.
    Optional<Problem> keeps(String router, int instance) throws SwarmUnreachable;

    /// Gives up what an instance held that is not reached, or has told no longer what one lost.
    Done forget(String router, int instance, String who) throws SwarmUnreachable;

    /// Why a relay would not be forgotten; empty when it would.
    Optional<Problem> keepsRelay(String relay) throws SwarmUnreachable;

    /// Gives up a relay that is declared no longer, or whose node is away or does not fit any more. Its
    /// volume stays.
    Done forgetRelay(String relay, String who) throws SwarmUnreachable;
}
