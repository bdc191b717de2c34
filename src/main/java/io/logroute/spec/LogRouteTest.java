package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.List;
import java.util.Optional;

@Doc(
        "A test of a route: what comes of some events. Run by `logroute test`, `validate` and `run`; a route whose tests fail"
                + " is not applied.")
public record LogRouteTest(
        Name name,

        @Doc(value = "The route that is tested.", example = "shop-errors")
        Name route,

        @Doc(
                value = "The events that come in, in order.",
                example = "[{ event: { service_name: shop_web, level: error, msg: boom } }]")
        List<Given> given,

        @Doc(
                value =
                        "What comes out along the route: for each sink all that comes to it, in order. Sinks that no entry"
                                + " names are not looked at. An empty list says that nothing comes to any.",
                example = "[{ sink: es, index: shop-errors-2026.11.22, event: { level: error } }]")
        List<Expected> expect)
        implements Document {

    @Doc("An event that comes in.")
    public record Given(
            @Doc(value = "The event.", example = "{ service_name: shop_web, msg: boom }")
            FreeForm event,

            @Doc(
                    value =
                            "When it comes in; without it, the event's `@timestamp`, and without that 2026-01-01T00:00:00Z.",
                    example = "\"2026-11-22T10:00:00Z\"")
            Optional<Moment> at) {}

    @Doc("An event that comes out.")
    public record Expected(
            @Doc(value = "The sink that it comes to.", example = "es")
            Name sink,

            @Doc(
                    value = "Its index, for sinks that are an `elasticsearch` or `opensearch`.",
                    example = "shop-errors-2026.11.22")
            Optional<String> index,

            @Doc(
                    value =
                            "The id of its document, for sinks that are an `elasticsearch` or `opensearch` and make it of the event.",
                    example = "shop_web-17")
            Optional<String> id,

            @Doc(
                    value = "Its file, for sinks that are a `file`; as their `path` gives it.",
                    example = "logs/shop_web.ndjson")
            Optional<String> file,

            @Doc(
                    value =
                            "Fields that it has, with their values; it may have others. Numbers are the same when their values"
                                    + " are: `5` and `5.0`. A field that is `null` here must not be there, or be null. A name with"
                                    + " dots means the field of that name, or the nested one.",
                    example = "{ level: error }",
                    or = "{}")
            FreeForm event,

            @Doc(
                    value = "Whether it must have no other fields than those of `event`, `@timestamp` aside.",
                    or = "false")
            boolean only,

            @Doc(
                    value = "That it comes to the sink's dead letters: a part of the reason.",
                    example = "has no field team")
            Optional<String> deadLetter) {}

    public LogRouteTest {
        given = List.copyOf(given);
        expect = List.copyOf(expect);
        require(!given.isEmpty(), "given is empty; write at least one, such as - event: { msg: boom }");
    }
}
