package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.router.DeadLetterOffice;
import io.logroute.router.DeadLetters;
import io.logroute.router.Replay;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourcesTest {
    private final Shop shop;

    ResourcesTest(@TempDir Path folder) {
        shop = new Shop(folder);
    }

    @Test
    void a_router_tells_what_it_runs_and_how_it_does() {
        var core = new RoutersResource(shop.served).one("core");
        assertThat(core.ready()).isTrue();
        assertThat(core.runningRevision()).contains(core.revision());
        assertThat(core.receivedEvents()).isEqualTo(1_204);
        assertThat(core.buffer().orElseThrow().oldestSeconds()).contains(3L);
        assertThat(core.conditions())
                .extracting(ConditionView::type)
                .contains("Ready", "ConfigCurrent", "BufferHealthy");
        assertThat(core.conditions()).allMatch(ConditionView::good);
        assertThat(core.trouble()).isEmpty();
    }

    @Test
    void a_route_comes_with_its_spec_only_when_it_is_asked_for() {
        var routes = new RoutesResource(shop.served);
        assertThat(routes.all()).extracting(RouteView::name).containsExactly("everything", "watch");
        assertThat(routes.all()).extracting(RouteView::spec).containsOnly(Optional.empty());
        assertThat(routes.one("watch").spec().orElseThrow()).contains("kind: LogRoute", "router: core", "sink: screen");
    }

    @Test
    void a_route_that_broke_is_held_and_tells_its_problems() {
        shop.write("watch.yaml", Shop.route("watch", "screen").replace("to:", "two:"));
        shop.pass();
        var watch = new RoutesResource(shop.served).one("watch");
        assertThat(watch.held()).isTrue();
        assertThat(watch.spec().orElseThrow()).contains("sink: screen");
        assertThat(watch.problems()).isNotEmpty().isEqualTo(new ProblemsResource(shop.served).all());
        assertThat(watch.conditions())
                .filteredOn(condition -> !condition.good())
                .extracting(ConditionView::type)
                .containsExactly("Accepted", "Programmed", "Degraded");
        assertThat(new RoutesResource(shop.served).one("everything").held()).isFalse();
    }

    @Test
    void sinks_are_summed_over_routers_and_name_their_kind() {
        var sinks = new SinksResource(shop.served);
        assertThat(sinks.all()).extracting(SinkView::kind).containsExactly("file", "console");
        var archive = sinks.one("archive");
        assertThat(archive.waitingEvents()).isEqualTo(12);
        assertThat(archive.routers()).extracting(SinkView.AtRouter::router).containsExactly("core");
        assertThat(archive.spec().orElseThrow()).contains("path: all.ndjson");
        shop.down("archive", "the disk is full");
        assertThat(sinks.one("archive").trouble()).contains("the disk is full");
    }

    @Test
    void what_is_not_there_is_404_and_says_where_to_look() {
        assertThatThrownBy(() -> new SinksResource(shop.served).one("nope"))
                .isInstanceOfSatisfying(
                        NotFoundException.class,
                        e -> assertThat(e.getResponse().getEntity())
                                .isEqualTo(new Fault(
                                        404, "there is no sink \"nope\"", "GET /api/v1/sinks tells which there are.")));
    }

    @Test
    void dead_letters_that_cannot_be_read_are_503_with_what_to_mend(@TempDir Path data) throws Exception {
        // No file, for all that its name says.
        Files.createDirectories(data.resolve("routers/core/dead-letters/es/00000001.ndjson"));
        var office = new DeadLetterOffice() {
            @Override
            public List<DeadLetters> all() throws IOException {
                return DeadLetters.under(data);
            }

            @Override
            public Optional<Replay.Step> replay(DeadLetters letters, Replay replay) {
                return Optional.empty();
            }
        };
        var served = shop.served;
        var letters = new DeadLettersResource(
                new Served(served.board(), office, served.meters(), served.foresight(), served.clock()));
        assertThatThrownBy(letters::all)
                .isInstanceOfSatisfying(
                        WebApplicationException.class,
                        e -> assertThat(e.getResponse().getEntity()).isInstanceOfSatisfying(Fault.class, fault -> {
                            assertThat(fault.status()).isEqualTo(503);
                            assertThat(fault.mend()).contains("Mend the disk or the rights");
                        }));
    }

    @Test
    void validate_tells_problems_of_a_body_and_changes_nothing() {
        var validate = new ValidateResource(shop.served);
        var good = Shop.CORE + "---\n" + Shop.SCREEN + "---\n" + Shop.route("watch", "screen");
        assertThat(validate.check(good.getBytes(StandardCharsets.UTF_8)).summary())
                .isEqualTo("1 router, 1 sink, 1 route: all good");
        var bad = validate.check(Shop.route("watch", "screen").getBytes(StandardCharsets.UTF_8));
        assertThat(bad.good()).isFalse();
        assertThat(bad.problems()).allMatch(problem -> problem.where().startsWith("body:4: spec."));
        assertThat(shop.board.last().declared().routes()).hasSize(2);
    }

    @Test
    void a_body_that_is_no_text_is_400() {
        assertThatThrownBy(() -> new ValidateResource(shop.served).check(new byte[] {(byte) 0xff, (byte) 0xfe}))
                .isInstanceOfSatisfying(
                        WebApplicationException.class,
                        e -> assertThat(e.getResponse().getStatus()).isEqualTo(400));
    }

    @Test
    void conditions_are_gauges_that_follow_their_routes() {
        var metrics = new MetricsResource(shop.served);
        assertThat(metrics.scrape())
                .contains("logroute_route_condition{condition=\"Delivering\",route=\"watch\"} 1.0")
                .contains("logroute_route_condition{condition=\"Degraded\",route=\"watch\"} 0.0");
        shop.down("screen", "closed");
        assertThat(metrics.scrape())
                .contains("logroute_route_condition{condition=\"Delivering\",route=\"watch\"} 0.0")
                .contains("logroute_route_condition{condition=\"Degraded\",route=\"watch\"} 1.0")
                .contains("logroute_route_condition{condition=\"Delivering\",route=\"everything\"} 1.0");
        shop.remove("watch.yaml");
        shop.pass();
        assertThat(metrics.scrape()).doesNotContain("route=\"watch\"").contains("route=\"everything\"");
    }

    @Test
    void ready_names_the_router_that_is_not() {
        var ready = new RoutersReady(shop.served);
        assertThat(ready.call().getStatus()).isEqualTo(HealthCheckResponse.Status.UP);
        shop.trouble("core", "port 8088 is taken");
        assertThat(ready.call().getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
        assertThat(ready.call().getData()).contains(Map.of("core", "port 8088 is taken"));
    }
}
