package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeFormTest {
    @Test
    void words_are_told_from_patterns() {
        assertThat(new TimeForm("iso").shape()).isEqualTo(new TimeForm.Shape.Iso());
        assertThat(new TimeForm("epoch").shape()).isEqualTo(new TimeForm.Shape.Epoch(Optional.empty()));
        assertThat(new TimeForm("epochMillis").shape()).isEqualTo(new TimeForm.Shape.Epoch(Optional.of(3)));
        assertThat(new TimeForm("yyyyMMdd").shape())
                .asString()
                .contains("unit=YEAR, most=4, exact=true")
                .contains("unit=MONTH, most=2, exact=true")
                .contains("unit=DAY, most=2, exact=false");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "YYYY.MM.dd",
                "HH:mm",
                "MMM",
                "yyyy",
                "D",
                "d/M/yy",
                "'at' H",
                "[yyyy]",
                "hh a",
                "yyyy% M",
                "yyyy %'d' M"
            })
    void good_patterns(String text) {
        assertThat(new TimeForm(text).text()).isEqualTo(text);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "ISO8601             | is Logstash's word; write iso",
                "UNIX_MS             | is Logstash's word; write epochMillis",
                "UNIX                | is Logstash's word; write epochSeconds",
                "iso8601             | is called iso here; write iso",
                "Rfc3339             | is called iso here; write iso",
                "ISO-8601            | is called iso here; write iso",
                "ISO                 | is called iso here; write iso",
                "epochSecond         | did you mean epochSeconds?",
                "xxxx-ww             | of weeks",
                "yyyy-'W'ww          | of weeks",
                "%d/%m/%Y:%H:%M:%S %z | letters behind %, as strftime has them",
                "%F %T               | letters behind %, as strftime has them",
                "%s                  | letters behind %, as strftime has them",
                "yyyy-MM-ddTHH:mm:ss | the letter T, which stands for nothing",
                "yyyy-MM-dd'THH      | quote that is not closed",
                "dd HH:mm            | has a day and no month",
                "hh:mm               | no AM or PM",
                "EEE                 | has no part of a time",
                "yyyyy               | at most 4 digits",
                "MM/dd/yyyy HHH      | at most 2 digits",
            })
    void a_wrong_form_is_told_when_the_spec_is_read(String text, String words) {
        assertThatThrownBy(() -> new TimeForm(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @Test
    void a_form_has_a_length() {
        assertThatThrownBy(() -> new TimeForm("y".repeat(201))).hasMessageContaining("201 characters");
        assertThatThrownBy(() -> new TimeForm(" ")).hasMessageContaining("is empty");
    }
}
