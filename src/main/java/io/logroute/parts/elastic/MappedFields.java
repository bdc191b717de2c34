package io.logroute.parts.elastic;

import io.logroute.plan.Writes.Kind;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Glob;
import io.logroute.spec.Name;
import io.logroute.spec.Words;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The fields that an index template maps, and what Elasticsearch makes of a value that is written
/// there.
///
/// Source: "Dynamic mapping", "Dynamic templates" and "coerce", elastic.co/docs.
public final class MappedFields {
    private static final List<String> WHOLE = List.of("long", "integer", "short", "byte", "unsigned_long");
    private static final List<String> DECIMAL = List.of("double", "float", "half_float", "scaled_float");
    private static final List<String> ANY_TEXT = List.of(
            "keyword", "text", "wildcard", "constant_keyword", "match_only_text", "flattened", "search_as_you_type");

    /// What there is to say about a value in a field.
    ///
    /// @param what a sentence part, without a full stop
    /// @param mend a sentence
    public record Doubt(String what, String mend) {}

    private final String template;
    private final Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    private final Map<String, Map<?, ?>> dynamicTemplates = new LinkedHashMap<>();
    private String dynamic = "true";

    private MappedFields(IndexTemplate template) {
        this.template = template.name();
        template.components().values().forEach(component -> take(component.get("template")));
        take(template.index().get("template"));
    }

    /// Those of the template of that name.
    ///
    /// @throws IOException as [Mappings] does when it cannot be read
    public static MappedFields of(Mappings mappings, Name template) throws IOException {
        return new MappedFields(mappings.load(template));
    }

    private void take(@Nullable Object part) {
        if (!(part instanceof Map<?, ?> template) || !(template.get("mappings") instanceof Map<?, ?> mappings)) {
            return;
        }
        if (mappings.get("properties") instanceof Map<?, ?> own) {
            merge(properties, own);
        }
        if (mappings.containsKey("dynamic")) {
            dynamic = String.valueOf(mappings.get("dynamic"));
        }
        if (mappings.get("dynamic_templates") instanceof List<?> list) {
            for (var each : list) {
                if (each instanceof Map<?, ?> named) {
                    named.forEach((name, rule) -> {
                        if (rule instanceof Map<?, ?> map) {
                            dynamicTemplates.put(String.valueOf(name), map);
                        }
                    });
                }
            }
        }
    }

    private static void merge(Map<String, @Nullable Object> into, Map<?, ?> other) {
        other.forEach((key, value) -> {
            if (value instanceof Map<?, ?> map && into.get(String.valueOf(key)) instanceof Map<?, ?> there) {
                var both = new LinkedHashMap<String, @Nullable Object>();
                there.forEach((name, each) -> both.put(String.valueOf(name), each));
                merge(both, map);
                into.put(String.valueOf(key), both);
            } else {
                into.put(String.valueOf(key), value);
            }
        });
    }

    /// What is doubtful about such a value in that field; empty when the mapping knows the field and the
    /// value fits.
    ///
    /// @param text the value where it is the same for every event
    public Optional<Doubt> about(FieldPath field, Kind kind, Optional<String> text) {
        var keys = field.keys().stream()
                .flatMap(key -> List.of(key.split("\\.")).stream())
                .toList();
        Map<?, ?> at = properties;
        var rule = dynamic;
        for (int i = 0; i < keys.size(); i++) {
            if (!(at.get(keys.get(i)) instanceof Map<?, ?> mapped)) {
                return unknown(field, String.join(".", keys), kind, rule);
            }
            boolean isLast = i == keys.size() - 1;
            var type = mapped.get("type") instanceof String named ? named : "object";
            boolean isObject = type.equals("object") || type.equals("nested");
            if (type.equals("flattened") && !isLast) {
                return Optional.empty();
            }
            if (!isLast && !isObject) {
                return Optional.of(new Doubt(
                        "%s is %s by template %s: Elasticsearch refuses an event with %s"
                                .formatted(String.join(".", keys.subList(0, i + 1)), a(type), template, field),
                        "Use another name: what it refuses goes to the dead letters."));
            }
            if (isLast) {
                return isObject ? scalarForObject(field, kind) : misfit(field, type, kind, text);
            }
            rule = mapped.containsKey("dynamic") ? String.valueOf(mapped.get("dynamic")) : rule;
            at = mapped.get("properties") instanceof Map<?, ?> inner ? inner : Map.of();
        }
        return Optional.empty();
    }

    private Optional<Doubt> scalarForObject(FieldPath field, Kind kind) {
        return kind == Kind.UNKNOWN
                ? Optional.empty()
                : Optional.of(new Doubt(
                        "%s is an object by template %s: Elasticsearch refuses an event with %s there"
                                .formatted(field, template, said(kind)),
                        "Write a field under it, such as %s.name: what it refuses goes to the dead letters."
                                .formatted(field)));
    }

    private Optional<Doubt> misfit(FieldPath field, String type, Kind kind, Optional<String> text) {
        var why = refused(type, kind, text);
        return why.map(value -> new Doubt(
                "%s is %s by template %s: Elasticsearch refuses an event with %s there"
                        .formatted(field, a(type), template, value),
                "Give it a value that fits, or use another field: what it refuses goes to the dead letters."));
    }

    /// The value that does not fit, in words.
    private static Optional<String> refused(String type, Kind kind, Optional<String> text) {
        boolean isNumber = WHOLE.contains(type) || DECIMAL.contains(type);
        return switch (kind) {
            case UNKNOWN -> Optional.empty();
            case TEXT -> {
                if (ANY_TEXT.contains(type)) {
                    yield Optional.empty();
                }
                if (text.isEmpty()) {
                    yield isNumber || type.equals("boolean") || type.equals("date")
                            ? Optional.of("text that is no " + word(type))
                            : Optional.empty();
                }
                boolean fits = isNumber
                        ? text.get().strip().matches("[-+]?\\d+(\\.\\d*)?([eE][-+]?\\d+)?")
                        : type.equals("boolean")
                                ? text.get().equals("true") || text.get().equals("false")
                                : !type.equals("date") || text.get().matches("\\d{4}-\\d{2}.*|\\d+");
                yield fits ? Optional.empty() : Optional.of("\"%s\"".formatted(text.get()));
            }
            case TIME ->
                isNumber || type.equals("boolean") || type.equals("ip") ? Optional.of("a time") : Optional.empty();
            case WHOLE, DECIMAL ->
                type.equals("boolean") || type.equals("ip") ? Optional.of("a number") : Optional.empty();
            case TRUTH ->
                isNumber || type.equals("date") || type.equals("ip") ? Optional.of("true or false") : Optional.empty();
        };
    }

    private Optional<Doubt> unknown(FieldPath field, String path, Kind kind, String rule) {
        var meant = Words.nearest(path, names())
                .map("If %s is meant, write that; else there is nothing to mend."::formatted)
                .orElse("There is nothing to mend if that is meant.");
        if (rule.equals("strict")) {
            return Optional.of(new Doubt(
                    "template %s does not know the field %s, and Elasticsearch refuses events with fields that it does not know"
                            .formatted(template, field),
                    "Use a field that it knows: what it refuses goes to the dead letters."));
        }
        if (rule.equals("false")) {
            return Optional.of(new Doubt(
                    "template %s does not know the field %s: Elasticsearch keeps it, and finds nothing by it"
                            .formatted(template, field),
                    meant));
        }
        for (var each : dynamicTemplates.entrySet()) {
            var fitting = each.getValue();
            if (!fits(fitting, path, kind)) {
                continue;
            }
            if (fitting.containsKey("path_match") || fitting.containsKey("match")) {
                return Optional.empty(); // it is made for this name
            }
            var type =
                    fitting.get("mapping") instanceof Map<?, ?> mapping && mapping.get("type") instanceof String named
                            ? named
                            : "a field";
            return Optional.of(new Doubt(
                    "template %s does not know the field %s: Elasticsearch adds it as %s, by the dynamic template %s"
                            .formatted(template, field, a(type), each.getKey()),
                    meant));
        }
        return Optional.of(new Doubt(
                "template %s does not know the field %s: Elasticsearch adds it as %s"
                        .formatted(template, field, usual(kind)),
                meant));
    }

    private static boolean fits(Map<?, ?> rule, String path, Kind kind) {
        var type = rule.get("match_mapping_type");
        boolean typeFits = type == null
                || type.equals("*")
                || switch (kind) {
                    case TEXT, TIME -> type.equals("string");
                    case WHOLE -> type.equals("long");
                    case DECIMAL -> type.equals("double");
                    case TRUTH -> type.equals("boolean");
                    // What it will be is not known; where a rule asks for text, text it mostly is.
                    case UNKNOWN ->
                        type.equals("string") && (rule.containsKey("path_match") || rule.containsKey("match"));
                };
        var last = path.substring(path.lastIndexOf('.') + 1);
        return typeFits
                && matches(rule.get("path_match"), path, true)
                && matches(rule.get("match"), last, true)
                && !matches(rule.get("path_unmatch"), path, false)
                && !matches(rule.get("unmatch"), last, false);
    }

    private static boolean matches(@Nullable Object patterns, String text, boolean without) {
        return switch (patterns) {
            case null -> without;
            case List<?> list -> list.stream().anyMatch(each -> new Glob(String.valueOf(each)).matches(text));
            default -> new Glob(String.valueOf(patterns)).matches(text);
        };
    }

    private static String usual(Kind kind) {
        return switch (kind) {
            case TEXT -> "text, with a keyword beside it";
            case TIME -> "a date";
            case WHOLE -> "a long";
            case DECIMAL -> "a float";
            case TRUTH -> "a boolean";
            case UNKNOWN -> "what its first value is";
        };
    }

    private static String said(Kind kind) {
        return switch (kind) {
            case TEXT -> "text";
            case TIME -> "a time";
            case WHOLE, DECIMAL -> "a number";
            case TRUTH -> "true or false";
            case UNKNOWN -> "a value";
        };
    }

    private static String word(String type) {
        return WHOLE.contains(type) || DECIMAL.contains(type) ? "number" : type;
    }

    private static String a(String type) {
        if (type.equals("text")) {
            return type;
        }
        return ("aeiou".indexOf(type.charAt(0)) >= 0 ? "an " : "a ") + type;
    }

    /// All fields by their names, nested ones with dots.
    private List<String> names() {
        var names = new TreeSet<String>();
        collect("", properties, names);
        return new ArrayList<>(names);
    }

    private static void collect(String at, Map<?, ?> properties, TreeSet<String> names) {
        properties.forEach((key, value) -> {
            var path = at.isEmpty() ? String.valueOf(key) : at + "." + key;
            if (value instanceof Map<?, ?> mapped && mapped.get("properties") instanceof Map<?, ?> inner) {
                collect(path, inner, names);
            } else {
                names.add(path);
            }
        });
    }
}
