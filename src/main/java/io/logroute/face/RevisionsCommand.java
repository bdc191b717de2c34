package io.logroute.face;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The revisions of pipelines that lie in the swarm.
@Command(
        name = "revisions",
        description = "The pipelines that routers run and ran: each is kept in the swarm, named by its content.",
        synopsisSubcommandLabel = "COMMAND")
final class RevisionsCommand implements Runnable {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static CommandLine line(boolean colour) {
        var ink = new Ink(colour);
        return new CommandLine(new RevisionsCommand())
                .addSubcommand(new Ls(ink))
                .addSubcommand(new Show())
                .addSubcommand(new Diff(ink))
                .addSubcommand(new Rollback(ink));
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// One that asks about revisions.
    private abstract static class OnRevisions extends AskingVerb {
        @Option(names = "--router", paramLabel = "NAME", description = "Only revisions of this router.")
        private String router = "";

        final String path(String more) {
            return path(more, Map.of());
        }

        final String path(String more, Map<String, String> questions) {
            var query = new LinkedHashMap<>(questions);
            query.put("router", router);
            return Asking.path("/api/v1/revisions" + more, query);
        }
    }

    @Command(
            name = "ls",
            description = "Tells of each router which revisions there are, the newest first.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:every router has what it should run",
                "1:a revision was refused, or a router is paused",
                "2:wrong usage, or nothing answers"
            })
    static final class Ls extends OnRevisions {
        private final Ink ink;

        Ls(Ink ink) {
            this.ink = ink;
        }

        @Override
        int ask(Asking asking) throws IOException {
            var answer = asking.get(path(""));
            var all = Answer.all(answer);
            boolean odd = all.stream().anyMatch(each -> each.has("refused") || each.is("paused"));
            if (json()) {
                out().println(written(answer));
                return odd ? Commands.FOUND : Commands.GOOD;
            }
            var table = new Table("ROUTER", "REVISION", "GENERATION", "SINCE", "STATE", "FROM");
            for (var each : all) {
                table.row(
                        each.text("router"),
                        each.text("revision"),
                        each.text("generation"),
                        time(each.text("since")),
                        state(each),
                        each.text("sources"));
            }
            if (table.isEmpty()) {
                out().println("There are no revisions yet.");
                return Commands.GOOD;
            }
            table.print(out());
            for (var each : all) {
                if (each.has("refused")) {
                    out().println(ink.red("revision %s of router %s was refused: %s"
                            .formatted(each.text("revision"), each.text("router"), each.text("refused"))));
                }
            }
            return odd ? Commands.FOUND : Commands.GOOD;
        }

        /// To the second.
        private static String time(String since) {
            return since.replaceFirst("\\.[0-9]+Z$", "Z");
        }

        private static String state(Answer revision) {
            var words = new ArrayList<String>();
            if (revision.is("target")) {
                words.add(revision.is("accepted") ? "runs" : "being rolled out");
            }
            if (revision.has("refused")) {
                words.add("refused");
            }
            if (revision.is("paused")) {
                words.add("paused");
            }
            if (words.isEmpty()) {
                words.add(revision.is("accepted") ? "ran" : "never ran everywhere");
            }
            return String.join(", ", words);
        }
    }

    @Command(
            name = "show",
            description = "Prints a revision: the router, its routes and its sinks, as YAML.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:printed", "2:wrong usage, there is none, or nothing answers"})
    static final class Show extends OnRevisions {
        @Parameters(paramLabel = "REVISION", description = "Its digits, or the first 4 or more.")
        private String revision = "";

        @Override
        int ask(Asking asking) throws IOException {
            var answer = asking.get(path("/" + Asking.encoded(revision)));
            if (json()) {
                out().println(written(answer));
                return Commands.GOOD;
            }
            Answer.of(answer).raw("text").lines().forEach(line -> out().println(Answer.clean(line)));
            return Commands.GOOD;
        }
    }

    @Command(
            name = "diff",
            description = "Tells what differs from one revision to another.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:they are the same",
                "1:they differ",
                "2:wrong usage, one of them is not there, or nothing answers"
            })
    static final class Diff extends OnRevisions {
        @Parameters(index = "0", paramLabel = "FROM", description = "A revision, or its first 4 digits or more.")
        private String from = "";

        @Parameters(index = "1", paramLabel = "TO", description = "Another one.")
        private String to = "";

        private final Ink ink;

        Diff(Ink ink) {
            this.ink = ink;
        }

        @Override
        int ask(Asking asking) throws IOException {
            var answer = asking.get(path("/%s/diff/%s".formatted(Asking.encoded(from), Asking.encoded(to))));
            var lines = Answer.of(answer).lines("lines");
            if (json()) {
                out().println(written(answer));
            } else if (lines.isEmpty()) {
                out().println("They are the same.");
            } else {
                Differences.print(lines, ink, out());
            }
            return lines.isEmpty() ? Commands.GOOD : Commands.FOUND;
        }
    }

    @Command(
            name = "rollback",
            description = {
                "Lets a router run an older revision in place of the declared one, until what is declared changes.",
                "The router takes it in the next passes of the controller; logroute status tells."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:it is chosen",
                "1:it cannot be; the message says why",
                "2:wrong usage, there is none, or nothing answers"
            })
    static final class Rollback extends OnRevisions {
        @Parameters(paramLabel = "REVISION", description = "Its digits, or the first 4 or more.")
        private String revision = "";

        private final Ink ink;

        Rollback(Ink ink) {
            this.ink = ink;
        }

        @Override
        int ask(Asking asking) throws IOException {
            var path = path("/%s/rollback".formatted(Asking.encoded(revision)), Map.of("who", who()));
            return Orders.tell(this, Answer.of(asking.order(path, "")), ink, "It is so already.");
        }
    }
}
