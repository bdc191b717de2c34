package io.logroute.parts.redis;

import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.parts.elastic.DocumentId;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.SinkSpec;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes events with one member more, that says where they came from:
///
///     "logroute":{"swarm":"eu1","router":"core","id":"4Zk1c0Qw8d2f-1b"}
///
/// The id is the one that an Elasticsearch sink of the same router gives the document with `ids: sequence`, so what
/// went there from below and what comes there from above is the same document. One that has
/// `logroute.swarm` has come
/// through a relay before, and goes on as it is. Of other members called `logroute` nothing is lost: fields of an
/// object stay beside ours, and what is no object stands under `was`.
///
/// The member is put behind the others as bytes, and the event is not parsed: only where its bytes might have a
/// member of that name one looks. Used by one thread at a time.
final class Origin {
    private static final String MEMBER = "logroute";
    private static final String SWARM = "swarm";
    private static final byte[] END = Words.of("\"}}");
    /// How a name with such a member begins, be it `logroute.swarm`.
    private static final Needle PLAIN = new Needle("\"" + MEMBER);
    /// A letter may be written as an escape.
    private static final Needle ESCAPE = new Needle("\\u00");

    private final String swarm;
    private final String router;
    private final DocumentId ids;
    private final byte[] begin;

    Origin(SinkSpec.RedisOrigin spec, String router, String buffer) {
        this.swarm = spec.swarm().value();
        this.router = router;
        this.ids = DocumentId.of(new DocumentIds.Sequence(), buffer);
        this.begin = Words.of(",\"%s\":{\"%s\":%s,\"router\":%s,\"id\":\""
                .formatted(MEMBER, SWARM, Json.write(swarm), Json.write(router)));
    }

    void write(Event event, Bytes out) {
        int from = out.size();
        event.writeTo(out);
        boolean mayHave = PLAIN.isIn(out.array(), from, out.size()) || ESCAPE.isIn(out.array(), from, out.size());
        if (mayHave && hasOrigin(event)) {
            return;
        }
        if (mayHave && event.has(MEMBER)) {
            out.cutTo(from);
            joined(event).writeTo(out);
            return;
        }
        out.cutTo(out.size() - 1);
        out.writeBytes(begin);
        ids.write(event, out);
        out.writeBytes(END);
    }

    private static boolean hasOrigin(Event event) {
        try {
            return event.get(MEMBER, SWARM) instanceof String;
        } catch (Json.TooManyValues e) {
            return false;
        }
    }

    /// What it has under our name, and ours. One that has more values there than anybody writes goes on as it is.
    private Event joined(Event event) {
        var told = new LinkedHashMap<String, @Nullable Object>();
        try {
            switch (event.get(MEMBER)) {
                case null -> {}
                case Map<?, ?> fields -> fields.forEach((field, value) -> told.put(String.valueOf(field), value));
                case Object other -> told.put("was", other);
            }
        } catch (Json.TooManyValues e) {
            return event;
        }
        var id = new Bytes(64);
        ids.write(event, id);
        told.put(SWARM, swarm);
        told.put("router", router);
        told.put("id", id.toString(StandardCharsets.UTF_8));
        var joined = event.copy();
        joined.set(told, MEMBER);
        return joined;
    }
}
