package io.logroute.parts.fluent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Joins the parts of lines longer than 16 KiB, into which Docker cuts them (`partial_message`,
/// `partial_id`, `partial_ordinal`, `partial_last`): the event has the fields of the first part and the
/// text of all. Holds a bounded number of lines and bytes; what does not get its rest comes out as it
/// is, with its `partial_` fields and the tag `_partial`.
///
/// Of one connection, by one thread.
final class PartialLines {
    static final String TAG = "_partial";
    static final int MOST_LINES = 64;
    static final int MOST_CHARS = 1 << 20;
    /// Of JSON of the first parts, with all their fields.
    static final int MOST_WEIGHT = 2 << 20;
    private static final List<String> FIELDS =
            List.of("partial_message", "partial_id", "partial_ordinal", "partial_last");

    private static final class Line {
        final Map<String, @Nullable Object> first;
        final StringBuilder text;
        final int weight;
        long next = 1;

        Line(Map<String, @Nullable Object> first, String text, int weight) {
            this.first = first;
            this.text = new StringBuilder(text);
            this.weight = weight;
        }
    }

    private final LinkedHashMap<String, Line> lines = new LinkedHashMap<>();
    private int chars;
    private int weight;

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /// Bytes that it holds, about.
    long bytes() {
        return 2L * chars + 4L * weight + 1_024L * lines.size();
    }

    /// Takes one part.
    ///
    /// @param length of the record as JSON
    /// @return what is ready: the whole line, or what is given up
    List<Map<String, @Nullable Object>> take(Map<String, @Nullable Object> record, int length) {
        var ready = new ArrayList<Map<String, @Nullable Object>>();
        if (!(record.get("log") instanceof String log)
                || !(record.get("partial_id") instanceof String id)
                || log.length() > MOST_CHARS
                || length > MOST_WEIGHT) {
            ready.add(record);
            return ready;
        }
        var key = id + " " + record.get("container_id") + " " + record.get("source");
        long ordinal = whole(record.get("partial_ordinal"));
        boolean isLast = Objects.equals(String.valueOf(record.get("partial_last")), "true");
        var line = lines.remove(key);
        chars -= line == null ? 0 : line.text.length();
        weight -= line == null ? 0 : line.weight;
        if (line != null && (line.next != ordinal || line.text.length() + log.length() > MOST_CHARS)) {
            ready.add(givenUp(line));
            line = null;
        }
        if (line == null && ordinal != 1) {
            record.put("tags", tagged(record.get("tags")));
            ready.add(record);
            return ready;
        }
        if (line == null) {
            line = new Line(record, log, length);
        } else {
            line.text.append(log);
        }
        line.next++;
        if (isLast) {
            FIELDS.forEach(line.first::remove);
            line.first.put("log", line.text.toString());
            ready.add(line.first);
            return ready;
        }
        lines.put(key, line);
        chars += line.text.length();
        weight += line.weight;
        while (lines.size() > MOST_LINES || chars > 2 * MOST_CHARS || weight > MOST_WEIGHT) {
            ready.add(oldest());
        }
        return ready;
    }

    /// All that it holds, as it is.
    List<Map<String, @Nullable Object>> rest() {
        if (lines.isEmpty()) {
            return List.of();
        }
        var all = new ArrayList<Map<String, @Nullable Object>>();
        while (!lines.isEmpty()) {
            all.add(oldest());
        }
        return all;
    }

    private Map<String, @Nullable Object> oldest() {
        var line = Objects.requireNonNull(lines.pollFirstEntry()).getValue();
        chars -= line.text.length();
        weight -= line.weight;
        return givenUp(line);
    }

    private static Map<String, @Nullable Object> givenUp(Line line) {
        line.first.put("log", line.text.toString());
        line.first.put("tags", tagged(line.first.get("tags")));
        return line.first;
    }

    private static List<@Nullable Object> tagged(@Nullable Object tags) {
        var all = new ArrayList<@Nullable Object>(tags instanceof List<?> list ? list : List.of());
        all.add(TAG);
        return all;
    }

    private static long whole(@Nullable Object value) {
        try {
            return Long.parseLong(String.valueOf(value));
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
