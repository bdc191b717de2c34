package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.FleetState;
import io.logroute.plan.PipelineDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    @TempDir
    Path folder;

    /// Deaf to interrupts until it is let go.
    private static final class Stuck implements Fleet {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public Outcome become(List<PipelineDefinition> wanted) {
            begun.countDown();
            while (go.getCount() > 0) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    continue;
                }
            }
            return new Outcome(List.of(), Map.of());
        }

        @Override
        public List<FleetState> states() {
            return List.of();
        }
    }

    @Test
    @Timeout(120)
    void a_pass_that_does_not_end_holds_up_the_end_no_longer_than_it_may() throws Exception {
        Files.writeString(folder.resolve("core.yaml"), "");
        var files = new SpecFiles(List.of(folder));
        var fleet = new Stuck();
        var board = new StatusBoard(fleet, InstantSource.system());
        var bell = new Bell();
        var watch = new Watch(
                files,
                files.fingerprint(),
                new Reconciler(
                        files, Set.of(), io.logroute.plan.RouteTests.UNASKED, fleet, board, InstantSource.system()),
                board,
                bell,
                Duration.ofMillis(300));
        watch.start();
        bell.ring();
        assertThat(fleet.begun.await(60, TimeUnit.SECONDS)).isTrue();
        long began = System.nanoTime();
        watch.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(290), Duration.ofSeconds(30));
        fleet.go.countDown();
        watch.close();
    }

    @Test
    @Timeout(120)
    void looks_that_fail_come_no_faster_than_others() throws Exception {
        var files = new SpecFiles(List.of(folder));
        var asked = new CountDownLatch(4);
        var fleet = new Fleet() {
            @Override
            public Outcome become(List<PipelineDefinition> wanted) {
                return new Outcome(List.of(), Map.of());
            }

            @Override
            public List<FleetState> states() {
                if (Thread.currentThread().getName().equals("watch-specs")) {
                    asked.countDown();
                }
                throw new IllegalStateException("the disk is gone");
            }
        };
        var board = new StatusBoard(fleet, InstantSource.system());
        var reconciler = new Reconciler(
                files, Set.of(), io.logroute.plan.RouteTests.UNASKED, fleet, board, InstantSource.system());
        var watch = new Watch(files, files.fingerprint(), reconciler, board, new Bell(), Duration.ofSeconds(5));
        long began = System.nanoTime();
        watch.start();
        try {
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(600));
        } finally {
            watch.close();
        }
    }

    @Test
    void an_end_without_a_start_is_one() {
        var files = new SpecFiles(List.of(folder));
        var fleet = new Stuck();
        var board = new StatusBoard(fleet, InstantSource.system());
        new Watch(
                        files,
                        "",
                        new Reconciler(
                                files,
                                Set.of(),
                                io.logroute.plan.RouteTests.UNASKED,
                                fleet,
                                board,
                                InstantSource.system()),
                        board,
                        new Bell(),
                        Duration.ofMillis(300))
                .close();
        assertThat(fleet.begun.getCount()).isEqualTo(1);
    }
}
