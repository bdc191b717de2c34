package io.logroute.control;

import io.logroute.plan.swarm.Seen;
import io.logroute.spec.Labels;
import io.logroute.spec.Located;
import io.logroute.spec.Problem;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// What people declare on a swarm: in spec files, in configs that carry `logroute.spec=true`, and in the labels of
/// their services.
///
/// What a config or a service gave is remembered as long as it is the same and is seen: a swarm of a thousand
/// services is looked at often, and changes seldom. Safe for all threads.
final class SwarmSpecs {
    /// Problems told of one config: each is logged, shown in the status and sent to whoever asks.
    private static final int MOST_PROBLEMS = 50;
    private static final int MOST_LABELS = 1000;

    private final SpecFiles files;
    private volatile Remembered last = new Remembered(Map.of(), Labels.Known.NOTHING, Map.of());

    /// What the last reading came to.
    ///
    /// @param known what the labels of services could refer to
    private record Remembered(
            Map<Seen.SpecConfig, Reading> configs, Labels.Known known, Map<Seen.UserService, Reading> services) {}

    /// @param files read besides what lies in the swarm
    SwarmSpecs(SpecFiles files) {
        this.files = files;
    }

    /// Everything that is declared.
    Reading read(Seen seen) {
        return read(seen, _ -> true, new Reading(List.of(), List.of()));
    }

    /// The same with other documents in place of some configs.
    ///
    /// @param stays which configs are taken
    Reading read(Seen seen, Predicate<Seen.SpecConfig> stays, Reading others) {
        var before = last;
        var configs = new HashMap<Seen.SpecConfig, Reading>();
        var readings = new ArrayList<Reading>();
        if (!files.isNone()) {
            readings.add(files.read());
        }
        for (var config : seen.specs()) {
            var reading = before.configs().get(config);
            configs.put(config, reading != null ? reading : read(config));
            if (stays.test(config)) {
                readings.add(configs.get(config));
            }
        }
        var specs = Reading.of(readings).and(others);
        var known = Labels.Known.of(specs);
        var services = new HashMap<Seen.UserService, Reading>();
        var all = new ArrayList<Reading>(List.of(specs));
        for (var service : seen.users()) {
            var reading = known.equals(before.known()) ? before.services().get(service) : null;
            services.put(service, reading != null ? reading : read(service, known));
            all.add(services.get(service));
        }
        last = new Remembered(configs, known, services);
        return Reading.of(all);
    }

    /// What problems in a config are told with.
    static String file(Seen.SpecConfig config) {
        return "config " + config.name();
    }

    private static Reading read(Seen.SpecConfig config) {
        var file = file(config);
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(config.content().bytes()))
                    .toString();
            var reading = SpecReader.documents(file, text, MOST_PROBLEMS);
            return reading.documents().isEmpty() && reading.broken().isEmpty()
                    ? broken(new Problem(file, "there is no document in it", "Write one, or remove the config."))
                    : reading;
        } catch (CharacterCodingException e) {
            return broken(new Problem(file, "it is not UTF-8 text", "Create it anew from a YAML file."));
        }
    }

    private static Reading read(Seen.UserService service, Labels.Known known) {
        var file = "service " + service.name();
        var all = new Reading(List.of(), List.of());
        var wrong = new ArrayList<Problem>();
        service.containerLabels().keySet().stream()
                .filter(key -> key.startsWith(Labels.PREFIX))
                .findFirst()
                .ifPresent(
                        key -> wrong.add(
                                new Problem(
                                        file + ": " + key,
                                        "it stands on the containers, where it does nothing",
                                        "Move all labels that begin with logroute. to deploy.labels, or docker service update --label-add.")));
        if (service.labels().size() > MOST_LABELS) {
            wrong.add(new Problem(
                    file,
                    "it has %d labels, and %d are the most"
                            .formatted(service.labels().size(), MOST_LABELS),
                    "Write its routes as LogRoute documents."));
        } else {
            all = Labels.read(
                    new Labels.OfService(
                            file,
                            service.name(),
                            service.stack(),
                            service.labels().entrySet().stream()
                                    .map(label -> new Labels.Label(label.getKey(), label.getValue(), 0))
                                    .toList()),
                    known);
        }
        return wrong.isEmpty()
                ? all
                : all.and(
                        new Reading(List.of(), List.of(new Reading.Broken(Optional.empty(), Optional.empty(), wrong))));
    }

    private static Reading broken(Problem problem) {
        return new Reading(
                List.of(), List.of(new Reading.Broken(Optional.empty(), Optional.empty(), List.of(problem))));
    }

    /// Where the documents of a pipeline stand, each place once.
    static List<String> sources(List<Located> good, io.logroute.plan.PipelineDefinition pipeline) {
        var places = new java.util.TreeSet<String>();
        var documents = new java.util.HashSet<Object>(pipeline.routes());
        documents.addAll(pipeline.sinks());
        documents.add(pipeline.router());
        good.stream()
                .filter(each -> documents.contains(each.document()))
                .map(Located::file)
                .forEach(places::add);
        return List.copyOf(places);
    }
}
