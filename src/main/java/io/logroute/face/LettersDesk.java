package io.logroute.face;

import io.logroute.face.DeadLettersResource.Purged;
import io.logroute.face.DeadLettersResource.Replayed;
import io.logroute.router.DeadLetterOffice;
import io.logroute.router.DeadLetters;
import io.logroute.router.LetterId;
import io.logroute.router.Replay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The dead letters of routers in this process, whichever server is asked.
final class LettersDesk implements Letters {
    private static final long ANSWER_BYTES = 8 << 20;

    private final DeadLetterOffice office;

    LettersDesk(DeadLetterOffice office) {
        this.office = office;
    }

    @Override
    public List<DeadLettersView> all() throws NoAnswer {
        try {
            var all = new ArrayList<DeadLettersView>();
            for (var letters : office.all()) {
                all.add(DeadLettersView.of(letters.summary()));
            }
            return List.copyOf(all);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public DeadLetterView.Page some(String router, String sink, Map<String, String> query) throws NoAnswer {
        var letters = letters(router, sink);
        var given = new LinkedHashMap<>(query);
        boolean events = !"false".equals(given.remove("events"));
        try {
            var asked = LettersAsked.of(given);
            var page = letters.page(asked.filter(), asked.after(), letters.end(), asked.limit(), ANSWER_BYTES);
            return new DeadLetterView.Page(
                    page.letters().stream()
                            .map(letter -> DeadLetterView.of(letter, events))
                            .toList(),
                    page.next().map(LetterId::toString),
                    page.damaged());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public DeadLetterView one(String router, String sink, String id) throws NoAnswer {
        try {
            var letter = letters(router, sink).letter(LetterId.parse(id));
            if (letter.isEmpty()) {
                throw absent("there is no letter %s of sink \"%s\"".formatted(id, sink));
            }
            return DeadLetterView.of(letter.get(), true);
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public Replayed replay(String router, String sink, byte[] body) throws NoAnswer {
        var letters = letters(router, sink);
        try {
            var asked = LettersAsked.of(body);
            var until = asked.until().isPresent() ? asked.until().get() : letters.end();
            var step =
                    office.replay(letters, new Replay(asked.filter(), asked.to(), asked.after(), until, asked.limit()));
            if (step.isEmpty()) {
                throw absent("router %s runs no sink \"%s\""
                        .formatted(router, asked.to().orElse("")));
            }
            return new Replayed(
                    step.get().replayed(),
                    step.get().refused(),
                    step.get().damaged(),
                    step.get().next().map(LetterId::toString),
                    until.toString(),
                    step.get().trouble());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public Purged purge(String router, String sink, byte[] body) throws NoAnswer {
        var letters = letters(router, sink);
        try {
            var asked = LettersAsked.of(body);
            var until = asked.until().isPresent() ? asked.until().get() : letters.end();
            var purged = letters.purge(asked.filter(), asked.after(), asked.until(), asked.limit());
            return new Purged(purged.removed(), purged.next().map(LetterId::toString), until.toString());
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /// Where the letters end now.
    String end(String router, String sink) throws NoAnswer {
        try {
            return letters(router, sink).end().toString();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private DeadLetters letters(String router, String sink) throws NoAnswer {
        try {
            for (var each : office.all()) {
                if (each.router().equals(router) && each.sink().equals(sink)) {
                    return each;
                }
            }
            throw absent("router \"%s\" has no dead letters of a sink \"%s\"".formatted(router, sink));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static NoAnswer absent(String what) {
        return new NoAnswer(
                new Fault(404, what, "logroute dlq ls tells which there are; GET /api/v1/dead-letters, too."));
    }

    private static NoAnswer wrong(IllegalArgumentException why) {
        var parts = String.valueOf(why.getMessage()).split("; ", 2);
        return new NoAnswer(
                new Fault(400, parts[0], parts.length < 2 ? "GET /q/openapi tells what to send." : parts[1]), why);
    }

    private static NoAnswer unreadable(IOException why) {
        return new NoAnswer(
                new Fault(
                        503,
                        "the dead letters cannot be read or written: " + why.getMessage(),
                        "Mend the disk or the rights of the data folder, then ask again."),
                why);
    }

    private static NoAnswer interrupted(InterruptedException why) {
        Thread.currentThread().interrupt();
        return new NoAnswer(new Fault(503, "it stops", "Ask again when it runs again."), why);
    }
}
