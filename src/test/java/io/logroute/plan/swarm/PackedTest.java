package io.logroute.plan.swarm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.logroute.plan.swarm.Packed.Part;
import io.logroute.spec.Read;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class PackedTest {
    @Test
    void what_fits_stays_as_it_is() {
        var packed = Packed.of("kind: LogRouter\n", 500);
        assertThat(packed.parts()).extracting(Part::name).containsExactly("pipeline");
        assertThat(packed.content()).asString(UTF_8).isEqualTo("kind: LogRouter\n");
    }

    @Test
    void what_fits_as_gzip_is_one_part_of_it() {
        var text = "route ".repeat(1_000);
        var packed = Packed.of(text, 500);
        assertThat(packed.parts()).extracting(Part::name).containsExactly("pipeline");
        assertThat(packed.content()).startsWith(0x1f, 0x8b).hasSizeLessThan(500);
        assertThat(Packed.text(packed.content())).isEqualTo(new Read.Good<>(text));
    }

    @Test
    void what_does_not_fit_is_split_into_parts_whose_names_sort() {
        var packed = Packed.of(noise(4_000), 500);
        var names = packed.parts().stream().map(Part::name).toList();
        assertThat(names)
                .hasSizeBetween(4, 9)
                .startsWith("pipeline.1of" + names.size())
                .isSorted();
        var many =
                Packed.of(noise(40_000), 500).parts().stream().map(Part::name).toList();
        assertThat(many)
                .hasSizeGreaterThan(10)
                .startsWith("pipeline.01of" + many.size())
                .isSorted();
    }

    @Test
    void the_same_text_gives_the_same_bytes() {
        assertThat(Packed.of(noise(4_000), 500).content())
                .isEqualTo(Packed.of(noise(4_000), 500).content());
    }

    @Test
    void a_missing_part_is_told() {
        var whole = Packed.of(noise(4_000), 500).content();
        assertThat(Packed.text(Arrays.copyOf(whole, whole.length - 500)).problems())
                .singleElement()
                .asString()
                .contains("no whole gzip", "a part is missing");
        assertThat(Packed.text(Arrays.copyOfRange(whole, 500, whole.length)).problems())
                .singleElement()
                .asString()
                .contains("neither UTF-8 nor gzip");
    }

    @Test
    void a_bomb_of_gzip_goes_off_outside() throws IOException {
        var bomb = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(bomb)) {
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 80; i++) {
                zip.write(zeros);
            }
        }
        assertThat(Packed.text(bomb.toByteArray()).problems())
                .singleElement()
                .asString()
                .contains("more than 67108864 bytes");
    }

    @Test
    void what_is_too_large_is_not_packed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Packed.of("a".repeat(Packed.LARGEST_TEXT + 1), 500_000))
                .withMessageContaining("67108864 are the most; share its routes");
    }

    static String noise(int length) {
        return new Random(1)
                .ints(length, ' ', '~')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
