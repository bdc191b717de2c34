package io.logroute.face.convert;

import io.logroute.face.convert.Conf.Option;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The options of a plugin. Whoever asks for one has taken care of it; [#rest] are those that
/// nobody has.
final class Settings {
    private final Plugin plugin;
    private final Map<String, Option> rest = new LinkedHashMap<>();
    private final Map<String, Option> all = new LinkedHashMap<>();

    Settings(Plugin plugin) {
        this.plugin = plugin;
        plugin.options().forEach(option -> all.put(option.name(), option));
        rest.putAll(all);
        // How the plugin is called and counted, which specs do in their own way.
        ignore("id", "enable_metric", "periodic_flush");
    }

    String name() {
        return plugin.name();
    }

    Place at() {
        return plugin.at();
    }

    Place at(String option) {
        return all.containsKey(option) ? all.get(option).at() : plugin.at();
    }

    boolean has(String option) {
        return all.containsKey(option);
    }

    /// Options that do not matter to specs.
    void ignore(String... options) {
        List.of(options).forEach(rest::remove);
    }

    /// Those that nobody asked for.
    List<Option> rest() {
        return List.copyOf(rest.values());
    }

    Optional<Value> value(String option) {
        rest.remove(option);
        return Optional.ofNullable(all.get(option)).map(Option::value);
    }

    /// @throws Untold when it is neither text nor a number
    Optional<String> text(String option) throws Untold {
        var value = value(option);
        return value.isEmpty() ? Optional.empty() : Optional.of(plain(value.get(), option));
    }

    String text(String option, String usual) throws Untold {
        return text(option).orElse(usual);
    }

    /// @throws Untold when it is neither true nor false
    boolean truth(String option, boolean usual) throws Untold {
        var text = text(option);
        if (text.isEmpty()) {
            return usual;
        }
        return switch (text.get()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Untold("%s is \"%s\", neither true nor false".formatted(option, text.get()));
        };
    }

    /// One or several.
    List<String> texts(String option) throws Untold {
        var value = value(option);
        if (value.isEmpty()) {
            return List.of();
        }
        return texts(value.get(), option);
    }

    static List<String> texts(Value value, String option) throws Untold {
        if (!(value instanceof Value.Items(var items))) {
            return List.of(plain(value, option));
        }
        var texts = new ArrayList<String>();
        for (var item : items) {
            texts.add(plain(item, option));
        }
        return texts;
    }

    /// Keys and values: of a hash, or of an array that has them in turn, as long ago.
    List<Map.Entry<String, Value>> table(String option) throws Untold {
        var value = value(option);
        if (value.isEmpty()) {
            return List.of();
        }
        return switch (value.get()) {
            case Value.Table(var entries) ->
                entries.stream()
                        .map(entry -> Map.entry(entry.key(), entry.value()))
                        .toList();
            case Value.Items(var items) -> {
                if (items.size() % 2 != 0) {
                    throw new Untold("%s has a key without a value".formatted(option));
                }
                var pairs = new ArrayList<Map.Entry<String, Value>>();
                for (int i = 0; i < items.size(); i += 2) {
                    pairs.add(Map.entry(plain(items.get(i), option), items.get(i + 1)));
                }
                yield pairs;
            }
            case Value.Text _, Value.Number _, Value.Nested _ -> throw new Untold("%s is no hash".formatted(option));
        };
    }

    /// Keys and texts.
    List<Map.Entry<String, String>> textTable(String option) throws Untold {
        var pairs = new ArrayList<Map.Entry<String, String>>();
        for (var pair : table(option)) {
            pairs.add(Map.entry(pair.getKey(), plain(pair.getValue(), option)));
        }
        return pairs;
    }

    static String plain(Value value, String option) throws Untold {
        return switch (value) {
            case Value.Text text -> text.text();
            case Value.Number(var text) -> text;
            case Value.Items(var items) when items.size() == 1 -> plain(items.getFirst(), option);
            case Value.Items _ -> throw new Untold("%s is an array where one value is due".formatted(option));
            case Value.Table _ -> throw new Untold("%s is a hash where one value is due".formatted(option));
            case Value.Nested(var plugin) ->
                throw new Untold("%s is a plugin (%s) where a value is due".formatted(option, plugin.name()));
        };
    }
}
