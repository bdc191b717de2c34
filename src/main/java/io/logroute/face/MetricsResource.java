package io.logroute.face;

import io.logroute.control.StatusBoard.RouteStatus;
import io.logroute.control.StatusBoard.Told;
import io.logroute.telemetry.Meter;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.openapi.annotations.Operation;

@Path("/metrics")
class MetricsResource {
    private final Served served;
    private final Map<Labels, Integer> conditions = new ConcurrentHashMap<>();

    private record Labels(String route, String condition) {}

    MetricsResource(Served served) {
        this.served = served;
    }

    @GET
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    @Operation(summary = "Every metric, in the text format of Prometheus.")
    public String scrape() {
        refresh(served.board().routes());
        return served.meters().scrape();
    }

    /// Gauges of routes that are new come, and those of routes that are no more go.
    private synchronized void refresh(List<RouteStatus> routes) {
        var now = new HashMap<Labels, Integer>();
        for (var route : routes) {
            for (var told : route.conditions()) {
                now.put(new Labels(route.verdict().name(), told.condition().type()), value(told));
            }
        }
        conditions.keySet().removeIf(labels -> {
            if (now.containsKey(labels)) {
                return false;
            }
            served.meters().remove(Meter.ROUTE_CONDITION, labels.route(), labels.condition());
            return true;
        });
        now.forEach((labels, value) -> {
            if (conditions.put(labels, value) == null) {
                served.meters()
                        .gauge(
                                Meter.ROUTE_CONDITION,
                                () -> conditions.getOrDefault(labels, -1),
                                labels.route(),
                                labels.condition());
            }
        });
    }

    private static int value(Told told) {
        return switch (told.condition().status()) {
            case TRUE -> 1;
            case FALSE -> 0;
            case UNKNOWN -> -1;
        };
    }
}
