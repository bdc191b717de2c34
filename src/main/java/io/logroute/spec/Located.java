package io.logroute.spec;

import java.util.Map;

/// A document and where its parts stand.
///
/// @param file the name that problems are told with
/// @param lines the line of each path inside the document, counted from 1
public record Located(Document document, String file, Map<String, Integer> lines) {
    public Located {
        lines = Map.copyOf(lines);
    }

    /// Where a path inside the document stands: `routes.yaml:12: spec.to[0].sink`. A path that
    /// was not written stands where the nearest one around it does.
    public String where(String path) {
        var near = path;
        while (!near.isEmpty() && !lines.containsKey(near)) {
            int cut = Math.max(near.lastIndexOf('.'), near.lastIndexOf('['));
            near = cut < 0 ? "" : near.substring(0, cut);
        }
        return file + ":" + lines.getOrDefault(near, 1) + ": " + path;
    }
}
