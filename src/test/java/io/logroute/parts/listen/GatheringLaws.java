package io.logroute.parts.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Frames;
import io.logroute.flow.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GatheringLaws {
    private static final Instant NOW = Instant.parse("2026-11-30T07:22:36Z");

    @Test
    void what_goes_in_comes_out_as_frames_and_takes_no_more_than_was_told_before() {
        for (int seed : Seeds.upTo(200)) {
            var random = Seeds.random(seed);
            var gathering = new Gathering();
            for (int round = 0; round < 3; round++) {
                var expected = new ArrayList<String>();
                for (int i = random.nextInt(500); i >= 0; i--) {
                    var fields = new LinkedHashMap<String, @Nullable Object>();
                    fields.put("@timestamp", "2026-11-30T07:22:36.000Z");
                    fields.put("message", "ü".repeat(random.nextInt(seed % 3 == 0 ? 3_000 : 30)));
                    var json = Json.write(fields);
                    expected.add(json);
                    long told = gathering.bytesWith(json.getBytes(StandardCharsets.UTF_8).length);
                    gathering.add(fields, NOW);
                    assertThat(gathering.bytes()).as("seed %d", seed).isLessThanOrEqualTo(told);
                }
                var batch = gathering.take();
                assertThat(batch.events().stream().map(Event::json))
                        .as("seed %d", seed)
                        .containsExactlyElementsOf(expected);
                var frames = Frames.of(batch);
                assertThat(Frames.read(frames, batch.size(), 7, NOW).stream().map(Event::json))
                        .as("seed %d", seed)
                        .containsExactlyElementsOf(expected);
                assertThat(gathering.isEmpty()).isTrue();
                assertThat(gathering.bytes()).isZero();
            }
        }
    }
}
