package io.logroute.face.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.plan.Declared;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ConversionTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden/convert");

    @TestFactory
    Stream<DynamicTest> every_golden_pipeline_becomes_specs_that_validate() throws IOException {
        return confs().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            var name = file.getFileName().toString().replace(".conf", "");
            var conversion = convert(file.getFileName().toString(), Files.readString(file));
            Golden.sameAsGolden("convert/" + name + ".yaml", conversion.specs());
            Golden.sameAsGolden(
                    "convert/" + name + ".txt",
                    Stream.concat(
                                    conversion.remarks().stream().map(Remark::toString),
                                    conversion.general().stream().map(text -> "always: " + text))
                            .collect(Collectors.joining("\n", "", "\n" + conversion.summary() + "\n")));
            var reading = SpecReader.documents(name, conversion.specs());
            assertThat(Declared.of(reading, Declared.NOTHING, Set.of()).problems())
                    .isEmpty();
        }));
    }

    private static Stream<Path> confs() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList().stream();
        }
    }

    @Test
    void every_remark_but_notes_stands_in_a_comment_of_the_specs() throws IOException {
        for (var file : confs().toList()) {
            var conversion = convert(file.getFileName().toString(), Files.readString(file));
            var words = conversion.specs().replaceAll("\\n *#", "").replaceAll("\\s+", " ");
            assertThat(conversion.remarks())
                    .allSatisfy(remark -> assertThat(words)
                            .as("%s", remark)
                            .contains(remark.text().replaceAll("\\s+", " ")));
        }
    }

    @Test
    void what_is_carried_over_exactly_is_whole() {
        var conversion = convert("x.conf", """
                input { beats { port => 5044 } }
                filter {
                  if [level] == "debug" { drop { } }
                  json { source => "message" target => "app" }
                  mutate { rename => { "host" => "node" } remove_field => ["agent"] }
                }
                output { elasticsearch { hosts => ["http://es:9200"] index => "logs-%{+YYYY.MM.dd}" } }
                """);
        assertThat(conversion.remarks()).isEmpty();
        assertThat(conversion.whole()).isTrue();
        assertThat(conversion.specs())
                .contains("- drop: { when: 'event.level == \"debug\"' }")
                .contains("index: 'logs-%{+YYYY.MM.dd}'");
    }

    @Test
    void an_option_that_nobody_knows_is_told() {
        var conversion = convert("x.conf", "filter { json { source => \"a\" nonesuch => 1 } } output { stdout { } }");
        assertThat(conversion.remarks())
                .filteredOn(remark -> remark.kind() == Remark.Kind.LEFT_OUT)
                .singleElement()
                .satisfies(remark -> assertThat(remark.option()).isEqualTo("nonesuch"));
        assertThat(conversion.whole()).isFalse();
    }

    @Test
    void values_of_the_environment_that_are_known_stand_there() {
        var conf = ConfReader.read(
                List.of(
                        new ConfReader.Source(
                                "x.conf",
                                "input { beats { port => \"${PORT:5044}\" } } output { elasticsearch { hosts => \"${ES}\" index => \"a\" } }")));
        var conversion = Conversion.of(
                conf.orElse(problems -> {
                    throw new AssertionError(problems.toString());
                }),
                new Conversion.Around("core", Map.of("PORT", "6000", "ES", "es-1"), _ -> Optional.empty()));
        assertThat(conversion.specs())
                .contains("port: 6000")
                .contains("http://es-1:9200")
                .contains("name: core");
        assertThat(conversion.remarks()).isEmpty();
    }

    static Conversion convert(String name, String text) {
        var read = ConfReader.read(List.of(new ConfReader.Source(name, text))).orElse(problems -> {
            throw new AssertionError(problems.toString());
        });
        return Conversion.of(
                read,
                new Conversion.Around(
                        "logstash",
                        Map.of(),
                        path -> path.equals("./patterns")
                                ? Optional.of(Map.of("MYTHING", "%{MYPART}+", "MYPART", "[a-f]", "OTHER", "x"))
                                : Optional.empty()));
    }
}
