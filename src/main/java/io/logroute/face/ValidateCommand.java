package io.logroute.face;

import io.logroute.control.SpecFiles;
import io.logroute.router.Foresight;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "validate",
        description = {
            "Checks specs with the very code that runs them, runs the tests in them, and tells every problem at once.",
            "",
            "A problem keeps a route from running. A warning does not: a route that never takes an event or lets none out,"
                    + " two that write the same, a router that drops what no route takes, a key that is the same for"
                    + " every event, a field that the sink's template does not know, a secret or certificate that is"
                    + " not on this machine."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is good; there may be warnings",
            "1:there are problems, or warnings and --strict",
            "2:wrong usage"
        })
final class ValidateCommand extends Verb {
    @Parameters(
            paramLabel = "PATH",
            arity = "1..*",
            description = "Spec files, or folders with some; - for standard input.")
    private List<Path> paths = List.of();

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing when all is good and nothing is to be warned of.")
    private boolean quiet;

    @Option(names = "--strict", description = "Let warnings fail, too.")
    private boolean strict;

    private final Supplier<Foresight> foresight;
    private final InputStream in;
    private final boolean colour;

    /// @param in the standard input
    ValidateCommand(Supplier<Foresight> foresight, InputStream in, boolean colour) {
        this.foresight = foresight;
        this.in = in;
        this.colour = colour;
    }

    @Override
    public Integer call() {
        var files = paths.stream().filter(each -> !Bundle.isInput(each)).toList();
        var reading = SpecFiles.once(files).read();
        if (files.size() < paths.size()) {
            try {
                reading = reading.and(input());
            } catch (IOException e) {
                return cannot(String.valueOf(e.getMessage()));
            }
        }
        var verdict = Verdict.of(reading, foresight.get());
        boolean fails = !verdict.good() || strict && verdict.hasWarnings();
        if (!quiet || !verdict.problems().isEmpty()) {
            print(verdict, fails);
        }
        return fails ? Commands.FOUND : Commands.GOOD;
    }

    private Reading input() throws IOException {
        var reading = SpecReader.documents(Bundle.NAME_OF_INPUT, Bundle.text(in));
        if (reading.documents().isEmpty() && reading.broken().isEmpty()) {
            throw new IOException("there is no document in the standard input; send a YAML file");
        }
        return reading;
    }

    private void print(Verdict verdict, boolean fails) {
        if (json()) {
            out().println(written(verdict.tree()));
            return;
        }
        var ink = new Ink(colour);
        Findings.print(verdict.problems(), ink, out());
        out().println(
                        fails
                                ? ink.red(verdict.summary())
                                : verdict.hasWarnings() ? ink.yellow(verdict.summary()) : ink.green(verdict.summary()));
    }
}
