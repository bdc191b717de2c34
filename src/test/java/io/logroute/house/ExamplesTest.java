package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.control.SpecFiles;
import io.logroute.parts.elastic.Mappings;
import io.logroute.plan.Declared;
import io.logroute.router.Foresight;
import io.logroute.spec.Document;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Labels;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import io.logroute.spec.StackFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What we show people is read by the same reader, without a single problem.
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("examples");

    private static final String EDITORS = "# yaml-language-server: $schema=";

    /// The tests that run examples on the real jar and look at what comes out.
    private static final List<Path> RUNS = List.of(
            Path.of("src/test/java/io/logroute/RunIT.java"),
            Path.of("src/test/java/io/logroute/BeatsToElasticsearchIT.java"),
            Path.of("src/test/java/io/logroute/ExternalStashIT.java"),
            Path.of("src/test/java/io/logroute/ReplicatedBufferIT.java"),
            Path.of("src/test/java/io/logroute/ThroughRedisIT.java"),
            Path.of("src/test/java/io/logroute/RelayIT.java"),
            Path.of("src/test/java/io/logroute/NatsExampleIT.java"),
            Path.of("src/test/java/io/logroute/SwarmQuickstartIT.java"));

    /// What a story may have: one spec, or one for each of two swarms.
    private static final List<List<String>> SPECS =
            List.of(List.of("logroute.yaml"), List.of("below.yaml", "above.yaml"));

    /// The specs of the examples: one folder a story.
    static List<Path> examples() throws IOException {
        if (!Files.isDirectory(EXAMPLES)) {
            return List.of();
        }
        try (var folders = Files.list(EXAMPLES)) {
            return folders.flatMap(
                            folder -> SPECS.stream().flatMap(List::stream).map(folder::resolve))
                    .filter(Files::exists)
                    .sorted()
                    .toList();
        }
    }

    @Test
    void there_are_examples() throws IOException {
        assertThat(examples()).isNotEmpty();
    }

    @Test
    void every_example_is_a_folder_with_a_spec_and_a_readme() throws IOException {
        try (var folders = Files.list(EXAMPLES)) {
            assertThat(folders.filter(Files::isDirectory)).allSatisfy(folder -> {
                assertThat(SPECS)
                        .anySatisfy(specs -> assertThat(specs)
                                .allSatisfy(
                                        spec -> assertThat(folder.resolve(spec)).exists()));
                assertThat(folder.resolve("README.md")).exists();
            });
        }
    }

    /// The first line tells editors the schema: they complete and check while people write.
    @TestFactory
    Stream<DynamicTest> every_example_tells_editors_its_schema() throws IOException {
        return examples().stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> {
                    var first = Files.readAllLines(file).getFirst();
                    assertThat(first).startsWith(EDITORS);
                    assertThat(file.resolveSibling(first.substring(EDITORS.length()))
                                    .normalize())
                            .isEqualTo(Path.of(Pages.ANY_SCHEMA));
                }));
    }

    @TestFactory
    Stream<DynamicTest> every_example_reads_and_resolves_without_a_problem() throws IOException {
        return examples().stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> {
                    var reading = SpecReader.documents(file.toString(), Files.readString(file));
                    assertThat(reading.problems()).isEmpty();
                    var declared = Declared.of(reading, Declared.NOTHING, templates());
                    assertThat(declared.problems()).isEmpty();
                    assertThat(declared.pipelines()).isNotEmpty();
                }));
    }

    @TestFactory
    Stream<DynamicTest> the_tests_of_every_example_hold_and_nothing_is_to_be_warned_of() throws IOException {
        return examples().stream()
                .map(file -> file.endsWith("logroute.yaml") ? file.getParent() : file)
                .map(story -> DynamicTest.dynamicTest(story.toString(), () -> {
                    var reading = new SpecFiles(List.of(story)).read();
                    var foresight = new Foresight(Mappings.of(Optional.empty()));
                    var declared = Declared.of(reading, Declared.NOTHING, foresight.templates(), foresight);
                    assertThat(declared.problems()).isEmpty();
                    // A secret lies where the router runs.
                    assertThat(foresight.warnings(reading))
                            .filteredOn(warning -> !warning.what().contains("no file /run/secrets/"))
                            .isEmpty();
                }));
    }

    @Test
    void some_examples_have_tests() throws IOException {
        assertThat(examples().stream().filter(file -> Files.exists(file.resolveSibling("tests.yaml"))))
                .hasSizeGreaterThan(1);
    }

    @TestFactory
    Stream<DynamicTest> every_kind_of_source_filter_and_sink_stands_in_an_example() throws IOException {
        var kinds = examples().stream()
                .flatMap(file -> documents(file))
                .flatMap(ExamplesTest::kinds)
                .collect(Collectors.toSet());
        return Pages.FAMILIES.values().stream()
                .flatMap(family -> Stream.of(family.getPermittedSubclasses()))
                .map(kind -> DynamicTest.dynamicTest(
                        kind.getSimpleName(),
                        () -> assertThat(kinds.contains(kind))
                                .as("%s: put it into an example", kind.getSimpleName())
                                .isTrue()));
    }

    @TestFactory
    Stream<DynamicTest> every_example_is_run_by_a_test_on_the_real_jar() throws IOException {
        var tests = new StringBuilder();
        for (var run : RUNS) {
            tests.append(Files.readString(run));
        }
        return examples().stream()
                .map(file -> DynamicTest.dynamicTest(
                        file.toString(),
                        () -> assertThat(tests.indexOf("\"" + file + "\"") >= 0)
                                .as("%s: run it in one of %s", file, RUNS)
                                .isTrue()));
    }

    /// The stack files of the examples; a stack is deployed as `shop`.
    @TestFactory
    Stream<DynamicTest> the_labels_of_every_stack_file_say_routes_without_a_problem() throws IOException {
        var stacks = examples().stream()
                .map(file -> file.resolveSibling("stack.yml"))
                .filter(Files::exists)
                .toList();
        assertThat(stacks).isNotEmpty();
        return stacks.stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> {
                    var spec = file.resolveSibling("logroute.yaml");
                    var specs = SpecReader.documents(spec.toString(), Files.readString(spec));
                    var stack = StackFile.read(
                            file.toString(), Files.readString(file), Optional.of("shop"), "", System::getenv);
                    assertThat(stack.problems()).isEmpty();
                    var labels = stack.services().stream()
                            .map(service -> Labels.read(service, Labels.Known.of(specs)))
                            .reduce(new Reading(List.of(), List.of()), Reading::and);
                    assertThat(labels.documents()).isNotEmpty();
                    var declared = Declared.of(specs.and(labels), Declared.NOTHING, templates());
                    assertThat(declared.problems()).isEmpty();
                    assertThat(declared.routes())
                            .hasSize(specs.and(labels).documents().stream()
                                    .filter(located -> located.document() instanceof LogRoute)
                                    .toList()
                                    .size());
                }));
    }

    private static Stream<Document> documents(Path file) {
        try {
            return SpecReader.documents(file.toString(), Files.readString(file)).documents().stream()
                    .map(located -> located.document());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Stream<Class<?>> kinds(Document document) {
        return switch (document) {
            case LogRouter router -> router.sources().stream().map(Object::getClass);
            case LogSink sink -> Stream.of(sink.to().getClass());
            case LogRoute route -> route.filters().stream().flatMap(ExamplesTest::kinds);
            case LogRelay _, LogRouteTest _ -> Stream.empty();
        };
    }

    private static Stream<Class<?>> kinds(FilterSpec filter) {
        return filter instanceof FilterSpec.Parse parse
                ? Stream.of(parse.getClass(), parse.how().getClass())
                : Stream.of(filter.getClass());
    }

    private static Set<String> templates() throws IOException {
        var mappings = Path.of("mappings");
        if (!Files.isDirectory(mappings)) {
            return Set.of("ampbeat");
        }
        try (var folders = Files.list(mappings)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
