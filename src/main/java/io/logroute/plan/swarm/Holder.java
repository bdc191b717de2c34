package io.logroute.plan.swarm;

import io.logroute.plan.InstanceReport;
import io.logroute.plan.Stage;
import io.logroute.plan.VolumeState.Cause;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// An instance as the swarm remembers it, be its service there or not: where its events lie, how far it is on its
/// way out, and what it held when it was last heard of. It lies on the labels of a config that is called as its
/// service and its volume are, so that whichever controller looks goes on with it.
///
/// Reading is tolerant: what cannot be read is as if it were not there, and stays on the labels as it is.
///
/// @param name of its config, its service and its volume: `logroute_core-2`
/// @param node the id of its node; empty where it keeps its events elsewhere, and Swarm may move it
/// @param hostname the name of that node
/// @param since when it came to its stage
/// @param why it is on its way out; absent when it is not
/// @param away since when its node is down, takes no tasks or is gone
/// @param buffer the id of its buffer; empty when it was never heard of
/// @param held what it held when that was last noted down
/// @param lost what it held and is gone, in words, until somebody says to forget it
/// @param failed why its volume was not removed when that was tried last
/// @param asked who asked for it to be drained while it was on its way out for another reason
/// @param files whether a pipeline ran there that writes files on its volume
/// @param forgotten whether somebody said to forget it
/// @param config where it lies in the swarm; empty where it does not yet
public record Holder(
        String name,
        String router,
        int instance,
        String node,
        String hostname,
        Stage stage,
        Optional<Instant> since,
        Optional<Why> why,
        Optional<Instant> away,
        String buffer,
        Optional<Held> held,
        Optional<String> lost,
        Optional<String> failed,
        Optional<String> asked,
        boolean files,
        boolean forgotten,
        Optional<OwnedConfig> config) {
    /// What its config says it is, on [Label#ROLE].
    static final String ROLE = "volume";

    private static final int LONGEST = 500;
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,5}");

    /// Why an instance is on its way out: `scale: 2 are wanted`.
    public record Why(Cause cause, String words) {
        public Why {
            words = shortened(words);
        }

        /// What no LogRoute of this age writes stands until an operator takes it back.
        static Why read(String text) {
            var parts = text.split(":", 2);
            for (var cause : Cause.values()) {
                if (parts.length == 2 && cause.word().equals(parts[0].strip())) {
                    return new Why(cause, parts[1].strip());
                }
            }
            return new Why(Cause.OPERATOR, text.strip());
        }

        @Override
        public String toString() {
            return "%s: %s".formatted(cause.word(), words);
        }
    }

    /// What an instance held.
    ///
    /// @param kind where its buffer keeps events
    /// @param events those that at least one sink had not settled
    /// @param bytes that the buffer occupied
    /// @param oldest when the oldest of the events was received
    /// @param letters dead letters
    /// @param at when it said so
    public record Held(
            InstanceReport.Kind kind, long events, long bytes, Optional<Instant> oldest, long letters, Instant at) {
        static Held of(InstanceReport report, Instant at) {
            var buffer = report.buffer();
            return new Held(
                    buffer.kind(),
                    Math.max(buffer.events(), 0),
                    Math.max(buffer.bytes(), 0),
                    buffer.oldest(),
                    Math.max(report.holding().letters(), 0),
                    at);
        }

        /// Whether there is nothing that somebody could miss.
        boolean isNothing() {
            return events == 0 && letters == 0;
        }

        /// `it held 12 events (3456 bytes), the oldest of 2026-..., and 3 dead letters`.
        String inWords() {
            return "it held %d event%s (%d bytes)%s%s"
                    .formatted(
                            events,
                            events == 1 ? "" : "s",
                            bytes,
                            oldest.map(each -> ", the oldest of " + each).orElse(""),
                            letters == 0 ? "" : ", and %d dead letter%s".formatted(letters, letters == 1 ? "" : "s"));
        }

        static Optional<Held> read(String text) {
            var values = new HashMap<String, String>();
            for (var pair : text.split(",")) {
                var words = pair.split("=", 2);
                if (words.length == 2) {
                    values.put(words[0].strip(), words[1].strip());
                }
            }
            var at = instant(values.get("at"));
            if (at.isEmpty() || number(values.get("events")).isEmpty()) {
                return Optional.empty();
            }
            var kind = InstanceReport.Kind.DISK;
            for (var each : InstanceReport.Kind.values()) {
                kind = each.name().toLowerCase(Locale.ROOT).equals(values.get("kind")) ? each : kind;
            }
            return Optional.of(new Held(
                    kind,
                    number(values.get("events")).orElse(0L),
                    number(values.get("bytes")).orElse(0L),
                    instant(values.get("oldest")),
                    number(values.get("letters")).orElse(0L),
                    at.get()));
        }

        @Override
        public String toString() {
            return "events=%d,bytes=%d,letters=%d%s,kind=%s,at=%s"
                    .formatted(
                            events,
                            bytes,
                            letters,
                            oldest.map(each -> ",oldest=" + each).orElse(""),
                            kind.name().toLowerCase(Locale.ROOT),
                            at);
        }
    }

    public Holder {
        if (instance < 0) {
            throw new IllegalArgumentException(
                    "an instance of router %s has number %d; instances count from 0".formatted(router, instance));
        }
        lost = lost.map(Holder::shortened);
        failed = failed.map(Holder::shortened);
    }

    /// One that serves, and of which nothing was heard yet.
    static Holder serving(String name, String router, int instance, String node, String hostname, Instant since) {
        return new Holder(
                name,
                router,
                instance,
                node,
                hostname,
                Stage.SERVING,
                Optional.of(since),
                Optional.empty(),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                Optional.empty());
    }

    /// Those of a router that lie in the swarm, by number.
    public static SortedMap<Integer, Holder> of(Owned owned, String router) {
        var all = new TreeMap<Integer, Holder>();
        for (var config : owned.configs().values()) {
            if (router.equals(config.labels().get(Label.ROUTER))) {
                read(config).ifPresent(each -> all.put(each.instance(), each));
            }
        }
        return all;
    }

    /// The names of all that lie in the swarm: of their configs, services and volumes.
    public static Set<String> names(Owned owned) {
        return owned.configs().values().stream()
                .flatMap(config -> read(config).stream())
                .map(Holder::name)
                .collect(Collectors.toSet());
    }

    /// Whether somebody said to forget the instance of that name, whatever it holds.
    public static boolean isForgotten(Owned owned, String name) {
        return Optional.ofNullable(owned.configs().get(name))
                .flatMap(Holder::read)
                .filter(Holder::forgotten)
                .isPresent();
    }

    /// What a config says; empty when it is the record of no instance, or a copy that somebody made of one.
    static Optional<Holder> read(OwnedConfig config) {
        var labels = config.labels();
        var router = labels.get(Label.ROUTER);
        var number = labels.getOrDefault(Label.INSTANCE, "");
        if (!ROLE.equals(labels.get(Label.ROLE))
                || router == null
                || !NUMBER.matcher(number).matches()
                || !config.name().equals("%s_%s-%s".formatted(labels.get(Label.MANAGED_BY), router, number))) {
            return Optional.empty();
        }
        var stage = Stage.SERVING;
        for (var each : Stage.values()) {
            stage = word(each).equals(labels.get(Label.STAGE)) ? each : stage;
        }
        var why = label(labels, Label.WHY).map(Why::read);
        if (stage != Stage.SERVING && why.isEmpty()) {
            why = Optional.of(new Why(Cause.OPERATOR, "nobody says why"));
        }
        return Optional.of(new Holder(
                config.name(),
                router,
                Integer.parseInt(number),
                labels.getOrDefault(Label.NODE, ""),
                labels.getOrDefault(Label.HOSTNAME, ""),
                stage,
                instant(labels.get(Label.SINCE)),
                stage == Stage.SERVING ? Optional.empty() : why,
                instant(labels.get(Label.AWAY)),
                labels.getOrDefault(Label.BUFFER, ""),
                label(labels, Label.CONTENT).flatMap(Held::read),
                label(labels, Label.LOST),
                label(labels, Label.FAILED),
                isLeaving(stage) ? label(labels, Label.ASKED) : Optional.empty(),
                "true".equals(labels.get(Label.FILES)),
                "true".equals(labels.get(Label.FORGOTTEN)),
                Optional.of(config)));
    }

    /// The labels that say it, with what others put beside.
    SortedMap<String, String> labels(String managedBy) {
        var labels = new TreeMap<>(config.map(OwnedConfig::labels).orElseGet(TreeMap::new));
        labels.put(Label.MANAGED_BY, managedBy);
        labels.put(Label.ROLE, ROLE);
        labels.put(Label.ROUTER, router);
        labels.put(Label.INSTANCE, Integer.toString(instance));
        put(labels, Label.NODE, Optional.of(node).filter(each -> !each.isEmpty()));
        put(labels, Label.HOSTNAME, Optional.of(hostname).filter(each -> !each.isEmpty()));
        labels.put(Label.STAGE, word(stage));
        put(labels, Label.SINCE, since.map(Instant::toString));
        put(labels, Label.WHY, why.map(Why::toString));
        put(labels, Label.AWAY, away.map(Instant::toString));
        put(labels, Label.BUFFER, Optional.of(buffer).filter(each -> !each.isEmpty()));
        put(labels, Label.CONTENT, held.map(Held::toString));
        put(labels, Label.LOST, lost);
        put(labels, Label.FAILED, failed);
        put(labels, Label.ASKED, asked);
        put(labels, Label.FILES, files ? Optional.of("true") : Optional.empty());
        put(labels, Label.FORGOTTEN, forgotten ? Optional.of("true") : Optional.empty());
        return labels;
    }

    /// The config of one that has none.
    OwnedConfig written(String managedBy) {
        var text = """
                Instance %d of router %s%s.
                This is how LogRoute remembers it: its labels say how it does. LogRoute removes it with the instance.
                """.formatted(
                instance, router, isElsewhere() ? "" : ", with the volume %s on node %s".formatted(name, hostname));
        return new OwnedConfig(name, labels(managedBy), new Content(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Whether it keeps its events on no volume, so that Swarm may move it.
    boolean isElsewhere() {
        return node.isEmpty();
    }

    /// The name of its node, for people.
    String where() {
        return hostname.isEmpty() ? node : hostname;
    }

    /// Whether its node is away.
    boolean isAway() {
        return away.isPresent();
    }

    /// Whether that is why it is on its way out.
    boolean isFor(Cause cause) {
        return why.filter(each -> each.cause() == cause).isPresent();
    }

    /// Whether it is one of those that are declared: it serves, or would if nobody had asked it not to.
    boolean counts() {
        return !forgotten && (stage == Stage.SERVING || isLeaving(stage) && isFor(Cause.OPERATOR));
    }

    /// Whether it has, or should have, a service.
    boolean runs() {
        return !forgotten && (stage == Stage.SERVING || isLeaving(stage));
    }

    /// Whether it has a service, and is on its way out.
    private static boolean isLeaving(Stage stage) {
        return stage == Stage.DRAINING || stage == Stage.DRAINED;
    }

    /// Whether it was heard of since it was made.
    boolean wasHeard() {
        return !buffer.isEmpty() || held.isPresent();
    }

    /// The same at another stage.
    Holder at(Stage next, Optional<Why> reason, Instant now) {
        return new Holder(
                name,
                router,
                instance,
                node,
                hostname,
                next,
                Optional.of(now),
                reason,
                away,
                buffer,
                held,
                lost,
                failed,
                isLeaving(next) ? asked : Optional.empty(),
                files,
                forgotten,
                config);
    }

    /// The same, on its way out for another reason.
    Holder because(Why reason) {
        return new Holder(
                name,
                router,
                instance,
                node,
                hostname,
                stage,
                since,
                Optional.of(reason),
                away,
                buffer,
                held,
                lost,
                failed,
                // Who asked for it is not forgotten because it goes for another reason now.
                isFor(Cause.OPERATOR) && reason.cause() != Cause.OPERATOR
                        ? why.map(Why::words)
                        : reason.cause() == Cause.OPERATOR ? Optional.empty() : asked,
                files,
                forgotten,
                config);
    }

    /// The same, asked to drain besides, or not any more.
    Holder asked(Optional<String> who) {
        return new Holder(
                name,
                router,
                instance,
                node,
                hostname,
                stage,
                since,
                why,
                away,
                buffer,
                held,
                lost,
                failed,
                who.map(Holder::shortened),
                files,
                forgotten,
                config);
    }

    /// The same, to be forgotten.
    Holder forget() {
        return new Holder(
                name, router, instance, node, hostname, stage, since, why, away, buffer, held, lost, failed, asked,
                files, true, config);
    }

    /// The same with files on its volume.
    Holder writing() {
        return new Holder(
                name, router, instance, node, hostname, stage, since, why, away, buffer, held, lost, failed, asked,
                true, forgotten, config);
    }

    /// The same with its node away, or back.
    Holder away(Optional<Instant> from) {
        return new Holder(
                name, router, instance, node, hostname, stage, since, why, from, buffer, held, lost, failed, asked,
                files, forgotten, config);
    }

    /// The same on another node, or on none.
    Holder on(String id, String name) {
        return new Holder(
                this.name, router, instance, id, name, stage, since, why, away, buffer, held, lost, failed, asked,
                files, forgotten, config);
    }

    /// The same with what it holds now.
    Holder holding(String id, Optional<Held> content) {
        return new Holder(
                name, router, instance, node, hostname, stage, since, why, away, id, content, lost, failed, asked,
                files, forgotten, config);
    }

    /// The same with what is lost, or with that forgotten.
    Holder losing(Optional<String> words) {
        return new Holder(
                name, router, instance, node, hostname, stage, since, why, away, buffer, held, words, failed, asked,
                files, forgotten, config);
    }

    /// The same with the reason why its volume was not removed.
    Holder failing(Optional<String> words, Instant now) {
        return new Holder(
                name,
                router,
                instance,
                node,
                hostname,
                stage,
                Optional.of(now),
                why,
                away,
                buffer,
                held,
                lost,
                words,
                asked,
                files,
                forgotten,
                config);
    }

    /// The step that writes it down, when it is not written so already.
    ///
    /// @param reason what changes, in words
    Optional<Step> note(String managedBy, String reason) {
        var labels = labels(managedBy);
        return config.filter(each -> !each.labels().equals(labels))
                .map(each -> new Step.LabelConfig(each.name(), each.labels(), labels, reason));
    }

    private static void put(Map<String, String> labels, String name, Optional<String> value) {
        value.ifPresentOrElse(text -> labels.put(name, text), () -> labels.remove(name));
    }

    private static Optional<String> label(Map<String, String> labels, String name) {
        return Optional.ofNullable(labels.get(name))
                .filter(value -> !value.isEmpty())
                .map(Holder::shortened);
    }

    private static String word(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    private static String shortened(String words) {
        return words.length() <= LONGEST ? words : words.substring(0, LONGEST - 3) + "...";
    }

    private static Optional<Instant> instant(@org.jspecify.annotations.Nullable String text) {
        try {
            return Optional.ofNullable(text).map(Instant::parse);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> number(@org.jspecify.annotations.Nullable String text) {
        return Optional.ofNullable(text)
                .filter(each -> each.matches("[0-9]{1,18}"))
                .map(Long::parseLong);
    }
}
