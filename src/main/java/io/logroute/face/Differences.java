package io.logroute.face;

import java.io.PrintWriter;
import java.util.List;

/// Prints lines that begin with `+`, `-` or a blank.
final class Differences {
    private Differences() {}

    static void print(List<String> lines, Ink ink, PrintWriter out) {
        for (var line : lines) {
            out.println(line.startsWith("+") ? ink.green(line) : line.startsWith("-") ? ink.red(line) : line);
        }
    }
}
