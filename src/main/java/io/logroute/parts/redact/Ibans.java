package io.logroute.parts.redact;

import static io.logroute.parts.redact.Chars.at;
import static io.logroute.parts.redact.Chars.isDigit;
import static io.logroute.parts.redact.Chars.isLetter;
import static io.logroute.parts.redact.Chars.isWord;

/// International bank account numbers (ISO 13616): of a country that has them, of its length, with
/// check digits that hold (modulo 97), in one piece or in groups of four.
final class Ibans implements Finder {
    private static final String LENGTHS =
            "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28"
                    + "EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
                    + "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24"
                    + "SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
    private static final byte[] LENGTH = new byte[26 * 26];

    static {
        for (int i = 0; i < LENGTHS.length(); i += 4) {
            LENGTH[country(LENGTHS.charAt(i), LENGTHS.charAt(i + 1))] = Byte.parseByte(LENGTHS.substring(i + 2, i + 4));
        }
    }

    private static int country(char first, char second) {
        return ((first | 0x20) - 'a') * 26 + ((second | 0x20) - 'a');
    }

    @Override
    public void find(String text, Finds out) {
        for (int i = 0; i + 15 <= text.length(); i++) {
            if (isDigit(text.charAt(i + 2))
                    && isDigit(text.charAt(i + 3))
                    && isLetter(text.charAt(i))
                    && isLetter(text.charAt(i + 1))
                    && !isWord(at(text, i - 1))) {
                out.add(i, end(text, i));
            }
        }
    }

    /// After the number that begins there; -1 when none does.
    private static int end(String text, int from) {
        int length = LENGTH[country(text.charAt(from), text.charAt(from + 1))];
        int rest = 0;
        int taken = 0;
        int at = from;
        while (taken < length) {
            char c = at(text, at);
            if ((c == ' ' || c == '-') && taken % 4 == 0 && at < text.length()) {
                c = at(text, ++at);
            }
            if (!isDigit(c) && !isLetter(c)) {
                return -1;
            }
            if (taken >= 4) {
                rest = with(rest, c);
            }
            taken++;
            at++;
        }
        for (int i = from; i < from + 4; i++) {
            rest = with(rest, text.charAt(i));
        }
        return length > 0 && rest == 1 && !isWord(at(text, at)) ? at : -1;
    }

    /// The rest modulo 97 with one character more; letters count from 10 on.
    private static int with(int rest, char c) {
        return isDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + ((c | 0x20) - 'a' + 10)) % 97;
    }
}
