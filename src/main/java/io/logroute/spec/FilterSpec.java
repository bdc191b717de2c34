package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What changes or drops events on their way along a route. Each works on all events of the
/// route, or on those that its `when` holds for.
public sealed interface FilterSpec {
    Optional<When> when();

    @Doc("Reads structure out of a text field.")
    record Parse(
            @Doc(value = "The field holds a JSON object.", example = "{ field: msg }")
            ParseJson json,

            @Doc(value = "Only events that this holds for.", example = "event.msg.startsWith('{')")
            Optional<When> when)
            implements FilterSpec {}

    @Doc(
            value = "Parses a field as a JSON object. Where it is none, the event keeps its field and gets the tag"
                    + " `_jsonparsefailure`.",
            plain = "field")
    record ParseJson(
            @Doc(value = "The field that holds the JSON.", example = "msg")
            FieldPath field,

            @Doc(
                    value = "The field to put the object under. Without it its fields go to the top of the event, over"
                            + " those that are there; `@timestamp` only when it is one.",
                    example = "payload")
            Optional<FieldPath> into) {}

    @Doc("Sets fields, over what is there.")
    record Set(
            @Doc(
                    value =
                            "Fields and their values. Text may have templates: `%{service_name}`. A field whose template"
                                    + " asks for one that the event does not have is not set.",
                    example = "{ env: prod, title: \"%{service_name} says %{msg}\" }")
            Map<FieldPath, FieldValue> fields,

            @Doc(value = "Only events that this holds for.", example = "event.stack_name == 'shop'")
            Optional<When> when)
            implements FilterSpec {
        public Set {
            fields = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(fields));
            require(!fields.isEmpty(), "fields is empty; write at least one, such as { env: prod }");
        }
    }

    @Doc(value = "Takes fields away.", plain = "fields")
    record Remove(
            @Doc(value = "The fields to take away.", example = "[labels, beat.version]")
            List<FieldPath> fields,

            @Doc(value = "Only events that this holds for.", example = "event.level == 'debug'")
            Optional<When> when)
            implements FilterSpec {
        public Remove {
            fields = List.copyOf(fields);
            require(!fields.isEmpty(), "fields is empty; write at least one, such as [labels]");
        }
    }

    @Doc("Drops events: they go no further along this route.")
    record Drop(
            @Doc(value = "Which events; without it, all.", example = "event.path == '/healthz'")
            Optional<When> when) implements FilterSpec {}
}
