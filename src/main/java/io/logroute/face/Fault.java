package io.logroute.face;

import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Fault", description = "Why a request was not answered.")
record Fault(
        @Schema(description = "The status of HTTP.") int status,

        String what,

        @Schema(description = "What to do about it.") String mend) {

    Response response() {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON)
                .entity(this)
                .build();
    }

    /// The body of the request is.
    static Fault tooLarge(int mostBytes) {
        return new Fault(
                413,
                "the body is larger than %d bytes".formatted(mostBytes),
                "Send fewer documents at a time, %d bytes at most.".formatted(mostBytes));
    }

    /// There is no such thing among those.
    static NotFoundException absent(String kind, String name) {
        return new NotFoundException(new Fault(
                        404,
                        "there is no %s \"%s\"".formatted(kind, name),
                        "logroute status tells which there are; GET /api/v1/%ss, too.".formatted(kind))
                .response());
    }
}
