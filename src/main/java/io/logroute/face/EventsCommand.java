package io.logroute.face;

import io.logroute.flow.Json;
import io.logroute.spec.Durations;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// What happened at a running LogRoute, over REST.
@Command(
        name = "events",
        description =
                "Tells what happened at a running LogRoute: what was changed, and what became true or ceased to be.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it was told", "2:wrong usage, or nothing answers at the url"})
final class EventsCommand extends Verb {
    private static final int MOST = 1_000;

    @Mixin
    private Where where = new Where();

    @Option(
            names = "--object",
            paramLabel = "OBJECT",
            description =
                    "Only events of this one: route/shop, router/core, instance/core-0; route/ means every route.")
    private String object = "";

    @Option(
            names = "--since",
            paramLabel = "WHEN",
            description = "Only events since then: 2h, 3d, or an instant such as 2026-11-23T02:00:00Z.")
    private String since = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "The newest so many, 1000 at most (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on telling what happens, until Ctrl-C.")
    private boolean follow;

    /// An event, to know it again.
    private record Known(Object time, Object object, Object words) {
        static Known of(Map<?, ?> event) {
            return new Known(text(event, "time"), text(event, "object"), text(event, "words"));
        }
    }

    @Override
    public Integer call() {
        if (limit < 1 || limit > MOST) {
            throw new ParameterException(line(), "--limit is %d; write a number from 1 to %d".formatted(limit, MOST));
        }
        var from = since.isEmpty() ? "" : instant().toString();
        var asking = where.asking(line());
        try {
            var events = ask(asking, from, limit);
            if (!follow) {
                print(events);
                return Commands.GOOD;
            }
            events.forEach(this::printOne);
            follow(asking, from, events);
            return Commands.GOOD;
        } catch (IOException e) {
            return cannot(asking.unanswered(e));
        }
    }

    private List<Map<?, ?>> ask(Asking asking, String from, int most) throws IOException {
        var query = new LinkedHashMap<String, String>();
        query.put("object", object);
        query.put("since", from);
        query.put("limit", Integer.toString(most));
        if (!(asking.get(Asking.path("/api/v1/events", query)) instanceof List<?> list)) {
            throw new IOException("it answered something else than LogRoute does");
        }
        var events = new ArrayList<Map<?, ?>>();
        for (var each : list) {
            if (each instanceof Map<?, ?> event) {
                events.add(event);
            }
        }
        return events;
    }

    /// Asks each second for what came since the newest that is told; while nothing answers it says so once and
    /// goes on.
    private void follow(Asking asking, String first, List<Map<?, ?>> told) {
        Set<Known> known = new HashSet<>();
        told.forEach(each -> known.add(Known.of(each)));
        var from = told.isEmpty() ? first : text(told.getLast(), "last");
        boolean answered = true;
        while (true) {
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException e) {
                return;
            }
            try {
                var events = ask(asking, from, MOST);
                answered = true;
                events.stream().filter(each -> !known.contains(Known.of(each))).forEach(this::printOne);
                known.clear();
                events.forEach(each -> known.add(Known.of(each)));
                from = events.isEmpty() ? from : text(events.getLast(), "last");
            } catch (IOException e) {
                if (answered) {
                    cannot(asking.unanswered(e) + "; it is asked again each second");
                    answered = false;
                }
            }
        }
    }

    private void print(List<Map<?, ?>> events) {
        if (json()) {
            out().println(written(events));
            return;
        }
        if (events.isEmpty()) {
            out().println("Nothing happened.");
            return;
        }
        var table = new Table("TIME", "OBJECT", "WHAT");
        events.forEach(each -> table.row(time(each, "last"), text(each, "object"), words(each)));
        table.print(out());
    }

    private void printOne(Map<?, ?> event) {
        out().println(
                        json()
                                ? oneOfMany(Json.write(event))
                                : "%s  %-20s  %s".formatted(time(event, "last"), text(event, "object"), words(event)));
        out().flush();
    }

    private static String words(Map<?, ?> event) {
        return event.get("count") instanceof Number count && count.intValue() > 1
                ? "%s (%d times since %s)".formatted(text(event, "words"), count.intValue(), time(event, "time"))
                : text(event, "words");
    }

    /// To the second.
    private static String time(Map<?, ?> event, String key) {
        return text(event, key).replaceFirst("\\.\\d+Z$", "Z");
    }

    private static String text(Map<?, ?> of, String key) {
        return of.get(key) == null ? "-" : Ink.plain(String.valueOf(of.get(key)));
    }

    private Instant instant() {
        try {
            return Instant.parse(since);
        } catch (DateTimeParseException e) {
            try {
                return Instant.now().minus(Durations.parse(since));
            } catch (IllegalArgumentException neither) {
                throw new ParameterException(
                        line(),
                        "--since is \"%s\"; write 2h, 3d, or an instant such as 2026-11-23T02:00:00Z".formatted(since),
                        neither);
            }
        }
    }
}
