package io.logroute.face;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "pause",
        description = {
            "Lets a router take no new revision, whatever is declared; it goes on with what it runs.",
            "logroute resume ends it."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is paused",
            "1:it cannot be; the message says why",
            "2:wrong usage, there is no such router, or nothing answers"
        })
final class PauseCommand extends AskingVerb {
    @Parameters(paramLabel = "ROUTER", description = "Its name.")
    private String router = "";

    private final Ink ink;

    PauseCommand(boolean colour) {
        this.ink = new Ink(colour);
    }

    @Override
    int ask(Asking asking) throws IOException {
        var path = Asking.path("/api/v1/routers/%s/pause".formatted(Asking.encoded(router)), Map.of("who", who()));
        return Orders.tell(
                this, Answer.of(asking.order(path, "")), ink, "Router %s is paused already.".formatted(router));
    }
}
