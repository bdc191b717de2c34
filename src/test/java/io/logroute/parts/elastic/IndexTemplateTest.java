package io.logroute.parts.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Json;
import io.logroute.parts.elastic.IndexTemplate.Decision;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.Name;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexTemplateTest {
    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            none is there            | -                                                                   | INSTALL
            an older one of ours     | {"version":1,"_meta":{"logroute":{"template":"ampbeat","version":1}}} | INSTALL
            the same one             | {"version":2,"_meta":{"logroute":{"template":"ampbeat","version":2}}} | KEEP
            a newer one of ours      | {"version":3,"_meta":{"logroute":{"template":"ampbeat","version":3}}} | NEWER
            somebody's without marks | {"version":2}                                                       | FOREIGN
            somebody's with marks    | {"version":2,"_meta":{"owner":"me"}}                                | FOREIGN
            ours for another name    | {"_meta":{"logroute":{"template":"nginx","version":1}}}             | FOREIGN
            ours without a version   | {"_meta":{"logroute":{"template":"ampbeat"}}}                       | FOREIGN
            a strange mark           | {"_meta":{"logroute":"yes"}}                                        | FOREIGN
            """)
    void what_to_do_about_one_that_is_there(String why, @Nullable String installed, Decision decision) {
        assertThat(Decision.about(installed == null ? null : json(installed), "ampbeat", 2))
                .as(why)
                .isEqualTo(decision);
    }

    @Test
    void the_shipped_files_carry_the_marks_that_go_to_elasticsearch() throws Exception {
        var ampbeat = shipped();
        var marks = Map.of("logroute", Map.of("template", "ampbeat", "version", ampbeat.version()));
        assertThat(ampbeat.index()).containsEntry("_meta", marks).containsEntry("priority", 208L);
        assertThat(ampbeat.components().keySet())
                .containsExactly("logroute-ampbeat-settings", "logroute-ampbeat-fields");
        ampbeat.components().forEach((name, component) -> {
            assertThat(component).as(name).containsEntry("_meta", marks).containsEntry("version", ampbeat.version());
            assertThat(json(new String(ampbeat.component(name), StandardCharsets.UTF_8)))
                    .as(name)
                    .isEqualTo(component);
        });
    }

    @Test
    void every_folder_of_mappings_is_in_the_list() throws Exception {
        try (var folders = Files.list(Path.of("mappings"))) {
            assertThat(Mappings.of(Optional.empty()).names())
                    .containsExactlyElementsOf(folders.filter(Files::isDirectory)
                            .map(each -> each.getFileName().toString())
                            .sorted()
                            .toList());
        }
    }

    @ParameterizedTest(name = "{0} -> {1} for {2}")
    @CsvSource({
        "ampbeat-%{+yyyy.MM.dd},     logroute-ampbeat,                  ampbeat-*,     208",
        "ampbeat-eu-%{+yyyy.MM.dd},  logroute-ampbeat,                  ampbeat-eu-*,  208",
        "shop-%{+yyyy.MM.dd},        logroute-ampbeat-shop,             shop-*,        205",
        "shop-%{app}-%{+yyyy},       logroute-ampbeat-shop-any,         shop-*-*,      206",
        "shop,                       logroute-ampbeat-shop-exactly,     shop,          204",
        "shop%{+yyyy},               logroute-ampbeat-shopany-exactly,  shop*,         204"
    })
    void the_name_and_pattern_come_from_the_sinks_index(String index, String name, String pattern, long priority)
            throws IOException {
        var fitted = shipped().fittedTo(FieldTemplate.parse(index));
        assertThat(fitted.name()).isEqualTo(name);
        assertThat(fitted.pattern()).isEqualTo(pattern);
        assertThat(json(new String(fitted.json(), StandardCharsets.UTF_8))).containsEntry("priority", priority);
    }

    @Test
    void ones_own_folder_comes_first_and_is_marked() throws Exception {
        write("ampbeat/index-template.json", """
                {"version": 9, "index_patterns": ["ampbeat-*"], "composed_of": ["logroute-ampbeat-x", "ecs@mappings"]}
                """);
        write("ampbeat/component-templates/x.json", "{\"template\": {}, \"_meta\": {\"owner\": \"me\"}}");
        var own = Mappings.of(Optional.of(folder)).load(new Name("ampbeat"));
        assertThat(own.version()).isEqualTo(9);
        assertThat(own.components()).containsOnlyKeys("logroute-ampbeat-x");
        assertThat(new String(own.component("logroute-ampbeat-x"), StandardCharsets.UTF_8))
                .contains("\"owner\":\"me\"", "\"logroute\":{", "\"version\":9");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            {"index_patterns": ["a-*"]}                                                 | version is missing
            {"version": 0, "index_patterns": ["a-*"]}                                   | version is missing
            {"version": 1}                                                              | index_patterns is missing
            {"version": 1,                                                              | is no JSON object
            {"version": 1, "index_patterns": ["a"], "composed_of": ["logroute-mine-x"]} | x.json is not there
            """)
    void a_template_of_ones_own_that_is_wrong_is_told(String text, String words) throws Exception {
        write("mine/index-template.json", text);
        var mappings = Mappings.of(Optional.of(folder));
        assertThat(mappings.names()).containsExactly("ampbeat", "mine");
        assertThatThrownBy(() -> mappings.load(new Name("mine")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("mine/")
                .hasMessageContaining(words);
    }

    private void write(String path, String text) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static IndexTemplate shipped() throws IOException {
        return Mappings.of(Optional.empty()).load(new Name("ampbeat"));
    }

    private static Map<String, @Nullable Object> json(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }
}
