package io.logroute.face.convert;

import io.logroute.face.convert.Conf.Branch;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Statement;
import io.logroute.face.convert.Conf.Value;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.face.convert.Step.Writes;
import io.logroute.spec.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Says the inputs of a pipeline as sources, and what they do to their events as the first steps of
/// every route.
///
/// An event does not tell the source that it came by. So what an input does to its events can be
/// said while it is the only source, or all sources do the same.
final class Inputs {
    private static final FieldPath LINE = new FieldPath(List.of("line"));
    private static final FieldPath MESSAGE = new FieldPath(List.of("message"));

    /// Sources and comments, in order.
    ///
    /// @param first the first lines of the filters of every route
    record Said(List<Object> sources, List<Line> first) {}

    /// A comment among the sources.
    record Words(String text) {}

    private final Notes notes;
    private final Filters filters;
    private final Set<Integer> ports = new HashSet<>();
    /// The lists of Redis that are taken from.
    private final Set<String> lists = new HashSet<>();

    Inputs(Notes notes, Filters filters) {
        this.notes = notes;
        this.filters = filters;
    }

    /// An input, with the source that it became.
    ///
    /// @param first what else it does to its events, which the source does not
    private record Taken(Settings settings, Map<String, Object> source, List<Step> first) {}

    Said of(List<Statement> statements) {
        var sources = new ArrayList<Object>();
        var taken = new ArrayList<Taken>();
        var lost = new ArrayList<Settings>();
        int begin = notes.mark();
        var plugins = plugins(statements);
        tell(begin, sources);
        for (var plugin : plugins) {
            int mark = notes.mark();
            var early = notes.comeTo(plugin);
            var settings = new Settings(plugin);
            Optional<Taken> one = Optional.empty();
            try {
                one = Optional.of(source(settings));
                Whole.check("LogRouter", Map.of("sources", List.of(one.get().source())));
            } catch (Untold untold) {
                one = Optional.empty();
                notes.withdraw(early);
                notes.withdraw(notes.since(mark));
                lost.add(new Settings(plugin));
                notes.add(plugin.at(), Kind.LEFT_OUT, "input " + plugin.name(), "", untold.why());
            }
            if (one.isPresent()) {
                settings.ignore("type", "tags", "add_field");
                settings.rest()
                        .forEach(option -> notes.add(
                                option.at(),
                                Kind.LEFT_OUT,
                                "input " + plugin.name(),
                                option.name(),
                                "there is nothing like this option, and the source goes without it"));
            }
            sources.add(new Words("%s: %s".formatted(plugin.at(), plugin.name())));
            notes.since(mark).forEach(remark -> sources.add(new Words(Filters.comment(remark))));
            one.ifPresent(each -> {
                sources.add(each.source());
                taken.add(each);
            });
        }
        if (taken.isEmpty()) {
            sources.add(
                    new Words("A stand-in, since a router has at least one source and none of the inputs became one."));
            sources.add(Map.of("beats", Map.of("port", 5044)));
            notes.general("source", "There is no input that could become a source: a beats source stands in for it.");
        }
        int end = notes.mark();
        List<Line> first;
        if (taken.isEmpty()) {
            first = standingIn(lost);
        } else {
            lost.forEach(settings ->
                    unmarked(settings, settings.has("codec"), "let the clients set it where its events come from now"));
            first = first(taken);
        }
        tell(end, sources);
        return new Said(sources, first);
    }

    /// Comments that stand at no source of their own.
    private void tell(int mark, List<Object> sources) {
        notes.since(mark)
                .forEach(remark -> sources.add(new Words("%s: %s: %s: %s"
                        .formatted(
                                remark.kind().toString().toUpperCase(Locale.ROOT),
                                remark.at(),
                                remark.subject(),
                                remark.text()))));
    }

    /// The stand-in does to its events what the only input did.
    private List<Line> standingIn(List<Settings> lost) {
        if (lost.stream().map(Inputs::marks).distinct().count() > 1) {
            lost.forEach(settings ->
                    unmarked(settings, settings.has("codec"), "let the clients set it where its events come from now"));
            return List.of();
        }
        if (lost.isEmpty()) {
            return List.of();
        }
        var settings = lost.getFirst();
        List<Step> steps;
        try {
            steps = codecSteps(settings, Set.of());
        } catch (Untold untold) {
            steps = List.of();
            notes.add(settings.at("codec"), Kind.LEFT_OUT, "input " + settings.name(), "codec", untold.why());
        }
        return first(List.of(new Taken(settings, Map.of(), steps)));
    }

    /// @param codec whether its codec would have to be done by a filter
    private void unmarked(Settings settings, boolean codec, String mend) {
        var options = new ArrayList<>(
                Stream.of("type", "tags", "add_field").filter(settings::has).toList());
        if (codec) {
            options.add(settings.has("codec") ? "codec" : "line");
        }
        if (!options.isEmpty()) {
            notes.add(
                    settings.at(options.getFirst()),
                    Kind.LEFT_OUT,
                    "input " + settings.name(),
                    String.join(", ", options),
                    "an event does not tell which source it came by; " + mend);
        }
    }

    private List<Plugin> plugins(List<Statement> statements) {
        var plugins = new ArrayList<Plugin>();
        for (var statement : statements) {
            switch (statement) {
                case Plugin plugin -> plugins.add(plugin);
                case Branch branch -> {
                    notes.add(
                            branch.at(),
                            Kind.CHANGED,
                            "if",
                            "",
                            "an input under a condition is a source without one, since there is no event yet to ask");
                    branch.arms().forEach(arm -> plugins.addAll(plugins(arm.body())));
                }
            }
        }
        return plugins;
    }

    private List<Line> first(List<Taken> taken) {
        if (taken.isEmpty()) {
            return List.of();
        }
        if (taken.stream().map(Inputs::marks).distinct().count() > 1) {
            taken.forEach(each -> unmarked(
                    each.settings(),
                    !each.first().isEmpty(),
                    "let the clients set it (Filebeat: fields, tags), or run a router for each of the %d sources"
                            .formatted(taken.size())));
            return List.of();
        }
        var settings = taken.getFirst().settings();
        try {
            return filters.ofInput(settings, taken.getFirst().first());
        } catch (Untold untold) {
            notes.add(settings.at(), Kind.LEFT_OUT, "input " + settings.name(), "", untold.why());
            return List.of(new Line.Says(
                    "LEFT OUT: %s: input %s: %s".formatted(settings.at(), settings.name(), untold.why())));
        }
    }

    /// What filters are to do to its events, to compare.
    private static String marks(Taken taken) {
        var marks = new StringBuilder(marks(taken.settings(), List.of("type", "tags", "add_field")));
        taken.first().forEach(step -> marks.append(step.kind()).append(step.body()));
        return marks.toString();
    }

    private static String marks(Settings settings) {
        return marks(settings, List.of("type", "tags", "add_field", "codec"));
    }

    private static String marks(Settings settings, List<String> options) {
        var marks = new StringBuilder();
        for (var option : options) {
            settings.value(option).ifPresent(value -> marks.append(option).append(shape(value)));
        }
        return marks.toString();
    }

    private static String shape(Value value) {
        return switch (value) {
            case Value.Text text -> "'" + text.text() + "'";
            case Value.Number(var text) -> text;
            case Value.Items(var items) ->
                items.stream().map(Inputs::shape).toList().toString();
            case Value.Table(var entries) ->
                entries.stream()
                        .map(entry -> entry.key() + "=" + shape(entry.value()))
                        .toList()
                        .toString();
            case Value.Nested(var plugin) -> plugin.name();
        };
    }

    private Taken source(Settings settings) throws Untold {
        return switch (settings.name()) {
            case "beats", "elastic_agent", "lumberjack" -> beats(settings);
            case "http" -> http(settings);
            case "redis" -> redis(settings);
            case "syslog" -> syslog(settings);
            case "gelf" -> gelf(settings);
            case "tcp" -> tcp(settings);
            default -> throw new Untold(Hints.input(settings.name()));
        };
    }

    private Taken beats(Settings settings) throws Untold {
        settings.ignore(
                "ecs_compatibility",
                "include_codec_tag",
                "add_hostname",
                "enrich",
                "executor_threads",
                "congestion_threshold",
                "target_field_for_codec",
                "event_loop_threads");
        notes.general(
                "beats",
                "Logstash adds @version, and a tag such as beats_input_codec_plain_applied, to what comes from Beats; here events"
                        + " stay as they were sent.");
        var how = listening(settings, 5044);
        var idle = settings.text("client_inactivity_timeout");
        if (idle.isPresent()) {
            int seconds = Hints.whole(idle.get(), "client_inactivity_timeout");
            if (seconds > 0) {
                how.put("idleTimeout", seconds + "s");
            } else {
                changed(settings, "client_inactivity_timeout", "a client that is silent for 60s is always let go");
            }
        }
        boolean forwarder = settings.name().equals("lumberjack");
        end(settings).serverTls(forwarder).ifPresent(tls -> how.put("tls", tls));
        var steps = new ArrayList<Step>();
        if (forwarder) {
            // What Logstash hands to the codec.
            steps.add(Step.of("rename", Map.of("fields", Map.of("line", "message")), Writes.of(LINE, MESSAGE)));
        }
        steps.addAll(codecSteps(settings, Set.of()));
        return new Taken(settings, Map.of("beats", how), steps);
    }

    private Taken http(Settings settings) throws Untold {
        settings.ignore(
                "ecs_compatibility",
                "threads",
                "max_pending_requests",
                "response_code",
                "response_headers",
                "additional_codecs",
                "remote_host_target_field",
                "request_headers_target_field");
        var how = listening(settings, 8080);
        notes.add(
                settings.at(),
                Kind.CHANGED,
                "input http",
                "",
                "the source takes JSON only, on one path, and adds neither host nor headers to the events");
        if (settings.has("user") || settings.has("password")) {
            settings.ignore("user", "password");
            notes.add(
                    settings.at("user"),
                    Kind.LEFT_OUT,
                    "input http",
                    "user",
                    "the source asks for no password; let clients show a certificate (tls with clientCaFile)");
        }
        end(settings).serverTls(false).ifPresent(tls -> how.put("tls", tls));
        return new Taken(settings, Map.of("http", how), codecSteps(settings, Set.of("json", "json_lines")));
    }

    private Taken redis(Settings settings) throws Untold {
        var codec = codec(settings).map(Plugin::name).orElse("json");
        var how = Redis.source(end(settings), codec);
        if (!lists.add(Yaml.flow(List.of(how.getOrDefault("servers", ""), how.getOrDefault("keys", ""))))) {
            throw new Untold(
                    "another source takes this list already; one is enough, for it takes as fast as the buffer does");
        }
        return new Taken(settings, Map.of("redis", how), codecSteps(settings, Set.of("json")));
    }

    private Taken syslog(Settings settings) throws Untold {
        var how = listening(settings, 514);
        Receivers.syslog(end(settings), how);
        return new Taken(settings, Map.of("syslog", how), codecSteps(settings, Set.of()));
    }

    private Taken gelf(Settings settings) throws Untold {
        var option = Receivers.gelfPort(settings);
        var how = listening(settings, option, 12_201);
        Receivers.gelf(end(settings), how);
        return new Taken(settings, Map.of("gelf", how), codecSteps(settings, Set.of()));
    }

    /// Only the Forward protocol is a source of its own.
    private Taken tcp(Settings settings) throws Untold {
        if (!codec(settings).map(Plugin::name).orElse("line").equals("fluent")) {
            throw new Untold(Hints.input("tcp"));
        }
        if (!settings.has("port")) {
            throw new Untold("it has no port");
        }
        var how = listening(settings, 24_224);
        Receivers.fluent(end(settings), how);
        return new Taken(settings, Map.of("fluent", how), codecSteps(settings, Set.of("fluent")));
    }

    private End end(Settings settings) {
        return new End(notes, "input", settings);
    }

    private Map<String, Object> listening(Settings settings, int usual) throws Untold {
        return listening(settings, "port", usual);
    }

    private Map<String, Object> listening(Settings settings, String option, int usual) throws Untold {
        var how = new LinkedHashMap<String, Object>();
        var host = settings.text("host", "0.0.0.0");
        if (!host.equals("0.0.0.0")) {
            how.put("host", host);
        }
        boolean known = !settings.text(option, "").startsWith("${");
        int port = end(settings).port(option, usual);
        if (known && !ports.add(port)) {
            throw new Untold("port %d is taken by another source; give it its own port".formatted(port));
        }
        how.put("port", port);
        return how;
    }

    private void changed(Settings settings, String option, String text) {
        notes.add(settings.at(option), Kind.CHANGED, "input " + settings.name(), option, text);
    }

    static Optional<Plugin> codec(Settings settings) {
        return settings.value("codec").map(value -> switch (value) {
            case Value.Nested(var plugin) -> plugin;
            case Value.Text text -> new Plugin(settings.at("codec"), text.text(), List.of());
            case Value.Number(var name) -> new Plugin(settings.at("codec"), name, List.of());
            case Value.Items _, Value.Table _ -> new Plugin(settings.at("codec"), "?", List.of());
        });
    }

    /// What the codec of an input does, where the source does not do it by itself.
    ///
    /// @param ofSource the codecs that the source speaks
    private List<Step> codecSteps(Settings settings, Set<String> ofSource) throws Untold {
        var codec = codec(settings);
        if (codec.isEmpty()) {
            return List.of();
        }
        var options = new Settings(codec.get());
        var steps = new ArrayList<Step>();
        switch (options.name()) {
            case "plain", "line" -> {}
            case "json", "json_lines" -> {
                if (ofSource.contains(options.name())) {
                    break;
                }
                if (settings.name().equals("redis") && !ofSource.isEmpty()) {
                    changed(settings, "codec", "an element is a JSON object or an array, not one a line");
                    break;
                }
                notes.add(
                        settings.at("codec"),
                        Kind.CHANGED,
                        "input " + settings.name(),
                        "codec",
                        "the JSON of message is read by the first filter; where clients send JSON as it is, leave that filter away");
                steps.add(filters.messageAsJson());
            }
            case "multiline" -> steps.addAll(filters.multiline(options));
            default -> {
                if (ofSource.contains(options.name())) {
                    options.ignore("nanosecond_precision", "target");
                    break;
                }
                notes.add(
                        settings.at("codec"),
                        Kind.LEFT_OUT,
                        "input " + settings.name(),
                        "codec",
                        "the codec %s is not here; events are taken as they are sent".formatted(options.name()));
            }
        }
        if (options.text("charset")
                .filter(set -> !set.equalsIgnoreCase("UTF-8"))
                .isPresent()) {
            notes.add(
                    settings.at("codec"),
                    Kind.LEFT_OUT,
                    "input " + settings.name(),
                    "codec",
                    "text is UTF-8; let the client send it so");
        }
        options.rest()
                .forEach(option -> notes.add(
                        option.at(),
                        Kind.LEFT_OUT,
                        "input " + settings.name(),
                        "codec " + option.name(),
                        "there is nothing like this option of a codec"));
        return steps;
    }
}
