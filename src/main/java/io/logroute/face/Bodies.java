package io.logroute.face;

import jakarta.ws.rs.WebApplicationException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The text that a request brings.
final class Bodies {
    private Bodies() {}

    /// @throws WebApplicationException 400, when it is no UTF-8
    static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WebApplicationException(
                    e, new Fault(400, "the body is not UTF-8 text", "Send YAML in UTF-8.").response());
        }
    }
}
