package io.logroute.face;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An object that a running LogRoute answered. What is printed of it cannot steer the terminal.
record Answer(Map<?, ?> tree) {
    /// @throws IOException when it is none
    static Answer of(@Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            return new Answer(map);
        }
        throw other();
    }

    /// @throws IOException when it is no list of objects
    static List<Answer> all(@Nullable Object value) throws IOException {
        if (!(value instanceof List<?> list)) {
            throw other();
        }
        var all = new ArrayList<Answer>();
        for (var each : list) {
            all.add(of(each));
        }
        return all;
    }

    private static IOException other() {
        return new IOException("it answered something else than LogRoute does");
    }

    /// One line; `-` where there is nothing.
    String text(String key) {
        var value = tree.get(key);
        return value == null || "".equals(value) ? "-" : Ink.plain(String.valueOf(value));
    }

    /// As it came.
    String raw(String key) {
        var value = tree.get(key);
        return value == null ? "" : String.valueOf(value);
    }

    boolean has(String key) {
        return tree.get(key) != null;
    }

    boolean is(String key) {
        return Boolean.TRUE.equals(tree.get(key));
    }

    List<Answer> all(String key, boolean mayLack) throws IOException {
        return mayLack && !has(key) ? List.of() : all(tree.get(key));
    }

    /// Each on one line.
    List<String> lines(String key) {
        return tree.get(key) instanceof List<?> list
                ? list.stream().map(each -> clean(String.valueOf(each))).collect(Collectors.toList())
                : List.of();
    }

    /// Blanks at the beginning stay.
    static String clean(String line) {
        return line.replaceAll("[\\p{Cntrl}\\x{80}-\\x{9F}\\x{2028}\\x{2029}]", " ");
    }

    List<ProblemView> problems() throws IOException {
        return problems("problems");
    }

    List<ProblemView> problems(String key) throws IOException {
        var problems = new ArrayList<ProblemView>();
        for (var each : all(key, true)) {
            problems.add(new ProblemView(each.raw("severity"), each.raw("where"), each.raw("what"), each.raw("mend")));
        }
        return problems;
    }
}
