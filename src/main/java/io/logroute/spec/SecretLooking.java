package io.logroute.spec;

import com.google.re2j.Pattern;
import java.util.List;

/// Whether text looks like a secret, so that it is not kept where everyone reads it. Knows forms, and
/// guesses nothing from mere randomness: an id or a checksum is none.
final class SecretLooking {
    /// What is a secret wherever it stands.
    private static final List<Pattern> FORMS = List.of(
            Pattern.compile("://[^/?#\\s:@]*:[^/?#\\s@]+@"),
            Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY"),
            Pattern.compile("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\."),
            Pattern.compile("\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b"),
            Pattern.compile("\\bAIza[0-9A-Za-z_-]{35}"),
            Pattern.compile("\\bgh[pousr]_[A-Za-z0-9]{20,}"),
            Pattern.compile("\\bglpat-[A-Za-z0-9_-]{16,}"),
            Pattern.compile("\\bxox[abprs]-[A-Za-z0-9-]{10,}"),
            Pattern.compile("\\b[sr]k_live_[A-Za-z0-9]{10,}"),
            Pattern.compile("(?i)\\b(?:bearer|basic)\\s+[A-Za-z0-9+/=._-]{12,}"));

    private static final String WORDS =
            "(?:password|passwd|passphrase|pwd|secret|token|(?:api|access|private|secret)[_-]?key|credentials?)";

    /// What gives one its value. Conditions and patterns may speak so of the lines that they look for.
    private static final Pattern ASSIGNED = Pattern.compile("(?i)(?:\\b|_)" + WORDS + "\\s*[=:]\\s*[^\\s%]{3,}");

    private static final Pattern NAMED = Pattern.compile("(?i)(?:^|[_.-])" + WORDS + "$");

    /// What people write in place of one.
    private static final Pattern MASK = Pattern.compile("(?i)\\W*(?:redacted|removed|hidden|masked|secret|x*)\\W*");

    /// Where a word ends within a name such as `dbPassword` or `DBPassword`.
    private static final Pattern HUMP = Pattern.compile("([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])");

    private SecretLooking() {}

    /// Whether there is something in it that has the form of a secret.
    static boolean form(String text) {
        return FORMS.stream().anyMatch(form -> form.matcher(text).find());
    }

    /// The same, and whether something is given a secret's name: `password=...`.
    static boolean value(String text) {
        return form(text) || ASSIGNED.matcher(apart(text)).find();
    }

    /// `db_Password` of `dbPassword`.
    private static String apart(String text) {
        return HUMP.matcher(text).replaceAll("$1$3_$2$4");
    }

    /// Whether a field of that name that is set to this text keeps a secret: `db.password`, `dbPassword`.
    static boolean field(String name, String text) {
        return NAMED.matcher(apart(name)).find()
                && !text.contains("%{")
                && !MASK.matcher(text).matches();
    }
}
