package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertCommandTest {
    private static final String WHOLE = """
            input { beats { port => 5044 } }
            filter { if [level] == "debug" { drop { } } }
            output { elasticsearch { hosts => ["http://es:9200"] index => "logs" } }
            """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void what_is_carried_over_whole_goes_to_the_standard_output_and_is_0() throws IOException {
        var said = Said.by("convert", "logstash", conf("all.conf", WHOLE));
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains("kind: LogRouter", "kind: LogSink", "kind: LogRoute", "event.level == \"debug\"");
        assertThat(said.err()).contains("everything was carried over").doesNotContain("left out");
    }

    @Test
    void what_it_makes_validates() throws IOException {
        var specs = folder.resolve("specs.yaml");
        assertThat(Said.by("convert", "logstash", conf("all.conf", WHOLE), "-o", specs.toString())
                        .out())
                .isEmpty();
        var said = Said.by("validate", specs.toString());
        assertThat(said.out()).isEqualToIgnoringNewLines("1 router, 1 sink, 1 route: all good");
        assertThat(said.code()).isZero();
    }

    @Test
    void what_is_left_out_is_told_with_its_line_plugin_and_option_and_is_1() throws IOException {
        var said = Said.by(
                "convert",
                "logstash",
                conf(
                        "all.conf",
                        WHOLE.replace("drop { }", "drop { }\n geoip { source => \"ip\" }")
                                .replace("index", "sniffing => true index")));
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err())
                .contains("all.conf:3: geoip: left out: ")
                .contains("all.conf:4: output elasticsearch sniffing: left out: ")
                .contains("2 left out");
        assertThat(said.out()).contains("# LEFT OUT: ");
    }

    @Test
    void a_file_that_is_no_pipeline_is_2_with_the_place_and_a_caret() throws IOException {
        var file = conf("all.conf", "input {\n  beats { port = 5044 }\n}\n");
        var said = Said.by("convert", "logstash", file);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err())
                .contains(file + ":2:16")
                .contains("this is no pipeline of Logstash: => is due after the option")
                .contains("      beats { port = 5044 }\n                     ^");
    }

    @Test
    void the_files_of_a_folder_are_one_pipeline_in_the_order_of_their_names() throws IOException {
        conf("20-out.conf", "output { stdout { } }");
        conf("10-in.conf", "input { beats { port => 6000 } }");
        conf("15-filter.conf", "filter { mutate { add_tag => [\"x\"] } }");
        conf(".hidden.conf", "this is none");
        conf("10-in.conf~", "this is none");
        var said = Said.by("convert", "logstash", folder.toString());
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("port: 6000", "[\"x\"]", "console: {}");
    }

    @Test
    void patterns_of_a_folder_are_read_and_those_that_are_used_are_written() throws IOException {
        var patterns = Files.createDirectory(folder.resolve("patterns"));
        Files.writeString(patterns.resolve("a"), "# words\nORDER [A-Z]+-%{DIGITS}\nDIGITS   [0-9]+ \nUNUSED x\n");
        var said = Said.by(
                "convert",
                "logstash",
                conf(
                        "all.conf",
                        "filter { grok { patterns_dir => [\"%s\"] match => { \"message\" => \"%%{ORDER:order}\" } } } output { stdout { } }"
                                .formatted(patterns)));
        assertThat(said.out())
                .contains("definitions: { ORDER: '[A-Z]+-%{DIGITS}', DIGITS: '[0-9]+' }")
                .doesNotContain("UNUSED");
    }

    @Test
    void values_of_the_environment_and_the_name_of_the_router_may_be_given() throws IOException {
        var said = Said.by(
                "convert",
                "logstash",
                conf("all.conf", WHOLE.replace("5044", "\"${PORT}\"").replace("http://es:9200", "${ES}")),
                "--env",
                "PORT=7000",
                "--env",
                "ES=http://one:9200",
                "--router",
                "core");
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("port: 7000", "http://one:9200", "metadata: { name: core }");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "no path           | convert logstash                       | Missing required parameter: 'PATH'",
                "no such file      | convert logstash /nowhere/x.conf       | /nowhere/x.conf is not there",
                "a router's name   | convert logstash x --router UPPER      | --router: name \"UPPER\" does not fit",
                "no such system    | convert fluentd x                      | Unmatched argument",
                "no value          | convert logstash x --env PORT          | --env",
            })
    void wrong_usage_is_2(String why, String args, String message) {
        var said = Said.by(args.split(" +"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains(message).doesNotContain("\tat ");
    }

    @Test
    void an_empty_folder_a_folder_of_bytes_and_a_place_that_cannot_be_written_are_2() throws IOException {
        assertThat(Said.by("convert", "logstash", folder.toString()).err()).contains("has no file in it");
        Files.write(folder.resolve("x.conf"), new byte[] {(byte) 0xC3, 0x28});
        assertThat(Said.by("convert", "logstash", folder.toString()).err()).contains("is not text in UTF-8");
        var said = Said.by(
                "convert",
                "logstash",
                conf("x.conf", WHOLE),
                "-o",
                folder.resolve("no/where").toString());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("cannot be written");
    }

    @Test
    void help_tells_the_exit_codes_and_completion_knows_it() {
        assertThat(Said.by("convert", "--help").out()).contains("logstash");
        var help = Said.by("convert", "logstash", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out())
                .contains("Usage: logroute convert logstash", "Exit codes:", "--env", "--router", "-o, --output");
        assertThat(Said.by("completion").out()).contains("convert");
    }

    private String conf(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }
}
