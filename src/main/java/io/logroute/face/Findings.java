package io.logroute.face;

import java.io.PrintWriter;
import java.util.List;

/// Prints problems and warnings for people: where, what, how to mend, each on lines of its own.
final class Findings {
    private Findings() {}

    static void print(List<ProblemView> problems, Ink ink, PrintWriter out) {
        for (var problem : problems) {
            out.println(ink.bold(Ink.plain(problem.where())) + (problem.isWarning() ? ": warning" : ""));
            var what = Ink.plainLines(problem.what(), "  ");
            out.println(problem.isWarning() ? ink.yellow(what) : ink.red(what));
            if (!problem.mend().isEmpty()) {
                out.println(Ink.plainLines(problem.mend(), "  "));
            }
            out.println();
        }
    }
}
