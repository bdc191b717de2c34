package io.logroute.face.convert;

import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Conf.Branch;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Statement;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.spec.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Says the outputs of a pipeline: sinks, and a way to them for each branch.
final class Outputs {
    private static final Pattern CREDENTIALS = Pattern.compile("^(https?://)?([^/@\\s]*)@(.*)$");

    private static final String STAND_IN = "stand-in";

    /// A sink to be.
    ///
    /// @param spec what stands under `spec`
    record Sink(String name, Map<String, Object> spec, List<String> comments) {}

    /// A route to be: which events, and where they go.
    ///
    /// @param label what it is called after
    /// @param guards what must hold
    /// @param otherwise whether it takes exactly what the ways before it do not
    /// @param to targets as they stand in YAML
    record Way(String label, List<Asked> guards, boolean otherwise, List<Object> to) {}

    private final Notes notes;
    private final Set<FieldPath> fingerprints;
    private final Map<String, Integer> named = new LinkedHashMap<>();
    /// Sinks by what they are, but for the index.
    private final Map<Map<String, Object>, Sink> sinks = new LinkedHashMap<>();
    private final List<Way> ways = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();

    Outputs(Notes notes, Set<FieldPath> fingerprints) {
        this.notes = notes;
        this.fingerprints = Set.copyOf(fingerprints);
    }

    List<Sink> sinks() {
        return List.copyOf(sinks.values());
    }

    List<Way> ways() {
        return List.copyOf(ways);
    }

    /// What was left out, to stand beside the routes.
    List<String> comments() {
        return List.copyOf(comments);
    }

    void of(List<Statement> statements) {
        section(statements, "all", List.of(), false);
        if (ways.isEmpty()) {
            var sink =
                    standIn(_ -> "A stand-in, since a route has at least one sink and none of the outputs became one.");
            ways.add(new Way("all", List.of(), false, List.of(sink)));
            notes.general("sink", "There is no output that could become a sink: a file sink stands in for it.");
        }
    }

    /// A file of its own for events that would go nowhere else.
    ///
    /// @param comment what stands at the sink, by the path of its file
    /// @return the name of the sink
    private String standIn(UnaryOperator<String> comment) {
        int count = named.merge(STAND_IN, 1, Integer::sum);
        var name = count == 1 ? STAND_IN : STAND_IN + "-" + count;
        var path = name + ".ndjson";
        var file = new LinkedHashMap<String, Object>();
        file.put("path", path);
        file.put("rotation", kept());
        var spec = Map.<String, Object>of("file", file);
        sinks.put(spec, new Sink(name, spec, List.of(comment.apply(path))));
        return name;
    }

    /// A file of its own for events whose outputs were all left out; it is told.
    ///
    /// @param text what happens, with the path of the file as `%s`
    /// @return the name of the sink
    private String standIn(Place at, String about, String text) {
        return standIn(path -> {
            var remark = new Remark(at, Kind.CHANGED, about, "", text.formatted(path));
            notes.add(at, Kind.CHANGED, about, "", remark.text());
            return "%s: %s".formatted(at, Filters.comment(remark));
        });
    }

    private void section(List<Statement> statements, String label, List<Asked> guards, boolean otherwise) {
        var plugins = statements.stream()
                .filter(Plugin.class::isInstance)
                .map(Plugin.class::cast)
                .toList();
        var to = new ArrayList<Object>();
        plugins.forEach(
                plugin -> target(plugin).filter(each -> !to.contains(each)).ifPresent(to::add));
        if (to.isEmpty() && !plugins.isEmpty()) {
            to.add(
                    standIn(
                            plugins.getFirst().at(),
                            "output",
                            guards.isEmpty()
                                    ? "none of these outputs became a sink: their events go to the file %s until you name a sink"
                                    : "no output of this branch became a sink: events of this branch go to the file %s until you name a sink"));
        }
        if (!to.isEmpty()) {
            ways.add(new Way(label, guards, otherwise, to));
        }
        for (var statement : statements) {
            if (statement instanceof Branch branch) {
                branch(branch, guards, statements.size() == 1 && guards.isEmpty());
            }
        }
    }

    /// @param whole whether it is all there is
    private void branch(Branch branch, List<Asked> guards, boolean whole) {
        var asked = new ArrayList<Asked>();
        boolean each = whole;
        for (int i = 0; i < branch.arms().size(); i++) {
            var arm = branch.arms().get(i);
            try {
                if (arm.condition().isPresent()) {
                    asked.add(Conditions.cel(arm.condition().get()));
                }
            } catch (Untold untold) {
                var rest = branch.arms().subList(i, branch.arms().size());
                for (var left : rest) {
                    var text = "the condition of line %d cannot be said in CEL: %s; so this is not here: %s"
                            .formatted(arm.at().line(), untold.why(), String.join(", ", Filters.plugins(left.body())));
                    notes.add(left.at(), Kind.LEFT_OUT, "if", "", text);
                    comments.add("LEFT OUT: %s: %s: %s".formatted(left.at(), left.text(), text));
                }
                if (rest.stream().anyMatch(left -> keeps(left.body()))) {
                    var all = new ArrayList<>(guards);
                    all.addAll(Filters.guards(asked, i));
                    var sink = standIn(
                            arm.at(),
                            "if",
                            "all events that come to this condition go to the file %s until you say the condition in CEL and name a sink");
                    ways.add(new Way("not-said", all, each && i > 0, List.of(sink)));
                }
                return;
            }
            var all = new ArrayList<>(guards);
            all.addAll(Filters.guards(asked, i));
            int before = ways.size();
            section(
                    arm.body(),
                    arm.condition().isPresent() ? arm.text() : "otherwise",
                    all,
                    each && arm.condition().isEmpty());
            each &= arm.body().stream().allMatch(Plugin.class::isInstance) && ways.size() == before + 1;
        }
    }

    /// Whether an output among them does anything with events but forget them.
    private static boolean keeps(List<Statement> statements) {
        return statements.stream().anyMatch(statement -> switch (statement) {
            case Plugin plugin -> !plugin.name().equals("null");
            case Branch(var _, var arms) -> arms.stream().anyMatch(arm -> keeps(arm.body()));
        });
    }

    /// What stands under `to`; empty when it was left out.
    private Optional<Object> target(Plugin plugin) {
        int mark = notes.mark();
        var early = notes.comeTo(plugin);
        var settings = new Settings(plugin);
        try {
            var said = sink(settings);
            Whole.check("LogSink", said.spec());
            settings.rest()
                    .forEach(option -> notes.add(
                            option.at(),
                            Kind.LEFT_OUT,
                            "output " + plugin.name(),
                            option.name(),
                            "there is nothing like this option, and the sink goes without it"));
            return Optional.of(named(
                    said,
                    settings,
                    notes.since(mark).stream().map(Filters::comment).toList()));
        } catch (Untold untold) {
            notes.withdraw(early);
            notes.withdraw(notes.since(mark));
            var options =
                    plugin.options().stream().map(Conf.Option::name).distinct().toList();
            notes.add(
                    plugin.at(),
                    Kind.LEFT_OUT,
                    "output " + plugin.name(),
                    "",
                    options.isEmpty()
                            ? untold.why()
                            : "%s (not here either: its %s)".formatted(untold.why(), String.join(", ", options)));
            notes.since(mark)
                    .forEach(remark -> comments.add(
                            "%s: output %s: %s".formatted(plugin.at(), plugin.name(), Filters.comment(remark))));
            return Optional.empty();
        }
    }

    private record Told(Map<String, Object> spec, Optional<String> index) {}

    private Object named(Told told, Settings settings, List<String> remarks) {
        var kind = told.spec().keySet().iterator().next();
        var key = new LinkedHashMap<>(told.spec());
        if (told.index().isPresent() && told.spec().get(kind) instanceof Map<?, ?> how) {
            var rest = new LinkedHashMap<Object, Object>(how);
            rest.remove("index");
            key.put(kind, rest);
        }
        var known = sinks.get(key);
        var said = new ArrayList<String>();
        said.add("%s: %s".formatted(settings.at(), settings.name()));
        said.addAll(remarks);
        if (known == null) {
            int count = named.merge(kind, 1, Integer::sum);
            var name = count == 1 ? kind : kind + "-" + count;
            sinks.put(key, new Sink(name, told.spec(), said));
            return name;
        }
        var comments = new ArrayList<>(known.comments());
        comments.addAll(said);
        sinks.put(key, new Sink(known.name(), known.spec(), comments));
        var usual = known.spec().get(kind) instanceof Map<?, ?> how ? how.get("index") : null;
        if (told.index().isEmpty() || told.index().get().equals(usual)) {
            return known.name();
        }
        var target = new LinkedHashMap<String, Object>();
        target.put("sink", known.name());
        target.put("index", told.index().get());
        return target;
    }

    private Told sink(Settings settings) throws Untold {
        settings.ignore("workers");
        return switch (settings.name()) {
            case "elasticsearch", "elasticsearch_http" -> elasticsearch(settings, "elasticsearch");
            case "opensearch" -> elasticsearch(settings, "opensearch");
            case "redis" -> told("redis", Redis.sink(end(settings), this::template));
            case "http" -> told("http", HttpOutput.sink(end(settings)));
            case "lumberjack" -> told("beats", Receivers.lumberjack(end(settings)));
            case "file" -> file(settings);
            case "stdout" -> console(settings);
            case "null" -> new Told(Map.of("discard", Map.of()), Optional.empty());
            default -> throw new Untold(Hints.output(settings.name()));
        };
    }

    private static Told told(String kind, Map<String, Object> how) {
        return new Told(Map.of(kind, how), Optional.empty());
    }

    private End end(Settings settings) {
        return new End(notes, "output", settings);
    }

    private void changed(Settings settings, String option, String text) {
        notes.add(settings.at(option), Kind.CHANGED, "output " + settings.name(), option, text);
    }

    private void note(Settings settings, String option, String text) {
        notes.add(settings.at(option), Kind.NOTE, "output " + settings.name(), option, text);
    }

    private Told console(Settings settings) throws Untold {
        var codec = Inputs.codec(settings);
        var name = codec.map(Plugin::name).orElse("rubydebug");
        if (name.equals("rubydebug")) {
            note(settings, "codec", "events are written as lines of JSON");
            if (codec.isPresent()) {
                var metadata = new Settings(codec.get());
                if (metadata.truth("metadata", false)) {
                    changed(settings, "codec", "@metadata is not written; tap shows it");
                }
            }
        } else {
            jsonOnly(settings, name);
        }
        return new Told(Map.of("console", Map.of()), Optional.empty());
    }

    private void jsonOnly(Settings settings, String codec) {
        if (!codec.equals("json") && !codec.equals("json_lines")) {
            changed(settings, "codec", "events are written as lines of JSON, not as %s has them".formatted(codec));
        }
    }

    private Told file(Settings settings) throws Untold {
        settings.ignore("flush_interval", "create_if_deleted", "stale_cleanup_interval", "ecs_compatibility");
        var path = settings.text("path");
        if (path.isEmpty()) {
            throw new Untold("it has no path");
        }
        jsonOnly(settings, Inputs.codec(settings).map(Plugin::name).orElse("json_lines"));
        if (!settings.text("write_behavior", "append").equals("append")) {
            changed(settings, "write_behavior", "lines are always appended");
        }
        if (settings.truth("gzip", false)) {
            changed(settings, "gzip", "files are not compressed");
        }
        note(
                settings,
                "path",
                "Logstash never puts a file aside; here it is put aside at 1GiB, and the last 10000 of them are kept");
        var how = new LinkedHashMap<String, Object>();
        how.put("path", Templates.ours(withoutWeeks(settings, "path", path.get())));
        how.put("rotation", kept());
        return new Told(Map.of("file", how), Optional.empty());
    }

    /// As near as it comes to files that are never deleted.
    private static Map<String, Object> kept() {
        var rotation = new LinkedHashMap<String, Object>();
        rotation.put("maxBytes", "1GiB");
        rotation.put("keep", 10_000);
        return rotation;
    }

    /// @param kind the sink: `elasticsearch` or `opensearch`
    private Told elasticsearch(Settings settings, String kind) throws Untold {
        settings.ignore(
                "ecs_compatibility",
                "retry_initial_interval",
                "retry_max_interval",
                "retry_on_conflict",
                "validate_after_inactivity",
                "resurrect_delay",
                "timeout",
                "pool_max",
                "pool_max_per_route",
                "healthcheck_path",
                "flush_size",
                "idle_flush_time",
                "protocol",
                "cluster",
                "silence_errors_in_log",
                "failure_type_logging_whitelist",
                "manage_template",
                "template_overwrite");
        var action = settings.text("action", "index");
        if (!action.equals("index") && !action.equals("create")) {
            throw new Untold(
                    "its action is %s; the sink writes whole documents and would overwrite them".formatted(action));
        }
        if (settings.truth("doc_as_upsert", false) || settings.has("script")) {
            throw new Untold(
                    "it changes documents that are there; the sink writes whole documents and would overwrite them");
        }
        var how = new LinkedHashMap<String, Object>();
        boolean tls = settings.truth("ssl_enabled", settings.truth("ssl", false));
        var user = kind.equals("opensearch") ? typed(settings) : settings.text("user");
        var password = settings.text("password");
        var urls = new ArrayList<String>();
        var hosts = new ArrayList<>(settings.texts(settings.has("host") ? "host" : "hosts"));
        var cloud = settings.text("cloud_id");
        if (cloud.isPresent()) {
            hosts.clear();
            hosts.add(cloud(cloud.get()));
        }
        if (hosts.isEmpty()) {
            hosts.add("localhost:9200");
        }
        boolean inside = false;
        for (var host : hosts) {
            var credentials = CREDENTIALS.matcher(host);
            var bare = host;
            if (credentials.matches()) {
                inside = true;
                bare = (credentials.group(1) == null ? "" : credentials.group(1)) + credentials.group(3);
                if (user.isEmpty()) {
                    user = Optional.of(credentials.group(2).split(":", 2)[0]);
                }
            }
            urls.add(url(bare, tls));
        }
        how.put("urls", urls);
        var index = index(settings);
        how.put("index", index);
        auth(settings, how, kind, user, password.isPresent() || inside);
        var files = end(settings).clientTls();
        if (!files.isEmpty() && urls.stream().anyMatch(each -> each.startsWith("https:"))) {
            how.put("tls", files);
        }
        ids(settings, how);
        if (settings.truth(
                "http_compression", settings.text("compression_level", "0").equals("0") ? false : true)) {
            how.put("gzip", true);
        }
        for (var option : List.of("template", "template_name", "template_api")) {
            if (settings.has(option)) {
                settings.ignore(option);
                notes.add(
                        settings.at(option),
                        Kind.LEFT_OUT,
                        "output " + settings.name(),
                        option,
                        "templates are installed out of mappings/ (template: NAME), or by hand");
            }
        }
        for (var option : List.of("ilm_enabled", "ilm_rollover_alias", "ilm_pattern", "ilm_policy")) {
            boolean off =
                    option.equals("ilm_enabled") && settings.text(option, "").equals("false");
            if (settings.has(option)) {
                settings.ignore(option);
                if (!off) {
                    notes.add(
                            settings.at(option),
                            Kind.LEFT_OUT,
                            "output " + settings.name(),
                            option,
                            "the life of an index is Elasticsearch's: name the policy in the index template");
                }
            }
        }
        if (settings.has("pipeline")) {
            settings.ignore("pipeline");
            notes.add(
                    settings.at("pipeline"),
                    Kind.LEFT_OUT,
                    "output " + settings.name(),
                    "pipeline",
                    "name the ingest pipeline as index.default_pipeline in the index template");
        }
        if (settings.has("document_type")) {
            settings.ignore("document_type");
            note(settings, "document_type", "Elasticsearch has no types of documents since version 8");
        }
        return new Told(Map.of(kind, how), Optional.of(index));
    }

    private String index(Settings settings) throws Untold {
        boolean stream = settings.text("data_stream", "auto").equals("true");
        var type = settings.text("data_stream_type", "logs");
        var dataset = settings.text("data_stream_dataset", "generic");
        var namespace = settings.text("data_stream_namespace", "default");
        boolean routed = settings.truth("data_stream_auto_routing", true);
        settings.ignore("data_stream_sync_fields");
        if (stream) {
            if (routed) {
                changed(
                        settings,
                        "data_stream",
                        "an event with fields data_stream.* goes elsewhere in Logstash; here all go to this one. Where events have them, write index: \"%{[data_stream][type]}-%{[data_stream][dataset]}-%{[data_stream][namespace]}\"");
            }
            return Templates.ours("%s-%s-%s".formatted(type, dataset, namespace));
        }
        var index = settings.text("index");
        if (index.isEmpty()) {
            changed(
                    settings,
                    "index",
                    settings.name().equals("opensearch")
                            ? "none is written; Logstash takes the one that stands here, or ecs-logstash-%{+yyyy.MM.dd} where it speaks ECS"
                            : "none is written; Logstash 8 takes the data stream logs-generic-default, and those before it the one that stands here");
            return "logstash-%{+yyyy.MM.dd}";
        }
        if (Templates.fields(index.get()).stream().findAny().isPresent()) {
            notes.general(
                    "index",
                    "index: an event without the field that its index asks for goes to an index with %{...} in its name in"
                            + " Logstash; here it goes to the dead letters.");
        }
        return Templates.ours(withoutWeeks(settings, "index", index.get()));
    }

    /// A name for each day in place of one for each week.
    private String withoutWeeks(Settings settings, String option, String text) {
        var days = Templates.withoutWeeks(text);
        if (!days.equals(text)) {
            changed(
                    settings,
                    option,
                    "specs know no weeks: %s stands here for %s; write yyyy.MM for a month, where a day is too short"
                            .formatted(days, text));
        }
        return days;
    }

    private static String cloud(String id) throws Untold {
        try {
            var encoded = id.substring(id.indexOf(':') + 1);
            var parts = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8).split("\\$");
            if (parts.length >= 2) {
                var host = parts[0].split(":", 2);
                return "https://%s.%s:%s".formatted(parts[1], host[0], host.length > 1 ? host[1] : "443");
            }
        } catch (IllegalArgumentException _) {
            // It is told below.
        }
        throw new Untold("cloud_id names no cluster; write its address under urls");
    }

    private static String url(String host, boolean tls) {
        var named = End.named(host);
        var scheme = named.contains("://") ? "" : tls ? "https://" : "http://";
        var whole = scheme + named;
        var authority = whole.substring(whole.indexOf("://") + 3);
        var path = authority.indexOf('/');
        var machine = path < 0 ? authority : authority.substring(0, path);
        boolean port = machine.matches(".*:[0-9]+");
        return port
                ? whole
                : whole.substring(0, whole.length() - authority.length()) + machine + ":9200"
                        + (path < 0 ? "" : authority.substring(path));
    }

    /// Who writes to OpenSearch, which is also said as `auth_type => { type => "basic" }`.
    private static Optional<String> typed(Settings settings) throws Untold {
        Optional<String> user = Optional.empty();
        for (var pair : settings.textTable("auth_type")) {
            if (pair.getKey().equals("type") && pair.getValue().equals("aws_iam")) {
                throw new Untold(
                        "its requests are signed with keys of AWS, which the sink does not do; let a proxy sign them, or write a user of OpenSearch's own");
            }
            if (pair.getKey().equals("user")) {
                user = Optional.of(pair.getValue());
            }
        }
        var alone = settings.text("user");
        return user.isPresent() ? user : alone;
    }

    private void auth(Settings settings, Map<String, Object> how, String kind, Optional<String> user, boolean password)
            throws Untold {
        var key = settings.text("api_key");
        var cloud = settings.text("cloud_auth");
        if (key.isPresent() && kind.equals("opensearch")) {
            end(settings).leftOut("api_key", "OpenSearch knows no API keys; write auth: { username, passwordFile }");
        } else if (key.isPresent()) {
            var file = end(settings)
                    .secret("api_key", "the key, as Elasticsearch gives it under encoded,", "elasticsearch-api-key");
            how.put("auth", Map.of("apiKeyFile", file));
            return;
        }
        var who = cloud.isPresent() ? Optional.of(cloud.get().split(":", 2)[0]) : user;
        if (who.isEmpty()) {
            return;
        }
        var option = cloud.isPresent()
                ? "cloud_auth"
                : password && settings.has("password") ? "password" : settings.has("auth_type") ? "auth_type" : "user";
        var auth = new LinkedHashMap<String, Object>();
        auth.put("username", who.get());
        auth.put("passwordFile", end(settings).secret(option, "the password", kind + "-password"));
        how.put("auth", auth);
    }

    /// A text with the fields of each event, with days for weeks.
    private String template(Settings settings, String option) throws Untold {
        var text = settings.text(option, "");
        if (!Templates.fields(text).isEmpty()) {
            notes.general(
                    settings.name() + " " + option,
                    "%s: an event without a field that its %s asks for has %%{...} in it in Logstash; here it goes to the dead letters."
                            .formatted(settings.name(), option));
        }
        return Templates.ours(withoutWeeks(settings, option, text));
    }

    private void ids(Settings settings, Map<String, Object> how) throws Untold {
        var id = settings.text("document_id");
        if (id.isEmpty()) {
            return;
        }
        if (Templates.fields(id.get()).stream().anyMatch(fingerprints::contains)) {
            changed(
                    settings,
                    "document_id",
                    "the id is a hash of the whole event as it came in, not of the fields that fingerprint named");
            how.put("ids", "content");
            return;
        }
        if (Templates.isPlain(id.get())) {
            throw new Untold("its document_id is the same for all events");
        }
        how.put("ids", Templates.ours(id.get()));
    }
}
