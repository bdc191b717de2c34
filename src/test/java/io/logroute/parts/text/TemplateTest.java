package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.spec.FieldTemplate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
    private static final Instant RECEIVED = Instant.parse("2027-01-01T00:00:00Z");
    private static final String EVENT = """
            {"@timestamp":"2025-12-29T23:59:59.5+00:00","service_name":"shop_web","n":7,"d":1.5,"ok":true,"none":null,\
            "o":{"k":"v","deep":{"x":1}},"list":[1],"a.b":"dotted","@metadata":{"beat":"ampbeat"},"empty":""}""";

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource({
        "plain,                                     plain",
        "logs-%{service_name},                      logs-shop_web",
        "%{n}/%{d}/%{ok},                           7/1.5/true",
        "%{[o][k]}-%{o.deep.x},                     v-1",
        "%{[a.b]},                                  dotted",
        "%{a.b},                                    dotted",
        "x%{empty}y,                                xy",
        "%{[@metadata][beat]}-%{+yyyy.MM.dd},       ampbeat-2025.12.29",
        "year of the day and not of the week %{+YYYY}, year of the day and not of the week 2025",
        "%{+yyyy.MM.dd.HH},                         2025.12.29.23",
        "%{+EEE MMM},                               Mon Dec",
        "%{+HH:mm:ss.SSS},                          23:59:59.500",
    })
    void places_are_filled(String template, String text) {
        assertThat(template(template).render(event(EVENT))).isEqualTo(text);
        assertThat(template(template).missing(event(EVENT))).isEmpty();
    }

    @ParameterizedTest(name = "{0} lacks {1}")
    @CsvSource({"x-%{gone}, gone", "%{n}-%{none}-%{gone}, none", "%{o}, o", "%{list}, list", "%{[o][gone]}, o.gone"})
    void a_missing_field_gives_nothing_and_is_named(String template, String field) {
        assertThat(template(template).render(event(EVENT))).isNull();
        assertThat(template(template).missing(event(EVENT))).isEqualTo(field);
    }

    @Test
    void an_event_without_a_time_has_the_one_it_was_received_at() {
        assertThat(template("%{+yyyy}").render(event("{}"))).isEqualTo("2027");
        assertThat(template("%{+yyyy}").render(event("{\"@timestamp\":\"+999999999-12-31T23:59:59-18:00\"}")))
                .isEqualTo("2027");
    }

    @Test
    void times_are_right_whatever_was_asked_before() {
        var random = new Random(3);
        for (var pattern :
                List.of("uuuu.MM.dd", "uuuu.MM.dd.HH", "HH:mm", "HH:mm:ss", "ss.SSS", "a hh 'mm'", "uuuu 'H'")) {
            var template = template("%{+" + pattern + "}");
            var expected = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
            long second = -100_000;
            for (int i = 0; i < 3_000; i++) {
                second += random.nextInt(200) - 20;
                var time = Instant.ofEpochSecond(second, random.nextInt(1_000_000_000));
                assertThat(template.render(event("{\"@timestamp\":\"" + time + "\"}")))
                        .as("%s at %s", pattern, time)
                        .isEqualTo(expected.format(time));
            }
        }
    }

    @Test
    void many_threads_may_use_one() throws Exception {
        var template = template("%{+yyyy.MM.dd}");
        try (var threads = Executors.newFixedThreadPool(4)) {
            var answers = threads.invokeAll(IntStream.range(0, 4_000)
                    .<Callable<Boolean>>mapToObj(i -> () -> {
                        int day = 1 + i % 28;
                        return "2026.02.%02d"
                                .formatted(day)
                                .equals(template.render(
                                        event("{\"@timestamp\":\"2026-02-%02dT00:00:00Z\"}".formatted(day))));
                    })
                    .toList());
            for (var answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    private static Template template(String text) {
        return new Template(FieldTemplate.parse(text));
    }

    private static Event event(String json) {
        return Event.of(json, RECEIVED);
    }
}
