package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.logroute.Seeds;
import io.logroute.spec.LinePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Whatever the expression is, it is refused with words or matched within bounds, as `java.util.regex`
/// matches it.
class BoundedRegexLaws {
    private static final List<String> BITS = List.of(
            "a", "b", ".", "(", "(", ")", ")", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?<n>", "\\k<n>", "\\1",
            "|", "*", "+", "?", "{2}", "{0,3}", "{2,}", "*?", "++", "^", "$", "\\b", "\\Z", "[ab]", "[^a]", "[a[b]]",
            "[", "]", "\\Q", "\\E", "\\", "(?x)", " ", "#", "\n", "(?i:", "\\w", "\\p{L}", "\\x{41}", "{", "}", "<",
            ">", "&&", "-");

    @Test
    void any_expression_is_refused_with_words_or_matches_as_java_does() {
        int matched = 0;
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            var expression = text(random, BITS, 1 + random.nextInt(12));
            var regex = made(expression, seed);
            if (regex == null) {
                continue;
            }
            var plain = Pattern.compile(expression);
            for (int i = 0; i < 3; i++) {
                var line = text(random, List.of("a", "b", "ab", "A", " ", "\n", "-"), random.nextInt(8));
                var matcher = plain.matcher(line);
                boolean more = regex.find(line);
                while (!regex.gaveUp()) {
                    assertThat(more)
                            .as("seed %d: %s in %s", seed, expression, line)
                            .isEqualTo(matcher.find());
                    if (!more) {
                        break;
                    }
                    matched++;
                    for (int group = 0; group <= regex.groups(); group++) {
                        assertThat(regex.group(group))
                                .as("seed %d: %s in %s", seed, expression, line)
                                .isEqualTo(matcher.group(group));
                        assertThat(regex.start(group)).isEqualTo(matcher.start(group));
                        assertThat(regex.end(group)).isEqualTo(matcher.end(group));
                    }
                    more = regex.findNext();
                }
            }
        }
        assertThat(!Seeds.many() || matched > 0).isTrue();
    }

    @Test
    void no_expression_takes_long_on_a_long_text() {
        for (int seed : Seeds.upTo(150, 20)) {
            var random = Seeds.random(seed);
            var expression = new ArrayList<String>();
            for (int i = random.nextInt(10); i >= 0; i--) {
                expression.add(text(random, BITS.subList(0, 31), 1 + random.nextInt(4)));
            }
            var regex = made(String.join("", expression).repeat(1 + random.nextInt(6)), seed);
            if (regex == null) {
                continue;
            }
            var line = text(random, List.of("a", "b", "ab", "ba"), 1 + random.nextInt(3))
                    .repeat(5_000);
            assertTimeoutPreemptively(
                    Duration.ofSeconds(30),
                    () -> {
                        boolean more = regex.find(line);
                        while (more) {
                            more = regex.findNext();
                        }
                    },
                    () -> "seed " + seed + ": " + regex);
        }
    }

    /// `null` when it is refused.
    private static @Nullable BoundedRegex made(String expression, int seed) {
        try {
            return new BoundedRegex(new LinePattern(expression));
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).as("seed %d: %s", seed, expression).contains("; ");
            return null;
        }
    }

    private static String text(Random random, List<String> bits, int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(bits.get(random.nextInt(bits.size())));
        }
        return text.toString();
    }
}
