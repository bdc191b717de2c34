package io.logroute.parts.gelf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GelfMessageTest {
    private static final Instant NOW = Instant.parse("2026-11-30T07:22:36Z");

    /// What no clock says is kept beside, and costs no more than another.
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "1385053862.3072, 2013-11-21T17:11:02.3072Z",
                "\"1385053862.5\", 2013-11-21T17:11:02.5Z",
                "1385053862, 2013-11-21T17:11:02Z",
                "1.385053862E9, 2013-11-21T17:11:02Z",
                "0, 1970-01-01T00:00:00Z",
                "-1, 2026-11-30T07:22:36Z",
                "\"soon\", 2026-11-30T07:22:36Z",
                "\"1E-99999999\", 2026-11-30T07:22:36Z",
                "\"1E99999999\", 2026-11-30T07:22:36Z",
                "\"0E-99999999\", 2026-11-30T07:22:36Z",
            })
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
    void a_timestamp_is_a_number_of_seconds(String timestamp, Instant time) {
        var message = "{\"short_message\":\"x\",\"timestamp\":%s}"
                .formatted(timestamp)
                .getBytes(StandardCharsets.UTF_8);
        assertThat(Instant.parse(String.valueOf(GelfMessage.fields(message, 0, message.length, "10.0.0.1", NOW)
                        .get("@timestamp"))))
                .isEqualTo(time);
    }
}
