package io.logroute.plan;

import java.util.ArrayList;
import java.util.List;

/// Numbers of instances in words: `instance 1`, `instances 0-3 and 7`.
final class Numbers {
    private Numbers() {}

    /// @param numbers in ascending order, one at least
    static String instances(List<Integer> numbers) {
        return (numbers.size() == 1 ? "instance " : "instances ") + inWords(numbers);
    }

    private static String inWords(List<Integer> numbers) {
        var parts = new ArrayList<String>();
        for (int from = 0; from < numbers.size(); ) {
            int to = from;
            while (to + 1 < numbers.size() && numbers.get(to + 1) == numbers.get(to) + 1) {
                to++;
            }
            if (to - from < 2) {
                parts.add(String.valueOf(numbers.get(from)));
                from++;
                continue;
            }
            parts.add(numbers.get(from) + "-" + numbers.get(to));
            from = to + 1;
        }
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        return String.join(", ", parts.subList(0, parts.size() - 1)) + " and " + parts.getLast();
    }
}
