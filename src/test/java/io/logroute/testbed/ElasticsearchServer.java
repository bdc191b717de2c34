package io.logroute.testbed;

import io.logroute.remote.Pem;
import io.logroute.spec.ClientTls;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/// A real Elasticsearch 8, one node.
public final class ElasticsearchServer extends Server implements AutoCloseable {
    /// For @ResourceLock: the one of [#plain], which one test class has at a time.
    public static final String PLAIN = "the plain Elasticsearch";

    private static final String SCRIPT = "elasticsearch.sh";

    private static @Nullable ElasticsearchServer plain;
    private static @Nullable ElasticsearchServer secure;

    private ElasticsearchServer(URI url, String... arguments) throws IOException {
        super(SCRIPT, url, arguments);
    }

    /// Open to everybody, over plain HTTP.
    public static synchronized ElasticsearchServer plain() throws IOException {
        needInstalled(SCRIPT);
        if (plain == null) {
            int port = Ports.free();
            plain = new ElasticsearchServer(URI.create("http://127.0.0.1:" + port), "" + port, "" + Ports.free());
            plain.awaitAnswer();
        }
        return plain;
    }

    /// One that nobody else has, open as [#plain] is. It is about to start: [#awaitAnswer] waits for it, and
    /// who asked for it closes it.
    public static ElasticsearchServer own() throws IOException {
        needInstalled(SCRIPT);
        int port = Ports.free();
        return new ElasticsearchServer(URI.create("http://127.0.0.1:" + port), "" + port, "" + Ports.free());
    }

    /// With users and API keys, over TLS. [#call] speaks as the user `elastic`.
    public static synchronized ElasticsearchServer withSecurityAndTls() throws IOException {
        needInstalled(SCRIPT);
        if (secure == null) {
            int port = Ports.free();
            var server = new ElasticsearchServer(
                    URI.create("https://127.0.0.1:" + port), "" + port, "" + Ports.free(), "secure");
            server.awaitFile(server.caFile());
            server.speakWith(
                    Pem.client(new ClientTls(Optional.of(server.caFile()), Optional.empty(), Optional.empty(), true)),
                    basic("elastic", Files.readString(server.passwordFile()).strip()));
            server.awaitAnswer();
            secure = server;
        }
        return secure;
    }

    /// Ends the one with security, for others to have its memory; who asks again gets another one.
    public static synchronized void endSecure() {
        if (secure != null) {
            secure.stop();
            secure = null;
        }
    }

    private void awaitFile(Path file) {
        try {
            Awaitility.await().atMost(Duration.ofMinutes(5)).until(() -> Files.exists(file) && Files.size(file) > 0);
        } catch (ConditionTimeoutException e) {
            stop();
            throw e;
        }
    }

    /// The certificate that its clients trust, in PEM.
    public Path caFile() {
        return folder.resolve("ca.crt");
    }

    /// The password of the user `elastic`.
    public Path passwordFile() {
        return folder.resolve("password");
    }

    @Override
    public void close() {
        stop();
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
