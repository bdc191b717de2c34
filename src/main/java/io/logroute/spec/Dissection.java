package io.logroute.spec;

import static io.logroute.spec.Require.require;

/// A dissect pattern, as Logstash and Beats know it: `%{name}` takes text up to what stands behind it.
public record Dissection(String text) {
    public Dissection {
        require(text.contains("%{"), "\"%s\" takes nothing; write for instance \"%%{time} %%{level} %%{text}\"", text);
    }

    @Override
    public String toString() {
        return text;
    }
}
