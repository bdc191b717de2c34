package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.nio.file.Path;
import java.util.Optional;

@Doc("TLS towards a server, from PEM files. They are read at the start.")
public record ClientTls(
        @Doc(
                value = "Certificates that sign the server's, in place of those that Java trusts.",
                example = "/run/secrets/ca.crt")
        Optional<Path> caFile,

        @Doc(value = "Our own certificate, where the server wants one.", example = "/run/secrets/client.crt")
        Optional<Path> certificateFile,

        @Doc(value = "Its private key (PKCS #8), not encrypted.", example = "/run/secrets/client.key")
        Optional<Path> keyFile,

        @Doc(
                value = "Whether the server's certificate must fit its name and be signed by one that is trusted.",
                or = "true")
        boolean verify) {
    public ClientTls {
        require(
                certificateFile.isPresent() == keyFile.isPresent(),
                "keyFile goes with certificateFile; write both or neither");
    }
}
