package io.logroute.spec;

import java.nio.file.Path;
import java.util.Optional;

@Doc("TLS of a listening port, from PEM files. They are read when the source starts.")
public record ServerTls(
        @Doc(value = "The certificate, followed by those that signed it.", example = "/run/secrets/server.crt")
        Path certificateFile,

        @Doc(value = "Its private key (PKCS #8), not encrypted.", example = "/run/secrets/server.key")
        Path keyFile,

        @Doc(
                value = "Certificates that sign the clients'. When set, a client must show one of theirs (mutual TLS).",
                example = "/run/secrets/clients-ca.crt")
        Optional<Path> clientCaFile) {}
