package io.logroute.plan;

import java.util.ArrayList;
import java.util.List;

/// What differs between two texts, line by line: `+` came, `-` went, and a blank stands before the lines
/// around a change that are in both. Where lines are left out stands ` ...`.
///
/// The shortest difference is found by Myers' greedy search, as long as there are no more than
/// [#MOST_CHANGES]; texts that have hardly anything in common are told as gone and come.
public final class LineDiff {
    /// Lines around a change.
    static final int AROUND = 3;
    static final int MOST_CHANGES = 2_000;

    private static final String LEFT_OUT = " ...";

    private LineDiff() {}

    /// @return empty when they are the same
    public static List<String> between(String before, String after) {
        var all = all(before.lines().toList(), after.lines().toList());
        return all.stream().allMatch(line -> line.startsWith(" ")) ? List.of() : shortened(all);
    }

    /// Every line of both.
    private static List<String> all(List<String> before, List<String> after) {
        int head = 0;
        int most = Math.min(before.size(), after.size());
        while (head < most && before.get(head).equals(after.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < most - head && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) {
            tail++;
        }
        var out = new ArrayList<String>();
        before.subList(0, head).forEach(line -> out.add(" " + line));
        out.addAll(middle(before.subList(head, before.size() - tail), after.subList(head, after.size() - tail)));
        before.subList(before.size() - tail, before.size()).forEach(line -> out.add(" " + line));
        return out;
    }

    private static List<String> middle(List<String> before, List<String> after) {
        int n = before.size();
        int m = after.size();
        int most = Math.min(n + m, MOST_CHANGES);
        // furthest[k + most]: how far in `before` one comes on diagonal k with so many changes.
        var furthest = new int[2 * most + 2];
        var trace = new ArrayList<int[]>();
        for (int changes = 0; changes <= most; changes++) {
            for (int k = -changes; k <= changes; k += 2) {
                boolean comes = k == -changes || k != changes && furthest[k - 1 + most] < furthest[k + 1 + most];
                int x = comes ? furthest[k + 1 + most] : furthest[k - 1 + most] + 1;
                int y = x - k;
                while (x < n && y >= 0 && y < m && before.get(x).equals(after.get(y))) {
                    x++;
                    y++;
                }
                furthest[k + most] = x;
                if (x >= n && y >= m) {
                    return back(before, after, trace, changes);
                }
            }
            var now = new int[2 * changes + 1];
            System.arraycopy(furthest, most - changes, now, 0, now.length);
            trace.add(now);
        }
        var out = new ArrayList<String>();
        before.forEach(line -> out.add("-" + line));
        after.forEach(line -> out.add("+" + line));
        return out;
    }

    /// The way that was found, from its end.
    private static List<String> back(List<String> before, List<String> after, List<int[]> trace, int found) {
        var out = new ArrayList<String>();
        int x = before.size();
        int y = after.size();
        for (int changes = found; changes > 0; changes--) {
            var last = trace.get(changes - 1);
            int middle = changes - 1;
            int k = x - y;
            boolean comes = k == -changes || k != changes && at(last, k - 1 + middle) < at(last, k + 1 + middle);
            int fromK = comes ? k + 1 : k - 1;
            int fromX = at(last, fromK + middle);
            int fromY = fromX - fromK;
            while (x > (comes ? fromX : fromX + 1) && y > (comes ? fromY + 1 : fromY)) {
                x--;
                y--;
                out.add(" " + before.get(x));
            }
            out.add(comes ? "+" + after.get(fromY) : "-" + before.get(fromX));
            x = fromX;
            y = fromY;
        }
        while (x > 0) {
            x--;
            out.add(" " + before.get(x));
        }
        return out.reversed();
    }

    private static int at(int[] values, int index) {
        return index < 0 || index >= values.length ? -1 : values[index];
    }

    private static List<String> shortened(List<String> all) {
        var near = new boolean[all.size()];
        for (int i = 0; i < near.length; i++) {
            if (!all.get(i).startsWith(" ")) {
                for (int j = Math.max(0, i - AROUND); j <= Math.min(near.length - 1, i + AROUND); j++) {
                    near[j] = true;
                }
            }
        }
        var out = new ArrayList<String>();
        boolean leaving = false;
        for (int i = 0; i < near.length; i++) {
            if (near[i]) {
                out.add(all.get(i));
            } else if (!leaving) {
                out.add(LEFT_OUT);
            }
            leaving = !near[i];
        }
        return List.copyOf(out);
    }
}
