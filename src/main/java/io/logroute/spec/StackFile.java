package io.logroute.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// A stack file, as `docker stack deploy` takes it, as far as labels of ours are concerned: the
/// labels of each service that stand under `deploy`, as a mapping or as a list of `key=value`, with
/// anchors and merges followed, and variables put in.
///
/// What Docker would refuse or read otherwise is a problem: a label on the container, a truth value
/// without quotes, a single `$`.
///
/// @param stack the name of the stack
/// @param services those that have labels of ours, as the swarm will name them
/// @param problems with the file; those of the labels themselves are [Labels]' to find
public record StackFile(String stack, List<Labels.OfService> services, List<Problem> problems) {
    /// Docker's own: `$$`, `$NAME`, `${NAME}` and what may stand behind the name.
    private static final Pattern VARIABLE = Pattern.compile(
            "\\$(?:(?<escaped>\\$)|(?<named>[_a-zA-Z][_a-zA-Z0-9]*)|\\{(?<braced>[_a-zA-Z][_a-zA-Z0-9]*)(?:(?<how>:?[-?])(?<other>[^}]*))?}|)");

    public StackFile {
        services = List.copyOf(services);
        problems = List.copyOf(problems);
    }

    /// Reads one.
    ///
    /// @param file the name that problems are told with
    /// @param stack the name that the stack will be deployed under, where it is known
    /// @param folder the name of the folder that the file lies in: the stack's name when neither
    ///     `stack` nor `name:` in the file says it
    /// @param environment the variables that there are
    public static StackFile read(
            String file,
            String yaml,
            Optional<String> stack,
            String folder,
            Function<String, @Nullable String> environment) {
        return new Reader(file, stack, folder, environment).read(yaml);
    }

    /// As Compose makes one of a folder's name.
    private static String tame(String folder) {
        var tame = folder.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "").replaceAll("^[_-]+", "");
        return tame.isEmpty() ? "stack" : tame;
    }

    /// One reading: what it has found so far.
    private static final class Reader {
        private final String file;
        private final Function<String, @Nullable String> environment;
        private final Binder binder;
        private final List<Labels.OfService> services = new ArrayList<>();
        private String stack;
        private final boolean isNamed;
        private int documents;

        Reader(String file, Optional<String> stack, String folder, Function<String, @Nullable String> environment) {
            this.file = file;
            this.environment = environment;
            this.binder = new Binder(file);
            this.stack = stack.orElseGet(() -> tame(folder));
            this.isNamed = stack.isPresent();
        }

        StackFile read(String yaml) {
            SpecReader.compose(
                    yaml,
                    this::document,
                    (line, what, mend) -> binder.problems().add(new Problem(file + ":" + line, what, mend)));
            if (documents == 0 && binder.problems().isEmpty()) {
                binder.problems().add(new Problem(file + ":1", NO_SERVICES, MEND));
            }
            return new StackFile(stack, services, binder.problems());
        }

        private static final String NO_SERVICES = "there are no services in it";
        private static final String MEND = "Name a stack file, or a Compose file: one with services: in it.";

        private void document(Node node) {
            if (++documents > 1) {
                binder.problem(node, "", "it has several documents", "Docker reads the first; write several files.");
                return;
            }
            var top = node instanceof MappingNode mapping ? mapping : null;
            var name = top == null ? null : child(top, "", "name");
            if (!isNamed
                    && name instanceof ScalarNode scalar
                    && !scalar.getValue().isBlank()) {
                stack = filled(scalar, "name");
            }
            if (top == null || !(child(top, "", "services") instanceof MappingNode all)) {
                binder.problem(node, "services", NO_SERVICES, MEND);
                return;
            }
            for (var each : binder.entries(all, "services")) {
                if (each.getKeyNode() instanceof ScalarNode key && each.getValueNode() instanceof MappingNode service) {
                    service(key.getValue(), service);
                }
            }
        }

        private void service(String name, MappingNode service) {
            var path = "services." + name;
            var labels = child(service, path, "deploy") instanceof MappingNode deploy
                    ? labels(child(deploy, path + ".deploy", "labels"), path + ".deploy.labels")
                    : List.<Labels.Label>of();
            if (!labels.isEmpty()) {
                services.add(new Labels.OfService(file, stack + "_" + name, Optional.of(stack), labels));
            }
            if (child(service, path, "labels") instanceof Node onContainer) {
                misplaced(onContainer, path + ".labels");
            }
        }

        private void misplaced(Node labels, String path) {
            for (var each : entries(labels, path)) {
                if (Labels.isOurs(each.key())) {
                    binder.problem(
                            each.place(),
                            path,
                            "the label %s stands on the container, where nobody reads it".formatted(each.key()),
                            "Put the labels of logroute under deploy.labels of the service.");
                    return;
                }
            }
        }

        // ---- labels

        /// @param value `null` when there is nothing
        private record Entry(String key, @Nullable Node value, Node place) {}

        private List<Labels.Label> labels(@Nullable Node node, String path) {
            var labels = new ArrayList<Labels.Label>();
            for (var each : node == null ? List.<Entry>of() : entries(node, path)) {
                if (Labels.isOurs(each.key())) {
                    int line = each.place().getStartMark().getLine() + 1;
                    int before = binder.problems().size();
                    var text = text(each);
                    boolean isTold = text.isBlank() && binder.problems().size() > before;
                    labels.add(new Labels.Label(each.key(), text, line, isTold));
                }
            }
            return labels;
        }

        private List<Entry> entries(Node node, String path) {
            var entries = new ArrayList<Entry>();
            if (node instanceof MappingNode mapping) {
                for (var tuple : binder.entries(mapping, path)) {
                    if (tuple.getKeyNode() instanceof ScalarNode key) {
                        entries.add(new Entry(key.getValue(), tuple.getValueNode(), key));
                    }
                }
            } else if (node instanceof SequenceNode sequence) {
                for (var item : sequence.getValue()) {
                    if (item instanceof ScalarNode scalar) {
                        entries.add(new Entry(scalar.getValue().replaceFirst("(?s)=.*", ""), scalar, scalar));
                    } else if (item instanceof MappingNode mapping) {
                        mapping.getValue().forEach(tuple -> noItem(tuple, path, entries));
                    }
                }
            }
            return entries;
        }

        /// `- logroute.to: es`, which is a mapping in a list: it is told, and its value is looked at all the
        /// same.
        private void noItem(NodeTuple tuple, String path, List<Entry> entries) {
            if (tuple.getKeyNode() instanceof ScalarNode key && Labels.isOurs(key.getValue())) {
                binder.problem(
                        key,
                        path,
                        "%s is a mapping in a list, and Docker refuses it".formatted(key.getValue()),
                        "Write - %s=VALUE, or leave the - away everywhere.".formatted(key.getValue()));
                entries.add(new Entry(key.getValue(), tuple.getValueNode(), key));
            }
        }

        private String text(Entry entry) {
            if (entry.value() == null || entry.value().getTag().equals(Tag.NULL)) {
                return "";
            }
            if (!(entry.value() instanceof ScalarNode scalar)) {
                binder.problem(
                        entry.place(),
                        entry.key(),
                        "is no single value",
                        "Labels are text: write one value, in quotes.");
                return entry.value() instanceof SequenceNode list ? items(list) : "";
            }
            if (scalar == entry.place()) {
                var whole = filled(scalar, entry.key());
                int equals = whole.indexOf('=');
                return equals < 0 ? "" : whole.substring(equals + 1);
            }
            if (scalar.getTag().equals(Tag.BOOL)) {
                var meant = Labels.isEnable(entry.key()) ? truth(scalar.getValue()) : scalar.getValue();
                binder.problem(
                        scalar,
                        entry.key(),
                        "%s without quotes is no text, and Docker refuses it".formatted(scalar.getValue()),
                        "Write \"%s\".".formatted(meant));
                return meant;
            }
            return filled(scalar, entry.key());
        }

        private static String items(SequenceNode list) {
            return list.getValue().stream()
                    .map(item -> item instanceof ScalarNode scalar ? scalar.getValue() : "")
                    .collect(Collectors.joining(", "));
        }

        /// `true` or `false`, for all the words that YAML has for them.
        private static String truth(String word) {
            return List.of("true", "yes", "on", "y").contains(word.toLowerCase(Locale.ROOT)) ? "true" : "false";
        }

        /// With the variables put in, as Docker does.
        private String filled(ScalarNode scalar, String path) {
            var told = new HashSet<String>();
            return VARIABLE.matcher(scalar.getValue())
                    .replaceAll(found -> java.util.regex.Matcher.quoteReplacement(variable(found, scalar, path, told)));
        }

        private String variable(MatchResult found, ScalarNode scalar, String path, HashSet<String> told) {
            if (found.group("escaped") != null) {
                return "$";
            }
            var name = found.group("named") == null ? found.group("braced") : found.group("named");
            if (name == null) {
                if (told.add("")) {
                    binder.problem(
                            scalar,
                            path,
                            "has a $ that Docker takes for a variable",
                            "A $ that is meant is written $$.");
                }
                return "$";
            }
            var value = environment.apply(name);
            var how = found.group("how");
            boolean emptyIsMissing = how != null && how.startsWith(":");
            if (value != null && !(value.isEmpty() && emptyIsMissing)) {
                return value;
            }
            if (how != null && how.endsWith("-")) {
                return found.group("other");
            }
            if (told.add(name)) {
                binder.problem(
                        scalar,
                        path,
                        "takes the variable %s, which is not set here".formatted(name),
                        "Set it, or write ${%s:-...} with what it is otherwise; a $ that is meant is written $$."
                                .formatted(name));
            }
            return "";
        }

        private @Nullable Node child(MappingNode mapping, String path, String key) {
            return binder.entries(mapping, path).stream()
                    .filter(each -> each.getKeyNode() instanceof ScalarNode scalar
                            && scalar.getValue().equals(key))
                    .map(NodeTuple::getValueNode)
                    .findFirst()
                    .orElse(null);
        }
    }
}
