package io.logroute.parts.parse;

import io.logroute.spec.ParseSpec;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Keys and values as many programs in Go write them: `level=info msg="it works" debug`.
///
///     line   = { blank } { pair { blank } }
///     pair   = key [ "=" [ value ] ]
///     key    = characters other than blanks, = and "
///     value  = characters other than blanks and ", or text in " with escapes
///
/// A blank is a space or any control character. A line of more than [ParseSpec#MOST_FOUND] pairs does not
/// fit.
final class LogfmtForm implements Form {
    private final LinkedHashMap<String, Object> pairs = new LinkedHashMap<>();
    private int at;

    @Override
    public String name() {
        return "logfmt";
    }

    @Override
    public String tag() {
        return "_logfmtparsefailure";
    }

    @Override
    public void read(String text, Found found) {
        if (text.indexOf('=') < 0) {
            found.misfit("it has no =");
            return;
        }
        pairs.clear();
        at = 0;
        var misfit = pairs(text);
        if (misfit != null) {
            found.misfit(misfit);
        } else {
            pairs.forEach(found::put);
        }
        pairs.clear();
    }

    /// What does not fit; `null` when all does.
    private @Nullable String pairs(String text) {
        for (int count = 0; ; count++) {
            while (at < text.length() && text.charAt(at) <= ' ') {
                at++;
            }
            if (at == text.length()) {
                return null;
            }
            if (count == ParseSpec.MOST_FOUND) {
                return "it has more than %,d pairs".formatted(ParseSpec.MOST_FOUND);
            }
            int from = at;
            while (at < text.length() && isPlain(text.charAt(at)) && text.charAt(at) != '=') {
                at++;
            }
            if (at == from) {
                return "it has no key before character " + (at + 1);
            }
            var key = text.substring(from, at);
            if (at < text.length() && text.charAt(at) == '"') {
                return "the key " + shown(key) + " has a quote in it";
            }
            if (at == text.length() || text.charAt(at) != '=') {
                pairs.put(key, true);
                continue;
            }
            at++;
            var value = value(text);
            if (value == null) {
                return "the value of " + shown(key) + " has a quote that is not closed, or stands inside of it";
            }
            pairs.put(key, value);
        }
    }

    private static boolean isPlain(char c) {
        return c > ' ' && c != '"';
    }

    private static String shown(String key) {
        return key.length() <= 40 ? key : key.substring(0, 39) + "…";
    }

    private @Nullable String value(String text) {
        if (at < text.length() && text.charAt(at) == '"') {
            at++;
            var value = quoted(text);
            return at == text.length() || text.charAt(at) <= ' ' ? value : null;
        }
        int from = at;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        return at < text.length() && text.charAt(at) == '"' ? null : text.substring(from, at);
    }

    /// What stands up to the closing quote; `null` when there is none.
    private @Nullable String quoted(String text) {
        int from = at;
        int plain = from;
        while (plain < text.length() && text.charAt(plain) != '"' && text.charAt(plain) != '\\') {
            plain++;
        }
        if (plain < text.length() && text.charAt(plain) == '"') {
            at = plain + 1;
            return text.substring(from, plain);
        }
        var out = new StringBuilder().append(text, from, plain);
        at = plain;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            if (c != '\\' || at == text.length()) {
                out.append(c);
                continue;
            }
            escape(text, out);
        }
        return null;
    }

    private void escape(String text, StringBuilder out) {
        char c = text.charAt(at++);
        switch (c) {
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case '"', '\\' -> out.append(c);
            case 'u' -> {
                int code = at + 4 <= text.length() ? hex(text, at) : -1;
                if (code < 0) {
                    out.append("\\u");
                } else {
                    out.append((char) code);
                    at += 4;
                }
            }
            default -> out.append('\\').append(c);
        }
    }

    private static int hex(String text, int at) {
        int code = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = text.charAt(i) < 128 ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            code = code * 16 + digit;
        }
        return code;
    }
}
