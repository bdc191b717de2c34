package io.logroute.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.face.convert.ConfReader;
import io.logroute.face.convert.Conversion;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.spec.LogSink;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SpecReader;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Logstash makes of an event, the specs made of its pipeline make, too: they are run by the code
/// of the data path.
class ConvertedTest {
    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "rename goes before replace | mutate { replace => { \"b\" => \"new\" } rename => { \"a\" => \"b\" } } | {\"a\":\"old\"} | {\"b\":\"new\"}",
                "update of what is there | mutate { update => { \"a\" => \"new\" } } | {\"a\":\"old\"} | {\"a\":\"new\"}",
                "update of what is not there | mutate { update => { \"a\" => \"new\" } } | {} | {}",
                "coerce of null | mutate { coerce => { \"a\" => \"x\" } } | {\"a\":null} | {\"a\":\"x\"}",
                "coerce of text | mutate { coerce => { \"a\" => \"x\" } } | {\"a\":\"y\"} | {\"a\":\"y\"}",
                "gsub of a text | mutate { gsub => [\"a\", \"/\", \"_\"] } | {\"a\":\"b/c/d\"} | {\"a\":\"b_c_d\"}",
                "gsub with groups | mutate { gsub => [\"a\", \"(\\d)(\\d)\", \"\\2-\\1\"] } | {\"a\":\"12 34\"} | {\"a\":\"2-1 4-3\"}",
                "gsub at the end of lines | mutate { gsub => [\"a\", \"x$\", \"\"] } | {\"a\":\"ax\\nbx\"} | {\"a\":\"a\\nb\"}",
                "gsub, then again | mutate { gsub => [\"a\", \"b\", \"c\", \"a\", \"c\", \"d\"] } | {\"a\":\"b\"} | {\"a\":\"d\"}",
                "gsub of a number | mutate { gsub => [\"a\", \"1\", \"2\"] } | {\"a\":1} | {\"a\":1}",
                "case | mutate { lowercase => [\"a\"] uppercase => [\"b\"] capitalize => [\"c\"] } | {\"a\":\"AbC\",\"b\":\"x1\",\"c\":\"pARIS\"} | {\"a\":\"abc\",\"b\":\"X1\",\"c\":\"Paris\"}",
                "strip | mutate { strip => [\"a\"] } | {\"a\":\"  x \\t\"} | {\"a\":\"x\"}",
                "split and join | mutate { split => { \"a\" => \",\" } join => { \"a\" => \"-\" } } | {\"a\":\"x,y\"} | {\"a\":\"x-y\"}",
                "split at blanks | mutate { split => { \"a\" => \" \" } } | {\"a\":\"x  y\"} | {\"a\":[\"x\",\"y\"]}",
                "join of numbers | mutate { join => { \"a\" => \"-\" } } | {\"a\":[1,2]} | {\"a\":\"1-2\"}",
                "merge of two texts | mutate { merge => { \"a\" => \"b\" } } | {\"a\":\"x\",\"b\":\"y\"} | {\"a\":[\"x\",\"y\"],\"b\":\"y\"}",
                "merge of a list and a text | mutate { merge => { \"a\" => \"b\" } } | {\"a\":[\"x\"],\"b\":\"y\"} | {\"a\":[\"x\",\"y\"],\"b\":\"y\"}",
                "merge into nothing | mutate { merge => { \"a\" => \"b\" } } | {\"b\":[\"y\"]} | {\"a\":[\"y\"],\"b\":[\"y\"]}",
                "merge of nothing | mutate { merge => { \"a\" => \"b\" } } | {\"a\":\"x\"} | {\"a\":\"x\"}",
                "copy of an object | mutate { copy => { \"a\" => \"b\" } } | {\"a\":{\"c\":1}} | {\"a\":{\"c\":1},\"b\":{\"c\":1}}",
                "copy of nothing | mutate { copy => { \"a\" => \"b\" } } | {} | {}",
                "a comma for the point | mutate { convert => { \"a\" => \"float_eu\" } } | {\"a\":\"1.234,5\"} | {\"a\":1234.5}",
                "convert | mutate { convert => { \"a\" => \"integer\" \"b\" => \"string\" } } | {\"a\":\"12\",\"b\":5} | {\"a\":12,\"b\":\"5\"}",
                "a field twice | mutate { add_field => { \"a\" => \"x\" } } mutate { add_field => { \"a\" => \"y\" } } | {} | {\"a\":[\"x\",\"y\"]}",
                "a field with a template | mutate { add_field => { \"a\" => \"%{[b][c]}!\" } } | {\"b\":{\"c\":\"x\"}} | {\"a\":\"x!\",\"b\":{\"c\":\"x\"}}",
                "a tag | mutate { add_tag => [\"x\"] } | {\"tags\":[\"y\"]} | {\"tags\":[\"y\",\"x\"]}",
                "a tag that is there | mutate { add_tag => [\"x\"] } | {\"tags\":[\"x\"]} | {\"tags\":[\"x\"]}",
                "two tags, one is there | mutate { add_tag => [\"x\", \"y-%{a}\"] } | {\"a\":1,\"tags\":[\"x\"]} | {\"a\":1,\"tags\":[\"x\",\"y-1\"]}",
                "a tag less | mutate { remove_tag => [\"x\"] } | {\"tags\":[\"x\",\"y\"]} | {\"tags\":[\"y\"]}",
                "a dot in a name | mutate { rename => { \"a.b\" => \"[c][d]\" } } | {\"a.b\":1} | {\"c\":{\"d\":1}}",
            })
    void mutate_does_as_Logstash_does(String why, String filters, String event, String result) throws IOException {
        assertThat(filtered(filters, event)).isEqualTo(result);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "if | if [a] == 1 { mutate { add_field => { \"b\" => \"y\" } } } | {\"a\":1} | {\"a\":1,\"b\":\"y\"}",
                "if | if [a] == 1 { mutate { add_field => { \"b\" => \"y\" } } } | {\"a\":2} | {\"a\":2}",
                "drop | if [a] == 1 { drop { } } | {\"a\":1} | gone",
                "else | if [a] == 1 { drop { } } else { mutate { add_tag => [\"e\"] } } | {} | {\"tags\":[\"e\"]}",
                "else if | if [a] == 1 { drop { } } else if [b] { mutate { add_tag => [\"b\"] } } else { mutate { add_tag => [\"e\"] } } | {\"b\":1} | {\"b\":1,\"tags\":[\"b\"]}",
                "a condition that the branch changes | if [a] == \"x\" { mutate { replace => { \"a\" => \"y\" } } mutate { add_field => { \"b\" => \"1\" } } } | {\"a\":\"x\"} | {\"a\":\"y\",\"b\":\"1\"}",
                "a branch does not come to its else | if [a] == \"x\" { mutate { replace => { \"a\" => \"y\" } } } else if [a] == \"y\" { mutate { add_tag => [\"second\"] } } else { mutate { add_tag => [\"else\"] } } | {\"a\":\"x\"} | {\"a\":\"y\"}",
                "a branch does not come to its else | if [a] == \"x\" { mutate { replace => { \"a\" => \"y\" } } } else if [a] == \"y\" { mutate { add_tag => [\"second\"] } } else { mutate { add_tag => [\"else\"] } } | {\"a\":\"y\"} | {\"a\":\"y\",\"tags\":[\"second\"]}",
                "a branch does not come to its else | if [a] == \"x\" { mutate { replace => { \"a\" => \"y\" } } } else if [a] == \"y\" { mutate { add_tag => [\"second\"] } } else { mutate { add_tag => [\"else\"] } } | {} | {\"tags\":[\"else\"]}",
                "a branch in a branch | if [a] { if [b] { mutate { remove_field => [\"a\", \"b\"] } mutate { add_tag => [\"both\"] } } else { mutate { add_tag => [\"a\"] } } } | {\"a\":1,\"b\":2} | {\"tags\":[\"both\"]}",
                "a branch in a branch | if [a] { if [b] { mutate { remove_field => [\"a\", \"b\"] } mutate { add_tag => [\"both\"] } } else { mutate { add_tag => [\"a\"] } } } | {\"a\":1} | {\"a\":1,\"tags\":[\"a\"]}",
                "a branch in a branch | if [a] { if [b] { mutate { remove_field => [\"a\", \"b\"] } mutate { add_tag => [\"both\"] } } else { mutate { add_tag => [\"a\"] } } } | {\"b\":1} | {\"b\":1}",
                "tags in the branch of a tag | if \"x\" in [tags] { mutate { remove_tag => [\"x\"] } mutate { add_tag => [\"was\"] } } | {\"tags\":[\"x\"]} | {\"tags\":[\"was\"]}",
            })
    void branches_do_as_Logstash_does(String why, String filters, String event, String result) throws IOException {
        assertThat(filtered(filters, event)).isEqualTo(result);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "read | json { source => \"m\" } | {\"m\":\"{\\\"a\\\":1}\"} | {\"a\":1,\"m\":\"{\\\"a\\\":1}\"}",
                "removed on success | json { source => \"m\" remove_field => [\"m\"] add_tag => [\"ok\"] } | {\"m\":\"{\\\"a\\\":1}\"} | {\"a\":1,\"tags\":[\"ok\"]}",
                "kept on failure | json { source => \"m\" remove_field => [\"m\"] add_tag => [\"ok\"] } | {\"m\":\"no\"} | {\"m\":\"no\",\"tags\":[\"_jsonparsefailure\"]}",
                "without the field | json { source => \"m\" add_field => { \"b\" => \"1\" } } | {} | {}",
                "a tag of one's own | json { source => \"m\" tag_on_failure => [\"bad\"] } | {\"m\":\"no\"} | {\"m\":\"no\",\"tags\":[\"bad\"]}",
                "no tag | json { source => \"m\" tag_on_failure => [] } | {\"m\":\"no\"} | {\"m\":\"no\"}",
                "the second succeeds | json { source => \"m\" } json { source => \"n\" add_tag => [\"n\"] } | {\"m\":\"no\",\"n\":\"{}\"} | {\"m\":\"no\",\"n\":\"{}\",\"tags\":[\"n\",\"_jsonparsefailure\"]}",
                "both fail | json { source => \"m\" } json { source => \"n\" add_tag => [\"n\"] } | {\"m\":\"no\",\"n\":\"no\"} | {\"m\":\"no\",\"n\":\"no\",\"tags\":[\"_jsonparsefailure\"]}",
                "translate | translate { source => \"a\" target => \"b\" dictionary => { \"1\" => \"one\" } } | {\"a\":1} | {\"a\":1,\"b\":\"one\"}",
                "translate, not found | translate { source => \"a\" target => \"b\" dictionary => { \"1\" => \"one\" } } | {\"a\":2} | {\"a\":2}",
                "translate, fallback | translate { source => \"a\" target => \"b\" dictionary => { \"1\" => \"one\" } fallback => \"%{a}?\" } | {\"a\":2} | {\"a\":2,\"b\":\"2?\"}",
                "grok | grok { match => { \"m\" => \"%{WORD:a} %{INT:b:int}\" } } | {\"m\":\"x 5\"} | {\"a\":\"x\",\"b\":5,\"m\":\"x 5\"}",
                "grok fails | grok { match => { \"m\" => \"%{INT:b:int}\" } add_tag => [\"ok\"] } | {\"m\":\"x\"} | {\"m\":\"x\",\"tags\":[\"_grokparsefailure\"]}",
                "grok without its field fails | grok { match => { \"m\" => \"%{INT:b:int}\" } add_tag => [\"ok\"] } | {} | {\"tags\":[\"_grokparsefailure\"]}",
                "grok succeeds and takes the text away | grok { match => { \"m\" => \"%{INT:b:int}\" } remove_field => [\"m\"] add_tag => [\"ok\"] } | {\"m\":\"5\"} | {\"b\":5,\"tags\":[\"ok\"]}",
                "the second of two groks succeeds | grok { match => { \"m\" => \"%{INT:b}\" } } grok { match => { \"m\" => \"%{WORD:c}\" } remove_field => [\"m\"] tag_on_failure => [\"t\"] } | {\"m\":\"x\"} | {\"c\":\"x\",\"tags\":[\"_grokparsefailure\"]}",
                "the second of two groks fails | grok { match => { \"m\" => \"%{INT:b}\" } } grok { match => { \"m\" => \"^%{INT:c}\" } remove_field => [\"m\"] tag_on_failure => [\"t\"] } | {\"m\":\"x 1\"} | {\"b\":\"1\",\"m\":\"x 1\",\"tags\":[\"t\"]}",
                "patterns are tried in order | grok { match => { \"m\" => [\"^%{INT:b}$\", \"^%{WORD:c}$\"] } } | {\"m\":\"x\"} | {\"c\":\"x\",\"m\":\"x\"}",
                "overwrite | grok { match => { \"message\" => \"%{WORD:a} %{GREEDYDATA:message}\" } overwrite => [\"message\"] } | {\"message\":\"x y z\"} | {\"a\":\"x\",\"message\":\"y z\"}",
                "nested names | grok { match => { \"m\" => \"%{IP:[client][ip]}\" } } | {\"m\":\"10.0.0.1\"} | {\"client\":{\"ip\":\"10.0.0.1\"},\"m\":\"10.0.0.1\"}",
                "a combined log | grok { match => { \"m\" => \"%{COMMONAPACHELOG}\" } remove_field => [\"m\"] } | {\"m\":\"1.2.3.4 - ann [10/Oct/2000:13:55:36 -0700] \\\"GET /a HTTP/1.0\\\" 200 23\"} | {\"auth\":\"ann\",\"bytes\":\"23\",\"clientip\":\"1.2.3.4\",\"httpversion\":\"1.0\",\"ident\":\"-\",\"request\":\"/a\",\"response\":\"200\",\"timestamp\":\"10/Oct/2000:13:55:36 -0700\",\"verb\":\"GET\"}",
                "grok of a name with a dot | grok { match => { \"m\" => \"%{WORD:a.b} (?<c.d>x)\" } } | {\"m\":\"v x\"} | {\"a.b\":\"v\",\"c.d\":\"x\",\"m\":\"v x\"}",
                "dissect of a name with a dot | dissect { mapping => { \"m\" => \"%{a.b} %{+a.b/2} %{c->} %{d.e}\" } } | {\"m\":\"u v w  x\"} | {\"a.b\":\"u v\",\"c\":\"w\",\"d.e\":\"x\",\"m\":\"u v w  x\"}",
                "csv of a name with a dot | csv { source => \"m\" columns => [\"a.b\", \"[c][d]\"] } | {\"m\":\"1,2\"} | {\"a.b\":\"1\",\"c\":{\"d\":\"2\"},\"m\":\"1,2\"}",
                "kv | kv { source => \"q\" field_split => \"&\" prefix => \"q_\" remove_field => [\"q\"] } | {\"q\":\"a=1&b=2\"} | {\"q_a\":\"1\",\"q_b\":\"2\"}",
                "kv without a pair | kv { source => \"q\" remove_field => [\"q\"] } | {\"q\":\"nothing\"} | {\"q\":\"nothing\"}",
                "kv with defaults | kv { source => \"q\" default_keys => { \"a\" => \"0\" \"b\" => \"0\" } } | {\"q\":\"a=1\"} | {\"a\":\"1\",\"b\":\"0\",\"q\":\"a=1\"}",
                "csv | csv { source => \"m\" columns => [\"a\", \"b\"] separator => \";\" convert => { \"b\" => \"integer\" } } | {\"m\":\"x;5\"} | {\"a\":\"x\",\"b\":5,\"m\":\"x;5\"}",
                "csv, more than is named | csv { source => \"m\" columns => [\"a\"] } | {\"m\":\"x,y\"} | {\"a\":\"x\",\"column2\":\"y\",\"m\":\"x,y\"}",
                "csv without columns | csv { source => \"m\" } | {\"m\":\"x,y\"} | {\"column1\":\"x\",\"column2\":\"y\",\"m\":\"x,y\"}",
                "dissect | dissect { mapping => { \"m\" => \"%{a}-%{b}\" } convert_datatype => { \"b\" => \"int\" } } | {\"m\":\"x-5\"} | {\"a\":\"x\",\"b\":5,\"m\":\"x-5\"}",
                "dissect fails | dissect { mapping => { \"m\" => \"%{a}-%{b}\" } tag_on_failure => [\"d\"] } | {\"m\":\"x\"} | {\"m\":\"x\",\"tags\":[\"d\"]}",
                "date into a field | date { match => [\"t\", \"dd/MMM/yyyy:HH:mm:ss Z\"] target => \"at\" remove_field => [\"t\"] } | {\"t\":\"10/Oct/2000:13:55:36 -0700\"} | {\"at\":\"2000-10-10T20:55:36.000Z\"}",
                "date of seconds | date { match => [\"t\", \"ISO8601\", \"UNIX\"] target => \"at\" } | {\"t\":\"1000000000.5\"} | {\"at\":\"2001-09-09T01:46:40.500Z\",\"t\":\"1000000000.5\"}",
                "date with a zone | date { match => [\"t\", \"yyyy-MM-dd HH:mm:ss,SSS\"] timezone => \"Europe/Berlin\" target => \"at\" } | {\"t\":\"2026-07-01 12:00:00,250\"} | {\"at\":\"2026-07-01T10:00:00.250Z\",\"t\":\"2026-07-01 12:00:00,250\"}",
                "date fails | date { match => [\"t\", \"ISO8601\"] target => \"at\" tag_on_failure => [] } | {\"t\":\"soon\"} | {\"t\":\"soon\"}",
                "split | split { field => \"a\" target => \"b\" } | {\"a\":[1,2]} | {\"a\":[1,2],\"b\":1}{\"a\":[1,2],\"b\":2}",
                "split a text | split { field => \"a\" } | {\"a\":\"x\\ny\"} | {\"a\":\"x\"}{\"a\":\"y\"}",
                "prune | prune { whitelist_names => [\"^a$\"] } | {\"a\":1,\"ab\":2} | {\"a\":1}",
                "prune | prune { blacklist_names => [\"^a$\"] } | {\"a\":1,\"ab\":2} | {\"ab\":2}",
                "json, one's own tag beside another | json { source => \"m\" tag_on_failure => [\"x\", \"y\"] } | {\"m\":\"no\",\"tags\":[\"z\"]} | {\"m\":\"no\",\"tags\":[\"z\",\"x\",\"y\"]}",
                "syslog_pri | syslog_pri { } | {\"syslog_pri\":\"34\"} | {\"syslog_facility\":\"security/authorization\",\"syslog_facility_code\":4,\"syslog_pri\":\"34\",\"syslog_severity\":\"critical\",\"syslog_severity_code\":2}",
            })
    void parsers_do_as_Logstash_does(String why, String filters, String event, String result) throws IOException {
        assertThat(filtered(filters, event)).isEqualTo(result);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"a\"}                      | audit",
                "{\"type\":\"b\"}                      | b",
                "{\"type\":\"b\",\"also\":true}        | also b",
                "{\"type\":\"c\"}                      | rest",
                "{}                                    | rest",
            })
    void events_go_where_outputs_under_conditions_send_them(String event, String indices) throws IOException {
        var outputs = """
                if [type] == "a" { elasticsearch { hosts => "es" index => "audit" } }
                else if [type] == "b" {
                  elasticsearch { hosts => "es" index => "b" }
                  if [also] { elasticsearch { hosts => "es" index => "also" } }
                }
                else { elasticsearch { hosts => "es" index => "rest" } }
                """;
        assertThat(indices("", outputs, event)).isEqualTo(indices);
        // The same where a filter may change what the conditions ask for.
        assertThat(indices("mutate { replace => { \"x\" => \"y\" } } json { source => \"json\" }", outputs, event))
                .isEqualTo(indices);
    }

    @Test
    void a_condition_of_an_output_sees_what_the_filters_made() throws IOException {
        var filters = "if [code] == 5 { mutate { add_field => { \"level\" => \"high\" } } }";
        var outputs = """
                if [level] == "high" { elasticsearch { hosts => "es" index => "high" } }
                else { elasticsearch { hosts => "es" index => "low" } }
                """;
        assertThat(indices(filters, outputs, "{\"code\":5}")).isEqualTo("high");
        assertThat(indices(filters, outputs, "{\"code\":6}")).isEqualTo("low");
        assertThat(indices(filters, outputs, "{\"code\":6,\"level\":\"high\"}")).isEqualTo("high");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"a\"} | elasticsearch",
                "{\"type\":\"b\"} | stand-in",
                "{\"type\":\"c\"} | stand-in-2",
                "{\"type\":\"d\"} | elasticsearch-2",
                "{\"type\":\"x\"} | stand-in-3",
                "{}                   | stand-in-3",
            })
    void a_branch_whose_outputs_are_all_left_out_keeps_its_events_in_a_file_of_its_own(String event, String sinks)
            throws IOException {
        var outputs = """
                if [type] == "a" { elasticsearch { hosts => "es" index => "a" } kafka { } }
                else if [type] == "b" { kafka { topic_id => "b" } redis { } }
                else if [type] == "c" { elasticsearch { hosts => "es" action => "delete" document_id => "%{id}" } }
                else if [type] == "d" { elasticsearch { hosts => "es-2" index => "d-%{+xxxx.ww}" } }
                else if [level] =~ "^(?=E)" { stdout { } }
                else { s3 { bucket => "x" } }
                """;
        assertThat(takers("", outputs, event)).isEqualTo(sinks);
        // The same where a filter may change what the conditions ask for.
        assertThat(takers("json { source => \"json\" }", outputs, event)).isEqualTo(sinks);
    }

    /// The sinks that it goes to, sorted.
    private static String takers(String filters, String outputs, String event) throws IOException {
        var pipeline = pipeline("filter { %s } output { %s }".formatted(filters, outputs));
        var out = new TreeSet<String>();
        for (var sink : pipeline.sinks()) {
            var name = sink.name().value();
            routing(pipeline, name).route(Event.of(event, Rig.NOON), new Routing.Way() {
                @Override
                public void send(Event routed) {
                    out.add(name);
                }

                @Override
                public void reject(Event routed, String reason) {
                    out.add("rejected: " + reason);
                }
            });
        }
        return String.join(" ", out);
    }

    /// What is left of the event, keys sorted, without `@timestamp`; `gone` when nothing is.
    private static String filtered(String filters, String event) throws IOException {
        var pipeline = pipeline("filter { %s } output { stdout { } }".formatted(filters));
        var out = new StringBuilder();
        routing(pipeline, "console").route(Event.of(event, Rig.NOON), new Routing.Way() {
            @Override
            public void send(Event routed) {
                byte[] json = routed.json().getBytes(StandardCharsets.UTF_8);
                var fields = new TreeMap<>(Json.parse(json, 0, json.length));
                fields.remove("@timestamp");
                out.append(Json.write(fields));
            }

            @Override
            public void reject(Event routed, String reason) {
                out.append("rejected: ").append(reason);
            }
        });
        return out.isEmpty() ? "gone" : out.toString();
    }

    /// The indices that it goes to, sorted.
    private static String indices(String filters, String outputs, String event) throws IOException {
        var pipeline = pipeline("filter { %s } output { %s }".formatted(filters, outputs));
        var usual = pipeline.sinks().stream()
                .map(LogSink::to)
                .filter(SinkSpec.Elasticsearch.class::isInstance)
                .map(sink -> ((SinkSpec.Elasticsearch) sink).index().text())
                .findFirst()
                .orElseThrow();
        var out = new TreeSet<String>();
        routing(pipeline, "elasticsearch").route(Event.of(event, Rig.NOON), new Routing.Way() {
            @Override
            public void send(Event routed) {
                out.add(routed.address().index().orElse(usual));
            }

            @Override
            public void reject(Event routed, String reason) {
                out.add("rejected: " + reason);
            }
        });
        return String.join(" ", out);
    }

    private static Routing routing(PipelineDefinition pipeline, String sink) throws IOException {
        return Routing.of(pipeline, sink, true, _ -> _ -> {}, new Instruments(), InstantSource.fixed(Rig.NOON));
    }

    private static PipelineDefinition pipeline(String conf) {
        var read = ConfReader.read(List.of(new ConfReader.Source("x.conf", conf)))
                .orElse(problems -> {
                    throw new AssertionError(problems.toString());
                });
        var specs = Conversion.of(read, new Conversion.Around("logstash", Map.of(), _ -> Optional.empty()))
                .specs();
        var declared = Declared.of(SpecReader.documents("specs", specs), Declared.NOTHING, Set.of());
        assertThat(declared.problems()).as(specs).isEmpty();
        return declared.pipeline("logstash").orElseThrow();
    }
}
