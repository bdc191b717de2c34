package io.logroute.face;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        description = {
            "Runs everything in this process: reads the specs, runs a router for each LogRouter, serves REST and"
                    + " metrics, and follows the files as they change.",
            "Ctrl-C or SIGTERM stops it; what is in the buffers is delivered after the next start."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it stopped of itself, cleanly",
            "2:wrong usage, or something cannot start; the message says what and how to mend it",
            "130:stopped by Ctrl-C, cleanly",
            "143:stopped by SIGTERM, cleanly"
        })
final class RunCommand implements java.util.concurrent.Callable<Integer> {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "Spec files, or folders with some.")
    private List<Path> paths = List.of();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address that REST and metrics listen on (default: ${DEFAULT-VALUE}, this machine only).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port that REST and metrics listen on; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "./data",
            description = "Folder that buffers and dead letters lie under (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Runner runner;

    RunCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        var command = spec.commandLine();
        Face.takeLog();
        return runner.run(options(), command.getOut(), command.getErr());
    }

    private RunOptions options() {
        try {
            return new RunOptions(paths, host, port, data);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }
}
