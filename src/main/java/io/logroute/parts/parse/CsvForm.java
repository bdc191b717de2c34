package io.logroute.parts.parse;

import io.logroute.spec.FieldPath;
import io.logroute.spec.ParseSpec;
import java.util.List;

/// One line of comma-separated values. A value in quotes may have separators and line ends in it, and a
/// quote written twice; a quote or a line end anywhere else does not fit. Nor does a line of more than
/// [ParseSpec#MOST_FOUND] columns. Its time grows with the text only.
final class CsvForm implements Form {
    private final List<String[]> columns;
    private final char separator;
    private final char quote;
    private final boolean skipEmpty;

    CsvForm(ParseSpec.Csv spec) {
        columns = spec.fields().stream().map(FieldPath::toArray).toList();
        separator = spec.separator().charAt(0);
        quote = spec.quote().charAt(0);
        skipEmpty = spec.skipEmpty();
    }

    @Override
    public String name() {
        return "csv";
    }

    @Override
    public String tag() {
        return "_csvparsefailure";
    }

    @Override
    public void read(String text, Found found) {
        int length = withoutLineEnds(text);
        if (length == 0) {
            found.misfit("it is empty");
            return;
        }
        int at = 0;
        int nextQuote = -1;
        int nextLine = -1;
        for (int column = 0; ; column++) {
            if (column == ParseSpec.MOST_FOUND) {
                found.misfit("it has more than %,d columns".formatted(ParseSpec.MOST_FOUND));
                return;
            }
            int end;
            String value;
            if (at < length && text.charAt(at) == quote) {
                end = closing(text, at, length);
                if (end < 0) {
                    found.misfit("column %d opens a quote and does not close it".formatted(column + 1));
                    return;
                }
                value = unquoted(text, at + 1, end);
                end++;
                if (end < length && text.charAt(end) != separator) {
                    found.misfit("column %d goes on behind its closing quote".formatted(column + 1));
                    return;
                }
            } else {
                int next = text.indexOf(separator, at);
                end = next < 0 || next > length ? length : next;
                if (nextQuote < at) {
                    int quoted = text.indexOf(quote, at);
                    nextQuote = quoted < 0 ? length : quoted;
                }
                if (nextQuote < end) {
                    found.misfit("column %d has a quote in it that it does not begin with".formatted(column + 1));
                    return;
                }
                if (nextLine < at) {
                    int line = text.indexOf('\n', at);
                    nextLine = line < 0 ? length : line;
                }
                if (nextLine < end) {
                    found.misfit("column %d has a line end in it and no quotes around it".formatted(column + 1));
                    return;
                }
                value = text.substring(at, end);
            }
            if (!skipEmpty || !value.isEmpty()) {
                put(column, value, found);
            }
            if (end >= length) {
                return;
            }
            at = end + 1;
        }
    }

    private static int withoutLineEnds(String text) {
        int length = text.length();
        while (length > 0 && (text.charAt(length - 1) == '\n' || text.charAt(length - 1) == '\r')) {
            length--;
        }
        return length;
    }

    /// Where the quote that opens at `open` is closed; -1 when it is not.
    private int closing(String text, int open, int length) {
        int at = open + 1;
        while (true) {
            int next = text.indexOf(quote, at);
            if (next < 0 || next >= length) {
                return -1;
            }
            if (next + 1 == length || text.charAt(next + 1) != quote) {
                return next;
            }
            at = next + 2;
        }
    }

    private String unquoted(String text, int from, int to) {
        var value = text.substring(from, to);
        var one = String.valueOf(quote);
        return value.indexOf(quote) < 0 ? value : value.replace(one + one, one);
    }

    private void put(int column, String value, Found found) {
        if (column < columns.size()) {
            found.put(columns.get(column), value);
        } else {
            found.put("column" + (column + 1), value);
        }
    }
}
