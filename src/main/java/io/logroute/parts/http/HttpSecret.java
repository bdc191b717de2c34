package io.logroute.parts.http;

import io.logroute.spec.SinkSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/// The `Authorization` header of an http sink, made of files that may change while we run: a rotated
/// secret is read when the old one is refused.
final class HttpSecret {
    private final Optional<SinkSpec.HttpAuth> auth;
    private volatile String header = "";

    HttpSecret(Optional<SinkSpec.HttpAuth> auth) {
        this.auth = auth;
    }

    /// As last read; empty when there is none to send.
    String header() {
        return header;
    }

    /// Reads the files anew.
    ///
    /// @throws IOException when a file cannot be read or has no secret in it; the header stays as it was
    String read() throws IOException {
        if (auth.isEmpty()) {
            return "";
        }
        header = made(auth.get());
        return header;
    }

    private static String made(SinkSpec.HttpAuth auth) throws IOException {
        if (auth.tokenFile().isPresent()) {
            return "Bearer " + secret("auth.tokenFile", auth.tokenFile().get());
        }
        var pair = auth.username().orElseThrow() + ":"
                + secret("auth.passwordFile", auth.passwordFile().orElseThrow());
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String secret(String key, Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "%s is not there; give the router a secret under that path, or mend %s of the sink"
                            .formatted(file, key),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "%s cannot be read (%s); let the router's user read it, or mend %s of the sink"
                            .formatted(file, e, key),
                    e);
        }
        boolean isToken = key.equals("auth.tokenFile");
        if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || isToken && (c == ' ' || c > '~'))) {
            throw new IOException("%s has %s; write the secret of %s into it, on one line"
                    .formatted(file, text.isEmpty() ? "nothing in it" : "more than one word or line", key));
        }
        return text;
    }
}
