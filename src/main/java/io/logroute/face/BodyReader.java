package io.logroute.face;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.time.Duration;

/// Reads the body of a request, [#MOST_BYTES] at most, however long it says it is.
///
/// Quarkus has a limit of its own, and closes the connection when that is passed: a client that still sends then
/// sees a broken connection instead of the answer. Here it gets its answer, and what is left of the body is passed
/// over for 10 s; then its connection is closed.
@Provider
@Consumes(MediaType.WILDCARD)
class BodyReader implements MessageBodyReader<byte[]> {
    /// Specs of 1,000 routes; what takes less looks itself.
    static final int MOST_BYTES = 4 << 20;

    private static final Duration LEFTOVERS = Duration.ofSeconds(10);

    private final CurrentVertxRequest current;

    BodyReader(CurrentVertxRequest current) {
        this.current = current;
    }

    @Override
    public boolean isReadable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return type == byte[].class;
    }

    /// @throws WebApplicationException 413, when it is too large; 400, when it ends early or comes too slowly
    @Override
    public byte[] readFrom(
            Class<byte[]> type,
            Type generic,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream in) {
        byte[] body;
        try {
            body = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new WebApplicationException(
                    e, new Fault(400, "the body ended early, or came too slowly", "Send it again.").response());
        }
        if (body.length > MOST_BYTES) {
            passOver(current.getCurrent());
            throw new WebApplicationException(Fault.tooLarge(MOST_BYTES).response());
        }
        return body;
    }

    /// What `in` would do with the rest is keep it, all of it, for nobody.
    private static void passOver(RoutingContext routing) {
        var request = routing.request();
        try {
            request.handler(rest -> {});
        } catch (IllegalStateException e) {
            return; // all of it is here
        }
        routing.vertx().setTimer(LEFTOVERS.toMillis(), timer -> {
            if (!request.isEnded()) {
                request.connection().close();
            }
        });
    }
}
