package io.logroute.parts.redact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Places in a text that were found, under the name of the pattern that is being looked for.
final class Finds {
    /// The text from `from` to before `to`.
    record Find(int from, int to, String name) {}

    private final List<Find> finds = new ArrayList<>();
    private String name = "";

    /// What is added from now on goes by this name.
    void name(String name) {
        this.name = name;
    }

    void add(int from, int to) {
        if (from < to) {
            finds.add(new Find(from, to, name));
        }
    }

    /// What was found in a layer of the text, so that it cuts no escape in two.
    ///
    /// @param innermost of the layers
    void addFrom(Finds found, Layer layer, Layer innermost, boolean takesEscapes) {
        for (var each : found.finds) {
            int from = layer.place(each.from);
            int to = layer.place(layer.within(each.from, each.to));
            add(takesEscapes ? innermost.upTo(from) : innermost.from(from), innermost.from(to));
        }
    }

    boolean isEmpty() {
        return finds.isEmpty();
    }

    /// The places in the order of the text, those that overlap as one, under the name of the first and
    /// longest.
    List<Find> merged() {
        finds.sort(Comparator.comparingInt(Find::from)
                .thenComparing(Comparator.comparingInt(Find::to).reversed()));
        var merged = new ArrayList<Find>(finds.size());
        for (var each : finds) {
            var last = merged.isEmpty() ? null : merged.getLast();
            if (last == null || each.from >= last.to) {
                merged.add(each);
            } else if (each.to > last.to) {
                merged.set(merged.size() - 1, new Find(last.from, each.to, last.name));
            }
        }
        return merged;
    }
}
