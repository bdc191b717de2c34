package io.logroute.remote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.logroute.flow.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One JSON value of an answer of Docker: maps, lists, texts, `Long`, `Double`, `Boolean` and null. What is
/// not there, or is of another kind than asked, is empty and never fails: Docker leaves out what is empty.
record Tree(@Nullable Object value) {
    static final Tree NOTHING = new Tree(null);

    private static final int DEPTH = 100;
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            // Docker takes labels of any length, and the whole of an answer is bounded: one of them hides no others.
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /// What is done with each element of an array, of which the parser stands at the beginning and is left at
    /// the end.
    interface Each {
        void element(JsonParser parser) throws IOException;
    }

    /// Goes through an array, which is never in memory as a whole. `null` is an array of nothing, as Go writes it.
    static void each(InputStream body, Each each) throws IOException {
        try (var parser = JSON.createParser(body)) {
            var first = parser.nextToken();
            if (first == JsonToken.VALUE_NULL) {
                return;
            }
            if (first != JsonToken.START_ARRAY) {
                throw new IOException("the answer is no list");
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == null) {
                    throw new IOException("the answer ends in the middle");
                }
                each.element(parser);
            }
        }
    }

    static Tree parse(byte[] json) throws IOException {
        try (var parser = JSON.createParser(json)) {
            parser.nextToken();
            return read(parser);
        }
    }

    /// What is read of an object: the fields that are named, and of these again a part.
    ///
    /// @param fields empty for all of it
    record Part(Map<String, Part> fields) {
        static final Part WHOLE = new Part(Map.of());
        static final Part NONE = new Part(Map.of("", WHOLE));

        Part {
            fields = Map.copyOf(fields);
        }

        /// The part of that field.
        Part below(String name) {
            return fields.isEmpty() ? WHOLE : fields.getOrDefault(name, NONE);
        }
    }

    /// A part of the value that the parser stands at; the rest costs little.
    static Tree read(JsonParser parser, Part part) throws IOException {
        if (part.equals(Part.WHOLE)) {
            return read(parser);
        }
        if (part.equals(Part.NONE) || parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return NOTHING;
        }
        var object = new LinkedHashMap<String, @Nullable Object>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            var below = read(parser, part.below(name));
            if (below.isThere()) {
                object.put(name, below.value());
            }
        }
        return new Tree(object);
    }

    /// The value that the parser stands at.
    static Tree read(JsonParser parser) throws IOException {
        return new Tree(value(parser));
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var object = new LinkedHashMap<String, @Nullable Object>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    var name = parser.currentName();
                    parser.nextToken();
                    object.put(name, value(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                var array = new ArrayList<@Nullable Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser));
                }
                yield array;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) parser.getDoubleValue()
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default -> throw new IOException("the answer ends in the middle");
        };
    }

    Tree at(String... path) {
        var here = value;
        for (var name : path) {
            here = here instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return here == null ? NOTHING : new Tree(here);
    }

    boolean isThere() {
        return value != null;
    }

    /// Empty when it is no text.
    String text() {
        return value instanceof String text ? text : "";
    }

    /// The text, when it is one and has letters.
    Optional<String> word() {
        return Optional.of(text()).filter(text -> !text.isEmpty());
    }

    /// 0 when it is no whole number.
    long number() {
        return value instanceof Long number ? number : 0;
    }

    boolean isTrue() {
        return Boolean.TRUE.equals(value);
    }

    List<Tree> items() {
        return value instanceof List<?> list ? list.stream().map(Tree::of).toList() : List.of();
    }

    /// The texts of an object, by name.
    TreeMap<String, String> texts() {
        var texts = new TreeMap<String, String>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, text) -> {
                if (name instanceof String key && text instanceof String word) {
                    texts.put(key, word);
                }
            });
        }
        return texts;
    }

    private static Tree of(@Nullable Object value) {
        return value == null ? NOTHING : new Tree(value);
    }

    byte[] json() {
        return Json.write(value).getBytes(StandardCharsets.UTF_8);
    }
}
