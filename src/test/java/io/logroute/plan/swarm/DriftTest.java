package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.Read;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What somebody else did to what is the controller's is undone, and told as that.
class DriftTest {
    private final World world = new World(2, _ -> false);

    private static List<Fleets.Wanted> wanted(int replicas) {
        return wanted(replicas, "all");
    }

    private static List<Fleets.Wanted> wanted(int replicas, String route) {
        var text = """
                kind: LogRouter
                metadata: { name: core }
                spec: { sources: [ { beats: { port: 5044 } } ], deploy: { replicas: %d } }
                ---
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: core, to: [es] }
                ---
                kind: LogSink
                metadata: { name: es }
                spec: { discard: {} }
                """.formatted(replicas, route).replaceAll("(?m)^kind", "apiVersion: logroute/v1\nkind");
        return switch (PipelineDefinition.parse(text)) {
            case Read.Good<PipelineDefinition>(var good) -> List.of(new Fleets.Wanted(good, List.of("config routes")));
            case Read.Bad<PipelineDefinition>(var problems) -> throw new AssertionError(problems);
        };
    }

    /// Passes until there is nothing to do.
    private List<Step> settle(int replicas) throws OutOfDate {
        return settle(wanted(replicas));
    }

    private List<Step> settle(List<Fleets.Wanted> wanted) throws OutOfDate {
        int before = world.done.size();
        for (int pass = 0; pass < 20; pass++) {
            for (var step : world.decide(wanted).steps()) {
                world.apply(step);
            }
            List.copyOf(world.seen.owned().services().keySet()).forEach(world::settle);
            world.now = world.now.plus(Duration.ofSeconds(6));
        }
        return world.done.subList(before, world.done.size());
    }

    @Test
    void what_is_made_for_the_first_time_is_none() throws OutOfDate {
        assertThat(settle(1)).isNotEmpty().noneMatch(Step::isDrift);
        assertThat(settle(2)).as("scaled up").isNotEmpty().noneMatch(Step::isDrift);
    }

    @Test
    void a_service_that_somebody_removed_is_made_again() throws OutOfDate {
        settle(2);
        world.remove("logroute_core-1");
        assertThat(settle(2)).singleElement().satisfies(step -> {
            assertThat(step.isDrift()).isTrue();
            assertThat(step.describe()).startsWith("create service logroute_core-1 again: revision ");
        });
    }

    @Test
    void the_config_of_a_running_revision_that_somebody_removed_is_made_again() throws OutOfDate {
        settle(1);
        settle(wanted(1, "handed-over"));
        var mounted = Objects.requireNonNull(world.seen.owned().services().get("logroute_core-0"))
                .configs()
                .values();
        var name = world.seen.owned().configs().keySet().stream()
                .filter(each -> !mounted.contains(each))
                .findFirst()
                .orElseThrow();
        world.removeConfig(name);
        var steps = world.decide(wanted(1, "handed-over")).steps();
        assertThat(steps).isNotEmpty();
        assertThat(steps.getFirst().describe()).isEqualTo("create config %s again".formatted(name));
        assertThat(steps.getFirst().isDrift()).isTrue();
    }

    @Test
    void what_is_put_right_is_named_and_nothing_else() throws OutOfDate {
        settle(1);
        world.tamper("logroute_core-0", service -> {
            var environment = new java.util.TreeMap<>(service.environment());
            environment.put("X", "1");
            return other(service, "other:2", service.volume(), environment);
        });
        assertThat(settle(1)).singleElement().satisfies(step -> {
            assertThat(step.isDrift()).isTrue();
            assertThat(step.describe())
                    .isEqualTo("restore service logroute_core-0: image other:2 -> logroute:1, environment [X] -> none");
        });
    }

    @Test
    void of_the_options_of_a_volume_only_names_are_told() throws OutOfDate {
        settle(1);
        world.tamper("logroute_core-0", service -> {
            var options =
                    new java.util.TreeMap<>(java.util.Map.of("type", "cifs", "o", "username=ann,password=s3cret"));
            var volume = new RouterService.Volume("elsewhere", "local", options);
            return other(service, service.image(), volume, service.environment());
        });
        assertThat(settle(1))
                .singleElement()
                .satisfies(step -> assertThat(step.describe())
                        .isEqualTo(
                                "restore service logroute_core-0: volume elsewhere (local) -> logroute_core-0 (local),"
                                        + " volume options [o, type] -> none"));
    }

    private static RouterService other(
            RouterService service,
            String image,
            RouterService.Volume volume,
            java.util.SortedMap<String, String> environment) {
        return new RouterService(
                service.name(),
                service.router(),
                service.instance(),
                image,
                service.node(),
                service.constraints(),
                service.pipeline(),
                service.configs(),
                service.secrets(),
                volume,
                service.attachments(),
                service.ports(),
                service.memoryBytes(),
                service.nanoCpus(),
                environment,
                service.labels(),
                service.replicas(),
                service.oddities());
    }
}
