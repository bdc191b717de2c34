package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A regular expression for lines of logs, of the form that Java knows. It is one that can be matched
/// within bounds ([RegexCheck]).
public record LinePattern(String text) {
    private static final int LONGEST = 10_000;

    public LinePattern {
        require(!text.isEmpty(), "the expression is empty; write for instance ^[0-9]{4}-");
        require(text.length() <= LONGEST, "the expression has %d characters; write at most %d", text.length(), LONGEST);
        RegexCheck.check(text);
    }

    /// Its named groups, in their order.
    public List<String> names() {
        return Pattern.compile(text).namedGroups().entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public String toString() {
        return text;
    }
}
