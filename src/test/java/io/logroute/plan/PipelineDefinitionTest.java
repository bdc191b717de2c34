package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.logroute.Golden;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PipelineDefinitionTest {
    private static final String ROUTER =
            "apiVersion: logroute/v1\nkind: LogRouter\nmetadata: { name: core }\nspec: { sources: [beats] }\n";
    private static final String SINK =
            "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: es }\nspec: { elasticsearch: { urls: ['http://es:9200'], index: 'a-%{+yyyy.MM.dd}' } }\n";
    private static final String ROUTE =
            "apiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: shop }\nspec: { router: core, to: es, match: { service: shop_* } }\n";

    @Test
    void the_revision_does_not_depend_on_the_order_of_documents_and_keys() {
        var turned = ROUTE.replace(
                "{ router: core, to: es, match: { service: shop_* } }",
                "{ match: { service: shop_* }, to: es, router: core }");
        assertThat(turned).isNotEqualTo(ROUTE);
        assertThat(pipeline(turned, SINK, ROUTER).revision())
                .isEqualTo(pipeline(ROUTER, SINK, ROUTE).revision());
    }

    @Test
    void the_revision_does_not_depend_on_defaults_and_lists_being_spelled_out() {
        var spelled = ROUTER.replace(
                "[beats]",
                "[{ beats: { host: 0.0.0.0, port: 5044, maxConnections: 1000, idleTimeout: 1m } }], buffer: { maxBytes: 8192MiB, whenFull: block }");
        var listed =
                ROUTE.replace("to: es", "default: false, to: [{ sink: es }]").replace("shop_*", "[\"shop_*\"]");
        assertThat(pipeline(spelled, SINK, listed).revision())
                .isEqualTo(pipeline(ROUTER, SINK, ROUTE).revision());
    }

    @Test
    void another_content_has_another_revision() {
        assertThat(pipeline(ROUTER, SINK, ROUTE.replace("shop_*", "shop-*")).revision())
                .isNotEqualTo(pipeline(ROUTER, SINK, ROUTE).revision());
        assertThat(pipeline(ROUTER, SINK, ROUTE).revision().hash()).matches("[0-9a-f]{12}");
    }

    @Test
    void its_text_is_what_people_could_have_written() throws IOException {
        var pipeline = pipeline(ROUTER, SINK, ROUTE);
        Golden.sameAsGolden("pipeline.yaml", pipeline.text());
        assertThat(pipeline(pipeline.text())).isEqualTo(pipeline);
    }

    @Test
    void every_sink_that_a_route_names_is_in_it() {
        var pipeline = pipeline(ROUTER, SINK, ROUTE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PipelineDefinition(pipeline.router(), pipeline.routes(), List.of()))
                .withMessage("route shop names sink es, which the pipeline does not have");
    }

    private static PipelineDefinition pipeline(String... documents) {
        var reading = SpecReader.documents("a.yaml", String.join("---\n", documents));
        var declared = Declared.of(reading, Declared.NOTHING, Set.of());
        assertThat(declared.problems()).isEmpty();
        return declared.pipeline("core").orElseThrow();
    }
}
