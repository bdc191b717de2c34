package io.logroute.parts.elastic;

import io.logroute.flow.Json;
import io.logroute.spec.Name;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The index templates that a sink can name: those that ship with LogRoute, and those in a folder
/// of the user's own, which come first. Their form is told in `mappings/README.md`.
public final class Mappings {
    private static final String SHIPPED = "/mappings/";
    private static final String LIST = "templates.txt";

    private final Optional<Path> folder;

    private Mappings(Optional<Path> folder) {
        this.folder = folder;
    }

    /// @param folder the user's own templates, one folder each; none needs to be there
    public static Mappings of(Optional<Path> folder) {
        return new Mappings(folder);
    }

    /// The names of all, sorted.
    public List<String> names() throws IOException {
        var names = new TreeSet<>(read(SHIPPED + LIST)
                .lines()
                .map(String::strip)
                .filter(n -> !n.isEmpty())
                .toList());
        if (folder.isPresent() && Files.isDirectory(folder.get())) {
            try (var entries = Files.list(folder.get())) {
                entries.filter(entry -> Files.isRegularFile(entry.resolve(IndexTemplate.FILE)))
                        .forEach(entry -> names.add(entry.getFileName().toString()));
            }
        }
        return List.copyOf(names);
    }

    /// The template of that name.
    ///
    /// @throws IOException when there is none, or its files are not what they should be; says how
    ///     to mend
    IndexTemplate load(Name name) throws IOException {
        var own = folder.map(path -> path.resolve(name.value()));
        if (own.isPresent() && Files.isRegularFile(own.get().resolve(IndexTemplate.FILE))) {
            var path = own.get();
            return load(name, path.toString(), file -> Files.readString(path.resolve(file)));
        }
        if (Mappings.class.getResource(SHIPPED + name + "/" + IndexTemplate.FILE) == null) {
            throw new IOException("there is no template \"%s\"%s; there are: %s"
                    .formatted(name, folder.map(path -> " in " + path).orElse(""), String.join(", ", names())));
        }
        return load(name, "mappings/" + name, file -> read(SHIPPED + name + "/" + file));
    }

    private interface Reader {
        String read(String file) throws IOException;
    }

    private static IndexTemplate load(Name name, String where, Reader reader) throws IOException {
        var index = json(where, IndexTemplate.FILE, reader);
        if (!(index.get("version") instanceof Long version) || version < 1) {
            throw new IOException(where + "/" + IndexTemplate.FILE + ": version is missing; write \"version\": 1, and"
                    + " count up with each change");
        }
        if (!(index.get("index_patterns") instanceof List<?> patterns)
                || patterns.isEmpty()
                || !patterns.stream().allMatch(String.class::isInstance)) {
            throw new IOException(where + "/" + IndexTemplate.FILE + ": index_patterns is missing; write for instance"
                    + " \"index_patterns\": [\"" + name + "-*\"]");
        }
        var prefix = IndexTemplate.PREFIX + name + "-";
        var components = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        if (index.get("composed_of") instanceof List<?> parts) {
            for (var part : parts) {
                // A component that is not ours by its name is one that the cluster has already.
                if (part instanceof String component && component.startsWith(prefix)) {
                    var file = "component-templates/" + component.substring(prefix.length()) + ".json";
                    components.put(component, json(where, file, reader));
                }
            }
        }
        var texts = new ArrayList<String>();
        patterns.forEach(pattern -> texts.add(String.valueOf(pattern)));
        return new IndexTemplate(name.value(), version, texts, index, components);
    }

    private static Map<String, @Nullable Object> json(String where, String file, Reader reader) throws IOException {
        try {
            var bytes = reader.read(file).getBytes(StandardCharsets.UTF_8);
            return Json.parse(bytes, 0, bytes.length);
        } catch (NoSuchFileException e) {
            throw new IOException(where + "/" + file + " is not there, but " + IndexTemplate.FILE + " names it", e);
        } catch (IllegalArgumentException e) {
            throw new IOException(where + "/" + file + " is no JSON object: " + e.getMessage(), e);
        }
    }

    private static String read(String resource) throws IOException {
        try (InputStream in = Mappings.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new NoSuchFileException(resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
