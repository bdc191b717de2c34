package io.logroute.face;

import io.logroute.flow.Json;
import java.io.IOException;

/// What came of an order.
final class Orders {
    private Orders() {}

    /// @return the exit code
    static int tell(Verb verb, Answer answer, Ink ink, String nothing) throws IOException {
        var problems = answer.problems();
        if (verb.json()) {
            verb.out().println(Json.write(answer.tree()));
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
