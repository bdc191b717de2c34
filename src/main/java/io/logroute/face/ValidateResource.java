package io.logroute.face;

import io.logroute.spec.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;

@Path("/api/v1/validate")
@Produces(MediaType.APPLICATION_JSON)
class ValidateResource {
    private static final int MOST_BYTES = 1 << 20;

    private final Served served;

    ValidateResource(Served served) {
        this.served = served;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Operation(
            summary = "Checks specs, and changes nothing.",
            description =
                    "Takes YAML documents that make sense by themselves, 1 MiB at most, and runs the tests among them."
                            + " The answer is 200 also when there are problems; places in them begin with `body`."
                            + " Whether files are there is looked up where this runs.")
    @RequestBody(content = @Content(mediaType = "application/yaml", schema = @Schema(implementation = String.class)))
    public Verdict check(byte[] body) {
        if (body.length > MOST_BYTES) {
            throw new WebApplicationException(Fault.tooLarge(MOST_BYTES).response());
        }
        return Verdict.of(SpecReader.documents("body", Bodies.text(body)), served.foresight());
    }
}
