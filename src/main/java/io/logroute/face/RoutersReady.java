package io.logroute.face;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Up when every declared router runs; its data name those that do not, and why.
@Readiness
@Singleton
class RoutersReady implements HealthCheck {
    private final Served served;

    RoutersReady(Served served) {
        this.served = served;
    }

    @Override
    public HealthCheckResponse call() {
        var now = served.clock().instant();
        var response =
                HealthCheckResponse.named("routers").status(served.board().ready());
        var routers = served.board().routers();
        if (routers.isEmpty()) {
            response.withData("none", "no router is declared; GET /api/v1/problems tells what is wrong");
        }
        for (var router : routers) {
            var view = RouterView.of(router, now);
            if (!view.ready()) {
                response.withData(view.name(), view.trouble().orElse("it does not run"));
            }
        }
        return response.build();
    }
}
