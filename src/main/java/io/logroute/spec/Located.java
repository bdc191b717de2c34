package io.logroute.spec;

import java.util.Map;
import java.util.Optional;

/// A document and where its parts stand.
///
/// @param file the name that problems are told with
/// @param lines the line of each path inside the document, counted from 1; 0 where there are no
///     lines
/// @param labels whose labels it was read from, where it was not written as a document
public record Located(Document document, String file, Map<String, Integer> lines, Optional<FromLabels> labels) {
    /// The service whose labels made the document.
    ///
    /// @param service its name in the swarm: `shop_web`
    /// @param stack the stack that it is of; a service may be of none
    /// @param keys the label that each path inside the document comes from
    public record FromLabels(String service, Optional<String> stack, Map<String, String> keys) {
        public FromLabels {
            keys = Map.copyOf(keys);
        }
    }

    public Located {
        lines = Map.copyOf(lines);
    }

    /// One that was written as a document.
    public Located(Document document, String file, Map<String, Integer> lines) {
        this(document, file, lines, Optional.empty());
    }

    /// Where a path inside the document stands: `routes.yaml:12: spec.to[0].sink`, or
    /// `stack.yml:12: logroute.to`. A path that was not written stands where the nearest one around
    /// it does.
    public String where(String path) {
        var near = path;
        while (!near.isEmpty() && !lines.containsKey(near)) {
            int cut = Math.max(near.lastIndexOf('.'), near.lastIndexOf('['));
            near = cut < 0 ? "" : near.substring(0, cut);
        }
        var key = near;
        return place(
                file,
                lines.getOrDefault(near, 1),
                labels.map(each -> each.keys().getOrDefault(key, path)).orElse(path));
    }

    static String place(String file, int line, String path) {
        return (line > 0 ? file + ":" + line : file) + ": " + path;
    }
}
