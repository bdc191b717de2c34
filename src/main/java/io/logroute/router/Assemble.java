package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Source;
import io.logroute.parts.beats.BeatsSink;
import io.logroute.parts.beats.BeatsSource;
import io.logroute.parts.cel.CelCondition;
import io.logroute.parts.cel.Reasons;
import io.logroute.parts.console.ConsoleSink;
import io.logroute.parts.demo.DemoSource;
import io.logroute.parts.discard.DiscardSink;
import io.logroute.parts.docker.DockerSource;
import io.logroute.parts.elastic.Destination;
import io.logroute.parts.elastic.ElasticSink;
import io.logroute.parts.elastic.Mappings;
import io.logroute.parts.file.FileSink;
import io.logroute.parts.file.SafePath;
import io.logroute.parts.fluent.FluentSource;
import io.logroute.parts.gelf.GelfSource;
import io.logroute.parts.http.HttpSink;
import io.logroute.parts.http.HttpSource;
import io.logroute.parts.http.SafeUrl;
import io.logroute.parts.multiline.Multiline;
import io.logroute.parts.nats.NatsSink;
import io.logroute.parts.nats.NatsSource;
import io.logroute.parts.nats.SafeSubject;
import io.logroute.parts.parse.Parse;
import io.logroute.parts.redact.Redact;
import io.logroute.parts.redis.RedisSink;
import io.logroute.parts.redis.RedisSource;
import io.logroute.parts.sift.Dedupe;
import io.logroute.parts.sift.Sample;
import io.logroute.parts.sift.Throttle;
import io.logroute.parts.syslog.SyslogSource;
import io.logroute.parts.text.ConvertFields;
import io.logroute.parts.text.Drop;
import io.logroute.parts.text.FlattenObjects;
import io.logroute.parts.text.KeepFields;
import io.logroute.parts.text.OneLevel;
import io.logroute.parts.text.OnlyWhen;
import io.logroute.parts.text.ReadTimestamp;
import io.logroute.parts.text.RemoveFields;
import io.logroute.parts.text.RenameFields;
import io.logroute.parts.text.SetFields;
import io.logroute.parts.text.SplitEvent;
import io.logroute.parts.text.Template;
import io.logroute.router.Outlet.Gathering;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Glob;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogSink;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.telemetry.Instruments;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Makes parts out of specs: the one place that knows every kind. A new kind of source, filter or
/// sink does not compile until it has its case here.
class Assemble {
    private static final Gathering LINES = new Gathering(1_000, 1 << 20, Duration.ofMillis(100), 1);

    /// What is thrown away need not be gathered.
    private static final Gathering NOTHING = new Gathering(10_000, 8 << 20, Duration.ZERO, 1);

    private final Path data;
    private final int instance;
    private final Mappings mappings;
    private final PrintStream console;
    private final Instruments meters;
    private final InstantSource clock;
    private final Duration patience;

    /// @param data where relative paths of file sinks start
    /// @param console where console sinks write
    Assemble(Path data, Mappings mappings, PrintStream console, Instruments meters, InstantSource clock) {
        this(data, 0, mappings, console, meters, clock, HttpSource.PATIENCE);
    }

    /// @param instance number of the instance in its fleet
    Assemble(Path data, int instance, Mappings mappings, PrintStream console, Instruments meters, InstantSource clock) {
        this(data, instance, mappings, console, meters, clock, HttpSource.PATIENCE);
    }

    /// @param patience for how long HTTP sources have clients wait before they turn them away
    Assemble(
            Path data,
            int instance,
            Mappings mappings,
            PrintStream console,
            Instruments meters,
            InstantSource clock,
            Duration patience) {
        this.patience = patience;
        this.data = data;
        this.instance = instance;
        this.mappings = mappings;
        this.console = console;
        this.meters = meters;
        this.clock = clock;
    }

    /// @param enabled services that say in labels of theirs where their logs go, as of the moment
    Source source(String router, SourceSpec spec, Supplier<Set<String>> enabled) {
        return switch (spec) {
            case SourceSpec.Beats beats -> new BeatsSource(beats, router, meters, clock);
            case SourceSpec.Http http -> new HttpSource(http, router, meters, clock, patience);
            case SourceSpec.Redis redis ->
                new RedisSource(redis, router, instance, meters, clock, RandomGenerator.getDefault());
            case SourceSpec.Relay relay ->
                RedisSource.of(relay, router, instance, meters, clock, RandomGenerator.getDefault());
            case SourceSpec.Nats nats -> new NatsSource(nats, router, meters, clock);
            case SourceSpec.Docker docker -> new DockerSource(docker, router, enabled, meters, clock);
            case SourceSpec.Fluent fluent -> new FluentSource(fluent, router, meters, clock);
            case SourceSpec.Syslog syslog -> new SyslogSource(syslog, router, meters, clock);
            case SourceSpec.Gelf gelf -> new GelfSource(gelf, router, meters, clock);
            case SourceSpec.Demo demo -> new DemoSource(demo, clock, RandomGenerator.getDefault());
        };
    }

    /// @param buffer name of the buffer, for document ids
    Outlet outlet(String router, LogSink sink, String buffer) {
        return switch (sink.to()) {
            case SinkSpec.Elasticsearch elastic -> overBulkApi("elasticsearch", router, sink, elastic, buffer);
            case SinkSpec.Opensearch open ->
                overBulkApi("opensearch", router, sink, open.bulkApi().orElseThrow(), buffer);
            case SinkSpec.Beats beats -> {
                var to = new BeatsSink(router, sink.name().value(), beats, meters);
                yield new Outlet(
                        "beats",
                        to,
                        new Gathering(beats.windowSize(), beats.maxBytes().bytes(), beats.linger(), to.windowsAtOnce()),
                        to::open);
            }
            case SinkSpec.Http http -> {
                var to = new HttpSink(router, sink.name().value(), http, meters);
                yield new Outlet(
                        "http",
                        to,
                        new Gathering(http.maxEvents(), http.maxBytes().bytes(), http.linger(), http.inFlight()),
                        to::open);
            }
            case SinkSpec.File file -> new Outlet("file", new FileSink(file, data), LINES, Outlet.Opening.NOTHING);
            case SinkSpec.Redis redis -> {
                var to = new RedisSink(router, sink.name().value(), redis, buffer, meters);
                var batch = redis.batch();
                yield new Outlet(
                        "redis",
                        to,
                        new Gathering(batch.maxEvents(), batch.maxBytes().bytes(), batch.linger(), 1),
                        to::open);
            }
            case SinkSpec.Nats nats -> {
                var to = new NatsSink(router, sink.name().value(), nats, buffer);
                yield new Outlet("nats", to, messages(nats.maxPending()), to::open);
            }
            case SinkSpec.Discard _ -> new Outlet("discard", new DiscardSink(), NOTHING, Outlet.Opening.NOTHING);
            case SinkSpec.Console _ -> new Outlet("console", new ConsoleSink(console), LINES, Outlet.Opening.NOTHING);
        };
    }

    /// Batches that are published at the same time, of so many messages together.
    private static Gathering messages(int atMost) {
        int batches = Math.min(4, atMost);
        return new Gathering(atMost / batches, 4 << 20, Duration.ofMillis(20), batches);
    }

    private Outlet overBulkApi(
            String kind, String router, LogSink sink, SinkSpec.Elasticsearch elastic, String buffer) {
        var bulk = elastic.bulk();
        var to = new ElasticSink(router, sink.name().value(), elastic, buffer, mappings, meters);
        return new Outlet(
                kind,
                to,
                new Gathering(bulk.maxEvents(), bulk.maxBytes().bytes(), bulk.linger(), bulk.inFlight()),
                to::open);
    }

    private static Function<Event, Landing> inIndices(SinkSpec.Elasticsearch elastic) {
        var to = new Destination(elastic);
        return event -> switch (to.of(event)) {
            case Destination.Answer.Document(var index, var id) -> new Landing.InIndex(index, id);
            case Destination.Answer.Nowhere(var why) -> new Landing.DeadLettered(why);
        };
    }

    /// Where an event comes out at a sink, without opening it.
    static Function<Event, Landing> landing(LogSink sink) {
        return switch (sink.to()) {
            case SinkSpec.Elasticsearch elastic -> inIndices(elastic);
            case SinkSpec.Opensearch open -> inIndices(open.bulkApi().orElseThrow());
            case SinkSpec.Beats beats -> _ -> new Landing.Sent("beats " + String.join(", ", beats.hosts()));
            case SinkSpec.Http http -> {
                var urls = new SafeUrl(http.url());
                yield event -> switch (urls.of(event)) {
                    case SafeUrl.Answer.At(var url) -> new Landing.Sent(http.method() + " " + url);
                    case SafeUrl.Answer.Nowhere(var why) -> new Landing.DeadLettered(why);
                };
            }
            case SinkSpec.File file -> {
                var base = Path.of("").toAbsolutePath();
                var paths = new SafePath(file.path(), base);
                yield event -> switch (paths.of(event)) {
                    case SafePath.Answer.At(var path) ->
                        new Landing.InFile(path.startsWith(base) ? base.relativize(path) : path);
                    case SafePath.Answer.Nowhere(var why) -> new Landing.DeadLettered(why);
                };
            }
            case SinkSpec.Redis redis -> {
                var key = new Template(redis.key());
                yield event -> {
                    var rendered = key.render(event);
                    return rendered == null
                            ? new Landing.DeadLettered(RedisSink.lacksField(key, event))
                            : new Landing.InRedis(rendered);
                };
            }
            case SinkSpec.Nats nats -> {
                var subjects = new SafeSubject(nats.subject());
                yield event -> switch (subjects.of(event)) {
                    case SafeSubject.Answer.To(var subject) -> new Landing.OnSubject(subject);
                    case SafeSubject.Answer.Nowhere(var why) -> new Landing.DeadLettered(why);
                };
            }
            case SinkSpec.Discard _ -> _ -> new Landing.Discarded();
            case SinkSpec.Console _ -> _ -> new Landing.OnConsole();
        };
    }

    static Filter filter(FilterSpec spec, Surroundings around) throws IOException {
        var filter = switch (spec) {
            case FilterSpec.Parse parse -> new Parse(parse);
            case FilterSpec.Set set -> new SetFields(set, around.given());
            case FilterSpec.Remove remove -> new RemoveFields(remove);
            case FilterSpec.Drop _ -> new Drop();
            case FilterSpec.Rename rename -> new RenameFields(rename);
            case FilterSpec.Keep keep -> new KeepFields(keep);
            case FilterSpec.Convert convert -> new ConvertFields(convert);
            case FilterSpec.Timestamp timestamp -> new ReadTimestamp(timestamp);
            case FilterSpec.Level level -> new OneLevel(level);
            case FilterSpec.Flatten flatten -> new FlattenObjects(flatten);
            case FilterSpec.Split split -> new SplitEvent(split);
            case FilterSpec.Sample sample -> new Sample(sample);
            case FilterSpec.Throttle throttle -> new Throttle(throttle);
            case FilterSpec.Dedupe dedupe -> new Dedupe(dedupe);
            case FilterSpec.Redact redact ->
                around.isRehearsal() ? Redact.rehearsed(redact) : new Redact(redact, around.route());
            case FilterSpec.Multiline multiline -> new Multiline(multiline);
        };
        return spec.when()
                .map(when -> OnlyWhen.of(new CelCondition(when, around.given()), filter))
                .orElse(filter);
    }

    /// All of it must hold; of a list, one is enough.
    ///
    /// @param route name of the route, which conditions may ask for
    static Matching match(LogRoute.Match match, String route) {
        var parts = new ArrayList<Matching.Part>();
        if (!match.service().isEmpty()) {
            parts.add(selects("service", Subject.SERVICE, match.service()));
        }
        if (!match.stack().isEmpty()) {
            parts.add(selects("stack", Subject.STACK, match.stack()));
        }
        if (!match.container().isEmpty()) {
            parts.add(selects("container", Subject.CONTAINER, match.container()));
        }
        if (!match.node().isEmpty()) {
            parts.add(selects("node", Subject.NODE, match.node()));
        }
        match.labels().forEach((label, globs) -> parts.add(hasLabel(label, globs)));
        match.fields().forEach((path, globs) -> parts.add(selects("fields." + path, Subject.field(path), globs)));
        match.when().ifPresent(when -> {
            var condition = CelCondition.ofMatch(when, route);
            parts.add(new Matching.Part("when", when.text(), condition, Reasons.ofMatch(when, route)::told));
        });
        match.not().ifPresent(not -> {
            var taken = match(not, route);
            parts.add(new Matching.Part("not", taken.asks(), taken.negate(), taken::has));
        });
        return new Matching(parts);
    }

    private static Matching.Part selects(String key, Subject subject, List<Glob> globs) {
        var fits = fits(globs);
        Predicate<Event> holds = subject.hasSeveral()
                ? event -> subject.all(event).stream().anyMatch(fits)
                : event -> {
                    var text = subject.of(event);
                    return text != null && fits.test(text);
                };
        return new Matching.Part(key, said(globs), holds, subject::found);
    }

    private static String said(List<Glob> globs) {
        return globs.stream().map(Glob::text).collect(Collectors.joining(", "));
    }

    private static Matching.Part hasLabel(String label, List<Glob> globs) {
        var names = Set.copyOf(Subject.namesOf(label));
        var fits = fits(globs);
        Predicate<Event> holds = event -> {
            var found = new boolean[1];
            Subject.labels(event, (name, text) -> found[0] |= names.contains(name) && fits.test(text));
            return found[0];
        };
        return new Matching.Part("labels." + label, said(globs), holds, event -> {
            var found = new ArrayList<String>();
            Subject.labels(event, (name, text) -> {
                if (names.contains(name)) {
                    found.add("its label %s is %s".formatted(name, text));
                }
            });
            return found.isEmpty() ? "the event has no label " + label : String.join(", ", found);
        });
    }

    private static Predicate<String> fits(List<Glob> globs) {
        Set<String> plain = globs.stream().filter(Glob::isPlain).map(Glob::text).collect(Collectors.toSet());
        var patterns = globs.stream().filter(glob -> !glob.isPlain()).toList();
        return text -> plain.contains(text) || patterns.stream().anyMatch(glob -> glob.matches(text));
    }
}
