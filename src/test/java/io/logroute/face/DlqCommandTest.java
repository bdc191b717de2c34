package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.buffer.DiskBuffer;
import io.logroute.flow.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On the data folder of a LogRoute that does not run.
class DlqCommandTest {
    @TempDir
    Path data;

    @BeforeEach
    void write() throws Exception {
        DiskBuffer.open(buffer(), DiskBuffer.Limits.of(16 << 20)).close();
        letters("es", 30, "mapper_parsing_exception: failed to parse field [x] of '%d'");
        letters("archive", 5, "too large: %d bytes");
    }

    private Path buffer() {
        return data.resolve("routers/core/buffer");
    }

    private void letters(String sink, int count, String reason) throws Exception {
        var folder = Files.createDirectories(
                data.resolve("routers/core/dead-letters").resolve(sink));
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(
                    "{\"time\":\"2026-11-22T12:%02d:00Z\",\"router\":\"core\",\"sink\":\"%s\",\"route\":\"%s\",\"reason\":%s,\"seq\":%d,\"event\":{\"n\":%d,\"esc\":\"\\u001b[31m\"}}\n"
                            .formatted(i, sink, i % 2 == 0 ? "even" : "odd", Json.write(reason.formatted(i)), i, i));
        }
        Files.writeString(folder.resolve("00000001.ndjson"), lines + "half a line");
    }

    private Said dlq(String verb, String... more) {
        var args = new ArrayList<>(List.of("dlq", verb, "--data", data.toString()));
        args.addAll(List.of(more));
        return Said.by(args.toArray(String[]::new));
    }

    private static List<?> list(Said said) {
        var bytes = said.out().getBytes(StandardCharsets.UTF_8);
        return (List<?>) Objects.requireNonNull(Json.value(bytes, 0, bytes.length));
    }

    @Test
    void ls_tells_how_many_how_old_and_why() {
        var said = dlq("ls");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out())
                .contains("core    es            30")
                .contains("2026-11-22T12:00:00Z")
                .contains("2026-11-22T12:29:00Z")
                .contains("30  mapper_parsing_exception: failed to parse field [x] of '…'")
                .contains("5  too large: N bytes");
        assertThat(list(dlq("ls", "--sink", "es", "-o", "json"))).hasSize(1);
    }

    @Test
    void show_gives_those_that_fit_and_nothing_in_them_steers_the_terminal() {
        var said = dlq("show", "--sink", "es", "--limit", "2");
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains("1-0  2026-11-22T12:00:00Z  core/es  route even")
                .contains("\"n\":0")
                .contains("There may be more")
                .doesNotContain("\u001b");
        assertThat(list(dlq("show", "--route", "odd", "--limit", "100", "-o", "json")))
                .hasSize(15 + 2);
        assertThat(list(dlq("show", "--reason", "TOO LARGE", "-o", "json"))).hasSize(5);
        assertThat(list(dlq("show", "--since", "2026-11-22T12:28:00Z", "-o", "json")))
                .hasSize(2);
        assertThat(list(dlq("show", "--since", "1m", "-o", "json"))).isEmpty();
        assertThat(list(dlq("show", "--sink", "es", "--id", "1-0", "-o", "json")))
                .hasSize(1);
    }

    @Test
    void purge_names_what_it_would_delete_and_does_it_with_yes() {
        var dry = dlq("purge", "--route", "odd");
        assertThat(dry.code()).isEqualTo(1);
        assertThat(dry.out()).contains("core/es: 15 letters would be deleted", "Do it with --yes.");
        assertThat(list(dlq("show", "--sink", "es", "--limit", "100", "-o", "json")))
                .hasSize(30);

        var done = dlq("purge", "--route", "odd", "--yes");
        assertThat(done.code()).isZero();
        assertThat(done.out()).contains("core/es: 15 letters deleted", "core/archive: 2 letters deleted");
        assertThat(list(dlq("show", "--sink", "es", "--limit", "100", "-o", "json")))
                .hasSize(15);

        assertThat(dlq("purge", "--yes").out()).contains("core/es: 15 letters deleted");
        assertThat(dlq("ls").code()).isZero();
        assertThat(dlq("ls").out()).contains("There are no dead letters.");
    }

    @Test
    void purge_leaves_the_folder_of_a_running_logroute_alone() throws Exception {
        try (var _ = DiskBuffer.open(buffer(), DiskBuffer.Limits.of(16 << 20))) {
            var said = dlq("purge", "--yes");
            assertThat(said.code()).isEqualTo(2);
            assertThat(said.err()).contains("a LogRoute runs on this folder").contains("--url");
            assertThat(list(dlq("show", "--limit", "100", "-o", "json"))).hasSize(35);
        }
    }

    @Test
    void what_is_written_wrong_is_told_with_what_to_write() {
        assertThat(dlq("show", "--id", "1-0").err()).contains("write --sink too");
        assertThat(dlq("show", "--sink", "es", "--id", "first").err()).contains("they look like 1-4096");
        assertThat(dlq("show", "--since", "yesterday").err()).contains("write 2h, 3d");
        assertThat(dlq("ls", "--sink", "nope").err())
                .contains("no sink \"nope\" has dead letters; of those that have there are: archive, es");
        assertThat(dlq("ls", "--router", "cor").err())
                .contains("no router \"cor\" has dead letters; of those that have there are: core");
        assertThat(dlq("ls", "--sink", "nope").code()).isEqualTo(2);
    }

    @Test
    void replay_says_why_it_takes_no_folder() {
        var said = dlq("replay");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .contains("replay takes no --data: letters are given back to a LogRoute that runs")
                .contains("say with --url where it listens")
                .doesNotContain("Unknown option");
        assertThat(Said.by("dlq", "replay", "--help").out()).doesNotContain("--data");
    }

    @Test
    void a_filter_with_a_typo_is_no_filter_and_refused() {
        var body = "{\"rout\":\"a\"}".getBytes(StandardCharsets.UTF_8);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> LettersAsked.of(body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no key \"rout\"");
    }
}
