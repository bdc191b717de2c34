package io.logroute.parts.parse;

import org.jspecify.annotations.Nullable;

/// A line of Apache's HTTP server: of its access log, or of its error log as 2.2 or 2.4 writes it:
///
///     [Sun Nov 29 10:15:30 2026] [error] [client 10.0.0.1] text, referer: http://a/
///     [Sun Nov 29 10:15:30.123456 2026] [core:error] [pid 7:tid 8] [client 10.0.0.1:90] AH00124: text
///
/// Its time may be of the other forms that an `ErrorLogFormat` is told to write ([Times#ofApacheError]).
final class ApacheForm implements Form {
    private static final String REFERRER = ", referer: ";

    @Override
    public String name() {
        return "apache";
    }

    @Override
    public String tag() {
        return "_apacheparsefailure";
    }

    @Override
    public void read(String line, Found found) {
        var text = line.strip();
        if (!text.startsWith("[")) {
            AccessLine.read(text, true, found);
            return;
        }
        var misfit = new ErrorLine(text, found).read();
        if (misfit != null) {
            found.misfit(misfit);
        }
    }

    private static final class ErrorLine {
        private final String text;
        private final Found found;
        private int at;

        ErrorLine(String text, Found found) {
            this.text = text;
            this.found = found;
        }

        @Nullable
        String read() {
            var time = bracketed("[");
            var iso = time == null ? null : Times.ofApacheError(time);
            if (iso == null) {
                return "its time is not of the form [Sun Nov 29 10:15:30 2026]";
            }
            var level = bracketed("[");
            if (level == null) {
                return "it has no [level] behind the time";
            }
            found.put("time", iso);
            int colon = level.indexOf(':');
            boolean isNew = colon >= 0;
            if (colon > 0) {
                found.put("module", level.substring(0, colon));
            }
            found.put("level", level.substring(colon + 1));
            process(bracketed("[pid "));
            int from = at;
            at = behindSystemError();
            var system = text.substring(from, at);
            client(bracketed("[client "), isNew);
            text(system);
            return null;
        }

        /// In 2.4 an error of the system stands before the client, or before the code of the text.
        private int behindSystemError() {
            if (!text.startsWith("(", at)) {
                return at;
            }
            int client = text.indexOf(": [client ", at);
            if (client > 0) {
                return client + 2;
            }
            int code = text.indexOf(": AH", at) + 2;
            int colon = text.indexOf(": ", code);
            return code > at && colon > 0 && isCode(text.substring(code, colon)) ? code : at;
        }

        /// What stands in brackets here, which are passed over with a blank behind them; `null` when they
        /// do not open so, or do not close.
        private @Nullable String bracketed(String open) {
            int end = text.indexOf(']', at);
            if (!text.startsWith(open, at) || end < 0) {
                return null;
            }
            // An address of IP version 6 has brackets of its own.
            if (text.indexOf('[', at + 1) == at + open.length() && text.indexOf(']', end + 1) > 0) {
                end = text.indexOf(']', end + 1);
            }
            var inner = text.substring(at + open.length(), end);
            at = text.startsWith(" ", end + 1) ? end + 2 : end + 1;
            return inner;
        }

        private void process(@Nullable String process) {
            if (process == null) {
                return;
            }
            int tid = process.indexOf(":tid ");
            number("pid", tid < 0 ? process : process.substring(0, tid));
            if (tid >= 0) {
                number("tid", process.substring(tid + 5));
            }
        }

        private void number(String name, String value) {
            var number = Typed.whole(value);
            found.put(name, number == null ? value : (Object) number);
        }

        private void client(@Nullable String client, boolean hasPort) {
            if (client == null || client.isEmpty()) {
                return;
            }
            int colon = hasPort ? client.lastIndexOf(':') : -1;
            var port = colon < 0 ? null : Typed.whole(client.substring(colon + 1));
            var address = port == null ? client : client.substring(0, colon);
            found.put(
                    "client",
                    address.startsWith("[") && address.endsWith("]")
                            ? address.substring(1, address.length() - 1)
                            : address);
            if (port != null) {
                found.put("port", port);
            }
        }

        private void text(String system) {
            int end = text.lastIndexOf(REFERRER);
            int colon = text.indexOf(": ", at);
            if (colon > at && isCode(text.substring(at, colon))) {
                found.put("code", text.substring(at, colon));
                at = colon + 2;
            }
            boolean hasReferrer = end >= at;
            found.put("text", system + text.substring(Math.min(at, text.length()), hasReferrer ? end : text.length()));
            if (hasReferrer) {
                found.put("referrer", text.substring(end + REFERRER.length()));
            }
        }

        private static boolean isCode(String word) {
            return word.startsWith("AH")
                    && word.length() >= 5
                    && word.length() <= 10
                    && word.substring(2).chars().allMatch(c -> c >= '0' && c <= '9');
        }
    }
}
