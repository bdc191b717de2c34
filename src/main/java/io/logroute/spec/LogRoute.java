package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

@Doc("Which events go through which filters to which sinks. Routes copy: an event goes along every route that matches.")
public record LogRoute(
        Name name,

        @Doc(value = "The router whose events these are.", example = "core")
        Name router,

        @Doc(value = "Which events; without it, all.", or = "{}")
        Match match,

        @Doc(value = "Takes the events that no other route of the router takes.", key = "default", or = "false")
        boolean isDefault,

        @Doc(
                value = "What happens to the events, in order.",
                example = "[{ parse: { json: { field: msg } } }]",
                or = "[]")
        List<FilterSpec> filters,

        @Doc(value = "Where they go.", example = "[es, { sink: archive }]")
        List<Target> to)
        implements Document {

    @Doc("Which events. All that is written must hold; of a list, one is enough.")
    public record Match(
            @Doc(
                    value = "Service name (`service_name`, or `service.name`), with `*` and `?`.",
                    example = "[\"shop_*\"]",
                    or = "[]")
            List<Glob> service,

            @Doc(value = "Stack name (`stack_name`, or `stack.name`), with `*` and `?`.", example = "[shop]", or = "[]")
            List<Glob> stack,

            @Doc(
                    value = "Other fields and what they may be, with `*` and `?`.",
                    example = "{ level: [error, fatal] }",
                    or = "{}")
            java.util.Map<FieldPath, List<Glob>> fields,

            @Doc(value = "A condition in CEL.", example = "event.status >= 500")
            Optional<When> when) {
        public Match {
            service = List.copyOf(service);
            stack = List.copyOf(stack);
            fields = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(fields));
        }

        /// Whether it lets everything through.
        public boolean isAll() {
            return service.isEmpty() && stack.isEmpty() && fields.isEmpty() && when.isEmpty();
        }
    }

    @Doc(value = "A sink, and what this route wants of it.", plain = "sink")
    public record Target(
            @Doc(value = "Name of the sink.", example = "es")
            Name sink,

            @Doc(
                    value = "Index in place of the sink's own; for sinks that have one.",
                    example = "shop-errors-%{+yyyy.MM.dd}")
            Optional<FieldTemplate> index) {}

    public LogRoute {
        filters = List.copyOf(filters);
        to = List.copyOf(to);
        require(!to.isEmpty(), "to is empty; name at least one sink");
        require(
                !isDefault || match.isAll(),
                "default goes without match; leave match away: the default route takes what no other took");
        var seen = new HashSet<Target>();
        for (var target : to) {
            require(seen.add(target), "to has sink %s twice; leave one away", target.sink());
        }
    }
}
