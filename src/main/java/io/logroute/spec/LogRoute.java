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
                    value = "Container: its name or id (`container_name`, `container_short_name`, `container_id`,"
                            + " `container.name` or `container.id`), with `*` and `?`.",
                    example = "[\"shop_web.*\"]",
                    or = "[]")
            List<Glob> container,

            @Doc(
                    value =
                            "Node: its id or name (`node_id`, `node_name`, `host.name` or `host.hostname`), with `*` and"
                                    + " `?`.",
                    example = "[\"worker-*\"]",
                    or = "[]")
            List<Glob> node,

            @Doc(
                    value = "Labels and what they may be, with `*` and `?`. They stand under `labels` in the event, or"
                            + " `container.labels`; a dot in a label's name may be a `-` there, as AMP writes it, or a"
                            + " `_`, as Beats do.",
                    example = "{ com.example.team: [shop, \"web-*\"] }",
                    or = "{}")
            java.util.Map<String, List<Glob>> labels,

            @Doc(
                    value = "Other fields and what they may be, with `*` and `?`.",
                    example = "{ level: [error, fatal] }",
                    or = "{}")
            java.util.Map<FieldPath, List<Glob>> fields,

            @Doc(value = "A condition in CEL.", example = "event.status >= 500")
            Optional<When> when,

            @Doc(
                    value =
                            "What an event must not be: the same keys. An event for which all that is written here holds is"
                                    + " not taken.",
                    example = "{ service: [shop_test] }")
            Optional<Match> not) {
        public Match {
            service = List.copyOf(service);
            stack = List.copyOf(stack);
            container = List.copyOf(container);
            node = List.copyOf(node);
            labels = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(labels));
            fields = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(fields));
            require(
                    labels.keySet().stream().noneMatch(String::isBlank),
                    "labels has an empty name; write one, such as com.example.team");
            require(
                    not.isEmpty() || !not.get().isAll(),
                    "not is empty; write what the events must not be, such as { service: [shop_test] }");
        }

        /// One without containers, nodes, labels and exceptions.
        public Match(
                List<Glob> service,
                List<Glob> stack,
                java.util.Map<FieldPath, List<Glob>> fields,
                Optional<When> when) {
            this(service, stack, List.of(), List.of(), java.util.Map.of(), fields, when, Optional.empty());
        }

        /// What lets everything through.
        public static final Match ALL = new Match(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                java.util.Map.of(),
                java.util.Map.of(),
                Optional.empty(),
                Optional.empty());

        /// Whether it lets everything through.
        public boolean isAll() {
            return service.isEmpty()
                    && stack.isEmpty()
                    && container.isEmpty()
                    && node.isEmpty()
                    && labels.isEmpty()
                    && fields.isEmpty()
                    && when.isEmpty()
                    && not.isEmpty();
        }
    }

    @Doc(value = "A sink, or a relay, and what this route wants of it.", plain = "sink")
    public record Target(
            @Doc(value = "Name of the sink. A plain name may be that of a relay as well.", key = "sink", example = "es")
            Optional<Name> named,

            @Doc(value = "Name of the LogRelay, in place of a sink.", example = "up")
            Optional<Name> relay,

            @Doc(
                    value = "Index in place of the sink's own; for sinks that have one.",
                    example = "shop-errors-%{+yyyy.MM.dd}")
            Optional<FieldTemplate> index) {
        public Target {
            require(
                    named.isPresent() != relay.isPresent(),
                    "%s; write { sink: NAME } or { relay: NAME }",
                    named.isPresent() ? "sink and relay stand beside each other" : "neither sink nor relay is named");
            require(
                    relay.isEmpty() || index.isEmpty(),
                    "index stands beside relay; leave it away, a relay has no indices");
        }

        /// A sink, or a relay, by its name.
        public Target(Name sink, Optional<FieldTemplate> index) {
            this(Optional.of(sink), Optional.empty(), index);
        }

        /// What it names: sinks and relays share their names.
        public Name sink() {
            return named.or(() -> relay).orElseThrow();
        }

        /// The key that the name stands under.
        public String key() {
            return relay.isPresent() ? "relay" : "sink";
        }

        /// The same, with a relay as the sink that it is to routers.
        private Target toSink() {
            return relay.map(name -> new Target(name, index)).orElse(this);
        }
    }

    public LogRoute {
        filters = List.copyOf(filters);
        to = List.copyOf(to);
        require(!to.isEmpty(), "to is empty; name at least one sink");
        require(
                !isDefault || match.isAll(),
                "default goes without match; leave match away: the default route takes what no other took");
        var seen = new HashSet<Target>();
        for (var target : to) {
            require(seen.add(target.toSink()), "to has %s %s twice; leave one away", target.key(), target.sink());
        }
    }

    /// The same with relays as the sinks that they are to routers.
    public LogRoute toSinks() {
        return to.stream().noneMatch(target -> target.relay().isPresent())
                ? this
                : new LogRoute(
                        name,
                        router,
                        match,
                        isDefault,
                        filters,
                        to.stream().map(Target::toSink).toList());
    }
}
