package io.logroute.face;

import io.logroute.spec.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
        name = "drain",
        description = {
            "Has instances take nothing in any more and deliver what they have: an instance, all of a router, or all on a"
                    + " node. It waits until nothing is left, and shows how far that is, or why it does not go on.",
            "",
            "They stay drained, and count among those that are declared, until logroute uncordon. Clients move to other"
                    + " instances; when a router has none left, they wait."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of them are drained; with --no-wait: they drain",
            "1:they cannot be, or were not in time; the message says why. What was begun goes on",
            "2:wrong usage, there is no such router, or nothing answers",
            "130:stopped by Ctrl-C; what was begun goes on"
        })
final class DrainCommand extends AskingVerb {
    @Parameters(
            paramLabel = "ROUTER[/N]",
            arity = "0..1",
            description = "An instance, such as core/2, or all of a router.")
    private Optional<String> named = Optional.empty();

    @Option(names = "--node", paramLabel = "NODE", description = "All instances on this node, by its name or id.")
    private Optional<String> node = Optional.empty();

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Wait until nothing is left (default: ${DEFAULT-VALUE}); with --no-wait only begin.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "Wait so long at most; 0s does not wait (default: ${DEFAULT-VALUE}).")
    private String timeout = "";

    private final Ink ink;

    DrainCommand(boolean colour) {
        this.ink = new Ink(colour);
    }

    @Override
    int ask(Asking asking) throws IOException {
        var aim = Aim.of(line(), named, node);
        var patience = patience();
        var path = Asking.path(aim.path() + "/drain", Map.of("who", who()));
        var begun = Answer.of(asking.order(path, ""));
        var instances = begun.lines("instances");
        if (!begun.is("good") || instances.isEmpty() || !wait || patience.isZero()) {
            return Orders.tell(
                    this,
                    begun,
                    ink,
                    instances.isEmpty()
                            ? "No instance is on %s.".formatted(aim.words())
                            : "%s: asked for already; logroute volumes tells how much is left."
                                    .formatted(String.join(", ", instances)));
        }
        if (!json()) {
            begun.lines("done").forEach(out()::println);
            out().flush();
        }
        var outcome = new Emptying(asking, instances).await(patience, err());
        tell(begun, outcome);
        return outcome.isGood() ? Commands.GOOD : Commands.FOUND;
    }

    private String drained(String instance, @Nullable Long letters) {
        return letters == null
                ? ink.green(instance + " is drained: nothing of it is left.")
                : "%s Dead letters: %d. Replay or purge them before its node goes: logroute dlq ls --router %s."
                        .formatted(
                                ink.green(instance + " is drained: it has delivered everything."),
                                letters,
                                instance.replace('/', '-'));
    }

    private Duration patience() {
        try {
            return Durations.parse(timeout);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line(), "--timeout is \"%s\"; write 30s or 10m".formatted(timeout), e);
        }
    }

    private void tell(Answer begun, Emptying.Outcome outcome) {
        if (json()) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("good", outcome.isGood());
            tree.put("done", begun.lines("done"));
            tree.put("drained", outcome.drained());
            tree.put("notDrained", outcome.notDrained());
            tree.put("problems", List.of());
            out().println(written(tree));
            return;
        }
        outcome.drained()
                .forEach(each -> out().println(drained(each, outcome.letters().get(each))));
        outcome.notDrained()
                .forEach((each, words) -> out().println(
                                "%s: %s".formatted(ink.bold(each + " is not drained"), ink.red(Ink.plain(words)))));
        if (outcome.goesOn()) {
            out().println("It goes on; logroute volumes tells how far it is.");
        }
    }
}
