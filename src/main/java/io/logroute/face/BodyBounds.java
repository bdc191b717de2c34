package io.logroute.face;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/// How long a body may take, whatever is asked for and whoever asks: two minutes to come, and half a minute more once
/// the
/// answer is out, in which it is passed over, so that a client which sends before it reads has its answer. Then the
/// connection is closed.
class BodyBounds {
    private static final Duration WHOLE = Duration.ofMinutes(2);
    private static final Duration LEFTOVERS = Duration.ofSeconds(30);
    /// Before those who let in, and all others.
    private static final int FIRST = 10_000;

    void register(@Observes Filters filters) {
        filters.register(BodyBounds::bound, FIRST);
    }

    private static void bound(RoutingContext routing) {
        var request = routing.request();
        if (hasBody(request)) {
            long whole = closeLater(routing, WHOLE);
            routing.addEndHandler(_ -> {
                routing.vertx().cancelTimer(whole);
                passOver(routing);
            });
        }
        routing.next();
    }

    private static boolean hasBody(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || request.headers().contains(HttpHeaders.CONTENT_LENGTH);
    }

    private static long closeLater(RoutingContext routing, Duration wait) {
        var request = routing.request();
        return routing.vertx().setTimer(wait.toMillis(), _ -> {
            if (!request.isEnded()) {
                request.connection().close();
            }
        });
    }

    private static void passOver(RoutingContext routing) {
        var request = routing.request();
        if (request.isEnded()) {
            return;
        }
        try {
            request.handler(_ -> {}).resume();
        } catch (IllegalStateException e) {
            return; // its end came just now
        }
        closeLater(routing, LEFTOVERS);
    }
}
