package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a reply subject tells of its message.
class DeliveredTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "short,            $JS.ACK.LOGS.logroute.2.17.19.1600000000123456789.5",
        "with a domain,    $JS.ACK.hub.ACC.LOGS.logroute.2.17.19.1600000000123456789.5",
        "with a chance,    $JS.ACK._.ACC.LOGS.logroute.2.17.19.1600000000123456789.5.X7f"
    })
    void all_forms(String form, String reply) {
        var delivered = Delivered.of(reply);
        assertThat(delivered).isEqualTo(new Delivered(2, 17, 1_600_000_000_123_456_789L, 5));
        assertThat(delivered.stored()).hasToString("2020-09-13T12:26:40.123456789Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "_INBOX.x", "$JS.ACK.LOGS", "$JS.ACK.LOGS.c.x.17.19.1.5", "$JS.ACK.a.b.c.d.e.f.g.h"})
    void others_are_refused(String reply) {
        assertThatThrownBy(() -> Delivered.of(reply)).isInstanceOf(IllegalArgumentException.class);
    }
}
