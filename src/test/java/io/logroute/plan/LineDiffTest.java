package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineDiffTest {
    @Test
    void the_same_text_has_no_difference() {
        assertThat(LineDiff.between("a\nb\n", "a\nb")).isEmpty();
        assertThat(LineDiff.between("", "")).isEmpty();
    }

    @Test
    void a_changed_line_stands_among_three_on_each_side() {
        assertThat(LineDiff.between("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nfive\n6\n7\n8\n9"))
                .containsExactly(" ...", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8", " ...");
    }

    @Test
    void all_that_comes_and_all_that_goes() {
        assertThat(LineDiff.between("", "a\nb")).containsExactly("+a", "+b");
        assertThat(LineDiff.between("a\nb", "")).containsExactly("-a", "-b");
    }

    /// Going from one text to the other by the difference gives the other; over many seeds.
    @Test
    void whoever_follows_it_arrives() {
        for (int seed = 0; seed < 3_000; seed++) {
            var random = Seeds.random(seed);
            var before = any(random);
            var after = random.nextInt(3) == 0 ? any(random) : changed(before, random);
            var lines = LineDiff.between(String.join("\n", before), String.join("\n", after));
            if (lines.contains(" ...")) {
                continue;
            }
            var gone = new ArrayList<String>();
            var come = new ArrayList<String>();
            for (var line : lines) {
                if (!line.startsWith("+")) {
                    gone.add(line.substring(1));
                }
                if (!line.startsWith("-")) {
                    come.add(line.substring(1));
                }
            }
            if (!lines.isEmpty()) {
                assertThat(gone).as("seed %d", seed).isEqualTo(before);
                assertThat(come).as("seed %d", seed).isEqualTo(after);
            } else {
                assertThat(before).as("seed %d", seed).isEqualTo(after);
            }
        }
    }

    private static List<String> any(Random random) {
        var lines = new ArrayList<String>();
        for (int i = random.nextInt(7); i > 0; i--) {
            lines.add("abc".substring(random.nextInt(3)).substring(0, 1));
        }
        return lines;
    }

    private static List<String> changed(List<String> before, Random random) {
        var lines = new ArrayList<>(before);
        for (int i = random.nextInt(3); i > 0; i--) {
            if (lines.isEmpty() || random.nextBoolean()) {
                lines.add(random.nextInt(lines.size() + 1), "d");
            } else {
                lines.remove(random.nextInt(lines.size()));
            }
        }
        return lines;
    }

    @Test
    void large_texts_that_have_nothing_in_common_are_told_in_time() {
        var before = new StringBuilder();
        var after = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            before.append("a").append(i).append('\n');
            after.append("b").append(i).append('\n');
        }
        assertThat(LineDiff.between(before.toString(), after.toString())).hasSize(100_000);
        assertThat(LineDiff.between(before.toString(), before.toString().replace("a25000\n", "x\n")))
                .contains("-a25000", "+x")
                .hasSize(10);
    }
}
