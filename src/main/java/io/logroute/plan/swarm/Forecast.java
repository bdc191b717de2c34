package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All steps that a change takes, over as many passes as it takes, were Swarm and the routers to do each of
/// them well: the first of an instance that fails is where it ends in truth. What is to be delivered before an
/// instance goes is delivered here.
public final class Forecast {
    private static final int MOST_PASSES = 300;
    /// The canary makes the others wait: one quiet pass is not the end.
    private static final int QUIET = 2;

    private final Map<String, InstanceReport> reports;
    private final Map<String, Told.Last> last;
    private Seen seen;
    private Instant time;

    private Forecast(Seen seen, Told told, Instant now) {
        this.seen = seen;
        this.reports = new HashMap<>(told.fresh());
        this.last = told.last();
        this.time = now;
    }

    /// @param wanted what is declared, as for [Fleets#decide]
    /// @param reports what instances tell now, by the name of their service
    public static List<Step> of(
            Seen seen,
            List<Fleets.Wanted> wanted,
            Map<String, InstanceReport> reports,
            Installation here,
            Instant now) {
        return of(seen, wanted, Told.now(reports), here, now);
    }

    /// @param wanted what is declared, as for [Fleets#decide]
    /// @param told the load on routers plays no part: it would be another one by then
    public static List<Step> of(Seen seen, List<Fleets.Wanted> wanted, Told told, Installation here, Instant now) {
        var forecast = new Forecast(seen, told, now);
        var steps = new ArrayList<Step>();
        int quiet = 0;
        for (int pass = 0; pass < MOST_PASSES && quiet < QUIET; pass++) {
            var next = forecast.decide(wanted, here);
            quiet = next.isEmpty() ? quiet + 1 : 0;
            forecast.time = forecast.time.plus(Fleets.CANARY).plus(Duration.ofSeconds(1));
            for (var step : next) {
                steps.add(step);
                try {
                    forecast.make(step);
                } catch (OutOfDate e) {
                    return steps; // no plan does that, but the first steps are right
                }
            }
        }
        return steps;
    }

    private List<Step> decide(List<Fleets.Wanted> wanted, Installation here) {
        return Fleets.decide(seen, wanted, new Told(reports, last, Map.of()), here, time)
                .steps();
    }

    private void make(Step step) throws OutOfDate {
        seen = seen.after(step);
        switch (step) {
            case Step.Push push ->
                runs(push.service(), push.router(), push.instance(), push.revision(), push.generation());
            case Step.CreateService(var service, var _) -> started(service);
            case Step.UpdateService(var _, var to, var _) -> started(to);
            case Step.Tell tell -> reports.computeIfPresent(tell.service(), (_, report) -> obeying(report, tell));
            case Step.RemoveService remove -> reports.remove(remove.name());
            case Step.RemoveVolume remove -> seen = seen.removed(remove);
            case Step.CreateConfig _,
                    Step.CreateSecret _,
                    Step.LabelConfig _,
                    Step.RemoveConfig _,
                    Step.RemoveJob _,
                    Step.CreateRelay _,
                    Step.UpdateRelay _,
                    Step.RemoveRelay _ -> {}
        }
    }

    private void started(RouterService service) {
        var runs = service.pipeline();
        runs(service.name(), service.router(), service.instance(), runs.revision(), runs.generation());
        seen = seen.running(service.name(), time);
    }

    /// It goes on with its buffer, and takes events in or not, as before.
    private void runs(String service, String router, int instance, String revision, long generation) {
        var before = reports.get(service);
        reports.put(
                service,
                new InstanceReport(
                        router,
                        instance,
                        revision,
                        generation,
                        time,
                        time,
                        List.of(),
                        before == null ? empty(remembered(router, instance), kind(service)) : before.buffer(),
                        List.of(),
                        List.of(),
                        0,
                        Optional.empty(),
                        before == null ? Holding.SERVING : before.holding()));
    }

    private InstanceReport.Kind kind(String service) {
        return Optional.ofNullable(seen.owned().services().get(service))
                        .filter(each -> each.node().isEmpty())
                        .isPresent()
                ? InstanceReport.Kind.JETSTREAM
                : InstanceReport.Kind.DISK;
    }

    private String remembered(String router, int instance) {
        return Optional.ofNullable(Holder.of(seen.owned(), router).get(instance))
                .map(Holder::buffer)
                .orElse("");
    }

    private static InstanceReport obeying(InstanceReport report, Step.Tell tell) {
        boolean drains = switch (tell.order()) {
            case SERVE -> false;
            case DRAIN, DISCARD -> true;
        };
        var holding = new Holding(
                switch (tell.order()) {
                    case SERVE -> Mode.SERVING;
                    case DRAIN -> Mode.DRAINING;
                    case DISCARD -> Mode.DISCARDED;
                },
                drains,
                report.holding().letters());
        return new InstanceReport(
                report.router(),
                report.instance(),
                report.revision(),
                report.generation(),
                report.since(),
                report.taken(),
                report.sources(),
                drains ? empty(report.buffer().id(), report.buffer().kind()) : report.buffer(),
                List.of(),
                report.routes(),
                report.unroutedEvents(),
                report.trouble(),
                holding);
    }

    private static BufferReport empty(String id, InstanceReport.Kind kind) {
        return new BufferReport(id, kind, 0, 0, 0, 0, false, 0, 0, Optional.empty(), Optional.empty());
    }
}
