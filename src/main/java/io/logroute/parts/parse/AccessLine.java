package io.logroute.parts.parse;

import org.jspecify.annotations.Nullable;

/// A line of an access log, as Apache's `common` and `combined` and nginx's `combined` write it:
///
///     client ident user [29/Nov/2026:10:15:30 +0000] "GET /path HTTP/1.1" 200 512 "referrer" "agent" extra
///
/// What is `-` is no field. Quotes inside of quotes have a backslash before them, and stay as they are.
final class AccessLine {
    private final String text;
    private final Found found;
    private int at;

    private AccessLine(String text, Found found) {
        this.text = text;
        this.found = found;
    }

    /// @param common whether the line may end behind the bytes
    static void read(String text, boolean common, Found found) {
        var misfit = new AccessLine(text, found).read(common);
        if (misfit != null) {
            found.misfit(misfit);
        }
    }

    private @Nullable String read(boolean common) {
        var client = word();
        var ident = word();
        int open = text.indexOf(" [", at);
        if (client.isEmpty() || ident.isEmpty() || open < 0) {
            return "it has no client, two names and a [ before the time";
        }
        put("client", client);
        put("ident", ident);
        put("user", text.substring(at, open));
        int close = text.indexOf("] \"", open);
        if (close < 0) {
            return "it has no ] \" behind the time";
        }
        var time = Times.common(text.substring(open + 2, close));
        if (time == null) {
            return "its time is not of the form 29/Nov/2026:10:15:30 +0000";
        }
        found.put("time", time);
        at = close + 2;
        var request = quoted();
        if (request == null) {
            return "its request has no closing quote";
        }
        request(request);
        if (!number("status") || !number("bytes")) {
            return "it has no status and bytes behind the request";
        }
        return rest(common);
    }

    private @Nullable String rest(boolean common) {
        if (at == text.length()) {
            return common ? null : "it has no referrer and agent behind the bytes";
        }
        at++;
        if (!text.startsWith("\"", at)) {
            return common ? extra() : "it has no referrer and agent behind the bytes";
        }
        var referrer = quoted();
        if (referrer == null || !text.startsWith(" \"", at)) {
            return "its referrer has no closing quote, or no agent behind it";
        }
        at++;
        var agent = quoted();
        if (agent == null) {
            return "its agent has no closing quote";
        }
        put("referrer", referrer);
        put("agent", agent);
        if (at == text.length()) {
            return null;
        }
        if (text.charAt(at) != ' ') {
            return "its agent goes on behind its closing quote";
        }
        at++;
        return extra();
    }

    private @Nullable String extra() {
        var extra = text.substring(at).strip();
        if (!extra.equals("\"-\"")) {
            put("extra", extra);
        }
        return null;
    }

    private void put(String name, String value) {
        if (!value.isEmpty() && !value.equals("-")) {
            found.put(name, value);
        }
    }

    /// What stands before the next blank, which is passed over.
    private String word() {
        int end = text.indexOf(' ', at);
        if (end < 0) {
            return "";
        }
        var word = text.substring(at, end);
        at = end + 1;
        return word;
    }

    /// What stands in the quotes that open here; `null` when they do not close.
    private @Nullable String quoted() {
        int from = at + 1;
        int end = text.indexOf('"', from);
        while (end >= 0 && isEscaped(end, from)) {
            end = text.indexOf('"', end + 1);
        }
        if (end < 0) {
            return null;
        }
        at = end + 1;
        return text.substring(from, end);
    }

    private boolean isEscaped(int quote, int from) {
        int backslashes = 0;
        while (quote - backslashes > from && text.charAt(quote - backslashes - 1) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    /// A blank, and a number or `-`.
    private boolean number(String name) {
        if (!text.startsWith(" ", at)) {
            return false;
        }
        int end = text.indexOf(' ', at + 1);
        var word = text.substring(at + 1, end < 0 ? text.length() : end);
        at = end < 0 ? text.length() : end;
        if (word.equals("-")) {
            return true;
        }
        var number = isDigits(word) ? Typed.whole(word) : null;
        if (number == null) {
            return false;
        }
        found.put(name, number);
        return true;
    }

    private static boolean isDigits(String word) {
        return word.length() <= 18 && word.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private void request(String request) {
        request(request, found);
    }

    /// `GET /path HTTP/1.1`, into its three parts; whatever else it is stays in one.
    static void request(String request, Found found) {
        int path = request.indexOf(' ');
        int protocol = request.lastIndexOf(" HTTP/");
        boolean plain = protocol < 0 && path > 0 && request.indexOf(' ', path + 1) < 0;
        if (path > 0 && isMethod(request, path) && (protocol > path || plain)) {
            found.put("method", request.substring(0, path));
            found.put("path", request.substring(path + 1, plain ? request.length() : protocol));
            if (!plain) {
                found.put("protocol", request.substring(protocol + 1));
            }
            return;
        }
        if (!request.isEmpty() && !request.equals("-")) {
            found.put("request", request);
        }
    }

    private static boolean isMethod(String request, int end) {
        for (int i = 0; i < end; i++) {
            char c = request.charAt(i);
            if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_') {
                return false;
            }
        }
        return end <= 40;
    }
}
