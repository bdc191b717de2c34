package io.logroute.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import io.logroute.spec.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecFilesTest {
    @TempDir
    Path folder;

    @Test
    void a_folder_is_read_for_its_yaml_with_the_folders_in_it() throws IOException {
        sink("a.yaml", "a");
        sink("b.yml", "b");
        sink("deep/er/c.yaml", "c");
        sink("d.txt", "d");
        assertThat(names(new SpecFiles(List.of(folder)).read())).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void hidden_files_and_stack_files_are_left_alone() throws IOException {
        sink("a.yaml", "a");
        sink(".b.yaml", "b");
        sink(".git/c.yaml", "c");
        sink("stack.yml", "d");
        sink("deep/stack.yaml", "e");
        assertThat(names(new SpecFiles(List.of(folder)).read())).containsExactly("a");
    }

    @Test
    void a_device_is_told_and_not_read() {
        for (var device : List.of("/dev/null", "/dev/zero")) {
            assertThat(said(SpecFiles.once(List.of(Path.of(device))).read()))
                    .containsExactly(device + ": this is a device or a socket, which need not end."
                            + " Name a file, a folder, or a pipe that somebody writes into.");
        }
    }

    private Path pipe() throws IOException, InterruptedException {
        var pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }

    private static void writing(Path pipe, byte[] bytes) {
        Thread.ofPlatform().daemon().start(() -> {
            try (var out = Files.newOutputStream(pipe)) {
                out.write(bytes);
            } catch (IOException e) {
                assertThat(e).as("who reads no more than it takes").hasMessageContaining("pipe");
            }
        });
    }

    @Test
    void a_pipe_is_read_once_and_as_far_as_a_spec_goes() throws IOException, InterruptedException {
        var pipe = pipe();
        writing(pipe, Files.readAllBytes(sink("a.txt", "a")));
        assertThat(names(SpecFiles.once(List.of(pipe)).read())).containsExactly("a");
        writing(pipe, "# endless\n".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII));
        assertThat(said(SpecFiles.once(List.of(pipe)).read()))
                .containsExactly(pipe + ": it is larger than any spec. Write several files, each below 4 MiB.");
    }

    @Test
    void a_pipe_that_nobody_writes_into_is_not_waited_for_without_end() throws IOException, InterruptedException {
        var pipe = pipe();
        assertThat(SpecFiles.text(pipe, Duration.ofSeconds(1)))
                .isEqualTo(new Read.Bad<>(List.of(new Problem(
                        pipe.toString(),
                        "nobody wrote into this pipe, or closed it, within 1 s",
                        "Name a file, a folder, or a pipe that somebody writes into."))));
    }

    @Test
    void where_specs_are_read_again_a_pipe_is_none() throws IOException, InterruptedException {
        var pipe = pipe();
        var files = new SpecFiles(List.of(pipe));
        assertThat(files.fingerprint()).isEqualTo(files.fingerprint());
        assertThat(said(files.read()))
                .containsExactly(pipe + ": this is a pipe, and specs are read again when they change."
                        + " Write it into a file, and name that.");
    }

    @Test
    void a_file_that_was_emptied_takes_nothing_away_but_is_told() throws IOException {
        Files.writeString(folder.resolve("a.yaml"), "# nothing yet\n");
        assertThat(new SpecFiles(List.of(folder)).read().problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).contains("no document"));
    }

    @Test
    void a_file_that_is_named_is_read_whatever_its_name_and_once() throws IOException {
        var file = sink("a.txt", "a");
        sink("b.yaml", "b");
        var files = new SpecFiles(
                List.of(file, folder, folder.resolve("b.yaml"), folder.resolve("../" + folder.getFileName())));
        assertThat(names(files.read())).containsExactly("a", "b");
    }

    @Test
    void what_is_not_there_is_a_problem_and_the_rest_is_read() throws IOException {
        sink("a.yaml", "a");
        var reading = new SpecFiles(List.of(folder.resolve("nowhere"), folder)).read();
        assertThat(names(reading)).containsExactly("a");
        assertThat(said(reading))
                .containsExactly(folder + "/nowhere: there is no such file or folder. Name one that is there.");
    }

    @Test
    void a_folder_without_a_spec_is_a_problem() {
        assertThat(said(new SpecFiles(List.of(folder)).read()))
                .containsExactly(
                        folder + "/*.yaml: there is no spec file. Put a .yaml file there, or name another path.");
    }

    @Test
    void what_cannot_be_read_is_a_problem_and_the_rest_is_read() throws IOException {
        sink("a.yaml", "a");
        Files.write(folder.resolve("bytes.yaml"), new byte[] {'a', (byte) 0xff, (byte) 0xfe});
        Files.writeString(folder.resolve("large.yaml"), "# large\n".repeat(1 << 20));
        Files.write(folder.resolve("nothing.yaml"), new byte[5 << 20]);
        var reading = new SpecFiles(List.of(folder)).read();
        assertThat(names(reading)).containsExactly("a");
        assertThat(said(reading))
                .containsExactly(
                        folder + "/bytes.yaml: this is not UTF-8 text. Name a YAML file.",
                        folder + "/large.yaml: it is larger than any spec. Write several files, each below 4 MiB.",
                        folder
                                + "/nothing.yaml:1: there is a character that YAML does not allow: U+0000. A file with it"
                                + " is no text in UTF-8, or was torn: name a YAML file, or write it anew.");
    }

    @Test
    void the_fingerprint_changes_with_the_content_and_with_nothing_else() throws IOException {
        var file = sink("a.yaml", "a");
        var files = new SpecFiles(List.of(folder, folder.resolve("later.yaml")));
        var first = files.fingerprint();
        assertThat(files.fingerprint()).isEqualTo(first);
        sink("a.yaml", "b");
        var second = files.fingerprint();
        assertThat(second).isNotEqualTo(first);
        sink("a.yaml", "a");
        assertThat(files.fingerprint()).isEqualTo(first);
        sink("c.yaml", "c");
        assertThat(files.fingerprint()).isNotEqualTo(first);
        Files.delete(folder.resolve("c.yaml"));
        assertThat(files.fingerprint()).isEqualTo(first);
        sink("later.yaml", "d");
        assertThat(files.fingerprint()).isNotEqualTo(first);
        Files.delete(file);
        assertThat(files.fingerprint()).isNotEqualTo(first);
    }

    private Path sink(String file, String name) throws IOException {
        var path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(
                path,
                "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: %s }\nspec: console\n".formatted(name));
    }

    private static List<String> names(Reading reading) {
        return reading.documents().stream()
                .map(each -> each.document().name().value())
                .toList();
    }

    private static List<String> said(Reading reading) {
        return reading.problems().stream().map(Problem::toString).toList();
    }
}
