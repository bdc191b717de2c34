package io.logroute.face;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "forget",
        description = {
            "Gives up what an instance held whose node will not come back, or has told no longer what one lost; or a relay that"
                    + " is declared no longer, or whose node will not come back.",
            "It tells what is given up, and asks. Where it cannot ask, it does nothing without --yes. The volume stays where"
                    + " it is, on its node."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:forgotten",
            "1:not forgotten: nobody said yes, or it is still there; the message says why",
            "2:wrong usage, there is no such instance, or nothing answers"
        })
final class ForgetCommand extends AskingVerb {
    private static final Set<String> YES = Set.of("y", "yes");
    /// No instance has a number that begins so, and no relay a name that does not.
    private static final Pattern RELAY = Pattern.compile("relay/([a-z][^/\\s]*)");
    private static final String NOTHING = "There was nothing to forget.";

    @Parameters(
            paramLabel = "ROUTER/N|relay/NAME",
            description = "The instance, such as core/2; or the relay, such as relay/up.")
    private String named = "";

    @Option(names = "--yes", description = "Do it, without asking.")
    private boolean yes;

    private final InputStream in;
    private final boolean terminal;
    private final Ink ink;

    /// @param in where somebody answers
    /// @param terminal whether somebody can
    ForgetCommand(InputStream in, boolean terminal, boolean colour) {
        this.in = in;
        this.terminal = terminal;
        this.ink = new Ink(colour);
    }

    @Override
    int ask(Asking asking) throws IOException {
        var relay = RELAY.matcher(named);
        if (relay.matches()) {
            return relay(asking, relay.group(1));
        }
        var aim = Aim.one(line(), named);
        var all = Answer.all(asking.get("/api/v1/volumes"));
        var found = all.stream()
                .filter(each -> each.raw("name").equals(aim.words()))
                .findFirst();
        if (found.isEmpty()) {
            return cannot(Orders.none(
                    "volume",
                    aim.words(),
                    all.stream().map(each -> each.raw("name")).toList()));
        }
        var volume = found.get();
        var path = "/api/v1/volumes/%s/%d".formatted(Asking.encoded(aim.router()), aim.number());
        var kept = kept(asking, path);
        if (kept.isPresent()) {
            return Orders.tell(this, kept.get(), ink, NOTHING);
        }
        return isWanted(givesUp(volume), "volume", volume) ? forget(asking, path) : Commands.FOUND;
    }

    private int relay(Asking asking, String name) throws IOException {
        var all = Answer.all(asking.get("/api/v1/relays"));
        var found = all.stream().filter(each -> each.raw("name").equals(name)).findFirst();
        if (found.isEmpty()) {
            return cannot(Orders.none(
                    "relay", name, all.stream().map(each -> each.raw("name")).toList()));
        }
        var path = "/api/v1/relays/" + Asking.encoded(name);
        var kept = kept(asking, path);
        if (kept.isPresent()) {
            return Orders.tell(this, kept.get(), ink, NOTHING);
        }
        var relay = found.get();
        var where = relay.has("node") ? " on node " + relay.text("node") : "";
        var words =
                "The Redis of relay %s goes. What nobody took yet stays on its volume %s%s, and is handed on to nobody.%s"
                        .formatted(
                                name,
                                relay.text("volume"),
                                where,
                                relay.is("declared") ? " An empty one is started elsewhere." : "");
        return isWanted(words, "relay", relay) ? forget(asking, path) : Commands.FOUND;
    }

    /// Whether somebody says so who knows what is given up.
    private boolean isWanted(String givesUp, String kind, Answer of) throws IOException {
        if (!json()) {
            out().println(givesUp);
            out().flush();
        }
        if (yes || !json() && terminal && saysYes()) {
            return true;
        }
        if (json()) {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("good", false);
            tree.put("forgotten", false);
            tree.put(kind, of.tree());
            out().println(written(tree));
        } else {
            out().println("Nothing was forgotten." + (terminal ? "" : " Do it with --yes."));
        }
        return false;
    }

    private int forget(Asking asking, String path) throws IOException {
        var query = new LinkedHashMap<String, String>();
        query.put("yes", "true");
        query.put("who", who());
        return Orders.tell(this, Answer.of(asking.order("DELETE", Asking.path(path, query), "")), ink, NOTHING);
    }

    /// Why it would not be forgotten, whatever people say: then they need not be asked.
    private static Optional<Answer> kept(Asking asking, String path) throws IOException {
        try {
            return Optional.of(Answer.of(asking.order("DELETE", path, "")));
        } catch (Asking.Refused e) {
            return Optional.empty(); // a yes is missing, or a token: that is told where it counts
        }
    }

    private boolean saysYes() throws IOException {
        out().print("Forget it? [y/N] ");
        out().flush();
        var answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        return answer != null && YES.contains(answer.strip().toLowerCase(Locale.ROOT));
    }

    private static String givesUp(Answer volume) {
        var where = volume.has("node") ? " on node " + volume.text("node") : "";
        if (volume.has("lost")) {
            return "%s%s lost what it held: %s. That is told no longer."
                    .formatted(volume.text("name"), where, volume.text("lost").replaceFirst("[.]+$", ""));
        }
        if (!volume.has("asOf")) {
            return "%s%s was never heard of: whatever it holds is given up.".formatted(volume.text("name"), where);
        }
        long events = VolumesCommand.number(volume, "events").orElse(0L);
        var details = "%s%s"
                .formatted(
                        VolumesCommand.number(volume, "bytes").map(Sizes::text).orElse("0B"),
                        volume.has("oldest") ? ", the oldest of " + volume.text("oldest") : "");
        return "%s%s holds %s and %s%s. That is given up."
                .formatted(
                        volume.text("name"),
                        where,
                        events == 0
                                ? "no event that is not delivered"
                                : String.format(
                                        Locale.ROOT,
                                        events == 1
                                                ? "%,d event that is not delivered (%s)"
                                                : "%,d events that are not delivered (%s)",
                                        events,
                                        details),
                        Sizes.count(VolumesCommand.number(volume, "letters").orElse(0L), "dead letter"),
                        volume.is("now") ? "" : ", as of " + volume.text("asOf"));
    }
}
