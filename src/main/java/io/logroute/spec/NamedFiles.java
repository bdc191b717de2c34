package io.logroute.spec;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files that a document names to be read where its router runs: secrets, certificates, keys.
public final class NamedFiles {
    private final Map<String, Path> found = new LinkedHashMap<>();

    private NamedFiles() {}

    /// Each by its place in the document: `spec.elasticsearch.auth.passwordFile`.
    public static Map<String, Path> of(Document document) {
        var files = new NamedFiles();
        files.record((Record) document, "spec");
        return files.found;
    }

    private void record(Record record, String at) {
        for (var component : record.getClass().getRecordComponents()) {
            boolean beside = component.getAnnotation(Doc.class) instanceof Doc doc && doc.beside();
            value(get(record, component), beside ? at : Binder.join(at, Binder.key(component)));
        }
    }

    private void value(Object value, String at) {
        switch (value) {
            case Path path -> found.put(at, path);
            case Optional<?> optional -> optional.ifPresent(inner -> value(inner, at));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    value(list.get(i), "%s[%d]".formatted(at, i));
                }
            }
            case Record record -> record(record, isMember(record) ? Binder.join(at, Words.key(record.getClass())) : at);
            default -> {}
        }
    }

    /// Whether it stands under its own name, as one of a family.
    private static boolean isMember(Record record) {
        return Arrays.stream(record.getClass().getInterfaces()).anyMatch(Class::isSealed);
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
