package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.logroute.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The check of what comes in says what Jackson's strict parser says of the same text.
class JsonCheckLaws {
    private static final JsonFactory STRICT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Json.MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    @Test
    void its_verdict_is_that_of_a_strict_parser() {
        int valid = 0;
        var seeds = Seeds.upTo(60_000);
        for (int seed : seeds) {
            var some = new SomeJson(Seeds.random(seed));
            var bytes = seed % 4 == 0 ? some.object() : some.mutated();
            boolean expected = isObject(bytes);
            valid += expected ? 1 : 0;
            var fault = Json.check(bytes, 0, bytes.length);
            assertThat(fault == null)
                    .as("seed %d: %s; fault %s", seed, new String(bytes, StandardCharsets.UTF_8), fault)
                    .isEqualTo(expected);
            if (fault != null) {
                assertThat(fault.at()).as("seed %d", seed).isBetween(0, bytes.length);
            }
        }
        if (Seeds.many()) {
            assertThat(valid).as("valid ones among them").isBetween(seeds.given() / 4, seeds.given() * 3 / 4);
        }
    }

    @Test
    void what_passes_the_check_can_be_read_and_written() {
        for (int seed : Seeds.upTo(20_000)) {
            var bytes = new SomeJson(Seeds.random(seed)).mutated();
            if (Json.check(bytes, 0, bytes.length) == null) {
                var out = new ByteArrayOutputStream();
                Json.write(Json.parse(bytes, 0, bytes.length), out);
                var again = out.toByteArray();
                assertThat(Json.check(again, 0, again.length))
                        .as("seed %d", seed)
                        .isNull();
                var out2 = new ByteArrayOutputStream();
                Json.write(Json.parse(again, 0, again.length), out2);
                assertThat(out2.toByteArray()).as("seed %d", seed).isEqualTo(again);
            }
        }
    }

    @Test
    void it_looks_at_its_slice_alone() {
        for (int seed : Seeds.upTo(5_000)) {
            var random = Seeds.random(seed);
            var bytes = new SomeJson(random).mutated();
            var within = new byte[bytes.length + 7];
            random.nextBytes(within);
            System.arraycopy(bytes, 0, within, 3, bytes.length);
            assertThat(Json.check(within, 3, 3 + bytes.length))
                    .as("seed %d", seed)
                    .isEqualTo(Json.check(bytes, 0, bytes.length));
        }
    }

    @Test
    void an_event_of_any_bytes_at_all_leaves_as_a_json_object() {
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            var bytes = random.nextInt(5) == 0 ? new byte[random.nextInt(30)] : new SomeJson(random).mutated();
            if (random.nextInt(5) == 0) {
                random.nextBytes(bytes);
            }
            var event = Event.lenient(bytes, 0, bytes.length, java.time.Instant.EPOCH);
            event.set("x", "y");
            var out = event.json().getBytes(StandardCharsets.UTF_8);
            assertThat(isObject(out)).as("seed %d: %s", seed, event.json()).isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bare NaN               | {\"a\":NaN}              | 5",
                "bare Infinity          | {\"a\":-Infinity}        | 6",
                "leading zero           | {\"a\":01}               | 6",
                "leading point          | {\"a\":.5}               | 5",
                "trailing comma         | {\"a\":1,}               | 7",
                "comma in a list        | {\"a\":[1,]}             | 8",
                "single quotes          | {'a':1}                  | 1",
                "comment                | {/*x*/}                  | 1",
                "no colon               | {\"a\" 1}                | 5",
                "two objects            | {} {}                    | 3",
                "an array               | [{}]                     | 0",
                "a word                 | {\"a\":nul}              | 5",
                "unfinished             | {\"a\":1                 | 6",
                "a wrong escape         | {\"a\":\"\\x\"}          | 6",
                "half a unicode escape  | {\"a\":\"\\u12\"}        | 6",
            })
    void it_names_the_place(String why, String text, int at) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var fault = Json.check(bytes, 0, bytes.length);
        assertThat(fault).as(why).isNotNull();
        assertThat(fault.at()).as(fault.what()).isEqualTo(at);
    }

    private static boolean isObject(byte[] bytes) {
        try {
            // Jackson's UTF-8 reader lets overlong forms and surrogates through: Java's decoder
            // is the judge of those.
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            return false;
        }
        try (var parser = STRICT.createParser(bytes, 0, bytes.length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            int depth = 1;
            while (depth > 0) {
                var token = parser.nextToken();
                if (token == null) {
                    return false;
                }
                if (token.isScalarValue()) {
                    parser.getText();
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}
