package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Address;
import io.logroute.flow.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChunkTest {
    private static final byte[] JSON = "{\"n\":1}".getBytes(StandardCharsets.UTF_8);
    private static final Address ADDRESS = new Address("route", 0, Optional.empty());

    /// More records than fit into the memory of the tests.
    @Test
    void few_events_of_many_records_do_not_keep_the_records() {
        var kept = new ArrayList<Event>();
        for (int i = 0; i < 20_000; i++) {
            var chunk = new Chunk();
            chunk.send(slice(1 << 20, i));
            chunk.reject(slice(1 << 20, i), "no");
            chunk.endRecord(1 << 20);
            kept.add(chunk.events.getFirst());
            kept.add(chunk.letters.getFirst().event());
        }
        assertThat(kept).allSatisfy(event -> {
            assertThat(event.json()).endsWith("\"n\":1}");
            assertThat(event.address()).isEqualTo(ADDRESS);
        });
        assertThat(kept.getLast().seq()).isEqualTo(19_999);
    }

    @Test
    void events_that_are_most_of_their_record_stay_slices_of_it() {
        var chunk = new Chunk();
        var event = slice(20, 0);
        chunk.send(event);
        chunk.endRecord(20);
        assertThat(chunk.events.getFirst()).isSameAs(event);
    }

    @Test
    void it_begins_with_its_first_event_though_numbers_are_missing_behind_it() {
        var chunk = new Chunk();
        chunk.count(slice(20, 5), new Routing.Taken(1, 0, false));
        chunk.count(slice(20, 1000), new Routing.Taken(1, 0, false));
        assertThat(chunk.firstSeq).isEqualTo(5);
        assertThat(chunk.endSeq).isEqualTo(1001);
    }

    private static Event slice(int size, int seq) {
        var bytes = Arrays.copyOf(JSON, size);
        return Event.of(bytes, 0, JSON.length, seq, Rig.NOON).addressed(ADDRESS);
    }
}
