package io.logroute.parts.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.logroute.Seeds;
import io.logroute.flow.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bodies are cut into the events that Jackson finds in them.
class SplitLaws {
    private static final JsonFactory STRICT = new JsonFactory();
    private static final List<String> OBJECTS = List.of(
            "{}",
            "{\"a\":1}",
            "{\"m\":\"} ] , { \\\" \\\\\"}",
            "{ \"o\" : { \"l\" : [ 1, {\"x\":[]} ] } }",
            "{\"\\\\\":\"\\\\\\\"{\"}",
            "{\n \"pretty\": true\n}",
            "{\"ü\":\"😀\"}",
            "{\"n\":null,\"t\":-1.5e3}");

    @Test
    void bodies_are_cut_where_a_parser_cuts_them() {
        int good = 0;
        var seeds = Seeds.upTo(40_000);
        for (int seed : seeds) {
            var random = Seeds.random(seed);
            var bytes = body(random).getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(3) == 0 && bytes.length > 0) {
                bytes[random.nextInt(bytes.length)] = (byte) "{}[],\"\\ :\n1x\u0000".charAt(random.nextInt(13));
            }
            var as = "seed %d: %s".formatted(seed, new String(bytes, StandardCharsets.UTF_8));
            var expected = parsed(bytes);
            var split = Split.of(bytes, bytes.length, 1_000);
            if (expected == null || expected.isEmpty()) {
                assertThat(split.fault()).as(as).isNotNull();
                assertThat(split.fault().at()).as(as).isBetween(0, bytes.length);
                continue;
            }
            good++;
            assertThat(split.fault()).as(as).isNull();
            var found = new ArrayList<Object>();
            for (int i = 0; i < split.count(); i++) {
                assertThat(bytes[split.from(i)]).as(as).isEqualTo((byte) '{');
                assertThat(bytes[split.to(i) - 1]).as(as).isEqualTo((byte) '}');
                found.add(Json.parse(bytes, split.from(i), split.to(i)));
            }
            assertThat(found).as(as).isEqualTo(expected);
        }
        if (Seeds.many()) {
            assertThat(good).isBetween(seeds.given() * 3 / 8, seeds.given() * 7 / 8);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "empty                 | ``                  | 0  | 1 | the body is empty",
                "blank                 | `  `                | 2  | 1 | the body is empty",
                "an empty array        | []                  | 1  | 1 | no event in it",
                "not an object         | 5                   | 0  | 1 | begins with {",
                "text                  | hello               | 0  | 1 | begins with {",
                "a number in an array  | [{},5]              | 4  | 2 | begins with {",
                "a comma between       | {},{}               | 2  | 2 | begins with {",
                "a comma at the end    | [{},]               | 4  | 2 | begins with {",
                "no comma              | [{} {}]             | 4  | 1 | a comma or ] is due",
                "no end                | [{}                 | 3  | 1 | within the array",
                "more after            | [{}] {}             | 5  | 1 | more after the end",
                "the third is wrong    | {} {} {\"a\":x}     | 11 | 3 | 'x' where a value is due",
                "unfinished            | {\"a\":{            | 6  | 1 | due",
                "array of arrays       | [[{}]]              | 1  | 1 | begins with {",
            })
    void faults_have_a_place_and_a_number(String why, String body, int at, int event, String words) {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var fault = Split.of(bytes, bytes.length, 10).fault();
        assertThat(fault).as(why).isNotNull();
        assertThat(fault.what()).contains(words);
        assertThat(fault.at()).isEqualTo(at);
        assertThat(fault.event()).isEqualTo(event);
    }

    @Test
    void a_byte_order_mark_is_passed_over() {
        var bytes = "\ufeff{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        var split = Split.of(bytes, bytes.length, 10);
        assertThat(split.fault()).isNull();
        assertThat(split.from(0)).isEqualTo(3);
    }

    @Test
    void bytes_after_the_body_do_not_count() {
        var bytes = "{\"a\":1}garbage".getBytes(StandardCharsets.UTF_8);
        assertThat(Split.of(bytes, 7, 10).fault()).isNull();
    }

    @Test
    void more_events_than_allowed_are_noticed() {
        var bytes = "{}".repeat(11).getBytes(StandardCharsets.UTF_8);
        assertThat(Split.of(bytes, bytes.length, 10).overfull()).isTrue();
        assertThat(Split.of(bytes, 20, 10).overfull()).isFalse();
    }

    private static String body(Random random) {
        boolean array = random.nextBoolean();
        var out = new StringBuilder(blank(random));
        out.append(array ? "[" : "");
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            out.append(i > 0 && array ? "," : "").append(blank(random));
            out.append(OBJECTS.get(random.nextInt(OBJECTS.size()))).append(blank(random));
        }
        return out.append(array ? "]" : "").append(blank(random)).toString();
    }

    private static String blank(Random random) {
        return List.of("", "", " ", "\n", "\r\n", "\t ").get(random.nextInt(6));
    }

    /// The events of a body as Jackson sees them; `null` when it is none.
    private static @Nullable List<Object> parsed(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            return null;
        }
        var events = new ArrayList<Object>();
        try (JsonParser parser = STRICT.createParser(bytes)) {
            var token = parser.nextToken();
            boolean array = token == JsonToken.START_ARRAY;
            if (array) {
                token = parser.nextToken();
            }
            while (token == JsonToken.START_OBJECT) {
                int from = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                int to = (int) parser.currentLocation().getByteOffset();
                events.add(Json.parse(bytes, from, to));
                token = parser.nextToken();
            }
            if (array) {
                return token == JsonToken.END_ARRAY && parser.nextToken() == null ? events : null;
            }
            return token == null ? events : null;
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }
}
