package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.Labels.Known;
import io.logroute.spec.Labels.Label;
import io.logroute.spec.Labels.OfService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {
    /// Labels of service `web` in stack `shop`, one a line from line 11 on: `key=value`, without
    /// `logroute.`.
    static OfService web(String... labels) {
        return service("shop_web", labels);
    }

    static OfService service(String service, String... labels) {
        var all = new ArrayList<Label>();
        for (var label : labels) {
            int equals = label.indexOf('=');
            all.add(new Label(
                    Labels.PREFIX + label.substring(0, equals), label.substring(equals + 1), 11 + all.size()));
        }
        return new OfService("stack.yml", service, Optional.of("shop"), all);
    }

    private static List<LogRoute> routes(OfService service, Known known) {
        var reading = Labels.read(service, known);
        assertThat(reading.problems()).isEmpty();
        return reading.documents().stream()
                .map(located -> (LogRoute) located.document())
                .toList();
    }

    private static LogRoute route(String... labels) {
        var routes = routes(web(labels), Known.NOTHING);
        assertThat(routes).hasSize(1);
        return routes.getFirst();
    }

    /// The filters that YAML says.
    private static List<FilterSpec> filters(String yaml) {
        var read = SpecReader.read("filters", """
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: a }
                spec: { router: core, to: es, filters: %s }
                """.formatted(yaml));
        assertThat(read.problems()).isEmpty();
        return ((LogRoute) read.orElse(_ -> List.of()).getFirst().document()).filters();
    }

    @Test
    void the_example_of_the_product_becomes_two_routes_of_its_service() {
        var routes = routes(
                web(
                        "enable=true",
                        "to=es",
                        "index=shop-web-%{+yyyy.MM.dd}",
                        "parse=json",
                        "multiline=java",
                        "drop=event.level == \"debug\"",
                        "routes.audit.when=event.kind == \"audit\"",
                        "routes.audit.to=archive"),
                new Known(Set.of(new Name("core")), List.of()));
        assertThat(routes.stream().map(SpecWriter::brief).collect(Collectors.joining("---\n")))
                .isEqualTo("""
                apiVersion: logroute/v1
                kind: LogRoute
                metadata:
                  name: shop--web
                spec:
                  router: core
                  match:
                    service:
                    - shop_web
                  filters:
                  - multiline: java
                  - parse:
                      json: {}
                  - drop:
                      when: event.level == "debug"
                  to:
                  - sink: es
                    index: shop-web-%{+yyyy.MM.dd}
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata:
                  name: shop--web--audit
                spec:
                  router: core
                  match:
                    service:
                    - shop_web
                    when: event.kind == "audit"
                  to:
                  - archive
                """);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            multiline | python                       | [{ multiline: python }]
            multiline | ^\\d{4}-                      | [{ multiline: { start: '^\\d{4}-' } }]
            redact    | email                        | [{ redact: { patterns: [email] } }]
            redact    | email, card,iban             | [{ redact: { patterns: [email, card, iban] } }]
            parse     | json                         | [{ parse: json }]
            parse     | logfmt                       | [{ parse: logfmt }]
            parse     | nginx                        | [{ parse: nginx }]
            parse     | apache                       | [{ parse: apache }]
            parse     | keyValue                     | [{ parse: keyValue }]
            parse     | dissect:%{time} %{text}      | [{ parse: { dissect: '%{time} %{text}' } }]
            parse     | dissect: %{time} %{text}     | [{ parse: { dissect: '%{time} %{text}' } }]
            parse     | grok: %{COMBINEDAPACHELOG}   | [{ parse: { grok: '%{COMBINEDAPACHELOG}' } }]
            parse     | regex: ^(?<code>[0-9]+):     | [{ parse: { regex: '^(?<code>[0-9]+):' } }]
            parse     | csv: time, user              | [{ parse: { csv: [time, user] } }]
            level     | true                         | [{ level: {} }]
            level     | severity                     | [{ level: severity }]
            level     | [log][level]                 | [{ level: log.level }]
            set.env   | prod                         | [{ set: { fields: { env: prod } } }]
            set.env   | %{stack_name}-prod           | [{ set: { fields: { env: '%{stack_name}-prod' } } }]
            set.n     | 8080                         | [{ set: { fields: { n: '8080' } } }]
            set.a.b   | x                            | [{ set: { fields: { a.b: x } } }]
            set.[a.b] | x                            | [{ set: { fields: { '[a.b]': x } } }]
            drop      | event.path == "/healthz"     | [{ drop: { when: 'event.path == "/healthz"' } }]
            sample    | 0.1                          | [{ sample: 0.1 }]
            sample    | 1/10                         | [{ sample: { oneIn: 10 } }]
            throttle  | 500/s                        | [{ throttle: { rate: 500/s, key: shop_web } }]
            remove    | labels                       | [{ remove: labels }]
            remove    | labels, beat.version         | [{ remove: [labels, beat.version] }]
            """)
    void every_label_of_a_filter_says_what_a_spec_would(String key, String value, String spec) {
        assertThat(route("enable=true", "to=es", key + "=" + value).filters()).isEqualTo(filters(spec));
    }

    @Test
    void filters_stand_in_one_order_whatever_that_of_the_labels() {
        var labels = List.of(
                "remove=labels",
                "throttle=5/s",
                "sample=0.5",
                "drop=event.a == 1",
                "set.b=2",
                "set.a=1",
                "level=true",
                "parse=json",
                "redact=email",
                "multiline=go",
                "to=es",
                "enable=true");
        var expected = filters("""
                [ { multiline: go }, { redact: { patterns: [email] } }, { parse: json }, { level: {} },
                  { set: { fields: { a: '1', b: '2' } } }, { drop: { when: event.a == 1 } }, { sample: 0.5 },
                  { throttle: { rate: 5/s, key: shop_web } }, { remove: labels } ]""");
        assertThat(route(labels.toArray(String[]::new)).filters()).isEqualTo(expected);
        assertThat(route(labels.reversed().toArray(String[]::new)).filters()).isEqualTo(expected);
    }

    @Test
    void a_route_takes_the_events_of_its_own_service_that_when_holds_for() {
        assertThat(route("enable=true", "to=es").match())
                .isEqualTo(new LogRoute.Match(List.of(new Glob("shop_web")), List.of(), Map.of(), Optional.empty()));
        assertThat(route("enable=true", "to=es", "when=event.level == \"error\"")
                        .match())
                .isEqualTo(new LogRoute.Match(
                        List.of(new Glob("shop_web")),
                        List.of(),
                        Map.of(),
                        Optional.of(new When("event.level == \"error\""))));
    }

    @Test
    void to_names_sinks_and_index_is_for_those_that_have_one() {
        var es = sink("es", "elasticsearch: { urls: ['http://es:9200'], index: x }");
        var archive = sink("archive", "file: { path: a }");
        var labels = web("enable=true", "to=es, archive", "index=shop-%{+yyyy}");
        var index = Optional.of(FieldTemplate.parse("shop-%{+yyyy}"));
        assertThat(routes(labels, new Known(Set.of(), List.of(es, archive)))
                        .getFirst()
                        .to())
                .containsExactly(
                        new LogRoute.Target(new Name("es"), index),
                        new LogRoute.Target(new Name("archive"), Optional.empty()));
        assertThat(routes(labels, Known.NOTHING).getFirst().to())
                .as("of sinks that are not known, every one may")
                .containsExactly(
                        new LogRoute.Target(new Name("es"), index), new LogRoute.Target(new Name("archive"), index));
        assertThat(routes(web("enable=true", "to=archive", "index=x"), new Known(Set.of(), List.of(archive)))
                        .getFirst()
                        .to())
                .as("where none has, it stays, and the check of sinks tells it")
                .containsExactly(new LogRoute.Target(new Name("archive"), Optional.of(FieldTemplate.parse("x"))));
    }

    private static LogSink sink(String name, String spec) {
        var read = SpecReader.read(
                "sink",
                "apiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: %s }\nspec: { %s }\n".formatted(name, spec));
        return (LogSink) read.orElse(_ -> List.of()).getFirst().document();
    }

    @Test
    void the_router_is_the_only_one_or_the_one_that_is_named() {
        var core = new Name("core");
        var edge = new Name("edge");
        assertThat(routes(web("enable=true", "to=es"), new Known(Set.of(core), List.of()))
                        .getFirst()
                        .router())
                .isEqualTo(core);
        assertThat(routes(web("enable=true", "to=es", "router=edge"), new Known(Set.of(core, edge), List.of()))
                        .getFirst()
                        .router())
                .isEqualTo(edge);
        assertThat(route("enable=true", "to=es").router()).isEqualTo(new Name("default"));
    }

    @Test
    void routes_with_names_take_nothing_over_from_the_labels_without() {
        var routes = routes(
                web("enable=true", "routes.a.to=es", "routes.b.to=es", "routes.b.parse=json", "router=core"),
                Known.NOTHING);
        assertThat(routes).extracting(route -> route.name().value()).containsExactly("shop--web--a", "shop--web--b");
        assertThat(routes).extracting(route -> route.filters().size()).containsExactly(0, 1);
        assertThat(routes).extracting(route -> route.router().value()).containsOnly("core");
    }

    @Test
    void every_key_may_stand_in_a_route_with_a_name() {
        var keys = List.of(
                "to=es",
                "index=i",
                "when=true",
                "multiline=go",
                "redact=ip",
                "parse=json",
                "level=true",
                "set.x=1",
                "drop=false",
                "sample=0.1",
                "throttle=1/s",
                "remove=a");
        var own = route(keys.stream()
                .map(key -> key)
                .collect(Collectors.collectingAndThen(Collectors.toCollection(ArrayList::new), all -> {
                    all.add("enable=true");
                    return all;
                }))
                .toArray(String[]::new));
        var named =
                new ArrayList<>(keys.stream().map(key -> "routes.audit." + key).toList());
        named.add("enable=true");
        var route = route(named.toArray(String[]::new));
        assertThat(route.filters()).isEqualTo(own.filters()).hasSize(9);
        assertThat(route.match()).isEqualTo(own.match());
        assertThat(route.to()).isEqualTo(own.to());
    }

    @Test
    void labels_that_are_off_say_nothing_and_are_not_looked_at() {
        var off = web("enable=false", "to=http://x", "nonsense=1");
        assertThat(Labels.isOff(off)).isTrue();
        assertThat(Labels.read(off, Known.NOTHING)).isEqualTo(new Reading(List.of(), List.of()));
        assertThat(Labels.isOff(web("enable=true"))).isFalse();
    }

    @Test
    void labels_of_others_are_left_alone() {
        var service = new OfService(
                "stack.yml",
                "shop_web",
                Optional.of("shop"),
                List.of(
                        new Label("traefik.enable", "true", 1),
                        new Label("com.example.logroute.to", "es", 2),
                        new Label("logrotate.enable", "true", 3)));
        assertThat(Labels.read(service, Known.NOTHING)).isEqualTo(new Reading(List.of(), List.of()));
    }

    @Test
    void a_route_knows_which_label_each_of_its_parts_comes_from() {
        var located = Labels.read(
                        web("enable=true", "to=es, archive", "index=x", "parse=json", "set.env=a", "when=event.a == 1"),
                        Known.NOTHING)
                .documents()
                .getFirst();
        var places = new LinkedHashMap<String, String>();
        for (var path : List.of(
                "metadata.name",
                "spec.router",
                "spec.match.when",
                "spec.match.service[0]",
                "spec.filters[0].parse.json",
                "spec.filters[1].set.fields.env",
                "spec.to[1].sink",
                "spec.to[0].index")) {
            places.put(path, located.where(path));
        }
        assertThat(places.values())
                .containsExactly(
                        "stack.yml:12: logroute.to",
                        "stack.yml:11: logroute.router",
                        "stack.yml:16: logroute.when",
                        "stack.yml:12: logroute.to",
                        "stack.yml:14: logroute.parse",
                        "stack.yml:15: logroute.set.env",
                        "stack.yml:12: logroute.to",
                        "stack.yml:13: logroute.index");
        assertThat(located.labels().orElseThrow().stack()).contains("shop");
    }

    @Test
    void a_service_in_the_swarm_has_no_lines() {
        var service = new OfService(
                "service shop_web", "shop_web", Optional.empty(), List.of(new Label("logroute.to", "x y", 0)));
        assertThat(Labels.read(service, Known.NOTHING).problems())
                .extracting(Problem::where)
                .containsExactlyInAnyOrder("service shop_web: logroute.enable", "service shop_web: logroute.to");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            an unknown key            | too=es                            | there is no such label            | Did you mean logroute.to?
            a key of another tool     | output=es                         | there is no such label            | Here it is logroute.to.
            a format                  | format=json                       | there is no such label            | Here it is logroute.parse.
            an endpoint as a key      | urls=http://es:9200               | there is no such label            | Labels name sinks and define none: declare a LogSink in a spec, and name it with logroute.to.
            a password as a key       | password=x                        | there is no such label            | Labels name sinks and define none: declare a LogSink in a spec, and name it with logroute.to.
            set without a field       | set=x                             | there is no such label            | Write the field behind it, such as logroute.set.env.
            more than one value       | multiline.pattern=^x              | there is no such label            | logroute.multiline takes one value; what needs more is for a LogRoute.
            far from everything       | zzzzzz=1                          | there is no such label            | Write one of: drop, enable, index, level, multiline, parse, redact, remove, router, sample, set, throttle, to, when.
            a route without a key     | routes.audit=x                    | there is no such label            | Write what the route is to do, such as logroute.routes.audit.to.
            routes alone              | routes=x                          | there is no such label            | Write its name and what it is to do, such as logroute.routes.audit.to.
            enable in a route         | routes.audit.enable=true          | there is no such label            | It is said once for the service: logroute.enable.
            a typo in a route         | routes.audit.dorp=true            | there is no such label            | Did you mean logroute.routes.audit.drop?
            an at in a name           | routes.a@b.to=es                  | name "a@b" does not fit           | Use a-z, 0-9 and -, begin with a letter, end with a letter or digit, 40 at most.
            a dot in a name           | routes.a.b.to=es                  | name "a.b" has a dot              | Names of routes are of a-z, 0-9 and -: write logroute.routes.a-b.to.
            upper case in a name      | routes.Audit.to=es                | name "Audit" does not fit         | Use a-z, 0-9 and -, begin with a letter, end with a letter or digit, 40 at most.
            an address as a sink      | to=http://es:9200                 | "http://es:9200" is an address    | Labels name sinks and define none: declare a LogSink in a spec, and write its name.
            a host as a sink          | to=es:9200                        | "es:9200" is an address           | Labels name sinks and define none: declare a LogSink in a spec, and write its name.
            a provider at a sink      | to=es@config                      | name "es@config" does not fit     | Use a-z, 0-9 and -, begin with a letter, end with a letter or digit, 40 at most.
            a sink twice              | to=es, es                         | to has sink es twice              | Leave one away.
            nothing between commas    | to=es,                            | "es," is a list with nothing between two commas | Write its items, such as a, b.
            no template               | index=x-%{                        | "x-%{" has a %{ without its field or } | Write %{field} or %{+yyyy.MM.dd}.
            no CEL                    | drop=event.level == debug         | undeclared reference to 'debug'   | It is here:
            no CEL in when            | when=level == "debug"             | undeclared reference to 'level'   | It is here:
            now in when               | when=now > timestamp("2026-01-01T00:00:00Z") | a match may not ask for now | It is here:
            no preset                 | multiline=jave                    | "jave" is none of its words       | Did you mean java?
            no parser                 | parse=jsn                         | "jsn" is no way to parse          | Did you mean json?
            a pattern alone           | parse=%{COMBINEDAPACHELOG}        | "%{COMBINEDAPACHELOG}" is no way to parse | Write for instance grok: %{COMBINEDAPACHELOG}, or dissect: and a pattern.
            grok without a pattern    | parse=grok                        | "grok" needs more                 | Write for instance grok: %{COMBINEDAPACHELOG}.
            grok with nothing         | parse=grok:                       | "grok" needs more                 | Write for instance grok: %{COMBINEDAPACHELOG}.
            json with a field         | parse=json: msg                   | "json" takes nothing more         | Write only json.
            a dissect of nothing      | parse=dissect: abc                | "abc" takes nothing               | Write for instance "%{time} %{level} %{text}".
            a level for its field     | level=warn                        | "warn" is a level, and not the field that holds one | Write true, or the field.
            no level                  | level=false                       | "false" is no field               | Leave the label away.
            no field                  | remove=a, [b                      | "[b" names no field               | Write each key in brackets, [service][name].
            no share                  | sample=10%                        | "10%" is no number                | Write one from 0 to 1, such as 0.1.
            more than all             | sample=1.5                        | 1.5 is no part of a whole         | Write a number from 0 to 1, such as 0.1.
            one in none               | sample=1/0                        | oneIn is 0                        | Write 1 or more.
            no pace                   | throttle=500                      | "500" is no pace                  | Write for instance 500/s, 1000/m or 10/h.
            no known pattern          | redact=emial                      | "emial" is none of its words      | Did you mean email?
            nothing                   | drop=                             | is empty                          | Write a value, or leave the label away.
            a secret that is set      | set.auth=Bearer abcdefghijkl      | looks like a secret               | Labels are read by whoever
            a secret by its field     | set.db.password=hunter2           | looks like a secret               | Labels are read by whoever
            a secret in an address    | set.db=pg://u:pw@db/x             | looks like a secret               | Labels are read by whoever
            a secret in a condition   | drop=event.k == "ghp_abcdefghijklmnopqrstuvwxyz0123" | looks like a secret | Labels are read by whoever
            a secret in camel case    | set.dbPassword=hunter2            | looks like a secret               | Labels are read by whoever
            a secret as the router    | router=ghp_abcdefghijklmnopqrstuvwxyz0123 | looks like a secret      | Labels are read by whoever
            no router                 | router=Core                       | name "Core" does not fit          | Use a-z
            """)
    void a_mistake_is_told_where_it_is_with_what_to_do(String why, String label, String what, String mend) {
        var key = label.substring(0, label.indexOf('='));
        var labels = key.equals("to") || key.equals("too") || key.equals("output") || mend.contains("logroute.to.")
                ? web("enable=true", label)
                : web("enable=true", label, "to=es", "routes.audit.to=es");
        var problems = Labels.read(labels, Known.NOTHING).problems().stream()
                .distinct()
                .toList();
        assertThat(problems).as(why).hasSize(1);
        var problem = problems.getFirst();
        assertThat(problem.where()).isEqualTo("stack.yml:12: logroute." + key);
        assertThat(problem.what()).startsWith(what);
        assertThat(problem.mend()).startsWith(mend);
        assertThat(problem.toString()).doesNotContain("hunter2", "ghp_", "abcdefghijkl", ":pw@");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            no enable          | to=es                | logroute.enable | is missing: the labels of this service have no effect
            no enable, but off | routes.a.to=es       | logroute.enable | is missing: the labels of this service have no effect
            enable is a secret | enable=token: abcdef;to=es | logroute.enable | looks like a secret
            enable is yes      | enable=yes;to=es     | logroute.enable | "yes" is not true or false
            no to              | enable=true          | logroute.to     | is missing: nothing says where the events go
            no to, but more    | enable=true;drop=true | logroute.to    | is missing: nothing says where the events go
            no to in a route   | enable=true;to=es;routes.a.drop=true | logroute.routes.a.to | is missing: nothing says where the events go
            a typo of enable   | enabel=true;to=es    | logroute.enabel | there is no such label
            twice              | enable=true;to=es;to=archive | logroute.to | stands twice
            set twice          | enable=true;to=es;set.a.b=1;set.[a][b]=2 | logroute.set.a.b | sets the field a.b once more
            """)
    void what_is_missing_is_told_at_the_labels(String why, String labels, String key, String what) {
        var problems = Labels.read(web(labels.split(";")), Known.NOTHING).problems();
        assertThat(problems).as(why).hasSize(1);
        assertThat(problems.getFirst().where()).startsWith("stack.yml:").endsWith(": " + key);
        assertThat(problems.getFirst().what()).isEqualTo(what);
    }

    @Test
    void with_several_routers_one_must_be_named() {
        var known = new Known(Set.of(new Name("edge"), new Name("core")), List.of());
        assertThat(Labels.read(web("enable=true", "to=es"), known).problems())
                .containsExactly(new Problem(
                        "stack.yml:11: logroute.router",
                        "is missing, and there are several routers",
                        "Write one of: core, edge."));
    }

    @Test
    void a_prefix_that_was_meant_to_be_ours_is_told() {
        for (var key : List.of("logroutes.to", "LogRoute.to", "log-route.to", "logrout.to")) {
            var service = new OfService(
                    "s",
                    "shop_web",
                    Optional.empty(),
                    List.of(new Label("logroute.enable", "true", 1), new Label(key, "es", 2)));
            assertThat(Labels.read(service, Known.NOTHING).problems())
                    .containsExactly(new Problem("s:2: " + key, "there is no such label", "Did you mean logroute.to?"));
        }
    }

    @Test
    void a_broken_route_leaves_the_others_of_its_service_alone_and_all_its_problems_are_told() {
        var reading = Labels.read(
                web("enable=true", "to=es", "sample=2", "parse=jsn", "dorp=true", "routes.audit.to=archive"),
                Known.NOTHING);
        assertThat(reading.documents())
                .extracting(each -> each.document().name().value())
                .containsExactly("shop--web--audit");
        assertThat(reading.broken()).hasSize(1);
        assertThat(reading.broken().getFirst().kind()).contains("LogRoute");
        assertThat(reading.broken().getFirst().name()).contains(new Name("shop--web"));
        assertThat(reading.problems())
                .extracting(Problem::where)
                .containsExactlyInAnyOrder(
                        "stack.yml:13: logroute.sample", "stack.yml:14: logroute.parse", "stack.yml:15: logroute.dorp");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a gap in to            | to=es, http://x:9, , Es        | "http://x:9" is an address; name "Es" does not fit
            a gap in redact        | to=es;redact=emial,,crad       | "emial" is none of its words; "crad" is none of its words
            a gap in remove        | to=es;remove=a,,[b             | "[b" names no field
            only gaps              | to=es;remove=,                 | -
            a gap in columns       | to=es;parse=csv: a,,[b         | "[b" names no field
            a sink twice           | to=es, es;sample=2             | to has sink es twice; 2.0 is no part of a whole
            upper case in a name   | to=es;routes.Audit.parse=jsn   | name "Audit" does not fit; "jsn" is no way to parse
            a dot in a name        | to=es;routes.a.b.sample=2      | name "a.b" has a dot; 2.0 is no part of a whole
            """)
    void a_mistake_hides_no_other_in_the_same_label(String why, String labels, String others) {
        var told = Labels.read(web(("enable=true;" + labels).split(";")), Known.NOTHING).problems().stream()
                .map(Problem::what)
                .toList();
        var expected = new ArrayList<>(others.equals("-") ? List.<String>of() : List.of(others.split("; ")));
        if (why.contains("gap")) {
            expected.add(" is a list with nothing between two commas");
        }
        assertThat(told).as(why).hasSameSizeAs(expected);
        expected.forEach(each ->
                assertThat(told).as(why).anySatisfy(one -> assertThat(one).contains(each)));
    }

    @Test
    void a_label_that_is_told_already_is_not_told_to_be_empty_or_missing() {
        var service = new OfService(
                "s",
                "shop_web",
                Optional.empty(),
                List.of(
                        new Label("logroute.enable", "true", 1),
                        new Label("logroute.to", "", 2, true),
                        new Label("logroute.sample", "2", 3)));
        assertThat(Labels.read(service, Known.NOTHING).problems())
                .extracting(Problem::where)
                .containsExactly("s:3: logroute.sample");
    }

    @Test
    void the_name_of_a_service_is_no_pattern() {
        assertThat(Labels.read(service("shop_*", "enable=true", "to=es"), Known.NOTHING)
                        .problems())
                .containsExactly(new Problem(
                        "stack.yml:11: logroute.enable",
                        "\"shop_*\" is no name of a service",
                        "Docker takes letters, digits, _, . and -."));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            nullValues = "-",
            value = {
                "shop_web,        -,     shop--web",
                "shop_web,        audit, shop--web--audit",
                "shop_order-api,  -,     shop--order-api",
                "my-shop_3scale,  a-1,   my-shop--3scale--a-1",
                "web,             -,     web---4ded89b3f9f0",
                "shop_web_api,    -,     shop-web-api---5381e366476c",
                "Shop_web,        -,     shop-web---38c46e1714a3",
                "3scale_web,      -,     scale-web---b0195eecd14d",
                "shop_web,        a--b,  shop-web-a-b---d75bd3c576c0",
                "shop_web.v2,     -,     shop-web-v2---ae7c71dcd40b"
            })
    void names_of_routes_say_where_they_come_from(String service, String route, String name) {
        var made = Labels.nameOf(service, route == null ? Labels.OWN : route).value();
        assertThat(made).isEqualTo(name);
    }

    @Test
    void values_may_end_with_the_line_end_that_yaml_leaves() {
        assertThat(route("enable=true", "to=es\n", "drop=event.a == 1\n").filters())
                .isEqualTo(filters("[{ drop: { when: event.a == 1 } }]"));
    }
}
