package io.logroute.remote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Reads what Elasticsearch answers, as a stream: a bulk answer of 2000 items makes no tree.
///
/// Source: the bulk API and its `filter_path` (elastic.co/docs, "Bulk index or delete documents").
final class Answers {
    /// How much of an answer that is not understood is shown.
    private static final int EXCERPT = 200;

    private static final JsonFactory JSON = new JsonFactory();

    private Answers() {}

    /// The items of a bulk answer with status 200. When it says `"errors": false` and carries no
    /// items at all, every document was taken.
    ///
    /// @throws IOException when it is anything else than a whole bulk answer for that many
    ///     documents
    static Elastic.BulkAnswer.Items bulk(InputStream body, int documents) throws IOException {
        List<Elastic.Item> items = null;
        boolean flawless = false;
        try (JsonParser parser = JSON.createParser(body)) {
            expect(parser.nextToken(), JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "errors" -> flawless = parser.currentToken() == JsonToken.VALUE_FALSE;
                    case "items" -> items = items(parser, documents);
                    default -> parser.skipChildren();
                }
            }
            expect(parser.currentToken(), JsonToken.END_OBJECT);
            if (parser.nextToken() != null) {
                throw new IOException("the bulk answer goes on after its end");
            }
        } catch (JsonProcessingException e) {
            throw new IOException("the answer is no bulk answer: " + e.getOriginalMessage(), e);
        }
        if (items == null && flawless) {
            return new Elastic.BulkAnswer.Items(Collections.nCopies(documents, Elastic.Item.CREATED));
        }
        if (items == null || items.size() != documents) {
            throw new IOException("the bulk answer has %d items for %d documents"
                    .formatted(items == null ? 0 : items.size(), documents));
        }
        return new Elastic.BulkAnswer.Items(items);
    }

    private static List<Elastic.Item> items(JsonParser parser, int documents) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY);
        var items = new ArrayList<Elastic.Item>(documents);
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            expect(parser.nextToken(), JsonToken.FIELD_NAME);
            expect(parser.nextToken(), JsonToken.START_OBJECT);
            items.add(item(parser));
            expect(parser.nextToken(), JsonToken.END_OBJECT);
            if (items.size() > documents) {
                throw new IOException("the bulk answer has more items than the request had documents, " + documents);
            }
        }
        expect(parser.currentToken(), JsonToken.END_ARRAY);
        return items;
    }

    private static Elastic.Item item(JsonParser parser) throws IOException {
        int status = 0;
        var fault = Fault.NONE;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "status" -> {
                    expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT);
                    status = parser.getIntValue();
                }
                case "error" -> fault = fault(parser);
                default -> parser.skipChildren();
            }
        }
        expect(parser.currentToken(), JsonToken.END_OBJECT);
        if (status < 100 || status > 599) {
            throw new IOException("an item of the bulk answer has no status");
        }
        return status == 201 && fault == Fault.NONE
                ? Elastic.Item.CREATED
                : new Elastic.Item(status, fault.type, fault.reason);
    }

    private record Fault(String type, String reason) {
        static final Fault NONE = new Fault("", "");
    }

    /// `{"type": ..., "reason": ...}`, or the plain string that very old and foreign servers write.
    private static Fault fault(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            var text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
            parser.skipChildren();
            return new Fault("", text);
        }
        var type = "";
        var reason = "";
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            var token = parser.nextToken();
            if (token == JsonToken.VALUE_STRING && field.equals("type")) {
                type = parser.getText();
            } else if (token == JsonToken.VALUE_STRING && field.equals("reason")) {
                reason = parser.getText();
            } else {
                parser.skipChildren();
            }
        }
        return new Fault(type, reason);
    }

    /// What a request was turned away with; never fails, since the words only explain.
    static Elastic.BulkAnswer.Refused refused(int status, byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            expect(parser.nextToken(), JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var field = parser.currentName();
                parser.nextToken();
                if (field.equals("error")) {
                    var fault = fault(parser);
                    return new Elastic.BulkAnswer.Refused(status, fault.type, fault.reason);
                }
                parser.skipChildren();
            }
        } catch (IOException e) {
            return new Elastic.BulkAnswer.Refused(status, "", excerpt(body));
        }
        return new Elastic.BulkAnswer.Refused(status, "", excerpt(body));
    }

    private static String excerpt(byte[] body) {
        var text = new String(body, 0, Math.min(body.length, EXCERPT), StandardCharsets.UTF_8);
        return text.replaceAll("\\s+", " ").strip();
    }

    private static void expect(@org.jspecify.annotations.Nullable JsonToken seen, JsonToken wanted) throws IOException {
        if (seen != wanted) {
            throw new IOException("the answer is no bulk answer: %s where %s belongs"
                    .formatted(seen == null ? "its end" : seen.name(), wanted.name()));
        }
    }
}
