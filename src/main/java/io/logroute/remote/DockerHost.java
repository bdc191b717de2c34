package io.logroute.remote;

import io.logroute.spec.ClientTls;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where a manager's Docker answers: `unix:///var/run/docker.sock`, or `tcp://manager:2376`.
///
/// @param certificates the folder of `ca.pem`, `cert.pem` and `key.pem`, as Docker's own DOCKER_CERT_PATH;
///     without it
///     TCP goes without TLS
public record DockerHost(URI address, Optional<Path> certificates) {
    /// Where Docker listens unless told otherwise.
    public static final String USUAL = "unix:///var/run/docker.sock";

    private static final int PLAIN_PORT = 2375;
    private static final int TLS_PORT = 2376;

    public DockerHost {
        var text = address.toString();
        boolean unix = "unix".equals(address.getScheme())
                && address.getRawAuthority() == null
                && address.getPath() != null
                && address.getPath().length() > 1;
        boolean tcp = "tcp".equals(address.getScheme()) && address.getHost() != null;
        if (!unix && !tcp) {
            throw new IllegalArgumentException(
                    "Docker's address \"%s\" does not fit; write unix:///var/run/docker.sock or tcp://HOST:2376"
                            .formatted(text));
        }
        if (unix && certificates.isPresent()) {
            throw new IllegalArgumentException(
                    "%s is a socket file and takes no certificates; leave them out, or write tcp://HOST:2376"
                            .formatted(text));
        }
        if (tcp && address.getPort() < 0) {
            address = URI.create(
                    "tcp://%s:%d".formatted(address.getHost(), certificates.isPresent() ? TLS_PORT : PLAIN_PORT));
        }
    }

    /// @throws IllegalArgumentException when it is no such address; the message says what to write
    public static DockerHost of(String address, Optional<Path> certificates) {
        try {
            return new DockerHost(URI.create(address), certificates);
        } catch (IllegalArgumentException e) {
            if (e.getCause() instanceof java.net.URISyntaxException) {
                throw new IllegalArgumentException(
                        "Docker's address \"%s\" does not fit; write unix:///var/run/docker.sock or tcp://HOST:2376"
                                .formatted(address),
                        e);
            }
            throw e;
        }
    }

    boolean isFile() {
        return "unix".equals(address.getScheme());
    }

    Optional<ClientTls> tls() {
        return certificates.map(folder -> new ClientTls(
                Optional.of(folder.resolve("ca.pem")),
                Optional.of(folder.resolve("cert.pem")),
                Optional.of(folder.resolve("key.pem")),
                true));
    }

    @Override
    public String toString() {
        return "Docker at " + address;
    }
}
