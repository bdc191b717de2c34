package io.logroute.remote;

import io.logroute.spec.Words;

/// The swarm will not have a change, now or later.
public final class SwarmRefused extends Exception {
    private final String what;
    private final String mend;

    /// @param what is wrong, in Docker's words where they are there
    /// @param mend how to mend it: a sentence
    public SwarmRefused(String what, String mend) {
        super("%s %s".formatted(Words.sentence(what), mend));
        this.what = what;
        this.mend = mend;
    }

    public String what() {
        return what;
    }

    public String mend() {
        return mend;
    }
}
