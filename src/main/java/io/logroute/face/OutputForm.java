package io.logroute.face;

import io.logroute.flow.Json;
import io.logroute.spec.SpecWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How a command prints what it found.
enum OutputForm {
    /// For people.
    TEXT,
    /// For programs.
    JSON,
    /// For programs, too.
    YAML;

    /// A tree of maps, lists, texts and numbers, without a line end.
    String written(@Nullable Object tree) {
        var json = Json.write(tree);
        if (this != YAML) {
            return json;
        }
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return SpecWriter.yaml(Json.value(bytes, 0, bytes.length)).stripTrailing();
    }

    /// As it is written after `-o`.
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
