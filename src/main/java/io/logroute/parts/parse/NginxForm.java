package io.logroute.parts.parse;

import org.jspecify.annotations.Nullable;

/// A line of nginx: of its access log, or of its error log:
///
///     2026/11/29 10:15:30 [error] 7#8: *9 text, client: 10.0.0.1, server: shop, request: "GET / HTTP/1.1"
final class NginxForm implements Form {
    private static final String FIRST_PAIR = ", client: ";
    /// Places where the pairs may begin that are tried: the text before them may say anything.
    private static final int TRIES = 10;

    private static final int TIME = 19;

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public String tag() {
        return "_nginxparsefailure";
    }

    @Override
    public void read(String line, Found found) {
        var text = line.strip();
        if (text.length() > TIME && text.charAt(4) == '/' && text.charAt(7) == '/') {
            var misfit = error(text, found);
            if (misfit != null) {
                found.misfit(misfit);
            }
            return;
        }
        AccessLine.read(text, false, found);
    }

    private static @Nullable String error(String text, Found found) {
        var time = Times.ofNginxError(text.substring(0, TIME));
        if (time == null) {
            return "its time is not of the form 2026/11/29 10:15:30";
        }
        int level = text.indexOf("] ", TIME);
        if (!text.startsWith(" [", TIME) || level < 0) {
            return "it has no [level] behind the time";
        }
        int hash = text.indexOf('#', level);
        int colon = text.indexOf(": ", level);
        var pid = hash < 0 ? null : number(text, level + 2, hash);
        var tid = hash < 0 || colon < hash ? null : number(text, hash + 1, colon);
        if (pid == null || tid == null) {
            return "it has no pid#tid: behind the level";
        }
        found.put("time", time);
        found.put("level", text.substring(TIME + 2, level));
        found.put("pid", pid);
        found.put("tid", tid);
        int at = colon + 2;
        int space = text.indexOf(' ', at);
        var connection = text.startsWith("*", at) && space > 0 ? number(text, at + 1, space) : null;
        if (connection != null) {
            found.put("connection", connection);
            at = space + 1;
        }
        int end = pairs(text, at);
        found.put("text", text.substring(at, end).stripTrailing());
        if (end < text.length()) {
            read(text, end, found);
        }
        return null;
    }

    private static @Nullable Long number(String text, int from, int to) {
        if (to - from < 1 || to - from > 18) {
            return null;
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return null;
            }
        }
        return Long.valueOf(text.substring(from, to));
    }

    /// Where the pairs begin that go on to the end; the length of the text when there are none.
    private static int pairs(String text, int from) {
        int at = text.indexOf(FIRST_PAIR, from);
        for (int i = 0; at >= 0 && i < TRIES; i++) {
            if (read(text, at, null)) {
                return at;
            }
            at = text.indexOf(FIRST_PAIR, at + 1);
        }
        return text.length();
    }

    /// `, client: 10.0.0.1, request: "..."` up to the end of the text.
    ///
    /// @param found gets what they say; `null` only to see whether they are pairs
    private static boolean read(String text, int from, @Nullable Found found) {
        int end = text.length();
        int at = from;
        while (at < end) {
            int colon = text.indexOf(": ", at);
            if (!text.startsWith(", ", at)
                    || colon < 0
                    || colon > end
                    || !isKnown(text.substring(at + 2, Math.min(colon, at + 20)))) {
                return false;
            }
            var key = text.substring(at + 2, colon);
            int value = colon + 2;
            boolean quoted = text.startsWith("\"", value);
            int next = quoted ? text.indexOf('"', value + 1) : text.indexOf(", ", value);
            if (quoted && next < 0) {
                return false;
            }
            int stop = next < 0 || next > end ? end : next;
            if (found != null) {
                put(key, text.substring(quoted ? value + 1 : value, Math.max(stop, quoted ? value + 1 : value)), found);
            }
            at = quoted ? stop + 1 : stop;
        }
        return true;
    }

    private static boolean isKnown(String key) {
        return switch (key) {
            case "client", "server", "request", "subrequest", "upstream", "host", "referrer", "login" -> true;
            default -> false;
        };
    }

    private static void put(String key, String value, Found found) {
        if (value.isEmpty() || value.equals("-")) {
            return;
        }
        switch (key) {
            case "request" -> AccessLine.request(value, found);
            case "login" -> found.put("user", value);
            default -> found.put(key, value);
        }
    }
}
