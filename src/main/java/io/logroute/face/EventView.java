package io.logroute.face;

import io.logroute.control.History;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Event", description = "Something that happened.")
record EventView(
        @Schema(description = "When, for the first time.") Instant time,

        @Schema(
                description =
                        "When for the last time: what is told again in the same words within a minute is counted.")
        Instant last,

        @Schema(description = "How often.") int count,

        @Schema(
                description =
                        "`condition`: something became true of the object, or ceased to be. `step`: the controller"
                                + " changed it. `drift`: somebody else did, and it was put right. `rollback`: a revision was taken"
                                + " back. `asked`: somebody asked for it. `controller`: something befell the controller.",
                enumeration = {"condition", "step", "drift", "rollback", "asked", "controller"})
        String kind,

        @Schema(description = "What it happened to.", examples = "route/shop")
        String object,

        @Schema(
                description = "What happened.",
                examples =
                        "Delivering is False, SinkDown: Sink es: connection refused. Nothing is lost: its events wait"
                                + " in the buffer and are tried again.")
        String words) {

    static EventView of(History.Event event) {
        return new EventView(
                event.time(), event.last(), event.count(), event.kind().word(), event.object(), event.words());
    }
}
