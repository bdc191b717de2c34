package io.logroute.face;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/// How long the body of a request may take, whoever asks and for which path: [#WHOLE] to come and be answered,
/// and [#LEFTOVERS] more once the answer is out. Until then it is passed over, so that a client which sends before
/// it reads has its answer; then the connection is closed. What is no request, such as a target that is no URI,
/// Quarkus refuses before any of ours.
class BodyBounds {
    private static final Duration WHOLE = Duration.ofMinutes(2);
    private static final Duration LEFTOVERS = Duration.ofSeconds(30);
    /// Before those who let in, and all others.
    private static final int FIRST = 10_000;

    private final Duration whole;
    private final Duration leftovers;

    BodyBounds() {
        this(WHOLE, LEFTOVERS);
    }

    BodyBounds(Duration whole, Duration leftovers) {
        this.whole = whole;
        this.leftovers = leftovers;
    }

    void register(@Observes Filters filters) {
        filters.register(this::bound, FIRST);
    }

    void bound(RoutingContext routing) {
        var request = routing.request();
        if (hasBody(request)) {
            long coming = closeLater(routing, whole);
            routing.addEndHandler(done -> {
                routing.vertx().cancelTimer(coming);
                if (done.succeeded()) { // else the connection is gone
                    passOver(routing);
                }
            });
            routing.addHeadersEndHandler(_ -> {
                if (request.headers().contains(HttpHeaders.EXPECT) && request.bytesRead() == 0 && !request.isEnded()) {
                    // Its body may never come; what comes instead would be taken for it (RFC 9110, section 10.1.1).
                    routing.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                }
            });
        }
        routing.next();
    }

    private static boolean hasBody(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || request.headers().contains(HttpHeaders.CONTENT_LENGTH);
    }

    /// Holds the connection until then, and nothing of what was read: that may be large.
    private static long closeLater(RoutingContext routing, Duration wait) {
        var connection = routing.request().connection();
        return routing.vertx().setTimer(wait.toMillis(), _ -> connection.close());
    }

    private void passOver(RoutingContext routing) {
        var request = routing.request();
        var connection = request.connection();
        var vertx = routing.vertx();
        long closing = closeLater(routing, leftovers);
        boolean isLast = routing.response().headers().contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true);
        Handler<Void> ended = _ -> {
            vertx.cancelTimer(closing);
            if (isLast) {
                connection.close();
            }
        };
        try {
            request.handler(_ -> {}).endHandler(ended).resume();
        } catch (IllegalStateException e) {
            ended.handle(null); // it has ended
            return;
        }
        if (request.isEnded()) { // so it had before, paused
            ended.handle(null);
        }
    }
}
