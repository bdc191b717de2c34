package io.logroute.face;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// Lets in whom [Access] lets in, before anything else is looked at: neither path nor body. Health and
/// OpenAPI, under `/q`, are open: Docker and tools ask for them without a token.
class Doorkeeper {
    private final Served served;

    Doorkeeper(Served served) {
        this.served = served;
    }

    @ServerRequestFilter(preMatching = true)
    public @Nullable Response ask(ContainerRequestContext request) {
        var headers = request.getHeaders();
        var asked = new Access.Asked(
                request.getMethod(),
                Optional.ofNullable(headers.get(HttpHeaders.AUTHORIZATION)).orElse(List.of()),
                Optional.ofNullable(headers.getFirst(HttpHeaders.HOST)),
                Optional.ofNullable(headers.getFirst("Origin")));
        return switch (served.access().judge(asked)) {
            case Access.Verdict.Let _ -> null;
            case Access.Verdict.Forbidden(var fault) -> fault.response();
            case Access.Verdict.Unknown(var fault, var challenge) ->
                Response.fromResponse(fault.response())
                        .header(HttpHeaders.WWW_AUTHENTICATE, challenge)
                        .build();
        };
    }
}
