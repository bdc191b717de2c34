package io.logroute.house;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.logroute.spec.ByteSize;
import io.logroute.spec.Dissection;
import io.logroute.spec.Doc;
import io.logroute.spec.Document;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldValue;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FreeForm;
import io.logroute.spec.Glob;
import io.logroute.spec.LinePattern;
import io.logroute.spec.LogRelay;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import io.logroute.spec.LogRouter;
import io.logroute.spec.LogSink;
import io.logroute.spec.MaxLag;
import io.logroute.spec.Moment;
import io.logroute.spec.Name;
import io.logroute.spec.Pace;
import io.logroute.spec.ParseSpec;
import io.logroute.spec.Share;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.TimeForm;
import io.logroute.spec.When;
import io.logroute.telemetry.Meter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/// Writes the pages and JSON Schemas that are made of the records and of [Meter], by their paths
/// in the repository.
final class Pages {
    private static final String MADE = "<!-- Made of the records by ./dev docs; do not edit. -->\n\n";

    /// The folders of the generated pages, and the sealed family that each shows.
    static final Map<String, Class<?>> FAMILIES = new TreeMap<>(Map.of(
            "docs/parts/sources", SourceSpec.class,
            "docs/parts/filters", FilterSpec.class,
            "docs/parts/parsers", ParseSpec.class,
            "docs/parts/sinks", SinkSpec.class));

    /// Where the pages of the kinds lie.
    static final String KINDS_FOLDER = "docs/kinds";

    static final List<Class<? extends Document>> KINDS =
            List.of(LogRouter.class, LogSink.class, LogRelay.class, LogRoute.class, LogRouteTest.class);

    /// The schema of a document of any kind: the one that editors are told of.
    static final String ANY_SCHEMA = "crds-like-specs/logroute.schema.json";

    private Pages() {}

    /// Every generated file.
    static Map<String, String> all() {
        var pages = new TreeMap<String, String>();
        pages.put("docs/metrics.md", metrics());
        pages.put(ANY_SCHEMA, anySchema());
        FAMILIES.forEach((folder, family) -> members(family)
                .forEach((key, member) -> pages.put("%s/%s.md".formatted(folder, key), part(folder, key, member))));
        for (var kind : KINDS) {
            pages.put("crds-like-specs/%s.schema.json".formatted(kind.getSimpleName()), schema(kind));
            pages.put("%s/%s.md".formatted(KINDS_FOLDER, kind.getSimpleName()), kind(kind));
        }
        return pages;
    }

    // ---- metrics

    private static String metrics() {
        var out = new StringBuilder(MADE.replace("the records", "Meter")).append("""
                # Metrics

                `/metrics` shows them in the text format of Prometheus. Counters begin at 0 when the process starts. Timers are
                histograms (`_bucket`, `_sum`, `_count`).

                ## The equation

                For each sink of a router, nothing is lost out of sight:

                    recovered + received + copied
                        = delivered + filtered + dead-lettered + discarded + passed + still in the buffer

                | word | metric |
                |---|---|
                """);
        row(out, "recovered", "`" + Meter.BUFFER_RECOVERED_EVENTS.metric() + "`");
        row(out, "received", "`" + Meter.RECEIVED_EVENTS.metric() + "`, summed over the sources of the router");
        row(out, "copied", "`" + Meter.COPIED_EVENTS.metric() + "`");
        row(out, "delivered", "`" + Meter.DELIVERED_EVENTS.metric() + "`");
        row(out, "filtered", "`" + Meter.FILTERED_EVENTS.metric() + "`");
        row(out, "dead-lettered", "`" + Meter.DEAD_LETTERED_EVENTS.metric() + "`");
        row(out, "discarded", "`" + Meter.DISCARDED_EVENTS.metric() + "`");
        row(out, "passed", "`" + Meter.PASSED_EVENTS.metric() + "`");
        row(out, "still in the buffer", "`" + Meter.BUFFER_EVENTS.metric() + "`");
        out.append("\n## All of them\n\n| metric | kind | labels | what it says |\n|---|---|---|---|\n");
        for (var meter : Meter.values()) {
            row(
                    out,
                    "`" + meter.metric() + "`",
                    meter.kind().name().toLowerCase(java.util.Locale.ROOT),
                    meter.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", ")),
                    meter.help());
        }
        return out.toString();
    }

    // ---- kinds

    private static String kind(Class<? extends Document> kind) {
        var out = new StringBuilder(MADE)
                .append("# ")
                .append(kind.getSimpleName())
                .append("\n\n")
                .append(words(kind))
                .append("\n\n```yaml\n")
                .append(example(kind))
                .append("```\n\nThese keys stand under `spec`.\n\n");
        var components = Arrays.stream(kind.getRecordComponents())
                .filter(each -> !each.getName().equals("name") && !doc(each).beside())
                .toList();
        beside(kind).ifPresent(each -> oneOfThese(out, each, "../"));
        keys(out, components);
        for (var component : components) {
            wordsOf(out, component);
        }
        for (var nested : nested(kind)) {
            out.append("\n## ")
                    .append(nested.getSimpleName())
                    .append("\n\n")
                    .append(words(nested))
                    .append("\n\n");
            keys(out, nested);
            for (var component : nested.getRecordComponents()) {
                wordsOf(out, component);
            }
        }
        return out.toString();
    }

    /// What each word of an enumeration means.
    private static void wordsOf(StringBuilder out, RecordComponent component) {
        for (var type : types(component.getGenericType())) {
            if (!type.isEnum()) {
                continue;
            }
            out.append("\n| `").append(key(component)).append("` | |\n|---|---|\n");
            for (var constant : type.getEnumConstants()) {
                var word = (Enum<?>) constant;
                try {
                    row(
                            out,
                            "`" + key(word) + "`",
                            here(type.getField(word.name()).getAnnotation(Doc.class), word)
                                    .value());
                } catch (NoSuchFieldException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /// The component whose member stands beside the record's other keys.
    private static Optional<RecordComponent> beside(Class<?> record) {
        return Arrays.stream(record.getRecordComponents())
                .filter(each -> each.getAnnotation(Doc.class) instanceof Doc doc && doc.beside())
                .findFirst();
    }

    private static void oneOfThese(StringBuilder out, RecordComponent component, String up) {
        out.append(words(component).replaceAll("[.]$", ""))
                .append(", one of: ")
                .append(familyLinks(component.getType()).replace("](../", "](" + up))
                .append(". Beside that:\n\n");
    }

    private static String familyLinks(Class<?> family) {
        var folder = FAMILIES.entrySet().stream()
                .filter(each -> each.getValue() == family)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        return members(family).keySet().stream()
                .map(key -> "[`%s`](../%s/%s.md)".formatted(key, folder.substring("docs/".length()), key))
                .collect(Collectors.joining(", "));
    }

    /// A document of the kind as people write it.
    static String example(Class<? extends Document> kind) {
        if (kind == LogRouter.class) {
            return document(kind.getSimpleName(), "core", """
                    sources:
                      - beats: { port: 5044 }
                    buffer: { maxBytes: 8GiB, whenFull: block }
                    acknowledge: stored
                    deploy: { replicas: 2, networks: [core] }
                    """);
        }
        if (kind == LogRelay.class) {
            return document(kind.getSimpleName(), "up", """
                    swarm: eu1
                    deploy: { passwordSecret: relay-password, publish: 6379 }
                    maxLength: 10000000
                    """);
        }
        if (kind == LogRouteTest.class) {
            return document(kind.getSimpleName(), "errors-go-to-their-index", """
                    route: shop-errors
                    given:
                      - event: { service_name: shop_web, level: error, msg: boom }
                        at: "2026-11-22T10:00:00Z"
                    expect:
                      - { sink: es, index: shop-errors-2026.11.22, event: { level: error } }
                    """);
        }
        return kind == LogSink.class
                ? document(kind.getSimpleName(), "es", """
                        elasticsearch: { urls: ["http://es:9200"], index: "logs-%{+yyyy.MM.dd}" }
                        maxLag: 2h
                        whenFull: dropOldest
                        deadLetters: { maxBytes: 1GiB, maxAge: 30d }
                        """)
                : document(kind.getSimpleName(), "shop-errors", """
                        router: core
                        match: { service: ["shop_*"], when: 'event.level == "error"' }
                        filters:
                          - parse: { json: { field: msg } }
                        to: [es]
                        """);
    }

    // ---- parts

    private static String part(String folder, String key, Class<?> member) {
        var out = new StringBuilder(MADE)
                .append("# ")
                .append(key)
                .append("\n\n")
                .append(words(member))
                .append("\n\n");
        out.append("```yaml\n").append(example(folder, key, member)).append("```\n\n");
        keys(out, member);
        for (var nested : nested(member)) {
            out.append("\n## ")
                    .append(nested.getSimpleName())
                    .append("\n\n")
                    .append(words(nested))
                    .append("\n\n");
            keys(out, nested);
        }
        if (folder.equals("docs/parts/sinks")) {
            besideSinks(out);
        }
        return out.toString();
    }

    /// The keys that stand beside every kind of sink.
    private static void besideSinks(StringBuilder out) {
        var components = Arrays.stream(LogSink.class.getRecordComponents())
                .filter(each -> !List.of("name", "to").contains(each.getName()))
                .toList();
        out.append("\n## Beside it\n\nEvery sink may have these keys beside its kind.\n\n");
        keys(out, components);
        for (var component : components) {
            for (var type : types(component.getGenericType())) {
                if (type.isRecord() && !isWord(type)) {
                    out.append("\n## ")
                            .append(type.getSimpleName())
                            .append("\n\n")
                            .append(words(type))
                            .append("\n\n");
                    keys(out, type);
                }
            }
        }
    }

    private static void keys(StringBuilder out, Class<?> record) {
        var plain = doc(record).plain();
        if (!plain.isEmpty()) {
            out.append("A plain value in place of the mapping is its `")
                    .append(plain)
                    .append("`.\n\n");
        }
        if (record.getRecordComponents().length == 0) {
            out.append("It has no keys.\n");
            return;
        }
        beside(record).ifPresent(each -> oneOfThese(out, each, "../../"));
        keys(
                out,
                Arrays.stream(record.getRecordComponents())
                        .filter(each -> !doc(each).beside())
                        .toList());
    }

    private static void keys(StringBuilder out, List<RecordComponent> components) {
        out.append("| key | type | default | what it is |\n|---|---|---|---|\n");
        for (var component : components) {
            var doc = doc(component);
            row(
                    out,
                    "`" + key(component) + "`",
                    typeWords(component.getGenericType()),
                    !doc.or().isEmpty() ? "`" + doc.or() + "`" : required(component) ? "must be written" : "absent",
                    words(component) + (doc.example().isEmpty() ? "" : " Example: `" + doc.example() + "`."));
        }
    }

    /// A document that has the part: what must be written, and what has an example.
    static String example(String folder, String key, Class<?> member) {
        var fields = new StringBuilder();
        for (var component : member.getRecordComponents()) {
            if (!doc(component).example().isEmpty()) {
                fields.append(
                        "%s: %s\n".formatted(key(component), doc(component).example()));
            }
        }
        beside(member)
                .ifPresent(each -> fields.insert(
                        0, members(each.getType()).keySet().iterator().next() + ": {}\n"));
        var body = fields.isEmpty()
                ? key + ": {}\n"
                : key + ":\n" + fields.toString().indent(2);
        return switch (folder) {
            case "docs/parts/sinks" -> document("LogSink", "a-sink", body);
            case "docs/parts/sources" -> document("LogRouter", "core", "sources:\n" + item(body));
            case "docs/parts/parsers" ->
                document(
                        "LogRoute",
                        "a-route",
                        "router: core\nfilters:\n" + item("parse:\n" + body.indent(2)) + "to: [a-sink]\n");
            default -> document("LogRoute", "a-route", "router: core\nfilters:\n" + item(body) + "to: [a-sink]\n");
        };
    }

    private static String item(String body) {
        var lines = body.indent(4);
        return "  - " + lines.substring(4);
    }

    private static String document(String kind, String name, String spec) {
        return "apiVersion: %s\nkind: %s\nmetadata: { name: %s }\nspec:\n%s"
                .formatted(Document.API_VERSION, kind, name, spec.indent(2));
    }

    /// The records inside of a record, in the order in which they are met.
    static Set<Class<?>> nested(Class<?> record) {
        var found = new LinkedHashSet<Class<?>>();
        addNested(record, found);
        return found;
    }

    private static void addNested(Class<?> record, Set<Class<?>> found) {
        for (var component : record.getRecordComponents()) {
            for (var type : types(component.getGenericType())) {
                if (type.isRecord() && !isWord(type) && found.add(type)) {
                    addNested(type, found);
                }
            }
        }
    }

    private static String typeWords(Type type) {
        if (type instanceof ParameterizedType generic) {
            var of = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return typeWords(of[0]);
            }
            if (generic.getRawType() == List.class) {
                return "list of " + typeWords(of[0]);
            }
            return "mapping of " + typeWords(of[0]) + " to " + typeWords(of[1]);
        }
        var plain = (Class<?>) type;
        if (plain.isEnum()) {
            return Arrays.stream(plain.getEnumConstants())
                    .map(each -> "`" + key((Enum<?>) each) + "`")
                    .collect(Collectors.joining(" or "));
        }
        if (FAMILIES.containsValue(plain)) {
            return "one of " + familyLinks(plain);
        }
        if (plain.isRecord() && !isWord(plain)) {
            return "[" + plain.getSimpleName() + "](#" + plain.getSimpleName().toLowerCase(java.util.Locale.ROOT) + ")";
        }
        var words = Map.ofEntries(
                        Map.entry(int.class, "whole number"),
                        Map.entry(long.class, "whole number"),
                        Map.entry(Integer.class, "whole number"),
                        Map.entry(Dissection.class, "dissect pattern"),
                        Map.entry(LinePattern.class, "regular expression"),
                        Map.entry(TimeForm.class, "form of a time"),
                        Map.entry(Share.class, "part of a whole"),
                        Map.entry(Pace.class, "events in a time"),
                        Map.entry(Moment.class, "time"),
                        Map.entry(FreeForm.class, "object"),
                        Map.entry(ZoneId.class, "time zone"),
                        Map.entry(boolean.class, "true or false"),
                        Map.entry(String.class, "text"),
                        Map.entry(Name.class, "name"),
                        Map.entry(Glob.class, "pattern"),
                        Map.entry(When.class, "condition"),
                        Map.entry(ByteSize.class, "size"),
                        Map.entry(Duration.class, "duration"),
                        Map.entry(FieldPath.class, "field"),
                        Map.entry(FieldTemplate.class, "template"),
                        Map.entry(FieldValue.class, "value"),
                        Map.entry(DocumentIds.class, "word or template"),
                        Map.entry(MaxLag.class, "size or duration"),
                        Map.entry(URI.class, "address"),
                        Map.entry(Path.class, "path"))
                .get(plain);
        if (words == null) {
            throw new IllegalStateException("there are no words for the type " + plain);
        }
        return words;
    }

    // ---- schemas

    /// The right schema is chosen by `kind`, so that an editor tells what is wrong with that kind and not that none
    /// fits.
    private static String anySchema() {
        var defs = new TreeMap<String, Object>();
        var choices = new ArrayList<Object>();
        for (var kind : KINDS) {
            var named = mapOf("properties", Map.of("kind", Map.of("const", kind.getSimpleName())));
            named.put("required", List.of("kind"));
            var choice = mapOf("if", named);
            choice.put("then", Map.of("$ref", "#/$defs/" + kind.getSimpleName()));
            choices.add(choice);
            defs.put(kind.getSimpleName(), object(kind, defs));
        }
        var schema = mapOf("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "LogRoute");
        schema.put("description", "One document of a LogRoute spec, of any kind.");
        schema.put("type", "object");
        var kinds = mapOf("description", "What the document declares.");
        kinds.put("enum", KINDS.stream().map(Class::getSimpleName).toList());
        schema.put("properties", Map.of("kind", kinds));
        schema.put("required", List.of("kind"));
        schema.put("allOf", choices);
        schema.put("$defs", defs);
        return json(schema);
    }

    private static String schema(Class<? extends Document> kind) {
        var defs = new TreeMap<String, Object>();
        var schema = mapOf("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.putAll(object(kind, defs));
        if (!defs.isEmpty()) {
            schema.put("$defs", defs);
        }
        return json(schema);
    }

    /// The schema of a document of the kind.
    private static Map<String, Object> object(Class<? extends Document> kind, Map<String, Object> defs) {
        var spec = withBeside(kind, "name", defs);
        var schema = mapOf("title", kind.getSimpleName());
        schema.put("description", words(kind));
        schema.put("type", "object");
        var properties = new LinkedHashMap<String, Object>();
        properties.put("apiVersion", Map.of("const", Document.API_VERSION));
        properties.put("kind", Map.of("const", kind.getSimpleName()));
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("type", "object");
        metadata.put("properties", Map.of("name", of(Name.class, defs)));
        metadata.put("required", List.of("name"));
        metadata.put("additionalProperties", false);
        properties.put("metadata", metadata);
        properties.put("spec", spec);
        schema.put("properties", properties);
        schema.put("required", List.of("apiVersion", "kind", "metadata", "spec"));
        schema.put("additionalProperties", false);
        return schema;
    }

    private static Map<String, Object> of(Type type, Map<String, Object> defs) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return of(arguments[0], defs);
            }
            if (generic.getRawType() == List.class) {
                var list = new LinkedHashMap<String, Object>();
                list.put("type", "array");
                list.put("items", of(arguments[0], defs));
                return mapOf("anyOf", List.of(list, of(arguments[0], defs)));
            }
            var map = mapOf("type", "object");
            map.put("additionalProperties", of(arguments[1], defs));
            return map;
        }
        var plain = (Class<?>) type;
        if (plain == int.class || plain == long.class || plain == Integer.class) {
            return mapOf("type", "integer");
        }
        if (plain == boolean.class) {
            return mapOf("type", "boolean");
        }
        if (plain.isEnum()) {
            return mapOf(
                    "enum",
                    Arrays.stream(plain.getEnumConstants())
                            .map(each -> key((Enum<?>) each))
                            .toList());
        }
        if (plain == Name.class) {
            var name = mapOf("type", "string");
            name.put("pattern", "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$");
            return name;
        }
        if (plain == ByteSize.class) {
            var size = mapOf("type", List.of("string", "integer"));
            size.put("pattern", "^[0-9]+(\\.[0-9]+)? ?([KMGT]?B|[KMGT]iB)?$");
            return size;
        }
        if (plain == Duration.class) {
            var duration = mapOf("type", List.of("string", "integer"));
            duration.put("pattern", "^(0|([0-9]+(ms|s|m|h|d))+)$");
            return duration;
        }
        if (plain == FieldValue.class) {
            var worked = mapOf("type", "object");
            worked.put("properties", mapOf("cel", mapOf("type", "string")));
            worked.put("required", List.of("cel"));
            worked.put("additionalProperties", false);
            return mapOf("anyOf", List.of(mapOf("type", List.of("string", "number", "boolean")), worked));
        }
        if (plain == FreeForm.class) {
            return mapOf("type", "object");
        }
        if (plain == Share.class) {
            var share = mapOf("type", "number");
            share.put("minimum", 0);
            share.put("maximum", 1);
            return share;
        }
        if (plain == Pace.class) {
            return pattern("^[0-9]+ ?/ ?[smhd]$");
        }
        if (plain == Glob.class || plain == FieldTemplate.class) {
            return mapOf("type", List.of("string", "number", "boolean"));
        }
        if (plain == MaxLag.class) {
            return mapOf("anyOf", List.of(of(ByteSize.class, defs), of(Duration.class, defs)));
        }
        if (plain == DocumentIds.class) {
            return mapOf("anyOf", List.of(Map.of("enum", List.of("sequence", "content", "none")), pattern("%\\{")));
        }
        if (plain == ZoneId.class) {
            return mapOf("type", "string");
        }
        if (plain.isSealed()) {
            return family(plain, defs, Map.of());
        }
        if (plain.isRecord() && !isWord(plain)) {
            var name = plain.getSimpleName();
            if (!defs.containsKey(name)) {
                defs.put(name, Map.of());
                defs.put(name, record(plain, defs));
            }
            return mapOf("$ref", "#/$defs/" + name);
        }
        return mapOf("type", "string");
    }

    /// The properties of a sink that stand beside where it sends to.
    private static Map<String, Object> beside(Map<String, Object> sink) {
        var properties = new LinkedHashMap<String, Object>();
        if (sink.get("properties") instanceof Map<?, ?> all) {
            all.forEach((key, value) -> properties.put(String.valueOf(key), value));
        }
        return properties;
    }

    /// @param beside properties that may stand beside the member
    private static Map<String, Object> family(Class<?> family, Map<String, Object> defs, Map<String, Object> beside) {
        var choices = new ArrayList<Object>();
        var words = new ArrayList<String>();
        members(family).forEach((key, member) -> {
            var choice = mapOf("type", "object");
            choice.put("description", words(member));
            var properties = mapOf(key, record(member, defs));
            properties.putAll(beside);
            choice.put("properties", properties);
            choice.put("required", List.of(key));
            choice.put("additionalProperties", false);
            choices.add(choice);
            if (Arrays.stream(member.getRecordComponents()).noneMatch(Pages::required)) {
                words.add(key);
            }
        });
        if (!words.isEmpty()) {
            choices.add(mapOf("enum", words));
        }
        return mapOf("oneOf", choices);
    }

    private static Map<String, Object> withBeside(Class<?> record, String without, Map<String, Object> defs) {
        var object = object(record, without, defs);
        return beside(record)
                .map(each -> family(each.getType(), defs, beside(object)))
                .orElse(object);
    }

    private static Map<String, Object> record(Class<?> record, Map<String, Object> defs) {
        var object = withBeside(record, "", defs);
        var plain = doc(record).plain();
        if (plain.isEmpty()) {
            return object;
        }
        var component = Arrays.stream(record.getRecordComponents())
                .filter(each -> key(each).equals(plain))
                .findFirst()
                .orElseThrow();
        if (record == LogRoute.Target.class) {
            // A sink or a relay has to be named.
            object.put("type", "object");
            object.put("minProperties", 1);
        }
        return mapOf("anyOf", List.of(object, of(component.getGenericType(), defs)));
    }

    private static Map<String, Object> object(Class<?> record, String without, Map<String, Object> defs) {
        var properties = new LinkedHashMap<String, Object>();
        var required = new ArrayList<String>();
        for (var component : record.getRecordComponents()) {
            if (component.getName().equals(without) || doc(component).beside()) {
                continue;
            }
            var doc = doc(component);
            var schema = new LinkedHashMap<String, Object>();
            schema.put("description", words(component));
            schema.putAll(of(component.getGenericType(), defs));
            if (!doc.or().isEmpty()) {
                schema.put("default", new Yaml().load(doc.or()));
            }
            if (!doc.example().isEmpty()) {
                schema.put("examples", List.of(new Yaml().<Object>load(doc.example())));
            }
            properties.put(key(component), schema);
            if (required(component)) {
                required.add(key(component));
            }
        }
        var object = new LinkedHashMap<String, Object>();
        object.put("description", words(record));
        object.put("type", required.isEmpty() ? List.of("object", "null") : "object");
        object.put("properties", properties);
        if (!required.isEmpty()) {
            object.put("required", required);
        }
        object.put("additionalProperties", false);
        return object;
    }

    private static Map<String, Object> pattern(String pattern) {
        var text = mapOf("type", "string");
        text.put("pattern", pattern);
        return text;
    }

    private static Map<String, Object> mapOf(String key, Object value) {
        var map = new LinkedHashMap<String, Object>();
        map.put(key, value);
        return map;
    }

    private static String json(Object value) {
        var printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        try {
            return new ObjectMapper().writer(printer).writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- the records' own words

    /// The members of a sealed family by their keys.
    static Map<String, Class<?>> members(Class<?> family) {
        var members = new LinkedHashMap<String, Class<?>>();
        for (var member : family.getPermittedSubclasses()) {
            var name = member.getSimpleName();
            members.put(Character.toLowerCase(name.charAt(0)) + name.substring(1), member);
        }
        return members;
    }

    static boolean required(RecordComponent component) {
        return doc(component).or().isEmpty() && component.getType() != Optional.class;
    }

    private static String key(RecordComponent component) {
        return doc(component).key().isEmpty()
                ? component.getName()
                : doc(component).key();
    }

    private static String key(Enum<?> constant) {
        var words = constant.name().toLowerCase(java.util.Locale.ROOT).split("_", -1);
        return words[0]
                + Arrays.stream(words)
                        .skip(1)
                        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                        .collect(Collectors.joining());
    }

    /// A value that people write as one word, though a record in Java.
    static boolean isWord(Class<?> type) {
        return List.of(
                                Name.class,
                                Glob.class,
                                When.class,
                                ByteSize.class,
                                FieldPath.class,
                                FieldTemplate.class,
                                Dissection.class,
                                LinePattern.class,
                                TimeForm.class,
                                Share.class,
                                Pace.class,
                                Moment.class,
                                FreeForm.class)
                        .contains(type)
                || DocumentIds.class.isAssignableFrom(type)
                || MaxLag.class.isAssignableFrom(type)
                || FieldValue.class.isAssignableFrom(type);
    }

    private static List<Class<?>> types(Type type) {
        if (type instanceof ParameterizedType generic) {
            return Arrays.stream(generic.getActualTypeArguments())
                    .flatMap(each -> types(each).stream())
                    .toList();
        }
        return List.of((Class<?>) type);
    }

    static Doc doc(Class<?> type) {
        return here(type.getAnnotation(Doc.class), type);
    }

    static Doc doc(RecordComponent component) {
        return here(component.getAnnotation(Doc.class), component.getDeclaringRecord() + "." + component.getName());
    }

    private static Doc here(@Nullable Doc doc, Object of) {
        if (doc == null || doc.value().isBlank()) {
            throw new IllegalStateException(
                    "there are no words for %s; write @Doc(\"what it is\") on it".formatted(of));
        }
        return doc;
    }

    private static String words(Class<?> type) {
        return doc(type).value();
    }

    private static String words(RecordComponent component) {
        return doc(component).value();
    }

    private static void row(StringBuilder out, String... cells) {
        out.append("| ")
                .append(Arrays.stream(cells)
                        .map(cell -> cell.replace("|", "\\|"))
                        .collect(Collectors.joining(" | ")))
                .append(" |\n");
    }
}
