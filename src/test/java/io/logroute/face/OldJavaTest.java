package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OldJavaTest {
    @ParameterizedTest
    @ValueSource(strings = {"25+36", "25.0.1+8", "25.0.2+10-LTS", "26+35"})
    void one_that_leaves_threads_behind_is_told_with_what_to_use_instead(String version) {
        assertThat(OldJava.warning(Runtime.Version.parse(version)).orElseThrow())
                .contains("Java " + version, "JDK-8369227", "Use Java 25.0.3, or 26.0.1, or a later one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"25.0.3+9-LTS", "25.0.4", "26.0.1", "27-ea+1", "29"})
    void others_are_not(String version) {
        assertThat(OldJava.warning(Runtime.Version.parse(version))).isEmpty();
    }

    @org.junit.jupiter.api.Test
    void who_starts_something_hears_of_it_where_it_is_so() {
        var err = new StringWriter();
        OldJava.tell(new PrintWriter(err));
        assertThat(err.toString().isEmpty())
                .isEqualTo(OldJava.warning(Runtime.version()).isEmpty());
    }
}
