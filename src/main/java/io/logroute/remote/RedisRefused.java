package io.logroute.remote;

import java.io.IOException;

/// Redis answered, and did not do what it was asked.
public final class RedisRefused extends IOException {
    private final String code;

    RedisRefused(String said, Throwable cause) {
        super(said, cause);
        int end = said.indexOf(' ');
        this.code = end < 0 ? said : said.substring(0, end);
    }

    /// The first word of what it said: `OOM`, `NOGROUP`, `WRONGTYPE`.
    public String code() {
        return code;
    }

    /// Whether another server is to be asked: this one does not have the key, or takes no writes (any more).
    public boolean isElsewhere() {
        return switch (code) {
            case "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "MASTERDOWN", "UNBLOCKED" -> true;
            default -> false;
        };
    }
}
