package io.logroute.face;

import io.logroute.remote.DockerSwarm;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "controller",
        description = {
            "Keeps a Docker Swarm equal to what is declared in configs with the label logroute.spec=true and in labels of"
                    + " services: runs its routers, hands them their pipelines, and serves REST and metrics. Belongs on a"
                    + " manager.",
            "",
            "Whoever shows a viewer's token may look, an operator's may do all. Without any token REST listens on this"
                    + " machine only."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it stopped of itself, cleanly",
            "2:wrong usage, or something cannot start; the message says what and how to mend it",
            "130:stopped by Ctrl-C, cleanly",
            "143:stopped by SIGTERM, cleanly"
        })
final class ControllerCommand implements java.util.concurrent.Callable<Integer> {
    static final String DOCKER = "unix:///var/run/docker.sock";

    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Option(
            names = "--prefix",
            paramLabel = "NAME",
            defaultValue = "logroute",
            description = "What the names of services and configs begin with (default: ${DEFAULT-VALUE}).")
    private String prefix = "";

    @Option(
            names = "--network",
            paramLabel = "NAME",
            defaultValue = "logroute",
            description = "Overlay network that it shares with its routers (default: ${DEFAULT-VALUE}).")
    private String network = "";

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            defaultValue = "${env:LOGROUTE_IMAGE}",
            description = "Image of routers whose spec names none (default: what LOGROUTE_IMAGE says).")
    private Optional<String> image = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "/data",
            description = "Folder for the key that routers know it by (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("/data");

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address that REST and metrics listen on (default: all of them when there is a token, else"
                    + " 127.0.0.1, this machine only).")
    private Optional<String> host = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port that REST and metrics listen on; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--docker",
            paramLabel = "URL",
            defaultValue = "${env:DOCKER_HOST}",
            description = "Where Docker listens (default: what DOCKER_HOST says, else " + DOCKER + ").")
    private Optional<String> docker = Optional.empty();

    @Option(
            names = "--docker-certs",
            paramLabel = "FOLDER",
            defaultValue = "${env:DOCKER_CERT_PATH}",
            description = "Folder with ca.pem, cert.pem and key.pem for TLS with tcp:// (default: what DOCKER_CERT_PATH"
                    + " says).")
    private Optional<String> dockerCerts = Optional.empty();

    @Option(
            names = "--node-socket",
            paramLabel = "PATH",
            defaultValue = DockerSwarm.USUAL_NODE_SOCKET,
            description = "Where Docker's socket lies on the nodes; a job mounts it there to remove the volume of an"
                    + " instance that is gone (default: ${DEFAULT-VALUE}).")
    private String nodeSocket = "";

    @Option(
            names = "--specs",
            paramLabel = "PATH",
            arity = "1..*",
            description = "Spec files, or folders with some, besides configs and labels; followed as they change.")
    private List<Path> specs = List.of();

    @Option(
            names = "--operator-token-file",
            paramLabel = "FILE",
            description =
                    "File with the token of those who may do all (default: /run/secrets/logroute_operator, if it is"
                            + " there).")
    private Optional<Path> operatorToken = Optional.empty();

    @Option(
            names = "--viewer-token-file",
            paramLabel = "FILE",
            description = "File with the token of those who may look (default: /run/secrets/logroute_viewer, if it is"
                    + " there).")
    private Optional<Path> viewerToken = Optional.empty();

    @Option(
            names = "--link-key-file",
            paramLabel = "FILE",
            description = "File with the 32 bytes that routers know it by, as 64 hex digits (default:"
                    + " /run/secrets/logroute_link_key, if it is there; else it makes some, and keeps them in --data).")
    private Optional<Path> linkKey = Optional.empty();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final ControllerRunner runner;
    private final Path secrets;

    ControllerCommand(ControllerRunner runner) {
        this(runner, Path.of("/run/secrets"));
    }

    /// @param secrets where Docker puts secrets
    ControllerCommand(ControllerRunner runner, Path secrets) {
        this.runner = runner;
        this.secrets = secrets;
    }

    @Override
    public Integer call() {
        var command = spec.commandLine();
        var options = options();
        if (options.access().isOpen()) {
            command.getErr()
                    .println(
                            ("There is no token: REST listens on %s only, for this machine. To reach it from elsewhere, make"
                                            + " a secret logroute_operator, or name a file with --operator-token-file.")
                                    .formatted(options.host()));
            command.getErr().flush();
        }
        Face.takeLog();
        return runner.run(options, command.getOut(), command.getErr());
    }

    private ControllerOptions options() {
        try {
            var access = Access.of(
                    operatorToken.or(() -> secret("logroute_operator")),
                    viewerToken.or(() -> secret("logroute_viewer")));
            return new ControllerOptions(
                    prefix,
                    network,
                    image.orElse(""),
                    data,
                    host.orElse(access.isOpen() ? ControllerOptions.THIS_MACHINE : ControllerOptions.ALL),
                    port,
                    docker(),
                    dockerCerts.filter(folder -> !folder.isBlank()).map(Path::of),
                    nodeSocket,
                    specs,
                    access,
                    linkKey.or(() -> secret("logroute_link_key")));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Optional<Path> secret(String name) {
        return Optional.of(secrets.resolve(name)).filter(Files::exists);
    }

    private URI docker() {
        var text = docker.filter(each -> !each.isBlank()).orElse(DOCKER);
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--docker is \"%s\"; write %s, or tcp://host:port".formatted(text, DOCKER), e);
        }
    }
}
