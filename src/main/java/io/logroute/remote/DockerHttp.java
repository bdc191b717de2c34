package io.logroute.remote;

import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.SSLConfig;
import io.logroute.spec.ClientTls;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Docker's HTTP, over a socket file or TCP. Safe for all threads.
///
/// Each exchange is a blocking one on a virtual thread of its own, for which the caller waits as long as it may
/// take:
/// ended by an interrupt, which closes its connection whatever it waits for. (A socket file knows no time limits of
/// its own.) What an answer holds is read while it comes, and bounded.
///
/// The version of the API is the newest that both sides know, of those that we do: docs/decisions/0021.
final class DockerHttp implements AutoCloseable {
    /// Docker 20.10, and the newest that we know, which Docker 29 takes as its oldest.
    private static final int OLDEST = 41;
    private static final int NEWEST = 44;

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PING = Duration.ofSeconds(5);
    private static final long LARGEST_ANSWER = 1L << 30;
    private static final int END = 1024;
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    private final DockerHost host;
    private final Optional<ClientTls> tls;
    private final BiConsumer<String, Integer> counted;
    private @Nullable Connections connections;
    private volatile @Nullable String version;

    /// What is made of an answer, while it comes.
    interface Reading<T> {
        T read(int status, InputStream body) throws IOException;
    }

    /// @param op what it is called where requests are counted: `services.list`
    /// @param path below the version: `/services`
    record Request(String op, String method, String path, byte @Nullable [] body) {
        static Request get(String op, String path) {
            return new Request(op, "GET", path, null);
        }

        static Request post(String op, String path, byte[] body) {
            return new Request(op, "POST", path, body);
        }

        @Override
        public String toString() {
            int end = path.indexOf('?');
            return method + " " + (end < 0 ? path : path.substring(0, end));
        }
    }

    /// @param counted told of each answer: the operation and the status, 0 when none came
    DockerHttp(DockerHost host, BiConsumer<String, Integer> counted) {
        this(host, host.tls(), counted);
    }

    DockerHttp(DockerHost host, Optional<ClientTls> tls, BiConsumer<String, Integer> counted) {
        this.host = host;
        this.tls = tls;
        this.counted = counted;
    }

    DockerHost host() {
        return host;
    }

    /// Sends it: what changes something on a new connection, for one that was kept may be dead, and whether
    /// the change was made would not be known; what only reads once more on a new one, when the first one
    /// broke.
    ///
    /// @param limit for the whole of it
    /// @throws SwarmUnreachable when there is no answer, or none that can be read
    <T> T call(Request request, Duration limit, Reading<T> reading) throws SwarmUnreachable {
        var at = version();
        if (!request.method().equals("GET")) {
            retire();
        }
        try {
            return within(request, at, limit, reading);
        } catch (IOException e) {
            forget();
            if (!request.method().equals("GET")) {
                throw unreachable(request, e);
            }
        }
        try {
            return within(request, version(), limit, reading);
        } catch (IOException e) {
            forget();
            throw unreachable(request, e);
        }
    }

    /// Whether somebody answers, and in which version of the API to speak to it from now on.
    void ping() throws SwarmUnreachable {
        var request = Request.get("ping", "/_ping");
        try {
            version = within(
                    PING,
                    () -> exchange(request, "", (response, _) -> {
                        return negotiated(response.getHeader("Api-Version"));
                    }),
                    request);
        } catch (IOException e) {
            forget();
            throw unreachable(request, e);
        }
    }

    /// Reads an answer that never ends, and has any length; returns when it does, or the thread is interrupted.
    <T> T stream(Request request, Reading<T> reading) throws SwarmUnreachable {
        try {
            return exchange(
                    request,
                    version(),
                    Long.MAX_VALUE,
                    (response, body) -> reading.read(response.getStatusCode(), body));
        } catch (IOException e) {
            forget();
            throw unreachable(request, e);
        }
    }

    private String version() throws SwarmUnreachable {
        for (var known = version; ; known = version) {
            if (known != null) {
                return known;
            }
            ping();
        }
    }

    private <T> T within(Request request, String at, Duration limit, Reading<T> reading)
            throws IOException, SwarmUnreachable {
        return within(
                limit,
                () -> exchange(request, at, (response, body) -> reading.read(response.getStatusCode(), body)),
                request);
    }

    private <T> T within(Duration limit, Callable<T> exchange, Request request) throws IOException, SwarmUnreachable {
        var task = new FutureTask<>(exchange);
        var thread = Thread.ofVirtual().name("docker " + request.op()).start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case SwarmUnreachable unreachable -> throw unreachable;
                case RuntimeException fault -> throw fault;
                case Error fault -> throw fault;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new SwarmUnreachable(
                    "%s does not answer %s within %d seconds".formatted(host, request, limit.toSeconds()), e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new SwarmUnreachable("%s was not waited for".formatted(host), e);
        }
    }

    private interface Answered<T> {
        T read(DockerHttpClient.Response response, InputStream body) throws IOException, SwarmUnreachable;
    }

    private <T> T exchange(Request request, String at, Answered<T> reading) throws IOException, SwarmUnreachable {
        return exchange(request, at, LARGEST_ANSWER, reading);
    }

    /// @param at the version of the API; empty where it is asked for
    private <T> T exchange(Request request, String at, long most, Answered<T> reading)
            throws IOException, SwarmUnreachable {
        var builder = DockerHttpClient.Request.builder()
                .method(request.method())
                .path((at.isEmpty() ? "" : "/v" + at) + request.path());
        if (request.body() != null) {
            builder.putAllHeaders(JSON).bodyBytes(request.body());
        }
        boolean answered = false;
        var through = lease();
        try (var response = through.client.execute(builder.build())) {
            answered = true;
            counted.accept(request.op(), response.getStatusCode());
            var body = new Bounded(response.getBody(), most);
            var made = reading.read(response, body);
            // What is read to its very end leaves a connection that is used again.
            body.readNBytes(END);
            return made;
        } catch (RuntimeException e) {
            // So does docker-java say that there was no answer.
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        } finally {
            giveBack(through);
            if (!answered) {
                counted.accept(request.op(), 0);
            }
        }
    }

    private String negotiated(@Nullable String theirs) throws SwarmUnreachable {
        if (theirs == null || !theirs.matches("1\\.[0-9]{1,4}")) {
            throw new SwarmUnreachable(
                    "%s does not say which version of the API it has: it is no Docker, or a proxy that leaves out the header Api-Version"
                            .formatted(host));
        }
        int minor = Integer.parseInt(theirs.substring(2));
        if (minor < OLDEST) {
            throw new SwarmUnreachable(
                    "%s has version %s of the API, and 1.%d is the oldest that will do: use Docker 20.10 or newer"
                            .formatted(host, theirs, OLDEST));
        }
        return "1." + Math.min(minor, NEWEST);
    }

    /// Connections that are kept, and how many exchanges use them.
    private static final class Connections {
        final DockerHttpClient client;
        int users;
        boolean retired;

        Connections(DockerHttpClient client) {
            this.client = client;
        }
    }

    private synchronized Connections lease() throws IOException {
        if (connections == null) {
            var builder = new ApacheDockerHttpClient.Builder()
                    .dockerHost(host.address())
                    .connectionTimeout(CONNECT);
            if (tls.isPresent()) {
                builder.sslConfig(new Tls(Pem.client(tls.get())));
            }
            connections = new Connections(builder.build());
        }
        connections.users++;
        return connections;
    }

    private synchronized void giveBack(Connections through) {
        through.users--;
        if (through.retired && through.users == 0) {
            end(through);
        }
    }

    private static void end(Connections retired) {
        try {
            retired.client.close();
        } catch (IOException e) {
            // It is no longer used.
        }
    }

    private record Tls(SSLContext context) implements SSLConfig {
        @Override
        public SSLContext getSSLContext() {
            return context;
        }
    }

    /// After a fault: connections that are kept may be dead, and another Docker may answer next. Exchanges that are
    /// under way are not disturbed.
    private void forget() {
        version = null;
        retire();
    }

    private synchronized void retire() {
        if (connections != null) {
            connections.retired = true;
            if (connections.users == 0) {
                end(connections);
            }
            connections = null;
        }
    }

    private SwarmUnreachable unreachable(Request request, IOException e) {
        var why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (!host.isFile()) {
            return new SwarmUnreachable("%s does not answer %s: %s".formatted(host, request, why), e);
        }
        var mend = why.contains("No such file")
                ? "; is the socket mounted into the container, and does Docker run?"
                : why.contains("Permission denied")
                        ? "; run this as a user, or in a group, that may use it"
                        : why.contains("refused") ? "; Docker does not run" : "";
        return new SwarmUnreachable("%s does not answer %s: %s%s".formatted(host, request, why, mend), e);
    }

    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long most) {
            super(in);
            this.left = most;
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int read = super.read(bytes, from, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int read) throws IOException {
            left -= read;
            if (left < 0) {
                throw new IOException("the answer has more bytes than anybody expects");
            }
        }
    }

    /// Ends connections that nobody uses. It may be used again.
    @Override
    public void close() {
        forget();
    }
}
