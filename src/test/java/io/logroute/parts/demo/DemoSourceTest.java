package io.logroute.parts.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logroute.Seeds;
import io.logroute.flow.Batch;
import io.logroute.flow.Event;
import io.logroute.flow.Inlet;
import io.logroute.flow.Json;
import io.logroute.flow.Receipt;
import io.logroute.spec.SourceSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class DemoSourceTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:15:30Z");

    @Test
    void its_lines_are_json_with_the_fields_of_a_log() {
        for (var line : lines(1, 2_000)) {
            var bytes = line.getBytes(StandardCharsets.UTF_8);
            assertThat(Json.check(bytes, 0, bytes.length)).as(line).isNull();
            var event = Event.of(line, NOW);
            assertThat(event.timestamp()).isEqualTo(NOW);
            assertThat(event.text("stack_name")).isEqualTo("shop");
            assertThat(event.text("service_name")).isIn("shop_web", "shop_cart", "shop_search", "shop_payment");
            assertThat(event.text("container_name")).startsWith(event.text("service_name") + ".");
            assertThat(event.text("level")).isIn("debug", "info", "warn", "error");
            assertThat(event.text("msg")).isNotBlank();
            assertThat(event.text("path")).startsWith("/");
            assertThat(event.get("status")).isInstanceOf(Long.class);
            assertThat(event.get("duration_ms")).isInstanceOf(Long.class);
        }
    }

    @Test
    void about_one_in_ten_is_a_health_check_and_one_in_twelve_an_error() {
        for (int seed = 0; seed < 5; seed++) {
            var events = lines(seed, 20_000).stream()
                    .map(line -> Event.of(line, NOW))
                    .toList();
            long health = events.stream()
                    .filter(event -> "/healthz".equals(event.get("path")))
                    .count();
            long errors = events.stream()
                    .filter(event -> "error".equals(event.get("level")))
                    .count();
            assertThat(health).as("seed %d", seed).isBetween(1_800L, 2_200L);
            assertThat(errors).as("seed %d", seed).isBetween(1_450L, 1_900L);
            assertThat(events.stream().filter(event -> "error".equals(event.get("level"))))
                    .allMatch(event -> event.get("status") instanceof Long status && status >= 400);
        }
    }

    @Test
    void nobody_pays_who_did_not_check_out_and_nobody_checks_out_an_empty_cart() {
        var filled = new HashSet<String>();
        var checked = new HashMap<String, Integer>();
        int paid = 0;
        for (var line : lines(7, 40_000)) {
            var event = Event.of(line, NOW);
            var session = event.text("session");
            if (session == null || "shop_web".equals(event.get("service_name")) || "error".equals(event.get("level"))) {
                continue;
            }
            switch (event.text("path")) {
                case "/cart/items" -> filled.add(session);
                case "/checkout" -> {
                    assertThat(filled).as(line).contains(session);
                    checked.merge(session, 1, Integer::sum);
                }
                case "/payments" -> {
                    assertThat(checked).as(line).containsKey(session);
                    paid++;
                }
                case null, default -> {}
            }
        }
        assertThat(paid).isGreaterThan(100);
    }

    @Test
    void the_same_seed_tells_the_same_story() {
        assertThat(lines(3, 500)).isEqualTo(lines(3, 500));
        assertThat(lines(3, 500)).isNotEqualTo(lines(4, 500));
    }

    @Test
    void it_makes_so_many_a_second() {
        var count = new AtomicInteger();
        try (var demo = new DemoSource(new SourceSpec.Demo(1_000), InstantSource.system(), new Random(1))) {
            long begin = System.nanoTime();
            demo.start(inlet(batch -> count.addAndGet(batch.size())));
            await().atMost(Duration.ofSeconds(60)).until(() -> count.get() >= 2_000);
            int made = count.get();
            double seconds = (System.nanoTime() - begin) / 1e9;
            // What it could not make while it was not let run, it leaves.
            assertThat(made / seconds).isBetween(100.0, 1_100.0);
        }
    }

    @Test
    void it_waits_with_its_inlet_and_stops_at_once() throws Exception {
        var waiting = new CountDownLatch(1);
        var demo = new DemoSource(new SourceSpec.Demo(100), InstantSource.system(), new Random(1));
        var taken = new AtomicInteger();
        demo.start(new Inlet() {
            @Override
            public void accept(Batch batch, Receipt receipt) throws InterruptedException {
                taken.incrementAndGet();
                waiting.countDown();
                new CountDownLatch(1).await();
            }

            @Override
            public boolean full() {
                return true;
            }
        });
        waiting.await();
        long begin = System.nanoTime();
        demo.close();
        demo.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("two ends that are waited for")
                .isLessThan(Duration.ofSeconds(4));
        assertThat(taken.get()).isEqualTo(1);
    }

    @Test
    void closing_without_a_start_is_safe() {
        new DemoSource(new SourceSpec.Demo(1), InstantSource.system(), new Random(1)).close();
    }

    private static List<String> lines(int seed, int count) {
        var shop = new Shop(Seeds.random(seed));
        return IntStream.range(0, count).mapToObj(_ -> shop.next(NOW)).collect(Collectors.toList());
    }

    private static Inlet inlet(java.util.function.Consumer<Batch> to) {
        return new Inlet() {
            @Override
            public void accept(Batch batch, Receipt receipt) {
                to.accept(batch);
                receipt.stored();
            }

            @Override
            public boolean full() {
                return false;
            }
        };
    }
}
