package io.logroute.face;

import io.logroute.spec.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "apply",
        description = {
            "Stores specs in the swarm, as a config with the label logroute.spec=true, through a running controller; and"
                    + " waits until every router in them runs as declared and every route is programmed, or says why"
                    + " they do not.",
            "",
            "All files go into one config, in place of the one that was stored under the same name before: what is no"
                    + " longer in them is no longer declared. With a problem in them, or one that they would cause"
                    + " elsewhere, nothing is stored."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stored, and all of it runs",
            "1:stored, and a router or route does not run as declared; the message says why",
            "2:nothing was stored: problems in the specs, wrong usage, or nothing answers",
            "130:stopped by Ctrl-C; what was stored stays"
        })
final class ApplyCommand extends AskingVerb {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            arity = "1..*",
            required = true,
            description = "Spec files, or folders with some; - is the standard input.")
    private List<Path> files = List.of();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What they are stored under (default: the name of the file or folder, when it is one).")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "120s",
            description = "Wait so long at most; 0s stores and does not wait (default: ${DEFAULT-VALUE}).")
    private String timeout = "";

    private final InputStream in;
    private final boolean colour;

    /// @param in the standard input
    ApplyCommand(InputStream in, boolean colour) {
        this.in = in;
        this.colour = colour;
    }

    @Override
    int ask(Asking asking) throws IOException {
        var patience = patience();
        var called = Bundle.called(line(), name, files);
        Bundle bundle;
        try {
            bundle = Bundle.of(files, in);
        } catch (IOException e) {
            return cannot(String.valueOf(e.getMessage()));
        }
        var stored = Answer.of(asking.order("/api/v1/specs/" + Asking.encoded(called), bundle.text()));
        var ink = new Ink(colour);
        if (!stored.is("good")) {
            var problems = stored.problems().stream()
                    .map(each -> bundle.at(called, each))
                    .toList();
            tell(called, List.of(), Settling.Outcome.NOTHING, problems);
            if (!json()) {
                Findings.print(problems, ink, out());
                out().println(ink.red(
                        "Nothing was stored: mend %s first.".formatted(problems.size() == 1 ? "this" : "these")));
            }
            return Commands.CANNOT;
        }
        var done = stored.lines("done");
        if (!json()) {
            done.forEach(out()::println);
            out().flush();
        }
        var settling = new Settling(asking, called, bundle.text());
        var wanted = settling.toWaitFor();
        var outcome = patience.isZero() ? Settling.Outcome.NOTHING : settling.await(patience, err());
        tell(called, done, outcome, List.of());
        if (!json()) {
            print(wanted, patience, outcome, ink);
        }
        return outcome.isGood() ? Commands.GOOD : Commands.FOUND;
    }

    private Duration patience() {
        try {
            return Durations.parse(timeout);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line(), "--timeout is \"%s\"; write 30s or 2m".formatted(timeout), e);
        }
    }

    private void tell(String called, List<String> done, Settling.Outcome outcome, List<ProblemView> problems) {
        if (!json()) {
            return;
        }
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", called);
        tree.put("good", problems.isEmpty() && outcome.isGood());
        tree.put("done", done);
        tree.put("running", outcome.running());
        tree.put("programmed", outcome.programmed());
        tree.put("notRunning", outcome.notRunning());
        tree.put("notProgrammed", outcome.notProgrammed());
        tree.put("unrouted", outcome.unrouted());
        tree.put("problems", problems.stream().map(ProblemView::tree).toList());
        out().println(written(tree));
    }

    private void print(String wanted, Duration patience, Settling.Outcome outcome, Ink ink) {
        if (wanted.isEmpty()) {
            out().println("There is no router and no route in them to wait for; logroute status tells how they do.");
            return;
        }
        if (patience.isZero()) {
            out().println("Not waited for %s; logroute status tells how they do.".formatted(wanted));
            return;
        }
        outcome.running().forEach(router -> out().println(ink.green("Router %s runs as declared.".formatted(router))));
        if (outcome.programmed().size() == 1) {
            out().println(ink.green(
                    "Route %s is programmed.".formatted(outcome.programmed().getFirst())));
        } else if (!outcome.programmed().isEmpty()) {
            out().println(ink.green(
                    "%d routes are programmed.".formatted(outcome.programmed().size())));
        }
        outcome.unrouted()
                .forEach(router -> out().println(
                                "Router %s is not needed yet: no route names it. It starts with the first that does."
                                        .formatted(router)));
        if (outcome.isGood()) {
            if (!outcome.running().isEmpty()) {
                out().println("logroute status tells how they do, with what still drains.");
            }
            return;
        }
        out().println(ink.red("Stored, and not all of it runs:"));
        outcome.notRunning()
                .forEach((router, words) ->
                        out().println("%s: %s".formatted(ink.bold("router " + router), Ink.plain(words))));
        outcome.notProgrammed()
                .forEach((route, words) ->
                        out().println("%s: %s".formatted(ink.bold("route " + route), Ink.plain(words))));
    }
}
