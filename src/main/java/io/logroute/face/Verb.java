package io.logroute.face;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// A verb that tells something: what it is called, where it answers, and in which form.
abstract class Verb implements Callable<Integer> {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OutputForm output = OutputForm.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// As people write it, without `logroute`: `buffer verify`.
    final String name() {
        return spec.qualifiedName(" ").replaceFirst("^logroute ", "");
    }

    final CommandLine line() {
        return spec.commandLine();
    }

    final PrintWriter out() {
        return line().getOut();
    }

    final PrintWriter err() {
        return line().getErr();
    }

    /// Whether it tells programs, not people.
    final boolean json() {
        return output != OutputForm.TEXT;
    }

    /// What it tells programs.
    final String written(@Nullable Object tree) {
        return output.written(tree);
    }

    /// One of those that follow each other, on a line of its own.
    final String oneOfMany(String json) {
        return output == OutputForm.YAML ? "--- " + json : json;
    }

    /// Tells on the error output why it could not do its work.
    final int cannot(String why) {
        err().println("%s: %s".formatted(name(), why));
        return Commands.CANNOT;
    }
}
