package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What people write for NATS, and what they are told of it.
class NatsSpecTest {
    private static String told(String kind, String spec) {
        return SpecReader.documents(
                        "a.yaml",
                        "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: a }\nspec:\n%s"
                                .formatted(kind, spec.indent(2)))
                .problems()
                .toString();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "a stream;            jetstream: LOGS;                                  ''",
                "subjects;            core: logs.>;                                     ''",
                "neither;             codec: text;                                      neither jetstream nor core says where",
                "both;                'jetstream: LOGS, core: logs.>';                  jetstream and core stand beside each other",
                "a name with a dot;   jetstream: LO.GS;                                 stream is \"LO.GS\"",
                "a star in a token;   core: lo*gs;                                      * stands for one whole token",
                "an empty token;      core: logs..web;                                  tokens with dots between them",
                "all that follow;     core: logs.>.web;                                 * stands for one whole token",
                "a short ackWait;     'jetstream: { stream: L, ackWait: 10ms }';        ackWait is",
                "another codec;       'jetstream: L, codec: avro';                      avro"
            })
    void sources(String why, String keys, String problem) {
        var told = told("LogRouter", "sources:\n  - nats: { servers: [\"nats://n:4222\"], %s }".formatted(keys));
        if (problem.isEmpty()) {
            assertThat(told).isEqualTo("[]");
        } else {
            assertThat(told).contains(problem);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "plain;               logs.all;               ''",
                "a field;             logs.%{service};        ''",
                "a field in a token;  logs.x-%{service}.y;    ''",
                "a wildcard;          logs.*;                 without * and >",
                "a blank;             'logs. web';            tokens with dots between them",
                "an empty token;      logs..%{a};             tokens with dots between them",
                "the servers' own;    $JS.API.x;              belong to the servers"
            })
    void subjects_of_sinks(String why, String subject, String problem) {
        var told = told("LogSink", "nats: { servers: [\"nats://n:4222\"], subject: \"%s\" }".formatted(subject));
        if (problem.isEmpty()) {
            assertThat(told).isEqualTo("[]");
        } else {
            assertThat(told).contains(problem);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"http://n:4222", "nats://u:p@n:4222", "n:4222", "nats://n:4222/x"})
    void servers_that_are_none(String server) {
        assertThat(told("LogSink", "nats: { servers: [\"%s\"], subject: a }".formatted(server)))
                .contains("servers")
                .doesNotContain("u:p");
    }
}
