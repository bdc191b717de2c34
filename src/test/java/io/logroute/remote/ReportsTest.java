package io.logroute.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Json;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.Holding;
import io.logroute.plan.InstanceReport.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Reports between a router and a controller of which one is older.
class ReportsTest {
    /// What a router told of commit b550b16, before there were orders.
    private static byte[] old() throws IOException {
        try (var in = Objects.requireNonNull(ReportsTest.class.getResourceAsStream("/upgrades/report.json"))) {
            return in.readAllBytes();
        }
    }

    @Test
    void what_an_older_router_tells_is_read_and_it_serves() throws IOException {
        var report = Reports.read(old());
        assertThat(report.generation()).isEqualTo(6);
        assertThat(report.buffer().events()).isEqualTo(250);
        assertThat(report.buffer().kind()).isEqualTo(Kind.DISK);
        assertThat(report.buffer().id()).isEmpty();
        assertThat(report.sinks())
                .extracting(InstanceReport.SinkReport::lagEvents)
                .containsExactly(250L, 100L);
        assertThat(report.holding()).isEqualTo(Holding.SERVING);
        var inMemory = new String(old(), UTF_8).replace("\"inMemory\":false", "\"inMemory\":true");
        assertThat(Reports.read(inMemory.getBytes(UTF_8)).buffer().kind()).isEqualTo(Kind.MEMORY);
    }

    /// A reader of that time takes what it knows, wherever it stands, and passes over what it does not.
    @Test
    void an_older_controller_finds_all_that_it_knows_where_it_was() throws IOException {
        var before = tree(old());
        var now = tree(Reports.write(Reports.read(old())));
        hasAll("report", now, before);
    }

    private static void hasAll(String where, Object now, Object before) {
        switch (before) {
            case Map<?, ?> object ->
                object.forEach((key, value) -> {
                    var there = ((Map<?, ?>) now).get(key);
                    assertThat(there).as("%s.%s", where, key).isNotNull();
                    hasAll(where + "." + key, Objects.requireNonNull(there), Objects.requireNonNull(value));
                });
            case List<?> list -> {
                assertThat((List<?>) now).as(where).hasSameSizeAs(list);
                for (int i = 0; i < list.size(); i++) {
                    hasAll(where + "." + i, ((List<?>) now).get(i), list.get(i));
                }
            }
            default -> assertThat(now).as(where).isEqualTo(before);
        }
    }

    private static Map<String, ?> tree(byte[] json) {
        return Json.parse(json, 0, json.length);
    }
}
