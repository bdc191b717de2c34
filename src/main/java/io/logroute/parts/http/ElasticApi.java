package io.logroute.parts.http;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What Elasticsearch would answer, as far as those need it who only write logs to it. Events are what
/// `_bulk` and single documents bring; the steps of a setup (templates, life cycles, aliases) are
/// answered as done and have no effect, for the mappings of the place where the events end up are the
/// business of its sink. What would change the events (ingest pipelines) or asks for them is refused.
///
/// Where a document was to go stays with its event under `@metadata`, as Logstash names it: `_index`,
/// `_id` and `pipeline`, as far as they were told. An event that brings an `@metadata` keeps its own.
final class ElasticApi {
    /// Newer than any client, for Beats refuse to send to what is older than they are.
    private static final String VERSION = "9.99.0";

    /// As Elasticsearch has it for the name of an index, in bytes there.
    private static final int LONGEST_NAME = 255;

    /// Memory that an action takes until its answer is sent, besides the bytes of its document.
    private static final long ITEM = 768;

    private static final Pattern BULK = Pattern.compile("/(?:([^/_][^/]*)/)?_bulk/?");
    private static final Pattern DOCUMENT = Pattern.compile("/([^/_][^/]*)/(_doc|_create)(?:/([^/]+))?");
    private static final Pattern SETUP =
            Pattern.compile("/(?:_index_template|_component_template|_template|_ilm/policy|_data_stream|_alias)/.+"
                    + "|/_plugins/_ism/policies/.+|/[^/_][^/]*(?:/_(?:alias|aliases|mapping|settings)(?:/.*)?)?");

    private ElasticApi() {}

    /// What to do with a request.
    sealed interface Asked {
        /// It brings events in the form of `_bulk`.
        ///
        /// @param usual for those that do not say it themselves
        record Bulk(Usual usual) implements Asked {}

        /// It brings one event.
        ///
        /// @param id empty when the path names none
        record Document(Usual usual, String id, boolean create) implements Asked {}

        /// It is answered, and brings nothing.
        record Answered(Reply reply) implements Asked {}

        /// It is refused.
        record Refused(Reply reply) implements Asked {}
    }

    /// Where documents go that do not say it themselves.
    ///
    /// @param index, pipeline empty when the request names none
    record Usual(String index, String pipeline) {}

    /// @param query as it was sent
    static Asked asked(String method, String path, String query) {
        try {
            return known(method, path, query);
        } catch (Unreadable e) {
            return new Asked.Refused(error(400, "illegal_argument_exception", String.valueOf(e.getMessage())));
        }
    }

    private static Asked known(String method, String path, String query) throws Unreadable {
        boolean brings = method.equals("POST") || method.equals("PUT");
        var bulk = BULK.matcher(path);
        if (bulk.matches()) {
            return brings ? new Asked.Bulk(usual(bulk.group(1), query)) : notAllowed(path);
        }
        var document = DOCUMENT.matcher(path);
        if (document.matches() && brings) {
            return new Asked.Document(
                    usual(document.group(1), query),
                    text(document.group(3)),
                    document.group(2).equals("_create"));
        }
        if (path.startsWith("/_ingest/pipeline")) {
            return method.equals("GET") || method.equals("HEAD")
                    ? new Asked.Answered(reply(404, Map.of()))
                    : new Asked.Refused(error(
                            400,
                            "illegal_argument_exception",
                            "LogRoute runs no ingest pipelines; write what it does as filters of a route"));
        }
        return switch (method) {
            case "GET", "HEAD" -> looked(path);
            case "PUT", "POST", "DELETE" ->
                SETUP.matcher(path).matches()
                        ? new Asked.Answered(reply(200, Map.of("acknowledged", true)))
                        : notTaken(path);
            default -> notAllowed(path);
        };
    }

    private static Asked looked(String path) {
        return switch (path) {
            case "/" -> new Asked.Answered(reply(200, info()));
            case "/_license" -> new Asked.Answered(reply(200, Map.of("license", license())));
            case "/_xpack" -> new Asked.Answered(reply(200, xpack()));
            case "/_cluster/health" ->
                new Asked.Answered(reply(
                        200,
                        Map.of(
                                "cluster_name",
                                "logroute",
                                "status",
                                "green",
                                "timed_out",
                                false,
                                "number_of_nodes",
                                1L)));
            case "/_nodes", "/_nodes/http" ->
                new Asked.Answered(reply(200, Map.of("cluster_name", "logroute", "nodes", Map.of())));
            default -> SETUP.matcher(path).matches() ? new Asked.Answered(reply(404, notThere(path))) : notTaken(path);
        };
    }

    private static Map<String, Object> info() {
        var version = new LinkedHashMap<String, Object>();
        version.put("number", VERSION);
        version.put("build_flavor", "default");
        version.put("build_type", "logroute");
        version.put("build_hash", "unknown");
        version.put("build_date", "2026-01-01T00:00:00.000Z");
        version.put("build_snapshot", false);
        version.put("lucene_version", "10.0.0");
        version.put("minimum_wire_compatibility_version", "7.17.0");
        version.put("minimum_index_compatibility_version", "7.0.0");
        var info = new LinkedHashMap<String, Object>();
        info.put("name", "logroute");
        info.put("cluster_name", "logroute");
        info.put("cluster_uuid", "logroute-takes-events");
        info.put("version", version);
        info.put("tagline", "You Know, for Search");
        return info;
    }

    private static Map<String, Object> license() {
        return Map.of("status", "active", "uid", "logroute", "type", "basic", "mode", "basic");
    }

    private static Map<String, Object> xpack() {
        return Map.of(
                "license",
                license(),
                "features",
                Map.of("ilm", Map.of("available", true, "enabled", true), "security", Map.of("enabled", false)));
    }

    private static Map<String, Object> notThere(String path) {
        return Map.of(
                "error",
                Map.of("type", "resource_not_found_exception", "reason", path + " is not kept by LogRoute"),
                "status",
                404L);
    }

    private static Asked notAllowed(String path) {
        return new Asked.Refused(error(405, "illegal_argument_exception", path + " does not take this method"));
    }

    private static Asked notTaken(String path) {
        return new Asked.Refused(error(
                400,
                "illegal_argument_exception",
                "LogRoute takes _bulk and documents as events, and does nothing else of what Elasticsearch does: not "
                        + path));
    }

    private static Usual usual(@Nullable String index, String query) throws Unreadable {
        return new Usual(name("index", text(index)), name("pipeline", text(parameter(query, "pipeline"))));
    }

    private static @Nullable String parameter(String query, String name) {
        for (var each : query.split("&", -1)) {
            if (each.startsWith(name + "=")) {
                return each.substring(name.length() + 1);
            }
        }
        return null;
    }

    /// It goes into each event of the request, so it must be short.
    private static String name(String what, String name) throws Unreadable {
        if (name.length() > LONGEST_NAME || name.chars().anyMatch(c -> c < ' ')) {
            throw new Unreadable(
                    "the %s that the address names is longer than %d characters, or has some that no name has"
                            .formatted(what, LONGEST_NAME));
        }
        return name;
    }

    private static String text(@Nullable String group) throws Unreadable {
        if (group == null) {
            return "";
        }
        try {
            return java.net.URLDecoder.decode(group.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Unreadable("the address has a % without two hexadecimal digits after it");
        }
    }

    /// An address that says nothing that can be done.
    private static final class Unreadable extends Exception {
        Unreadable(String message) {
            super(message, null, false, false);
        }
    }

    /// One action of a bulk request.
    ///
    /// @param op `create`, `index`, `update` or `delete`
    /// @param wrong why its document is not taken; empty when it is
    /// @param from, to its document in the body
    record Item(String op, String index, String id, String pipeline, Optional<String> wrong, int from, int to) {
        boolean isTaken() {
            return wrong.isEmpty();
        }

        Map<String, Object> answer() {
            var told = new LinkedHashMap<String, Object>();
            told.put("_index", index);
            told.put("_id", id);
            if (wrong.isPresent()) {
                told.put("status", 400L);
                told.put("error", Map.of("type", "illegal_argument_exception", "reason", wrong.get()));
                return Map.of(op, told);
            }
            told.put("_version", 1L);
            told.put("result", "created");
            told.put("_shards", Map.of("total", 1L, "successful", 1L, "failed", 0L));
            told.put("_seq_no", 0L);
            told.put("_primary_term", 1L);
            told.put("status", 201L);
            return Map.of(op, told);
        }
    }

    /// A body that is no bulk request, or has too many actions.
    static final class NoBulk extends Exception {
        private final boolean tooMuch;

        NoBulk(String message, boolean tooMuch) {
            super(message, null, false, false);
            this.tooMuch = tooMuch;
        }

        boolean isTooMuch() {
            return tooMuch;
        }
    }

    /// Memory that the actions of a body take at most, besides the bytes of their documents.
    static long memory(byte[] bytes, int length, Usual usual, int most) {
        int lines = 1;
        for (int i = 0; i < length; i++) {
            lines += bytes[i] == '\n' ? 1 : 0;
        }
        // In the event, and in the answer.
        long names = 4L * (usual.index.length() + usual.pipeline.length());
        return Math.min(lines, most) * (ITEM + names);
    }

    /// @param usual for those that do not say it themselves
    static List<Item> items(byte[] bytes, int length, Usual usual, int most) throws NoBulk {
        var items = new ArrayList<Item>();
        int line = 0;
        int at = 0;
        while (at < length) {
            int end = lineEnd(bytes, at, length);
            line++;
            if (isBlank(bytes, at, end)) {
                at = end + 1;
                continue;
            }
            if (items.size() == most) {
                throw new NoBulk("the body has more than %d actions. Send fewer at a time".formatted(most), true);
            }
            var action = action(bytes, at, end, line);
            var op = action.getKey();
            var how = action.getValue();
            at = end + 1;
            if (op.equals("delete")) {
                items.add(item(op, how, usual, Optional.of("LogRoute deletes no documents"), 0, 0));
                continue;
            }
            if (at >= length) {
                throw new NoBulk("line %d: the document of this action is missing".formatted(line), false);
            }
            end = lineEnd(bytes, at, length);
            line++;
            var fault = Json.check(bytes, at, end);
            Optional<String> wrong = op.equals("update")
                    ? Optional.of("LogRoute updates no documents; send them with create or index")
                    : Optional.ofNullable(fault).map(each -> "the document is no JSON object: " + each.what());
            items.add(item(op, how, usual, wrong, at, end));
            at = end + 1;
        }
        if (items.isEmpty()) {
            throw new NoBulk("request body is required", false);
        }
        return items;
    }

    private static Map.Entry<String, Map<?, ?>> action(byte[] bytes, int from, int to, int line) throws NoBulk {
        if (Json.check(bytes, from, to) == null) {
            Map<String, @Nullable Object> action;
            try {
                action = Json.parse(bytes, from, to);
            } catch (Json.TooManyValues e) {
                throw new NoBulk("line %d: the action has %s".formatted(line, e.getMessage()), false);
            }
            if (action.size() == 1) {
                var op = action.keySet().iterator().next();
                if (action.get(op) instanceof Map<?, ?> how
                        && List.of("create", "index", "update", "delete").contains(op)) {
                    return Map.entry(op, how);
                }
            }
        }
        throw new NoBulk(
                "line %d: Malformed action/metadata line, expected create, index, update or delete".formatted(line),
                false);
    }

    private static Item item(String op, Map<?, ?> how, Usual usual, Optional<String> wrong, int from, int to) {
        var index = how.get("_index") instanceof String text ? text : usual.index;
        var id = how.get("_id") instanceof String text ? text : "";
        var pipeline = how.get("pipeline") instanceof String text ? text : usual.pipeline;
        return new Item(op, index, id, pipeline, wrong, from, to);
    }

    private static int lineEnd(byte[] bytes, int from, int length) {
        int at = from;
        while (at < length && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    private static boolean isBlank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\r' && bytes[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    /// The document as it came, with where it was to go under `@metadata` where it has none.
    static Event event(byte[] bytes, Item item, Instant received) {
        var plain = Event.of(bytes, item.from(), item.to(), -1, received);
        if (plain.has("@metadata")) {
            return plain;
        }
        var where = new LinkedHashMap<String, Object>();
        if (!item.index().isEmpty()) {
            where.put("_index", item.index());
        }
        if (!item.id().isEmpty()) {
            where.put("_id", item.id());
        }
        if (!item.pipeline().isEmpty()) {
            where.put("pipeline", item.pipeline());
        }
        if (where.isEmpty()) {
            return plain;
        }
        int open = item.from();
        while (bytes[open] != '{') {
            open++;
        }
        var out = new ByteArrayOutputStream(item.to() - item.from() + 96);
        out.writeBytes("{\"@metadata\":".getBytes(StandardCharsets.US_ASCII));
        Json.write(where, out);
        if (!plain.names().isEmpty()) {
            out.write(',');
        }
        out.write(bytes, open + 1, item.to() - open - 1);
        var with = out.toByteArray();
        return Event.of(with, 0, with.length, -1, received);
    }

    static Reply stored(List<Item> items) {
        boolean errors = items.stream().anyMatch(item -> !item.isTaken());
        var out = new ByteArrayOutputStream(items.size() * 200 + 64);
        out.writeBytes("{\"took\":0,\"errors\":%b,\"items\":[".formatted(errors).getBytes(StandardCharsets.US_ASCII));
        boolean isFirst = true;
        for (var item : items) {
            if (!isFirst) {
                out.write(',');
            }
            isFirst = false;
            Json.write(item.answer(), out);
        }
        out.writeBytes("]}\n".getBytes(StandardCharsets.US_ASCII));
        return ofElasticsearch(new Reply(200, Map.of(), "application/json", out.toByteArray()));
    }

    static Reply stored(Item item) {
        if (!item.isTaken()) {
            return error(400, "document_parsing_exception", item.wrong().orElseThrow());
        }
        var told = new LinkedHashMap<String, Object>();
        item.answer().values().forEach(each -> ((Map<?, ?>) each).forEach((key, value) -> told.put("" + key, value)));
        told.remove("status");
        return reply(201, told);
    }

    static Reply error(int status, String type, String reason) {
        var cause = Map.<String, Object>of("type", type, "reason", reason);
        var error = new LinkedHashMap<String, Object>(cause);
        error.put("root_cause", List.of(cause));
        return reply(status, Map.of("error", error, "status", (long) status));
    }

    /// Our own refusal, in the form that clients of Elasticsearch read.
    static Reply error(Reply own) {
        var problem = Json.fields(own.body());
        var type = own.status() == 429 ? "es_rejected_execution_exception" : "logroute_refused";
        var reply = error(own.status(), type, String.valueOf(problem.get("detail")));
        for (var header : own.headers().entrySet()) {
            reply = reply.with(header.getKey(), header.getValue());
        }
        return reply;
    }

    /// @param accept what the client takes, as it says
    static Reply as(Reply reply, String accept) {
        boolean isOwnType = accept.contains("application/vnd.elasticsearch+json")
                && reply.type().contains("json");
        if (!isOwnType) {
            return reply;
        }
        var with = accept.replaceFirst(".*compatible-with=(\\d{1,3}).*", "$1");
        var type = with.matches("\\d+")
                ? "application/vnd.elasticsearch+json;compatible-with=" + with
                : "application/vnd.elasticsearch+json";
        return new Reply(reply.status(), reply.headers(), type, reply.body());
    }

    private static Reply reply(int status, Map<String, Object> told) {
        return ofElasticsearch(Reply.json(status, "application/json", told));
    }

    private static Reply ofElasticsearch(Reply reply) {
        return reply.with("X-Elastic-Product", "Elasticsearch");
    }
}
