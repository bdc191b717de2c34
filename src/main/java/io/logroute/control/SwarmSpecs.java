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
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What people declare on a swarm: in spec files, in configs that carry `logroute.spec=true`, and in the labels of
/// their
/// services.
final class SwarmSpecs {
    private static final int MOST_LABELS = 1000;

    private final SpecFiles files;

    /// @param files read besides what lies in the swarm
    SwarmSpecs(SpecFiles files) {
        this.files = files;
    }

    /// Everything that is declared.
    Reading read(Seen seen) {
        return read(seen, _ -> true, new Reading(List.of(), List.of()));
    }

    /// The same with other documents in place of some.
    ///
    /// @param stays which documents are taken
    Reading read(Seen seen, Predicate<Located> stays, Reading others) {
        var specs = files.isNone() ? new Reading(List.of(), List.of()) : files.read();
        for (var config : seen.specs()) {
            specs = specs.and(read(config));
        }
        specs = new Reading(specs.documents().stream().filter(stays).toList(), specs.broken()).and(others);
        var known = Labels.Known.of(specs);
        var all = specs;
        for (var service : seen.users()) {
            all = all.and(read(service, known));
        }
        return all;
    }

    private static Reading read(Seen.SpecConfig config) {
        var file = "config " + config.name();
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(config.content().bytes()))
                    .toString();
            var reading = SpecReader.documents(file, text);
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
