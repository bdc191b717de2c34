package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.SinkSpec;
import java.util.Locale;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.junit.jupiter.api.Test;

class SinkViewTest {
    @Test
    void its_schema_names_every_kind_of_sink() throws Exception {
        var schema = SinkView.class.getDeclaredField("kind").getAnnotation(Schema.class);
        assertThat(schema.enumeration())
                .containsExactlyInAnyOrder(Stream.of(SinkSpec.class.getPermittedSubclasses())
                        .map(kind -> kind.getSimpleName().toLowerCase(Locale.ROOT))
                        .toArray(String[]::new));
    }
}
