package io.logroute.face;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "router",
        description = {
            "Runs one router instance of a fleet on a swarm, from the pipeline that the controller mounted; the"
                    + " controller makes the services that start it.",
            "It serves health, metrics, and what the controller asks of it. Ctrl-C or SIGTERM stops it; what is in"
                    + " the buffer is delivered after the next start."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it stopped of itself, cleanly",
            "2:wrong usage, or something cannot start; the message says what and how to mend it",
            "130:stopped by Ctrl-C, cleanly",
            "143:stopped by SIGTERM, cleanly"
        })
final class RouterCommand implements Callable<Integer> {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Option(
            names = "--pipeline",
            paramLabel = "FOLDER",
            defaultValue = "/etc/logroute/pipeline",
            description = "Folder that the pipeline is mounted in: its files, by name, are the parts of one text"
                    + " (default: ${DEFAULT-VALUE}).")
    private Path pipeline = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "/data",
            description = "Folder that buffer, dead letters and the accepted pipeline lie under (default:"
                    + " ${DEFAULT-VALUE}).")
    private Path data = Path.of("");

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "0.0.0.0",
            description = "Address that management listens on (default: ${DEFAULT-VALUE}, all).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9600",
            description = "Port that management listens on; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--router",
            paramLabel = "NAME",
            defaultValue = "${env:LOGROUTE_ROUTER}",
            description = "Name of the LogRouter (default: what LOGROUTE_ROUTER says).")
    private @Nullable String router;

    @Option(
            names = "--instance",
            paramLabel = "N",
            defaultValue = "${env:LOGROUTE_INSTANCE}",
            description = "Number of this instance (default: what LOGROUTE_INSTANCE says).")
    private @Nullable Integer instance;

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            defaultValue = "${env:LOGROUTE_REVISION}",
            description = "What the mounted pipeline is (default: what LOGROUTE_REVISION says).")
    private @Nullable String revision;

    @Option(
            names = "--generation",
            paramLabel = "N",
            defaultValue = "${env:LOGROUTE_GENERATION}",
            description = "Which change of the fleet brought it (default: what LOGROUTE_GENERATION says). A pipeline"
                    + " of a higher one, accepted while it ran, goes before the mounted one.")
    private @Nullable Long generation;

    @Option(
            names = "--link-key-file",
            paramLabel = "FILE",
            defaultValue = "/run/secrets/logroute-link",
            description = "Key that the controller is known by (default: ${DEFAULT-VALUE}). Where there is none, the"
                    + " controller is not obeyed.")
    private Path linkKey = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final RouterRunner runner;

    RouterCommand(RouterRunner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        var options = options();
        PlainLog.take();
        return runner.run(options, spec.commandLine().getErr());
    }

    private RouterOptions options() {
        try {
            return new RouterOptions(
                    pipeline,
                    data,
                    host,
                    port,
                    given(router, "--router", "LOGROUTE_ROUTER"),
                    given(instance, "--instance", "LOGROUTE_INSTANCE"),
                    given(revision, "--revision", "LOGROUTE_REVISION"),
                    given(generation, "--generation", "LOGROUTE_GENERATION"),
                    linkKey);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private static <T> T given(@Nullable T value, String option, String variable) {
        if (value == null) {
            throw new IllegalArgumentException("%s is not given; write it, or set %s".formatted(option, variable));
        }
        return value;
    }
}
