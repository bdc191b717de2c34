package io.logroute.parts.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.FieldTemplate;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Subjects that events choose, and what strangers cannot do with them.
class SafeSubjectTest {
    private static SafeSubject.Answer of(String template, String value) {
        var event = Event.of(Json.write(Map.of("a", value)), Instant.parse("2026-11-22T10:00:00Z"));
        return new SafeSubject(FieldTemplate.parse(template)).of(event);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "plain,               logs.all,       x,              logs.all",
        "a field,             logs.%{a},      shop_web,       logs.shop_web",
        "a day,               logs.%{+yyyy-MM-dd}, x,         logs.2026-11-22",
        "dots in a time,      logs.%{+yyyy.MM},    x,         logs.2026_11",
        "dots,                logs.%{a},      a.b.c,          logs.a_b_c",
        "wildcards,           logs.%{a},      *,              logs._",
        "all that follow,     logs.%{a},      >,              logs._",
        "the servers' own,    %{a}.x,         $JS.API,        _JS_API.x",
        "protocol,            logs.%{a},      'x 5\r\nPUB y', logs.x_5__PUB_y",
        "letters,             logs.%{a},      größe,          logs.gr__e"
    })
    void subjects(String why, String template, String value, String subject) {
        assertThat(of(template, value)).isEqualTo(new SafeSubject.Answer.To(subject));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"missing, logs.%{b}, x, no field b", "empty, logs.%{a}, '', is empty"})
    void refused(String why, String template, String value, String reason) {
        assertThat(of(template, value))
                .isInstanceOfSatisfying(
                        SafeSubject.Answer.Nowhere.class,
                        answer -> assertThat(answer.why()).contains(reason));
    }

    @RepeatedTest(100)
    void no_value_fills_more_than_one_token(RepetitionInfo repetition) {
        var random = Seeds.random(repetition.getCurrentRepetition());
        var value = new StringBuilder();
        for (int i = 0; i < 1 + random.nextInt(40); i++) {
            value.append((char) (random.nextBoolean() ? random.nextInt(0x80) : random.nextInt(0xd800)));
        }
        assertThat(of("logs.%{a}.end", value.toString()))
                .isInstanceOfSatisfying(
                        SafeSubject.Answer.To.class,
                        answer -> assertThat(answer.subject()).matches("logs\\.[!-~&&[^.*>$]]+\\.end"));
    }
}
