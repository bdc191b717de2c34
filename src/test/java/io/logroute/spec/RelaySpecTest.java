package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What people write of a relay, on either side, and what they are told of it.
class RelaySpecTest {
    private static Reading read(String kind, String spec) {
        return SpecReader.documents(
                "a.yaml",
                "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: up }\nspec:\n%s".formatted(kind, spec.indent(2)));
    }

    private static void says(String problem, Reading reading) {
        if (problem.isEmpty()) {
            assertThat(reading.problems()).isEmpty();
        } else {
            assertThat(reading.problems().toString()).contains(problem);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "one that is deployed;    'swarm: eu1, deploy: { passwordSecret: pw }';                          ''",
                "one that exists;         'swarm: eu1, redis: { servers: [\"redis://r:6379\"] }';             ''",
                "Sentinels;               'swarm: eu1, redis: { servers: [\"redis://a\", \"redis://b\"], sentinel: { master: m } }'; ''",
                "no swarm;                'deploy: { passwordSecret: pw }';                                      spec.swarm: is missing",
                "no Redis;                'swarm: eu1';                                                         neither deploy nor redis says which Redis",
                "two;                     'swarm: eu1, deploy: { passwordSecret: pw }, redis: { servers: [\"redis://r\"] }'; deploy and redis stand beside each other",
                "no password;             'swarm: eu1, deploy: {}';                                             spec.deploy.passwordSecret: is missing",
                "a template as stream;    'swarm: eu1, stream: \"l-%{a}\", deploy: { passwordSecret: pw }';    spec.stream: stream is \"l-%{a}\"",
                "nothing may wait;        'swarm: eu1, maxLength: 0, deploy: { passwordSecret: pw }';            maxLength is 0",
                "too little memory;       'swarm: eu1, deploy: { passwordSecret: pw, memory: 1MiB }';            memory is 1MiB",
                "a word of another tool;  'swarm: eu1, deploy: { passwordSecret: pw, fsync: everysec }';         \"everysec\" is none of its words"
            })
    void relays(String why, String keys, String problem) {
        says(problem, read("LogRelay", "{ " + keys + " }"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "a url;                   'url: \"redis://r:6379\"';                                          ''",
                "a cluster;               'servers: [\"redis://a\", \"redis://b\"], cluster: true';         ''",
                "nothing;                 '';                                                                 neither url nor servers says where it is",
                "both;                    'url: \"redis://a\", servers: [\"redis://b\"]';                   url and servers stand beside each other",
                "another scheme;          'url: \"http://a\"';                                                relay.url: url has \"http://a\"",
                "a password in it;        'url: \"redis://u:p@a\"';                                           relay.url: url has a user or password in it",
                "TLS to a plain one;      'url: \"redis://a\", tls: {}';                                      tls stands beside servers that begin with redis://"
            })
    void sources(String why, String keys, String problem) {
        says(problem, read("LogRouter", "{ sources: [ { relay: { %s } } ] }".formatted(keys == null ? "" : keys)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "by its name;             up;                                 ''",
                "as a relay;              { relay: up };                      ''",
                "as both;                 '{ relay: up, sink: up }';          sink and relay stand beside each other",
                "as neither;              { index: x };                       neither sink nor relay is named",
                "with an index;           '{ relay: up, index: x }';          to[0].index: index stands beside relay",
                "twice, in two ways;      'up, { relay: up }';                to has relay up twice"
            })
    void targets(String why, String to, String problem) {
        says(problem, read("LogRoute", "{ router: core, to: [%s] }".formatted(to)));
    }

    @Test
    void maxEvents_goes_with_streams_and_without_maxLength() {
        says("", read("LogSink", "redis: { servers: [\"redis://r\"], key: a, maxEvents: 9, origin: { swarm: eu1 } }"));
        says(
                "maxEvents stands beside maxLength",
                read("LogSink", "redis: { servers: [\"redis://r\"], key: a, maxEvents: 9, maxLength: 9 }"));
        says(
                "maxEvents is for streams",
                read("LogSink", "redis: { servers: [\"redis://r\"], key: a, maxEvents: 9, form: list }"));
    }

    @Test
    void to_routers_of_its_swarm_it_is_a_sink_of_its_name() {
        var relay = relay("{ swarm: eu1, deploy: { passwordSecret: pw }, maxLength: 7, maxLag: 2h }");
        var sink = relay.asSink();
        assertThat(sink.name()).isEqualTo(new Name("up"));
        assertThat(sink.maxLag()).isEqualTo(relay.maxLag());
        assertThat(sink.to()).isInstanceOfSatisfying(SinkSpec.Redis.class, redis -> {
            assertThat(redis.servers()).hasToString("[redis://relay-up:6379]");
            assertThat(redis.auth()).contains(new RedisAt.Auth(Optional.empty(), Path.of("/run/secrets/pw")));
            assertThat(redis.tls()).isEmpty();
            assertThat(redis.key().text()).isEqualTo("logroute");
            assertThat(redis.maxEvents()).contains(7);
            assertThat(redis.maxLength()).isEmpty();
            assertThat(redis.origin()).contains(new SinkSpec.RedisOrigin(new Name("eu1")));
        });
    }

    @Test
    void over_tls_its_routers_know_it_by_its_authority() {
        var relay = relay(
                "{ swarm: eu1, deploy: { passwordSecret: pw, tls: { certificateSecret: cert, keySecret: key, caSecret: ca } } }");
        assertThat(relay.at().servers()).hasToString("[rediss://relay-up:6379]");
        assertThat(NamedFiles.of(relay.asSink()).values())
                .containsExactlyInAnyOrder(Path.of("/run/secrets/pw"), Path.of("/run/secrets/ca"));
        assertThat(relay.secrets().values()).containsExactly("pw", "cert", "key", "ca");
    }

    @Test
    void what_it_is_to_routers_reads_as_it_was_written() {
        var sink = relay("{ swarm: eu1, deploy: { passwordSecret: pw }, maxLength: 7 }")
                .asSink();
        assertThat(SpecReader.read("again", SpecWriter.write(sink)))
                .isInstanceOfSatisfying(
                        Read.Good.class,
                        good -> assertThat(good.value())
                                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Located.class))
                                .extracting(Located::document)
                                .isEqualTo(List.of(sink)));
    }

    @ParameterizedTest
    @CsvSource({
        "redis://relay.eu1:6379, logroute, relay:relay.eu1",
        "redis://relay.eu1:6380, logroute, relay:relay.eu1:6380",
        "redis://relay.eu1, other, relay:relay.eu1/other"
    })
    void a_source_is_called_by_its_host(String url, String stream, String label) {
        var reading = read("LogRouter", "sources: [ { relay: { url: \"%s\", stream: %s } } ]".formatted(url, stream));
        var router = (LogRouter) reading.documents().getFirst().document();
        assertThat(router.sources().getFirst().label()).isEqualTo(label);
    }

    private static LogRelay relay(String spec) {
        return (LogRelay) read("LogRelay", spec).documents().getFirst().document();
    }
}
