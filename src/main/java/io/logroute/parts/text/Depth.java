package io.logroute.parts.text;

import io.logroute.flow.Json;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keeps events from growing deeper than they may come in ([Json#MAX_DEPTH]): nobody could read them
/// any more.
public final class Depth {
    private Depth() {}

    /// Whether an event may have the value in this field.
    public static boolean fits(@Nullable Object value, String... keys) {
        return fits(value, Json.MAX_DEPTH - keys.length);
    }

    private static boolean fits(@Nullable Object value, int levels) {
        return switch (value) {
            case Map<?, ?> map -> levels > 0 && map.values().stream().allMatch(each -> fits(each, levels - 1));
            case Collection<?> list -> levels > 0 && list.stream().allMatch(each -> fits(each, levels - 1));
            case null, default -> levels >= 0;
        };
    }
}
