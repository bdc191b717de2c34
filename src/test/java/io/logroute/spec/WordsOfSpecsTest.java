package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.logroute.Seeds;
import io.logroute.spec.FieldTemplate.Piece;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The values that stand as one word in a spec: what is one, what it says, and how it is written
/// back.
class WordsOfSpecsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0", "4096, 4096, 4KiB", "512KiB, 524288, 512KiB", "8GiB, 8589934592, 8GiB", "1TiB, 1099511627776, 1TiB",
        "10MB, 10000000, 10000000", "10 MB, 10000000, 10000000", "1.5KiB, 1536, 1536", "7B, 7, 7",
                "1024MiB, 1073741824, 1GiB"
    })
    void sizes(String text, long bytes, String written) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(ByteSize.parse(text)).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GiB",
                "-1",
                "8gib",
                "8 gigs",
                "1e3",
                "8GiBs",
                "99999999999TiB",
                ".5KiB",
                "\u0663KiB",
                "8  GiB"
            })
    void no_sizes(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteSize.parse(text))
                .withMessageContaining("; write");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0s",
        "0s, 0, 0s",
        "250ms, 250, 250ms",
        "5s, 5000, 5s",
        "10m, 600000, 10m",
        "90m, 5400000, 90m",
        "2h, 7200000, 2h",
        "7d, 604800000, 7d",
        "1h30m, 5400000, 90m",
        "60s, 60000, 1m",
        "1s500ms, 1500, 1500ms"
    })
    void durations(String text, long ms, String written) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(ms));
        assertThat(Durations.write(Durations.parse(text))).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 s", "5sec", "1.5s", "5S", "99999999999s", "1s1s1s1s1s1s"})
    void no_durations(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("; write");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "core", "shop-errors", "a1", "a--b", "abcdefghijklmnopqrstuvwxyz0123456789-abc"})
    void names(String text) {
        assertThat(new Name(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "1a",
                "-a",
                "a-",
                "a_b",
                "a.b",
                "a b",
                "\u00e4",
                "a\n",
                "abcdefghijklmnopqrstuvwxyz0123456789-abcde"
            })
    void no_names(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Name(text)).withMessageContaining("; use a-z");
    }

    @ParameterizedTest
    @CsvSource({
        "shop_*, shop_web, true", "shop_*, shop_, true", "shop_*, shop, false", "*, '', true", "?, a, true",
                "?, '', false",
        "a?c, abc, true", "*web*, my-web-1, true", "Web, web, false", "a.c, abc, false", "**, x, true",
                "a*b*c, aXbYc, true",
        "a*b*c, acb, false", "[ab], a, false"
    })
    void globs(String pattern, String name, boolean fits) {
        assertThat(new Glob(pattern).matches(name)).isEqualTo(fits);
    }

    @RepeatedTest(20)
    void a_glob_agrees_with_a_regular_expression(RepetitionInfo round) {
        var random = Seeds.random(round.getCurrentRepetition());
        for (int i = 0; i < 2_000; i++) {
            var pattern = text(random, "ab*?.", 1 + random.nextInt(6));
            var name = text(random, "ab.", random.nextInt(8));
            var model = pattern.chars()
                    .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : "\\Q" + (char) c + "\\E")
                    .collect(Collectors.joining());
            assertThat(new Glob(pattern).matches(name))
                    .as("seed %d: %s on %s", round.getCurrentRepetition(), pattern, name)
                    .isEqualTo(name.matches("(?s)" + model));
        }
    }

    @Test
    @Timeout(30)
    void a_hostile_glob_takes_no_longer_than_the_product_of_its_lengths() {
        var name = "a".repeat(100_000);
        assertThat(new Glob("*a".repeat(127) + "*b").matches(name)).isFalse();
        assertThat(new Glob("*".repeat(255) + "b").matches(name)).isFalse();
        assertThat(new Glob("a*".repeat(128)).matches(name)).isTrue();
        assertThat(new Glob("*" + "a".repeat(254) + "b").matches(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "msg, msg, msg", "service.name, service|name, service.name", "[service][name], service|name, service.name",
        "[a.b], a.b, [a.b]", "[a.b][c], a.b|c, [a.b][c]", "@timestamp, @timestamp, @timestamp",
        "'[ a]', ' a', '[ a]'", "'[a][b ]', 'a|b ', '[a][b ]'", "'[a[b]', 'a[b', '[a[b]'"
    })
    void fields(String text, String keys, String written) {
        var path = FieldPath.parse(text);
        assertThat(path.keys()).containsExactly(keys.split("\\|"));
        assertThat(path).hasToString(written);
        assertThat(FieldPath.parse(written)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".", "a.", ".a", "a..b", "a]", "a[b]", "[", "[]", "[a", "[a]b", "[a][", "[ ]"})
    void no_fields(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldPath.parse(text))
                .withMessageContaining("; write");
    }

    @Test
    void templates_are_pieces() {
        assertThat(FieldTemplate.parse("logs-%{service_name}-%{[a.b][c]}-%{+yyyy.MM.dd}!")
                        .pieces())
                .containsExactly(
                        new Piece.Text("logs-"),
                        new Piece.Field(FieldPath.parse("service_name")),
                        new Piece.Text("-"),
                        new Piece.Field(new FieldPath(List.of("a.b", "c"))),
                        new Piece.Text("-"),
                        new Piece.Time("uuuu.MM.dd"),
                        new Piece.Text("!"));
        assertThat(FieldTemplate.parse("plain % {x} }").isPlain()).isTrue();
        assertThat(FieldTemplate.parse("%{x}").isPlain()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "yyyy.MM.dd, uuuu.MM.dd",
        "YYYY.MM.dd, uuuu.MM.dd",
        "YYYY-MM-dd'Y'HH, uuuu-MM-dd'Y'HH",
        "yy, uu",
        "HH, HH"
    })
    void years_are_calendar_years(String written, String pattern) {
        assertThat(FieldTemplate.parse("%{+" + written + "}").pieces()).containsExactly(new Piece.Time(pattern));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "%{", "%{}", "a%{b", "%{+}", "%{+bogus}", "%{+yyyy.MM.dd'}", "%{a..b}", "%{[a}", "%{a-%{+dd}"
            })
    void no_templates(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldTemplate.parse(text))
                .withMessageContaining("; write");
    }

    @ParameterizedTest
    @CsvSource({
        "%{+xxxx.ww}, x, of weeks",
        "%{+yyyy.ww}, w, of weeks",
        "%{+YYYY.ww}, w, of weeks",
        "%{+yyyy-W}, W, of weeks",
        "%{+e}, e, of weeks",
        "%{+yyyy.MM.F}, F, of weeks",
        "%{+ccc}, c, of weeks",
        "%{+QQQ}, Q, no part of a date",
        "%{+q}, q, no part of a date",
        "%{+B}, B, no part of a date",
        "%{+GG}, G, no part of a date",
        "%{+yyyyth}, t, no part of a date"
    })
    void letters_that_are_no_date_are_refused(String text, String letter, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldTemplate.parse(text))
                .withMessageContaining("\"" + text + "\" has the letter " + letter)
                .withMessageContaining(why)
                .withMessageContaining("%{+yyyy.MM.dd}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%{+yyyy.MM.dd'x'HH}",
                "%{+yyyy-MM-dd'T'HH:mm:ss.SSSXXX}",
                "%{+E d MMM yy hh a}",
                "%{+yyyy-D}",
                "%{+Q}",
                "%{+HH:mm Z X}",
                "week 'w' %{+yy}"
            })
    void letters_of_dates_and_what_is_quoted_are_not(String text) {
        assertThat(FieldTemplate.parse(text).isPlain()).isFalse();
    }

    @Test
    void ids_of_documents() {
        assertThat(DocumentIds.parse("sequence")).isEqualTo(new DocumentIds.Sequence());
        assertThat(DocumentIds.parse("content")).isEqualTo(new DocumentIds.Content());
        assertThat(DocumentIds.parse("none")).isEqualTo(new DocumentIds.None());
        assertThat(DocumentIds.parse("%{a}-%{b}"))
                .isEqualTo(new DocumentIds.Template(FieldTemplate.parse("%{a}-%{b}")));
        for (var wrong : List.of("", "Sequence", "id", "%{a")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DocumentIds.parse(wrong))
                    .withMessageContaining("; write");
        }
    }

    private static String text(Random random, String of, int length) {
        return random.ints(length, 0, of.length())
                .mapToObj(i -> of.substring(i, i + 1))
                .collect(Collectors.joining());
    }
}
