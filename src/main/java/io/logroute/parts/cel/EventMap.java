package io.logroute.parts.cel;

import dev.cel.common.values.NullValue;
import io.logroute.flow.Event;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A whole event as CEL sees it. To be read only.
final class EventMap extends AbstractMap<String, Object> {
    private final Event event;

    EventMap(Event event) {
        this.event = event;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return key instanceof String name && event.has(name);
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        if (!(key instanceof String name)) {
            return null;
        }
        var value = event.get(name);
        return value != null || event.has(name) ? seen(value) : null;
    }

    @Override
    public int size() {
        return event.tree().size();
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return new Entries(event.tree());
    }

    /// CEL has a null of its own, and no numbers beyond 64 bits.
    static Object seen(@Nullable Object value) {
        return switch (value) {
            case null -> NullValue.NULL_VALUE;
            case Map<?, ?> map -> new ObjectMap(map);
            case List<?> list -> new Items(list);
            case BigInteger number -> number.doubleValue();
            case BigDecimal number -> number.doubleValue();
            case Integer number -> number.longValue();
            default -> value;
        };
    }

    private static final class ObjectMap extends AbstractMap<String, Object> {
        private final Map<?, ?> map;

        ObjectMap(Map<?, ?> map) {
            this.map = map;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return map.containsKey(key);
        }

        @Override
        public @Nullable Object get(@Nullable Object key) {
            var value = map.get(key);
            return value != null || map.containsKey(key) ? seen(value) : null;
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            return new Entries(map);
        }
    }

    private static final class Items extends AbstractList<Object> {
        private final List<?> list;

        Items(List<?> list) {
            this.list = list;
        }

        @Override
        public Object get(int index) {
            return seen(list.get(index));
        }

        @Override
        public int size() {
            return list.size();
        }
    }

    private static final class Entries extends AbstractSet<Map.Entry<String, Object>> {
        private final Map<?, ?> map;

        Entries(Map<?, ?> map) {
            this.map = map;
        }

        @Override
        public Iterator<Map.Entry<String, Object>> iterator() {
            var each = map.entrySet().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public Map.Entry<String, Object> next() {
                    var entry = each.next();
                    return Map.entry(String.valueOf(entry.getKey()), seen(entry.getValue()));
                }
            };
        }

        @Override
        public int size() {
            return map.size();
        }
    }
}
