package io.logroute.parts.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FieldTemplate;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexNameTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a fine name stays             | ampbeat-2026.11.23     | ampbeat-2026.11.23
            upper case becomes lower      | Shop-WEB               | shop-web
            illegal characters            | 'a\\b/c*d?e"f<g>h|i j,k#l:m' | a-b-c-d-e-f-g-h-i-j-k-l-m
            leading signs go              | -_+.shop               | shop
            an inner dot and sign stay    | shop_a+b.c-d           | shop_a+b.c-d
            a hidden index is not made    | .security-7            | security-7
            other letters stay, lower     | Größe                  | größe
            dots alone leave nothing      | ..                     | ''
            signs alone leave nothing     | '-_+.'                 | ''
            illegal ones alone            | '***'                  | ''
            nothing                       | ''                     | ''
            """)
    void names(String why, String name, String repaired) {
        assertThat(IndexName.repaired(name)).as(why).isEqualTo(repaired);
    }

    @Test
    void control_characters_are_illegal_too() {
        assertThat(IndexName.repaired("a\nb\u0000c\u007fd")).isEqualTo("a-b-c-d");
    }

    @Test
    void a_name_that_is_too_long_is_cut_at_a_whole_character() {
        assertThat(IndexName.repaired("a".repeat(300))).isEqualTo("a".repeat(255));
        var cut = IndexName.repaired("ä".repeat(200));
        assertThat(cut).isEqualTo("ä".repeat(127));
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(255);
        assertThat(IndexName.repaired("a" + "😀".repeat(100))).isEqualTo("a" + "😀".repeat(63));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({
        "ampbeat-%{+yyyy.MM.dd},      ampbeat-*",
        "shop-%{service}-%{+yyyy},    shop-*-*",
        "%{stack}%{+yyyy}-logs,       *-logs",
        "Shop,                        shop",
        ".x %{a},                     x-*",
        "%{a}%{b},                    *"
    })
    void patterns(String template, String pattern) {
        assertThat(IndexName.pattern(FieldTemplate.parse(template))).isEqualTo(pattern);
    }

    @ParameterizedTest(name = "{0} covers {1}: {2}")
    @CsvSource({
        "ampbeat-*, ampbeat-*,       true",
        "ampbeat-*, ampbeat-shop-*,  true",
        "ampbeat-*, ampbeat-1,       true",
        "ampbeat-*, *,               false",
        "ampbeat-*, *-ampbeat-*,     false",
        "ampbeat-*, ampbeat*,        false",
        "ampbeat-*, shop-*,          false"
    })
    void one_pattern_covers_another(String wide, String narrow, boolean covers) {
        assertThat(IndexName.covers(wide, narrow)).isEqualTo(covers);
    }
}
