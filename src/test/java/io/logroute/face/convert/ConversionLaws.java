package io.logroute.face.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.plan.Declared;
import io.logroute.spec.Read;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConversionLaws {
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "=>",
            "==",
            "!=",
            "=~",
            "!~",
            "<",
            ">",
            "in",
            "not in",
            "and",
            "or",
            "xor",
            "nand",
            "!",
            "\"",
            "'",
            "/",
            "\\",
            "#",
            ",",
            "\n",
            " ",
            "if",
            "else",
            "else if",
            "input",
            "filter",
            "output",
            "mutate",
            "grok",
            "[a][b]",
            "[@metadata][x]",
            "[0]",
            "%{",
            "%{a}",
            "%{+YYYY}",
            "${X}",
            "${X:d}",
            "\u0000",
            "\uFEFF",
            "\uD83D\uDE00",
            "\uD800",
            "\u2028",
            "-",
            "-5",
            "1.",
            "99999999999999999999",
            "é",
            "\t",
            "'''",
            "\"\"");

    /// Whatever stands in the files: it is a pipeline or the place is told, and what comes of a
    /// pipeline has no problem.
    @Test
    void no_text_makes_it_throw_and_all_specs_validate() throws IOException {
        var texts = new ArrayList<String>();
        try (var files = Files.list(Path.of("src/test/resources/golden/convert"))) {
            for (var file : files.filter(each -> each.toString().endsWith(".conf"))
                    .sorted()
                    .toList()) {
                texts.add(Files.readString(file));
            }
        }
        int good = 0;
        int bad = 0;
        for (int seed : Seeds.upTo(150)) {
            var random = Seeds.random(seed);
            var text = changed(texts.get(random.nextInt(texts.size())), random);
            switch (ConfReader.read(List.of(new ConfReader.Source("x.conf", text)))) {
                case Read.Bad<ConfReader.Result>(var problems) -> {
                    bad++;
                    assertThat(problems).as("seed %d", seed).hasSize(1);
                    assertThat(problems.getFirst().where()).as("seed %d", seed).matches("x\\.conf:\\d+:\\d+");
                }
                case Read.Good<ConfReader.Result>(var result) -> {
                    good++;
                    var conversion = Conversion.of(result, new Conversion.Around("r", Map.of(), _ -> Optional.empty()));
                    var reading = SpecReader.documents("x", conversion.specs());
                    assertThat(Declared.of(reading, Declared.NOTHING, Set.of()).problems())
                            .as("seed %d%n%s%n%s", seed, text, conversion.specs())
                            .isEmpty();
                }
            }
        }
        if (Seeds.many()) {
            assertThat(good).isPositive();
            assertThat(bad).isPositive();
        }
    }

    /// Few changes, so that many a text is still a pipeline.
    private static String changed(String text, Random random) {
        var out = new StringBuilder(text);
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(out.length());
            switch (random.nextInt(4)) {
                case 0 -> out.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> out.delete(at, Math.min(out.length(), at + 1 + random.nextInt(20)));
                case 2 -> quoted(out, at, random);
                default -> {
                    int end = Math.min(out.length(), at + random.nextInt(60));
                    out.insert(random.nextInt(out.length()), out.substring(at, end));
                }
            }
        }
        return out.toString();
    }

    /// Something odd inside of a text in quotes, which the grammar does not mind.
    private static void quoted(StringBuilder out, int from, Random random) {
        int at = out.indexOf("\"", from);
        if (at >= 0) {
            var piece = PIECES.get(random.nextInt(PIECES.size()));
            out.insert(at + 1, piece.contains("\"") ? "x" : piece);
        }
    }
}
