package io.logroute.remote;

import io.logroute.spec.SinkSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/// The `Authorization` header, made of files that may change while we run: a rotated secret is
/// read when the old one is refused.
final class Credentials {
    private final Optional<SinkSpec.Auth> auth;
    private volatile String header = "";

    Credentials(Optional<SinkSpec.Auth> auth) {
        this.auth = auth;
    }

    /// The header as last read; empty when there is none to send.
    String header() {
        return header;
    }

    /// Reads the files anew and gives the header.
    ///
    /// @throws IOException when a file cannot be read or is empty; the header stays as it was
    String read() throws IOException {
        if (auth.isEmpty()) {
            return "";
        }
        header = header(auth.get());
        return header;
    }

    private static String header(SinkSpec.Auth auth) throws IOException {
        if (auth.apiKeyFile().isPresent()) {
            return "ApiKey "
                    + secret(
                            "auth.apiKeyFile",
                            "the API key (`encoded`)",
                            auth.apiKeyFile().get());
        }
        var password =
                secret("auth.passwordFile", "the password", auth.passwordFile().orElseThrow());
        var pair = auth.username().orElseThrow() + ":" + password;
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String secret(String key, String what, Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "%s is not there; give the router a secret with %s under that path, or mend %s of the sink"
                            .formatted(file, what, key),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "%s cannot be read (%s); let the router's user read it, or mend %s of the sink"
                            .formatted(file, e, key),
                    e);
        }
        if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ')) {
            throw new IOException("%s has %s; write %s into it, on one line"
                    .formatted(file, text.isEmpty() ? "nothing in it" : "several lines", what));
        }
        return text;
    }
}
