package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.logroute.plan.FleetState;
import io.logroute.plan.InstanceReport;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcesTest {
    private final Shop shop;

    ResourcesTest(@TempDir Path folder) {
        shop = new Shop(folder);
    }

    @Test
    void instances_that_share_what_waits_in_a_relay_tell_of_it_once() {
        shop.fetches("relay:eu1", new InstanceReport.Behind(41, Optional.of(Shop.NOW.minusSeconds(30))));
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of(revision),
                        Optional.empty(),
                        false,
                        2,
                        List.of(),
                        List.of(shop.instance(0, "node-a", revision), shop.instance(1, "node-b", revision))));
        assertThat(new RoutersResource(shop.served).one("core").sources())
                .filteredOn(source -> source.name().equals("relay:eu1"))
                .extracting(RouterView.SourceView::behind)
                .containsExactly(Optional.of(new RouterView.BehindView(
                        Optional.of(41L), Optional.of(Shop.NOW.minusSeconds(30)), Optional.of(30L))));
    }

    @Test
    void a_router_tells_what_it_runs_and_how_it_does() {
        var core = new RoutersResource(shop.served).one("core");
        assertThat(core.ready()).isTrue();
        assertThat(core.runningRevision()).isPresent().isEqualTo(core.revision());
        assertThat(core.receivedEvents()).isEqualTo(1_204);
        assertThat(core.buffer().orElseThrow().oldestSeconds()).contains(3L);
        assertThat(core.conditions())
                .extracting(ConditionView::type)
                .contains("Ready", "ConfigCurrent", "BufferHealthy");
        assertThat(core.conditions()).allMatch(ConditionView::good);
        assertThat(core.trouble()).isEmpty();
    }

    @Test
    void a_router_of_several_instances_sums_them_and_shows_each() {
        shop.fleet(
                "core",
                revision -> new FleetState(
                        "core",
                        Optional.of(revision),
                        Optional.empty(),
                        false,
                        3,
                        List.of(),
                        List.of(
                                Shop.lost(2, Optional.empty(), "no node fits"),
                                shop.instance(0, "node-a", revision),
                                shop.instance(1, "node-b", "000000000000"))));
        var core = new RoutersResource(shop.served).one("core");
        assertThat(core.ready()).isFalse();
        assertThat(core.runningRevision()).as("they run different ones").isEmpty();
        assertThat(core.receivedEvents()).isEqualTo(2_408);
        assertThat(core.refusedEvents()).isEqualTo(6);
        assertThat(core.sources()).containsExactly(new RouterView.SourceView("http:8088", 2_408, 6, false));
        var buffer = core.buffer().orElseThrow();
        assertThat(buffer.events()).isEqualTo(24);
        assertThat(buffer.maxBytes()).isEqualTo(2L << 30);
        assertThat(buffer.freeDiskBytes()).as("of the fullest disk").isEqualTo(50L << 30);
        assertThat(core.wantedInstances()).isEqualTo(3);
        assertThat(core.instances())
                .extracting(RouterView.InstanceView::name, RouterView.InstanceView::ready)
                .containsExactly(tuple("core-0", true), tuple("core-1", true), tuple("core-2", false));
        assertThat(core.instances().get(1).revision()).contains("000000000000");
        assertThat(core.instances().get(1).service()).contains("logroute_core-1");
        assertThat(core.instances().get(1).node()).contains("node-b");
        assertThat(core.instances().get(1).conditions())
                .filteredOn(each -> !each.good())
                .extracting(ConditionView::type)
                .containsExactly("ConfigCurrent");
        assertThat(core.instances().getLast().trouble()).contains("no node fits");
        assertThat(core.trouble()).contains("Instance 2: Router core does not answer: no node fits.");
        assertThat(new RoutesResource(shop.served).one("watch").routedEvents()).isEqualTo(2_408);
        var archive = new SinksResource(shop.served).one("archive");
        assertThat(archive.waitingEvents()).isEqualTo(24);
        assertThat(archive.routers()).singleElement().satisfies(at -> {
            assertThat(at.waitingEvents()).isEqualTo(24);
            assertThat(at.instances())
                    .extracting(SinkView.AtInstance::number, SinkView.AtInstance::waitingEvents)
                    .containsExactly(tuple(0, 12L), tuple(1, 12L));
        });
    }

    @Test
    void in_this_process_a_router_is_one_instance_without_service_and_node() {
        var core = new RoutersResource(shop.served).one("core");
        assertThat(core.instances()).singleElement().satisfies(instance -> {
            assertThat(instance.name()).isEqualTo("core-0");
            assertThat(instance.service()).isEmpty();
            assertThat(instance.node()).isEmpty();
            assertThat(instance.receivedEvents()).isEqualTo(core.receivedEvents());
        });
    }

    @Test
    void what_happened_can_be_asked_for_by_object_and_time() {
        var events = new EventsResource(shop.served);
        assertThat(events.all(null, null, null)).as("nothing happened").isEmpty();
        shop.down("archive", "the disk is full");
        shop.board.look();
        shop.board.look();
        assertThat(events.all("route/everything", null, null))
                .extracting(EventView::words)
                .containsExactly(
                        "Delivering is False, SinkDown: Sink archive: the disk is full. Nothing is lost: its events wait in the buffer and are tried again.",
                        "Degraded is True, SinkDown: Sink archive: the disk is full. Nothing is lost: its events wait in the buffer and are tried again.");
        assertThat(events.all("route/watch", null, null)).isEmpty();
        assertThat(events.all("route/", null, "1")).hasSize(1);
        assertThat(events.all(null, "2026-03-01T12:00:01Z", null)).isEmpty();
        assertThat(events.all(null, "2026-03-01T12:00:00Z", null)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "yesterday,5,since is \"yesterday\"",
        ",0,limit is \"0\"",
        ",1001,limit is \"1001\"",
        ",x,limit is \"x\""
    })
    void a_question_about_events_that_cannot_be_read_is_400(
            @Nullable String since, @Nullable String limit, String what) {
        assertThatThrownBy(() -> new EventsResource(shop.served).all(null, since, limit))
                .isInstanceOfSatisfying(WebApplicationException.class, e -> {
                    assertThat(e.getResponse().getStatus()).isEqualTo(400);
                    assertThat(((Fault) e.getResponse().getEntity()).what()).isEqualTo(what);
                });
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
                                        404,
                                        "there is no sink \"nope\"",
                                        "logroute status tells which there are; GET /api/v1/sinks, too.")));
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
        var letters = new DeadLettersResource(new Served(
                served.board(), new LettersDesk(office), served.meters(), served.foresight(), served.clock()));
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
                .contains("logroute_route_condition{condition=\"Degraded\",route=\"watch\"} 0.0")
                .contains("logroute_router_condition{condition=\"Ready\",router=\"core\"} 1.0")
                .contains("logroute_router_condition{condition=\"RolledBack\",router=\"core\"} 0.0");
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
