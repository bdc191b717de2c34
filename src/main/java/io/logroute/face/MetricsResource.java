package io.logroute.face;

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
    private final Map<Gauge, Integer> conditions = new ConcurrentHashMap<>();

    private record Gauge(Meter meter, String of, String condition) {}

    MetricsResource(Served served) {
        this.served = served;
    }

    @GET
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    @Operation(summary = "Every metric, in the text format of Prometheus.")
    public String scrape() {
        refresh();
        return served.meters().scrape();
    }

    /// Gauges of routes, routers and relays that are new come, and those of such as are no more go.
    private synchronized void refresh() {
        var now = new HashMap<Gauge, Integer>();
        served.board()
                .routes()
                .forEach(
                        route -> put(now, Meter.ROUTE_CONDITION, route.verdict().name(), route.conditions()));
        served.board()
                .routers()
                .forEach(router -> put(now, Meter.ROUTER_CONDITION, router.name(), router.conditions()));
        served.board()
                .relays()
                .forEach(relay -> put(now, Meter.RELAY_CONDITION, relay.state().name(), relay.conditions()));
        conditions.keySet().removeIf(gauge -> {
            if (now.containsKey(gauge)) {
                return false;
            }
            served.meters().remove(gauge.meter(), gauge.of(), gauge.condition());
            return true;
        });
        now.forEach((gauge, value) -> {
            if (conditions.put(gauge, value) == null) {
                served.meters()
                        .gauge(gauge.meter(), () -> conditions.getOrDefault(gauge, -1), gauge.of(), gauge.condition());
            }
        });
    }

    private static void put(Map<Gauge, Integer> now, Meter meter, String of, List<Told> conditions) {
        conditions.forEach(told -> now.put(new Gauge(meter, of, told.condition().type()), value(told)));
    }

    private static int value(Told told) {
        return switch (told.condition().status()) {
            case TRUE -> 1;
            case FALSE -> 0;
            case UNKNOWN -> -1;
        };
    }
}
