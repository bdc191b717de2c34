package io.logroute.router;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.flow.Source;
import io.logroute.parts.beats.BeatsSource;
import io.logroute.parts.cel.CelCondition;
import io.logroute.parts.console.ConsoleSink;
import io.logroute.parts.demo.DemoSource;
import io.logroute.parts.discard.DiscardSink;
import io.logroute.parts.elastic.ElasticSink;
import io.logroute.parts.elastic.Mappings;
import io.logroute.parts.file.FileSink;
import io.logroute.parts.http.HttpSource;
import io.logroute.parts.parse.Parse;
import io.logroute.parts.redact.Redact;
import io.logroute.parts.sift.Dedupe;
import io.logroute.parts.sift.Sample;
import io.logroute.parts.sift.Throttle;
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
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Makes parts out of specs: the one place that knows every kind. A new kind of source, filter or
/// sink does not compile until it has its case here.
class Assemble {
    private static final Gathering LINES = new Gathering(1_000, 1 << 20, Duration.ofMillis(100), 1);

    /// What is thrown away need not be gathered.
    private static final Gathering NOTHING = new Gathering(10_000, 8 << 20, Duration.ZERO, 1);

    private final Path data;
    private final Mappings mappings;
    private final PrintStream console;
    private final Instruments meters;
    private final InstantSource clock;

    /// @param data where relative paths of file sinks start
    /// @param console where console sinks write
    Assemble(Path data, Mappings mappings, PrintStream console, Instruments meters, InstantSource clock) {
        this.data = data;
        this.mappings = mappings;
        this.console = console;
        this.meters = meters;
        this.clock = clock;
    }

    Source source(String router, SourceSpec spec) {
        return switch (spec) {
            case SourceSpec.Beats beats -> new BeatsSource(beats, router, meters, clock);
            case SourceSpec.Http http -> new HttpSource(http, router, meters, clock);
            case SourceSpec.Demo demo -> new DemoSource(demo, clock, RandomGenerator.getDefault());
        };
    }

    /// @param buffer name of the buffer, for document ids
    Outlet outlet(String router, LogSink sink, String buffer) {
        return switch (sink.to()) {
            case SinkSpec.Elasticsearch elastic -> {
                var bulk = elastic.bulk();
                var to = new ElasticSink(router, sink.name().value(), elastic, buffer, mappings, meters);
                yield new Outlet(
                        "elasticsearch",
                        to,
                        new Gathering(bulk.maxEvents(), bulk.maxBytes().bytes(), bulk.linger(), bulk.inFlight()),
                        to::open);
            }
            case SinkSpec.File file -> new Outlet("file", new FileSink(file, data), LINES, Outlet.Opening.NOTHING);
            case SinkSpec.Discard _ -> new Outlet("discard", new DiscardSink(), NOTHING, Outlet.Opening.NOTHING);
            case SinkSpec.Console _ -> new Outlet("console", new ConsoleSink(console), LINES, Outlet.Opening.NOTHING);
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
            case FilterSpec.Redact redact -> new Redact(redact, around.route());
            case FilterSpec.Multiline _ -> throw new UnsupportedOperationException(around.route());
        };
        return spec.when()
                .<Filter>map(when -> new OnlyWhen(new CelCondition(when, around.given()), filter))
                .orElse(filter);
    }

    /// All of it must hold; of a list, one is enough.
    ///
    /// @param route name of the route, which conditions may ask for
    static Predicate<Event> match(LogRoute.Match match, String route) {
        var all = new ArrayList<Predicate<Event>>();
        if (!match.service().isEmpty()) {
            all.add(selects(Subject.SERVICE, match.service()));
        }
        if (!match.stack().isEmpty()) {
            all.add(selects(Subject.STACK, match.stack()));
        }
        if (!match.container().isEmpty()) {
            all.add(selects(Subject.CONTAINER, match.container()));
        }
        if (!match.node().isEmpty()) {
            all.add(selects(Subject.NODE, match.node()));
        }
        match.labels().forEach((label, globs) -> all.add(hasLabel(label, globs)));
        match.fields().forEach((path, globs) -> all.add(selects(Subject.field(path), globs)));
        match.when().ifPresent(when -> all.add(CelCondition.ofMatch(when, route)));
        match.not().ifPresent(not -> all.add(match(not, route).negate()));
        return switch (all.size()) {
            case 0 -> _ -> true;
            case 1 -> all.getFirst();
            default -> event -> all.stream().allMatch(each -> each.test(event));
        };
    }

    private static Predicate<Event> selects(Subject subject, List<Glob> globs) {
        var fits = fits(globs);
        if (subject.hasSeveral()) {
            return event -> subject.all(event).stream().anyMatch(fits);
        }
        return event -> {
            var text = subject.of(event);
            return text != null && fits.test(text);
        };
    }

    private static Predicate<Event> hasLabel(String label, List<Glob> globs) {
        var names = Set.copyOf(Subject.namesOf(label));
        var fits = fits(globs);
        return event -> {
            var found = new boolean[1];
            Subject.labels(event, (name, text) -> found[0] |= names.contains(name) && fits.test(text));
            return found[0];
        };
    }

    private static Predicate<String> fits(List<Glob> globs) {
        Set<String> plain = globs.stream().filter(Glob::isPlain).map(Glob::text).collect(Collectors.toSet());
        var patterns = globs.stream().filter(glob -> !glob.isPlain()).toList();
        return text -> plain.contains(text) || patterns.stream().anyMatch(glob -> glob.matches(text));
    }
}
