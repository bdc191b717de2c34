package io.logroute.face;

import io.logroute.plan.swarm.Installation;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What `controller` was told.
///
/// @param prefix what the names of our services and configs begin with
/// @param network overlay network that the controller shares with its routers
/// @param image image of routers whose spec names none
/// @param data folder that the link key lies in, unless `linkKeyFile` names it
/// @param host address that REST listens on; only one of this machine while nobody has to show a token
/// @param port port that REST listens on; 0 takes a free one
/// @param docker where Docker listens: `unix:///var/run/docker.sock` or `tcp://host:2376`
/// @param dockerCerts folder with `ca.pem`, `cert.pem` and `key.pem`; empty for no TLS
/// @param nodeSocket where Docker's socket lies on the nodes
/// @param specs spec files and folders besides configs and labels
/// @param access who may ask over REST
/// @param linkKeyFile file with the 32 bytes that routers know the controller by; empty when it makes its own
public record ControllerOptions(
        String prefix,
        String network,
        String image,
        Path data,
        String host,
        int port,
        URI docker,
        Optional<Path> dockerCerts,
        String nodeSocket,
        List<Path> specs,
        Access access,
        Optional<Path> linkKeyFile) {
    static final String THIS_MACHINE = "127.0.0.1";
    static final String ALL = "0.0.0.0";

    private static final Pattern NETWORK = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern IMAGE = Pattern.compile("[a-zA-Z0-9][\\w./:@-]{0,254}");

    public ControllerOptions {
        specs = List.copyOf(specs);
        if (!NETWORK.matcher(network).matches()) {
            throw new IllegalArgumentException(
                    "--network is \"%s\", which no network is called; write the name of an overlay network"
                            .formatted(network));
        }
        if (image.isBlank()) {
            throw new IllegalArgumentException(
                    "--image is empty; name the image that routers run, such as logroute:1.0.0, or set LOGROUTE_IMAGE");
        }
        if (!IMAGE.matcher(image).matches()) {
            throw new IllegalArgumentException(
                    "--image is \"%s\", which no image is called; write one such as logroute:1.0.0".formatted(image));
        }
        try {
            new Installation(prefix, network, image, "link", Installation.USUAL_CONFIG_BYTES);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--" + e.getMessage(), e);
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException(
                    "--host is empty; write 127.0.0.1 for this machine only, 0.0.0.0 for all");
        }
        if (access.isOpen() && !Access.isLoopback(host)) {
            throw new IllegalArgumentException(
                    "--host is %s and there is no token: everybody who reaches it could change what runs; give one with --operator-token-file, or leave --host away to listen on %s only"
                            .formatted(host, THIS_MACHINE));
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "--port is %d; write a number from 1 to 65535, or 0 for a free one".formatted(port));
        }
        if (!nodeSocket.startsWith("/")) {
            throw new IllegalArgumentException(
                    "--node-socket is \"%s\"; write where Docker's socket lies on the nodes, such as /var/run/docker.sock"
                            .formatted(nodeSocket));
        }
        if (!isDocker(docker)) {
            throw new IllegalArgumentException(
                    "--docker is \"%s\"; write unix:///var/run/docker.sock, or tcp://host:port".formatted(docker));
        }
    }

    private static boolean isDocker(URI docker) {
        if (docker.getRawQuery() != null || docker.getRawFragment() != null || docker.getRawUserInfo() != null) {
            return false;
        }
        var path = docker.getPath() == null ? "" : docker.getPath();
        return switch (docker.getScheme()) {
            case "unix" -> docker.getRawAuthority() == null && path.length() > 1;
            case "tcp" -> docker.getHost() != null && docker.getPort() > 0 && (path.isEmpty() || path.equals("/"));
            case null, default -> false;
        };
    }
}
