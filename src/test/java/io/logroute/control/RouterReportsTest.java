package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.plan.swarm.RouterService;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.remote.Routers;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is made of what routers tell, and of who tells it.
class RouterReportsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /// What is told at each host.
    private final Map<String, Reported> told = new HashMap<>();

    /// Happens between a question and its answer.
    private Runnable meanwhile = () -> {};

    private Instant now = NOW;

    private final Routers routers = new Routers() {
        @Override
        public Reported report(Address address) {
            var answer = told.getOrDefault(address.host(), new Reported.Unreachable("nobody listens at " + address));
            meanwhile.run();
            return answer;
        }

        @Override
        public Pushed push(Address address, String text, Revision revision, long generation) {
            return new Pushed.NotNow("nothing is pushed here");
        }

        @Override
        public Ordered order(Address address, Order order) {
            return new Ordered.NotNow("nothing is ordered here");
        }
    };

    private final RouterReports reports =
            new RouterReports(routers, Address::ofService, () -> now, () -> {}, Runnable::run);

    private static RouterService service(String router, int instance) {
        return new RouterService(
                "logroute_%s-%d".formatted(router, instance),
                router,
                instance,
                "logroute:1",
                "n1",
                List.of(),
                new RouterService.Mounted("3f9a1c0d2b4e", 1),
                new TreeMap<>(),
                new TreeMap<>(),
                new RouterService.Volume("v", "local", new TreeMap<>()),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                new TreeMap<>(),
                new TreeMap<>(),
                1,
                List.of());
    }

    private static InstanceReport report(String router, int instance) {
        return new InstanceReport(
                router,
                instance,
                "3f9a1c0d2b4e",
                1,
                Instant.EPOCH,
                Instant.EPOCH,
                List.of(),
                new InstanceReport.BufferReport(
                        "", InstanceReport.Kind.DISK, 0, 1, 1, 0, false, 0, 0, Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                0,
                Optional.empty());
    }

    @Test
    void what_an_instance_tells_of_itself_counts() {
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        reports.meet(List.of(service("core", 0)));
        assertThat(reports.fresh()).containsOnlyKeys("logroute_core-0");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "another router,      other, 0, instance 0 of router other",
        "another instance,    core,  1, instance 1 of router core",
    })
    void what_another_one_tells_at_its_address_does_not(String why, String router, int instance, String who) {
        told.put("logroute_core-0", new Reported.Told(report(router, instance)));
        reports.meet(List.of(service("core", 0), service("other", 0)));
        assertThat(reports.fresh()).as(why).isEmpty();
        assertThat(reports.lately()).as(why).isEmpty();
        assertThat(reports.silence("logroute_core-0"))
                .contains(
                        "it is not reached: where instance 0 of router core is looked for, %s answers; its address is looked up again"
                                .formatted(who));
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        reports.askNow("logroute_core-0");
        assertThat(reports.fresh()).containsOnlyKeys("logroute_core-0");
    }

    @Test
    void an_answer_that_was_asked_for_before_another_and_comes_after_it_says_nothing() {
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        meanwhile = () -> {
            meanwhile = () -> {};
            now = NOW.plusMillis(1);
            told.put("logroute_core-0", new Reported.Unreachable("it stops"));
            reports.askNow("logroute_core-0");
        };
        reports.meet(List.of(service("core", 0)));
        assertThat(reports.fresh()).as("it stopped since").isEmpty();
        assertThat(reports.silence("logroute_core-0")).contains("it is not reached: it stops");
    }

    @Test
    void what_is_told_once_the_clock_was_set_back_counts_and_what_was_told_before_does_not() {
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        reports.meet(List.of(service("core", 0)));
        now = NOW.minusSeconds(240);
        assertThat(reports.fresh()).as("nobody knows how old that is").isEmpty();
        told.put("logroute_core-0", new Reported.Unreachable("it stops"));
        reports.askNow("logroute_core-0");
        assertThat(reports.fresh()).isEmpty();
        assertThat(reports.silence("logroute_core-0")).contains("it is not reached: it stops");
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        reports.askNow("logroute_core-0");
        assertThat(reports.fresh()).containsOnlyKeys("logroute_core-0");
    }

    @Test
    void nothing_hangs_on_what_was_asked_for_before_its_service_was_changed() {
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        reports.meet(List.of(service("core", 0)));
        meanwhile = () -> {
            now = NOW.plusMillis(1);
            reports.forget("logroute_core-0");
        };
        reports.askNow("logroute_core-0");
        assertThat(reports.fresh()).isEmpty();
        assertThat(reports.lately()).containsOnlyKeys("logroute_core-0");
    }

    @Test
    void what_was_last_heard_is_kept_as_long_as_there_is_a_service_or_a_record() {
        told.put("logroute_core-0", new Reported.Told(report("core", 0)));
        reports.meet(List.of(service("core", 0)));
        told.put("logroute_core-0", new Reported.Unreachable("nobody"));
        reports.askNow("logroute_core-0");
        assertThat(reports.fresh()).isEmpty();
        assertThat(reports.last()).containsOnlyKeys("logroute_core-0");
        reports.remember(java.util.Set.of("logroute_core-0"));
        reports.meet(List.of());
        assertThat(reports.last()).as("its record is there").containsOnlyKeys("logroute_core-0");
        reports.remember(java.util.Set.of());
        reports.meet(List.of());
        assertThat(reports.last()).isEmpty();
    }
}
