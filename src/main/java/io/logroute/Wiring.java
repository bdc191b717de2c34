package io.logroute;

import io.logroute.control.Fleet;
import io.logroute.control.StatusBoard;
import io.logroute.face.CannotServe;
import io.logroute.face.Face;
import io.logroute.face.RunOptions;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.PipelineDefinition;
import io.logroute.telemetry.Instruments;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Nothing is wired yet: REST over an empty board.
final class Wiring {
    int run(RunOptions options, PrintWriter out, PrintWriter err) {
        var fleet = new Fleet() {
            @Override
            public Outcome become(List<PipelineDefinition> wanted) {
                return new Outcome(List.of(), Map.of());
            }

            @Override
            public List<InstanceReport> reports() {
                return List.of();
            }
        };
        try (var meters = new Instruments().withJvm()) {
            var board = new StatusBoard(fleet, InstantSource.system());
            Face.serve(options.host(), options.port(), board, meters, Set.of(), new Face.Life() {
                @Override
                public void listening(int port) {
                    out.println("http://%s:%d".formatted(options.host(), port));
                }

                @Override
                public void stopping() {
                    out.println("stopped");
                }
            });
            return 0;
        } catch (CannotServe e) {
            err.println(e.getMessage());
            return 2;
        }
    }
}
