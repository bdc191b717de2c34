package io.logroute.face;

import io.logroute.router.DeadLetters;
import io.logroute.router.LetterId;
import io.logroute.router.Replay;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
    private static final long ANSWER_BYTES = 8 << 20;

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
            Optional<String> trouble) {}

    @Schema(name = "DeadLettersPurged", description = "What a step of a purge did.")
    record Purged(
            long removed,

            @Schema(description = "Ask again with this as `after`; absent at the end.")
            Optional<String> next,

            @Schema(description = "Ask again with this as `until`.")
            String until) {}

    @GET
    @Operation(summary = "The dead letters of every sink of every router, in numbers.")
    public List<DeadLettersView> all() {
        try {
            var all = new ArrayList<DeadLettersView>();
            for (var letters : served.letters().all()) {
                all.add(DeadLettersView.of(letters.summary()));
            }
            return List.copyOf(all);
        } catch (IOException e) {
            throw unreadable(e);
        }
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
        var letters = letters(router, sink);
        try {
            var asked = LettersAsked.of(given);
            var page = letters.page(asked.filter(), asked.after(), letters.end(), asked.limit(), ANSWER_BYTES);
            boolean full = !"false".equals(events);
            return new DeadLetterView.Page(
                    page.letters().stream()
                            .map(letter -> DeadLetterView.of(letter, full))
                            .toList(),
                    page.next().map(LetterId::toString),
                    page.damaged());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
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
        try {
            return letters(router, sink)
                    .letter(LetterId.parse(id))
                    .map(letter -> DeadLetterView.of(letter, true))
                    .orElseThrow(() -> absent("there is no letter %s of sink \"%s\"".formatted(id, sink)));
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
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
    public Replayed replay(@PathParam("router") String router, @PathParam("sink") String sink, byte[] body)
            throws InterruptedException {
        var letters = letters(router, sink);
        try {
            var asked = LettersAsked.of(body);
            var until = asked.until().isPresent() ? asked.until().get() : letters.end();
            var replay = new Replay(asked.filter(), asked.to(), asked.after(), until, asked.limit());
            var step = served.letters()
                    .replay(letters, replay)
                    .orElseThrow(() -> absent("router %s runs no sink \"%s\""
                            .formatted(router, asked.to().orElse(""))));
            return new Replayed(
                    step.replayed(),
                    step.refused(),
                    step.damaged(),
                    step.next().map(LetterId::toString),
                    until.toString(),
                    step.trouble());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @POST
    @Path("/{router}/{sink}/purge")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Deletes some letters for good.",
            description = "One step; ask again as for a replay. With an empty object all of them go at once.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Asked.class)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Purged.class)))
    public Purged purge(@PathParam("router") String router, @PathParam("sink") String sink, byte[] body)
            throws InterruptedException {
        var letters = letters(router, sink);
        try {
            var asked = LettersAsked.of(body);
            var until = asked.until().isPresent() ? asked.until().get() : letters.end();
            var purged = letters.purge(asked.filter(), asked.after(), asked.until(), asked.limit());
            return new Purged(purged.removed(), purged.next().map(LetterId::toString), until.toString());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private DeadLetters letters(String router, String sink) {
        try {
            return served.letters().all().stream()
                    .filter(each -> each.router().equals(router) && each.sink().equals(sink))
                    .findFirst()
                    .orElseThrow(
                            () -> absent("router \"%s\" has no dead letters of a sink \"%s\"".formatted(router, sink)));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static WebApplicationException absent(String what) {
        return new WebApplicationException(
                new Fault(404, what, "GET /api/v1/dead-letters tells which there are.").response());
    }

    private static WebApplicationException wrong(IllegalArgumentException why) {
        var parts = String.valueOf(why.getMessage()).split("; ", 2);
        return new WebApplicationException(
                why,
                new Fault(400, parts[0], parts.length < 2 ? "GET /q/openapi tells what to send." : parts[1])
                        .response());
    }

    private static WebApplicationException unreadable(IOException why) {
        return new WebApplicationException(
                why,
                new Fault(
                                503,
                                "the dead letters cannot be read or written: " + why.getMessage(),
                                "Mend the disk or the rights of the data folder, then ask again.")
                        .response());
    }
}
