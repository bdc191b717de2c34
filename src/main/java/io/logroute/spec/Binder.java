package io.logroute.spec;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Makes values of the records' types out of the nodes of one document, and gathers the problems.
/// Whatever cannot be made is `null`, and a problem says why; reading goes on so that all of them
/// are found.
///
/// - A record is a mapping of its components; its [Doc]s tell keys and defaults, its constructor
///   checks the values.
/// - A sealed family is a mapping with one key, the name of one of its records: `beats: { port:
///   5044 }`.
/// - A list may be written as a single value, and a record with [Doc#plain] as that component's
///   value.
final class Binder {
    private static final Map<Class<?>, Function<String, Object>> SCALARS = Map.ofEntries(
            Map.entry(String.class, text -> text),
            Map.entry(Name.class, Name::new),
            Map.entry(Glob.class, Glob::new),
            Map.entry(When.class, When::new),
            Map.entry(ByteSize.class, ByteSize::parse),
            Map.entry(Duration.class, Durations::parse),
            Map.entry(FieldPath.class, FieldPath::parse),
            Map.entry(FieldTemplate.class, FieldTemplate::parse),
            Map.entry(DocumentIds.class, DocumentIds::parse),
            Map.entry(MaxLag.class, MaxLag::parse),
            Map.entry(Dissection.class, Dissection::new),
            Map.entry(LinePattern.class, LinePattern::new),
            Map.entry(TimeForm.class, TimeForm::new),
            Map.entry(Share.class, Share::parse),
            Map.entry(Pace.class, Pace::parse),
            Map.entry(Moment.class, Moment::parse),
            Map.entry(Formula.class, Formula::new),
            Map.entry(ZoneId.class, Binder::zone),
            Map.entry(URI.class, Binder::uri),
            Map.entry(Path.class, Binder::path));

    /// The defaults that were read once; records copy what can be changed.
    private static final Map<String, Object> DEFAULTS = new ConcurrentHashMap<>();

    private static final Pattern WORD = Pattern.compile("\\S+");
    /// The keys of a mapping of fields: any may be meant.
    private static final List<String> FIELDS = new ArrayList<>();

    private static final int LONGEST_TEXT = 1_000;
    /// Values of a document; aliases make many out of few.
    private static final int MOST_VALUES = 100_000;

    /// A mapping and the keys that it may have.
    ///
    /// @param path where it stands
    private record Level(String path, Collection<String> keys) {}

    private final String file;
    /// The mappings that what is read stands in, the nearest first.
    private final ArrayDeque<Level> around = new ArrayDeque<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Integer> lines = new HashMap<>();
    private int made;
    /// Whether a condition that is read now is that of a match.
    private boolean isOfMatch;

    Binder(String file) {
        this.file = file;
    }

    List<Problem> problems() {
        return problems;
    }

    Map<String, Integer> lines() {
        return lines;
    }

    void problem(Node node, String path, String what, String mend) {
        int line = node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
        problems.add(
                new Problem(file + ":" + line + (path.isEmpty() ? "" : ": " + shown(path)), shown(what), shown(mend)));
    }

    /// As it may be printed: what stands before the last `@` of an address is taken out, for a password may have
    /// any characters where it is not written as it should be; and long text is cut.
    static String shown(String text) {
        var without = WORD.matcher(text).replaceAll(word -> Matcher.quoteReplacement(withoutCredentials(word.group())));
        return without.length() <= LONGEST_TEXT
                ? without
                : without.substring(0, LONGEST_TEXT / 2) + " … "
                        + without.substring(without.length() - LONGEST_TEXT / 2);
    }

    private static String withoutCredentials(String word) {
        int from = word.indexOf("://");
        int to = word.lastIndexOf('@');
        return from < 0 || to < from ? word : word.substring(0, from) + "://…" + word.substring(to);
    }

    /// The nodes of a mapping by their keys; keys that are not among `known`, and keys that stand
    /// twice, are problems.
    Map<String, Node> mapping(MappingNode node, String path, Collection<String> known) {
        return mapping(node, path, known, List.of());
    }

    /// What stands in the mapping may have these keys as well; it tells where a key belongs.
    void in(String path, Collection<String> keys) {
        around.push(new Level(path, keys));
    }

    /// @param below mappings that stand in this one, or may
    private Map<String, Node> mapping(
            MappingNode node, String path, Collection<String> known, Collection<Level> below) {
        var found = new LinkedHashMap<String, Node>();
        for (var tuple : entries(node, path)) {
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                problem(tuple.getKeyNode(), path, "a key is no word", "Write a plain word as the key.");
                continue;
            }
            var key = keyNode.getValue();
            var keyPath = join(path, key);
            if (!known.contains(key)) {
                problem(keyNode, keyPath, "there is no such key", mend(key, path, known, below));
                continue;
            }
            lines.put(keyPath, keyNode.getStartMark().getLine() + 1);
            if (found.put(key, tuple.getValueNode()) != null) {
                problem(keyNode, keyPath, "stands twice", "Leave one of them away.");
            }
        }
        return found;
    }

    /// Where the key belongs, or what may have been meant.
    private String mend(String key, String path, Collection<String> known, Collection<Level> below) {
        var others = ofOthers(key, path, known);
        if (others.isPresent()) {
            return others.get();
        }
        for (var level : around) {
            if (level.keys().contains(key)) {
                return "It belongs %s, %s."
                        .formatted(
                                levels(level.path(), path, "up"),
                                level.path().isEmpty() ? "beside kind and spec" : "under " + level.path());
            }
        }
        for (var level : below) {
            if (level.keys().contains(key)) {
                return "It belongs %s, under %s.".formatted(levels(path, level.path(), "down"), level.path());
            }
        }
        return Words.nearest(key, known)
                .map("Did you mean %s?"::formatted)
                .or(() -> below.stream()
                        .filter(level -> level.keys() == FIELDS)
                        .findFirst()
                        .map(level -> "If it is a field, write it one level down, under %s.".formatted(level.path())))
                .or(() -> SpecReader.kindsWith(key).map("It belongs to %s, under its spec."::formatted))
                .orElseGet(() -> Words.suggestion(key, known));
    }

    /// What is meant by keys that people know from elsewhere.
    private static Optional<String> ofOthers(String key, String path, Collection<String> known) {
        if (path.endsWith(".grok") && key.equals("match")) {
            return Optional.of("Write the patterns as patterns: [...], and the field that they read as field.");
        }
        if (path.endsWith(".timestamp") && key.equals("locale")) {
            return Optional.of("Leave it away; names of months and days are English.");
        }
        return known.containsAll(members(FilterSpec.class).keySet())
                        && members(ParseSpec.class).containsKey(key)
                ? Optional.of("Write parse: { %s: ... }.".formatted(key))
                : Optional.empty();
    }

    private static String levels(String above, String below, String way) {
        var between = below.substring(Math.min(below.length(), above.isEmpty() ? 0 : above.length() + 1));
        return between.contains(".") ? "further " + way : "one level " + way;
    }

    /// The mappings that may stand as values in a mapping of this record.
    private static List<Level> below(Class<?> type, String path) {
        var levels = new ArrayList<Level>();
        for (var component : type.getRecordComponents()) {
            var of = component.getGenericType() instanceof ParameterizedType generic
                            && generic.getRawType() == Optional.class
                    ? generic.getActualTypeArguments()[0]
                    : component.getGenericType();
            if (of instanceof Class<?> inner && inner.isRecord() && !SCALARS.containsKey(inner)) {
                levels.add(new Level(join(path, key(component)), keys(inner)));
            } else if (isOfFields(component)) {
                levels.add(new Level(join(path, key(component)), FIELDS));
            }
        }
        return levels;
    }

    private static boolean isOfFields(RecordComponent component) {
        return component.getGenericType() instanceof ParameterizedType generic
                && generic.getRawType() == Map.class
                && generic.getActualTypeArguments()[0] == FieldPath.class;
    }

    /// The keys of a record.
    static List<String> keys(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(each -> each.getAnnotation(Doc.class) instanceof Doc doc && doc.beside()
                        ? members(each.getType()).keySet().stream()
                        : Stream.of(key(each)))
                .toList();
    }

    /// The entries of a mapping, then those that it merges (`<<: *common`) and does not have
    /// itself. However often and deep they are merged, each mapping is looked at once.
    List<NodeTuple> entries(MappingNode node, String path) {
        var entries = new ArrayList<NodeTuple>();
        var keys = new HashSet<String>();
        var seen = Collections.newSetFromMap(new IdentityHashMap<Node, Boolean>());
        var next = new ArrayDeque<Node>(List.of(node));
        while (!next.isEmpty()) {
            var at = next.pop();
            if (!seen.add(at)) {
                continue;
            }
            if (at != node && at instanceof SequenceNode several) {
                several.getValue().reversed().forEach(next::push);
                continue;
            }
            if (!(at instanceof MappingNode mapping)) {
                problem(at, path, "<< merges something that is no mapping", "Write <<: *anchor, of a mapping.");
                continue;
            }
            var own = new HashSet<String>();
            for (var tuple : mapping.getValue()) {
                var key = tuple.getKeyNode();
                if (key.getTag().equals(Tag.MERGE)) {
                    next.push(tuple.getValueNode());
                } else if (!(key instanceof ScalarNode scalar) || !keys.contains(scalar.getValue())) {
                    entries.add(tuple);
                    own.add(key instanceof ScalarNode scalar ? scalar.getValue() : "");
                }
            }
            keys.addAll(own);
        }
        return entries;
    }

    @Nullable
    Object value(Node node, Type type, String path) {
        if (++made > MOST_VALUES) {
            problem(
                    node,
                    path,
                    "the document has more than %d values".formatted(MOST_VALUES),
                    "Write smaller documents.");
            return null;
        }
        if (node.getStartMark() != null) {
            lines.putIfAbsent(path, node.getStartMark().getLine() + 1);
        }
        if (type instanceof ParameterizedType generic) {
            return generic(node, generic, path);
        }
        if (!(type instanceof Class<?> wanted)) {
            throw new IllegalArgumentException("records hold no " + type);
        }
        if (SCALARS.containsKey(wanted) || wanted.isPrimitive() || wanted == Integer.class || wanted.isEnum()) {
            return scalar(node, wanted, path);
        }
        if (wanted == FieldValue.class) {
            return fieldValue(node, path);
        }
        if (wanted == FreeForm.class) {
            return freeForm(node, path);
        }
        if (wanted.isSealed()) {
            return oneOf(node, wanted, path);
        }
        return record(node, wanted, path, Map.of());
    }

    private @Nullable Object generic(Node node, ParameterizedType type, String path) {
        var arguments = type.getActualTypeArguments();
        if (type.getRawType() == Optional.class) {
            var value = value(node, arguments[0], path);
            return value == null ? null : Optional.of(value);
        }
        if (type.getRawType() == List.class) {
            return list(node, arguments[0], path);
        }
        return map(node, arguments[0], arguments[1], path);
    }

    private @Nullable Object list(Node node, Type of, String path) {
        if (!(node instanceof SequenceNode sequence)) {
            var only = value(node, of, path);
            return only == null ? null : List.of(only);
        }
        var values = new ArrayList<Object>();
        for (int i = 0; i < sequence.getValue().size() && made <= MOST_VALUES; i++) {
            var item = value(sequence.getValue().get(i), of, path + "[" + i + "]");
            if (item != null) {
                values.add(item);
            }
        }
        return values.size() == sequence.getValue().size() ? values : null;
    }

    private @Nullable Object map(Node node, Type keys, Type values, String path) {
        if (!(node instanceof MappingNode mapping)) {
            problem(node, path, "is no mapping", "Write { key: value }.");
            return null;
        }
        int before = problems.size();
        var map = new LinkedHashMap<Object, Object>();
        for (var tuple : entries(mapping, path)) {
            if (made > MOST_VALUES) {
                break;
            }
            var key = value(tuple.getKeyNode(), keys, path);
            if (key == null) {
                continue;
            }
            var value = value(tuple.getValueNode(), values, join(path, key.toString()));
            if (value != null && map.put(key, value) != null) {
                problem(tuple.getKeyNode(), join(path, key.toString()), "stands twice", "Leave one of them away.");
            }
        }
        return problems.size() == before ? map : null;
    }

    private @Nullable Object scalar(Node node, Class<?> type, String path) {
        if (!(node instanceof ScalarNode scalar)) {
            problem(node, path, "is no single value", "Write " + example(type) + ".");
            return null;
        }
        var text = scalar.getValue();
        if (scalar.getTag().equals(Tag.NULL)) {
            problem(node, path, "is empty", "Write " + example(type) + ", or leave the key away.");
            return null;
        }
        try {
            if (type.isEnum()) {
                return constant(type, text);
            }
            if (type.isPrimitive() || type == Integer.class) {
                return primitive(type, text);
            }
            var value = SCALARS.getOrDefault(type, word -> word).apply(text);
            return switch (value) {
                case When when -> checked(when, isOfMatch ? when.checkInMatch() : when.check(), node, path);
                case Formula formula -> checked(formula, formula.check(), node, path);
                default -> value;
            };
        } catch (IllegalArgumentException e) {
            told(node, path, e, type);
            return null;
        }
    }

    private @Nullable Object checked(Object expression, List<String> wrong, Node node, String path) {
        for (var each : wrong) {
            var parts = each.split("\n", 2);
            problem(
                    node,
                    path,
                    parts[0],
                    parts.length < 2 ? "Write for instance event.level == \"error\"." : "It is here:\n" + parts[1]);
        }
        return wrong.isEmpty() ? expression : null;
    }

    private static Object constant(Class<?> type, String text) {
        var words = new LinkedHashMap<String, Object>();
        for (var constant : type.getEnumConstants()) {
            words.put(Words.key((Enum<?>) constant), constant);
        }
        var found = words.get(text);
        if (found == null) {
            throw new IllegalArgumentException(
                    "\"%s\" is none of its words; %s".formatted(text, Words.suggestion(text, words.keySet())));
        }
        return found;
    }

    private static Object primitive(Class<?> type, String text) {
        if (type == boolean.class) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default ->
                    throw new IllegalArgumentException(
                            "\"%s\" is not true or false; write true or false".formatted(text));
            };
        }
        try {
            return type == int.class || type == Integer.class
                    ? (Object) Integer.parseInt(text)
                    : (Object) Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"%s\" is no whole number; write digits only".formatted(text), e);
        }
    }

    private @Nullable FieldValue fieldValue(Node node, String path) {
        if (node instanceof MappingNode mapping) {
            return worked(mapping, path);
        }
        if (!(node instanceof ScalarNode scalar)) {
            problem(node, path, "is no single value", "Write text, a number, true or false, or { cel: ... }.");
            return null;
        }
        var text = scalar.getValue();
        if (scalar.getTag().equals(Tag.NULL)) {
            problem(
                    node,
                    path,
                    "is empty",
                    "Write text, a number, true or false; to take a field away there is remove.");
            return null;
        }
        try {
            if (scalar.getTag().equals(Tag.INT)) {
                return new FieldValue.Whole(Long.parseLong(text));
            }
            if (scalar.getTag().equals(Tag.FLOAT)) {
                return new FieldValue.Decimal(Double.parseDouble(text));
            }
            if (scalar.getTag().equals(Tag.BOOL) && (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"))) {
                return new FieldValue.Truth(text.equalsIgnoreCase("true"));
            }
            return new FieldValue.Text(FieldTemplate.parse(text));
        } catch (NumberFormatException _) {
            problem(
                    node,
                    path,
                    "\"%s\" is no number that JSON has".formatted(text),
                    "Write it in digits, or in quotes as text.");
            return null;
        } catch (IllegalArgumentException e) {
            told(node, path, e, String.class);
            return null;
        }
    }

    private @Nullable FieldValue worked(MappingNode mapping, String path) {
        int before = problems.size();
        var formula = mapping(mapping, path, List.of("cel")).get("cel");
        if (formula == null) {
            if (problems.size() == before) {
                problem(mapping, path, "is empty", "Write { cel: ... }, such as { cel: event.took_ms > 1000 }.");
            }
            return null;
        }
        return value(formula, Formula.class, join(path, "cel")) instanceof Formula good && problems.size() == before
                ? new FieldValue.Cel(good)
                : null;
    }

    private @Nullable FreeForm freeForm(Node node, String path) {
        if (!(node instanceof MappingNode)) {
            problem(node, path, "is no mapping", "Write { field: value }.");
            return null;
        }
        int before = problems.size();
        var free = free(node, path);
        return problems.size() == before && free instanceof Map<?, ?> map ? new FreeForm(withTextKeys(map)) : null;
    }

    private static Map<String, @Nullable Object> withTextKeys(Map<?, ?> map) {
        var out = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> out.put(String.valueOf(key), value));
        return out;
    }

    /// A value of any form; what JSON does not have is a problem.
    private @Nullable Object free(Node node, String path) {
        if (++made > MOST_VALUES) {
            problem(
                    node,
                    path,
                    "the document has more than %d values".formatted(MOST_VALUES),
                    "Write smaller documents.");
            return null;
        }
        lines.putIfAbsent(
                path, node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1);
        if (node instanceof MappingNode mapping) {
            var map = new LinkedHashMap<String, @Nullable Object>();
            for (var tuple : entries(mapping, path)) {
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    problem(tuple.getKeyNode(), path, "a key is no word", "Write a plain word as the key.");
                    continue;
                }
                map.put(key.getValue(), free(tuple.getValueNode(), join(path, key.getValue())));
            }
            return map;
        }
        if (node instanceof SequenceNode sequence) {
            var list = new ArrayList<@Nullable Object>();
            for (int i = 0; i < sequence.getValue().size(); i++) {
                list.add(free(sequence.getValue().get(i), path + "[" + i + "]"));
            }
            return list;
        }
        if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            return null;
        }
        var text = scalar.getValue();
        try {
            if (scalar.getTag().equals(Tag.INT)) {
                return Long.parseLong(text);
            }
            if (scalar.getTag().equals(Tag.FLOAT)) {
                return new FieldValue.Decimal(Double.parseDouble(text)).number();
            }
        } catch (NumberFormatException _) {
            problem(
                    node,
                    path,
                    "\"%s\" is no number that JSON has".formatted(text),
                    "Write it in digits, or in quotes as text.");
            return null;
        }
        boolean isTruth =
                scalar.getTag().equals(Tag.BOOL) && (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"));
        return isTruth ? (Object) text.equalsIgnoreCase("true") : text;
    }

    /// A record that is a member of a family with the record's other fields beside it: `{ file: {…},
    /// deadLetters: {…} }`.
    ///
    /// @param component the one that holds the member
    private @Nullable Object around(
            Node node, Class<?> holder, RecordComponent component, String path, Map<String, Object> given) {
        var family = component.getType();
        var own = new ArrayList<NodeTuple>();
        var keys = Arrays.stream(holder.getRecordComponents())
                .filter(each ->
                        !given.containsKey(each.getName()) && !each.getName().equals(component.getName()))
                .map(Binder::key)
                .toList();
        Node others = node;
        if (node instanceof MappingNode mapping) {
            var rest = new ArrayList<NodeTuple>();
            for (var tuple : entries(mapping, path)) {
                boolean beside = tuple.getKeyNode() instanceof ScalarNode key && keys.contains(key.getValue());
                (beside ? own : rest).add(tuple);
            }
            others = mappingAt(node, rest);
        }
        var levels = new ArrayList<>(keys);
        levels.addAll(members(family).keySet());
        in(path, levels);
        var member = oneOf(others, family, path, keys, below(holder, path));
        var all = new LinkedHashMap<>(given);
        // Without the member the rest is read all the same, so that its problems are told.
        all.put(component.getName(), member == null ? anyOf(family) : member);
        var made = record(mappingAt(node, own), holder, path, all);
        around.pop();
        return member == null ? null : made;
    }

    /// The member of a family that needs nothing to be written.
    private static Object anyOf(Class<?> family) {
        var scratch = new Binder("");
        var node = new Yaml(new LoaderOptions()).compose(new java.io.StringReader("{}"));
        return members(family).values().stream()
                .filter(member -> Arrays.stream(member.getRecordComponents()).noneMatch(Binder::mustBeWritten))
                .map(member -> scratch.record(node, member, "", Map.of()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(family + " has no member that needs nothing"));
    }

    private static boolean mustBeWritten(RecordComponent component) {
        var doc = component.getAnnotation(Doc.class);
        return (doc == null || doc.or().isEmpty()) && component.getType() != Optional.class;
    }

    /// The component whose member stands beside the others.
    static Optional<RecordComponent> beside(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(each -> each.getAnnotation(Doc.class) instanceof Doc doc && doc.beside())
                .findFirst();
    }

    private @Nullable Object oneOf(Node node, Class<?> family, String path) {
        return oneOf(node, family, path, List.of(), List.of());
    }

    /// `kind of sink`, or `way to parse`.
    private static String called(Class<?> family) {
        return family == ParseSpec.class
                ? "way to parse"
                : "kind of " + family.getSimpleName().replace("Spec", "").toLowerCase(Locale.ROOT);
    }

    private static Map<String, Class<?>> members(Class<?> family) {
        return Arrays.stream(family.getPermittedSubclasses())
                .collect(Collectors.toMap(Words::key, member -> (Class<?>) member, (a, _) -> a, LinkedHashMap::new));
    }

    /// @param beside keys that may stand beside the member, and do not here
    /// @param besideBelow the mappings that those stand for
    private @Nullable Object oneOf(
            Node node, Class<?> family, String path, List<String> beside, List<Level> besideBelow) {
        var members = members(family);
        var choice = "Write one of: " + String.join(", ", members.keySet()) + ".";
        if (node instanceof ScalarNode scalar && members.containsKey(scalar.getValue())) {
            return record(emptyAt(node), members.get(scalar.getValue()), join(path, scalar.getValue()), Map.of());
        }
        if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
            var word = scalar.getValue();
            problem(
                    node,
                    path,
                    "there is no %s \"%s\"".formatted(called(family), word),
                    family == FilterSpec.class && members(ParseSpec.class).containsKey(word)
                            ? "Write parse: %s.".formatted(word)
                            : Words.nearest(word, members.keySet())
                                            .map("Did you mean %s? "::formatted)
                                            .orElse("")
                                    + choice);
            return null;
        }
        if (!(node instanceof MappingNode mapping)) {
            problem(node, path, "is no mapping", choice);
            return null;
        }
        int before = problems.size();
        var known = new ArrayList<>(members.keySet());
        known.addAll(beside);
        var below = new ArrayList<>(besideBelow);
        for (var tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key
                    && members.get(key.getValue()) instanceof Class<?> member) {
                below.add(new Level(join(path, key.getValue()), keys(member)));
            }
        }
        var found = mapping(mapping, path, known, below);
        if (problems.size() > before) {
            return null;
        }
        if (found.size() != 1) {
            problem(
                    node,
                    path,
                    found.isEmpty() ? "is empty" : "has %s at once".formatted(String.join(" and ", found.keySet())),
                    found.isEmpty() ? choice : "Write one of them; use a document or list entry for each.");
            return null;
        }
        var only = found.entrySet().iterator().next();
        return record(only.getValue(), members.get(only.getKey()), join(path, only.getKey()), Map.of());
    }

    /// A record out of a mapping; components in `given` are not read but taken as they are.
    @Nullable
    Object record(Node node, @Nullable Class<?> type, String path, Map<String, Object> given) {
        if (type == null) {
            return null;
        }
        var beside = beside(type).filter(each -> !given.containsKey(each.getName()));
        if (beside.isPresent()) {
            return around(node, type, beside.get(), path, given);
        }
        var components = type.getRecordComponents();
        var doc = type.getAnnotation(Doc.class);
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL)) {
            if (doc != null && !doc.plain().isEmpty()) {
                problem(node, path, "is empty", "Write its %s, or leave the key away.".formatted(doc.plain()));
                return null;
            }
            return record(emptyAt(node), type, path, given);
        }
        if (!(node instanceof MappingNode mapping)) {
            if (doc == null || doc.plain().isEmpty()) {
                problem(node, path, "is no mapping", "Write { %s }.".formatted(keys(components, given)));
                return null;
            }
            return plain(node, type, path, doc.plain());
        }
        int before = problems.size();
        var known = Arrays.stream(components)
                .filter(each -> !given.containsKey(each.getName()))
                .map(Binder::key)
                .toList();
        var nodes = mapping(mapping, path, known, below(type, path));
        in(path, known);
        var values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            var component = components[i];
            if (given.containsKey(component.getName())) {
                values[i] = given.get(component.getName());
                continue;
            }
            var written = nodes.get(key(component));
            if (written == null && isOfFields(component) && problems.size() > before) {
                continue; // its fields stand here instead, which is told
            }
            isOfMatch = type == LogRoute.Match.class;
            values[i] = written != null
                    ? value(written, component.getGenericType(), join(path, key(component)))
                    : absent(node, component, join(path, key(component)));
        }
        around.pop();
        return problems.size() > before ? check(node, type, path, values) : make(node, type, path, values);
    }

    private @Nullable Object plain(Node node, Class<?> type, String path, String component) {
        int before = problems.size();
        var components = type.getRecordComponents();
        var values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = key(components[i]).equals(component)
                    ? value(node, components[i].getGenericType(), path)
                    : absent(node, components[i], join(path, key(components[i])));
        }
        return problems.size() > before ? null : make(node, type, path, values);
    }

    /// Lets the constructor check what could be read, where some of it could not: for that stands what the
    /// component is by default, or as its page shows it.
    private @Nullable Object check(Node node, Class<?> type, String path, @Nullable Object[] values) {
        var components = type.getRecordComponents();
        var standIns = new HashSet<String>();
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                standIns.add(key(components[i]));
                values[i] = standIn(components[i]);
                if (values[i] == null) {
                    return null;
                }
            }
        }
        make(node, type, path, values, standIns);
        return null;
    }

    private @Nullable Object make(Node node, Class<?> type, String path, @Nullable Object[] values) {
        return make(node, type, path, values, new HashSet<>());
    }

    /// A constructor tells one thing that is wrong. Where it is about one component, that one is replaced and
    /// it is asked again, so that all is told.
    ///
    /// @param standIns the components that are not as they were written; a message about them is none
    private @Nullable Object make(
            Node node, Class<?> type, String path, @Nullable Object[] values, Set<String> standIns) {
        boolean isGood = true;
        while (true) {
            try {
                var made = made(type, values);
                return isGood ? made : null;
            } catch (IllegalArgumentException wrong) {
                isGood = false;
                if (standIns.stream().noneMatch(key -> isAbout(wrong, key))) {
                    told(node, place(type, path, wrong), wrong, type);
                }
                int at = component(type, wrong);
                if (at < 0 || !standIns.add(key(type.getRecordComponents()[at]))) {
                    return null;
                }
                values[at] = standIn(type.getRecordComponents()[at]);
                if (values[at] == null) {
                    return null;
                }
            }
        }
    }

    private static Object made(Class<?> type, @Nullable Object[] values) {
        try {
            var types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw wrong;
            }
            throw new IllegalStateException(type + " failed", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " is no record that can be made", e);
        }
    }

    /// What may stand for a component that could not be read; `null` when nothing may.
    private static @Nullable Object standIn(RecordComponent component) {
        var doc = component.getAnnotation(Doc.class);
        if (doc != null && !doc.or().isEmpty()) {
            return byDefault(component, doc.or());
        }
        if (component.getType() == Optional.class) {
            return Optional.empty();
        }
        return doc == null || doc.example().isEmpty() ? null : byDefault(component, doc.example());
    }

    private static boolean isAbout(IllegalArgumentException wrong, String key) {
        return Pattern.compile("\\b" + Pattern.quote(key) + "\\b")
                .matcher(String.valueOf(wrong.getMessage()))
                .find();
    }

    /// A message that begins with the name of a component is told at that component.
    private static String place(Class<?> type, String path, IllegalArgumentException wrong) {
        int at = component(type, wrong);
        return at < 0 ? path : join(path, key(type.getRecordComponents()[at]));
    }

    /// The component with whose name the message begins; -1 when there is none.
    private static int component(Class<?> type, IllegalArgumentException wrong) {
        var first = String.valueOf(wrong.getMessage()).split(" ", 2)[0];
        var components = type.getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            if (key(components[i]).equals(first)) {
                return i;
            }
        }
        return -1;
    }

    private @Nullable Object absent(Node around, RecordComponent component, String path) {
        var doc = component.getAnnotation(Doc.class);
        if (doc != null && !doc.or().isEmpty()) {
            return byDefault(component, doc.or());
        }
        if (component.getType() == Optional.class) {
            return Optional.empty();
        }
        var example = doc == null || doc.example().isEmpty()
                ? example(component.getType())
                : key(component) + ": " + doc.example();
        problem(around, path, "is missing", "Write for instance %s.".formatted(example));
        return null;
    }

    static Object byDefault(RecordComponent component, String text) {
        var name = component.getDeclaringRecord().getName() + "." + component.getName();
        var known = DEFAULTS.get(name);
        if (known != null) {
            return known;
        }
        // Not in one step: defaults have defaults in them.
        var made = read(component, text);
        DEFAULTS.put(name, made);
        return made;
    }

    private static Object read(RecordComponent component, String text) {
        var defaults = new Binder("the default of " + component);
        var node = new Yaml(new LoaderOptions()).compose(new java.io.StringReader(text));
        var value = defaults.value(node, component.getGenericType(), "");
        if (value == null) {
            throw new IllegalStateException(defaults.problems().toString());
        }
        return value;
    }

    private void told(Node node, String path, IllegalArgumentException wrong, Class<?> type) {
        // The last one: what people wrote stands before it, and may have a semicolon too.
        var message = String.valueOf(wrong.getMessage());
        int cut = message.lastIndexOf("; ");
        var what = cut < 0 ? message : message.substring(0, cut);
        var mend = cut < 0 ? "Write " + example(type) + "." : sentence(message.substring(cut + 2));
        int line = lines.getOrDefault(
                path, node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1);
        problems.add(
                new Problem(file + ":" + line + (path.isEmpty() ? "" : ": " + shown(path)), shown(what), shown(mend)));
    }

    static String sentence(String text) {
        var upper = Character.toUpperCase(text.charAt(0)) + text.substring(1);
        return upper.endsWith(".") || upper.endsWith("?") ? upper : upper + ".";
    }

    private static String keys(RecordComponent[] components, Map<String, Object> given) {
        return Arrays.stream(components)
                .filter(each -> !given.containsKey(each.getName()))
                .map(each -> key(each) + ": …")
                .collect(Collectors.joining(", "));
    }

    static String key(RecordComponent component) {
        var doc = component.getAnnotation(Doc.class);
        return doc == null || doc.key().isEmpty() ? component.getName() : doc.key();
    }

    private static String example(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class) {
            return "a whole number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == Duration.class) {
            return "a duration such as 5s";
        }
        if (type == ByteSize.class) {
            return "a size such as 64MiB";
        }
        return List.class.isAssignableFrom(type) ? "a list" : "a value";
    }

    private static MappingNode emptyAt(Node node) {
        return mappingAt(node, new ArrayList<>());
    }

    private static MappingNode mappingAt(Node node, List<NodeTuple> entries) {
        return new MappingNode(
                Tag.MAP,
                true,
                entries,
                node.getStartMark(),
                node.getEndMark(),
                org.yaml.snakeyaml.DumperOptions.FlowStyle.FLOW);
    }

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException("this is no address; write for instance http://host:9200", e);
        }
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "\"%s\" is no time zone; write for instance UTC, Europe/Berlin or +02:00".formatted(text), e);
        }
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "\"%s\" is no path of a file; write for instance /run/secrets/key".formatted(text), e);
        }
    }
}
