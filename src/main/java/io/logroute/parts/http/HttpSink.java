package io.logroute.parts.http;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Sink;
import io.logroute.remote.Pem;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Posts each batch, apart by URL. What an answer means:
///
/// | answer | events |
/// |---|---|
/// | 2xx | delivered |
/// | 408, 425, 429, 5xx | again, not before `Retry-After` |
/// | 401, 403 | the secret is read anew and, if it changed, used at once; else again |
/// | 3xx | again; redirects are not followed |
/// | 400, 413, 422 for several | again in halves, until one that is to blame stands alone |
/// | any other 4xx | dead letters |
/// | none | again |
///
/// After a 3xx, 401, 403, 429 or 503 nothing more of the batch goes to the same URL, and after a server
/// that cannot be reached, or gave three requests no answer, nothing to any: it comes again as well.
///
/// Of an answer that is no 2xx the first bytes are read, for messages; the rest goes by. Takes as
/// many threads as `inFlight` says.
public final class HttpSink implements Sink {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofSeconds(1);

    /// Somebody has to do something first.
    private static final Duration LATER = Duration.ofSeconds(10);

    /// A server may ask for so much patience; what it asks for beyond that is not believed.
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private static final int QUOTED = 300;

    /// So many requests of one batch may wait in vain, each for the timeout.
    private static final int MOST_UNANSWERED = 3;

    private final String router;
    private final String name;
    private final SinkSpec.Http spec;
    private final Instruments meters;
    private final InstantSource clock;
    private final SafeUrl urls;
    private final HttpSecret secret;
    private @Nullable HttpClient client;
    private boolean closed;

    /// @param router, name the labels of its metrics
    public HttpSink(String router, String name, SinkSpec.Http spec, Instruments meters) {
        this(router, name, spec, meters, Clock.systemUTC());
    }

    HttpSink(String router, String name, SinkSpec.Http spec, Instruments meters, InstantSource clock) {
        this.router = router;
        this.name = name;
        this.spec = spec;
        this.meters = meters;
        this.clock = clock;
        this.urls = new SafeUrl(spec.url());
        this.secret = new HttpSecret(spec.auth());
    }

    /// Reads secrets and certificates, so that what is missing is told at the start; sends nothing.
    ///
    /// @throws IOException with the file that is missing, or not what it should be
    public void open() throws IOException {
        opened();
    }

    private synchronized HttpClient opened() throws IOException {
        if (closed) {
            throw new IOException("the sink was closed");
        }
        if (client == null) {
            try {
                secret.read();
                var builder = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT);
                if (spec.tls().isPresent()) {
                    builder.sslContext(Pem.client(spec.tls().get()));
                }
                client = builder.build();
            } catch (IOException e) {
                throw new IOException("sink %s: %s".formatted(name, e.getMessage()), e);
            }
        }
        return client;
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        opened();
        var events = batch.events();
        var known = new Delivery[events.size()];
        var byUrl = new LinkedHashMap<URI, List<Integer>>();
        for (int i = 0; i < known.length; i++) {
            switch (urls.of(events.get(i))) {
                case SafeUrl.Answer.At(var url) ->
                    byUrl.computeIfAbsent(url, _ -> new ArrayList<>()).add(i);
                case SafeUrl.Answer.Nowhere(var why) -> known[i] = new Delivery.Rejected(why);
            }
        }
        var round = new Round(events, known);
        for (var each : byUrl.entrySet()) {
            var places = each.getValue();
            round.post(
                    each.getKey(),
                    spec.body() == SinkSpec.Http.Body.SINGLE
                            ? places.stream().map(List::of).toList()
                            : List.of(places));
        }
        return Arrays.asList(known);
    }

    /// One batch on its way, and what became of it.
    private final class Round {
        private final List<Event> events;
        private final Delivery[] known;
        private int unanswered;
        /// Why nothing more of the batch is sent.
        private Delivery.@Nullable Retry away;

        Round(List<Event> events, Delivery[] known) {
            this.events = events;
            this.known = known;
        }

        /// @param requests the places of the events of each
        void post(URI url, List<List<Integer>> requests) throws InterruptedException {
            Delivery.Retry enough = null;
            for (var places : requests) {
                if (enough == null) {
                    enough = post(places, url);
                } else {
                    put(places, enough);
                }
            }
        }

        /// @return why nothing more goes to this url for now; `null` when more may
        private Delivery.@Nullable Retry post(List<Integer> places, URI url) throws InterruptedException {
            if (away != null) {
                put(places, away);
                return away;
            }
            try {
                var answer = answer(url, body(events, places));
                if (places.size() > 1 && isOfOne(answer.status)) {
                    int middle = places.size() / 2;
                    var enough = post(places.subList(0, middle), url);
                    var others = places.subList(middle, places.size());
                    if (enough == null) {
                        return post(others, url);
                    }
                    put(others, enough);
                    return enough;
                }
                var verdict = verdict(url, answer);
                put(places, verdict);
                return verdict instanceof Delivery.Retry retry && isOfAll(answer.status) ? retry : null;
            } catch (IOException e) {
                unanswered++;
                var retry = new Delivery.Retry("%s: %s".formatted(origin(url), words(e)), SOON);
                put(places, retry);
                boolean isAway = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                away = isAway || unanswered == MOST_UNANSWERED ? retry : null;
                return away;
            }
        }

        private void put(List<Integer> places, Delivery delivery) {
            for (int place : places) {
                known[place] = delivery;
            }
        }
    }

    /// Whether the next request to the same place would be answered in the same way.
    private static boolean isOfAll(int status) {
        return status == 401 || status == 403 || status == 429 || status == 503 || status >= 300 && status < 400;
    }

    /// Whether one event of several may be what the server does not like.
    private static boolean isOfOne(int status) {
        return status == 400 || status == 413 || status == 422;
    }

    /// What came back.
    ///
    /// @param retryAfter, location as the headers say; empty without
    private record Answer(int status, String retryAfter, String location, String text) {}

    private Delivery verdict(URI url, Answer answer) {
        int status = answer.status;
        var said = "%s answered %d%s".formatted(origin(url), status, answer.text.isBlank() ? "" : ": " + answer.text);
        if (status >= 200 && status < 300) {
            return Delivery.delivered();
        }
        if (status >= 300 && status < 400) {
            return new Delivery.Retry(
                    "%s answered %d: it wants us to go to \"%s\". Redirects are not followed; write the address under http.url of the sink"
                            .formatted(origin(url), status, answer.location.replaceFirst("[?#].*", "")),
                    LATER);
        }
        if (status == 401 || status == 403) {
            return new Delivery.Retry(
                    said + "; mend auth of the sink, or what the server allows",
                    LATER,
                    Delivery.Retry.Cause.NOT_ALLOWED);
        }
        if (status == 408 || status == 425 || status == 429 || status >= 500 || status < 200) {
            return new Delivery.Retry(said, wait(answer.retryAfter));
        }
        return new Delivery.Rejected(said);
    }

    /// Seconds, or a date (RFC 9110, section 10.2.3).
    private Duration wait(String retryAfter) {
        Duration asked;
        if (retryAfter.matches("\\d{1,9}")) {
            asked = Duration.ofSeconds(Long.parseLong(retryAfter));
        } else {
            try {
                var date = ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME);
                asked = Duration.between(
                        clock.instant(),
                        date.withZoneSameInstant(ZoneOffset.UTC).toInstant());
            } catch (DateTimeParseException e) {
                return SOON;
            }
        }
        if (asked.compareTo(SOON) < 0) {
            return SOON;
        }
        return asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
    }

    /// Sends it, and once more when it was not allowed and the secret has changed meanwhile.
    private Answer answer(URI url, byte[] body) throws IOException, InterruptedException {
        var header = secret.header();
        var answer = exchange(url, body, header);
        if ((answer.status == 401 || answer.status == 403) && spec.auth().isPresent()) {
            String now;
            try {
                now = secret.read();
            } catch (IOException e) {
                // While somebody replaces the file it may not be there: the next refusal reads again.
                return answer;
            }
            if (!now.equals(header)) {
                return exchange(url, body, now);
            }
        }
        return answer;
    }

    private Answer exchange(URI url, byte[] body, String authorization) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url)
                .method(spec.method().name(), BodyPublishers.ofByteArray(body))
                .header("User-Agent", "logroute")
                .header(
                        "Content-Type",
                        switch (spec.body()) {
                            case JSON, SINGLE -> "application/json";
                            case NDJSON -> "application/x-ndjson";
                        });
        if (spec.gzip()) {
            request.header("Content-Encoding", "gzip");
        }
        spec.headers().forEach(request::setHeader);
        if (!authorization.isEmpty()) {
            request.setHeader("Authorization", authorization);
        }
        var under = opened().sendAsync(request.build(), _ -> new FirstBytes());
        try {
            // The client's own limit ends with the head of the answer; a server that trickles must end as well.
            var response = under.get(spec.timeout().toMillis(), TimeUnit.MILLISECONDS);
            meters.counter(Meter.SINK_ANSWERS, router, name, "" + response.statusCode())
                    .increment();
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Retry-After").orElse("").strip(),
                    response.headers().firstValue("Location").orElse(""),
                    response.body());
        } catch (TimeoutException e) {
            throw new IOException(
                    "no whole answer within %d s".formatted(spec.timeout().toSeconds()), e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(String.valueOf(e.getCause()), e);
        } finally {
            under.cancel(true);
        }
    }

    private byte[] body(List<Event> events, List<Integer> places) throws IOException {
        var out = new ByteArrayOutputStream(64 << 10);
        boolean isArray = spec.body() == SinkSpec.Http.Body.JSON;
        boolean isLines = spec.body() == SinkSpec.Http.Body.NDJSON;
        boolean isFirst = true;
        if (isArray) {
            out.write('[');
        }
        for (int place : places) {
            if (isArray && !isFirst) {
                out.write(',');
            }
            events.get(place).writeTo(out);
            if (isLines) {
                out.write('\n');
            }
            isFirst = false;
        }
        if (isArray) {
            out.write(']');
        }
        if (!spec.gzip()) {
            return out.toByteArray();
        }
        var zipped = new ByteArrayOutputStream(out.size() / 4 + 64);
        try (var gzip = new GZIPOutputStream(zipped, 32 << 10)) {
            out.writeTo(gzip);
        }
        return zipped.toByteArray();
    }

    /// Scheme, host and port: paths and queries may hold what does not belong into messages.
    private static String origin(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority();
    }

    private static String words(IOException e) {
        return switch (e) {
            case HttpConnectTimeoutException _ -> "no connection within %d s".formatted(CONNECT.toSeconds());
            case ConnectException _ -> "nobody listens there, or the host is not known";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    @Override
    public void close() {
        HttpClient ending;
        synchronized (this) {
            closed = true;
            ending = client;
            client = null;
        }
        if (ending != null) {
            ending.shutdownNow();
        }
    }

    /// Keeps the first bytes of an answer as text on one line, and lets the rest go by.
    private static final class FirstBytes implements HttpResponse.BodySubscriber<String> {
        private final CompletableFuture<String> text = new CompletableFuture<>();
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        @Override
        public java.util.concurrent.CompletionStage<String> getBody() {
            return text;
        }

        @Override
        public void onSubscribe(java.util.concurrent.Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<java.nio.ByteBuffer> buffers) {
            for (var buffer : buffers) {
                while (buffer.hasRemaining() && kept.size() < QUOTED) {
                    kept.write(buffer.get());
                }
                buffer.position(buffer.limit());
            }
        }

        @Override
        public void onError(Throwable thrown) {
            text.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            var all = kept.toString(StandardCharsets.UTF_8)
                    .replaceAll("[\\p{Cntrl}\\s]+", " ")
                    .strip();
            text.complete(all.toLowerCase(Locale.ROOT).startsWith("<") ? "" : all);
        }
    }
}
