package io.logroute.spec;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/// Writes a document as YAML: the inverse of [SpecReader]. The same document always gives the same
/// text.
public final class SpecWriter {
    /// Whether what is as it would be without is left away, and a record is written as the one
    /// component that tells it.
    private final boolean brief;

    private SpecWriter(boolean brief) {
        this.brief = brief;
    }

    /// One YAML document with every default spelled out but what [Doc#later] says, ending with a line end.
    public static String write(Document document) {
        return new SpecWriter(false).yaml(document);
    }

    /// One YAML document as people would write it, without what goes without saying, ending with a
    /// line end.
    public static String brief(Document document) {
        return new SpecWriter(true).yaml(document);
    }

    /// What [#brief] writes, as maps, lists, text, numbers and truth values.
    public static Map<String, Object> tree(Document document) {
        return new SpecWriter(true).document(document);
    }

    /// Any tree of maps, lists, texts, numbers and truths as YAML, ending with a line end.
    public static String yaml(@Nullable Object tree) {
        var options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        return new Yaml(options).dump(tree);
    }

    private String yaml(Document document) {
        return yaml((Object) document(document));
    }

    private Map<String, Object> document(Document document) {
        var out = new LinkedHashMap<String, Object>();
        out.put("apiVersion", Document.API_VERSION);
        out.put("kind", document.kind());
        out.put("metadata", Map.of("name", document.name().value()));
        out.put("spec", fields((Record) document, "name"));
        return out;
    }

    private Map<String, Object> oneOf(Record member) {
        var out = new LinkedHashMap<String, Object>();
        out.put(Words.key(member.getClass()), brief ? asOne(member) : fields(member));
        return out;
    }

    private Map<String, Object> fields(Record record, String... without) {
        var out = new LinkedHashMap<String, Object>();
        for (var component : record.getClass().getRecordComponents()) {
            if (List.of(without).contains(component.getName())) {
                continue;
            }
            if (component.getAnnotation(Doc.class) instanceof Doc doc && doc.beside()) {
                out.putAll(oneOf((Record) get(record, component)));
                continue;
            }
            if ((brief || isLater(component)) && isUsual(record, component)) {
                continue;
            }
            var value = plain(get(record, component));
            if (value != null) {
                out.put(Binder.key(component), value);
            }
        }
        return out;
    }

    private @Nullable Object plain(Object value) {
        return switch (value) {
            case Optional<?> optional -> optional.isPresent() ? plain(optional.get()) : null;
            case Collection<?> list -> {
                var out = new ArrayList<@Nullable Object>();
                list.forEach(item -> out.add(plain(item)));
                yield out;
            }
            case Map<?, ?> map -> {
                var out = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, item) -> out.put(key.toString(), plain(item)));
                yield out;
            }
            case Duration duration -> Durations.write(duration);
            case DocumentIds.Template template -> template.template().text();
            case MaxLag lag -> lag.toString();
            case DocumentIds word -> Words.key(word.getClass());
            case FieldValue.Text text -> text.template().text();
            case FieldValue.Whole whole -> whole.number();
            case FieldValue.Decimal decimal -> decimal.number();
            case FieldValue.Truth truth -> truth.truth();
            case FieldValue.Cel cel -> Map.of("cel", cel.formula().text());
            case Dissection pattern -> pattern.text();
            case LinePattern pattern -> pattern.text();
            case TimeForm form -> form.text();
            case Formula formula -> formula.text();
            case Share share -> share.value();
            case Pace pace -> pace.toString();
            case Moment moment -> moment.toString();
            case FreeForm free -> free.fields();
            case FieldTemplate template -> template.text();
            case FieldPath path -> path.toString();
            case Name name -> name.value();
            case Glob glob -> glob.text();
            case When when -> when.text();
            case ByteSize size -> size.toString();
            case SourceSpec source -> oneOf((Record) source);
            case FilterSpec filter -> oneOf((Record) filter);
            case Enum<?> constant -> Words.key(constant);
            case Record record -> brief ? asOne(record) : fields(record);
            case Integer _, Long _, Boolean _, String _ -> value;
            default -> value.toString();
        };
    }

    private static boolean isUsual(Record record, RecordComponent component) {
        var doc = component.getAnnotation(Doc.class);
        return doc != null
                && !doc.or().isEmpty()
                && Binder.byDefault(component, doc.or()).equals(get(record, component));
    }

    private static boolean isLater(RecordComponent component) {
        var doc = component.getAnnotation(Doc.class);
        return doc != null && doc.later();
    }

    /// `{ sink: es }` as `es`, when that is all there is to say; a mapping would read as the record itself.
    private Object asOne(Record record) {
        var fields = fields(record);
        var doc = record.getClass().getAnnotation(Doc.class);
        var one = doc == null || fields.size() != 1 ? null : fields.get(doc.plain());
        return one == null || one instanceof Map ? fields : one;
    }

    private static Object get(Record record, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }
}
