package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Labels;
import io.logroute.spec.Labels.Label;
import io.logroute.spec.Labels.OfService;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A thousand services, each with labels of its own.
class ManyLabelRoutesTest {
    private static final int SERVICES = 1000;

    /// What a team writes, with two conditions of its own.
    private static OfService service(int i) {
        return new OfService(
                "service shop_s" + i,
                "shop_s" + i,
                Optional.of("shop"),
                List.of(
                        new Label("logroute.enable", "true", 0),
                        new Label("logroute.to", "screen", 0),
                        new Label("logroute.parse", "json", 0),
                        new Label("logroute.set.team", "team-" + i, 0),
                        new Label("logroute.drop", "event.level == \"debug\" || event.n == " + i, 0)));
    }

    static PipelineDefinition pipeline(int services) {
        var specs = SpecReader.documents("specs.yaml", """
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [{ demo: {} }] }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: screen }
                spec: { console: {} }
                """);
        var known = Labels.Known.of(specs);
        var labels = new Reading(List.of(), List.of());
        var documents = new ArrayList<>(specs.documents());
        for (int i = 0; i < services; i++) {
            var reading = Labels.read(service(i), known);
            assertThat(reading.problems()).isEmpty();
            documents.addAll(reading.documents());
        }
        var declared = Declared.of(new Reading(documents, labels.broken()), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline("core").orElseThrow();
    }

    static Routing routing(PipelineDefinition pipeline) throws IOException {
        return Routing.of(pipeline, "screen", true, _ -> _ -> {}, new Instruments(), InstantSource.fixed(Rig.NOON));
    }

    /// Labels to routing: what a change of labels costs. Far below the bound, which is for machines that do
    /// other things as well.
    @Test
    @Timeout(120)
    void they_are_read_and_compiled_within_a_bound_and_each_takes_its_own_events() throws IOException {
        routing(pipeline(1));
        long before = System.nanoTime();
        var routing = routing(pipeline(SERVICES));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
        for (int i = 0; i < SERVICES; i += 97) {
            var went = new ArrayList<String>();
            var taken = routing.route(
                    Event.of("{\"service_name\":\"shop_s%d\",\"msg\":\"{\\\"a\\\":1}\"}".formatted(i), Rig.NOON),
                    new Routing.Way() {
                        @Override
                        public void send(Event event) {
                            went.add(event.address().route() + " " + event.text("team") + " " + event.text("a"));
                        }

                        @Override
                        public void reject(Event event, String reason) {
                            went.add(reason);
                        }
                    });
            assertThat(went).containsExactly("shop--s%d team-%d 1".formatted(i, i));
            assertThat(taken.sent()).isOne();
        }
    }
}
