package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FilterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneLevelTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"trace\" | trace",
                "\"FINEST\" | trace",
                "\"Verbose\" | trace",
                "\"T\" | trace",
                "10 | trace",
                "\"debug\" | debug",
                "\"dbug\" | debug",
                "\"FINE\" | debug",
                "\"DEBUG3\" | debug",
                "7 | debug",
                "20 | debug",
                "\"info\" | info",
                "\"INFORMATION\" | info",
                "\"notice\" | info",
                "\"LOG\" | info",
                "5 | info",
                "6 | info",
                "30 | info",
                "\"warn\" | warn",
                "\"WARNING\" | warn",
                "\"W\" | warn",
                "\"wrn\" | warn",
                "4 | warn",
                "40 | warn",
                "\"40\" | warn",
                "\"error\" | error",
                "\"ERR\" | error",
                "\"SEVERE\" | error",
                "\"fail\" | error",
                "3 | error",
                "50 | error",
                "\"fatal\" | fatal",
                "\"CRITICAL\" | fatal",
                "\"alert\" | fatal",
                "\"emerg\" | fatal",
                "\"panic\" | fatal",
                "0 | fatal",
                "1 | fatal",
                "2 | fatal",
                "60 | fatal",
                "60.0 | fatal",
                "35 | info",
                "\" [error] \" | error",
            })
    void every_usual_level_comes_to_one_scale(String value, String level) {
        assertThat(Some.after(filter("{}"), "{\"level\":%s}".formatted(value)).get("level"))
                .isEqualTo(level);
    }

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "levelno, 10, debug",
        "levelno, 20, info",
        "levelno, 30, warn",
        "levelno, 40, error",
        "levelno, 50, fatal",
        "levelno, 5, trace",
        "levelno, 25, info",
        "level_number, 40, error",
        "severity_number, 1, trace",
        "severityNumber, 9, info",
        "severityNumber, 13, warn",
        "SeverityNumber, 24, fatal",
        "level, 40, warn",
        "x.levelno, 40, error",
    })
    void numbers_that_clash_are_told_apart_by_their_field(String field, String number, String level) {
        var event = Some.event("{}");
        event.set(Long.parseLong(number), field.split("[.]"));
        var left = Some.through(filter("{ field: %s }".formatted(field)), event).getFirst();
        assertThat(left.get("level")).isEqualTo(level);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"\"loud\"", "\"WARNUNG\"", "8", "99", "-1", "true", "[1]", "{\"a\":1}", "\"123456\"", "2.5"})
    void a_level_that_is_not_known_stays_as_it_is_and_is_tagged(String value) {
        var json = "{\"level\":%s,\"msg\":\"ERROR boom\"%s}";
        assertThat(Some.after(filter("{ otherwise: info }"), json.formatted(value, "")))
                .isEqualTo(Some.fields(json.formatted(value, ",\"tags\":[\"_levelunknown\"]")));
        assertThat(Some.after(filter("{ field: severity, otherwise: info }"), "{\"severity\":\"WARNUNG\"}"))
                .isEqualTo(Some.fields("{\"severity\":\"WARNUNG\",\"tags\":[\"_levelunknown\"]}"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ERROR boom            | error",
                "ERROR                 | error",
                "WARNING: boom         | warn",
                "warn: boom            | warn",
                "error : boom          | error",
                "[warn] boom           | warn",
                "[ INFO ] boom         | info",
                "[E] boom              | error",
                "E1122 10:00:00 boom   | error",
                "<3>boom               | error",
                "<134>1 2026 boom      | info",
                "  INFO indented       | info",
                "`INFO|boom`           | info",
                "fail: Microsoft       | error",
                "DEBUG2:  boom         | debug",
                "error                 | ",
                "info on the matter    | ",
                "Alert the user        | ",
                "ERRORS were found     | ",
                "[a] first             | ",
                "[2026] x              | ",
                "<999>x                | ",
                "log://x               | ",
                "ERROR-5 x             | ",
                "(C) 2026              | ",
                "2026 ERROR boom       | ",
            })
    void a_level_at_the_start_of_the_line(String line, String level) {
        for (var field : new String[] {"msg", "message"}) {
            var event = Some.event("{}");
            event.set(line.stripTrailing(), field);
            var left = Some.through(filter("{}"), event).getFirst();
            assertThat(left.get("level")).isEqualTo(level);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "2026-11-29 10:15:30,123 ERROR boom | error",
                "2026-11-29 10:15:30.123  WARN 1 --- [main] c.e.Shop : x | warn",
                "2026-11-29T10:15:30Z [main] WARN  x | warn",
                "2026-11-29T10:15:30.1+01:00 ERROR shop: x | error",
                "[2026-11-29 10:15:30,123] ERROR x | error",
                "[2026-11-29T10:15:30Z] error: x | error",
                "[2026-11-29T10:15:30Z ERROR shop::cart] x | error",
                "[10:15:30 WRN] x | warn",
                "10:15:30.123 [main] DEBUG com.shop.Cart - x | debug",
                "10:15:30.123 [error] x | error",
                "2026/11/29 10:15:30 [error] 7#7: *1 open() | error",
                "2026-11-29 10:15:30.123 UTC [7] ERROR:  relation | error",
                "2026-11-29T10:15:30.123456Z 0 [Warning] [MY-010068] x | warn",
                "[Sun Nov 29 10:15:30.123 2026] [core:error] [pid 7] x | error",
                "Sun Nov 29 10:15:30 2026 FATAL x | fatal",
                "2026-11-29 10:15:30,123 - root - ERROR - x | error",
                "`2026-11-29 10:15:30 | WARNING | x`| warn",
                "Nov 29 10:15:30 web app[7]: ERROR x | error",
                "[29/Nov/2026:10:15:30 +0000] ERROR x | error",
                "2026-11-29T10:15:30Z\tERROR\tcart.go:7\tx | error",
                "I1129 10:15:30.123456 1 x.go:1] error: x | info",
                "time=\"2026-11-29T10:15:30Z\" level=error msg=x | error",
                "[main] ERROR x | error",
                "[main] error x | ",
                "2026-11-29 10:15:30 no error found | ",
                "2026-11-29 10:15:30 error found | ",
                "2026-11-29 10:15:30 no ERROR found | ",
                "2026-11-29 10:15:30 saw error: x | ",
                "2026-11-29 10:15:30 [main] Error handling is on | ",
                "2026-11-29 10:15:30 ERRORS were found | ",
                "2026-11-29 10:15:30 ERROR-5 x | ",
                "2026-11-29 10:15:30 GET /ERROR x | ",
                "2026-11-29 10:15:30 error://x | ",
                "2026-11-29 10:15:30 3 of 7 [error] x | ",
                "2026-11-29 10:15:30 [no error] x | ",
                "2026-11-29 10:15:30 (error) x | ",
                "3 ERROR lines | ",
                "Nov 3 ERROR lines | ",
                "the level=error is set | ",
                "no error: x | ",
                "[shop] told of ERROR | ",
                "10.0.0.7 - - [29/Nov/2026:10:15:30 +0000] \"GET /ERROR HTTP/1.1\" 200 | ",
            })
    void a_level_behind_a_time_or_brackets_and_never_a_word_of_the_sentence(String line, String level) {
        var event = Some.event("{}");
        event.set(line, "msg");
        var left = Some.through(filter("{}"), event).getFirst();
        assertThat(left.get("level")).isEqualTo(level);
    }

    @Test
    void a_level_is_looked_for_in_the_first_eighty_characters() {
        for (int blanks = 1; blanks < 90; blanks++) {
            var line = "10:15:30" + " ".repeat(blanks) + "ERRORS";
            assertThat(LineStart.level(line))
                    .as("a word that is cut: %d", blanks)
                    .isNull();
        }
        assertThat(LineStart.level("10:15:30" + " ".repeat(72) + "ERROR x")).isEqualTo(FilterSpec.LogLevel.ERROR);
        assertThat(LineStart.level("10:15:30" + " ".repeat(73) + "ERROR x")).isNull();
    }

    @Test
    void the_first_field_that_there_is_counts() {
        for (var json : new String[] {
            "{\"level\":\"WARN\",\"severity\":\"x\"}",
            "{\"level\":\"\",\"severity\":\"WARN\",\"loglevel\":\"x\"}",
            "{\"level\":null,\"loglevel\":\"WARN\",\"lvl\":\"x\"}",
            "{\"lvl\":\"WARN\",\"log\":{\"level\":\"x\"}}",
            "{\"log\":{\"level\":\"WARN\"},\"msg\":\"ERROR x\"}",
            "{\"log.level\":\"WARN\"}"
        }) {
            assertThat(Some.after(filter("{}"), json).get("level")).as(json).isEqualTo("warn");
        }
    }

    @Test
    void it_goes_where_it_is_told_to_and_the_field_stays() {
        assertThat(Some.after(filter("{ field: severity, into: log.level }"), "{\"severity\":\"WARN\"}"))
                .isEqualTo(Some.fields("{\"severity\":\"WARN\",\"log\":{\"level\":\"warn\"}}"));
        assertThat(Some.after(filter("severity"), "{\"severity\":\"WARN\"}"))
                .isEqualTo(Some.fields("{\"severity\":\"WARN\",\"level\":\"warn\"}"));
    }

    @Test
    void otherwise_is_the_level_of_those_without_one() {
        assertThat(Some.after(filter("{ otherwise: info }"), "{\"msg\":\"hello\"}")
                        .get("level"))
                .isEqualTo("info");
        assertThat(Some.after(filter("{ otherwise: info }"), "{}").get("level")).isEqualTo("info");
        assertThat(Some.after(filter("{ field: severity, otherwise: warn }"), "{\"msg\":\"ERROR x\"}")
                        .get("level"))
                .isEqualTo("warn");
        assertThat(Some.after(filter("{}"), "{\"msg\":\"hello\"}")).doesNotContainKey("level");
    }

    private static OneLevel filter(String yaml) {
        return new OneLevel(Some.spec(FilterSpec.Level.class, "level: " + yaml));
    }
}
