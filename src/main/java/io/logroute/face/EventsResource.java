package io.logroute.face;

import io.logroute.control.History;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/events")
@Produces(MediaType.APPLICATION_JSON)
class EventsResource {
    static final int USUAL = 100;

    private final Served served;

    EventsResource(Served served) {
        this.served = served;
    }

    @GET
    @Operation(
            summary = "What happened, the newest last.",
            description = "The newest thousand are kept, since this process started. Nothing is added while nothing"
                    + " happens. What more than ten routes of a router have in common at once stands at the router.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = EventView[].class)))
    @APIResponse(
            responseCode = "400",
            description = "A question that cannot be read.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public List<EventView> all(
            @Parameter(description = "Only those of this object, `route/shop`; `route/` means every route.")
                    @QueryParam("object")
                    @Nullable
                    String object,
            @Parameter(description = "Only those that happened then or later, be it again; an instant of ISO 8601.")
                    @QueryParam("since")
                    @Nullable
                    String since,
            @Parameter(description = "At most so many; 100 unless told, 1000 at most.") @QueryParam("limit") @Nullable
                    String limit) {
        return served
                .board()
                .history()
                .events(
                        given(object),
                        given(since).map(EventsResource::instant),
                        given(limit).map(EventsResource::number).orElse(USUAL))
                .stream()
                .map(EventView::of)
                .toList();
    }

    private static Optional<String> given(@Nullable String text) {
        return Optional.ofNullable(text).filter(each -> !each.isEmpty());
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw wrong("since is \"%s\"".formatted(text), "Write an instant such as 2026-11-23T02:00:00Z.", e);
        }
    }

    private static int number(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= History.ROOM) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Told below, as for any other that does not fit.
        }
        throw wrong("limit is \"%s\"".formatted(text), "Write a number from 1 to %d.".formatted(History.ROOM), null);
    }

    private static WebApplicationException wrong(String what, String mend, @Nullable Throwable why) {
        return new WebApplicationException(why, new Fault(400, what, mend).response());
    }
}
