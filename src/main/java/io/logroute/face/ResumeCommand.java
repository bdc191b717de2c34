package io.logroute.face;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description = "Lets a paused router take new revisions again.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is not paused",
            "1:it cannot be resumed; the message says why",
            "2:wrong usage, there is no such router, or nothing answers"
        })
final class ResumeCommand extends AskingVerb {
    @Parameters(paramLabel = "ROUTER", description = "Its name.")
    private String router = "";

    private final Ink ink;

    ResumeCommand(boolean colour) {
        this.ink = new Ink(colour);
    }

    @Override
    int ask(Asking asking) throws IOException {
        var path = Asking.path("/api/v1/routers/%s/resume".formatted(Asking.encoded(router)), Map.of("who", who()));
        return Orders.tell(this, Answer.of(asking.order(path, "")), ink, "Router %s was not paused.".formatted(router));
    }
}
