package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

@Doc("Who we are to NATS: a user, a token, an NKey, or a credentials file. Secrets stand in files, never in specs.")
public record NatsAuth(
        @Doc(value = "User name; goes with `passwordFile`.", example = "logroute")
        Optional<String> username,

        @Doc(value = "File with the password.", example = "/run/secrets/nats-password")
        Optional<Path> passwordFile,

        @Doc(value = "File with the token.", example = "/run/secrets/nats-token")
        Optional<Path> tokenFile,

        @Doc(
                value = "File with the seed of the user's NKey, `SU...`.",
                example = "/run/secrets/nats-nkey",
                later = true)
        Optional<Path> nkeyFile,

        @Doc(
                value = "Credentials file as `nsc` writes it, with the user's JWT and its seed.",
                example = "/run/secrets/nats-creds")
        Optional<Path> credentialsFile) {
    public NatsAuth {
        require(
                username.isPresent() == passwordFile.isPresent(),
                "passwordFile goes with username; write both or neither");
        long ways = Stream.of(username, tokenFile, nkeyFile, credentialsFile)
                .filter(Optional::isPresent)
                .count();
        require(
                ways == 1,
                "auth needs one way in; write username with passwordFile, or tokenFile, or nkeyFile, or credentialsFile");
    }
}
