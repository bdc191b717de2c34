package io.logroute.face;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "uncordon",
        description = {
            "Has instances take events in again that logroute drain was said of.",
            "One that drains because fewer are declared is taken back by declaring more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:they take events in again",
            "1:they cannot; the message says why",
            "2:wrong usage, there is no such router, or nothing answers"
        })
final class UncordonCommand extends AskingVerb {
    @Parameters(paramLabel = "ROUTER[/N]", arity = "0..1", description = "An instance, or all of a router.")
    private Optional<String> named = Optional.empty();

    @Option(names = "--node", paramLabel = "NODE", description = "All instances on this node, by its name or id.")
    private Optional<String> node = Optional.empty();

    private final Ink ink;

    UncordonCommand(boolean colour) {
        this.ink = new Ink(colour);
    }

    @Override
    int ask(Asking asking) throws IOException {
        var aim = Aim.of(line(), named, node);
        var path = Asking.path(aim.path() + "/uncordon", Map.of("who", who()));
        return Orders.tell(
                this,
                Answer.of(asking.order(path, "")),
                ink,
                "Nobody asked anything of %s to drain.".formatted(aim.words()));
    }
}
