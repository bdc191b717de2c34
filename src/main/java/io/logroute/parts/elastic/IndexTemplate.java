package io.logroute.parts.elastic;

import io.logroute.flow.Json;
import io.logroute.spec.FieldTemplate;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An index template with its component templates, and what to do about one of its name that
/// Elasticsearch has.
///
/// @param version counts up with each change
/// @param patterns the indices it is written for
/// @param index the composable index template
/// @param components by their names at Elasticsearch, in the order they are composed
record IndexTemplate(
        String name,
        long version,
        List<String> patterns,
        Map<String, @Nullable Object> index,
        Map<String, Map<String, @Nullable Object>> components) {
    static final String FILE = "index-template.json";

    /// Everything that LogRoute installs begins with it.
    static final String PREFIX = "logroute-";

    /// A template of ours with a pattern of its own; the pattern's text is added, so that a
    /// narrower one wins.
    static final int PRIORITY = 200;

    /// What is to be installed for a sink.
    ///
    /// @param pattern of the indices that the sink's index template can name
    record Fitted(String name, String pattern, String template, long version, byte[] json) {}

    /// The template for a sink with that index. When the patterns it is written for cover the
    /// sink's indices it goes as it is; else under a name and with a pattern made of the sink's
    /// index.
    Fitted fittedTo(FieldTemplate sinkIndex) {
        var pattern = IndexName.pattern(sinkIndex);
        var tree = new LinkedHashMap<String, @Nullable Object>(index);
        tree.put("_meta", meta(index));
        if (patterns.stream().anyMatch(wide -> IndexName.covers(wide, pattern))) {
            return new Fitted(PREFIX + name, pattern, name, version, bytes(tree));
        }
        tree.put("index_patterns", List.of(pattern));
        tree.put("priority", (long) PRIORITY + pattern.replace("*", "").length());
        return new Fitted(PREFIX + name + "-" + suffix(pattern), pattern, name, version, bytes(tree));
    }

    /// The component template, marked as ours.
    byte[] component(String component) {
        var tree = new LinkedHashMap<String, @Nullable Object>(components.getOrDefault(component, Map.of()));
        tree.put("version", version);
        tree.put("_meta", meta(tree));
        return bytes(tree);
    }

    private Map<String, @Nullable Object> meta(Map<String, @Nullable Object> tree) {
        var meta = new LinkedHashMap<String, @Nullable Object>();
        if (tree.get("_meta") instanceof Map<?, ?> there) {
            there.forEach((key, value) -> meta.put(String.valueOf(key), value));
        }
        meta.put("logroute", Map.of("template", name, "version", version));
        return meta;
    }

    /// Another pattern must not give the same name: where `*` stands inside, it becomes `any`.
    private static String suffix(String pattern) {
        var text = pattern.endsWith("-*") ? pattern.substring(0, pattern.length() - 2) : pattern + "-exactly";
        return text.replace("*", "any");
    }

    private static byte[] bytes(Map<String, @Nullable Object> tree) {
        var out = new ByteArrayOutputStream();
        Json.write(tree, out);
        return out.toByteArray();
    }

    /// What to do about the template of a name.
    enum Decision {
        /// There is none, or an older one of ours.
        INSTALL,
        /// It is there, as we would install it.
        KEEP,
        /// A newer LogRoute put it there.
        NEWER,
        /// Somebody else's.
        FOREIGN;

        /// @param installed the body of the template that is there; `null` when there is none
        static Decision about(@Nullable Map<?, ?> installed, String template, long version) {
            if (installed == null) {
                return INSTALL;
            }
            if (!(installed.get("_meta") instanceof Map<?, ?> meta)
                    || !(meta.get("logroute") instanceof Map<?, ?> ours)
                    || !template.equals(ours.get("template"))
                    || !(ours.get("version") instanceof Long there)) {
                return FOREIGN;
            }
            if (there == version) {
                return KEEP;
            }
            return there < version ? INSTALL : NEWER;
        }
    }
}
