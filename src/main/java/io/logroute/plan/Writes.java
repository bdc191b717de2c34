package io.logroute.plan;

import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldValue;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Located;
import io.logroute.spec.LogRoute;
import io.logroute.spec.ParseSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The fields that the filters of a route give a value, as far as the spec alone tells: what `set`,
/// `rename`, `convert`, `timestamp`, `level` and `split` name, and the names in patterns of `parse`. Names
/// that only events know, such as those in JSON, are not among them.
public final class Writes {
    private static final Pattern GROK =
            Pattern.compile("%\\{\\w+:(?<name>[^:}]+)(?::(?<kind>[a-z]+))?\\}|\\(\\?P?<(?<group>[A-Za-z]\\w*)>");
    private static final Pattern DISSECT =
            Pattern.compile("%\\{\\+?(?<name>[^}?*&+/|-][^}/|]*?)(?:/\\d+)?(?:\\|(?<kind>[a-z]+))?(?:->)?\\}");

    /// What may stand in a field.
    public enum Kind {
        TEXT,
        WHOLE,
        DECIMAL,
        TRUTH,
        /// Text that is a time in ISO 8601.
        TIME,
        UNKNOWN
    }

    /// A field with a value.
    ///
    /// @param where the place in the spec that names it
    /// @param text the value where it is the same text for every event
    public record Written(String where, FieldPath field, Kind kind, Optional<String> text) {}

    private final Located located;
    private final Map<FieldPath, Written> fields = new LinkedHashMap<>();

    private Writes(Located located) {
        this.located = located;
    }

    /// What the filters leave written, in the order of the filters.
    ///
    /// @param located a [LogRoute]
    public static List<Written> of(Located located) {
        var writes = new Writes(located);
        var route = (LogRoute) located.document();
        for (int i = 0; i < route.filters().size(); i++) {
            writes.take(route.filters().get(i), "spec.filters[%d]".formatted(i));
        }
        return List.copyOf(writes.fields.values());
    }

    private void take(FilterSpec filter, String at) {
        switch (filter) {
            case FilterSpec.Set set -> set.fields().forEach((path, value) -> set(path, value, key(at + ".set", path)));
            case FilterSpec.Rename rename ->
                rename.fields().forEach((from, to) -> {
                    var was = fields.remove(from);
                    put(
                            key(at + ".rename", from),
                            to,
                            was == null ? Kind.UNKNOWN : was.kind(),
                            was == null ? Optional.empty() : was.text());
                });
            case FilterSpec.Convert convert ->
                convert.fields()
                        .forEach((path, kind) -> put(key(at + ".convert", path), path, kind(kind), Optional.empty()));
            case FilterSpec.Remove remove -> remove.fields().forEach(fields::remove);
            case FilterSpec.Keep keep -> fields.keySet().retainAll(keep.fields());
            case FilterSpec.Timestamp timestamp ->
                put(at + ".timestamp.into", timestamp.into(), Kind.TIME, Optional.empty());
            case FilterSpec.Level level -> put(at + ".level.into", level.into(), Kind.TEXT, Optional.empty());
            case FilterSpec.Split split ->
                split.into().ifPresent(into -> put(at + ".split.into", into, Kind.UNKNOWN, Optional.empty()));
            case FilterSpec.Parse parse -> parse(parse.how(), at + ".parse");
            case FilterSpec.Drop _,
                    FilterSpec.Sample _,
                    FilterSpec.Throttle _,
                    FilterSpec.Dedupe _,
                    FilterSpec.Redact _,
                    FilterSpec.Multiline _,
                    FilterSpec.Flatten _ -> {}
        }
    }

    private void set(FieldPath path, FieldValue value, String at) {
        switch (value) {
            case FieldValue.Text(var template) ->
                put(at, path, Kind.TEXT, template.isPlain() ? Optional.of(plain(template)) : Optional.empty());
            case FieldValue.Whole _ -> put(at, path, Kind.WHOLE, Optional.empty());
            case FieldValue.Decimal _ -> put(at, path, Kind.DECIMAL, Optional.empty());
            case FieldValue.Truth _ -> put(at, path, Kind.TRUTH, Optional.empty());
            case FieldValue.Cel _ -> put(at, path, Kind.UNKNOWN, Optional.empty());
        }
    }

    private static String plain(FieldTemplate template) {
        return template.text();
    }

    private void parse(ParseSpec how, String at) {
        switch (how) {
            case ParseSpec.Grok grok -> {
                for (int i = 0; i < grok.patterns().size(); i++) {
                    var found = GROK.matcher(grok.patterns().get(i));
                    while (found.find()) {
                        var name = found.group("name") == null ? found.group("group") : found.group("name");
                        var kind = found.group("kind") == null ? "" : found.group("kind");
                        named(
                                at + ".grok",
                                name,
                                how.into(),
                                switch (kind) {
                                    case "int", "long" -> Kind.WHOLE;
                                    case "float", "double" -> Kind.DECIMAL;
                                    default -> Kind.TEXT;
                                });
                    }
                }
            }
            case ParseSpec.Dissect dissect -> {
                var found = DISSECT.matcher(dissect.pattern().text());
                while (found.find()) {
                    var kind = found.group("kind") == null ? "" : found.group("kind");
                    named(
                            at + ".dissect",
                            found.group("name"),
                            how.into(),
                            switch (kind) {
                                case "integer" -> Kind.WHOLE;
                                case "float" -> Kind.DECIMAL;
                                case "boolean" -> Kind.TRUTH;
                                default -> Kind.TEXT;
                            });
                }
            }
            case ParseSpec.Regex regex -> {
                var found = GROK.matcher(regex.pattern().text());
                while (found.find()) {
                    if (found.group("group") != null) {
                        named(at + ".regex", found.group("group"), how.into(), Kind.TEXT);
                    }
                }
            }
            case ParseSpec.Csv csv -> csv.columns().forEach(name -> named(at + ".csv", name, how.into(), Kind.TEXT));
            case ParseSpec.Json _, ParseSpec.Logfmt _, ParseSpec.KeyValue _, ParseSpec.Nginx _, ParseSpec.Apache _ -> {}
        }
    }

    private void named(String at, String name, Optional<FieldPath> into, Kind kind) {
        try {
            var keys = new ArrayList<String>(into.map(FieldPath::keys).orElse(List.of()));
            keys.addAll(name.startsWith("[") ? FieldPath.parse(name).keys() : List.of(name));
            put(at, new FieldPath(keys), kind, Optional.empty());
        } catch (IllegalArgumentException e) {
            // A name that is none is for the pattern's own check to tell.
        }
    }

    private static Kind kind(FilterSpec.Kind kind) {
        return switch (kind) {
            case INTEGER -> Kind.WHOLE;
            case FLOAT -> Kind.DECIMAL;
            case BOOLEAN -> Kind.TRUTH;
            case STRING -> Kind.TEXT;
        };
    }

    private void put(String at, FieldPath path, Kind kind, Optional<String> text) {
        fields.put(path, new Written(located.where(at), path, kind, text));
    }

    /// The place of a key of `fields`, which may be left away.
    private String key(String at, FieldPath path) {
        var full = at + ".fields." + path;
        return located.lines().containsKey(full) ? full : at + "." + path;
    }
}
