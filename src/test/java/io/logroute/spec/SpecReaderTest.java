package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecReaderTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ parse: { grok: { match: { msg: '%{WORD:a}' } } } } | spec.filters[0].parse.grok.match: there is no such key. Write the patterns as patterns: [...], and the field that they read as field.",
                "{ parse: xml }                                     | spec.filters[0].parse: there is no way to parse \"xml\". Write one of: ",
                "{ parse: jsn }                                     | spec.filters[0].parse: there is no way to parse \"jsn\". Did you mean json? Write one of: ",
                "{ grok: '%{WORD:a}' }                              | spec.filters[0].grok: there is no such key. Write parse: { grok: ... }.",
                "json                                               | spec.filters[0]: there is no kind of filter \"json\". Write parse: json.",
                "{ timestamp: { field: t, locale: de } }            | spec.filters[0].timestamp.locale: there is no such key. Leave it away; names of months and days are English.",
                "{ multiline: { preset: java, start: '^a' } }       | spec.filters[0].multiline: multiline has preset and start at once. Leave all but one away.",
                "{ multiline: { maxLines: 5 } }                     | spec.filters[0].multiline: multiline needs a preset, start or next. Write one of them, such as preset: java.",
            })
    void what_is_meant_is_said(String filter, String told) {
        var reading = SpecReader.documents("r.yaml", """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: r }
                spec: { router: core, filters: [%s], to: [x] }
                """.formatted(filter));
        assertThat(reading.problems())
                .extracting(Problem::toString)
                .anySatisfy(problem -> assertThat(problem).startsWith("r.yaml:4: " + told));
    }

    @Test
    void fields_to_redact_are_no_patterns() {
        for (var field : List.of("*", "labels.*", "user_*")) {
            var reading = SpecReader.documents("r.yaml", """
                    apiVersion: logroute/v1
                    kind: LogRoute
                    metadata: { name: r }
                    spec: { router: core, filters: [{ redact: { fields: ["%s"], patterns: [email] } }], to: [x] }
                    """.formatted(field));
            assertThat(reading.problems())
                    .singleElement()
                    .hasToString("r.yaml:4: spec.filters[0].redact.fields: fields has a name with *, and fields are no"
                            + " patterns. Name each, or the object that they are in.");
        }
    }

    private static final String SHOP = """
            apiVersion: logroute/v1
            kind: LogRouter
            metadata: { name: core }
            spec:
              sources:
                - beats: { port: 5044 }
              buffer: { maxBytes: 8GiB, whenFull: block }
              deploy:
                replicas: 2
                constraints: ["node.labels.amp.type.core == true"]
                networks: [core, monit]
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: es }
            spec:
              elasticsearch:
                urls: ["http://elasticsearch:9200"]
                index: "ampbeat-%{+yyyy.MM.dd}"
                template: ampbeat
            ---
            apiVersion: logroute/v1
            kind: LogSink
            metadata: { name: archive }
            spec:
              file: { path: "archive/%{service_name}.ndjson" }
            ---
            apiVersion: logroute/v1
            kind: LogRoute
            metadata: { name: shop-errors }
            spec:
              router: core
              match: { service: ["shop_*"], when: 'event.level in ["error", "fatal"]' }
              filters:
                - parse: { json: { field: msg } }
                - drop: { when: 'event.path == "/healthz"' }
              to:
                - { sink: es, index: "shop-errors-%{+yyyy.MM.dd}" }
                - { sink: archive }
            """;

    @Test
    void lags_are_sizes_or_times_and_a_buffer_is_on_disk_or_in_memory() {
        assertThat(MaxLag.parse("4GiB")).isEqualTo(new MaxLag.Size(ByteSize.parse("4GiB")));
        assertThat(MaxLag.parse("90m")).isEqualTo(new MaxLag.Age(Duration.ofMinutes(90)));
        assertThat(MaxLag.parse("10MB")).hasToString("10000000");
        var memory = BufferSpec.inMemory(ByteSize.parse("256MiB"), BufferSpec.WhenFull.BLOCK);
        assertThat(memory.size()).isEqualTo(ByteSize.parse("256MiB"));
        assertThat(memory.maxBytes()).isEmpty();
    }

    @Test
    void a_buffer_on_jetstream_needs_servers_and_nothing_else() {
        var router = (LogRouter) good(router("sources: [beats]\nbuffer: { jetstream: \"nats://nats:4222\" }"))
                .getFirst();
        assertThat(router.buffer())
                .isEqualTo(new BufferSpec(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new BufferSpec.JetStream(
                                List.of(URI.create("nats://nats:4222")),
                                3,
                                ByteSize.parse("8GiB"),
                                "LOGROUTE",
                                Optional.empty(),
                                Optional.empty())),
                        BufferSpec.WhenFull.BLOCK));
        assertThat(router.buffer().size()).isEqualTo(ByteSize.parse("8GiB"));
        assertThat(router.buffer().isOnDisk()).isFalse();
    }

    @Test
    void secrets_of_a_buffer_on_jetstream_are_files_of_the_router() {
        var router = good(router("""
                                sources: [beats]
                                buffer:
                                  jetstream:
                                    servers: ["tls://a", "tls://b:4223"]
                                    auth: { username: u, passwordFile: /run/secrets/nats }
                                    tls: { caFile: /run/secrets/ca }
                                """)).getFirst();
        assertThat(NamedFiles.of(router))
                .containsOnly(
                        Map.entry("spec.buffer.jetstream.auth.passwordFile", Path.of("/run/secrets/nats")),
                        Map.entry("spec.buffer.jetstream.tls.caFile", Path.of("/run/secrets/ca")));
    }

    @Test
    void the_example_of_the_product_reads() {
        var documents = good(SHOP);
        assertThat(documents)
                .extracting(each -> each.kind() + "/" + each.name())
                .containsExactly("LogRouter/core", "LogSink/es", "LogSink/archive", "LogRoute/shop-errors");
        assertThat(((LogRouter) documents.get(0)).buffer().maxBytes()).contains(new ByteSize(8L << 30));
        var route = (LogRoute) documents.get(3);
        assertThat(route.match().service()).containsExactly(new Glob("shop_*"));
        assertThat(route.filters()).hasSize(2);
        assertThat(route.to()).extracting(LogRoute.Target::sink).containsExactly(new Name("es"), new Name("archive"));
    }

    @Test
    void what_is_not_written_has_its_default() {
        var router = (LogRouter) good(router("sources: [beats]")).getFirst();
        assertThat(router.sources())
                .containsExactly(new SourceSpec.Beats("0.0.0.0", 5044, 1000, Duration.ofSeconds(60), Optional.empty()));
        assertThat(router.buffer()).isEqualTo(BufferSpec.onDisk(new ByteSize(8L << 30), BufferSpec.WhenFull.BLOCK));
        assertThat(router.deploy()).isEmpty();
    }

    @Test
    void single_values_stand_for_lists_and_plain_values_for_records() {
        var route = (LogRoute) good(route("router: core\nmatch: { service: web }\nfilters: { remove: labels }\nto: es"))
                .getFirst();
        assertThat(route.match().service()).containsExactly(new Glob("web"));
        assertThat(route.filters())
                .containsExactly(new FilterSpec.Remove(List.of(FieldPath.parse("labels")), Optional.empty()));
        assertThat(route.to()).containsExactly(new LogRoute.Target(new Name("es"), Optional.empty()));
    }

    @Test
    void an_empty_file_and_empty_documents_are_nothing() {
        assertThat(good("")).isEmpty();
        assertThat(good("---\n---\n# only words\n")).isEmpty();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(
                        "unknown key at the top",
                        "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: c }\nspecs: {}\nspec: console",
                        "a.yaml:4: specs: there is no such key. Did you mean spec?"),
                mistake(
                        "unknown key of the metadata",
                        "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { nam: c, name: d }\nspec: console",
                        "a.yaml:3: metadata.nam: there is no such key. Did you mean name?"),
                mistake(
                        "unknown key of a spec",
                        router("sources: [beats]\nbufer: {}"),
                        "a.yaml:6: spec.bufer: there is no such key. Did you mean buffer?"),
                mistake(
                        "unknown key of a record",
                        router("sources:\n  - beats: { prot: 5044 }"),
                        "a.yaml:6: spec.sources[0].beats.prot: there is no such key. Did you mean port?"),
                mistake(
                        "unknown key of a nested record",
                        sink("elasticsearch:\n  urls: http://es:9200\n  index: a\n  bulk: { maxEvent: 1 }"),
                        "a.yaml:8: spec.elasticsearch.bulk.maxEvent: there is no such key. Did you mean maxEvents?"),
                mistake(
                        "unknown key with nothing near",
                        router("sources: [beats]\nxyz: 1"),
                        "a.yaml:6: spec.xyz: there is no such key. Write one of: acknowledge, buffer, deploy, sources."),
                mistake(
                        "unknown kind of source",
                        router("sources:\n  - beat: {}"),
                        "a.yaml:6: spec.sources[0].beat: there is no such key. Did you mean beats?"),
                mistake(
                        "unknown kind of sink",
                        sink("elastic: {}"),
                        "a.yaml:5: spec.elastic: there is no such key. Did you mean elasticsearch?"),
                mistake(
                        "unknown kind of document",
                        "apiVersion: logroute/v1\nkind: LogRouts\nmetadata: { name: c }\nspec: {}",
                        "a.yaml:2: kind: \"LogRouts\" is no kind. Did you mean LogRoute?"),
                mistake(
                        "unknown word of an enum",
                        router("sources: [beats]\nbuffer: { whenFull: blok }"),
                        "a.yaml:6: spec.buffer.whenFull: \"blok\" is none of its words. Did you mean block?"),
                mistake(
                        "another version",
                        "apiVersion: v1\nkind: LogSink\nmetadata: { name: c }\nspec: console",
                        "a.yaml:1: apiVersion: is not one that this LogRoute reads. Write apiVersion: logroute/v1."),
                mistake(
                        "key twice",
                        router("sources: [beats]\nsources: [demo]"),
                        "a.yaml:6: spec.sources: stands twice. Leave one of them away."),
                mistake(
                        "field twice",
                        route("router: core\nto: es\nfilters:\n  - set: { fields: { a.b: 1, '[a][b]': 2 } }"),
                        "a.yaml:8: spec.filters[0].set.fields.a.b: stands twice. Leave one of them away."),
                mistake(
                        "text for a number",
                        router("sources:\n  - beats: { port: many }"),
                        "a.yaml:6: spec.sources[0].beats.port: \"many\" is no whole number. Write digits only."),
                mistake(
                        "list for a number",
                        router("sources:\n  - beats: { port: [1] }"),
                        "a.yaml:6: spec.sources[0].beats.port: is no single value. Write a whole number."),
                mistake(
                        "text for truth",
                        sink("elasticsearch: { urls: http://a:1, index: a, gzip: yes please }"),
                        "a.yaml:5: spec.elasticsearch.gzip: \"yes please\" is not true or false. Write true or false."),
                mistake(
                        "text for a mapping",
                        router("sources: [beats]\nbuffer: large"),
                        "a.yaml:6: spec.buffer: is no mapping. Write { maxBytes: …, memory: …, jetstream: …, whenFull: … }."),
                mistake(
                        "text for a size",
                        router("sources: [beats]\nbuffer: { maxBytes: 8 gigs; or so }"),
                        "a.yaml:6: spec.buffer.maxBytes: \"8 gigs; or so\" is no size. Write a number and a unit, such as 512KiB, 64MiB or 8GiB."),
                mistake(
                        "text for a duration",
                        router("sources:\n  - beats: { idleTimeout: soon }"),
                        "a.yaml:6: spec.sources[0].beats.idleTimeout: \"soon\" is no duration. Write a number and a unit, such as 250ms, 5s, 10m or 2h."),
                mistake(
                        "document that is a list",
                        "- a\n- b",
                        "a.yaml:1: the document is no mapping. Begin it with apiVersion: logroute/v1."),
                mistake(
                        "missing key",
                        sink("elasticsearch: { urls: http://es:9200 }"),
                        "a.yaml:5: spec.elasticsearch.index: is missing. Write for instance index: ampbeat-%{+yyyy.MM.dd}."),
                mistake(
                        "missing spec",
                        "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: c }",
                        "a.yaml:1: spec: is missing. Write spec: and what the LogSink is to be."),
                mistake(
                        "memory and disk at once",
                        router("sources: [beats]\nbuffer: { maxBytes: 8GiB, memory: 256MiB }"),
                        "a.yaml:6: spec.buffer.memory: memory stands beside maxBytes, which is the size on disk. Write the size in it, memory: { maxBytes: 256MiB }, and leave the other away."),
                mistake(
                        "JetStream and disk at once",
                        router("sources: [beats]\nbuffer: { maxBytes: 8GiB, jetstream: { servers: nats://n:1 } }"),
                        "a.yaml:6: spec.buffer.jetstream: jetstream stands beside maxBytes, which is the size on disk. Write the size in it, jetstream: { servers: [...], maxBytes: 8GiB }, and leave the other away."),
                mistake(
                        "JetStream and memory at once",
                        router("sources: [beats]\nbuffer: { memory: 64MiB, jetstream: { servers: nats://n:1 } }"),
                        "a.yaml:6: spec.buffer.jetstream: jetstream stands beside memory. A router has one buffer: leave one of them away."),
                mistake(
                        "JetStream without servers",
                        router("sources: [beats]\nbuffer: { jetstream: { servers: [] } }"),
                        "a.yaml:6: spec.buffer.jetstream.servers: servers is empty. Name at least one, such as nats://nats:4222."),
                mistake(
                        "a NATS server without a scheme",
                        router("sources: [beats]\nbuffer: { jetstream: { servers: [\"nats:4222\"] } }"),
                        "a.yaml:6: spec.buffer.jetstream.servers: servers has \"nats:4222\". Write nats://host:4222 or tls://host:4222."),
                mistake(
                        "a NATS server with a password",
                        router("sources: [beats]\nbuffer: { jetstream: { servers: [\"nats://me:pw@n:4222\"] } }"),
                        "a.yaml:6: spec.buffer.jetstream.servers: servers has a user, password or token in it. Write them under auth, the secret in a file."),
                mistake(
                        "more replicas than JetStream has",
                        router("sources: [beats]\nbuffer: { jetstream: { servers: nats://n:1, replicas: 7 } }"),
                        "a.yaml:6: spec.buffer.jetstream.replicas: replicas is 7. Write a number from 1 to 5 (3 suits most)."),
                mistake(
                        "a stream's name with a dot",
                        router("sources: [beats]\nbuffer: { jetstream: { servers: nats://n:1, stream: a.b } }"),
                        "a.yaml:6: spec.buffer.jetstream.stream: stream is \"a.b\". Write letters, digits, _ and -, 32 at most."),
                mistake(
                        "a password without a user",
                        router(
                                "sources: [beats]\nbuffer: { jetstream: { servers: nats://n:1, auth: { passwordFile: /a } } }"),
                        "a.yaml:6: spec.buffer.jetstream.auth.passwordFile: passwordFile goes with username. Write both or neither."),
                mistake(
                        "two ways in",
                        router(
                                "sources: [beats]\nbuffer: { jetstream: { servers: nats://n:1, auth: { tokenFile: /a, credentialsFile: /b } } }"),
                        "a.yaml:6: spec.buffer.jetstream.auth: auth needs one way in. Write username with passwordFile, or tokenFile, or nkeyFile, or credentialsFile."),
                mistake(
                        "a lag of nothing",
                        sink("console: {}\nmaxLag: lots"),
                        "a.yaml:6: spec.maxLag: \"lots\" is neither a size nor a time. Write for instance 4GiB or 2h."),
                mistake(
                        "a lag too small",
                        sink("console: {}\nmaxLag: 10KiB"),
                        "a.yaml:6: spec.maxLag: maxLag is 10KiB. Write 1MiB or more, or a time such as 2h."),
                mistake(
                        "a key of sinks mistyped",
                        sink("console: {}\nmaxLg: 2h"),
                        "a.yaml:6: spec.maxLg: there is no such key. Did you mean maxLag?"),
                mistake(
                        "a word of whenFull mistyped",
                        sink("console: {}\nwhenFull: dropoldest"),
                        "a.yaml:6: spec.whenFull: \"dropoldest\" is none of its words. Did you mean dropOldest?"),
                mistake(
                        "missing name",
                        "apiVersion: logroute/v1\nkind: LogSink\nmetadata: {}\nspec: console",
                        "a.yaml:3: metadata.name: is missing. Write metadata: { name: a-name }."),
                mistake(
                        "missing kind",
                        "apiVersion: logroute/v1\nmetadata: { name: c }\nspec: console",
                        "a.yaml:1: kind: is missing. Write one of: LogRelay, LogRoute, LogRouteTest, LogRouter, LogSink."),
                mistake(
                        "missing apiVersion",
                        "kind: LogSink\nmetadata: { name: c }\nspec: console",
                        "a.yaml:1: apiVersion: is missing. Write apiVersion: logroute/v1."),
                mistake(
                        "empty value",
                        router("sources:\n  - beats:\n      port:"),
                        "a.yaml:7: spec.sources[0].beats.port: is empty. Write a whole number, or leave the key away."),
                mistake(
                        "null",
                        router("sources:\n  - beats: { host: ~ }"),
                        "a.yaml:6: spec.sources[0].beats.host: is empty. Write a value, or leave the key away."),
                mistake(
                        "null for a field",
                        route("router: core\nto: es\nfilters:\n  - set: { fields: { a: null } }"),
                        "a.yaml:8: spec.filters[0].set.fields.a: is empty. Write text, a number, true or false; to take a field away there is remove."),
                mistake(
                        "number JSON does not have",
                        route("router: core\nto: es\nfilters:\n  - set: { fields: { a: .inf } }"),
                        "a.yaml:8: spec.filters[0].set.fields.a: \".inf\" is no number that JSON has. Write it in digits, or in quotes as text."),
                mistake(
                        "empty list",
                        route("router: core\nto: []"),
                        "a.yaml:6: spec.to: to is empty. Name at least one sink."),
                mistake(
                        "two sinks in one",
                        sink("console: {}\nfile: { path: a }"),
                        "a.yaml:5: spec: has console and file at once. Write one of them; use a document or list entry for each."),
                mistake(
                        "no sink at all",
                        sink("{}"),
                        "a.yaml:5: spec: is empty. Write one of: elasticsearch, opensearch, beats, http, file, redis, nats, console, discard."),
                mistake(
                        "name that does not fit",
                        "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: Big_One }\nspec: console",
                        "a.yaml:3: metadata.name: name \"Big_One\" does not fit. Use a-z, 0-9 and -, begin with a letter, end with a letter or digit, 40 at most."),
                mistake(
                        "port out of range",
                        router("sources:\n  - beats:\n      port: 70000"),
                        "a.yaml:7: spec.sources[0].beats.port: port is 70000. Write a number from 1 to 65535, or 0 for a free one."),
                mistake(
                        "default with match",
                        route("router: core\ndefault: true\nmatch: { service: a }\nto: es"),
                        "a.yaml:6: spec.default: default goes without match. Leave match away: the default route takes what no other took."),
                mistake(
                        "condition that is no CEL",
                        route("router: core\nto: es\nmatch: { when: 'level == 1' }"),
                        "a.yaml:7: spec.match.when: undeclared reference to 'level'; fields stand under event, as in event.level, and plain"
                                + " text stands in quotes, \"level\". It is here:\n    level == 1\n    ^"),
                mistake(
                        "tab",
                        "apiVersion: logroute/v1\nkind: LogSink\nmetadata:\n\tname: x",
                        "a.yaml:4: this is not YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation). Mend it; often it is the indentation, a tab, or a quote that does not close."),
                mistake(
                        "quote that does not close",
                        "apiVersion: logroute/v1\nkind: 'LogSink\n",
                        "a.yaml:3: this is not YAML: found unexpected end of stream. Mend it; often it is the indentation, a tab, or a quote that does not close."),
                mistake(
                        "character YAML does not allow",
                        "apiVersion: logroute/v1\nkind: \u0007",
                        "a.yaml:2: there is a character that YAML does not allow: U+0007. Take it away, or write it in double quotes as \"\\u0007\"."),
                mistake(
                        "no character",
                        "apiVersion: logroute/v1\nkind: \0",
                        "a.yaml:2: there is a character that YAML does not allow: U+0000. A file with it is no text in UTF-8, or was torn: name a YAML file, or write it anew."),
                mistake(
                        "alias of nothing",
                        router("sources: *there"),
                        "a.yaml:5: this is not YAML: found undefined alias there. Mend it; often it is the indentation, a tab, or a quote that does not close."),
                mistake(
                        "merge of no mapping",
                        router("sources:\n  - beats: { <<: 5 }"),
                        "a.yaml:6: spec.sources[0].beats: << merges something that is no mapping. Write <<: *anchor, of a mapping."));
    }

    static Stream<Arguments> wrongLevels() {
        var es = "elasticsearch:\n  urls: http://es:9200\n  index: a\n";
        return Stream.of(
                mistake(
                        "maxLag in the destination",
                        sink(es + "  maxLag: 2h"),
                        "spec.elasticsearch.maxLag: there is no such key. It belongs one level up, under spec."),
                mistake(
                        "whenFull in the destination",
                        sink(es + "  whenFull: block"),
                        "spec.elasticsearch.whenFull: there is no such key. It belongs one level up, under spec."),
                mistake(
                        "deadLetters in the destination",
                        sink("file: { path: a, deadLetters: {} }"),
                        "spec.file.deadLetters: there is no such key. It belongs one level up, under spec."),
                mistake(
                        "urls beside the destination",
                        sink("elasticsearch: { index: a }\nurls: http://es:9200"),
                        "spec.urls: there is no such key. It belongs one level down, under spec.elasticsearch."),
                mistake(
                        "maxAge beside the dead letters",
                        sink("console: {}\nmaxAge: 1d"),
                        "spec.maxAge: there is no such key. It belongs one level down, under spec.deadLetters."),
                mistake(
                        "memory beside the buffer",
                        router("sources: [beats]\nmemory: 64MiB"),
                        "spec.memory: there is no such key. It belongs one level down, under spec.buffer."),
                mistake(
                        "acknowledge in the buffer",
                        router("sources: [beats]\nbuffer: { acknowledge: delivered }"),
                        "spec.buffer.acknowledge: there is no such key. It belongs one level up, under spec."),
                mistake(
                        "buffer in a source",
                        router("sources:\n  - beats: { buffer: {} }"),
                        "spec.sources[0].beats.buffer: there is no such key. It belongs further up, under spec."),
                mistake(
                        "metadata in the spec",
                        router("sources: [beats]\nmetadata: {}"),
                        "spec.metadata: there is no such key. It belongs one level up, beside kind and spec."),
                mistake(
                        "a sink's key on a router",
                        router("sources: [beats]\ndeadLetters: {}"),
                        "spec.deadLetters: there is no such key. It belongs to a LogSink or a LogRelay, under its spec."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongLevels")
    void a_key_on_the_wrong_level_is_told_where_it_belongs(String why, String yaml, String said) {
        assertThat(SpecReader.read("a.yaml", yaml).problems())
                .as(why)
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).endsWith(said));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e400",
                "\u0663GiB",
                "9999999999999999999GiB",
                "-1s",
                "-1",
                "0",
                "0s",
                "\"\"",
                "[]",
                "[1s, 2s]",
                "{ a: 1s }",
                "",
                "~",
                "1s1s1s1s1s1s",
                "999999999d",
                "NaN",
                "true",
                "2026-11-23",
                "'8GiB; write it'",
                "1.5s",
                "'%s %n'"
            })
    void a_limit_that_is_none_is_told_with_what_to_write_and_never_as_an_exception(String hostile) {
        var tooLong = "9".repeat(200_000);
        var values = hostile.equals("0") ? List.of(hostile, tooLong, tooLong + "s") : List.of(hostile);
        for (var value : values) {
            for (var yaml : new String[] {
                sink("console: {}\nmaxLag: " + value),
                sink("console: {}\nwhenFull: " + value),
                sink("console: {}\ndeadLetters: { maxAge: " + value + " }"),
                sink("console: {}\ndeadLetters: { maxBytes: " + value + " }"),
                router("sources: [beats]\nbuffer: { memory: " + value + " }"),
                router("sources: [beats]\nbuffer: { maxBytes: " + value + " }"),
                router("sources: [beats]\nbuffer: { memory: { maxBytes: " + value + " } }"),
                router("sources: [beats]\nbuffer: { jetstream: { servers: nats://n:1, maxBytes: " + value + " } }"),
                router("sources: [beats]\nacknowledge: " + value)
            }) {
                var problems = SpecReader.read("a.yaml", yaml).problems();
                assertThat(problems).as(yaml).isNotEmpty().allSatisfy(problem -> {
                    assertThat(problem.where()).matches("a.yaml:[67]: spec.*");
                    assertThat(problem.what()).isNotBlank();
                    assertThat(problem.mend()).matches("(?s)(Write|Did|Leave|It) .*[.?]");
                    assertThat(problem.toString().length()).isLessThan(3_100);
                });
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void a_mistake_shows_where_it_is_what_it_is_and_how_to_mend_it(String why, String yaml, String said) {
        var problems = SpecReader.read("a.yaml", yaml).problems();
        assertThat(problems).as(why).extracting(Problem::toString).containsExactly(said);
        assertThat(problems).allSatisfy(problem -> {
            assertThat(problem.where()).startsWith("a.yaml:");
            assertThat(problem.what()).isNotBlank();
            assertThat(problem.mend()).isNotBlank();
        });
    }

    @Test
    void all_problems_of_a_document_are_told_at_once() {
        var problems = SpecReader.read("a.yaml", """
                apiVersion: logroute/v2
                kind: LogRouter
                metadata: { name: Core }
                spec:
                  sources:
                    - beats: { port: x, idleTimeout: y }
                    - htp: {}
                  buffer: { maxBytes: z }
                  deploy: { replicas: 0 }
                """).problems();
        assertThat(problems)
                .extracting(Problem::where)
                .containsExactly(
                        "a.yaml:1: apiVersion",
                        "a.yaml:3: metadata.name",
                        "a.yaml:6: spec.sources[0].beats.port",
                        "a.yaml:6: spec.sources[0].beats.idleTimeout",
                        "a.yaml:7: spec.sources[1].htp",
                        "a.yaml:8: spec.buffer.maxBytes",
                        "a.yaml:9: spec.deploy.replicas");
    }

    @Test
    void problems_of_several_documents_are_told_together_and_the_good_ones_are_given() {
        var reading = SpecReader.documents(
                "a.yaml", sink("consol") + "\n---\n" + sink("console") + "\n---\n" + route("to: es"));
        assertThat(reading.documents()).hasSize(1);
        assertThat(reading.broken()).hasSize(2);
        assertThat(reading.broken().get(0).kind()).contains("LogSink");
        assertThat(reading.broken().get(1).name()).contains(new Name("thing"));
        assertThat(reading.problems())
                .extracting(Problem::where)
                .containsExactly("a.yaml:5: spec", "a.yaml:17: spec.router");
    }

    @Test
    void of_a_file_with_very_many_problems_the_first_are_told_and_the_others_counted() {
        var good = """
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: es }
                spec: { discard: {} }
                """;
        var read = SpecReader.documents("config x", "---\n{}\n".repeat(10_000) + good, 50);
        assertThat(read.documents()).hasSize(1);
        assertThat(read.problems()).hasSize(51);
        assertThat(read.problems().getLast().where()).startsWith("config x:");
        assertThat(read.problems().getLast().what()).isEqualTo("and 29950 more problems in it");
        assertThat(read.broken()).hasSizeLessThan(60);
    }

    @Test
    void each_broken_document_that_has_a_name_is_given_however_many_there_are() {
        var yaml = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            yaml.append("""
                    ---
                    apiVersion: logroute/v1
                    kind: LogRoute
                    metadata: { name: r%d }
                    spec: { router: core, to: nowhere, oops: 1 }
                    """.formatted(i));
        }
        var read = SpecReader.documents("x", yaml.toString(), 50);
        assertThat(read.broken()).hasSize(1000).allSatisfy(each -> {
            assertThat(each.name()).isPresent();
            assertThat(each.problems()).isNotEmpty();
        });
        assertThat(read.problems()).hasSize(51);
    }

    @Test
    void one_document_with_very_many_problems_is_cut_short_too() {
        var keys = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            keys.append("  key%d: 1\n".formatted(i));
        }
        var read = SpecReader.documents(
                "x", "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: es }\nspec:\n" + keys);
        assertThat(read.problems()).hasSize(501);
        assertThat(read.broken()).hasSize(1);
    }

    @Test
    void a_file_with_too_many_documents_is_read_as_far_as_there_may_be() {
        var read = SpecReader.documents("x", "---\n".repeat(20_002));
        assertThat(read.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.what()).contains("more than 20000 documents");
            assertThat(problem.mend()).isEqualTo("Write several smaller files.");
        });
    }

    @Test
    void documents_before_one_that_is_no_yaml_are_given() {
        var reading = SpecReader.documents("a.yaml", sink("console") + "\n---\na: [");
        assertThat(reading.documents()).hasSize(1);
        assertThat(reading.problems()).hasSize(1);
    }

    @Test
    void anchors_and_merge_keys_are_understood() {
        var router = (LogRouter) good(router("""
                sources:
                  - beats: &common { host: 127.0.0.1, maxConnections: 7 }
                  - beats: { <<: *common, port: 5045, maxConnections: 8 }
                  - beats: { <<: [*common, { port: 1, idleTimeout: 5s }], port: 5046 }""")).getFirst();
        assertThat(router.sources())
                .containsExactly(
                        new SourceSpec.Beats("127.0.0.1", 5044, 7, Duration.ofSeconds(60), Optional.empty()),
                        new SourceSpec.Beats("127.0.0.1", 5045, 8, Duration.ofSeconds(60), Optional.empty()),
                        new SourceSpec.Beats("127.0.0.1", 5046, 7, Duration.ofSeconds(5), Optional.empty()));
        var route = (LogRoute) good(route("""
                router: core
                to: es
                filters:
                  - set: { fields: &env { env: prod, zone: a } }
                  - set: { fields: { <<: *env, env: test } }""")).getFirst();
        assertThat(((FilterSpec.Set) route.filters().get(1)).fields().toString())
                .contains("test", "zone")
                .doesNotContain("prod");
    }

    static Stream<Arguments> hostile() {
        var laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        var merges = new StringBuilder("m0: &m0 { k: v }\n");
        for (int i = 1; i < 45; i++) {
            laughs.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(2)));
            merges.append("m%d: &m%d { <<: *m%d, <<: *m%d }\n".formatted(i, i, i - 1, i - 1));
        }
        var words = IntStream.range(0, 60_000).mapToObj(i -> "a").collect(Collectors.joining(","));
        var many = IntStream.range(0, 90).mapToObj(i -> "f" + i + ": *l").collect(Collectors.joining(", "));
        return Stream.of(
                Arguments.of("billion laughs", laughs.toString()),
                Arguments.of("billion merges", merges + "n: 1"),
                Arguments.of("more aliases than anyone writes", "a: &a [x]\nb: [" + "*a, ".repeat(101) + "]"),
                Arguments.of(
                        "one long list, many times",
                        route("router: core\nto: es\nmatch: { fields: { first: &l [" + words + "], " + many + " } }")),
                Arguments.of("deep flow", "[".repeat(100_000)),
                Arguments.of(
                        "deep blocks",
                        IntStream.range(0, 1_000)
                                .mapToObj(i -> " ".repeat(i) + "a:")
                                .collect(Collectors.joining("\n"))),
                Arguments.of("huge", "# " + "x".repeat(20_000_000) + "\na: b"),
                Arguments.of("itself", "&a { spec: *a, kind: *a }"),
                Arguments.of("itself merged", "&a { <<: *a }"),
                Arguments.of("itself in a list", router("sources: &s [*s]")),
                Arguments.of("itself in a route", route("router: core\nto: &t [*t, { sink: *t }]")),
                Arguments.of(
                        "long duration", router("sources:\n  - beats: { idleTimeout: " + "1s".repeat(200_000) + " }")),
                Arguments.of(
                        "long size", router("sources: [beats]\nbuffer: { maxBytes: " + "9".repeat(500_000) + " }")),
                Arguments.of("long key", "x".repeat(900_000) + ": 1"),
                Arguments.of(
                        "many keys",
                        IntStream.range(0, 20_000)
                                .mapToObj(i -> "k" + i + ": 1")
                                .collect(Collectors.joining("\n"))),
                Arguments.of("no mapping key", "{ [a, b]: c, { d: e }: f }"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    @Timeout(60)
    void a_hostile_document_is_refused_quickly_with_a_message(String why, String yaml) {
        var problems = SpecReader.read("a.yaml", yaml).problems();
        assertThat(problems).as(why).isNotEmpty();
        assertThat(problems.stream()
                        .mapToInt(problem -> problem.toString().length())
                        .max()
                        .orElseThrow())
                .as(why)
                .isLessThan(3_100);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("secrets")
    void a_password_in_an_address_is_never_printed(String why, String yaml) {
        var problems = SpecReader.read("a.yaml", yaml).problems();
        assertThat(problems).as(why).isNotEmpty();
        assertThat(problems.toString()).as(why).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "elasticsearch: { urls: 'http://es:9200', index: a, tls: { caFile: /ca } }",
                "opensearch: { urls: 'http://es:9200', index: a, tls: { caFile: /ca } }",
                "http: { url: 'http://stash/in', tls: { caFile: /ca } }"
            })
    void tls_that_nobody_would_speak_is_told(String kind) {
        assertThat(SpecReader.read("a.yaml", sink(kind)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).startsWith("tls stands beside url"));
        assertThat(SpecReader.read("a.yaml", sink(kind.replace("http:/", "https:/")))
                        .problems())
                .isEmpty();
    }

    @Test
    void an_address_of_a_node_has_neither_query_nor_fragment_and_a_port_that_there_is() {
        var query = sink("elasticsearch: { urls: 'http://h:9200/?api_key=hunter2', index: a }");
        assertThat(SpecReader.read("a.yaml", query).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.what()).isEqualTo("urls has an address with ? or # in it");
            assertThat(problem.mend())
                    .isEqualTo("Write only scheme, host, port and path, and an API key under auth, as apiKeyFile.");
        });
        assertThat(SpecReader.read("a.yaml", sink("elasticsearch: { urls: 'http://h:99999', index: a }"))
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).isEqualTo("urls has \"http://h:99999\""));
        assertThat(SpecReader.read("a.yaml", sink("elasticsearch: { urls: 'https://h/es', index: a }"))
                        .problems())
                .isEmpty();
    }

    static Stream<Arguments> secrets() {
        return Stream.of(
                Arguments.of("in urls", sink("elasticsearch: { urls: 'http://me:hunter2@es:9200', index: a }")),
                Arguments.of("without a scheme", sink("elasticsearch: { urls: 'me:hunter2@es:9200', index: a }")),
                Arguments.of(
                        "with an @ in it", sink("elasticsearch: { urls: 'http://me:a@hunter2@es:9200', index: a }")),
                Arguments.of(
                        "with a # in it", sink("elasticsearch: { urls: ['http://user:hunter2#x@h:99999'], index: a }")),
                Arguments.of("with a / in it", sink("elasticsearch: { urls: 'http://u:hunter2/x@h:1', index: a }")),
                Arguments.of("with a # as a key", sink("elasticsearch: { 'http://u:hunter2#x?@y@h': a }")),
                Arguments.of("in a query", sink("elasticsearch: { urls: 'http://h:9200/?api_key=hunter2', index: a }")),
                Arguments.of("in a fragment", sink("elasticsearch: { urls: 'http://h:9200/#hunter2', index: a }")),
                Arguments.of("no address", sink("elasticsearch: { urls: 'http://me:hunter2@es one', index: a }")),
                Arguments.of("where a name belongs", route("router: core\nto: 'http://me:hunter2@es:9200'")),
                Arguments.of("where a number belongs", router("sources:\n  - beats: { port: 'http://me:hunter2@es' }")),
                Arguments.of("as a key", sink("elasticsearch: { 'http://me:hunter2@es': a }")),
                Arguments.of("where a kind belongs", "kind: 'http://me:hunter2@es'"));
    }

    @Test
    void bytes_of_any_kind_give_problems_and_no_exception() {
        var random = new java.util.Random(7);
        var whole = SHOP.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 400; i++) {
            var bytes = whole.clone();
            for (int j = 0; j < 1 + random.nextInt(5); j++) {
                bytes[random.nextInt(bytes.length)] = (byte)
                        (random.nextBoolean() ? random.nextInt(256) : " :-{}[]\n\"'*&<".charAt(random.nextInt(13)));
            }
            var text = new String(bytes, StandardCharsets.UTF_8);
            assertThatCode(() -> SpecReader.read("a.yaml", text))
                    .as("round %d:%n%s", i, text)
                    .doesNotThrowAnyException();
        }
    }

    private static Arguments mistake(String why, String yaml, String said) {
        return Arguments.of(why, yaml, said);
    }

    private static List<Document> good(String yaml) {
        return SpecReader.read("a.yaml", yaml)
                .orElse(problems -> {
                    throw new AssertionError(problems.toString());
                })
                .stream()
                .map(Located::document)
                .toList();
    }

    private static String router(String spec) {
        return document("LogRouter", spec);
    }

    private static String sink(String spec) {
        return document("LogSink", spec);
    }

    private static String route(String spec) {
        return document("LogRoute", spec);
    }

    /// A document whose spec begins at line 5.
    private static String document(String kind, String spec) {
        return "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: thing }\nspec:\n%s"
                .formatted(kind, spec.indent(2).stripTrailing());
    }
}
