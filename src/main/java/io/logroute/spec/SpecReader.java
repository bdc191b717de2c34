package io.logroute.spec;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.reader.ReaderException;

/// Reads YAML into the records, with every problem at once. What a mapping may hold is read off
/// the records themselves; see [Binder].
public final class SpecReader {
    private static final Map<String, Class<? extends Document>> KINDS = kinds();

    /// The keys of the spec of each kind.
    private static final Map<String, List<String>> KEYS = KINDS.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, kind -> Binder.keys(kind.getValue())));

    private static final List<String> TOP = List.of("apiVersion", "kind", "metadata", "spec");

    /// Characters in a document; a Docker config takes half of it.
    private static final int LONGEST_DOCUMENT = 1 << 20;

    private static final int LONGEST_FILE = 4 << 20;
    private static final int LONGEST_LINE = 1 << 18;
    /// More than a file of that length has use for.
    private static final int MOST_DOCUMENTS = 20_000;
    /// Problems told of a text that somebody has just written and looks at.
    private static final int MOST_PROBLEMS = 500;

    private final String file;
    private final List<Located> documents = new ArrayList<>();
    private final List<Reading.Broken> broken = new ArrayList<>();

    private SpecReader(String file) {
        this.file = file;
    }

    /// All the documents of the text, or all its problems.
    ///
    /// @param file the name that problems are told with
    public static Read<List<Located>> read(String file, String yaml) {
        return documents(file, yaml).asRead();
    }

    /// The good documents of the text, and the broken ones.
    public static Reading documents(String file, String yaml) {
        return documents(file, yaml, MOST_PROBLEMS);
    }

    /// The same with fewer problems.
    ///
    /// @param most problems that are told; what is beyond is one more that counts them
    public static Reading documents(String file, String yaml, int most) {
        var reader = new SpecReader(file);
        reader.readAll(yaml);
        return new Reading(reader.documents, reader.told(most));
    }

    /// The broken ones with as many problems as anybody reads; what is beyond is counted. Each that has a
    /// name stays, so that it is held.
    private List<Reading.Broken> told(int most) {
        var all = broken.stream().flatMap(each -> each.problems().stream()).toList();
        if (all.size() <= most) {
            return broken;
        }
        var first = all.get(most);
        var more = new Problem(
                "%s:%d".formatted(first.file(), Math.max(1, first.line())),
                "and %d more problems in it".formatted(all.size() - most),
                "Mend those that are told.");
        var told = new LinkedHashSet<Reading.Broken>();
        int left = most;
        for (var each : broken) {
            var some = each.problems().subList(0, Math.min(left, each.problems().size()));
            left -= some.size();
            told.add(
                    some.size() == each.problems().size()
                            ? each
                            : new Reading.Broken(
                                    each.kind(),
                                    each.name(),
                                    Stream.concat(some.stream(), Stream.of(more))
                                            .toList()));
        }
        return List.copyOf(told);
    }

    private void readAll(String yaml) {
        compose(yaml, this::document, this::unknown);
    }

    /// What is told of text that cannot be read on.
    interface Unreadable {
        void tell(int line, String what, String mend);
    }

    /// Gives the documents of the text one by one, as far as it is YAML, and within bounds.
    static void compose(String yaml, Consumer<Node> each, Unreadable unreadable) {
        int nothing = yaml.indexOf('\0');
        if (nothing >= 0) {
            notAllowed(line(yaml, nothing), 0, unreadable);
            return;
        }
        // The scanner takes time with the square of a line's length.
        if (yaml.length() > LONGEST_FILE || yaml.lines().anyMatch(line -> line.length() > LONGEST_LINE)) {
            unreadable.tell(
                    1,
                    "this is too large: more than %d characters, or a line of more than %d"
                            .formatted(LONGEST_FILE, LONGEST_LINE),
                    "Write several smaller files.");
            return;
        }
        var options = new LoaderOptions();
        options.setMaxAliasesForCollections(100);
        options.setNestingDepthLimit(40);
        options.setCodePointLimit(LONGEST_DOCUMENT);
        int documents = 0;
        try {
            for (var node : new Yaml(options).composeAll(new StringReader(yaml))) {
                if (++documents > MOST_DOCUMENTS) {
                    unreadable.tell(
                            node.getStartMark() == null
                                    ? 1
                                    : node.getStartMark().getLine() + 1,
                            "there are more than %d documents, and the rest is not read".formatted(MOST_DOCUMENTS),
                            "Write several smaller files.");
                    return;
                }
                each.accept(node);
            }
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            notYaml(mark == null ? 1 : mark.getLine() + 1, e.getProblem() == null ? "" : e.getProblem(), unreadable);
        } catch (ReaderException e) {
            notAllowed(line(yaml, e.getPosition()), e.getCodePoint(), unreadable);
        } catch (YAMLException e) {
            // One of the limits that are set above.
            unreadable.tell(
                    1,
                    "this is too large or too deep: " + e.getMessage(),
                    "Write smaller documents, with fewer aliases.");
        }
    }

    private static void notAllowed(int line, int character, Unreadable unreadable) {
        unreadable.tell(
                line,
                "there is a character that YAML does not allow: U+%04X".formatted(character),
                character == 0
                        ? "A file with it is no text in UTF-8, or was torn: name a YAML file, or write it anew."
                        : "Take it away, or write it in double quotes as \"\\u%04X\".".formatted(character));
    }

    private static void notYaml(int line, String why, Unreadable unreadable) {
        var first = why.lines().findFirst().orElse("").strip();
        unreadable.tell(
                line,
                "this is not YAML" + (first.isEmpty() ? "" : ": " + first),
                "Mend it; often it is the indentation, a tab, or a quote that does not close.");
    }

    /// A problem of which it cannot be told what document it is in.
    private void unknown(int line, String what, String mend) {
        broken.add(new Reading.Broken(
                Optional.empty(), Optional.empty(), List.of(new Problem(file + ":" + line, Binder.shown(what), mend))));
    }

    private static int line(String yaml, int position) {
        return 1
                + (int) yaml.codePoints()
                        .limit(Math.max(0, position))
                        .filter(c -> c == '\n')
                        .count();
    }

    private void document(Node node) {
        if (node instanceof ScalarNode scalar && scalar.getValue().isEmpty()) {
            return;
        }
        var binder = new Binder(file);
        if (!(node instanceof MappingNode mapping)) {
            binder.problem(
                    node,
                    "",
                    "the document is no mapping",
                    "Begin it with apiVersion: %s.".formatted(Document.API_VERSION));
            broken.add(new Reading.Broken(Optional.empty(), Optional.empty(), binder.problems()));
            return;
        }
        binder.in("", TOP);
        var top = binder.mapping(mapping, "", TOP);
        apiVersion(binder, mapping, top.get("apiVersion"));
        var kind = kind(binder, mapping, top.get("kind"));
        var name = name(binder, mapping, top.get("metadata"));
        var read = kind == null ? null : spec(binder, mapping, top.get("spec"), KINDS.get(kind), name);
        if (read != null && binder.problems().isEmpty()) {
            documents.add(new Located(read, file, binder.lines()));
            return;
        }
        var names = new ArrayList<Reading.Naming>();
        if (LogRoute.class.getSimpleName().equals(kind) && top.get("spec") instanceof MappingNode spec) {
            for (var entry : spec.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals("router")) {
                    name("LogRouter", entry.getValueNode(), "spec.router", names);
                } else if (entry.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals("to")) {
                    sinks(entry.getValueNode(), names);
                }
            }
        }
        broken.add(new Reading.Broken(Optional.ofNullable(kind), Optional.ofNullable(name), binder.problems(), names));
    }

    private void sinks(Node to, List<Reading.Naming> names) {
        var all = to instanceof SequenceNode several ? several.getValue() : List.of(to);
        for (int i = 0; i < Math.min(all.size(), MOST_PROBLEMS); i++) {
            var path = "spec.to[%d].".formatted(i);
            if (all.get(i) instanceof MappingNode target) {
                for (var entry : target.getValue()) {
                    if (entry.getKeyNode() instanceof ScalarNode key
                            && List.of("sink", "relay").contains(key.getValue())) {
                        name("LogSink", entry.getValueNode(), path + key.getValue(), names);
                    }
                }
                continue;
            }
            name("LogSink", all.get(i), path + "sink", names);
        }
    }

    /// A word that does not fit as a name has its own problem.
    private void name(String kind, Node node, String path, List<Reading.Naming> names) {
        if (!(node instanceof ScalarNode scalar)) {
            return;
        }
        try {
            int line = node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
            names.add(new Reading.Naming(kind, new Name(scalar.getValue()), Located.place(file, line, path)));
        } catch (IllegalArgumentException _) {
            return;
        }
    }

    private static void apiVersion(Binder binder, MappingNode document, @Nullable Node node) {
        var mend = "Write apiVersion: %s.".formatted(Document.API_VERSION);
        if (node == null) {
            binder.problem(document, "apiVersion", "is missing", mend);
        } else if (!(node instanceof ScalarNode scalar) || !scalar.getValue().equals(Document.API_VERSION)) {
            binder.problem(node, "apiVersion", "is not one that this LogRoute reads", mend);
        }
    }

    private static @Nullable String kind(Binder binder, MappingNode document, @Nullable Node node) {
        var choice = "Write one of: " + String.join(", ", new TreeSet<>(KINDS.keySet())) + ".";
        if (node == null) {
            binder.problem(document, "kind", "is missing", choice);
            return null;
        }
        if (node instanceof ScalarNode scalar) {
            if (KINDS.containsKey(scalar.getValue())) {
                return scalar.getValue();
            }
            binder.problem(
                    node,
                    "kind",
                    "\"%s\" is no kind".formatted(scalar.getValue()),
                    Words.suggestion(scalar.getValue(), KINDS.keySet()));
            return null;
        }
        binder.problem(node, "kind", "is no word", choice);
        return null;
    }

    private static @Nullable Name name(Binder binder, MappingNode document, @Nullable Node metadata) {
        if (!(metadata instanceof MappingNode mapping)) {
            binder.problem(
                    metadata == null ? document : metadata,
                    "metadata",
                    metadata == null ? "is missing" : "is no mapping",
                    "Write metadata: { name: a-name }.");
            return null;
        }
        var node = binder.mapping(mapping, "metadata", List.of("name")).get("name");
        if (node == null) {
            binder.problem(mapping, "metadata.name", "is missing", "Write metadata: { name: a-name }.");
            return null;
        }
        return binder.value(node, Name.class, "metadata.name") instanceof Name name ? name : null;
    }

    private static @Nullable Document spec(
            Binder binder,
            MappingNode document,
            @Nullable Node spec,
            @Nullable Class<? extends Document> kind,
            @Nullable Name name) {
        if (kind == null) {
            return null;
        }
        if (spec == null) {
            binder.problem(
                    document,
                    "spec",
                    "is missing",
                    "Write spec: and what the %s is to be.".formatted(kind.getSimpleName()));
            return null;
        }
        var given = new LinkedHashMap<String, Object>();
        // Even without a name the rest is read, so that all problems are told.
        given.put("name", name == null ? new Name("unnamed") : name);
        var read = binder.record(spec, kind, "spec", given);
        return name == null ? null : kind.cast(read);
    }

    /// The kinds whose spec has that key, in words: `a LogSink`; empty when none or many have.
    static Optional<String> kindsWith(String key) {
        var found = KEYS.entrySet().stream()
                .filter(kind -> !key.equals("name") && kind.getValue().contains(key))
                .map(kind -> "a " + kind.getKey())
                .sorted(Comparator.reverseOrder())
                .toList();
        return found.isEmpty() || found.size() > 2 ? Optional.empty() : Optional.of(String.join(" or ", found));
    }

    private static Map<String, Class<? extends Document>> kinds() {
        return Stream.of(LogRouter.class, LogSink.class, LogRelay.class, LogRoute.class, LogRouteTest.class)
                .collect(Collectors.toMap(Class::getSimpleName, kind -> kind));
    }
}
