package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Writing labels and reading them are each other's inverse; names of routes are one to one.
class LabelsLaws {
    private static final List<String> SERVICES =
            List.of("shop_web", "web", "a_b_c", "Shop_WEB", "a-b_c-d", "3_4", "x_" + "y".repeat(60), "a.b_c");
    private static final List<String> WORDS = List.of(
            "a",
            "true",
            "null",
            "1.5",
            "a: b",
            "#no",
            "äß漢😀",
            "'",
            "\"",
            "%{x}-%{+yyyy}",
            " lead",
            "$$",
            "a,b",
            "a=b");
    private static final List<String> FIELDS =
            List.of("msg", "http.status", "[a.b][c]", "true", "[warn]", "@metadata.x", "a b", "[ x ]");

    @Test
    void labels_that_are_written_read_as_the_routes_that_they_were() {
        for (int seed : Seeds.upTo(500)) {
            var random = Seeds.random(seed);
            var service = SERVICES.get(random.nextInt(SERVICES.size()));
            var routes = routes(service, random);
            var labels = Labels.write(service, routes);
            var as = "seed %d: %s".formatted(seed, labels);
            var reading = Labels.read(of(service, labels, random), Labels.Known.NOTHING);
            assertThat(reading.problems()).as(as).isEmpty();
            var again = new ArrayList<Document>();
            reading.documents().forEach(located -> again.add(located.document()));
            assertThat(again).as(as).isEqualTo(List.copyOf(routes.values()));
            assertThat(Labels.write(service, routes)).as(as).isEqualTo(labels);
        }
    }

    /// In any order: Docker keeps none.
    private static Labels.OfService of(String service, Map<String, String> labels, Random random) {
        var all = new ArrayList<Labels.Label>();
        labels.forEach((key, value) -> all.add(new Labels.Label(key, value, random.nextInt(3))));
        java.util.Collections.shuffle(all, random);
        return new Labels.OfService("seed", service, Optional.of("shop"), all);
    }

    @Test
    void no_two_routes_have_the_same_name_and_every_name_is_one() {
        var parts = List.of(
                "a", "b", "a-b", "b-a", "A", "a.b", "a--b", "1", "-a", "a-", "a" + "b".repeat(40), "-", "a---1");
        var names = new HashMap<Name, String>();
        for (var stack : parts) {
            for (var service : parts) {
                for (var full : List.of(stack, stack + "_" + service, stack + "__" + service, stack + "-" + service)) {
                    for (var route : List.of("", "a", "b", "a-b", "a--b", "b-a", "a" + "c".repeat(39))) {
                        var whose = full + " " + route;
                        var other = names.put(Labels.nameOf(full, route), whose);
                        assertThat(other == null || other.equals(whose))
                                .as("%s and %s are both %s", whose, other, Labels.nameOf(full, route))
                                .isTrue();
                    }
                }
            }
        }
        assertThat(names).hasSizeGreaterThan(1000);
    }

    @Test
    void what_labels_cannot_say_is_not_written() {
        var random = new Random(1);
        var good = route("shop_web", "", random);
        for (var bad : List.of(
                new LogRoute(new Name("other"), good.router(), good.match(), false, good.filters(), good.to()),
                new LogRoute(good.name(), good.router(), LogRoute.Match.ALL, true, good.filters(), good.to()),
                new LogRoute(
                        good.name(),
                        good.router(),
                        good.match(),
                        false,
                        List.of(new FilterSpec.Flatten(List.of(), ".", Optional.empty())),
                        good.to()),
                new LogRoute(
                        good.name(),
                        good.router(),
                        good.match(),
                        false,
                        List.of(
                                new FilterSpec.Remove(List.of(FieldPath.parse("a")), Optional.empty()),
                                new FilterSpec.Drop(Optional.of(new When("true")))),
                        good.to()),
                new LogRoute(
                        good.name(),
                        good.router(),
                        good.match(),
                        false,
                        List.of(new FilterSpec.Set(
                                Map.of(FieldPath.parse("a"), new FieldValue.Whole(1)), Optional.empty())),
                        good.to()),
                new LogRoute(
                        good.name(),
                        good.router(),
                        good.match(),
                        false,
                        List.of(),
                        List.of(
                                new LogRoute.Target(new Name("a"), Optional.empty()),
                                new LogRoute.Target(new Name("b"), Optional.of(FieldTemplate.parse("x"))))))) {
            assertThatThrownBy(() -> Labels.write("shop_web", Map.of("", bad)))
                    .as(bad.toString())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Map<String, LogRoute> routes(String service, Random random) {
        var routes = new TreeMap<String, LogRoute>();
        for (var name : List.of("", "audit", "a--b", "x" + "y".repeat(39))) {
            if (routes.isEmpty() || random.nextBoolean()) {
                routes.put(name, route(service, name, random));
            }
        }
        return routes;
    }

    private static LogRoute route(String service, String name, Random random) {
        var index = random.nextBoolean() ? Optional.of(template(random)) : Optional.<FieldTemplate>empty();
        return new LogRoute(
                Labels.nameOf(service, name),
                new Name("core"),
                new LogRoute.Match(
                        List.of(new Glob(service)),
                        List.of(),
                        Map.of(),
                        random.nextBoolean() ? Optional.empty() : Optional.of(when(random))),
                false,
                filters(service, random),
                IntStream.rangeClosed(0, random.nextInt(3))
                        .mapToObj(i -> new LogRoute.Target(new Name("sink-" + i), index))
                        .toList());
    }

    private static List<FilterSpec> filters(String service, Random random) {
        var all = new ArrayList<FilterSpec>();
        for (var kind : LabelFilter.values()) {
            if (random.nextBoolean()) {
                all.add(filter(kind, service, random));
            }
        }
        return all;
    }

    private static FilterSpec filter(LabelFilter kind, String service, Random random) {
        return switch (kind) {
            case MULTILINE -> read(kind, pick(random, "java", "dotnet", "^\\d{4}-", " ^a", "^[a-z]+: "), service);
            case REDACT -> read(kind, pick(random, "email", "email, card, iban, ip, jwt, secret"), service);
            case PARSE ->
                read(
                        kind,
                        pick(
                                random,
                                "json",
                                "logfmt",
                                "keyValue",
                                "nginx",
                                "apache",
                                "dissect: %{a}: %{b}",
                                "dissect:  %{a}",
                                "grok: %{WORD:x}",
                                "regex: ^(?<a>.*),$",
                                "csv: a, b c"),
                        service);
            case LEVEL ->
                new FilterSpec.Level(
                        random.nextBoolean() ? Optional.empty() : Optional.of(field(random)),
                        FieldPath.parse("level"),
                        Optional.empty(),
                        Optional.empty());
            case SET -> {
                var fields = new LinkedHashMap<FieldPath, FieldValue>();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    fields.put(field(random), new FieldValue.Text(template(random)));
                }
                yield new FilterSpec.Set(fields, Optional.empty());
            }
            case DROP -> new FilterSpec.Drop(Optional.of(when(random)));
            case SAMPLE -> read(kind, pick(random, "0", "0.25", "1", "1/1", "1/1000", "0.000001"), service);
            case THROTTLE -> read(kind, pick(random, "1/s", "5000/m", "7/d"), service);
            case REMOVE -> new FilterSpec.Remove(List.of(field(random), field(random)), Optional.empty());
        };
    }

    /// Made by the reader of specs: with every default.
    private static FilterSpec read(LabelFilter kind, String text, String service) {
        var binder = new Binder("");
        var made = binder.value(LabelFilter.node(kind.tree(text, service)), FilterSpec.class, "");
        return made instanceof FilterSpec filter ? filter : fail(binder);
    }

    private static FilterSpec fail(Binder binder) {
        throw new AssertionError(binder.problems());
    }

    private static When when(Random random) {
        return new When(pick(random, "event.a == \"x, y\"", "event.n > 1\n&& has(event.b)", " true"));
    }

    private static FieldTemplate template(Random random) {
        return FieldTemplate.parse(WORDS.get(random.nextInt(WORDS.size())));
    }

    private static FieldPath field(Random random) {
        return FieldPath.parse(FIELDS.get(random.nextInt(FIELDS.size())));
    }

    private static String pick(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }
}
