package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How structure is read out of a text field. Every way takes the text from `field` and puts what it
/// finds under `into`, or at the top of the event.
public sealed interface ParseSpec {
    /// Columns of a line of csv, and pairs of one of logfmt or keyValue, at most: nobody's log line has more,
    /// and each costs many times the memory of its text.
    int MOST_FOUND = 1_000;

    /// The field that holds the text; the event's line ([Line]) when it is not named.
    Optional<FieldPath> field();

    /// The field that gets what was found; without it, the top of the event.
    Optional<FieldPath> into();

    @Doc(
            value =
                    "The field holds a JSON object. What is none, or has more than 200,000 values, gets the tag `_jsonparsefailure`.",
            plain = "field")
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
                            + " and without regular expressions. The pattern must fit the whole text; what it does not fit gets the tag"
                            + " `_dissectfailure`.",
            plain = "pattern")
    record Dissect(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value =
                            "The parts and what stands between them. `%{name}` takes a part; `%{?name}` or `%{}` skips one;"
                                    + " `%{+name}` appends it with what stands before it, `%{+name/2}` as the second; `%{*key}` and"
                                    + " `%{&key}` give a field its name and its value; `%{name->}` passes over what stands behind it"
                                    + " however often it repeats; `%{name|integer}`, `|float` and `|boolean` give it a type. A value"
                                    + " that cannot become of its type stays text, and the event gets the tag `_convertfailure`.",
                    example = "\"%{time} %{+time} [%{thread}] %{level->} %{logger} - %{text}\"")
            Dissection pattern,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(
            value =
                    "The field matches a grok pattern. What no pattern matches, and what would take too long to match, gets"
                            + " the tag `_grokparsefailure`.",
            plain = "patterns")
    record Grok(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value =
                            "Patterns to try in order, each anywhere in the text unless it is anchored: regular expressions"
                                    + " with `%{NAME:field}` for known patterns, or with groups `(?<field>...)`."
                                    + " `%{NUMBER:size:int}` and `:float` make numbers; `[nested][field]` names are fields in"
                                    + " objects; a field that two groups fill is a list. A value that is no number stays text,"
                                    + " and the event gets the tag `_convertfailure`.",
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
            definitions = Collections.unmodifiableMap(new LinkedHashMap<>(definitions));
            require(!patterns.isEmpty(), "patterns is empty; write at least one, such as \"%%{COMBINEDAPACHELOG}\"");
            require(patterns.size() <= 100, "patterns has %d of them; write at most 100", patterns.size());
            definitions.forEach(Grok::define);
            for (var each : definitions.values()) {
                GrokExpression.of(each, definitions);
            }
            for (var pattern : patterns) {
                require(
                        !GrokExpression.of(pattern, definitions).captures().isEmpty(),
                        "%s takes nothing; name what it should take, such as %%{WORD:name}",
                        RegexCheck.quoted(pattern));
            }
        }

        private static void define(String name, String pattern) {
            require(
                    name.matches("[A-Za-z0-9_.-]+"),
                    "definitions has a pattern \"%s\"; name it of letters, digits and _, such as ORDER",
                    name);
            require(!pattern.isEmpty(), "definitions has nothing for %s; write what it matches", name);
        }

        /// The patterns, written out.
        public List<GrokExpression> expressions() {
            return patterns.stream()
                    .map(pattern -> GrokExpression.of(pattern, definitions))
                    .toList();
        }
    }

    @Doc(
            value =
                    "The field is logfmt: `level=info msg=\"it works\" took=3ms`. A key without a value is `true`; quoted values"
                            + " may have escapes; of a key that stands twice the last value counts. Values are text. Text without any"
                            + " `=` or with more than 1,000 pairs, and what cannot be read to its end, gets the tag"
                            + " `_logfmtparsefailure`.",
            plain = "field")
    record Logfmt(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(
            value =
                    "The field holds keys and values, as in Logstash's kv: `user=ann ip=10.0.0.1 note=\"two words\"`. Keys and"
                            + " values may stand in quotes (`\"` or `'`), values also in brackets (`(`, `[` or `<`), which are taken"
                            + " off. A key that stands several times gets a list; empty values, and words without a key, are passed"
                            + " over. Text without a single pair, or with more than 1,000, gets the tag `_kv_filter_error`.",
            plain = "field")
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

            @Doc(
                    value = "Only these keys, named without the prefix; all, when it is empty.",
                    example = "[user, ip]",
                    or = "[]")
            List<String> includeKeys,

            @Doc(value = "Not these keys, named without the prefix.", example = "[password]", or = "[]")
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

    @Doc(
            value =
                    "The field matches a regular expression; its named groups become fields. What does not match, and what"
                            + " would take too long to match, gets the tag `_regexparsefailure`.",
            plain = "pattern")
    record Regex(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value =
                            "A regular expression of Java's form with named groups, found anywhere in the text unless it is"
                                    + " anchored. A group that took no part is no field.",
                    example = "'^(?<code>[0-9]{3}) (?<reason>.*)$'")
            LinePattern pattern,

            @Doc(value = INTO, example = "parts") Optional<FieldPath> into)
            implements ParseSpec {
        public Regex {
            require(
                    !pattern.names().isEmpty(),
                    "pattern has no named group; name what it should take, such as (?<code>[0-9]+)");
        }
    }

    @Doc(
            value =
                    "The field is one line of comma-separated values (RFC 4180). Values are text. Columns that the line does not"
                            + " have are left away. Wrong quotes, a line end outside of quotes, more than 1,000 columns, and empty text"
                            + " get the tag `_csvparsefailure`.",
            plain = "columns")
    record Csv(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value =
                            "Fields for the columns, in order. Further columns are named by their number: `column4`, `column5`,"
                                    + " and so on.",
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
            var seen = new HashSet<FieldPath>();
            for (var column : columns) {
                require(seen.add(field(column)), "columns has %s twice; give each its own name", column);
            }
            separator = separator.equals("\\t") ? "\t" : separator;
            require(!columns.isEmpty(), "columns is empty; name them, such as [time, user, amount]");
            require(
                    columns.size() <= MOST_FOUND,
                    "columns has %d of them; write at most %d",
                    columns.size(),
                    MOST_FOUND);
            require(separator.length() == 1, "separator is \"%s\"; write one character, or \\t", separator);
            require(
                    quote.length() == 1 && !quote.equals(separator),
                    "quote is \"%s\"; write one character other than the separator",
                    quote);
        }

        /// The columns as fields.
        public List<FieldPath> fields() {
            return columns.stream().map(Csv::field).toList();
        }

        private static FieldPath field(String column) {
            try {
                return FieldPath.parse(column);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("columns: " + e.getMessage(), e);
            }
        }
    }

    @Doc(
            value =
                    "The field is a line of nginx's access log (`combined`, with what may follow it) or of its error log."
                            + " An access line gives `client`, `user`, `time`, `method`, `path`, `protocol`, `status`, `bytes`,"
                            + " `referrer`, `agent`, and `extra` for what follows; a request that is none, `request`. An error line"
                            + " gives `time`, `level`, `pid`, `tid`, `connection`, `text`, and `client`, `server`, `method`, `path`,"
                            + " `protocol`, `upstream`, `host` and `referrer` where it tells them. Numbers are numbers, times are"
                            + " ISO 8601, and what is `-` is left away. Other lines get the tag `_nginxparsefailure`.",
            plain = "field")
    record Nginx(
            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(value = INTO, example = "nginx") Optional<FieldPath> into)
            implements ParseSpec {}

    @Doc(
            value =
                    "The field is a line of Apache's access log (`common` or `combined`, with what may follow it) or of its"
                            + " error log (of 2.2 or 2.4). An access line gives `client`, `ident`, `user`, `time`, `method`, `path`,"
                            + " `protocol`, `status`, `bytes`, `referrer`, `agent`, and `extra` for what follows; a request that is"
                            + " none, `request`. An error line gives `time`, `level`, `text`, and `module`, `pid`, `tid`, `client`,"
                            + " `port`, `code` and `referrer` where it tells them. Numbers are numbers, times are ISO 8601, and what"
                            + " is `-` is left away. Other lines get the tag `_apacheparsefailure`.",
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
