package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// The filters that labels can say, in the order in which a route out of labels has them: lines are
/// joined first; what nobody should read is taken out before anything is made of it; what is parsed
/// can be asked for; what is removed is removed last, so that all before it could ask for it.
///
/// Each makes of a label's text what a spec would hold, and the text of a filter again.
enum LabelFilter {
    MULTILINE {
        @Override
        Object tree(String text, String service) {
            // A word that is no preset is one mistyped, and no pattern.
            return Map.of("multiline", Map.of(isWord(text) ? "preset" : "start", isWord(text) ? text.strip() : text));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Multiline multiline
                    ? multiline
                            .preset()
                            .map(Words::key)
                            .or(() -> multiline.start().map(LinePattern::text))
                            .orElse("")
                    : "";
        }
    },
    REDACT {
        @Override
        String list(String text) {
            return text;
        }

        @Override
        Object tree(String text, String service) {
            return Map.of("redact", Map.of("patterns", items(text)));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Redact redact
                    ? String.join(
                            ", ", redact.patterns().stream().map(Words::key).toList())
                    : "";
        }
    },
    PARSE {
        @Override
        String list(String text) {
            return text.startsWith("csv:") ? text.substring("csv:".length()) : "";
        }

        @Override
        Object tree(String text, String service) {
            int colon = text.indexOf(':');
            if (colon < 0) {
                var word = text.strip();
                require(
                        !PARSERS_OF.containsKey(word),
                        "\"%s\" needs more; write for instance %s: %s",
                        word,
                        word,
                        PARSERS_OF.getOrDefault(word, ""));
                require(PARSERS.contains(word), "\"%s\" is no way to parse; %s", word, suggestion(word));
                return Map.of("parse", Map.of(word, Map.of()));
            }
            var word = text.substring(0, colon).strip();
            var rest = text.substring(text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
            require(!PARSERS.contains(word), "\"%s\" takes nothing more; write only %s", word, word);
            require(
                    PARSERS_OF.containsKey(word),
                    "\"%s\" is no way to parse; %s",
                    word.length() > 40 ? text : word,
                    suggestion(word));
            require(
                    !rest.isBlank(),
                    "\"%s\" needs more; write for instance %s: %s",
                    word,
                    word,
                    PARSERS_OF.getOrDefault(word, ""));
            return Map.of(
                    "parse",
                    switch (word) {
                        case "grok" -> Map.of(word, Map.of("patterns", List.of(rest)));
                        case "csv" -> Map.of(word, Map.of("columns", items(rest)));
                        default -> Map.of(word, Map.of("pattern", rest));
                    });
        }

        private static String suggestion(String word) {
            if (word.startsWith("%{")) {
                return "write for instance grok: %s, or dissect: and a pattern".formatted(word);
            }
            return Words.suggestion(
                    word,
                    Stream.concat(PARSERS.stream(), PARSERS_OF.keySet().stream())
                            .toList());
        }

        @Override
        String write(FilterSpec filter) {
            if (!(filter instanceof FilterSpec.Parse parse)) {
                return "";
            }
            var word = Words.key(parse.how().getClass());
            return switch (parse.how()) {
                case ParseSpec.Json _,
                        ParseSpec.Logfmt _,
                        ParseSpec.KeyValue _,
                        ParseSpec.Nginx _,
                        ParseSpec.Apache _ -> word;
                case ParseSpec.Dissect dissect -> word + ": " + dissect.pattern();
                case ParseSpec.Regex regex -> word + ": " + regex.pattern();
                case ParseSpec.Grok grok -> word + ": " + grok.patterns().getFirst();
                case ParseSpec.Csv csv -> word + ": " + String.join(", ", csv.columns());
            };
        }
    },
    LEVEL {
        @Override
        Object tree(String text, String service) {
            var field = text.strip();
            if (field.equals("true")) {
                return Map.of("level", Map.of());
            }
            boolean isLevel = Stream.of(FilterSpec.LogLevel.values())
                    .anyMatch(level -> level.name().equalsIgnoreCase(field));
            require(
                    !isLevel,
                    "\"%s\" is a level, and not the field that holds one; write true, or the field. To lose some levels"
                            + " there is logroute.drop: event.level in [\"trace\", \"debug\"]",
                    field);
            require(!field.equals("false"), "\"false\" is no field; leave the label away");
            return Map.of("level", Map.of("field", field));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Level level
                    ? level.field().map(LabelFilter::unlikeTrue).orElse("true")
                    : "";
        }
    },
    /// Said by a label for each field; see [Labels].
    SET {
        @Override
        Object tree(String text, String service) {
            throw new IllegalStateException("set stands with a field");
        }

        @Override
        String write(FilterSpec filter) {
            throw new IllegalStateException("set stands with a field");
        }
    },
    DROP {
        @Override
        Object tree(String text, String service) {
            return Map.of("drop", Map.of("when", text));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Drop drop
                    ? drop.when().map(When::text).orElse("true")
                    : "";
        }
    },
    SAMPLE {
        @Override
        Object tree(String text, String service) {
            var share = text.replace(" ", "");
            return Map.of(
                    "sample",
                    share.startsWith("1/") ? Map.of("oneIn", share.substring(2)) : Map.of("rate", text.strip()));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Sample sample
                    ? sample.oneIn()
                            .map(n -> "1/" + n)
                            .or(() -> sample.rate().map(Share::toString))
                            .orElse("")
                    : "";
        }
    },
    THROTTLE {
        @Override
        Object tree(String text, String service) {
            // It is the service's own rate, whatever its events call it.
            return Map.of("throttle", Map.of("rate", text.strip(), "key", service));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Throttle throttle
                    ? throttle.rate().toString()
                    : "";
        }
    },
    REMOVE {
        @Override
        String list(String text) {
            return text;
        }

        @Override
        Object tree(String text, String service) {
            return Map.of("remove", Map.of("fields", items(text)));
        }

        @Override
        String write(FilterSpec filter) {
            return filter instanceof FilterSpec.Remove remove
                    ? String.join(
                            ", ",
                            remove.fields().stream().map(FieldPath::toString).toList())
                    : "";
        }
    };

    /// Ways to parse that need nothing more.
    static final List<String> PARSERS = List.of("json", "logfmt", "keyValue", "nginx", "apache");

    /// Ways to parse that need something behind a colon, with an example of it.
    static final Map<String, String> PARSERS_OF = Map.of(
            "dissect", "%{time} %{level} %{text}",
            "grok", "%{COMBINEDAPACHELOG}",
            "regex", "^(?<code>[0-9]{3}) (?<reason>.*)$",
            "csv", "time, user, amount");

    /// The label's key, without what stands before it.
    String key() {
        return Words.key(this);
    }

    /// What stands in a spec where the label has that text.
    ///
    /// @param service the service that the label is of
    /// @throws IllegalArgumentException when the text says nothing that there is
    abstract Object tree(String text, String service);

    /// What of the label's text is a list with commas.
    String list(String text) {
        return "";
    }

    /// The text of the label that says the filter, as far as labels can.
    abstract String write(FilterSpec filter);

    /// The one that says such a filter.
    static Optional<LabelFilter> of(FilterSpec filter) {
        return Stream.of(values())
                .filter(each -> each.key().equals(Words.key(filter.getClass())))
                .findFirst();
    }

    /// The items of a list, as labels have it: between commas. What is empty is none.
    static List<String> items(String text) {
        return Stream.of(text.split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    /// Whether there is nothing between two commas, or beside one.
    static boolean hasGap(String list) {
        return list.indexOf(',') >= 0 && Stream.of(list.split(",", -1)).anyMatch(String::isBlank);
    }

    private static boolean isWord(String text) {
        return text.strip().chars().allMatch(c -> Character.isLetter(c) || c == '.' || c == '-' || c == '_');
    }

    /// A field of the name of a word is written in brackets.
    private static String unlikeTrue(FieldPath field) {
        var text = field.toString();
        boolean isWord = List.of("true", "false").contains(text)
                || Stream.of(FilterSpec.LogLevel.values())
                        .anyMatch(level -> level.name().equals(text.toUpperCase(Locale.ROOT)));
        return isWord ? "[" + text + "]" : text;
    }

    /// The same as YAML would have it, with all that is plain as text.
    static Node node(Object tree) {
        var mark = new Mark("", 0, 0, 0, new int[0], 0);
        return switch (tree) {
            case Map<?, ?> map -> {
                var entries = new ArrayList<NodeTuple>();
                map.forEach((key, value) -> entries.add(new NodeTuple(node(key), node(value))));
                yield new MappingNode(Tag.MAP, true, entries, mark, mark, DumperOptions.FlowStyle.FLOW);
            }
            case List<?> list ->
                new SequenceNode(
                        Tag.SEQ,
                        true,
                        list.stream().map(LabelFilter::node).toList(),
                        mark,
                        mark,
                        DumperOptions.FlowStyle.FLOW);
            default -> new ScalarNode(Tag.STR, tree.toString(), mark, mark, DumperOptions.ScalarStyle.DOUBLE_QUOTED);
        };
    }
}
