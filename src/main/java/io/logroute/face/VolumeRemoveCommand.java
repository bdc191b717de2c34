package io.logroute.face;

import io.logroute.remote.DockerHost;
import io.logroute.remote.NodeVolumes;
import io.logroute.remote.NodeVolumes.Removal;
import io.logroute.remote.SwarmUnreachable;
import io.logroute.spec.Durations;
import java.time.Duration;
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
    private static final Duration EVERY = Duration.ofMillis(500);

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

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "0s",
            description = "Wait so long, at most, for a container that uses it to be gone (default: ${DEFAULT-VALUE}).")
    private String wait = "";

    @Parameters(paramLabel = "VOLUME", description = "Its name: logroute_core-2.")
    private String volume = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (var volumes = new NodeVolumes(DockerHost.of(docker, Optional.empty()), prefix)) {
            return switch (removal(volumes, Durations.parse(wait))) {
                case Removal.Removed _ -> told("volume %s is removed", Commands.GOOD);
                case Removal.Gone _ -> told("volume %s is not there any more", Commands.GOOD);
                case Removal.InUse(var why) -> stays(why, Commands.FOUND);
                case Removal.Stays(var why) -> stays(why, Commands.FOUND);
            };
        } catch (SwarmUnreachable | IllegalArgumentException e) {
            return stays(String.valueOf(e.getMessage()), Commands.CANNOT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return stays("it was not waited for", Commands.CANNOT);
        }
    }

    private Removal removal(NodeVolumes volumes, Duration patience) throws SwarmUnreachable, InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            var removal = volumes.remove(volume);
            if (!(removal instanceof Removal.InUse) || System.nanoTime() - begun >= patience.toNanos()) {
                return removal;
            }
            Thread.sleep(EVERY);
        }
    }

    private int stays(String why, int code) {
        spec.commandLine().getErr().println("volume %s stays: %s".formatted(volume, why));
        return code;
    }

    private int told(String words, int code) {
        spec.commandLine().getOut().println(words.formatted(volume));
        return code;
    }
}
