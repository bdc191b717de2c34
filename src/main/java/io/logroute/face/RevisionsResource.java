package io.logroute.face;

import io.logroute.plan.LineDiff;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/revisions")
@Produces(MediaType.APPLICATION_JSON)
@APIResponse(
        responseCode = "409",
        description = "There is no swarm here, or several revisions begin so.",
        content = @Content(schema = @Schema(implementation = Fault.class)))
@APIResponse(
        responseCode = "503",
        description = "The swarm cannot be reached.",
        content = @Content(schema = @Schema(implementation = Fault.class)))
class RevisionsResource {
    private static final String ROUTER = "Only of this router.";

    private final SwarmDesk desk;

    RevisionsResource(Served served) {
        this.desk = new SwarmDesk(served);
    }

    @GET
    @Operation(summary = "The revisions that lie in the swarm, by router, the newest first.")
    @APIResponse(responseCode = "200")
    public List<RevisionView> all(@Parameter(description = ROUTER) @QueryParam("router") @Nullable String router) {
        return desk.revisions(router).stream().map(RevisionView::of).toList();
    }

    @GET
    @Path("/{revision}")
    @Operation(
            summary = "One revision, with its text.",
            description = "The first 4 or more digits do where no other revision begins so.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = RevisionView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such revision.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public RevisionView one(
            @PathParam("revision") String revision,
            @Parameter(description = ROUTER) @QueryParam("router") @Nullable String router) {
        var state = desk.revision(revision, router);
        return RevisionView.full(state, desk.text(state));
    }

    @GET
    @Path("/{from}/diff/{to}")
    @Operation(summary = "What differs from one revision to another.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = RevisionView.Diff.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such revision.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    public RevisionView.Diff diff(
            @PathParam("from") String from,
            @PathParam("to") String to,
            @Parameter(description = ROUTER) @QueryParam("router") @Nullable String router) {
        var before = desk.revision(from, router);
        var after = desk.revision(to, router);
        return new RevisionView.Diff(
                before.revision(), after.revision(), LineDiff.between(desk.text(before), desk.text(after)));
    }

    @POST
    @Path("/{revision}/rollback")
    @Operation(
            summary = "Runs an older revision in place of the declared one, until what is declared changes.",
            description = "200 when it is chosen: the router takes it in the next passes. 422 when it cannot be.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DoneView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such revision.",
            content = @Content(schema = @Schema(implementation = Fault.class)))
    @APIResponse(
            responseCode = "422",
            description = "Nothing was done; the problems say why.",
            content = @Content(schema = @Schema(implementation = DoneView.class)))
    public Response rollback(
            @PathParam("revision") String revision,
            @Parameter(description = ROUTER) @QueryParam("router") @Nullable String router,
            @Parameter(description = "Who asks, for the record.") @QueryParam("who") @Nullable String who) {
        var state = desk.revision(revision, router);
        return SwarmDesk.answer(DoneView.of(
                desk.ask(operator -> operator.rollback(state.router(), state.revision(), SwarmDesk.who(who)))));
    }
}
