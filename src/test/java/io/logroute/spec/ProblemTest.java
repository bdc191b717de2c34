package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a problem quotes may have been written by anybody.
class ProblemTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "letters and emoji,     'ein Ä, 日本, 😀',      'ein Ä, 日本, 😀'",
        "another line,          'a\nINFO b',            'a\\nINFO b'",
        "a line with a mark,    'here:\n    a\n    ^',  'here:\n    a\n    ^'",
        "a code for terminals,  '\u001b[2J',            '\\u001b[2J'",
        "a change of direction, '\u202eevil',           '\\u202eevil'"
    })
    void what_is_no_letter_to_be_shown_is_spelled_out(String why, String written, String shown) {
        var problem = new Problem(written, written, written);
        assertThat(problem).hasToString("%s: %s. %s".formatted(shown, shown, shown));
    }

    @Test
    void of_what_is_very_long_the_beginning_and_the_end_are_there() {
        var what = new Problem("", "name \"" + "x".repeat(100_000) + "\" does not fit", "").what();
        assertThat(what).hasSizeLessThan(2000).startsWith("name \"xxx").endsWith("xxx\" does not fit");
    }

    @Test
    void no_full_stop_follows_the_end_of_a_sentence() {
        assertThat(new Problem("sink es", "no host es; is it there?", "Add it."))
                .hasToString("sink es: no host es; is it there? Add it.");
        assertThat(new Problem("core", "it did not take it: sources change. It restarts.", "Wait."))
                .hasToString("core: it did not take it: sources change. It restarts. Wait.");
        assertThat(new Problem("core", "it is broken", "Mend it.")).hasToString("core: it is broken. Mend it.");
    }
}
