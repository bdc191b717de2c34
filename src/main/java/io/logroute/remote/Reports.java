package io.logroute.remote;

import io.logroute.flow.Json;
import io.logroute.plan.InstanceReport;
import io.logroute.plan.InstanceReport.BufferReport;
import io.logroute.plan.InstanceReport.Limit;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.RouteReport;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.plan.InstanceReport.SourceReport;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What an instance tells of itself, as JSON and back.
///
/// A router and its controller need not be of one version: keys that nobody knows are passed over,
/// and numbers, lists and booleans that are absent are 0, empty and false. Only what names a report
/// must be there.
public final class Reports {
    private Reports() {}

    /// As one JSON object.
    public static byte[] write(InstanceReport report) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("router", report.router());
        tree.put("instance", (long) report.instance());
        tree.put("revision", report.revision());
        tree.put("generation", report.generation());
        tree.put("since", report.since().toString());
        tree.put("taken", report.taken().toString());
        tree.put("sources", list(report.sources(), Reports::source));
        tree.put("buffer", buffer(report.buffer()));
        tree.put("sinks", list(report.sinks(), Reports::sink));
        tree.put("routes", list(report.routes(), Reports::route));
        tree.put("unroutedEvents", report.unroutedEvents());
        put(tree, "trouble", report.trouble());
        tree.put("mode", report.holding().mode().name());
        tree.put("empty", report.holding().empty());
        tree.put("letters", report.holding().letters());
        if (!report.holding().removed().isEmpty()) {
            tree.put("removedSinks", list(report.holding().removed(), Reports::removed));
        }
        put(tree, "setAside", report.holding().aside());
        return Json.write(tree).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, @Nullable Object> removed(InstanceReport.Removed sink) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", sink.sink());
        tree.put("events", sink.events());
        tree.put("until", sink.until().toString());
        put(tree, "trouble", sink.trouble());
        return tree;
    }

    private static <T> List<Object> list(List<T> all, Function<T, Map<String, @Nullable Object>> tree) {
        return new ArrayList<>(all.stream().map(tree).toList());
    }

    private static void put(Map<String, @Nullable Object> tree, String key, Optional<?> value) {
        value.ifPresent(there -> tree.put(key, there.toString()));
    }

    private static Map<String, @Nullable Object> source(SourceReport source) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", source.name());
        tree.put("receivedEvents", source.receivedEvents());
        tree.put("refusedEvents", source.refusedEvents());
        tree.put("waiting", source.waiting());
        put(tree, source.behind());
        return tree;
    }

    private static void put(Map<String, @Nullable Object> tree, Optional<InstanceReport.Behind> behind) {
        behind.ifPresent(each -> {
            var told = new LinkedHashMap<String, @Nullable Object>();
            told.put("entries", each.entries());
            put(told, "oldest", each.oldest());
            tree.put("behind", told);
        });
    }

    private static Map<String, @Nullable Object> buffer(BufferReport buffer) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("id", buffer.id());
        tree.put("kind", buffer.kind().name());
        tree.put("inMemory", buffer.isInMemory()); // for readers of the time before there were kinds
        tree.put("bytes", buffer.bytes());
        tree.put("maxBytes", buffer.maxBytes());
        tree.put("freeDiskBytes", buffer.freeDiskBytes());
        tree.put("events", buffer.events());
        tree.put("full", buffer.full());
        tree.put("lostEvents", buffer.lostEvents());
        tree.put("corruptRecords", buffer.corruptRecords());
        put(tree, "oldest", buffer.oldest());
        put(tree, "trouble", buffer.trouble());
        return tree;
    }

    private static Map<String, @Nullable Object> sink(SinkReport sink) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", sink.name());
        tree.put("kind", sink.kind());
        tree.put("deliveredEvents", sink.deliveredEvents());
        tree.put("filteredEvents", sink.filteredEvents());
        tree.put("deadLetteredEvents", sink.deadLetteredEvents());
        tree.put("keptLetters", sink.keptLetters());
        tree.put("discardedEvents", sink.discardedEvents());
        tree.put("lagEvents", sink.lagEvents());
        tree.put("lagBytes", sink.lagBytes());
        put(tree, "oldest", sink.oldest());
        put(tree, "lastDelivered", sink.lastDelivered());
        tree.put(
                "preparation",
                Map.of(
                        "state", sink.preparation().state().name(),
                        "message", sink.preparation().message()));
        sink.limit().ifPresent(limit -> tree.put("limit", Map.of("blocks", limit.blocks(), "reason", limit.reason())));
        put(tree, "trouble", sink.trouble());
        put(tree, sink.behind());
        return tree;
    }

    private static Map<String, @Nullable Object> route(RouteReport route) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("name", route.name());
        tree.put("routedEvents", route.routedEvents());
        return tree;
    }

    /// @throws IllegalArgumentException when the bytes are no report, with what is wrong
    public static InstanceReport read(byte[] json) {
        var tree = new Tree("", Json.parse(json, 0, json.length));
        return new InstanceReport(
                tree.text("router"),
                (int) Math.clamp(tree.number("instance"), 0, Integer.MAX_VALUE),
                tree.text("revision"),
                tree.number("generation"),
                tree.instant("since").orElseThrow(() -> tree.absent("since")),
                tree.instant("taken").orElseThrow(() -> tree.absent("taken")),
                tree.list("sources", Reports::source),
                buffer(tree.object("buffer")),
                tree.list("sinks", Reports::sink),
                tree.list("routes", Reports::route),
                tree.number("unroutedEvents"),
                tree.given("trouble"),
                new InstanceReport.Holding(
                        tree.one("mode", InstanceReport.Mode.values(), InstanceReport.Mode.SERVING),
                        tree.is("empty"),
                        tree.number("letters"),
                        tree.list("removedSinks", Reports::removed),
                        tree.given("setAside")));
    }

    private static InstanceReport.Removed removed(Tree tree) {
        return new InstanceReport.Removed(
                tree.text("name"),
                tree.number("events"),
                tree.instant("until").orElseThrow(() -> tree.absent("until")),
                tree.given("trouble"));
    }

    private static SourceReport source(Tree tree) {
        return new SourceReport(
                tree.text("name"),
                tree.number("receivedEvents"),
                tree.number("refusedEvents"),
                tree.is("waiting"),
                behind(tree));
    }

    private static Optional<InstanceReport.Behind> behind(Tree tree) {
        return tree.objectIfThere("behind")
                .map(each -> new InstanceReport.Behind(each.number("entries"), each.instant("oldest")));
    }

    private static BufferReport buffer(Tree tree) {
        return new BufferReport(
                tree.given("id").orElse(""),
                tree.one(
                        "kind",
                        InstanceReport.Kind.values(),
                        tree.is("inMemory") ? InstanceReport.Kind.MEMORY : InstanceReport.Kind.DISK),
                tree.number("bytes"),
                tree.number("maxBytes"),
                tree.number("freeDiskBytes"),
                tree.number("events"),
                tree.is("full"),
                tree.number("lostEvents"),
                tree.number("corruptRecords"),
                tree.instant("oldest"),
                tree.given("trouble"));
    }

    private static SinkReport sink(Tree tree) {
        return new SinkReport(
                tree.text("name"),
                tree.text("kind"),
                tree.number("deliveredEvents"),
                tree.number("filteredEvents"),
                tree.number("deadLetteredEvents"),
                tree.number("keptLetters"),
                tree.number("discardedEvents"),
                tree.number("lagEvents"),
                tree.number("lagBytes"),
                tree.instant("oldest"),
                tree.instant("lastDelivered"),
                preparation(tree.object("preparation")),
                tree.objectIfThere("limit")
                        .map(limit -> new Limit(
                                limit.is("blocks"), limit.given("reason").orElse(""))),
                tree.given("trouble"),
                behind(tree));
    }

    private static Preparation preparation(Tree tree) {
        var state = tree.given("state").orElse(Preparation.State.NOT_NEEDED.name());
        try {
            return new Preparation(
                    Preparation.State.valueOf(state), tree.given("message").orElse(""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s is \"%s\", which is none of these".formatted(tree.at("state"), state), e);
        }
    }

    private static RouteReport route(Tree tree) {
        return new RouteReport(tree.text("name"), tree.number("routedEvents"));
    }

    /// A JSON object, and where it stands.
    private record Tree(String where, Map<?, ?> values) {
        String at(String key) {
            return where.isEmpty() ? key : where + "." + key;
        }

        IllegalArgumentException absent(String key) {
            return new IllegalArgumentException("%s is missing".formatted(at(key)));
        }

        private IllegalArgumentException not(String key, String what) {
            return new IllegalArgumentException("%s is no %s".formatted(at(key), what));
        }

        Optional<String> given(String key) {
            return switch (values.get(key)) {
                case null -> Optional.empty();
                case String text -> Optional.of(text);
                case Object _ -> throw not(key, "text");
            };
        }

        String text(String key) {
            return given(key).orElseThrow(() -> absent(key));
        }

        long number(String key) {
            return switch (values.get(key)) {
                case null -> 0;
                case Long number -> number;
                case Object _ -> throw not(key, "whole number");
            };
        }

        boolean is(String key) {
            return switch (values.get(key)) {
                case null -> false;
                case Boolean is -> is;
                case Object _ -> throw not(key, "true or false");
            };
        }

        /// One of these; the usual one when nothing is said.
        <E extends Enum<E>> E one(String key, E[] all, E usual) {
            var word = given(key);
            for (var each : all) {
                if (word.isEmpty() || word.get().equals(each.name())) {
                    return word.isEmpty() ? usual : each;
                }
            }
            throw new IllegalArgumentException("%s is \"%s\", which is none of these".formatted(at(key), word.get()));
        }

        Optional<Instant> instant(String key) {
            try {
                return given(key).map(Instant::parse);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("%s is no instant".formatted(at(key)), e);
            }
        }

        Optional<Tree> objectIfThere(String key) {
            return switch (values.get(key)) {
                case null -> Optional.empty();
                case Map<?, ?> object -> Optional.of(new Tree(at(key), object));
                case Object _ -> throw not(key, "object");
            };
        }

        Tree object(String key) {
            return objectIfThere(key).orElseGet(() -> new Tree(at(key), Map.of()));
        }

        <T> List<T> list(String key, Function<Tree, T> read) {
            return switch (values.get(key)) {
                case null -> List.of();
                case List<?> all -> {
                    var made = new ArrayList<T>();
                    for (int i = 0; i < all.size(); i++) {
                        if (!(all.get(i) instanceof Map<?, ?> object)) {
                            throw not("%s[%d]".formatted(key, i), "object");
                        }
                        made.add(read.apply(new Tree("%s[%d]".formatted(at(key), i), object)));
                    }
                    yield made;
                }
                case Object _ -> throw not(key, "list");
            };
        }
    }
}
