package io.logroute.face;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
class DeadLettersResource {
    private final Served served;

    DeadLettersResource(Served served) {
        this.served = served;
    }

    /// What a replay or a purge is told.
    @Schema(name = "DeadLettersAsked", description = "Which letters are meant: those that fit all that is given.")
    record Asked(
            @Schema(description = "The route that sent them.") @Nullable
            String route,

            @Schema(description = "A part of the reason.") @Nullable
            String reason,

            @Schema(description = "Refused then or later; an instant of ISO 8601.") @Nullable
            String since,

            @Schema(description = "Only this one.") @Nullable
            String id,

            @Schema(description = "The sink that gets them straight; else they go through the routes of today.")
            @Nullable
            String to,

            @Schema(description = "Begins behind this letter.") @Nullable
            String after,

            @Schema(description = "No letter at or beyond this one: what an answer before said.") @Nullable
            String until,

            @Schema(description = "At most so many in this step, 1 to 1000.") @Nullable
            Integer limit) {}

    @Schema(name = "DeadLettersReplayed", description = "What a step of a replay did.")
    record Replayed(
            @Schema(description = "In the buffer or at the sink now, and no dead letters any more.")
            long replayed,

            @Schema(description = "Refused again: each is a new letter.")
            long refused,

            @Schema(description = "Lines passed over that are no whole letter any more.")
            long damaged,

            @Schema(description = "Ask again with this as `after`; absent at the end.")
            Optional<String> next,

            @Schema(description = "Ask again with this as `until`.")
            String until,

            @Schema(description = "Why some had to stay; ask again a little later.")
            Optional<String> trouble) {
        /// The same as REST gives it.
        Map<String, @Nullable Object> tree() {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("replayed", replayed);
            tree.put("refused", refused);
            tree.put("damaged", damaged);
            next.ifPresent(id -> tree.put("next", id));
            tree.put("until", until);
            trouble.ifPresent(why -> tree.put("trouble", why));
            return tree;
        }
    }

    @Schema(name = "DeadLettersPurged", description = "What a step of a purge did.")
    record Purged(
            long removed,

            @Schema(description = "Ask again with this as `after`; absent at the end.")
            Optional<String> next,

            @Schema(description = "Ask again with this as `until`.")
            String until) {
        /// The same as REST gives it.
        Map<String, @Nullable Object> tree() {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("removed", removed);
            next.ifPresent(id -> tree.put("next", id));
            tree.put("until", until);
            return tree;
        }
    }

    @GET
    @Operation(summary = "The dead letters of every sink of every router, in numbers.")
    public List<DeadLettersView> all() {
        return answer(Letters::all);
    }

    @GET
    @Path("/{router}/{sink}")
    @Operation(summary = "The letters themselves, the oldest first; 8 MiB of events at most in one answer.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DeadLetterView.Page.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such sink.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public DeadLetterView.Page some(
            @PathParam("router") String router,
            @PathParam("sink") String sink,
            @Parameter(description = "The route that sent them.") @QueryParam("route") @Nullable String route,
            @Parameter(description = "A part of the reason.") @QueryParam("reason") @Nullable String reason,
            @Parameter(description = "Refused then or later.") @QueryParam("since") @Nullable String since,
            @Parameter(description = "Begins behind this letter.") @QueryParam("after") @Nullable String after,
            @Parameter(description = "At most so many; 100 unless told, 1000 at most.") @QueryParam("limit") @Nullable
                    String limit,
            @Parameter(description = "`false` leaves the events away.") @QueryParam("events") @Nullable String events) {
        var given = new LinkedHashMap<String, String>();
        put(given, "route", route);
        put(given, "reason", reason);
        put(given, "since", since);
        put(given, "after", after);
        put(given, "limit", limit);
        put(given, "events", events);
        return answer(letters -> letters.some(router, sink, given));
    }

    private static void put(LinkedHashMap<String, String> given, String key, @Nullable String value) {
        if (value != null) {
            given.put(key, value);
        }
    }

    @GET
    @Path("/{router}/{sink}/{id}")
    @Operation(summary = "One letter.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DeadLetterView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such letter.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public DeadLetterView one(
            @PathParam("router") String router, @PathParam("sink") String sink, @PathParam("id") String id) {
        return answer(letters -> letters.one(router, sink, id));
    }

    @POST
    @Path("/{router}/{sink}/replay")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Gives some letters back: through the routes of today, or straight to a sink.",
            description =
                    "One step; ask again with `next` as `after` and with `until`, until there is no `next`. A letter"
                            + " goes only after it is durable elsewhere, so stopping between steps, or in one, loses nothing.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Asked.class)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Replayed.class)))
    public Replayed replay(@PathParam("router") String router, @PathParam("sink") String sink, byte[] body) {
        return answer(letters -> letters.replay(router, sink, body));
    }

    @POST
    @Path("/{router}/{sink}/purge")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Deletes some letters for good.",
            description = "One step; ask again as for a replay. With an empty object all of them go at once.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Asked.class)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Purged.class)))
    public Purged purge(@PathParam("router") String router, @PathParam("sink") String sink, byte[] body) {
        return answer(letters -> letters.purge(router, sink, body));
    }

    private interface Question<T> {
        T ask(Letters letters) throws Letters.NoAnswer;
    }

    private <T> T answer(Question<T> question) {
        try {
            return question.ask(served.letters());
        } catch (Letters.NoAnswer e) {
            throw new WebApplicationException(e, e.fault().response());
        }
    }
}
