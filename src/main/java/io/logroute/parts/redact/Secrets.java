package io.logroute.parts.redact;

import static io.logroute.parts.redact.Chars.at;
import static io.logroute.parts.redact.Chars.isDigit;
import static io.logroute.parts.redact.Chars.isLetter;
import static io.logroute.parts.redact.Chars.isWord;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What looks like a secret:
///
/// - the value after a name that says so and `=` or `:`, quoted or not: `password=`, `"api_key": "`,
///   `X-Auth-Token:`, `dbPass=`; of an `Authorization` header what follows its scheme
/// - what follows `Bearer`, from 16 characters on
/// - the password in an address, `redis://:password@host`
/// - private keys in PEM, to their end or that of the text
/// - keys that begin as those of well-known services do, and are long enough
///
/// Values that say nothing, such as `null`, `true`, `***` and `${PASSWORD}`, stay.
final class Secrets implements Finder {
    /// Ends of names, without blanks, hyphens and underscores.
    private static final List<String> NAMES = List.of(
            "password",
            "passwd",
            "passphrase",
            "secret",
            "token",
            "apikey",
            "accesskey",
            "secretkey",
            "privatekey",
            "authkey",
            "authorization",
            "credential",
            "credentials");

    /// Names, or last words of names.
    private static final List<String> SHORT = List.of("pass", "pwd");

    private static final int LONGEST_NAME = 64;

    /// A value cannot be one of these.
    private static final Set<String> NOTHING =
            Set.of("null", "nil", "none", "undefined", "true", "false", "yes", "no", "empty", "required", "missing");

    /// Of an `Authorization` header: one word follows, or all of the line.
    private static final Set<String> SCHEMES =
            Set.of("bearer", "basic", "token", "negotiate", "ntlm", "apikey", "api-key", "key");

    private static final Set<String> LONG_SCHEMES =
            Set.of("digest", "hawk", "oauth", "aws4-hmac-sha256", "signature", "scram-sha-256");

    /// What a key begins with, and how many characters more it has at least.
    private record Form(String start, int more) {}

    private static final List<Form> FORMS = List.of(
            new Form("AKIA", 16),
            new Form("ASIA", 16),
            new Form("AIza", 35),
            new Form("AGE-SECRET-KEY-1", 50),
            new Form("SG.", 60),
            new Form("dckr_pat_", 20),
            new Form("dop_v1_", 64),
            new Form("ghp_", 36),
            new Form("gho_", 36),
            new Form("ghu_", 36),
            new Form("ghs_", 36),
            new Form("ghr_", 36),
            new Form("github_pat_", 22),
            new Form("glpat-", 20),
            new Form("glsa_", 32),
            new Form("hvs.", 24),
            new Form("npm_", 36),
            new Form("pypi-", 50),
            new Form("rk_live_", 16),
            new Form("rk_test_", 16),
            new Form("sk_live_", 16),
            new Form("sk_test_", 16),
            new Form("sk-ant-", 20),
            new Form("sk-proj-", 20),
            new Form("sk-", 40),
            new Form("whsec_", 16),
            new Form("xapp-", 10),
            new Form("xoxa-", 10),
            new Form("xoxb-", 10),
            new Form("xoxp-", 10),
            new Form("xoxr-", 10),
            new Form("xoxs-", 10),
            new Form("ya29.", 20));

    /// By first character, which of the forms may begin there.
    private static final Form[][] BY_FIRST = new Form[128][];

    static {
        for (char c = 0; c < BY_FIRST.length; c++) {
            char first = c;
            BY_FIRST[c] =
                    FORMS.stream().filter(form -> form.start.charAt(0) == first).toArray(Form[]::new);
        }
    }

    private static final String BEGIN = "-----BEGIN ";
    private static final String PRIVATE = "PRIVATE KEY";
    private static final String BEARER = "bearer ";
    private static final int LONGEST_TITLE = 64;
    private static final int LONGEST_SCHEME = 32;
    private static final int LEAST_BEARER = 16;

    /// What stands inside of a secret is not looked at again, so every place is looked at a few times.
    @Override
    public void find(String text, Finds out) {
        char before = ' ';
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = -1;
            switch (c) {
                case '=' -> end = assigned(text, i, out);
                case ':' -> end = text.startsWith("//", i + 1) ? inAddress(text, i, out) : assigned(text, i, out);
                case '-' -> {
                    if (before != '-' && text.startsWith(BEGIN, i)) {
                        end = privateKey(text, i, out);
                    }
                }
                default -> {
                    if (c < BY_FIRST.length && !isWord(before) && before != '_') {
                        end = c == 'B' || c == 'b' ? bearer(text, i, out) : known(text, i, BY_FIRST[c], out);
                    }
                }
            }
            i = Math.max(i + 1, end);
            before = text.charAt(i - 1);
        }
    }

    /// Whether a field of that name holds a secret.
    static boolean isName(String key) {
        return isName(key, 0, key.length());
    }

    private static boolean isName(String text, int from, int to) {
        if (to == from || !isLetter(text.charAt(to - 1)) || to - from > LONGEST_NAME) {
            return false;
        }
        // Last letters of all names.
        switch (text.charAt(to - 1) | 0x20) {
            case 'd', 'e', 't', 'n', 'y', 'l', 's' -> {}
            default -> {
                return false;
            }
        }
        var letters = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != '_' && c != '-' && c != ' ') {
                letters.append(c);
            }
        }
        var name = letters.toString().toLowerCase(Locale.ROOT);
        for (var each : NAMES) {
            if (name.endsWith(each)) {
                return true;
            }
        }
        for (var each : SHORT) {
            int at = to - each.length();
            if (name.endsWith(each) && at >= from && isWordStart(text, from, at)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a word begins there within a name: `db_pass`, `dbPass`, `pass`.
    private static boolean isWordStart(String text, int from, int at) {
        return at == from
                || !isLetter(text.charAt(at - 1))
                || Character.isUpperCase(text.charAt(at)) && Character.isLowerCase(text.charAt(at - 1));
    }

    /// A value after the `=` or `:` that stands at `at`. This and those below tell where it ends; -1
    /// when there is none.
    private static int assigned(String text, int at, Finds out) {
        int to = at;
        while (to > 0 && isAroundName(text.charAt(to - 1)) && at - to < 4) {
            to--;
        }
        int from = to;
        while (from > 0 && isOfName(text.charAt(from - 1)) && to - from <= LONGEST_NAME) {
            from--;
        }
        if (text.charAt(at) == ':' && at(text, from - 1) == '/' || !isName(text, from, to)) {
            return -1;
        }
        int value = at + 1;
        char next = at(text, value);
        if (text.charAt(at) == ':' && next == ':') {
            return -1;
        }
        if (text.charAt(at) == '=' && (next == '=' || next == '>')) {
            value++;
        }
        boolean isHeader = text.regionMatches(true, to - "authorization".length(), "authorization", 0, 13);
        return value(text, afterBlanks(text, value), isHeader, out);
    }

    private static boolean isOfName(char c) {
        return isWord(c) || c == '_' || c == '-';
    }

    /// Between a name and its `=`: quotes, escaped or not, a closing bracket, blanks.
    private static boolean isAroundName(char c) {
        return c == '"' || c == '\'' || c == '\\' || c == ']' || c == ' ';
    }

    private static int afterBlanks(String text, int at) {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    private static int value(String text, int at, boolean isHeader, Finds out) {
        int from = at;
        while (at(text, from) == '\\') {
            from++;
        }
        char quote = at(text, from);
        if (quote == '"' || quote == '\'') {
            int to = quotedEnd(text, from + 1, quote, from - at);
            return secret(text, isHeader ? afterScheme(text, from + 1) : from + 1, to, out);
        }
        if (!isHeader) {
            return secret(text, at, isPlace(text, at) ? at : plainEnd(text, at), out);
        }
        int start = afterScheme(text, at);
        return secret(text, start, isLong(text, at, start) ? lineEnd(text, start) : plainEnd(text, start), out);
    }

    private static int secret(String text, int from, int to, Finds out) {
        if (!saysSomething(text, from, to)) {
            return -1;
        }
        out.add(from, to);
        return to;
    }

    /// Before the quote that closes what begins at `from`; the end of the text when none does.
    ///
    /// @param slashes backslashes before the quote that opened it
    private static int quotedEnd(String text, int from, char quote, int slashes) {
        for (int i = text.indexOf(quote, from); i >= 0; i = text.indexOf(quote, i + 1)) {
            int before = 0;
            while (i - before > from && text.charAt(i - before - 1) == '\\') {
                before++;
            }
            if (slashes == 0 ? before % 2 == 0 : before == slashes) {
                return i - slashes;
            }
        }
        return text.length();
    }

    private static int plainEnd(String text, int from) {
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c <= ' ' || ",;&\"'`)]}<>|".indexOf(c) >= 0) {
                break;
            }
            i++;
        }
        return i;
    }

    private static int lineEnd(String text, int from) {
        int i = from;
        while (i < text.length() && "\r\n\"'".indexOf(text.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    /// Where the credentials of an `Authorization` header begin: after its scheme, when it names one.
    private static int afterScheme(String text, int from) {
        int blank = from;
        while (blank - from < LONGEST_SCHEME && at(text, blank) > ' ') {
            blank++;
        }
        if (at(text, blank) != ' ') {
            return from;
        }
        var scheme = text.substring(from, Math.min(blank, text.length())).toLowerCase(Locale.ROOT);
        return SCHEMES.contains(scheme) || LONG_SCHEMES.contains(scheme) ? afterBlanks(text, blank) : from;
    }

    private static boolean isLong(String text, int scheme, int after) {
        return after > scheme
                && LONG_SCHEMES.contains(text.substring(scheme, after).strip().toLowerCase(Locale.ROOT));
    }

    /// Whether what begins there is a place that somebody fills, or an object.
    private static boolean isPlace(String text, int from) {
        char first = at(text, from);
        return first == '{'
                || first == '<'
                || text.startsWith("${", from)
                || text.startsWith("$(", from)
                || text.startsWith("%{", from);
    }

    /// Whether a value is one: it has a letter or digit, and is neither a word for nothing nor a
    /// place that somebody fills.
    static boolean saysSomething(String text, int from, int to) {
        if (from >= to || isPlace(text, from)) {
            return false;
        }
        boolean word = false;
        for (int i = from; i < to && !word; i++) {
            word = isWord(text.charAt(i));
        }
        return word
                && (to - from > 9 || !NOTHING.contains(text.substring(from, to).toLowerCase(Locale.ROOT)));
    }

    /// The password between `://name:` and the last `@` before the host ends.
    private static int inAddress(String text, int colon, Finds out) {
        if (!isWord(at(text, colon - 1))) {
            return -1;
        }
        int from = -1;
        int at = -1;
        for (int i = colon + 3; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || "/?#\"'<>".indexOf(c) >= 0) {
                break;
            }
            if (c == ':' && from < 0) {
                from = i + 1;
            }
            if (c == '@' && from > 0) {
                at = i;
            }
        }
        return at < 0 ? -1 : secret(text, from, at, out);
    }

    private static int privateKey(String text, int from, Finds out) {
        int title = from + BEGIN.length();
        while (title - from < LONGEST_TITLE && !text.startsWith(PRIVATE, title)) {
            title++;
        }
        if (!text.startsWith(PRIVATE, title)) {
            return -1;
        }
        int end = text.indexOf("-----END ", title);
        int close = end < 0 ? -1 : text.indexOf("-----", end + 9);
        int to = close < 0 ? text.length() : close + 5;
        out.add(from, to);
        return to;
    }

    private static int bearer(String text, int at, Finds out) {
        if (!text.regionMatches(true, at, BEARER, 0, BEARER.length())) {
            return -1;
        }
        int from = at + BEARER.length();
        int to = from;
        while (to < text.length() && (isWord(text.charAt(to)) || "-._~+/=".indexOf(text.charAt(to)) >= 0)) {
            to++;
        }
        if (to - from < LEAST_BEARER) {
            return -1;
        }
        out.add(from, to);
        return to;
    }

    private static int known(String text, int at, Form[] forms, Finds out) {
        for (var form : forms) {
            if (!text.startsWith(form.start, at)) {
                continue;
            }
            int to = at + form.start.length();
            while (to < text.length() && isOfKey(text.charAt(to))) {
                to++;
            }
            if (to - at - form.start.length() >= form.more) {
                out.add(at, to);
                return to;
            }
        }
        return -1;
    }

    private static boolean isOfKey(char c) {
        return isDigit(c) || isLetter(c) || c == '_' || c == '-' || c == '.';
    }
}
