package io.logroute.plan.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.plan.swarm.Packed.Part;
import io.logroute.spec.Read;
import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedLaws {
    @Test
    void whatever_was_packed_comes_back_from_its_parts_sorted_by_name() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var text = text(random);
            int most = 1 + random.nextInt(random.nextBoolean() ? 40 : 4_000);
            var packed = Packed.of(text, most);
            var content = new ByteArrayOutputStream();
            packed.parts().stream().sorted(Comparator.comparing(Part::name)).forEach(part -> {
                assertThat(part.bytes()).as("seed %d", seed).hasSizeLessThanOrEqualTo(most);
                content.writeBytes(part.bytes());
            });
            assertThat(Packed.text(content.toByteArray())).as("seed %d", seed).isEqualTo(new Read.Good<>(text));
            assertThat(Packed.text(Packed.zipped(text))).as("seed %d", seed).isEqualTo(new Read.Good<>(text));
        }
    }

    @Test
    void whatever_bytes_come_they_are_text_or_a_problem() {
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var content = Packed.zipped(text(random));
            for (int i = random.nextInt(4); i >= 0; i--) {
                content[random.nextInt(content.length)] = (byte) random.nextInt();
            }
            switch (Packed.text(content)) {
                case Read.Good<String> _ -> {}
                case Read.Bad<String>(var problems) ->
                    assertThat(problems).as("seed %d", seed).hasSize(1);
            }
        }
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(2_000); i > 0; i--) {
            text.append(
                    switch (random.nextInt(4)) {
                        case 0 -> "  - field: value\n";
                        case 1 -> "é";
                        case 2 -> "\uD83D\uDE00";
                        default -> String.valueOf((char) (' ' + random.nextInt(90)));
                    });
        }
        return text.toString();
    }
}
