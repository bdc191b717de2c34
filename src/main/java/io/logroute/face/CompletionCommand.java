package io.logroute.face;

import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands and options in bash and zsh.",
            "Use it with: source <(logroute completion)"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "2:wrong usage"})
final class CompletionCommand implements Runnable {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Supplier<CommandLine> commands;

    CompletionCommand(Supplier<CommandLine> commands) {
        this.commands = commands;
    }

    @Override
    public void run() {
        spec.commandLine().getOut().print(AutoComplete.bash("logroute", commands.get()));
    }
}
