package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Declared;
import io.logroute.spec.Document;
import io.logroute.spec.Labels;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouter;
import io.logroute.spec.Problem;
import io.logroute.spec.SpecReader;
import io.logroute.spec.StackFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/// Every YAML block in what we write for people is read by the reader of specs, without a problem. A
/// block may be a part of a document; then it is put where such a part belongs. What is YAML of other
/// programs stands in blocks named `yml`.
class DocsTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)\\s]*)?\\)");

    /// What a document of the kind needs at least.
    private static final Map<String, String> LEAST = Map.of(
            "LogRouter", "sources: [demo]",
            "LogSink", "{}",
            "LogRelay", "{ swarm: eu1 }",
            "LogRoute", "{ router: core, to: [a-sink] }",
            "LogRouteTest", "{ route: a-route, given: [ { event: {} } ], expect: [] }");

    /// One block, and where it stands.
    private record Block(Path page, int line, String yaml) {
        @Override
        public String toString() {
            return page + ":" + line;
        }
    }

    @TestFactory
    Stream<DynamicTest> every_yaml_block_reads_without_a_problem() throws IOException {
        return blocks().stream()
                .map(block -> DynamicTest.dynamicTest(
                        block.toString(),
                        () -> assertThat(wrong(block.yaml())).as(block.yaml()).isEmpty()));
    }

    @Test
    void there_are_blocks() throws IOException {
        assertThat(blocks()).hasSizeGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "buffer: { maxBites: 8GiB }",
                "- { parse: { jason: msg } }",
                "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: a }\nspec: { consol: {} }",
                "match: { servce: [a] }",
                "services:\n  web: { deploy: { labels: [ no ] } }\n  - x",
                "services: { web: { deploy: { labels: [ logroute.enable=true, logroute.too=es ] } } }",
                "services: { web: { labels: { logroute.to: es } } }",
                "just text"
            })
    void a_block_with_a_mistake_is_found(String yaml) {
        assertThat(wrong(yaml)).isNotEmpty();
    }

    @TestFactory
    Stream<DynamicTest> every_link_to_a_file_leads_to_one() throws IOException {
        return pages().stream()
                .map(page -> DynamicTest.dynamicTest(page.toString(), () -> {
                    var links = LINK.matcher(prose(page));
                    while (links.find()) {
                        if (!links.group(1).contains("://") && !links.group(1).startsWith("mailto:")) {
                            assertThat(page.resolveSibling(links.group(1)).normalize())
                                    .as("%s links to %s", page, links.group(1))
                                    .exists();
                        }
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> every_link_to_a_heading_leads_to_one() throws IOException {
        return pages().stream()
                .map(page -> DynamicTest.dynamicTest(page.toString(), () -> {
                    var links = LINK.matcher(prose(page));
                    while (links.find()) {
                        var target = links.group(1).isEmpty()
                                ? page
                                : page.resolveSibling(links.group(1)).normalize();
                        if (links.group(2) != null && target.toString().endsWith(".md") && Files.exists(target)) {
                            assertThat(headings(target))
                                    .as("%s links to %s%s", page, links.group(1), links.group(2))
                                    .contains(links.group(2).substring(1));
                        }
                    }
                }));
    }

    /// What GitHub calls the headings of a page.
    private static Set<String> headings(Path page) throws IOException {
        return Pattern.compile("(?m)^#+ (.*)$")
                .matcher(prose(page))
                .results()
                .map(heading -> heading.group(1)
                        .strip()
                        .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static String prose(Path page) throws IOException {
        return Files.readString(page).replaceAll("(?ms)^```.*?^```$", "");
    }

    /// `docs/README.md` lists all pages that are written by hand.
    @ParameterizedTest
    @ValueSource(strings = {"guide", "decisions"})
    void every_page_is_linked_from_the_list_of_all_pages(String folder) throws IOException {
        var list = Path.of("docs/README.md");
        var linked = LINK.matcher(Files.readString(list))
                .results()
                .map(link -> list.resolveSibling(link.group(1)).normalize())
                .collect(Collectors.toSet());
        try (var files = Files.list(Path.of("docs", folder))) {
            var pages = files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
            assertThat(pages).isNotEmpty();
            assertThat(linked).containsAll(pages);
        }
    }

    private static List<Block> blocks() throws IOException {
        var blocks = new ArrayList<Block>();
        for (var page : pages()) {
            var text = Files.readString(page);
            var found = BLOCK.matcher(text);
            while (found.find()) {
                int line = (int) text.substring(0, found.start(1)).lines().count() + 1;
                blocks.add(new Block(page, line, found.group(1)));
            }
        }
        return blocks;
    }

    private static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        for (var folder : List.of("docs", "examples", "mappings", "deploy", ".")) {
            try (var files = Files.walk(Path.of(folder), folder.equals(".") ? 1 : 9)) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .map(Path::normalize)
                        .sorted()
                        .forEach(pages::add);
            }
        }
        return pages;
    }

    /// What is wrong with the block, whatever it is a part of; empty when it reads.
    private static List<String> wrong(String yaml) {
        List<Object> documents;
        try {
            documents = StreamSupport.stream(new Yaml().loadAll(yaml).spliterator(), false)
                    .toList();
        } catch (RuntimeException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
        if (documents.stream().allMatch(each -> each instanceof Map<?, ?> map && map.containsKey("apiVersion"))) {
            return problems(yaml);
        }
        return documents.stream().flatMap(each -> wrongPart(each).stream()).toList();
    }

    private static List<String> problems(String yaml) {
        var reading = SpecReader.documents("block", yaml);
        if (!reading.problems().isEmpty()) {
            return reading.problems().stream().map(Problem::toString).toList();
        }
        var kinds = reading.documents().stream()
                .map(located -> located.document().getClass())
                .collect(Collectors.toSet());
        // A whole specification has to fit together, too.
        return kinds.containsAll(Set.of(LogRouter.class, LogRoute.class))
                ? Declared.of(reading, Declared.NOTHING, Set.of("ampbeat")).problems().stream()
                        .map(Problem::toString)
                        .toList()
                : List.of();
    }

    private static List<String> wrongPart(@Nullable Object part) {
        if (part instanceof Map<?, ?> map && map.get("services") instanceof Map<?, ?>) {
            return wrongLabels(new Yaml().dump(map));
        }
        if (part instanceof Map<?, ?> map && map.get("kind") instanceof String kind && LEAST.containsKey(kind)) {
            return problems(document(kind, map.get("spec")));
        }
        var tried = new ArrayList<String>();
        for (var place : places(part)) {
            var problems = problems(place);
            if (problems.isEmpty()) {
                return List.of();
            }
            tried.addAll(problems);
        }
        return tried.isEmpty() ? List.of("it is no part of any document: " + part) : tried;
    }

    /// What is wrong with the labels of a stack file; empty when they say routes.
    private static List<String> wrongLabels(String yaml) {
        var stack = StackFile.read("block", yaml, Optional.of("shop"), "", System::getenv);
        return Stream.concat(
                        stack.problems().stream(),
                        stack.services().stream()
                                .flatMap(service -> Labels.read(service, Labels.Known.NOTHING).problems().stream()))
                .map(Problem::toString)
                .toList();
    }

    /// The documents that the part may belong to.
    private static List<String> places(@Nullable Object part) {
        if (part instanceof List<?> list) {
            return List.of(
                    document("LogRoute", Map.of("filters", list)),
                    document("LogRouter", Map.of("sources", list)),
                    document("LogRoute", Map.of("to", list)));
        }
        if (part instanceof Map<?, ?> map) {
            return List.of(
                    document("LogRouter", map),
                    document("LogSink", map),
                    document("LogRoute", map),
                    document("LogRoute", Map.of("filters", List.of(map))),
                    document("LogRoute", Map.of("match", map)),
                    document("LogRouter", Map.of("sources", List.of(map))));
        }
        return List.of();
    }

    private static String document(String kind, @Nullable Object spec) {
        var whole = new LinkedHashMap<String, Object>();
        if (new Yaml().<Object>load(java.util.Objects.requireNonNull(LEAST.get(kind))) instanceof Map<?, ?> least) {
            least.forEach((key, value) -> whole.put(String.valueOf(key), value));
        }
        if (spec instanceof Map<?, ?> given) {
            given.forEach((key, value) -> whole.put(String.valueOf(key), value));
        }
        if (kind.equals("LogSink") && hasNoKind(whole)) {
            whole.put("console", Map.of());
        }
        var document = new LinkedHashMap<String, Object>();
        document.put("apiVersion", Document.API_VERSION);
        document.put("kind", kind);
        document.put("metadata", Map.of("name", "a-name"));
        document.put("spec", whole);
        var options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        return new Yaml(options).dump(document);
    }

    private static boolean hasNoKind(Map<String, Object> sink) {
        return Pages.members(io.logroute.spec.SinkSpec.class).keySet().stream().noneMatch(sink::containsKey);
    }
}
