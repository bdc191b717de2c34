package io.logroute.face;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Rows under a heading, each column as wide as its widest cell; columns of numbers stand to the
/// right.
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heading) {
        rows.add(List.of(heading));
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    void print(PrintWriter out) {
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                var cell = row.get(i);
                var blanks = " ".repeat(width(i) - cell.length());
                line.append(isNumbers(i) ? blanks + cell : cell + blanks).append("  ");
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private boolean isNumbers(int column) {
        return !isEmpty()
                && rows.stream().skip(1).allMatch(row -> row.get(column).matches("\\d+"));
    }
}
