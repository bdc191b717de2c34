package io.logroute.face.convert;

import io.logroute.face.convert.Conditions.Asked;
import io.logroute.face.convert.Remark.Kind;
import io.logroute.spec.Document;
import io.logroute.spec.FieldPath;
import io.logroute.spec.When;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A pipeline of Logstash said in specs.
///
/// Logstash has one chain of filters before all its outputs, and routes have each their own: every
/// route gets the whole chain, without the steps that can never come to its events. A condition of
/// an output becomes the route's match while it asks for what no filter may have changed; else the
/// last step of the route drops what it does not hold for.
///
/// @param specs YAML, with comments where something is not the same
/// @param remarks all that is not the same, in the order of the files
/// @param general what differs always, and concerns this pipeline
public record Conversion(String specs, List<Remark> remarks, List<String> general) {
    private static final int LONGEST_NAME = 40;
    private static final int LONG = 4_000;
    private static final Place NOWHERE = new Place("the whole", 0, 0, 0);

    public Conversion {
        remarks = List.copyOf(remarks);
        general = List.copyOf(general);
    }

    /// What is known besides the text.
    ///
    /// @param router name of the router
    /// @param environment values of `${NAME}`
    /// @param patterns the files of grok patterns
    public record Around(String router, Map<String, String> environment, PatternFiles patterns) {
        public Around {
            environment = Map.copyOf(environment);
        }
    }

    /// Gives the grok patterns of a file, or of all files of a folder, by their names; empty when
    /// there is none.
    public interface PatternFiles {
        Optional<Map<String, String>> read(String path);
    }

    /// Whether everything was carried over exactly.
    public boolean whole() {
        return remarks.stream().allMatch(remark -> remark.kind() == Kind.NOTE);
    }

    /// How many remarks are of that kind.
    public long count(Kind kind) {
        return remarks.stream().filter(remark -> remark.kind() == kind).count();
    }

    /// Converts what was read. It is never refused: what cannot be said is left out, and told.
    public static Conversion of(ConfReader.Result read, Around around) {
        return new Making(around).of(read);
    }

    /// One conversion.
    private static final class Making {
        private final Around around;
        private final Notes notes = new Notes();
        private final List<String> out = new ArrayList<>();
        private final Set<String> names = new HashSet<>();

        Making(Around around) {
            this.around = around;
        }

        Conversion of(ConfReader.Result read) {
            var early = new ArrayList<>(read.remarks());
            var conf = new Environment(around.environment(), early).fill(read.conf());
            notes.early(early);
            var filters = new Filters(notes, around.patterns());
            var inputs = new Inputs(notes, filters).of(conf.inputs());
            var lines = new ArrayList<>(inputs.first());
            lines.addAll(filters.of(conf.filters()));
            var outputs = new Outputs(notes, filters.fingerprints());
            outputs.of(conf.outputs());

            var told = notes.stillWaiting();
            notes.remarks().addAll(told);
            header(told);
            router(inputs);
            outputs.sinks().forEach(this::sink);
            routes(lines, filters.written(), outputs);
            return new Conversion(
                    String.join("\n", out) + "\n",
                    notes.remarks().stream().distinct().sorted().toList(),
                    notes.general());
        }

        private void header(List<Remark> told) {
            out.add(
                    "# Made by `logroute convert logstash`. Read the comments that begin with LEFT OUT or CHANGED, then check");
            out.add("# it with `logroute validate`.");
            if (!notes.general().isEmpty()) {
                out.add("#");
                out.add("# What is otherwise than in Logstash, here and always:");
                notes.general().forEach(text -> out.addAll(Yaml.comment("- " + text, 0)));
            }
            if (!told.isEmpty()) {
                out.add("#");
                told.stream()
                        .distinct()
                        .sorted()
                        .forEach(remark ->
                                out.addAll(Yaml.comment("%s: %s".formatted(remark.at(), Filters.comment(remark)), 0)));
            }
        }

        private void begin(String kind, String name, boolean first) {
            if (!first) {
                out.add("---");
            }
            out.add("apiVersion: " + Document.API_VERSION);
            out.add("kind: " + kind);
            out.add("metadata: { name: %s }".formatted(name));
            out.add("spec:");
        }

        private void router(Inputs.Said inputs) {
            begin("LogRouter", around.router(), true);
            out.add("  sources:");
            for (var source : inputs.sources()) {
                out.addAll(source instanceof Inputs.Words(var text) ? Yaml.comment(text, 4) : Yaml.item(source, 4));
            }
        }

        private void sink(Outputs.Sink sink) {
            begin("LogSink", sink.name(), false);
            sink.comments().forEach(text -> out.addAll(Yaml.comment(text, 2)));
            sink.spec().forEach((key, value) -> out.addAll(Yaml.entry(key, value, 2)));
        }

        private void routes(List<Line> lines, Step.Writes written, Outputs outputs) {
            outputs.comments().forEach(text -> out.addAll(Yaml.comment(text, 0)));
            Optional<String> first = Optional.empty();
            boolean matched = true;
            for (var way : outputs.ways()) {
                if (!way.guards().isEmpty() && tooLong(way.guards())) {
                    var text = "the conditions that lead to %s are too long to be joined".formatted(way.to());
                    notes.add(NOWHERE, Kind.LEFT_OUT, "if", "", text);
                    out.addAll(Yaml.comment("LEFT OUT: " + text, 0));
                    matched = false;
                    continue;
                }
                var reads = new LinkedHashSet<FieldPath>();
                way.guards().forEach(guard -> reads.addAll(guard.reads()));
                boolean match = !written.touch(reads);
                boolean otherwise = way.otherwise() && matched;
                matched &= match;
                var name = name(way.label());
                begin("LogRoute", name, false);
                out.add("  router: " + around.router());
                var all = lines;
                if (otherwise) {
                    out.add("  default: true");
                    all = kept(lines, way.guards());
                } else if (!way.guards().isEmpty() && match) {
                    out.addAll(Yaml.entry("match", Map.of("when", condition(way.guards())), 2));
                    all = kept(lines, way.guards());
                }
                var last = otherwise || match ? List.<Step>of() : List.of(dropped(way.guards()));
                filters(all, last, first);
                if (first.isEmpty()) {
                    first = Optional.of(name);
                }
                out.addAll(Yaml.entry("to", way.to(), 2));
            }
        }

        /// Each condition by itself is known to be right.
        private static boolean tooLong(List<Asked> guards) {
            var total = dropped(guards).guards().getFirst().total().text();
            return total.length() > LONG && !new When(total).check().isEmpty();
        }

        private static String condition(List<Asked> guards) {
            return Cel.all(guards.stream().map(Asked::perhaps).toList()).text();
        }

        private static Step dropped(List<Asked> guards) {
            var not = Cel.all(guards.stream().map(Asked::total).toList()).not();
            return Step.of("drop", Map.of(), Step.Writes.NONE).within(new Asked(not, not, Set.of()));
        }

        /// The lines without steps that no event of the route can come to.
        private static List<Line> kept(List<Line> lines, List<Asked> guards) {
            var kept = new ArrayList<Line>();
            for (var line : lines) {
                if (!(line instanceof Line.Does(var step))) {
                    kept.add(line);
                    continue;
                }
                if (step.guards().stream().anyMatch(asked -> guards.stream().anyMatch(asked::excludes))) {
                    continue;
                }
                var left = step;
                for (var guard : guards) {
                    left = left.without(guard);
                }
                kept.add(new Line.Does(left));
            }
            return kept;
        }

        private void filters(List<Line> lines, List<Step> last, Optional<String> first) {
            var all = new ArrayList<String>();
            for (var line : lines) {
                switch (line) {
                    case Line.Says(var text) -> {
                        if (first.isEmpty()) {
                            all.addAll(Yaml.comment(text, 4));
                        }
                    }
                    case Line.Does(var step) -> all.addAll(written(step));
                }
            }
            if (!last.isEmpty()) {
                all.addAll(Yaml.comment(
                        "The condition of the output asks for what a filter may have changed, so it stands here.", 4));
                last.forEach(step -> all.addAll(written(step)));
            }
            boolean any = all.stream().anyMatch(line -> line.strip().startsWith("- "));
            if (all.isEmpty()) {
                return;
            }
            out.add(any ? "  filters:" : "  filters: []");
            if (any) {
                first.ifPresent(name -> out.addAll(Yaml.comment(
                        "The filters that concern these events; route %s tells where each is from.".formatted(name),
                        4)));
            }
            out.addAll(all);
        }

        /// A step by itself is known to be right; with all that must hold around it, it may be too long.
        private List<String> written(Step step) {
            var yaml = step.yaml();
            if (Yaml.flow(yaml).length() > LONG) {
                try {
                    Whole.check(step);
                } catch (Untold untold) {
                    var text = "a filter %s has so many conditions around it that they cannot be joined: %s"
                            .formatted(step.kind(), untold.why());
                    notes.add(NOWHERE, Kind.LEFT_OUT, "if", "", text);
                    return Yaml.comment("LEFT OUT: " + text, 4);
                }
            }
            return Yaml.item(yaml, 4);
        }

        /// A name for a route, made of the condition that leads to it.
        private String name(String label) {
            var words = label.toLowerCase(Locale.ROOT)
                    .replace("!=", " not ")
                    .replace("!~", " not ")
                    .replace("!", " not ")
                    .replaceAll("[^a-z0-9]+", "-")
                    .replaceAll("^[^a-z]+", "");
            var name = words.substring(0, Math.min(words.length(), LONGEST_NAME - 4))
                    .replaceAll("-+$", "");
            if (name.isEmpty()) {
                name = "route";
            }
            var free = name;
            for (int i = 2; !names.add(free); i++) {
                free = name + "-" + i;
            }
            return free;
        }
    }

    /// How the conversion went, in one line.
    public String summary() {
        if (remarks.isEmpty()) {
            return "everything was carried over";
        }
        var counts = new LinkedHashMap<String, Long>();
        for (var kind : Kind.values()) {
            counts.put(kind == Kind.NOTE ? "to know" : kind.toString(), count(kind));
        }
        var parts = new ArrayList<String>();
        counts.forEach((words, count) -> {
            if (count > 0) {
                parts.add(count + " " + words);
            }
        });
        return (whole() ? "everything was carried over; " : "") + String.join(", ", parts);
    }
}
