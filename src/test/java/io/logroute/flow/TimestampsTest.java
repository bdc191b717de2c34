package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestampsTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "2026-11-22T10:15:30Z,              2026-11-22T10:15:30Z",
        "2026-11-22T10:15:30.1Z,            2026-11-22T10:15:30.100Z",
        "2026-11-22T10:15:30.123Z,          2026-11-22T10:15:30.123Z",
        "2026-11-22T10:15:30.000Z,          2026-11-22T10:15:30Z",
        "2026-11-22T10:15:30.050Z,          2026-11-22T10:15:30.050Z",
        "2026-11-22T10:15:30.123456789Z,    2026-11-22T10:15:30.123456789Z",
        "2026-11-22T10:15:30+01:00,         2026-11-22T09:15:30Z",
        "2026-11-22T10:15:30.5-05:30,       2026-11-22T15:45:30.500Z",
        "2024-02-29T23:59:59Z,              2024-02-29T23:59:59Z",
        "1969-12-31T23:59:59Z,              1969-12-31T23:59:59Z",
    })
    void instants_are_read(String text, Instant instant) {
        assertThat(Timestamps.parse(text)).isEqualTo(instant);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "no offset,          2026-11-22T10:15:30",
        "a day,              2026-11-22",
        "no such day,        2026-02-29T10:15:30Z",
        "no such month,      2026-13-01T10:15:30Z",
        "no such hour,       2026-11-22T24:15:30Z",
        "a leap second,      2026-11-22T23:59:60Z",
        "a letter,           2026-11-22T10:1x:30Z",
        "ten decimals,       2026-11-22T10:15:30.1234567890Z",
        "a number,           1790000000000",
        "words,              yesterday afternoon!Z",
        "a year too far,     +12026-11-22T10:15:30Z",
        "the end of time,    +999999999-12-31T23:59:59-18:00",
        "before year 0,      -0001-01-01T00:00:00Z",
        "a sign inside,      2026-11-22T10:15:-3Z",
        "empty,              ''",
    })
    void what_is_no_instant_is_not_read(String why, String text) {
        assertThat(Timestamps.parse(text)).as(why).isNull();
    }

    @Test
    void what_is_written_is_read_again() {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            var instant = Instant.ofEpochSecond(
                    random.nextLong(-62_000_000_000L, 253_000_000_000L), random.nextInt(1_000_000_000));
            assertThat(Timestamps.parse(Timestamps.format(instant))).isEqualTo(instant);
            var millis = Instant.ofEpochMilli(instant.toEpochMilli());
            assertThat(Timestamps.format(millis)).hasSize(24);
            assertThat(Timestamps.parse(Timestamps.format(millis))).isEqualTo(millis);
        }
    }

    @Test
    void the_quick_way_reads_as_the_long_one() {
        var random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            var text = "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
                    .formatted(
                            random.nextInt(10_000),
                            random.nextInt(14),
                            random.nextInt(33),
                            random.nextInt(26),
                            random.nextInt(62),
                            random.nextInt(62),
                            random.nextInt(1_000));
            Instant expected = null;
            try {
                expected = OffsetDateTime.parse(text)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toInstant();
            } catch (java.time.DateTimeException e) {
                // no instant
            }
            assertThat(Timestamps.parse(text)).as(text).isEqualTo(expected);
        }
    }
}
