package io.logroute.parts.elastic;

import static io.logroute.parts.elastic.RealServerClaims.DELIVERED;
import static io.logroute.parts.elastic.RealServerClaims.ampbeatEvent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.flow.Delivery;
import io.logroute.flow.Delivery.Retry;
import io.logroute.flow.Preparation;
import io.logroute.spec.ClientTls;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.testbed.ElasticsearchServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The sink on an Elasticsearch with users, API keys and TLS.
@Timeout(900)
class SecureElasticSinkIT {
    private static final String ROLE = """
            {"cluster": ["manage_index_templates", "monitor"],
             "indices": [{"names": ["secure-*"], "privileges": ["create_index", "create", "auto_configure"]}]}
            """;

    private final Instruments meters = new Instruments();

    @TempDir
    Path folder = Path.of("");

    @AfterAll
    static void end() {
        ElasticsearchServer.endSecure();
    }

    @BeforeEach
    void a_user_that_may_write_secure_indices() throws Exception {
        var server = ElasticsearchServer.withSecurityAndTls();
        server.must("PUT", "/_security/role/writer", ROLE);
        server.must("PUT", "/_security/user/logroute", """
                {"password": "first-password", "roles": ["writer"]}
                """);
    }

    @AfterEach
    void closeMeters() {
        meters.close();
    }

    @Test
    void a_user_with_a_password_installs_the_template_and_writes() throws Exception {
        try (var sink =
                sink(user("first-password"), trusting()).template("ampbeat").sink(meters)) {
            assertThat(sink.write(Events.batch(ampbeatEvent(1)))).containsExactly(DELIVERED);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Done.class);
        }
    }

    @Test
    void an_api_key_writes() throws Exception {
        var made = ElasticsearchServer.withSecurityAndTls().must("POST", "/_security/api_key", """
                {"name": "logroute", "role_descriptors": {"writer": %s}}
                """.formatted(ROLE));
        var encoded = made.replaceAll("(?s).*\"encoded\"\\s*:\\s*\"([^\"]+)\".*", "$1");
        var key = Files.writeString(folder.resolve("key"), encoded + "\n");
        var auth = new SinkSpec.Auth(Optional.empty(), Optional.empty(), Optional.of(key));
        try (var sink = sink(auth, trusting()).sink(meters)) {
            assertThat(sink.write(Events.numbered(2))).containsOnly(DELIVERED);
        }
    }

    @Test
    void a_wrong_password_is_told_and_a_rotated_secret_recovers() throws Exception {
        try (var sink = sink(user("wrong"), trusting()).sink(meters)) {
            assertThat(sink.write(Events.numbered(2))).hasSize(2).allSatisfy(delivery -> {
                assertThat(delivery).isInstanceOf(Retry.class);
                assertThat(((Retry) delivery).reason())
                        .startsWith("not allowed: elasticsearch answered 401: security_exception")
                        .contains("logroute")
                        .doesNotContain("wrong");
                assertThat(((Retry) delivery).after()).isEqualTo(Duration.ofSeconds(10));
            });
            user("first-password");
            assertThat(sink.write(Events.numbered(2))).containsOnly(DELIVERED);

            ElasticsearchServer.withSecurityAndTls().must("PUT", "/_security/user/logroute/_password", """
                    {"password": "second-password"}
                    """);
            assertThat(sink.write(Events.numbered(2)).getFirst()).isInstanceOf(Retry.class);
            user("second-password");
            assertThat(sink.write(Events.numbered(2))).containsOnly(DELIVERED);
        }
    }

    @Test
    void a_wrong_password_keeps_the_template_pending() throws Exception {
        try (var sink = sink(user("wrong"), trusting()).template("ampbeat").sink(meters)) {
            assertThat(sink.write(Events.numbered(1)).getFirst()).isInstanceOf(Retry.class);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Pending.class);
        }
    }

    @Test
    void a_user_that_may_not_install_templates_is_told_what_to_grant() throws Exception {
        ElasticsearchServer.withSecurityAndTls().must("PUT", "/_security/role/writer", """
                {"indices": [{"names": ["secure-*"], "privileges": ["create_index", "create"]}]}
                """);
        try (var sink =
                sink(user("first-password"), trusting()).template("ampbeat").sink(meters)) {
            assertThat(sink.write(Events.numbered(1)).getFirst()).isInstanceOf(Retry.class);
            assertThat(sink.preparation()).isInstanceOf(Preparation.Refused.class);
            assertThat(((Preparation.Refused) sink.preparation()).mend()).contains("manage_index_templates");
        }
    }

    @Test
    void an_index_outside_of_the_users_rights_is_rejected_alone() throws Exception {
        try (var sink = sink(user("first-password"), trusting()).index("%{i}").sink(meters)) {
            var deliveries = sink.write(
                    Events.batch(Events.event(1, "{\"i\":\"others-1\"}"), Events.event(2, "{\"i\":\"secure-1\"}")));
            assertThat(deliveries.get(0)).isInstanceOf(Delivery.Rejected.class);
            assertThat(((Delivery.Rejected) deliveries.get(0)).reason()).contains("security_exception");
            assertThat(deliveries.get(1)).isEqualTo(DELIVERED);
        }
    }

    @Test
    void a_certificate_that_java_does_not_trust_is_refused_unless_its_ca_is_named_or_verify_is_off() throws Exception {
        try (var sink = sink(user("first-password"), Optional.empty()).sink(meters)) {
            assertThatThrownBy(() -> sink.write(Events.numbered(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("certification path");
        }
        var careless = Optional.of(new ClientTls(Optional.empty(), Optional.empty(), Optional.empty(), false));
        try (var sink = sink(user("first-password"), careless).sink(meters)) {
            assertThat(sink.write(Events.numbered(1))).containsOnly(DELIVERED);
        }
    }

    private static Optional<ClientTls> trusting() throws IOException {
        var ca = ElasticsearchServer.withSecurityAndTls().caFile();
        return Optional.of(new ClientTls(Optional.of(ca), Optional.empty(), Optional.empty(), true));
    }

    private SinkSpec.Auth user(String password) throws IOException {
        var file = Files.writeString(folder.resolve("password"), password + "\n");
        return new SinkSpec.Auth(Optional.of("logroute"), Optional.of(file), Optional.empty());
    }

    private static Sinks sink(SinkSpec.Auth auth, Optional<ClientTls> tls) throws IOException {
        var sinks = Sinks.at(ElasticsearchServer.withSecurityAndTls().url())
                .index("secure-%{+yyyy.MM.dd}")
                .auth(auth);
        return tls.isPresent() ? sinks.tls(tls.get()) : sinks;
    }
}
