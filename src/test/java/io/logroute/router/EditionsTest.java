package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.spec.Read;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EditionsTest {
    @TempDir
    Path folder;

    @Test
    void a_pipeline_larger_than_any_file_of_specs_comes_through_whole() throws Exception {
        var pipeline = Rig.pipeline(List.of("a"), Rig.route("all", "to: [a]"));
        var routes = IntStream.range(0, 60)
                .mapToObj(i -> Rig.route("r" + i, "to: [a], match: { service: [%s] }".formatted(services(i))))
                .map(text -> text.substring("---\n".length()))
                .collect(Collectors.joining("---\n", "---\n", ""));
        var documents = pipeline.text() + routes;
        assertThat(documents).hasSizeGreaterThan(4 << 20);
        var read = Editions.pipeline("mounted", new Edition(documents, "0123456789ab", 1), "core", Set.of());
        var revision = read.problems().getFirst().what().replaceFirst(".*is revision ([0-9a-f]{12}).*", "$1");
        for (var part : Packed.of(documents, 100_000).parts()) {
            Files.write(folder.resolve(part.name()), part.bytes());
        }
        var mounted = Editions.mounted(folder, revision, 1);
        assertThat(mounted)
                .isInstanceOfSatisfying(
                        Read.Good.class,
                        good -> assertThat(Editions.pipeline("mounted", (Edition) good.value(), "core", Set.of()))
                                .isInstanceOfSatisfying(
                                        Read.Good.class,
                                        whole -> assertThat(((PipelineDefinition) whole.value()).routes())
                                                .hasSize(61)));
    }

    private static String services(int i) {
        return IntStream.range(0, 2_000)
                .mapToObj("shop-%d-a-service-with-a-long-name-%%d".formatted(i)::formatted)
                .collect(Collectors.joining(", "));
    }

    @Test
    void problems_name_the_document_that_they_are_in() {
        var pipeline = Rig.pipeline(List.of("a"), Rig.route("all", "to: [a]"));
        var broken = pipeline.text().replace("console: {}", "consle: {}");
        assertThat(Editions.pipeline("mounted pipeline", new Edition(broken, "0123456789ab", 1), "core", Set.of())
                        .problems())
                .first()
                .asString()
                .startsWith("mounted pipeline, document 3:")
                .contains("consle");
    }

    @Test
    void two_pipelines_are_one_too_many() {
        var both = Rig.pipeline(List.of("a"), Rig.route("all", "to: [a]")).text() + """
                ---
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: other }
                spec: { sources: [ demo ] }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: every }
                spec: { router: other, to: [a] }
                """;
        assertThat(Editions.pipeline("mounted", new Edition(both, "0123456789ab", 1), "core", Set.of())
                        .problems())
                .singleElement()
                .asString()
                .contains("it holds 2 pipelines");
    }
}
