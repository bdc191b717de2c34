package io.logroute.parts.parse;

import io.logroute.parts.text.BoundedRegex;
import io.logroute.spec.LinePattern;

/// A regular expression whose named groups become fields.
final class RegexForm implements Form {
    private final BoundedRegex regex;
    private final String[] names;
    private final int[] groups;

    RegexForm(LinePattern pattern) {
        regex = new BoundedRegex(pattern);
        names = pattern.names().toArray(String[]::new);
        groups = pattern.names().stream().mapToInt(regex.names()::get).toArray();
    }

    @Override
    public String name() {
        return "regex";
    }

    @Override
    public String tag() {
        return "_regexparsefailure";
    }

    @Override
    public void read(String text, Found found) {
        if (!regex.find(text)) {
            found.misfit(regex.gaveUp() ? "it takes too long to match" : "the expression does not match");
            return;
        }
        for (int i = 0; i < names.length; i++) {
            var value = regex.group(groups[i]);
            if (value != null) {
                found.put(names[i], value);
            }
        }
    }
}
