package io.logroute.remote;

import co.elastic.clients.transport.rest5_client.low_level.Cancellable;
import co.elastic.clients.transport.rest5_client.low_level.HttpAsyncResponseConsumerFactory.BasicAsyncResponseConsumerFactory;
import co.elastic.clients.transport.rest5_client.low_level.Request;
import co.elastic.clients.transport.rest5_client.low_level.RequestOptions;
import co.elastic.clients.transport.rest5_client.low_level.Response;
import co.elastic.clients.transport.rest5_client.low_level.ResponseException;
import co.elastic.clients.transport.rest5_client.low_level.ResponseListener;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import io.logroute.spec.SinkSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.ContentTooLongException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/// [Elastic] over Elastic's low-level client: it keeps the connections, and goes on to the next
/// node when one does not answer or answers 502 to 504 (a node that failed rests for a minute,
/// and longer each time, while another works).
///
/// It speaks plain `application/json` and `application/x-ndjson`, which Elasticsearch 8 and 9 and
/// OpenSearch all take; the typed client's own media type is refused by OpenSearch. Secrets are
/// read at [#open], and again when a request is answered 401 or 403; if they changed the request
/// is sent once more with the new ones.
///
/// An answer is held in memory, so its length is limited, and that of its headers: whatever
/// listens there, the worst it can do is not to take the events.
public final class ElasticClient implements Elastic {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    /// The longest answer that is read, in bytes. A bulk answer of 2,000 items is well below 1 MiB
    /// while all is well.
    private static final int LONGEST_ANSWER = 8 << 20;

    /// Elasticsearch sends a header a warning; a longer line or more of them it has no use for.
    private static final Http1Config HEADERS = Http1Config.custom()
            .setMaxHeaderCount(256)
            .setMaxLineLength(16 << 10)
            .build();

    private static final ContentType NDJSON = ContentType.create("application/x-ndjson");
    private static final ContentType PLAIN_JSON = ContentType.create("application/json");

    /// The HTTP client writes whole requests to its log at debug, the `Authorization` header
    /// among them, and is slowed twentyfold by it. Whatever the log is set to, that must not
    /// happen; the loggers are held so that the levels stay.
    private static final List<Logger> QUIET = Stream.of("org.apache.hc", "co.elastic.clients")
            .map(Logger::getLogger)
            .toList();

    static {
        QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
    }

    private final SinkSpec.Elasticsearch spec;
    private final Duration answer;
    private final Credentials credentials;
    private final Set<CompletableFuture<Response>> underWay = ConcurrentHashMap.newKeySet();
    private @Nullable Rest5Client client;
    private volatile boolean closed;

    public ElasticClient(SinkSpec.Elasticsearch spec) {
        this(spec, ANSWER);
    }

    /// @param answer how long a node may take to answer
    ElasticClient(SinkSpec.Elasticsearch spec, Duration answer) {
        this.spec = spec;
        this.answer = answer;
        this.credentials = new Credentials(spec.auth());
    }

    @Override
    public void open() throws IOException {
        opened();
    }

    private synchronized Rest5Client opened() throws IOException {
        if (closed) {
            throw new IOException("the connection to " + nodes() + " was closed");
        }
        if (client == null) {
            credentials.read();
            client = connect(tls());
        }
        return client;
    }

    private SSLContext tls() throws IOException {
        try {
            return spec.tls().isPresent() ? Pem.client(spec.tls().get()) : SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("this Java has no TLS", e);
        }
    }

    private Rest5Client connect(SSLContext tls) throws IOException {
        boolean verify = spec.tls().isEmpty() || spec.tls().get().verify();
        var names = verify ? HttpsSupport.getDefaultHostnameVerifier() : NoopHostnameVerifier.INSTANCE;
        var policy = verify ? HostnameVerificationPolicy.BUILTIN : HostnameVerificationPolicy.CLIENT;
        int connections = spec.bulk().inFlight() + 1;
        try {
            return Rest5Client.builder(spec.urls())
                    .setMetaHeaderEnabled(false)
                    .setConnectionConfigCallback(config -> config.setConnectTimeout(Timeout.of(CONNECT))
                            .setSocketTimeout(Timeout.of(answer))
                            .setValidateAfterInactivity(TimeValue.ofSeconds(2)))
                    .setRequestConfigCallback(config -> config.setResponseTimeout(Timeout.of(answer))
                            .setConnectionRequestTimeout(Timeout.of(answer)))
                    .setConnectionManagerCallback(manager -> manager.setMaxConnPerRoute(connections)
                            .setMaxConnTotal(connections * spec.urls().size())
                            .setTlsStrategy(new DefaultClientTlsStrategy(tls, policy, names))
                            .setDefaultTlsConfig(TlsConfig.custom()
                                    .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                                    .setHandshakeTimeout(Timeout.of(CONNECT))
                                    .build()))
                    .setHttpClientConfigCallback(http -> http.setUserAgent("logroute")
                            .setHttp1Config(HEADERS)
                            .setIOReactorConfig(IOReactorConfig.custom()
                                    .setIoThreadCount(Math.min(2, spec.bulk().inFlight()))
                                    .setSoKeepAlive(true)
                                    .build())
                            .setThreadFactory(Thread.ofPlatform()
                                    .daemon()
                                    .name("elastic-" + spec.urls().getFirst().getHost() + "-", 1)
                                    .factory())
                            .disableAutomaticRetries()
                            .disableRedirectHandling()
                            .disableCookieManagement()
                            .disableAuthCaching())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IOException("urls of the sink do not go together: " + e.getMessage(), e);
        }
    }

    @Override
    public BulkAnswer bulk(byte[] body, int length, int documents) throws IOException, InterruptedException {
        var request = new Request("POST", "/_bulk");
        request.addParameter("filter_path", "errors,items.*.status,items.*.error.type,items.*.error.reason");
        request.setEntity(spec.gzip() ? zipped(body, length) : new ByteArrayEntity(body, 0, length, NDJSON, false));
        var answered = send(request, longestAnswer(length, documents));
        if (!answered.isGood()) {
            return Answers.refused(answered.status(), answered.body());
        }
        try {
            return Answers.bulk(new ByteArrayInputStream(answered.body()), documents);
        } catch (IOException e) {
            throw new IOException(nodes() + ": " + e.getMessage(), e);
        }
    }

    /// Each item takes its share, and may quote of its document what did not fit the mapping.
    private static int longestAnswer(int length, int documents) {
        return (int) Math.min(LONGEST_ANSWER, (1L << 20) + 2048L * documents + length);
    }

    private static ByteArrayEntity zipped(byte[] body, int length) throws IOException {
        var out = new ByteArrayOutputStream(length / 4 + 64);
        try (var gzip = new GZIPOutputStream(out, 32 * 1024) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        }) {
            gzip.write(body, 0, length);
        }
        return new ByteArrayEntity(out.toByteArray(), NDJSON, "gzip");
    }

    @Override
    public Answer get(String path) throws IOException, InterruptedException {
        return send(new Request("GET", path), LONGEST_ANSWER);
    }

    @Override
    public Answer put(String path, byte[] json) throws IOException, InterruptedException {
        var request = new Request("PUT", path);
        request.setEntity(new ByteArrayEntity(json, PLAIN_JSON));
        return send(request, LONGEST_ANSWER);
    }

    /// Sends it, and once more when it was not allowed and the secrets have changed meanwhile.
    ///
    /// @param longest how many bytes the answer may have
    private Answer send(Request request, int longest) throws IOException, InterruptedException {
        var http = opened();
        var header = credentials.header();
        var answered = once(http, request, header, longest);
        if ((answered.status() == 401 || answered.status() == 403)
                && spec.auth().isPresent()) {
            var now = readAgain();
            if (!now.equals(header)) {
                return once(http, request, now, longest);
            }
        }
        return answered;
    }

    /// A file that is missing for a moment, while somebody replaces it, changes nothing: the next
    /// refusal reads again.
    private String readAgain() {
        try {
            return credentials.read();
        } catch (IOException e) {
            return credentials.header();
        }
    }

    private Answer once(Rest5Client http, Request request, String authorization, int longest)
            throws IOException, InterruptedException {
        var options = RequestOptions.DEFAULT.toBuilder()
                .setHttpAsyncResponseConsumerFactory(new BasicAsyncResponseConsumerFactory(longest))
                .addHeader("Accept", "application/json");
        if (!authorization.isEmpty()) {
            options.addHeader("Authorization", authorization);
        }
        request.setOptions(options);
        var coming = new CompletableFuture<Response>();
        underWay.add(coming);
        var sent = http.performRequestAsync(request, new ResponseListener() {
            @Override
            public void onSuccess(Response response) {
                coming.complete(response);
            }

            @Override
            public void onFailure(Exception e) {
                coming.completeExceptionally(e);
            }
        });
        try {
            return answer(await(coming, sent, longest), longest);
        } finally {
            underWay.remove(coming);
        }
    }

    private Response await(CompletableFuture<Response> coming, Cancellable sent, int longest)
            throws IOException, InterruptedException {
        if (closed) {
            coming.completeExceptionally(new IOException("closed"));
        }
        // The client's own limits count from the last byte; a node that trickles must end as well.
        var limit = answer.plus(CONNECT).multipliedBy(spec.urls().size());
        try {
            return coming.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            sent.cancel();
            throw e;
        } catch (TimeoutException e) {
            sent.cancel();
            throw new IOException("%s did not answer within %d s".formatted(nodes(), limit.toSeconds()), e);
        } catch (ExecutionException e) {
            sent.cancel();
            if (e.getCause() instanceof ResponseException refused) {
                return refused.getResponse();
            }
            throw new IOException("%s: %s".formatted(nodes(), words(e.getCause(), longest)), e.getCause());
        }
    }

    /// The client counts what comes over the wire; an answer that came zipped, which nobody asked
    /// for, is counted once more as it unfolds.
    private Answer answer(Response response, int longest) throws IOException {
        var entity = response.getEntity();
        if (entity == null) {
            return new Answer(response.getStatusCode(), new byte[0]);
        }
        try (var content = entity.getContent()) {
            var body = content.readNBytes(longest + 1);
            if (body.length > longest) {
                throw new IOException("%s: %s".formatted(nodes(), tooLong(longest)));
            }
            return new Answer(response.getStatusCode(), body);
        }
    }

    private static String tooLong(int longest) {
        return "answered more than %d MiB; is this Elasticsearch?".formatted(longest >> 20);
    }

    private static String words(@Nullable Throwable cause, int longest) {
        return switch (cause) {
            case null -> "no answer";
            case ContentTooLongException _ -> tooLong(longest);
            case MessageConstraintException _ ->
                "answered with longer or more headers than Elasticsearch has; is this Elasticsearch?";
            default -> {
                var message = cause.getMessage();
                yield message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
            }
        };
    }

    private String nodes() {
        return spec.urls().stream().map(URI::toString).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        Rest5Client open;
        synchronized (this) {
            closed = true;
            open = client;
            client = null;
        }
        underWay.forEach(each -> each.completeExceptionally(new IOException("closed")));
        if (open != null && open.getHttpClient() instanceof CloseableHttpAsyncClient http) {
            http.close(CloseMode.IMMEDIATE);
        }
    }
}
