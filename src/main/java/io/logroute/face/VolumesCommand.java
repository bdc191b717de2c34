package io.logroute.face;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// With `ls` or without.
@Command(
        name = "volumes",
        description = {
            "Tells where undelivered events lie: the volume or stream of each instance, with its node and what it holds;"
                    + " of instances that are gone or not reached, too, with what was last heard."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all that is not delivered is where it can be",
            "1:events lie where they are not reached, or are lost; the note says where",
            "2:wrong usage, there is no such router, or nothing answers"
        })
final class VolumesCommand extends AskingVerb {
    @Option(names = "--router", paramLabel = "NAME", description = "Only those of this router.")
    private String router = "";

    private final Ink ink;

    private VolumesCommand(Ink ink) {
        this.ink = ink;
    }

    static CommandLine line(boolean colour) {
        var ink = new Ink(colour);
        var line = new CommandLine(new VolumesCommand(ink));
        return line.addSubcommand("ls", new CommandLine(new VolumesCommand(ink)).setCommandName("ls"));
    }

    @Override
    int ask(Asking asking) throws IOException {
        var all = Answer.all(asking.get("/api/v1/volumes"));
        var mine = all.stream()
                .filter(each -> router.isEmpty() || router.equals(each.raw("router")))
                .toList();
        if (mine.isEmpty() && !router.isEmpty()) {
            needRouter(asking, all);
        }
        boolean good = mine.stream().allMatch(each -> each.is("good"));
        if (json()) {
            out().println(written(mine.stream().<Map<?, ?>>map(Answer::tree).toList()));
            return good ? Commands.GOOD : Commands.FOUND;
        }
        if (mine.isEmpty()) {
            out().println("There are no volumes.");
            return Commands.GOOD;
        }
        table(mine).print(out());
        mine.stream()
                .filter(each -> !each.is("good"))
                .forEach(each -> out().println(ink.red("%s: %s".formatted(each.text("name"), each.text("note")))));
        return good ? Commands.GOOD : Commands.FOUND;
    }

    private void needRouter(Asking asking, List<Answer> volumes) throws IOException {
        var names = new TreeSet<String>();
        volumes.forEach(each -> names.add(each.raw("router")));
        Answer.all(asking.get("/api/v1/routers")).forEach(each -> names.add(each.raw("name")));
        if (!names.contains(router)) {
            throw new Asking.Refused(Orders.none("router", router, names));
        }
    }

    static Table table(List<Answer> volumes) {
        var table = new Table("NAME", "NODE", "STAGE", "EVENTS", "BYTES", "OLDEST", "LETTERS", "AS OF", "NOTE");
        for (var each : volumes) {
            table.row(
                    each.text("name"),
                    each.text("node"),
                    each.text("stage"),
                    each.has("asOf") ? each.text("events") : "-",
                    each.has("asOf") ? number(each, "bytes").map(Sizes::text).orElse("-") : "-",
                    number(each, "oldestSeconds").map(Ages::text).orElse("-"),
                    each.has("asOf") ? each.text("letters") : "-",
                    each.is("now") ? "now" : each.text("asOf").replaceFirst("\\.[0-9]+Z$", "Z"),
                    each.text("note"));
        }
        return table;
    }

    static Optional<Long> number(Answer of, String key) {
        return of.tree().get(key) instanceof Number number ? Optional.of(number.longValue()) : Optional.empty();
    }
}
