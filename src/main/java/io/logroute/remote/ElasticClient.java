package io.logroute.remote;

import io.logroute.spec.SinkSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ContentTooLongException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/// [Elastic] over HTTP/1.1 on blocking sockets: it keeps the connections, and goes on to the next
/// node when one does not answer or answers 502 to 504 ([Nodes] says which node when).
///
/// It speaks plain `application/json` and `application/x-ndjson`, which Elasticsearch 8 and 9 and
/// OpenSearch all take; the typed client's own media type is refused by OpenSearch. Secrets are
/// read at [#open], and again when a request is answered 401 or 403; if they changed the request
/// is sent once more with the new ones.
///
/// Each exchange with a node is a blocking one on a thread of its own, for which the caller waits
/// as long as a node may take: so an interrupt, [#close] and that limit end it at once, whatever
/// it waits for, by closing its connection.
///
/// An answer is held in memory, so its length is limited, and that of its headers: whatever
/// listens there, the worst it can do is not to take the events.
public final class ElasticClient implements Elastic {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    /// How long an exchange that was ended is waited for: its socket is closed, so it is over.
    private static final Duration MOMENT = Duration.ofSeconds(1);

    /// The longest answer that is read, in bytes. A bulk answer of 2,000 items is well below 1 MiB
    /// while all is well.
    private static final int LONGEST_ANSWER = 8 << 20;

    /// Elasticsearch sends a header a warning; a longer line or more of them it has no use for.
    private static final Http1Config HEADERS = Http1Config.custom()
            .setMaxHeaderCount(256)
            .setMaxLineLength(16 << 10)
            .build();

    private static final String BULK =
            "/_bulk?filter_path=errors%2Citems.*.status%2Citems.*.error.type%2Citems.*.error.reason";
    private static final String NDJSON = "application/x-ndjson";
    private static final String JSON = "application/json";

    /// The HTTP client writes whole requests to its log at debug, the `Authorization` header
    /// among them, and is slowed twentyfold by it. Whatever the log is set to, now or later, that
    /// must not happen: levels stop the cost, filters what a level that is set elsewhere lets
    /// through. Those that write headers and bytes are named, for filters are not inherited. The
    /// loggers are held, so that both stay.
    private static final List<Logger> QUIET = Stream.of(
                    "org.apache.hc",
                    "org.apache.hc.client5.http",
                    "org.apache.hc.client5.http.headers",
                    "org.apache.hc.client5.http.wire")
            .map(Logger::getLogger)
            .toList();

    static {
        QUIET.forEach(logger -> {
            logger.setLevel(Level.WARNING);
            logger.setFilter(each -> each.getLevel().intValue() >= Level.WARNING.intValue());
        });
    }

    private final SinkSpec.Elasticsearch spec;
    private final Duration answer;
    private final Credentials credentials;
    private final Nodes nodes;
    private final Set<HttpUriRequestBase> underWay = ConcurrentHashMap.newKeySet();
    private final ExecutorService exchanges;
    private @Nullable CloseableHttpClient client;
    private volatile boolean closed;

    public ElasticClient(SinkSpec.Elasticsearch spec) {
        this(spec, ANSWER);
    }

    /// @param answer how long a node may take to answer
    ElasticClient(SinkSpec.Elasticsearch spec, Duration answer) {
        this(
                spec,
                answer,
                Thread.ofPlatform()
                        .daemon()
                        .name("elastic-" + spec.urls().getFirst().getHost() + "-", 1)
                        .factory());
    }

    /// @param threads which exchanges with nodes run on
    ElasticClient(SinkSpec.Elasticsearch spec, Duration answer, ThreadFactory threads) {
        this.spec = spec;
        this.answer = answer;
        this.credentials = new Credentials(spec.auth());
        this.nodes = new Nodes(spec.urls(), System::nanoTime);
        this.exchanges = Executors.newCachedThreadPool(threads);
    }

    @Override
    public void open() throws IOException {
        opened();
    }

    private synchronized CloseableHttpClient opened() throws IOException {
        if (closed) {
            throw new IOException("the connection to " + urls() + " was closed");
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

    private CloseableHttpClient connect(SSLContext tls) {
        return HttpClients.custom()
                .setConnectionManager(connections(tls))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.of(answer))
                        .setConnectionRequestTimeout(Timeout.of(answer))
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .setAuthenticationEnabled(false)
                        .build())
                .setUserAgent("logroute")
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .build();
    }

    private HttpClientConnectionManager connections(SSLContext tls) {
        boolean verify = spec.tls().isEmpty() || spec.tls().get().verify();
        var names = verify ? HttpsSupport.getDefaultHostnameVerifier() : NoopHostnameVerifier.INSTANCE;
        var policy = verify ? HostnameVerificationPolicy.BUILTIN : HostnameVerificationPolicy.CLIENT;
        int atOnce = spec.bulk().inFlight() + 1;
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(HEADERS)
                        .responseOutOfOrderStrategy((_, _, in, _, _) -> in.available() > 0)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(CONNECT))
                        .setSocketTimeout(Timeout.of(answer))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                        .build())
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setSoTimeout(Timeout.of(answer))
                        .setSoKeepAlive(true)
                        .build())
                .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls, policy, names))
                .setDefaultTlsConfig(TlsConfig.custom()
                        .setHandshakeTimeout(Timeout.of(CONNECT))
                        .build())
                .setMaxConnPerRoute(atOnce)
                .setMaxConnTotal(atOnce * spec.urls().size())
                .build();
    }

    @Override
    public BulkAnswer bulk(byte[] body, int length, int documents) throws IOException, InterruptedException {
        var entity = spec.gzip() ? zipped(body, length) : new Body(body, length, NDJSON, null);
        var answered = send(new Call("POST", BULK, entity, longestAnswer(length, documents)));
        if (!answered.isGood()) {
            return Answers.refused(answered.status(), answered.body());
        }
        try {
            return Answers.bulk(new ByteArrayInputStream(answered.body()), documents);
        } catch (IOException e) {
            throw new IOException(urls() + ": " + e.getMessage(), e);
        }
    }

    /// Each item takes its share, and may quote of its document what did not fit the mapping.
    private static int longestAnswer(int length, int documents) {
        return (int) Math.min(LONGEST_ANSWER, (1L << 20) + 2048L * documents + length);
    }

    private static Body zipped(byte[] body, int length) throws IOException {
        var out = new ByteArrayOutputStream(length / 4 + 64);
        try (var gzip = new GZIPOutputStream(out, 32 * 1024) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        }) {
            gzip.write(body, 0, length);
        }
        return new Body(out.toByteArray(), out.size(), NDJSON, "gzip");
    }

    @Override
    public Answer get(String path) throws IOException, InterruptedException {
        return send(new Call("GET", path, null, LONGEST_ANSWER));
    }

    @Override
    public Answer put(String path, byte[] json) throws IOException, InterruptedException {
        return send(new Call("PUT", path, new Body(json, json.length, JSON, null), LONGEST_ANSWER));
    }

    /// What is asked of any node.
    ///
    /// @param longest how many bytes the answer may have
    private record Call(
            String method, String path, @Nullable Body body, int longest) {
        HttpUriRequestBase to(Nodes.Node node, String authorization) {
            var request = new HttpUriRequestBase(method, node.at(path));
            request.setHeader("Accept", JSON);
            if (!authorization.isEmpty()) {
                request.setHeader("Authorization", authorization);
            }
            request.setEntity(body);
            return request;
        }
    }

    /// Sends it, and once more when it was not allowed and the secrets have changed meanwhile.
    private Answer send(Call call) throws IOException, InterruptedException {
        var http = opened();
        var header = credentials.header();
        var answered = toOneOf(nodes.inTurn(), http, call, header);
        if ((answered.status() == 401 || answered.status() == 403)
                && spec.auth().isPresent()) {
            var now = readAgain();
            if (!now.equals(header)) {
                return toOneOf(nodes.inTurn(), http, call, now);
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

    /// What the first node says that can take it, or the last of them if none can. No other is asked
    /// while one may still read the body: who hears that a request was answered may use the body again.
    private Answer toOneOf(List<Nodes.Node> inTurn, CloseableHttpClient http, Call call, String authorization)
            throws IOException, InterruptedException {
        for (var each = inTurn.iterator(); ; ) {
            var node = each.next();
            long began = nodes.now();
            try {
                var answered = exchange(http, call.to(node, authorization), call.longest());
                if (answered.status() < 502 || answered.status() > 504) {
                    nodes.worked(node);
                    return answered;
                }
                nodes.failed(node, began);
                if (!each.hasNext()) {
                    return answered;
                }
            } catch (IOException e) {
                if (closed) {
                    throw new IOException("the connection to " + urls() + " was closed", e);
                }
                nodes.failed(node, began);
                if (!each.hasNext() || e instanceof StillUnderWay) {
                    var words = "%s: %s".formatted(urls(), words(e, call.longest()));
                    throw isDrop(e) ? new Dropped(words, e) : new IOException(words, e);
                }
            }
        }
    }

    private static boolean isDrop(IOException e) {
        return e instanceof NoHttpResponseException
                || e instanceof ConnectionClosedException
                || e instanceof SocketException
                        && !(e instanceof ConnectException)
                        && !(e instanceof NoRouteToHostException);
    }

    /// One request to one node, at most for as long as a node may take. When this returns, and
    /// when it throws anything but [StillUnderWay] or [InterruptedException], the body is not being
    /// read any more.
    private Answer exchange(CloseableHttpClient http, HttpUriRequestBase request, int longest)
            throws IOException, InterruptedException {
        var exchange = new FutureTask<>(() -> answer(http, request, longest));
        underWay.add(request);
        try {
            if (closed) {
                throw new IOException("closed");
            }
            try {
                exchanges.execute(exchange);
            } catch (RejectedExecutionException e) {
                throw new IOException("closed", e);
            }
            // The library's own limits count from the last byte; a node that trickles must end as well.
            var limit = answer.plus(CONNECT);
            try {
                return exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                end(request, exchange);
                throw e;
            } catch (TimeoutException e) {
                var words = "no whole answer within %d s".formatted(limit.toSeconds());
                throw end(request, exchange) ? new IOException(words, e) : new StillUnderWay(words, e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException io ? io : new IOException(words(e.getCause(), longest), e);
            }
        } finally {
            underWay.remove(request);
        }
    }

    /// Whether it has ended; why is known.
    private static boolean end(HttpUriRequestBase request, FutureTask<Answer> exchange) throws InterruptedException {
        request.cancel();
        try {
            exchange.get(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
        return true;
    }

    /// The exchange was told to end and did not within a moment, so it may still read the body.
    private static final class StillUnderWay extends IOException {
        private static final long serialVersionUID = 1;

        StillUnderWay(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static Answer answer(CloseableHttpClient http, HttpUriRequestBase request, int longest) throws IOException {
        try (var response = http.executeOpen(null, request, null)) {
            try {
                return new Answer(response.getCode(), body(response, longest));
            } catch (IOException | RuntimeException e) {
                // Otherwise the response, when it is closed, reads what is left of the answer.
                request.cancel();
                throw e;
            }
        }
    }

    /// Counted as it comes over the wire and, should it come zipped, which nobody asked for, once
    /// more as it unfolds.
    private static byte[] body(ClassicHttpResponse response, int longest) throws IOException {
        var entity = response.getEntity();
        if (entity == null) {
            return new byte[0];
        }
        if (entity.getContentLength() > longest) {
            throw new ContentTooLongException("too long");
        }
        var wire = atMost(longest, entity.getContent());
        return "gzip".equalsIgnoreCase(entity.getContentEncoding())
                ? atMost(longest, new GZIPInputStream(new ByteArrayInputStream(wire)))
                : wire;
    }

    private static byte[] atMost(int longest, InputStream in) throws IOException {
        var read = in.readNBytes(longest + 1);
        if (read.length > longest) {
            throw new ContentTooLongException("too long");
        }
        return read;
    }

    private static String words(@Nullable Throwable cause, int longest) {
        return switch (cause) {
            case null -> "no answer";
            case UnknownHostException e ->
                "there is no host %s here; is the router on its network?"
                        .formatted(String.valueOf(e.getMessage()).split(":", 2)[0]);
            case ContentTooLongException _ ->
                "answered more than %d MiB; is this Elasticsearch?".formatted(longest >> 20);
            case MessageConstraintException _ ->
                "answered with longer or more headers than Elasticsearch has; is this Elasticsearch?";
            default -> {
                var message = cause.getMessage();
                yield message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
            }
        };
    }

    private String urls() {
        return spec.urls().stream().map(URI::toString).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        CloseableHttpClient open;
        synchronized (this) {
            closed = true;
            open = client;
            client = null;
        }
        underWay.forEach(HttpUriRequestBase::cancel);
        if (open != null) {
            open.close(CloseMode.IMMEDIATE);
        }
        exchanges.shutdown();
    }

    /// A body that is written in a few large pieces, each straight from the array to the socket.
    ///
    /// Before each the connection is asked whether the answer is there already: what refuses a
    /// body for its length may say so early, and read no further.
    private static final class Body extends AbstractHttpEntity {
        /// What a socket of this JDK gives the system at once.
        private static final int PIECE = 128 << 10;

        private final byte[] bytes;
        private final int length;

        Body(byte[] bytes, int length, String type, @Nullable String encoding) {
            super(type, encoding);
            this.bytes = bytes;
            this.length = length;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            for (int at = 0; at < length; at += PIECE) {
                int size = Math.min(PIECE, length - at);
                try {
                    out.write(bytes, at, size);
                } catch (SocketException e) {
                    // Hung up; if it answered before, that is seen before anything is written.
                    out.write(bytes, at, size);
                }
            }
        }

        @Override
        public InputStream getContent() {
            return new ByteArrayInputStream(bytes, 0, length);
        }

        @Override
        public long getContentLength() {
            return length;
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }

        @Override
        public boolean isStreaming() {
            return false;
        }

        @Override
        public void close() {}
    }
}
