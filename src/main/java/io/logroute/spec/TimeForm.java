package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A form in which a time is written: a word such as `iso`, or a pattern of letters.
public record TimeForm(String text) {
    public TimeForm {
        require(!text.isBlank(), "the form is empty; write for instance iso, or \"dd/MMM/yyyy:HH:mm:ss Z\"");
    }

    @Override
    public String toString() {
        return text;
    }
}
