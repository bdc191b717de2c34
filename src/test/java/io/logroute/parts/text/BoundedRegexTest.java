package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.logroute.spec.LinePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedRegexTest {
    private static final Duration GENEROUS = Duration.ofSeconds(60);

    @Test
    void it_finds_one_place_after_the_other() {
        var regex = new BoundedRegex(new LinePattern("([a-z])(?<digit>[0-9])?"));
        var found = new ArrayList<String>();
        for (boolean more = regex.find("a1 b c3"); more; more = regex.findNext()) {
            found.add(regex.start(0) + "-" + regex.end(0) + " " + regex.group(1) + " " + regex.group(2));
        }
        assertThat(found).containsExactly("0-2 a 1", "3-4 b null", "5-7 c 3");
        assertThat(regex.names()).containsEntry("digit", 2);
        assertThat(regex.groups()).isEqualTo(2);
        assertThat(regex.gaveUp()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(a|aa)+$",
                "(.*a){20}",
                "(a*)*$",
                "(([a-z])+.)+[A-Z]([a-z])+$",
                "^(a?){30}a{30}$",
                "^(\\w+\\s?)*$",
                "(a|a?)+$",
                "((a{1,10}){1,10}){1,10}$",
                "^(.*?,){30}P",
                "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$",
                "(a+)\\1*(a+)\\2*(a+)*b",
                "(?=(a+)+b)",
                "(?<=a{0,400}b)c",
                "(a|b|ab)*(?=c)",
                "(?:(?:a?){0,50}){0,50}$"
            })
    void known_catastrophes_end(String expression) {
        for (var line : hostile()) {
            var regex = new BoundedRegex(new LinePattern(expression));
            assertTimeoutPreemptively(GENEROUS, () -> {
                boolean more = regex.find(line);
                while (more) {
                    more = regex.findNext();
                }
            });
        }
    }

    private static List<String> hostile() {
        return List.of(
                "a".repeat(100) + "!",
                "a".repeat(20_000) + "!",
                "ab ".repeat(5_000) + "!",
                "x,".repeat(2_000),
                "a".repeat(200_000),
                "");
    }

    /// What the bounds are for: the plain engine does not come back from these.
    @ParameterizedTest
    @CsvSource({
        "(a+)\\1*(a+)\\2*(a+)*b, 20000",
        "'(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$', 3000",
    })
    void the_plain_engine_does_not_end(String expression, int length) throws Exception {
        var text = "a".repeat(length);
        var stop = new boolean[1];
        CharSequence endless = new CharSequence() {
            @Override
            public char charAt(int index) {
                if (stop[0]) {
                    throw new IllegalStateException("stopped");
                }
                return text.charAt(index);
            }

            @Override
            public int length() {
                return text.length();
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return text.subSequence(start, end);
            }
        };
        Callable<Boolean> matching =
                () -> Pattern.compile(expression).matcher(endless).find();
        var task = new FutureTask<>(matching);
        Thread.ofPlatform().daemon().start(task);
        try {
            task.get(3, TimeUnit.SECONDS);
            assertThat(false).as("it ended").isTrue();
        } catch (TimeoutException e) {
            assertThat(task.isDone()).isFalse();
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(StackOverflowError.class);
        } finally {
            stop[0] = true;
        }
    }

    @Test
    void a_text_that_needs_a_deep_stack_is_given_up() {
        var regex = new BoundedRegex(new LinePattern("^(?:(a)|b)*c"));
        assertThat(regex.find("ab".repeat(400_000) + "c")).isFalse();
        assertThat(regex.gaveUp()).isTrue();
        assertThat(regex.find("abc")).isTrue();
        assertThat(regex.gaveUp()).isFalse();
    }

    @Test
    void a_long_text_is_still_looked_at_several_times_over() {
        var regex = new BoundedRegex(new LinePattern("needle=(\\w+)"));
        assertThat(regex.find("x".repeat(5_000_000) + "needle=found")).isTrue();
        assertThat(regex.group(1)).isEqualTo("found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)x",
                "(?:){1000000000}",
                "((^{1000}){1000}){1000}",
                "(^|$){30}(^|$){30}(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?(a*)?x",
                "(?<=(?<=^a{0,1000})a{0,1000})b",
                "(?<=a{0,1000000000})b"
            })
    void what_can_go_round_without_looking_is_refused_when_it_is_read(String expression) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinePattern(expression))
                .withMessageContaining("; ");
    }
}
