package io.logroute.parts.redact;

import io.logroute.parts.text.BoundedRegex;
import io.logroute.spec.LinePattern;

/// A regular expression of the user's: what its first group took, or all of it where it has none.
/// A text that is too much for it goes as a whole, since nobody can say what is in it.
final class OwnPattern implements Finder {
    private final BoundedRegex regex;
    private final int group;

    OwnPattern(LinePattern pattern) {
        regex = new BoundedRegex(pattern);
        group = regex.groups() > 0 ? 1 : 0;
    }

    @Override
    public void find(String text, Finds out) {
        for (boolean more = regex.find(text); more; more = regex.findNext()) {
            out.add(regex.start(group), regex.end(group));
        }
        if (regex.gaveUp()) {
            out.add(0, text.length());
        }
    }

    /// What was written is what is meant.
    @Override
    public boolean takesEscapes() {
        return true;
    }
}
