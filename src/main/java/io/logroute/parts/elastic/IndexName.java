package io.logroute.parts.elastic;

import io.logroute.spec.FieldTemplate;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Names that Elasticsearch takes for an index or data stream, made of names it would refuse.
///
/// The rule, which [the guide](../../../../../../../docs/guide/elasticsearch.md) tells users: upper
/// case becomes lower case; each of `\ / * ? " < > | , # :`, blanks, control characters and halves
/// of characters becomes `-`; any `-`, `_`, `+` and `.` at the beginning go (names with a leading
/// dot belong to Elasticsearch itself); what is over 255 bytes of UTF-8 is cut, at a whole
/// character. Nothing may be left: then there is no index, and the event is a dead letter.
///
/// Source: "Create an index API", path parameters, elastic.co/docs.
final class IndexName {
    static final int MAX_BYTES = 255;

    private IndexName() {}

    /// The name by the rule; empty when nothing is left of it.
    static String repaired(String name) {
        return isFine(name) ? name : cut(stripped(replaced(name)));
    }

    /// The pattern that fits every index a template can name: its text by the same rule, `*` for
    /// all the rest.
    static String pattern(FieldTemplate template) {
        var out = new StringBuilder();
        for (var piece : template.pieces()) {
            switch (piece) {
                case FieldTemplate.Piece.Text(var text) -> out.append(replaced(text));
                case FieldTemplate.Piece.Field _, FieldTemplate.Piece.Time _ -> {
                    if (out.isEmpty() || out.charAt(out.length() - 1) != '*') {
                        out.append('*');
                    }
                }
            }
        }
        return stripped(out.toString());
    }

    /// Whether the index pattern `wide` fits all that `narrow` fits, both with `*` only.
    static boolean covers(String wide, String narrow) {
        // A star of the narrow one must be taken by a star: as a character that no name has, it is.
        return new io.logroute.spec.Glob(wide).matches(narrow.replace('*', '\uffff'));
    }

    private static boolean isFine(String name) {
        if (name.isEmpty() || name.length() > MAX_BYTES) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!plain && (i == 0 || c != '-' && c != '_' && c != '.' && c != '+')) {
                return false;
            }
        }
        return true;
    }

    private static String replaced(String name) {
        var lower = name.toLowerCase(Locale.ROOT);
        var out = new StringBuilder(lower.length());
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < lower.length()
                    && Character.isLowSurrogate(lower.charAt(i + 1))) {
                out.append(c).append(lower.charAt(++i));
                continue;
            }
            boolean illegal = "\\/*?\"<>|,#:".indexOf(c) >= 0 || c <= ' ' || Character.isWhitespace(c);
            out.append(illegal || Character.isISOControl(c) || Character.isSurrogate(c) ? '-' : c);
        }
        return out.toString();
    }

    private static String stripped(String name) {
        int from = 0;
        while (from < name.length() && "-_+.".indexOf(name.charAt(from)) >= 0) {
            from++;
        }
        return name.substring(from);
    }

    private static String cut(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES) {
            return name;
        }
        int end = 0;
        int bytes = 0;
        while (end < name.length()) {
            int point = name.codePointAt(end);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > MAX_BYTES) {
                break;
            }
            end += Character.charCount(point);
        }
        return name.substring(0, end);
    }
}
