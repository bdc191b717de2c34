package io.logroute.plan.swarm;

import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.Revision;
import io.logroute.spec.Read;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A revision of a router's pipeline that lies in the swarm, and what is known of it there: its configs, in
/// the order of their parts. The first one carries what is known.
///
/// @param whole whether all parts are there
public record Known(String router, String revision, List<OwnedConfig> configs, boolean whole) {
    private static final int REMEMBERED = 256;

    /// What was read lately, by revision: the same text is the same pipeline, and reading a thousand routes
    /// takes time.
    private static final Map<String, Optional<PipelineDefinition>> PARSED =
            Collections.synchronizedMap(new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Optional<PipelineDefinition>> eldest) {
                    return size() > REMEMBERED;
                }
            });

    public Known {
        configs = List.copyOf(configs);
    }

    /// Those of a router, the newest first.
    public static List<Known> of(Owned owned, String router) {
        var byRevision = new TreeMap<String, List<OwnedConfig>>();
        for (var config : owned.configs().values()) {
            var revision = config.labels().get(Label.REVISION);
            if (revision != null && router.equals(config.labels().get(Label.ROUTER)) && isNamed(config, revision)) {
                byRevision.computeIfAbsent(revision, _ -> new ArrayList<>()).add(config);
            }
        }
        var all = new ArrayList<Known>();
        byRevision.forEach((revision, configs) -> {
            configs.sort(Comparator.comparingInt(each -> part(each)[0]));
            if (part(configs.getFirst())[0] == 1) {
                all.add(new Known(router, revision, configs, configs.size() == part(configs.getFirst())[1]));
            }
        });
        all.sort(Comparator.comparingLong(Known::generation).reversed().thenComparing(Known::revision));
        return all;
    }

    /// Whether its name says what its labels say: a copy that somebody made under another name is none of ours.
    private static boolean isNamed(OwnedConfig config, String revision) {
        var labels = config.labels();
        var name = "%s-%s-%s".formatted(labels.get(Label.MANAGED_BY), labels.get(Label.ROUTER), revision);
        var part = labels.get(Label.PART);
        return config.name().equals(part == null ? name : name + "-" + part);
    }

    /// `2of3` as numbers; what carries no such label is the only part.
    private static int[] part(OwnedConfig config) {
        var words = config.labels().getOrDefault(Label.PART, "1of1").split("of", 2);
        try {
            return new int[] {Integer.parseInt(words[0]), Integer.parseInt(words[1])};
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return new int[] {0, 0};
        }
    }

    public OwnedConfig head() {
        return configs.getFirst();
    }

    private Optional<String> label(String name) {
        return Optional.ofNullable(head().labels().get(name)).filter(value -> !value.isEmpty());
    }

    public long generation() {
        return label(Label.GENERATION)
                .filter(text -> text.matches("[0-9]{1,15}")) // no more than could ever be made
                .map(Long::parseLong)
                .orElse(0L);
    }

    public Optional<java.time.Instant> since() {
        try {
            return label(Label.SINCE).map(java.time.Instant::parse);
        } catch (java.time.format.DateTimeParseException e) {
            return Optional.empty();
        }
    }

    public boolean accepted() {
        return label(Label.ACCEPTED).isPresent();
    }

    public Optional<String> refused() {
        return label(Label.REFUSED);
    }

    public Optional<String> instead() {
        return label(Label.INSTEAD);
    }

    public boolean paused() {
        return label(Label.PAUSED).isPresent();
    }

    public Optional<String> sources() {
        return label(Label.SOURCES);
    }

    /// The node of each instance, by number.
    SortedMap<Integer, String> placed() {
        return numbered(Label.PLACED);
    }

    /// The version that the service of each instance had before it was updated to this revision.
    SortedMap<Integer, String> tried() {
        return numbered(Label.TRIED);
    }

    private SortedMap<Integer, String> numbered(String name) {
        return numbers(label(name).orElse(""));
    }

    /// What [#write] wrote.
    static SortedMap<Integer, String> numbers(String text) {
        var values = new TreeMap<Integer, String>();
        for (var pair : text.split(",")) {
            var words = pair.split("=", 2);
            if (words.length == 2 && words[0].matches("[0-9]{1,6}") && !words[1].isEmpty()) {
                values.put(Integer.parseInt(words[0]), words[1]);
            }
        }
        return values;
    }

    /// `0=a,1=b`.
    static String write(Map<Integer, String> values) {
        var words = new ArrayList<String>();
        new TreeMap<>(values).forEach((number, value) -> words.add(number + "=" + value));
        return String.join(",", words);
    }

    /// What is mounted, by path.
    SortedMap<String, String> files() {
        var files = new TreeMap<String, String>();
        for (int i = 0; i < configs.size(); i++) {
            files.put(
                    Fleets.FOLDER + "/" + Packed.name(i, configs.size()),
                    configs.get(i).name());
        }
        return files;
    }

    /// The canonical text; empty when parts are missing, or it is not what its name says.
    public Optional<String> text() {
        if (!whole) {
            return Optional.empty();
        }
        var content = new ByteArrayOutputStream();
        configs.forEach(each -> content.writeBytes(each.content().bytes()));
        return switch (Packed.text(content.toByteArray())) {
            case Read.Good<String>(var text) ->
                Optional.of(text).filter(each -> Revision.of(each).hash().equals(revision));
            case Read.Bad<String> _ -> Optional.empty();
        };
    }

    /// The pipeline; empty when it cannot be read, as that of a newer LogRoute.
    public Optional<PipelineDefinition> pipeline() {
        var text = text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        var known = PARSED.get(revision);
        if (known == null) {
            known = switch (PipelineDefinition.parse(text.get())) {
                case Read.Good<PipelineDefinition>(var pipeline) -> Optional.of(pipeline);
                case Read.Bad<PipelineDefinition> _ -> Optional.empty();
            };
            PARSED.put(revision, known);
        }
        return known;
    }
}
