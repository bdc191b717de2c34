package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How structure is read out of a text field. Every way takes the text from `field` and puts what it
/// finds under `into`, or at the top of the event.
public sealed interface ParseSpec {
    /// The field that holds the text; the event's line ([Line]) when it is not named.
    Optional<FieldPath> field();

    /// The field that gets what was found; without it, the top of the event.
    Optional<FieldPath> into();

    @Doc(value = "The field holds a JSON object.", plain = "field")
    record Json(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = INTO, example = "payload") Optional<FieldPath> into)
            implements ParseSpec {
        /// One that reads that field to the top of the event.
        public static Json of(String field) {
            return new Json(Optional.of(FieldPath.parse(field)), Optional.empty());
        }
    }

    @Doc(
            value =
                    "The field is text with fixed characters between its parts, as in Logstash's and Beats' dissect: fast,"
                            + " and without regular expressions.",
            plain = "pattern")
    record Dissect(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value =
                            "The parts and what stands between them. `%{name}` takes a part; `%{?name}` or `%{}` skips one;"
                                    + " `%{+name}` appends it with the character before it, `%{+name/2}` as the second; `%{*key}`"
                                    + " and `%{&key}` give a field its name and its value; `%{name->}` takes the characters after it"
                                    + " however often they repeat.",
                    example = "\"%{time} %{+time} [%{thread}] %{level} %{logger->} - %{text}\"")
            Dissection pattern,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(value = "The field matches a grok pattern.", plain = "patterns")
    record Grok(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value = "Patterns to try in order: regular expressions with `%{NAME:field}` for known patterns."
                            + " `%{NUMBER:size:int}` and `:float` make numbers; `[nested][field]` names are fields in"
                            + " objects.",
                    example = "[\"%{IPORHOST:client} %{WORD:verb} %{NOTSPACE:path} %{INT:status:int}\"]")
            List<String> patterns,

            @Doc(
                    value = "Patterns of your own, by their names, besides the standard set.",
                    example = "{ ORDER: \"[A-Z]{2}[0-9]{6}\" }",
                    or = "{}")
            Map<String, String> definitions,

            @Doc(value = INTO, example = "request") Optional<FieldPath> into)
            implements ParseSpec {
        public Grok {
            patterns = List.copyOf(patterns);
            definitions = Map.copyOf(definitions);
            require(!patterns.isEmpty(), "patterns is empty; write at least one, such as \"%%{COMBINEDAPACHELOG}\"");
        }
    }

    @Doc(value = "The field is logfmt: `level=info msg=\"it works\" took=3ms`.", plain = "field")
    record Logfmt(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(value = "The field holds keys and values: `user=ann; ip=10.0.0.1`.", plain = "field")
    record KeyValue(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = "Characters of which each ends a pair.", example = "\"; \"", or = "\" \"")
            String pairSeparators,

            @Doc(value = "Characters of which each stands between key and value.", example = "\":=\"", or = "\"=\"")
            String keySeparators,

            @Doc(value = "Characters taken off both ends of keys.", example = "\"<>\"", or = "\"\"")
            String trimKeys,

            @Doc(value = "Characters taken off both ends of values.", example = "\"<>,\"", or = "\"\"")
            String trimValues,

            @Doc(value = "Stands before every key.", example = "kv_", or = "\"\"")
            String prefix,

            @Doc(value = "Only these keys; all, when it is empty.", example = "[user, ip]", or = "[]")
            List<String> includeKeys,

            @Doc(value = "Not these keys.", example = "[password]", or = "[]")
            List<String> excludeKeys,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {
        public KeyValue {
            includeKeys = List.copyOf(includeKeys);
            excludeKeys = List.copyOf(excludeKeys);
            require(!pairSeparators.isEmpty(), "pairSeparators is empty; write for instance \"; \"");
            require(!keySeparators.isEmpty(), "keySeparators is empty; write for instance \"=\"");
        }
    }

    @Doc(value = "The field matches a regular expression; its named groups become fields.", plain = "pattern")
    record Regex(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value = "A regular expression with named groups, found anywhere in the text unless it is anchored.",
                    example = "'^(?<code>[0-9]{3}) (?<reason>.*)$'")
            LinePattern pattern,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(value = "The field is one line of comma-separated values (RFC 4180).", plain = "columns")
    record Csv(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value =
                            "Names of the columns, in order. Further columns are named `column4`, `column5`, and so on.",
                    example = "[time, user, amount]")
            List<String> columns,

            @Doc(value = "The character between values; `\\t` is a tab.", example = "\";\"", or = "\",\"")
            String separator,

            @Doc(value = "The character around values that have separators in them.", or = "'\"'")
            String quote,

            @Doc(value = "Whether columns without a value are left away.", or = "false")
            boolean skipEmpty,

            @Doc(value = INTO, example = "row") Optional<FieldPath> into)
            implements ParseSpec {
        public Csv {
            columns = List.copyOf(columns);
            separator = separator.equals("\\t") ? "\t" : separator;
            require(!columns.isEmpty(), "columns is empty; name them, such as [time, user, amount]");
            require(separator.length() == 1, "separator is \"%s\"; write one character, or \\t", separator);
            require(
                    quote.length() == 1 && !quote.equals(separator),
                    "quote is \"%s\"; write one character other than the separator",
                    quote);
        }
    }

    @Doc(
            value =
                    "The field is a line of nginx's access log (`combined`, with what may follow it) or of its error log.",
            plain = "field")
    record Nginx(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = INTO, example = "nginx") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(
            value = "The field is a line of Apache's access log (`common` or `combined`) or of its error log.",
            plain = "field")
    record Apache(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = INTO, example = "apache") Optional<FieldPath> into)
            implements ParseSpec {}

    /// What `into` is, wherever it stands.
    String INTO =
            "The field to put what is found under. Without it, it goes to the top of the event, over what is there;"
                    + " `@timestamp` only when it is one.";
}
