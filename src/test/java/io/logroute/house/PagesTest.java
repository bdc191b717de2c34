package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.logroute.spec.Doc;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The pages and schemas that are made of the records are as the records are now.
/// `-Ddocs.update=true` writes them.
class PagesTest {
    @TestFactory
    Stream<DynamicTest> every_generated_page_is_up_to_date() {
        return Pages.all().entrySet().stream()
                .map(page -> DynamicTest.dynamicTest(page.getKey(), () -> {
                    var file = Path.of(page.getKey());
                    if (Boolean.getBoolean("docs.update")) {
                        Files.createDirectories(file.getParent());
                        Files.writeString(file, page.getValue());
                    }
                    assertThat(file).as("run ./dev docs").exists();
                    assertThat(Files.readString(file))
                            .as("%s is out of date; run ./dev docs", file)
                            .isEqualTo(page.getValue());
                }));
    }

    @Test
    void no_page_is_left_of_a_part_that_is_gone() throws IOException {
        var folders = new ArrayList<>(Pages.FAMILIES.keySet());
        folders.add(Pages.KINDS_FOLDER);
        for (var folder : folders) {
            try (var files = Files.list(Path.of(folder))) {
                assertThat(files.map(Path::toString)).isSubsetOf(Pages.all().keySet());
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> the_example_of_every_page_reads_and_fits_its_schema() {
        return Pages.FAMILIES.entrySet().stream()
                .flatMap(family -> Pages.members(family.getValue()).entrySet().stream()
                        .map(member -> DynamicTest.dynamicTest(member.getKey(), () -> {
                            var yaml = Pages.example(family.getKey(), member.getKey(), member.getValue());
                            assertThat(Pages.all().get("%s/%s.md".formatted(family.getKey(), member.getKey())))
                                    .contains(yaml);
                            assertThat(SpecReader.read("page", yaml).problems())
                                    .as(yaml)
                                    .isEmpty();
                            assertThat(misfits(yaml)).as(yaml).isEmpty();
                        })));
    }

    @TestFactory
    Stream<DynamicTest> the_example_of_every_kind_reads_and_fits_its_schema() {
        return Pages.KINDS.stream()
                .map(kind -> DynamicTest.dynamicTest(kind.getSimpleName(), () -> {
                    var yaml = Pages.example(kind);
                    assertThat(SpecReader.read("page", yaml).problems())
                            .as(yaml)
                            .isEmpty();
                    assertThat(misfits(yaml)).as(yaml).isEmpty();
                }));
    }

    @Test
    void every_page_is_linked_from_the_index() throws IOException {
        var index = Files.readString(Path.of("docs/README.md"));
        assertThat(Pages.all().keySet().stream().filter(page -> page.endsWith(".md")))
                .allSatisfy(page -> assertThat(index).contains("(" + page.substring("docs/".length()) + ")"));
    }

    record WithoutWords(@Doc("") String field) {}

    @Doc("It has words.")
    record FieldWithoutWords(String field) {}

    @Test
    void a_record_or_a_component_without_words_is_found() {
        assertThatThrownBy(() -> Pages.doc(WithoutWords.class)).hasMessageContaining("no words for");
        assertThatThrownBy(() -> Pages.doc(WithoutWords.class.getRecordComponents()[0]))
                .hasMessageContaining("no words for");
        assertThatThrownBy(() -> Pages.doc(FieldWithoutWords.class.getRecordComponents()[0]))
                .hasMessageContaining("no words for")
                .hasMessageContaining("FieldWithoutWords.field");
    }

    @TestFactory
    Stream<DynamicTest> every_example_fits_its_schema() throws IOException {
        return ExamplesTest.examples().stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> {
                    for (var document : Files.readString(file).split("(?m)^---\\s*$", -1)) {
                        assertThat(misfits(document)).as(document).isEmpty();
                    }
                }));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "unknown key        | LogRouter | { sources: [beats], bufer: {} }",
                "missing key        | LogRouter | { buffer: {} }",
                "unknown kind       | LogSink   | { consol: {} }",
                "two kinds          | LogSink   | { console: {}, file: { path: a } }",
                "a kind is missing  | LogSink   | { deadLetters: { maxAge: 1d } }",
                "a typo beside it   | LogSink   | { console: {}, deadLeters: { maxAge: 1d } }",
                "text for a number  | LogRouter | { sources: [{ beats: { port: many } }] }",
                "no size            | LogRouter | { sources: [beats], buffer: { maxBytes: 8 gigs } }",
                "no name            | LogRoute  | { router: Core, to: es }",
                "unknown word       | LogRouter | { sources: [beats], buffer: { whenFull: blok } }"
            })
    void what_the_reader_refuses_does_not_fit_the_schema(String why, String kind, String spec) {
        var yaml = "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: a }\nspec: %s\n".formatted(kind, spec);
        assertThat(SpecReader.read("a", yaml).problems()).as(why).isNotEmpty();
        assertThat(misfits(yaml)).as(why).isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "word for a kind          | LogSink   | console",
                "a key beside the kind    | LogSink   | { console: {}, deadLetters: { maxAge: 1d, maxBytes: 2MiB } }",
                "single value for a list  | LogRoute  | { router: core, to: es, match: { service: a } }",
                "plain value for a record | LogRoute  | { router: core, to: [es], filters: [{ remove: [a, b] }, { parse: { json: msg } }] }",
                "empty record             | LogRouter | { sources: [{ demo: }], buffer: }",
                "bytes as a number        | LogRouter | { sources: [beats], buffer: { maxBytes: 16777216 } }"
            })
    void every_form_that_the_reader_takes_fits_the_schema(String why, String kind, String spec) {
        var yaml = "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: a }\nspec: %s\n".formatted(kind, spec);
        assertThat(SpecReader.read("a", yaml).problems()).as(why).isEmpty();
        assertThat(misfits(yaml)).as(why).isEmpty();
    }

    private static final Map<String, Schema> SCHEMAS = Pages.KINDS.stream()
            .map(Class::getSimpleName)
            .collect(Collectors.toMap(
                    kind -> kind,
                    kind -> SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(Pages.all().get("crds-like-specs/%s.schema.json".formatted(kind)))));

    private static final Schema ANY = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Pages.all().get(Pages.ANY_SCHEMA));

    private static String misfits(String yaml) {
        var kind = yaml.lines()
                .filter(line -> line.startsWith("kind: "))
                .findFirst()
                .orElseThrow()
                .replaceAll("kind: *| *#.*", "");
        var schema = java.util.Objects.requireNonNull(SCHEMAS.get(kind), kind);
        var wrong = misfits(schema, yaml);
        assertThat(misfits(ANY, yaml).isEmpty())
                .as("the schema of any kind agrees with that of %s on %s", kind, yaml)
                .isEqualTo(wrong.isEmpty());
        return wrong;
    }

    private static String misfits(Schema schema, String yaml) {
        return schema.validate(yaml, InputFormat.YAML).stream()
                .map(Object::toString)
                .collect(Collectors.joining("\n"));
    }
}
