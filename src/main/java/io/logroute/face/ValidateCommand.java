package io.logroute.face;

import io.logroute.control.SpecFiles;
import io.logroute.flow.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "validate",
        description = "Checks specs with the very code that runs them, and tells every problem at once.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is good", "1:there are problems", "2:wrong usage"})
final class ValidateCommand implements Callable<Integer> {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "Spec files, or folders with some.")
    private List<Path> paths = List.of();

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing when all is good.")
    private boolean quiet;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OutputForm output = OutputForm.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Supplier<Set<String>> templates;
    private final boolean colour;

    ValidateCommand(Supplier<Set<String>> templates, boolean colour) {
        this.templates = templates;
        this.colour = colour;
    }

    @Override
    public Integer call() {
        var verdict = Verdict.of(new SpecFiles(paths).read(), templates.get());
        if (!(quiet && verdict.good())) {
            print(verdict, spec.commandLine().getOut());
        }
        return verdict.good() ? Commands.GOOD : Commands.FOUND;
    }

    private void print(Verdict verdict, PrintWriter out) {
        if (output == OutputForm.JSON) {
            out.println(Json.write(verdict.tree()));
            return;
        }
        var ink = new Ink(colour);
        for (var problem : verdict.problems()) {
            out.println(ink.bold(Ink.plain(problem.where())));
            out.println(ink.red(Ink.plainLines(problem.what(), "  ")));
            if (!problem.mend().isEmpty()) {
                out.println(Ink.plainLines(problem.mend(), "  "));
            }
            out.println();
        }
        out.println(verdict.good() ? ink.green(verdict.summary()) : ink.red(verdict.summary()));
    }
}
