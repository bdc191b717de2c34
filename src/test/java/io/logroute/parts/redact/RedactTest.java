package io.logroute.parts.redact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Event;
import io.logroute.flow.Taking;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Known;
import io.logroute.spec.FilterSpec.Replace;
import io.logroute.spec.LinePattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactTest {
    @TempDir
    Path folder;

    @Test
    void without_fields_it_looks_through_the_line() throws IOException {
        var redact = redact(List.of(), Known.EMAIL);
        assertThat(left(
                        redact,
                        "{\"@timestamp\":\"t\",\"msg\":\"to a@b.org\",\"message\":\"a@b.org\",\"user\":\"a@b.org\"}"))
                .isEqualTo(
                        "{\"@timestamp\":\"t\",\"msg\":\"to [email]\",\"message\":\"a@b.org\",\"user\":\"a@b.org\"}");
        assertThat(left(redact, "{\"@timestamp\":\"t\",\"message\":\"to a@b.org\"}"))
                .isEqualTo("{\"@timestamp\":\"t\",\"message\":\"to [email]\"}");
    }

    @Test
    void objects_and_lists_are_looked_through_with_all_that_is_in_them_and_names_and_numbers_stay() throws IOException {
        var redact = redact(List.of("request", "a.b"), Known.EMAIL, Known.CARD);
        assertThat(left(
                        redact,
                        "{\"@timestamp\":\"t\",\"request\":{\"a@b.org\":[\"a@b.org\",{\"x\":\"4111111111111111\"},4111111111111111,null,true]},"
                                + "\"a\":{\"b\":\"a@b.org\",\"c\":\"a@b.org\"}}"))
                .isEqualTo(
                        "{\"@timestamp\":\"t\",\"request\":{\"a@b.org\":[\"[email]\",{\"x\":\"[card]\"},4111111111111111,null,true]},"
                                + "\"a\":{\"b\":\"[email]\",\"c\":\"a@b.org\"}}");
    }

    @Test
    void an_event_in_which_nothing_is_found_travels_on_as_the_bytes_that_came_in() throws IOException {
        var json = "{\"@timestamp\" : \"t\",  \"msg\":\"nothing\\u0020here\",\"o\":{ \"n\":1.50 }}";
        assertThat(left(redact(List.of("msg", "o", "gone"), Known.values()), json))
                .isEqualTo(json);
    }

    @Test
    void the_text_of_a_field_that_is_named_like_a_secret_goes_as_a_whole() throws IOException {
        var redact = redact(List.of("request", "api_key"), Known.SECRET);
        assertThat(left(
                        redact,
                        "{\"@timestamp\":\"t\",\"api_key\":\"k 1\",\"request\":{\"password\":\"hun ter2\",\"pin\":\"1\","
                                + "\"Authorization\":[\"Bearer x\"],\"token\":null,\"secret\":true,\"passwd\":\"\"}}"))
                .isEqualTo(
                        "{\"@timestamp\":\"t\",\"api_key\":\"[secret]\",\"request\":{\"password\":\"[secret]\",\"pin\":\"1\","
                                + "\"Authorization\":[\"[secret]\"],\"token\":null,\"secret\":true,\"passwd\":\"\"}}");
    }

    @Test
    void own_patterns_take_out_their_first_group_or_all_that_they_find() throws IOException {
        var redact = new Redact(
                new FilterSpec.Redact(
                        List.of(),
                        List.of(),
                        Map.of("order", new LinePattern("order-([0-9]+)(x?)"), "room", new LinePattern("r[0-9]+")),
                        Replace.MASK,
                        Optional.empty(),
                        Optional.empty()),
                "r");
        assertThat(left(redact, "{\"@timestamp\":\"t\",\"msg\":\"order-12x and order-7 in r5\"}"))
                .isEqualTo("{\"@timestamp\":\"t\",\"msg\":\"order-[order]x and order-[order] in [room]\"}");
    }

    @Test
    void what_is_known_to_no_pattern_is_known_to_ones_own() throws IOException {
        var redact = new Redact(
                new FilterSpec.Redact(
                        List.of(FieldPath.parse("msg"), FieldPath.parse("o")),
                        List.of(Known.EMAIL),
                        Map.of("ssn", new LinePattern("(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])")),
                        Replace.MASK,
                        Optional.empty(),
                        Optional.empty()),
                "r");
        assertThat(left(
                        redact,
                        "{\"@timestamp\":\"t\",\"msg\":\"123-12-1234 of a@b.org, not 5123-12-1234\","
                                + "\"o\":{\"123-12-1234\":[[\"123-12-1234\"],{\"n\":1231212,\"x\":\"y\"}]}}"))
                .isEqualTo("{\"@timestamp\":\"t\",\"msg\":\"[ssn] of [email], not 5123-12-1234\","
                        + "\"o\":{\"123-12-1234\":[[\"[ssn]\"],{\"n\":1231212,\"x\":\"y\"}]}}");
    }

    @Test
    void a_text_that_is_too_much_for_an_own_pattern_goes_as_a_whole() throws IOException {
        var redact = new Redact(
                new FilterSpec.Redact(
                        List.of(),
                        List.of(),
                        Map.of("bad", new LinePattern("(.*)(.*)(.*)(.*)z")),
                        Replace.MASK,
                        Optional.empty(),
                        Optional.empty()),
                "r");
        assertThat(left(redact, "{\"@timestamp\":\"t\",\"msg\":\"%s\"}".formatted("a".repeat(200) + "c")))
                .isEqualTo("{\"@timestamp\":\"t\",\"msg\":\"[bad]\"}");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"log\":\"nr\\n4111 1111 1111 1111\\n\"}        | {\"log\":\"nr\\n[card]\\n\"}",
                "{\"log\":\"nr\\t4111111111111111\\tx\"}          | {\"log\":\"nr\\t[card]\\tx\"}",
                "{\"log\":\"nr\\u00a04111111111111111\"}          | {\"log\":\"nr\\u00a0[card]\"}",
                "{\"log\":\"\\nDE89370400440532013000\\r\"}       | {\"log\":\"\\n[iban]\\r\"}",
                "{\"log\":\"\\n10.0.0.7\\n2001:db8::1\\n\"}       | {\"log\":\"\\n[ip]\\n[ip]\\n\"}",
                "{\"log\":\"Hallo\\nann@example.org\"}            | {\"log\":\"Hallo\\n[email]\"}",
                "{\"log\":\"Hallo\\\\nann@example.org\"}          | {\"log\":\"Hallo\\\\n[email]\"}",
                "{\"log\":\"ann@example.org\\nHallo\"}            | {\"log\":\"[email]\\nHallo\"}",
                "{\"log\":\"\\\"ann@example.org\\\"\"}             | {\"log\":\"\\\"[email]\\\"\"}",
                "{\"log\":\"\\u00fcann@example.org\"}             | {\"log\":\"[email]\"}",
                "{\"log\":\"an\\u00fc@example.org x\"}            | {\"log\":\"[email] x\"}",
                "{\"log\":\"ann\\u0040example.org x\"}            | {\"log\":\"[email] x\"}",
                "{\"log\":\"ann\\\\u0040example.org x\"}          | {\"log\":\"[email] x\"}",
                "{\"log\":\"\\nAKIAIOSFODNN7EXAMPLE\\n\"}         | {\"log\":\"\\n[secret]\\n\"}",
                "{\"log\":\"\\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def-ghi\\n\"} | {\"log\":\"\\n[jwt]\\n\"}",
                "{\"log\":\"password=hunter2\\nok\"}              | {\"log\":\"password=[secret]\"}",
                "{\"log\":\"\\\"password\\\": \\\"hun\\\\nter2\\\", ok\"} | {\"log\":\"\\\"password\\\": \\\"[secret]\\\", ok\"}",
                "{\"password\":\"a\\\"b\\\\\",\"c\":\"d\"}           | {\"password\":\"[secret]\",\"c\":\"d\"}",
                "{\"pass\\u0077ord\":\"hunter2\",\"c\":\"d\"}      | {\"pass\\u0077ord\":\"[secret]\",\"c\":\"d\"}",
                "C:\\temp\\ann@example.org                       | C:\\temp\\[email]",
            })
    void inside_of_json_an_escape_is_what_it_means_and_stays_whole(String text, String left) throws IOException {
        var event = Event.of("{\"@timestamp\":\"t\"}", Instant.EPOCH);
        event.set(text, "msg");
        var taking = new Taking();
        redact(List.of(), Known.values()).apply(event, taking);
        assertThat(event.get("msg")).isEqualTo(left);
    }

    @Test
    void overlapping_finds_go_as_one() throws IOException {
        var redact = redact(List.of(), Known.EMAIL, Known.SECRET);
        assertThat(left(redact, "{\"@timestamp\":\"t\",\"msg\":\"password=a@b.org,x mail=a@b.org\"}"))
                .isEqualTo("{\"@timestamp\":\"t\",\"msg\":\"password=[email],x mail=[email]\"}");
        assertThat(left(redact, "{\"@timestamp\":\"t\",\"msg\":\"redis://:a@b.org/x\"}"))
                .as("what of the mail address is the password's, and the host behind it")
                .isEqualTo("{\"@timestamp\":\"t\",\"msg\":\"redis://:[email]/x\"}");
    }

    @Test
    void a_hash_is_the_same_for_the_same_value_and_salt_and_another_for_others() throws IOException {
        var one = hash("0123456789abcdef\n");
        var again = hash("0123456789abcdef");
        var other = hash("0123456789abcdeX");
        var json = "{\"@timestamp\":\"t\",\"msg\":\"a@b.org c@b.org a@b.org\"}";
        var left = left(one, json);
        assertThat(left)
                .matches("\\{\"@timestamp\":\"t\",\"msg\":\"(\\[email:[0-9a-f]{12}]) (\\[email:[0-9a-f]{12}]) \\1\"}");
        assertThat(left(again, json))
                .as("a line end behind the salt is none of it")
                .isEqualTo(left);
        assertThat(left(other, json)).isNotEqualTo(left);
        // HMAC-SHA-256 by RFC 2104, worked out with another implementation
        assertThat(left).contains("[email:" + HASH_OF_A + "]");
    }

    /// `printf %s a@b.org | openssl dgst -sha256 -hmac 0123456789abcdef`, its first 12 digits.
    private static final String HASH_OF_A = "d460aa443e51";

    @Test
    void removed_leaves_nothing_and_twice_is_as_once() throws IOException {
        var redact = new Redact(
                new FilterSpec.Redact(
                        List.of(),
                        List.of(Known.EMAIL, Known.CARD),
                        Map.of("own", new LinePattern("#x+#")),
                        Replace.REMOVE,
                        Optional.empty(),
                        Optional.empty()),
                "r");
        var once = left(redact, "{\"@timestamp\":\"t\",\"msg\":\"4111 1111#x# 1111 1111, <a@b.org>\"}");
        assertThat(once).isEqualTo("{\"@timestamp\":\"t\",\"msg\":\", <>\"}");
        assertThat(left(redact, once)).isEqualTo(once);
    }

    @Test
    void a_salt_that_cannot_be_had_is_said_when_the_router_starts_and_not_shown() throws IOException {
        assertThatThrownBy(() -> hash(folder.resolve("gone")))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "route shop: redact cannot read its salt from %s: there is no such file; put the secret there, or write another saltFile"
                                .formatted(folder.resolve("gone")));
        var shorts = Files.writeString(folder.resolve("short"), "hunter2\n");
        assertThatThrownBy(() -> hash(shorts))
                .hasMessage(
                        "route shop: the salt of redact in %s has 7 bytes; write at least 16, such as openssl rand -hex 32 gives"
                                .formatted(shorts));
    }

    @Test
    void names_of_own_patterns_that_would_mislead_are_refused() {
        for (var name : List.of("a]", "", "email", "EMAIL", "x".repeat(41), "a b")) {
            assertThatThrownBy(() -> new FilterSpec.Redact(
                            List.of(),
                            List.of(),
                            Map.of(name, new LinePattern("x")),
                            Replace.MASK,
                            Optional.empty(),
                            Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + name + "\"");
        }
    }

    private Redact hash(String salt) throws IOException {
        return hash(Files.writeString(Files.createTempFile(folder, "salt", ""), salt));
    }

    private static Redact hash(Path salt) throws IOException {
        return new Redact(
                new FilterSpec.Redact(
                        List.of(), List.of(Known.EMAIL), Map.of(), Replace.HASH, Optional.of(salt), Optional.empty()),
                "shop");
    }

    private static Redact redact(List<String> fields, Known... known) throws IOException {
        return new Redact(
                new FilterSpec.Redact(
                        fields.stream().map(FieldPath::parse).toList(),
                        Arrays.asList(known),
                        Map.of(),
                        Replace.MASK,
                        Optional.empty(),
                        Optional.empty()),
                "r");
    }

    private static String left(Redact redact, String json) {
        var taking = new Taking();
        redact.apply(Event.of(json, Instant.EPOCH), taking);
        return taking.passed.getFirst().json();
    }
}
