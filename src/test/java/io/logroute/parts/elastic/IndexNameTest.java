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
            what a template leaves alone  | '%{service}-x'         | '%{service}-x'
            a field with a path           | '../../etc/passwd'     | etc-passwd
            date math of Elasticsearch    | '<logs-{now/d}>'       | 'logs-{now-d}-'
            upper case beyond ASCII       | ÄΣİ                    | äσi̇
            """)
    void names(String why, String name, String repaired) {
        assertThat(IndexName.repaired(name)).as(why).isEqualTo(repaired);
    }

    @Test
    void control_characters_are_illegal_too() {
        assertThat(IndexName.repaired("a\nb\u0000c\u007fd")).isEqualTo("a-b-c-d");
    }

    @Test
    void half_a_character_is_illegal_too() {
        assertThat(IndexName.repaired("a\ud83db\ude00c\ud83d")).isEqualTo("a-b-c-");
        assertThat(IndexName.repaired("a\ud83d\ude00")).isEqualTo("a\ud83d\ude00");
    }

    /// Why Elasticsearch refuses the name of an index: its own checks, in its order; empty when it takes it.
    static String refusal(String name) {
        if (name.chars().anyMatch(c -> "\\/*?\"<>| ,".indexOf(c) >= 0)) {
            return "must not contain the following characters";
        }
        if (name.isEmpty() || name.contains("#") || name.contains(":")) {
            return "must not be empty, or contain '#' or ':'";
        }
        if ("_-+".indexOf(name.charAt(0)) >= 0) {
            return "must not start with '_', '-', or '+'";
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > 255) {
            return "index name is too long";
        }
        if (name.equals(".") || name.equals("..")) {
            return "must not be '.' or '..'";
        }
        return name.toLowerCase(java.util.Locale.ROOT).equals(name) ? "" : "must be lowercase";
    }

    @Test
    void elasticsearch_takes_whatever_is_made_of_a_name() {
        var pieces =
                "a B 7 - _ + . .. / \\ * ? \" < > | , # : \t \n \u0000 \u007f \u2028 ä Σ İ ǅ \ud83d \ude00 \ud83d\ude00 漢 %{x}"
                        .split(" ");
        for (int seed : io.logroute.Seeds.upTo(5_000)) {
            var random = new java.util.Random(seed);
            var name = new StringBuilder();
            for (int i = random.nextInt(random.nextInt(10) == 0 ? 400 : 12); i > 0; i--) {
                name.append(random.nextInt(8) == 0 ? " " : pieces[random.nextInt(pieces.length)]);
            }
            var repaired = IndexName.repaired(name.toString());
            assertThat(repaired.isEmpty() ? "" : refusal(repaired))
                    .as("seed %d: %s -> %s", seed, name, repaired)
                    .isEmpty();
            assertThat(IndexName.repaired(repaired)).as("seed %d, again", seed).isEqualTo(repaired);
            // What goes over the wire is what was checked.
            assertThat(new String(repaired.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                    .as("seed %d", seed)
                    .isEqualTo(repaired);
        }
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
