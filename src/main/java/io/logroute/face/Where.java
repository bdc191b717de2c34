package io.logroute.face;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// Which running LogRoute is asked, and with which token: the same for every command that asks one.
final class Where {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:LOGROUTE_URL:-" + Asking.USUAL + "}",
            description = "Where its REST listens (default: what LOGROUTE_URL says, else " + Asking.USUAL + ").")
    private String url = "";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:LOGROUTE_TOKEN_FILE}",
            description = "File with the token of a viewer or operator (default: what LOGROUTE_TOKEN_FILE says).")
    private Optional<String> tokenFile = Optional.empty();

    /// @throws CommandLine.ParameterException when what was given cannot be used
    Asking asking(CommandLine command) {
        return Asking.at(url.isBlank() ? Asking.USUAL : url, tokenFile, command);
    }
}
