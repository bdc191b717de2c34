package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All steps that a change takes, over as many passes as it takes, were Swarm and the routers to do each of
/// them well: the first of an instance that fails is where it ends in truth.
public final class Forecast {
    private static final int MOST_PASSES = 300;
    /// The canary makes the others wait: one quiet pass is not the end.
    private static final int QUIET = 2;

    private Forecast() {}

    /// @param wanted what is declared, as for [Fleets#decide]
    /// @param reports what instances tell now, by the name of their service
    public static List<Step> of(
            Seen seen,
            List<Fleets.Wanted> wanted,
            Map<String, InstanceReport> reports,
            Installation here,
            Instant now) {
        var steps = new ArrayList<Step>();
        var told = new HashMap<>(reports);
        var then = seen;
        var time = now;
        int quiet = 0;
        for (int pass = 0; pass < MOST_PASSES && quiet < QUIET; pass++) {
            var next = Fleets.decide(then, wanted, told, here, time).steps();
            quiet = next.isEmpty() ? quiet + 1 : 0;
            time = time.plus(Fleets.CANARY).plus(Duration.ofSeconds(1));
            for (var step : next) {
                steps.add(step);
                try {
                    then = made(then, step, told, time);
                } catch (OutOfDate e) {
                    return steps; // no plan does that, but the first steps are right
                }
            }
        }
        return steps;
    }

    private static Seen made(Seen seen, Step step, Map<String, InstanceReport> told, Instant time) throws OutOfDate {
        return switch (step) {
            case Step.Push push -> {
                told.put(
                        push.service(),
                        report(push.router(), push.instance(), push.revision(), push.generation(), time));
                yield seen;
            }
            case Step.CreateService(var service, var _) -> started(seen.after(step), service, told, time);
            case Step.UpdateService(var _, var to, var _) -> started(seen.after(step), to, told, time);
            case Step.CreateConfig _,
                    Step.CreateSecret _,
                    Step.LabelConfig _,
                    Step.RemoveConfig _,
                    Step.Tell _,
                    Step.RemoveService _,
                    Step.RemoveVolume _,
                    Step.RemoveJob _ -> seen.after(step);
        };
    }

    private static Seen started(Seen seen, RouterService service, Map<String, InstanceReport> told, Instant time) {
        var runs = service.pipeline();
        told.put(
                service.name(), report(service.router(), service.instance(), runs.revision(), runs.generation(), time));
        return seen.running(service.name(), time);
    }

    private static InstanceReport report(String router, int instance, String revision, long generation, Instant taken) {
        return new InstanceReport(
                router,
                instance,
                revision,
                generation,
                taken,
                taken,
                List.of(),
                new BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 0, 0, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                0,
                Optional.empty());
    }
}
