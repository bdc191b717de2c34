package io.logroute.face;

import io.logroute.remote.DockerHost;
import io.logroute.remote.NodeVolumes;
import io.logroute.remote.NodeVolumes.Removal;
import io.logroute.remote.SwarmUnreachable;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What the controller has a node do, by a job there, when an instance is gone for good.
@Command(
        name = "volume-remove",
        hidden = true,
        description = {
            "Removes the volume of an instance that is no more from the node that this runs on. The controller runs it"
                    + " there, once the volume holds nothing; it removes no other volumes than LogRoute's."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is gone, or was already",
            "1:it stays: a container uses it, or it is not LogRoute's",
            "2:wrong usage, or Docker does not answer"
        })
final class VolumeRemoveCommand implements Callable<Integer> {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Option(
            names = "--prefix",
            paramLabel = "NAME",
            defaultValue = "logroute",
            description = "What the installation is called (default: ${DEFAULT-VALUE}).")
    private String prefix = "";

    @Option(
            names = "--docker",
            paramLabel = "URL",
            defaultValue = DockerHost.USUAL,
            description = "Where the node's Docker listens (default: ${DEFAULT-VALUE}).")
    private String docker = "";

    @Parameters(paramLabel = "VOLUME", description = "Its name: logroute_core-2.")
    private String volume = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var command = spec.commandLine();
        try (var volumes = new NodeVolumes(DockerHost.of(docker, Optional.empty()), prefix)) {
            return switch (volumes.remove(volume)) {
                case Removal.Removed _ -> told("volume %s is removed", Commands.GOOD);
                case Removal.Gone _ -> told("volume %s is not there any more", Commands.GOOD);
                case Removal.Stays(var why) -> {
                    command.getErr().println("volume %s stays: %s".formatted(volume, why));
                    yield Commands.FOUND;
                }
            };
        } catch (SwarmUnreachable | IllegalArgumentException e) {
            command.getErr().println("volume %s stays: %s".formatted(volume, e.getMessage()));
            return Commands.CANNOT;
        }
    }

    private int told(String words, int code) {
        spec.commandLine().getOut().println(words.formatted(volume));
        return code;
    }
}
