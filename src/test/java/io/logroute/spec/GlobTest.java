package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "shop_*,  shop_web, true",
        "shop_*,  shop_,    true",
        "shop_?,  shop_,    false",
        "*_w?b,   a_wb_web, true",
        "a*b*c,   abcb,     false",
        "a,       A,        false"
    })
    void a_star_is_any_characters_and_a_question_mark_one(String glob, String name, boolean fits) {
        assertThat(new Glob(glob).matches(name)).isEqualTo(fits);
    }

    @Test
    void a_pattern_has_at_most_256_characters() {
        assertThat(new Glob("*" + "a".repeat(255)).matches("a".repeat(100_000))).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Glob("a".repeat(257)))
                .withMessage("the pattern has 257 characters; write at most 256");
    }
}
