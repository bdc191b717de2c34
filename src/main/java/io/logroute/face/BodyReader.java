package io.logroute.face;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/// Reads the body of a request, [#MOST_BYTES] at most; nothing of one that says it is longer.
///
/// Quarkus has a limit of its own, and closes the connection when that is passed: a client that still sends then sees a
/// broken connection instead of the answer. Here it gets its answer, and [BodyBounds] passes over the rest.
@Provider
@Consumes(MediaType.WILDCARD)
class BodyReader implements MessageBodyReader<byte[]> {
    /// Specs of 1,000 routes; what takes less looks itself.
    static final int MOST_BYTES = 4 << 20;

    @Override
    public boolean isReadable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return type == byte[].class;
    }

    /// @throws WebApplicationException 413, when it is too large; 400, for nobody, when its connection ended first
    @Override
    public byte[] readFrom(
            Class<byte[]> type,
            Type generic,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream in) {
        if (length(headers.getFirst(HttpHeaders.CONTENT_LENGTH)) > MOST_BYTES) {
            throw new WebApplicationException(Fault.tooLarge(MOST_BYTES).response());
        }
        byte[] body;
        try {
            body = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new WebApplicationException(e, Response.Status.BAD_REQUEST);
        }
        if (body.length > MOST_BYTES) {
            throw new WebApplicationException(Fault.tooLarge(MOST_BYTES).response());
        }
        return body;
    }

    /// 0 where it says none; the server has refused what has other signs than digits, so what does not fit is larger.
    private static long length(@Nullable String header) {
        try {
            return header == null ? 0 : Long.parseLong(header.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
