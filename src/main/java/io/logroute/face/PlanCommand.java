package io.logroute.face;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "plan",
        description = {
            "Shows what a running controller would do if these specs were applied: steps in the swarm, and what changes"
                    + " in each pipeline. Nothing is done.",
            "",
            "They stand in place of the config that is stored under the same name, as with logroute apply: what is no"
                    + " longer in them is no longer declared."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing would be done",
            "1:something would be done",
            "2:it cannot be planned: problems in the specs, wrong usage, or nothing answers"
        })
final class PlanCommand extends AskingVerb {
    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Spec files, or folders with some; - is the standard input.")
    private List<Path> files = List.of();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What they would be stored under (default: the name of the file or folder, when it is one).")
    private Optional<String> name = Optional.empty();

    private final InputStream in;
    private final boolean colour;

    /// @param in the standard input
    PlanCommand(InputStream in, boolean colour) {
        this.in = in;
        this.colour = colour;
    }

    @Override
    int ask(Asking asking) throws IOException {
        var called = Bundle.called(line(), name, files);
        Bundle bundle;
        try {
            bundle = Bundle.of(files, in);
        } catch (IOException e) {
            return cannot(String.valueOf(e.getMessage()));
        }
        var planned = Answer.of(asking.order(Asking.path("/api/v1/plan", Map.of("name", called)), bundle.text()));
        var problems =
                planned.problems().stream().map(each -> bundle.at(called, each)).toList();
        boolean nothing =
                planned.lines("steps").isEmpty() && planned.lines("changes").isEmpty();
        if (json()) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            planned.tree().forEach((key, value) -> tree.put(String.valueOf(key), value));
            tree.put("problems", problems.stream().map(ProblemView::tree).toList());
            out().println(written(tree));
        } else {
            print(planned, problems, planned.problems("besides"));
        }
        if (!problems.isEmpty()) {
            return Commands.CANNOT;
        }
        return nothing ? Commands.GOOD : Commands.FOUND;
    }

    private void print(Answer planned, List<ProblemView> problems, List<ProblemView> besides) {
        var ink = new Ink(colour);
        if (!besides.isEmpty()) {
            out().println(ink.bold("BESIDES") + ": this is wrong, and keeps nothing of it from being stored.");
            out().println();
            Findings.print(besides, ink, out());
        }
        Findings.print(problems, ink, out());
        var changes = planned.lines("changes");
        if (!changes.isEmpty()) {
            out().println(ink.bold("CHANGES"));
            Differences.print(changes, ink, out());
            out().println();
        }
        var steps = planned.lines("steps");
        if (!steps.isEmpty()) {
            out().println(ink.bold("STEPS"));
            for (int i = 0; i < steps.size(); i++) {
                out().println("%3d  %s".formatted(i + 1, steps.get(i).strip()));
            }
            out().println();
        }
        if (!problems.isEmpty()) {
            out().println(ink.red(
                    "With %s nothing of it would be stored.".formatted(Sizes.count(problems.size(), "problem"))));
            return;
        }
        out().println(
                        steps.isEmpty() && changes.isEmpty()
                                ? ink.green("Nothing would be done: it is declared so already.")
                                : "Nothing was done. Do it with: logroute apply -f FILE...");
    }
}
