package io.logroute.face;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Makes JSON of every request that cannot be answered.
class Faults {
    private static final System.Logger LOG = System.getLogger(Faults.class.getName());

    @ServerExceptionMapper
    public Response refused(WebApplicationException e, ContainerRequestContext request) {
        if (e.getResponse().getEntity() instanceof Fault fault) {
            return fault.response();
        }
        var path = request.getUriInfo().getPath();
        return switch (e.getResponse().getStatus()) {
            case 404 -> new Fault(404, "there is nothing at " + path, "GET / tells where to look.").response();
            case 405 ->
                new Fault(
                                405,
                                "%s is not for %s".formatted(path, request.getMethod()),
                                "GET /q/openapi tells what each path is for.")
                        .response();
            case 406 ->
                new Fault(406, "%s does not come in what Accept names".formatted(path), "Leave Accept away.")
                        .response();
            default ->
                new Fault(
                                e.getResponse().getStatus(),
                                String.valueOf(e.getMessage()),
                                "GET /q/openapi tells what each path takes.")
                        .response();
        };
    }

    @ServerExceptionMapper
    public Response broken(Throwable e, ContainerRequestContext request) {
        LOG.log(
                System.Logger.Level.ERROR,
                "%s %s failed"
                        .formatted(request.getMethod(), request.getUriInfo().getPath()),
                e);
        return new Fault(500, "a fault of LogRoute's own", "Please report it with what its log says now.").response();
    }
}
