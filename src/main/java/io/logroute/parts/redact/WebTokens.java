package io.logroute.parts.redact;

import static io.logroute.parts.redact.Chars.at;
import static io.logroute.parts.redact.Chars.isDigit;
import static io.logroute.parts.redact.Chars.isLetter;

/// JSON Web Tokens (RFC 7519): two to five parts in base64url with dots between them, the first of
/// which is a JSON object, `eyJ...`. Of two parts, as a line that was cut leaves them, the second has
/// to be one, too.
final class WebTokens implements Finder {
    private static final int LEAST = 10;

    @Override
    public void find(String text, Finds out) {
        int at = text.indexOf("eyJ");
        while (at >= 0) {
            int end = isOfPart(at(text, at - 1)) ? -1 : end(text, at);
            out.add(at, end);
            at = text.indexOf("eyJ", Math.max(end, at + 3));
        }
    }

    /// After the token that begins there; -1 when none does.
    private static int end(String text, int from) {
        int end = partEnd(text, from);
        if (end - from < LEAST || at(text, end) != '.') {
            return -1;
        }
        int second = end + 1;
        end = partEnd(text, second);
        int parts = 2;
        while (parts < 5 && at(text, end) == '.') {
            int next = partEnd(text, end + 1);
            if (next == end + 1 && parts > 2) {
                break;
            }
            end = next;
            parts++;
        }
        boolean isObject = text.startsWith("ey", second) && end - second >= LEAST;
        return isObject || parts >= 3 && end - second > LEAST ? end : -1;
    }

    private static int partEnd(String text, int from) {
        int end = from;
        while (end < text.length() && isOfPart(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isOfPart(char c) {
        return isDigit(c) || isLetter(c) || c == '-' || c == '_';
    }
}
