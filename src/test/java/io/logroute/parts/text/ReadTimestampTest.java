package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.spec.FilterSpec;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadTimestampTest {
    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "iso | \"2026-11-22T10:15:30Z\"             | 2026-11-22T10:15:30.000Z",
                "iso | \"2026-11-22T10:15:30.1Z\"           | 2026-11-22T10:15:30.100Z",
                "iso | \"2026-11-22T10:15:30.123456Z\"      | 2026-11-22T10:15:30.123456Z",
                "iso | \"2026-11-22T10:15:30.123456789Z\"   | 2026-11-22T10:15:30.123456789Z",
                "iso | \"2026-11-22T10:15:30.1234567891Z\"  | 2026-11-22T10:15:30.123456789Z",
                "iso | \"2026-11-22 10:15:30,5\"            | 2026-11-22T10:15:30.500Z",
                "iso | \"2026-11-22T10:15:30+01:00\"        | 2026-11-22T09:15:30.000Z",
                "iso | \"2026-11-22T10:15:30-0330\"         | 2026-11-22T13:45:30.000Z",
                "iso | \"2026-11-22t10:15:30z\"             | 2026-11-22T10:15:30.000Z",
                "iso | \"2026-11-22 10:15:30 +0100\"        | 2026-11-22T09:15:30.000Z",
                "iso | \"2026-11-22 10:15:30 UTC\"          | 2026-11-22T10:15:30.000Z",
                "iso | \"2026-11-22T10:15\"                 | 2026-11-22T10:15:00.000Z",
                "iso | \"2026-11-22T10+02\"                 | 2026-11-22T08:00:00.000Z",
                "iso | \"2026-11-22\"                       | 2026-11-22T00:00:00.000Z",
                "iso | \"20261122T101530Z\"                 | 2026-11-22T10:15:30.000Z",
                "iso | \"20261122T101530.25+0100\"          | 2026-11-22T09:15:30.250Z",
                "iso | \" 2026-11-22T10:15:30Z \"           | 2026-11-22T10:15:30.000Z",
                "iso | \"2016-12-31T23:59:60Z\"             | 2017-01-01T00:00:00.000Z",
                "iso | \"2026-11-22T10:15:30-0000\"         | 2026-11-22T10:15:30.000Z",
                "iso | \"2026-11-22T10:15:30.25-00:00\"    | 2026-11-22T10:15:30.250Z",
                "iso | \"2026-11-22T10:15:30,25Z\"         | 2026-11-22T10:15:30.250Z",
                "iso | \"2026-11-22 10:15:30.25-0700\"     | 2026-11-22T17:15:30.250Z",
                "iso | \"1789-07-14T00:00:00Z\"            | 1789-07-14T00:00:00.000Z",
                "epochMillis  | \"456\"                     | 1970-01-01T00:00:00.456Z",
                "epochSeconds | \"1478207457.456\"          | 2016-11-03T21:10:57.456Z",
                "epoch | 1795342530                         | 2026-11-22T10:15:30.000Z",
                "epoch | \"1795342530\"                     | 2026-11-22T10:15:30.000Z",
                "epoch | 1795342530.25                      | 2026-11-22T10:15:30.250Z",
                "epoch | \"1795342530.123456789\"           | 2026-11-22T10:15:30.123456789Z",
                "epoch | 1795342530123                      | 2026-11-22T10:15:30.123Z",
                "epoch | 1795342530123456                   | 2026-11-22T10:15:30.123456Z",
                "epoch | 1795342530123456789                | 2026-11-22T10:15:30.123456789Z",
                "epoch | 0                                  | 1970-01-01T00:00:00.000Z",
                "epoch | -1.5                               | 1969-12-31T23:59:58.500Z",
                "epochSeconds | 99999999999                 | 5138-11-16T09:46:39.000Z",
                "epochMillis  | 1                           | 1970-01-01T00:00:00.001Z",
                "epochMicros  | 1                           | 1970-01-01T00:00:00.000001Z",
                "epochNanos   | \"1\"                       | 1970-01-01T00:00:00.000000001Z",
                "dd/MMM/yyyy:HH:mm:ss Z  | \"22/Nov/2026:10:15:30 +0100\"         | 2026-11-22T09:15:30.000Z",
                "EEE, dd MMM yyyy HH:mm:ss ZZZ | \"Sun, 22 Nov 2026 10:15:30 GMT\" | 2026-11-22T10:15:30.000Z",
                "EEEE MMMM d yyyy        | \"Sunday November 22 2026\"           | 2026-11-22T00:00:00.000Z",
                "d MMM yyyy              | \"2 september 2026\"                   | 2026-09-02T00:00:00.000Z",
                "d MMM yyyy              | \"2 Sept 2026\"                        | 2026-09-02T00:00:00.000Z",
                "YYYY-MM-dd              | \"2024-12-30\"                         | 2024-12-30T00:00:00.000Z",
                "yyyy-MM-dd              | \"2024-12-30\"                         | 2024-12-30T00:00:00.000Z",
                "yy-M-d H:m:s            | \"26-3-4 5:6:7\"                       | 2026-03-04T05:06:07.000Z",
                "yyyyMMddHHmmssSSS       | 20261122101530250                     | 2026-11-22T10:15:30.250Z",
                "yyyyMMddHHmmss          | \"20261122101530\"                     | 2026-11-22T10:15:30.000Z",
                "yyyy-MM-dd HH:mm:ss.S   | \"2026-11-22 10:15:30.123456\"         | 2026-11-22T10:15:30.123456Z",
                "yyyy-MM-dd HH:mm:ss,SSS | \"2026-11-22 10:15:30,1\"              | 2026-11-22T10:15:30.100Z",
                "MM/dd/yyyy hh:mm:ss a   | \"11/22/2026 10:15:30 PM\"             | 2026-11-22T22:15:30.000Z",
                "MM/dd/yyyy hh:mm:ss a   | \"11/22/2026 12:15:30 am\"             | 2026-11-22T00:15:30.000Z",
                "MM/dd/yyyy K:mm a       | \"11/22/2026 0:15 PM\"                 | 2026-11-22T12:15:00.000Z",
                "yyyy-MM-dd kk           | \"2026-11-22 24\"                      | 2026-11-22T00:00:00.000Z",
                "yyyy-DDD                | \"2026-326\"                           | 2026-11-22T00:00:00.000Z",
                "yyyy-MM-dd'T'HH:mm:ssZZ | \"2026-11-22T10:15:30+01:00\"          | 2026-11-22T09:15:30.000Z",
                "yyyy-MM-dd HH:mm ZZZ    | \"2026-07-01 10:00 Europe/Berlin\"     | 2026-07-01T08:00:00.000Z",
                "yyyy-MM-dd HH:mm z      | \"2026-07-01 10:00 PDT\"               | 2026-07-01T17:00:00.000Z",
                "yyyy 'at' h 'o''clock' a | \"2026 at 9 o'clock am\"              | 2026-01-01T09:00:00.000Z",
                "[dd/MMM/yyyy]           | \"[22/Nov/2026]\"                      | 2026-11-22T00:00:00.000Z",
            })
    void times_of_all_forms(String format, String value, String time) {
        assertThat(read(format, "UTC", value, Some.NOW)).isEqualTo(time);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "iso   | \"yesterday\"",
                "iso   | \"\"",
                "iso   | \"2026-13-22T10:15:30Z\"",
                "iso   | \"2026-02-30\"",
                "iso   | \"2026-11-22T10:15:30Zx\"",
                "iso   | \"2026-11-22T10:15:30.\"",
                "iso   | \"2026-11-22T25:15:30Z\"",
                "iso   | 1795342530",
                "iso   | true",
                "iso   | {}",
                "epoch | \"12 s\"",
                "epoch | \"0x10\"",
                "epoch | 1e300",
                "epochSeconds | 1795342530123456",
                "yyyy-MM-dd | \"2026-11-22 10:00\"",
                "yyyy-MM-dd | \"22.11.2026\"",
                "yyyy-MM-dd hh:mm a | \"2026-11-22 13:00 PM\"",
                "dd MMM yyyy | \"22 Foo 2026\"",
                "yyyy-MM-dd HH:mm ZZZ | \"2026-11-22 10:00 Nowhere\"",
            })
    void what_is_no_time_leaves_the_event_its_own_and_is_tagged(String format, String value) {
        var json = "{\"@timestamp\":\"2020-01-01T00:00:00Z\",\"time\":%s}".formatted(value);
        assertThat(Some.after(filter(format, "UTC"), json))
                .isEqualTo(Some.fields(json.replaceAll("}$", ",\"tags\":[\"_dateparsefailure\"]}")));
    }

    @ParameterizedTest(name = "{1} that came in at {2} is {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "MMM d HH:mm:ss   | Nov 22 10:15:30 | 2026-11-22T10:16:00Z | 2026-11-22T10:15:30.000Z",
                "MMM dd HH:mm:ss  | Nov  5 10:15:30 | 2026-11-22T10:16:00Z | 2026-11-05T10:15:30.000Z",
                "MMM d HH:mm:ss   | Dec 31 23:59:59 | 2027-01-01T00:00:01Z | 2026-12-31T23:59:59.000Z",
                "MMM d HH:mm:ss   | Jan 1 00:00:01  | 2026-12-31T23:59:59Z | 2027-01-01T00:00:01.000Z",
                "MMM d HH:mm:ss   | Feb 29 12:00:00 | 2025-03-01T00:00:00Z | 2024-02-29T12:00:00.000Z",
                "MMM d HH:mm:ss   | Feb 29 12:00:00 | 2027-03-01T00:00:00Z | 2028-02-29T12:00:00.000Z",
                "DDD HH           | 001 00          | 2026-12-31T23:00:00Z | 2027-01-01T00:00:00.000Z",
                "HH:mm:ss         | 23:59:59        | 2026-11-22T00:00:01Z | 2026-11-21T23:59:59.000Z",
                "HH:mm:ss         | 00:00:01        | 2026-11-21T23:59:59Z | 2026-11-22T00:00:01.000Z",
            })
    void a_time_without_a_year_is_the_nearest_to_when_the_event_came_in(
            String format, String text, Instant received, String time) {
        assertThat(read(format, "UTC", "\"" + text + "\"", received)).isEqualTo(time);
    }

    @ParameterizedTest(name = "{1} in {0} is {2}")
    @CsvSource({
        "Europe/Berlin, 2026-11-22 10:00:00, 2026-11-22T09:00:00.000Z",
        "Europe/Berlin, 2026-07-22 10:00:00, 2026-07-22T08:00:00.000Z",
        "Europe/Berlin, 2026-07-22 10:00:00Z, 2026-07-22T10:00:00.000Z",
        "Europe/Berlin, 2026-03-29 02:30:00, 2026-03-29T01:30:00.000Z",
        "Europe/Berlin, 2026-10-25 02:30:00, 2026-10-25T00:30:00.000Z",
        "+05:30, 2026-11-22 10:00:00, 2026-11-22T04:30:00.000Z",
    })
    void times_that_name_no_zone_are_of_the_one_that_is_written(String zone, String text, String time) {
        assertThat(read("iso", zone, "\"" + text + "\"", Some.NOW)).isEqualTo(time);
    }

    @Test
    void the_first_form_that_fits_counts_and_the_field_stays() {
        var filter = new ReadTimestamp(Some.spec(
                FilterSpec.Timestamp.class,
                "timestamp: { field: log.time, formats: [iso, epoch, 'dd.MM.yyyy'], into: event.created }"));
        for (var text : new String[] {"2026-11-22", "1795305600", "22.11.2026"}) {
            var left = Some.after(filter, "{\"log\":{\"time\":\"%s\"}}".formatted(text));
            assertThat(left)
                    .isEqualTo(Some.fields(
                            "{\"log\":{\"time\":\"%s\"},\"event\":{\"created\":\"2026-11-22T00:00:00.000Z\"}}"
                                    .formatted(text)));
        }
    }

    @Test
    void an_event_without_the_field_passes_untouched() {
        var filter = filter("iso", "UTC");
        for (var json : new String[] {"{\"@timestamp\":\"t\",\"a\":1}", "{\"@timestamp\":\"t\",\"time\":null}"}) {
            assertThat(Some.through(filter, Some.event(json)).getFirst().json()).isEqualTo(json);
        }
    }

    private static ReadTimestamp filter(String format, String zone) {
        return new ReadTimestamp(Some.spec(
                FilterSpec.Timestamp.class,
                "timestamp: { field: time, formats: [\"%s\"], zone: \"%s\" }".formatted(format, zone)));
    }

    private static @Nullable Object read(String format, String zone, String value, Instant received) {
        var event = Event.of("{\"time\":%s}".formatted(value), received);
        return Some.through(filter(format, zone), event).getFirst().tree().get("@timestamp");
    }
}
