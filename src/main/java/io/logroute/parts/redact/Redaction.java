package io.logroute.parts.redact;

import io.logroute.spec.FilterSpec.Known;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/// Takes what finders find out of a text, until they find nothing more. What overlaps goes as one,
/// under the name of what begins first. Of one thread.
///
/// The text may be the inside of JSON, or all of it: finders see it as it stands and as its escapes
/// are meant ([Layer]), and what any of them found goes. No escape is cut in two.
final class Redaction {
    /// A text in which taking out brings forth something else so many times over is hostile: it goes
    /// as a whole.
    static final int ROUNDS = 8;

    private final Map<String, Finder> finders;
    private final Masks masks;
    private final BiFunction<String, String, String> instead;

    /// @param finders by name
    /// @param instead what stands in place, by the name and what was found
    Redaction(Map<String, Finder> finders, BiFunction<String, String, String> instead) {
        this.finders = new LinkedHashMap<>(finders);
        this.instead = instead;
        var names = new LinkedHashSet<>(finders.keySet());
        for (var known : Known.values()) {
            names.add(name(known));
        }
        this.masks = new Masks(names);
    }

    static String name(Known known) {
        return known.name().toLowerCase(Locale.ROOT);
    }

    static Finder finder(Known known) {
        return switch (known) {
            case EMAIL -> new Emails();
            case CARD -> new Cards();
            case IBAN -> new Ibans();
            case IP -> new IpAddresses();
            case JWT -> new WebTokens();
            case SECRET -> new Secrets();
        };
    }

    /// The text without what was found; the same one when nothing was.
    String of(String text) {
        var now = text;
        for (int round = 0; round < ROUNDS; round++) {
            var next = once(now);
            if (next.equals(now)) {
                return next;
            }
            now = next;
        }
        return whole(finders.keySet().iterator().next(), text);
    }

    /// All of the text goes, unless it is a mask.
    String whole(String name, String text) {
        var known = masks.in(text);
        boolean isMask = known.size() == 1 && known.getFirst()[0] == 0 && known.getFirst()[1] == text.length();
        return isMask ? text : instead.apply(name, text);
    }

    private String once(String text) {
        var finds = new Finds();
        var layers = Layer.of(text);
        finders.forEach((name, finder) -> {
            finds.name(name);
            if (layers.isEmpty()) {
                finder.find(text, finds);
            }
            for (var layer : layers) {
                var found = new Finds();
                finder.find(layer.text(), found);
                finds.addFrom(found, layer, layers.getLast(), finder.takesEscapes());
            }
        });
        if (finds.isEmpty()) {
            return text;
        }
        var out = new StringBuilder(text.length());
        int at = 0;
        for (var find : besideMasks(finds, text)) {
            out.append(text, at, find.from())
                    .append(instead.apply(find.name(), text.substring(find.from(), find.to())));
            at = find.to();
        }
        return out.append(text, at, text.length()).toString();
    }

    /// What lies within a mask is none of ours; what lies across its edge takes the mask along.
    private List<Finds.Find> besideMasks(Finds finds, String text) {
        var found = finds.merged();
        var known = masks.in(text);
        if (known.isEmpty()) {
            return found;
        }
        var beside = new Finds();
        int first = 0;
        for (var each : found) {
            while (first < known.size() && known.get(first)[1] <= each.from()) {
                first++;
            }
            int from = each.from();
            int to = each.to();
            boolean within = false;
            for (int i = first; i < known.size() && known.get(i)[0] < each.to(); i++) {
                var mask = known.get(i);
                within |= mask[0] <= each.from() && each.to() <= mask[1];
                from = Math.min(from, mask[0]);
                to = Math.max(to, mask[1]);
            }
            if (!within) {
                beside.name(each.name());
                beside.add(from, to);
            }
        }
        return beside.merged();
    }
}
