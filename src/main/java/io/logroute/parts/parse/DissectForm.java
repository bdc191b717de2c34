package io.logroute.parts.parse;

import io.logroute.spec.Dissection;
import io.logroute.spec.Dissection.Part;
import io.logroute.spec.Dissection.Use;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Text with fixed characters between its parts. Each part goes up to the first place where what stands
/// behind it begins; the last takes the rest, or what is before the end that the pattern gives.
final class DissectForm implements Form {
    /// A field and the parts of the text that it gets.
    ///
    /// @param field `null` when the text names it
    /// @param parts numbers of the parts, in the order in which they are joined
    private record Target(String @Nullable [] field, int named, int[] parts, Dissection.Kind kind) {}

    private final String before;
    private final List<Part> parts;
    private final String[] until;
    private final List<Target> targets;
    private final int[] from;
    private final int[] to;

    DissectForm(Dissection pattern) {
        var pieces = pattern.pieces();
        before = pieces.before();
        parts = pieces.parts();
        until = parts.stream().map(Part::until).toArray(String[]::new);
        from = new int[until.length];
        to = new int[until.length];
        targets = targets(parts);
    }

    private static List<Target> targets(List<Part> parts) {
        var targets = new ArrayList<Target>();
        for (int i = 0; i < parts.size(); i++) {
            var part = parts.get(i);
            switch (part.use()) {
                case TAKE -> targets.add(new Target(part.field().toArray(), -1, joined(parts, part), part.kind()));
                case APPEND -> {
                    var all = joined(parts, part);
                    if (parts.get(all[0]).use() == Use.APPEND && first(parts, part) == i) {
                        targets.add(new Target(part.field().toArray(), -1, all, Dissection.Kind.TEXT));
                    }
                }
                case VALUE -> targets.add(new Target(null, named(parts, part), new int[] {i}, part.kind()));
                case NAME, SKIP -> {}
            }
        }
        return targets;
    }

    /// The parts of that name: the one that is taken, and those appended, by their numbers and then by
    /// their places.
    private static int[] joined(List<Part> parts, Part of) {
        var all = new ArrayList<Integer>();
        for (int i = 0; i < parts.size(); i++) {
            var use = parts.get(i).use();
            if ((use == Use.TAKE || use == Use.APPEND) && parts.get(i).name().equals(of.name())) {
                all.add(i);
            }
        }
        all.sort(Comparator.comparing((Integer i) -> parts.get(i).use() != Use.TAKE)
                .thenComparing(i -> parts.get(i).order() < 0
                        ? Integer.MAX_VALUE
                        : parts.get(i).order()));
        return all.stream().mapToInt(i -> i).toArray();
    }

    private static int first(List<Part> parts, Part of) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).use() == Use.APPEND && parts.get(i).name().equals(of.name())) {
                return i;
            }
        }
        throw new IllegalStateException("there is no " + of);
    }

    private static int named(List<Part> parts, Part value) {
        for (int i = 0; i < parts.size(); i++) {
            var part = parts.get(i);
            if (part.name().equals(value.name()) && part.use() != Use.VALUE && part.use() != Use.APPEND) {
                return i;
            }
        }
        throw new IllegalStateException(value + " has no name");
    }

    @Override
    public String name() {
        return "dissect";
    }

    @Override
    public String tag() {
        return "_dissectfailure";
    }

    @Override
    public void read(String text, Found found) {
        if (!text.startsWith(before)) {
            found.misfit("it does not begin with \"" + before + "\"");
            return;
        }
        int at = before.length();
        int last = until.length - 1;
        for (int i = 0; i < last; i++) {
            int end = text.indexOf(until[i], at);
            if (end < 0) {
                found.misfit("it has no \"" + until[i] + "\" for what stands behind " + shown(i));
                return;
            }
            from[i] = at;
            to[i] = end;
            at = end + until[i].length();
            if (parts.get(i).padded()) {
                while (text.startsWith(until[i], at)) {
                    at += until[i].length();
                }
            }
        }
        int end = end(text, at);
        if (end < 0) {
            found.misfit("it does not end with \"" + until[last] + "\"");
            return;
        }
        from[last] = at;
        to[last] = end;
        for (int i = 0; i < targets.size(); i++) {
            put(text, targets.get(i), found);
        }
    }

    /// Where the last part ends; -1 when what must stand behind it does not.
    private int end(String text, int at) {
        var tail = until[until.length - 1];
        int end = text.length() - tail.length();
        if (tail.isEmpty()) {
            return end;
        }
        if (end < at || !text.endsWith(tail)) {
            return -1;
        }
        if (parts.getLast().padded()) {
            while (end - tail.length() >= at && text.startsWith(tail, end - tail.length())) {
                end -= tail.length();
            }
        }
        return end;
    }

    private String shown(int part) {
        var name = parts.get(part).name();
        return name.isEmpty() ? "its part " + (part + 1) : name;
    }

    private void put(String text, Target target, Found found) {
        var value = typed(value(text, target.parts), target.kind, found);
        if (target.field != null) {
            found.put(target.field, value);
            return;
        }
        int named = target.named;
        if (to[named] > from[named]) {
            found.put(text.substring(from[named], to[named]), value);
        }
    }

    private String value(String text, int[] numbers) {
        var first = text.substring(from[numbers[0]], to[numbers[0]]);
        if (numbers.length == 1) {
            return first;
        }
        // Before the very first part stands nothing; what is behind it separates it as well.
        var joined = new StringBuilder(first);
        for (int i = 1; i < numbers.length; i++) {
            int part = numbers[i];
            joined.append(until[Math.max(0, part - 1)]).append(text, from[part], to[part]);
        }
        return joined.toString();
    }

    private static Object typed(String text, Dissection.Kind kind, Found found) {
        Object typed = switch (kind) {
            case TEXT -> text;
            case INTEGER -> Typed.whole(text);
            case FLOAT -> Typed.decimal(text);
            case BOOLEAN -> Typed.truth(text);
        };
        if (typed == null) {
            found.unconverted();
            return text;
        }
        return typed;
    }
}
