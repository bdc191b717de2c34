package io.logroute.face.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.plan.Declared;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ConversionTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden/convert");

    @TestFactory
    Stream<DynamicTest> every_golden_pipeline_becomes_specs_that_validate() throws IOException {
        return confs().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            var name = file.getFileName().toString().replace(".conf", "");
            var conversion = convert(file.getFileName().toString(), Files.readString(file));
            Golden.sameAsGolden("convert/" + name + ".yaml", conversion.specs());
            Golden.sameAsGolden(
                    "convert/" + name + ".txt",
                    Stream.concat(
                                    conversion.remarks().stream().map(Remark::toString),
                                    conversion.general().stream().map(text -> "always: " + text))
                            .collect(Collectors.joining("\n", "", "\n" + conversion.summary() + "\n")));
            var reading = SpecReader.documents(name, conversion.specs());
            assertThat(Declared.of(reading, Declared.NOTHING, Set.of()).problems())
                    .isEmpty();
        }));
    }

    private static Stream<Path> confs() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList().stream();
        }
    }

    @Test
    void every_remark_but_notes_stands_in_a_comment_of_the_specs() throws IOException {
        for (var file : confs().toList()) {
            var conversion = convert(file.getFileName().toString(), Files.readString(file));
            var words = conversion.specs().replaceAll("\\n *#", "").replaceAll("\\s+", " ");
            assertThat(conversion.remarks())
                    .allSatisfy(remark -> assertThat(words)
                            .as("%s", remark)
                            .contains(remark.text().replaceAll("\\s+", " ")));
        }
    }

    @Test
    void what_is_carried_over_exactly_is_whole() {
        var conversion = convert("x.conf", """
                input { beats { port => 5044 } }
                filter {
                  if [level] == "debug" { drop { } }
                  json { source => "message" target => "app" }
                  mutate { rename => { "host" => "node" } remove_field => ["agent"] }
                }
                output { elasticsearch { hosts => ["http://es:9200"] index => "logs-%{+YYYY.MM.dd}" } }
                """);
        assertThat(conversion.remarks()).isEmpty();
        assertThat(conversion.whole()).isTrue();
        assertThat(conversion.specs())
                .contains("- drop: { when: 'event.level == \"debug\"' }")
                .contains("index: 'logs-%{+YYYY.MM.dd}'");
    }

    @Test
    void an_option_that_nobody_knows_is_told() {
        var conversion = convert("x.conf", "filter { json { source => \"a\" nonesuch => 1 } } output { stdout { } }");
        assertThat(conversion.remarks())
                .filteredOn(remark -> remark.kind() == Remark.Kind.LEFT_OUT)
                .singleElement()
                .satisfies(remark -> assertThat(remark.option()).isEqualTo("nonesuch"));
        assertThat(conversion.whole()).isFalse();
    }

    @Test
    void values_of_the_environment_that_are_known_stand_there() {
        var conf = ConfReader.read(
                List.of(
                        new ConfReader.Source(
                                "x.conf",
                                "input { beats { port => \"${PORT:5044}\" } } output { elasticsearch { hosts => \"${ES}\" index => \"a\" } }")));
        var conversion = Conversion.of(
                conf.orElse(problems -> {
                    throw new AssertionError(problems.toString());
                }),
                new Conversion.Around("core", Map.of("PORT", "6000", "ES", "es-1"), _ -> Optional.empty()));
        assertThat(conversion.specs())
                .contains("port: 6000")
                .contains("http://es-1:9200")
                .contains("name: core");
        assertThat(conversion.remarks()).isEmpty();
    }

    @Test
    void what_beats_push_to_a_list_of_redis_and_logstash_takes_is_taken_and_pushed_alike() {
        var conversion = convert("x.conf", """
                input { redis { host => "redis" key => "filebeat" data_type => "list" } }
                output { redis { host => "redis-2" key => "all" data_type => "list" congestion_threshold => 1000 } }
                """);
        assertThat(conversion.whole()).as("%s", conversion.remarks()).isTrue();
        assertThat(conversion.specs())
                .contains("- redis: { servers: ['redis://redis:6379'], keys: [filebeat], form: list }")
                .contains("redis: { servers: ['redis://redis-2:6379'], key: all, form: list, maxLength: 1000 }");
    }

    @Test
    void no_secret_of_a_pipeline_stands_in_its_specs() {
        var conversion = convert("x.conf", """
                input { redis { host => "r" key => "k" data_type => "list" password => "geheim" } }
                output {
                  redis { host => "r" key => "k" data_type => "list" password => "geheim" }
                  http { url => "http://u:geheim@h/" http_method => "post" }
                  http { url => "http://h/b" http_method => "post" headers => { "Authorization" => "Basic dTpnZWhlaW0=" } }
                  http { url => "http://h/t" http_method => "post" headers => { "Authorization" => "Bearer ${TOKEN}" "X-Api-Key" => "geheim" } }
                  http { url => "http://h/p" http_method => "post" user => "u" password => "geheim" }
                  opensearch { hosts => ["os"] index => "a" auth_type => { type => "basic" user => "u" password => "geheim" } }
                  elasticsearch { hosts => ["http://u:geheim@es:9200"] index => "a" }
                }
                """, Map.of("TOKEN", "geheim"));
        assertThat(conversion.specs()).doesNotContain("geheim").doesNotContain("dTpn");
        assertThat(conversion.remarks().toString()).doesNotContain("geheim").doesNotContain("dTpn");
        assertThat(conversion.specs().lines().filter(line -> line.contains("passwordFile:")))
                .hasSize(7);
        assertThat(conversion.specs()).contains("auth: { tokenFile: '/run/secrets/http-token' }");
    }

    /// What Logstash has under the name of a part of ours is carried over, or the way to it is told.
    @Test
    void nothing_is_said_to_be_missing_that_is_there() {
        var all =
                "port => 5044 hosts => [\"h\"] host => \"h\" url => \"http://h/\" http_method => \"post\" index => \"i\""
                        + " path => \"p\" key => \"k\" data_type => \"list\"";
        for (var kind : kinds(SourceSpec.class)) {
            if (kind.equals("relay")) {
                continue; // nothing of Logstash is called that
            }
            assertThat(convert("x.conf", "input { %s { %s } } output { null { } }".formatted(kind, all))
                            .remarks())
                    .as(kind)
                    .allSatisfy(remark -> assertThat(remark.text()).doesNotContain("no source", "no such"));
        }
        for (var kind : kinds(SinkSpec.class)) {
            assertThat(convert("x.conf", "input { beats { } } output { %s { %s } }".formatted(kind, all))
                            .remarks())
                    .as(kind)
                    .allSatisfy(remark -> assertThat(remark.text()).doesNotContain("no sink", "no such"));
        }
    }

    private static List<String> kinds(Class<?> family) {
        return Stream.of(family.getPermittedSubclasses())
                .map(kind -> kind.getSimpleName().toLowerCase(Locale.ROOT))
                .toList();
    }

    static Conversion convert(String name, String text) {
        return convert(name, text, Map.of());
    }

    private static Conversion convert(String name, String text, Map<String, String> environment) {
        var read = ConfReader.read(List.of(new ConfReader.Source(name, text))).orElse(problems -> {
            throw new AssertionError(problems.toString());
        });
        return Conversion.of(
                read,
                new Conversion.Around(
                        "logstash",
                        environment,
                        path -> path.equals("./patterns")
                                ? Optional.of(Map.of("MYTHING", "%{MYPART}+", "MYPART", "[a-f]", "OTHER", "x"))
                                : Optional.empty()));
    }
}
