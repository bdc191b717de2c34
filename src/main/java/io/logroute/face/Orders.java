package io.logroute.face;

import io.logroute.spec.Words;
import java.io.IOException;
import java.util.Collection;

/// What came of an order.
final class Orders {
    private Orders() {}

    /// There is no such thing among those.
    static String none(String kind, String name, Collection<String> names) {
        var near = Words.nearest(name, names);
        return "there is no %s \"%s\"; %s"
                .formatted(
                        kind,
                        name,
                        near.isPresent()
                                ? "did you mean %s?".formatted(near.get())
                                : names.isEmpty() ? "there is none" : "there are: " + String.join(", ", names));
    }

    /// @return the exit code
    static int tell(Verb verb, Answer answer, Ink ink, String nothing) throws IOException {
        var problems = answer.problems();
        if (verb.json()) {
            verb.out().println(verb.written(answer.tree()));
        } else {
            Findings.print(problems, ink, verb.out());
            var done = answer.lines("done");
            done.forEach(verb.out()::println);
            if (done.isEmpty() && problems.isEmpty()) {
                verb.out().println(nothing);
            }
        }
        return answer.is("good") ? Commands.GOOD : Commands.FOUND;
    }
}
