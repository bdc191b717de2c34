package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A pattern for names: `*` stands for any characters, `?` for one. Upper and lower case differ. It has at most 256
/// characters.
public record Glob(String text) {
    /// Characters, at most: matching may look at each of them for each character of the name.
    private static final int LONGEST = 256;

    public Glob {
        require(!text.isBlank(), "the pattern is empty; write a name, or a pattern such as shop_*");
        require(text.length() <= LONGEST, "the pattern has %d characters; write at most %d", text.length(), LONGEST);
    }

    /// Whether it has neither `*` nor `?`.
    public boolean isPlain() {
        return text.indexOf('*') < 0 && text.indexOf('?') < 0;
    }

    /// Whether the whole of `name` fits. Takes, at worst, as many steps as the length of the pattern times
    /// that of the name: at most 256 for each character of the name.
    public boolean matches(String name) {
        int at = 0;
        int pattern = 0;
        int star = -1;
        int resume = 0;
        while (at < name.length()) {
            if (pattern < text.length() && text.charAt(pattern) == '*') {
                star = pattern++;
                resume = at;
            } else if (pattern < text.length()
                    && (text.charAt(pattern) == '?' || text.charAt(pattern) == name.charAt(at))) {
                pattern++;
                at++;
            } else if (star >= 0) {
                pattern = star + 1;
                at = ++resume;
            } else {
                return false;
            }
        }
        while (pattern < text.length() && text.charAt(pattern) == '*') {
            pattern++;
        }
        return pattern == text.length();
    }

    @Override
    public String toString() {
        return text;
    }
}
