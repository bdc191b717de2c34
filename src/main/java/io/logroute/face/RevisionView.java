package io.logroute.face;

import io.logroute.control.Operator.RevisionState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Revision", description = "A router's pipeline as it lies in the swarm, named by its content.")
record RevisionView(
        String router,

        @Schema(description = "The hash of its content.", examples = "3f9a1c0d2b4e")
        String revision,

        @Schema(description = "The number that it got when it was last chosen; the highest is the newest.")
        long generation,

        @Schema(description = "When it got that number.") Optional<Instant> since,

        @Schema(description = "Whether every instance ran it.")
        boolean accepted,

        @Schema(description = "Why it is not to run; absent when it may.")
        Optional<String> refused,

        @Schema(description = "Whether the router should run it now.")
        boolean target,

        @Schema(description = "Whether its router is paused.")
        boolean paused,

        @Schema(description = "The spec documents that it came from.")
        String sources,

        @Schema(description = "The pipeline, as YAML; only when one revision is asked for.")
        Optional<String> text) {

    @Schema(name = "RevisionDiff", description = "What differs between two revisions.")
    record Diff(
            @Schema(description = "A revision.") String from,

            @Schema(description = "Another one.") String to,

            @Schema(description = "Lines that begin with `+`, `-` or a blank; empty when they are the same.")
            List<String> lines) {}

    static RevisionView of(RevisionState state) {
        return of(state, Optional.empty());
    }

    static RevisionView full(RevisionState state, String text) {
        return of(state, Optional.of(text));
    }

    private static RevisionView of(RevisionState state, Optional<String> text) {
        return new RevisionView(
                state.router(),
                state.revision(),
                state.generation(),
                state.since(),
                state.accepted(),
                state.refused(),
                state.target(),
                state.paused(),
                state.sources(),
                text);
    }
}
