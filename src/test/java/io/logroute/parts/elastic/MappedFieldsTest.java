package io.logroute.parts.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Writes.Kind;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Name;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappedFieldsTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "msg           | TEXT    |       | ``",
                "service_name  | WHOLE   |       | ``",
                "task_slot     | WHOLE   |       | ``",
                "task_slot     | TEXT    | 7     | ``",
                "task_slot     | TEXT    | first | task_slot is a long by template ampbeat: Elasticsearch refuses an event with \"first\" there",
                "task_slot     | TEXT    |       | task_slot is a long by template ampbeat: Elasticsearch refuses an event with text that is no number there",
                "task_slot     | TRUTH   |       | task_slot is a long by template ampbeat: Elasticsearch refuses an event with true or false there",
                "task_slot     | UNKNOWN |       | ``",
                "@timestamp    | TIME    |       | ``",
                "@timestamp    | TRUTH   |       | @timestamp is a date by template ampbeat: Elasticsearch refuses an event with true or false there",
                "labels        | TEXT    |       | labels is an object by template ampbeat: Elasticsearch refuses an event with text there",
                "labels.team   | TEXT    |       | ``",
                "labels.team   | WHOLE   |       | ``",
                "beat.name     | TEXT    |       | ``",
                "msg.text      | TEXT    |       | msg is text by template ampbeat: Elasticsearch refuses an event with msg.text",
                "env           | TEXT    |       | template ampbeat does not know the field env: Elasticsearch adds it as a keyword, by the dynamic template strings",
                "took          | WHOLE   |       | template ampbeat does not know the field took: Elasticsearch adds it as a long",
                "took          | DECIMAL |       | template ampbeat does not know the field took: Elasticsearch adds it as a float",
                "slow          | TRUTH   |       | template ampbeat does not know the field slow: Elasticsearch adds it as a boolean",
                "other         | UNKNOWN |       | template ampbeat does not know the field other: Elasticsearch adds it as what its first value is",
                "beat.other    | TEXT    |       | template ampbeat does not know the field beat.other: Elasticsearch adds it as a keyword, by the dynamic template strings",
            })
    void what_ampbeat_makes_of_a_field_is_told(String field, Kind kind, String text, String told) throws IOException {
        var mapped = MappedFields.of(Mappings.of(Optional.empty()), new Name("ampbeat"));
        assertThat(mapped.about(FieldPath.parse(field), kind, Optional.ofNullable(text))
                        .map(MappedFields.Doubt::what)
                        .orElse(""))
                .isEqualTo(told);
    }

    @Test
    void a_name_mistyped_gets_the_name_that_may_be_meant() throws IOException {
        var mapped = MappedFields.of(Mappings.of(Optional.empty()), new Name("ampbeat"));
        assertThat(mapped.about(FieldPath.parse("servic_name"), Kind.TEXT, Optional.empty()))
                .hasValueSatisfying(doubt -> assertThat(doubt.mend()).contains("If service_name is meant, write that"));
    }

    @Test
    void a_strict_mapping_refuses_what_it_does_not_know_and_a_false_one_hides_it() throws IOException {
        assertThat(told("strict")).contains("and Elasticsearch refuses events with fields that it does not know");
        assertThat(told("false")).contains("Elasticsearch keeps it, and finds nothing by it");
    }

    private String told(String dynamic) throws IOException {
        var own = Files.createDirectories(folder.resolve("own"));
        Files.writeString(
                own.resolve("index-template.json"),
                "{\"version\":1,\"index_patterns\":[\"own-*\"],\"template\":{\"mappings\":{\"dynamic\":\"%s\",\"properties\":{\"a\":{\"type\":\"keyword\"}}}}}"
                        .formatted(dynamic));
        return MappedFields.of(Mappings.of(Optional.of(folder)), new Name("own"))
                .about(FieldPath.parse("b"), Kind.TEXT, Optional.empty())
                .orElseThrow()
                .what();
    }
}
