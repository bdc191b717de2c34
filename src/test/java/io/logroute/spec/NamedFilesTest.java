package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamedFilesTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "LogRouter | { sources: [{ demo: {} }, { beats: { port: 1, tls: { certificateFile: /a, keyFile: /b } } }] } | spec.sources[1].beats.tls.certificateFile=/a spec.sources[1].beats.tls.keyFile=/b",
                "LogSink   | { elasticsearch: { urls: 'http://es:1', index: x, auth: { username: u, passwordFile: /p } } } | spec.elasticsearch.auth.passwordFile=/p",
                "LogSink   | { elasticsearch: { urls: 'https://es:1', index: x, tls: { caFile: /ca } } } | spec.elasticsearch.tls.caFile=/ca",
                "LogSink   | { file: { path: /not/one } } | ",
                "LogRoute  | { router: r, to: [s], filters: [{ drop: {} }, { redact: { patterns: [ip], replace: hash, saltFile: /s } }] } | spec.filters[1].redact.saltFile=/s",
            })
    void each_file_is_told_with_its_place(String kind, String spec, String files) {
        var yaml = "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: a }\nspec: %s\n".formatted(kind, spec);
        var located = SpecReader.read("a.yaml", yaml)
                .orElse(problems -> {
                    throw new AssertionError(problems);
                })
                .getFirst();
        var found = new java.util.TreeMap<String, Path>(NamedFiles.of(located.document()));
        var told = new StringBuilder();
        found.forEach((place, file) -> {
            told.append(told.isEmpty() ? "" : " ").append(place).append('=').append(file);
            assertThat(located.lines()).as("a place that was written").containsKey(place);
        });
        assertThat(told).hasToString(files == null ? "" : files);
    }
}
