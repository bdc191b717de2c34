package io.logroute.plan;

import io.logroute.plan.InstanceReport.Limit;
import io.logroute.plan.InstanceReport.Preparation;
import io.logroute.plan.InstanceReport.SinkReport;
import io.logroute.spec.LogRoute;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is declared of a router and what its instances report, put together once: however many routes it has, each
/// then asks only for its own sinks.
public final class Reported {
    private final String router;
    private final Optional<PipelineDefinition> declared;
    private final FleetState fleet;
    private final Map<String, SinkTogether> sinks = new TreeMap<>();
    private final Optional<Some<Limit>> blocking;
    private final Optional<Condition> ready;
    /// Found when first asked for. Whichever thread's it is, it is the same.
    private @Nullable Condition programmed;

    private @Nullable Condition backpressured;

    /// @param declared what the router should run by what people wrote; empty when it is no longer declared
    public Reported(Optional<PipelineDefinition> declared, FleetState fleet) {
        this.router = fleet.router();
        this.declared = declared;
        this.fleet = fleet;
        var bySink = new TreeMap<String, List<At<SinkReport>>>();
        for (var instance : fleet.instances()) {
            instance.report()
                    .ifPresent(report -> report.sinks()
                            .forEach(sink -> bySink.computeIfAbsent(sink.name(), _ -> new ArrayList<>())
                                    .add(new At<>(instance.number(), sink))));
        }
        var serving = fleet.serving().stream().map(InstanceState::number).collect(Collectors.toSet());
        bySink.forEach((name, at) ->
                sinks.put(name, SinkTogether.of(at, fleet.instances().size(), serving)));
        this.blocking = sinks.values().stream()
                .flatMap(sink -> sink.blocking().stream())
                .findFirst()
                .map(some ->
                        new Some<>(some.what().name(), some.what().limit().orElseThrow(), some.numbers(), some.at()));
        this.ready = fleet.instances().isEmpty() ? Optional.empty() : Optional.of(Conditions.ready(fleet));
    }

    /// What is true of an instance.
    record At<T>(int number, T what) {}

    /// Something that is true of a sink at some instances.
    ///
    /// @param what as the first of them says it
    /// @param numbers the instances that say it in the same words
    /// @param at which they are, as ` (at instance 1)`; empty when it is all
    record Some<T>(String sink, T what, List<Integer> numbers, String at) {}

    /// One sink over all instances: each of these is there when it is true of one at least.
    record SinkTogether(
            Optional<Some<SinkReport>> refused,
            Optional<Some<SinkReport>> pending,
            Optional<Some<SinkReport>> done,
            Optional<Some<SinkReport>> down,
            Optional<Some<SinkReport>> blocking,
            Optional<Some<SinkReport>> discarding,
            Optional<Some<SinkReport>> letters) {

        /// @param serving numbers of those that take events in: no client waits for the others
        private static SinkTogether of(List<At<SinkReport>> at, int instances, Set<Integer> serving) {
            return new SinkTogether(
                    some(at, instances, is(Preparation.State.REFUSED), SinkTogether::preparation),
                    some(at, instances, is(Preparation.State.PENDING), SinkTogether::preparation),
                    some(at, instances, is(Preparation.State.DONE), SinkTogether::preparation),
                    some(at, instances, sink -> sink.trouble().isPresent(), SinkReport::trouble),
                    some(
                            at.stream()
                                    .filter(each -> serving.contains(each.number()))
                                    .toList(),
                            instances,
                            sink -> sink.limit().filter(Limit::blocks).isPresent(),
                            SinkReport::limit),
                    some(at, instances, sink -> sink.discardedEvents() > 0, SinkReport::limit),
                    some(at, instances, sink -> sink.keptLetters() > 0, _ -> ""));
        }

        private static Predicate<SinkReport> is(Preparation.State state) {
            return sink -> sink.preparation().state() == state;
        }

        private static String preparation(SinkReport sink) {
            return sink.preparation().message();
        }

        /// @param words what makes two of them the same
        private static Optional<Some<SinkReport>> some(
                List<At<SinkReport>> at,
                int instances,
                Predicate<SinkReport> which,
                Function<SinkReport, Object> words) {
            var groups = new LinkedHashMap<Object, List<At<SinkReport>>>();
            for (var each : at) {
                if (which.test(each.what())) {
                    groups.computeIfAbsent(words.apply(each.what()), _ -> new ArrayList<>())
                            .add(each);
                }
            }
            if (groups.isEmpty()) {
                return Optional.empty();
            }
            var first = groups.values().iterator().next();
            var numbers = numbers(first);
            var others = groups.values().stream()
                    .skip(1)
                    .flatMap(List::stream)
                    .map(At::number)
                    .sorted()
                    .toList();
            var otherwise = others.isEmpty() ? "" : "; other words at " + Numbers.instances(others);
            return Optional.of(new Some<>(
                    first.getFirst().what().name(),
                    first.getFirst().what(),
                    numbers,
                    numbers.size() == instances ? "" : " (at %s%s)".formatted(Numbers.instances(numbers), otherwise)));
        }

        private static List<Integer> numbers(List<At<SinkReport>> at) {
            return at.stream().map(At::number).toList();
        }
    }

    String router() {
        return router;
    }

    Optional<PipelineDefinition> declared() {
        return declared;
    }

    FleetState fleet() {
        return fleet;
    }

    /// The route of that name that is declared.
    public Optional<LogRoute> route(String name) {
        return declared.flatMap(each -> each.route(name));
    }

    /// The revision that is declared.
    public Optional<String> revision() {
        return declared.map(each -> each.revision().hash());
    }

    /// The revision that should run now.
    Optional<String> target() {
        return fleet.target().or(this::revision);
    }

    /// Whether something else should run now than what is declared.
    boolean behindDeclared() {
        return !target().equals(revision());
    }

    /// Whether what is declared was tried and taken back.
    boolean refused() {
        return fleet.refusal()
                .filter(refusal -> revision().filter(refusal.revision()::equals).isPresent())
                .isPresent();
    }

    /// Whether one instance at least is reached.
    boolean reports() {
        return fleet.instances().stream().anyMatch(each -> each.report().isPresent());
    }

    /// The sinks of a route that are reported, sorted by name.
    List<SinkTogether> sinksOf(String route) {
        if (declared.isEmpty()) {
            return List.of();
        }
        return declared.get().route(route).stream()
                .flatMap(each -> each.to().stream())
                .map(target -> target.sink().value())
                .distinct()
                .sorted()
                .flatMap(name -> Optional.ofNullable(sinks.get(name)).stream())
                .toList();
    }

    /// The first sink that makes sources wait.
    Optional<Some<Limit>> blocking() {
        return blocking;
    }

    /// What is told of its instances' readiness, the same for every route; empty when there are none.
    Optional<Condition> ready() {
        return ready;
    }

    /// What is told of every route in force of a router that is declared, but for those that are held.
    Condition programmed() {
        var known = programmed;
        if (known == null) {
            known = Conditions.programmed(this);
            programmed = known;
        }
        return known;
    }

    /// What is told of every route.
    Condition backpressured() {
        var known = backpressured;
        if (known == null) {
            known = Conditions.backpressured(this);
            backpressured = known;
        }
        return known;
    }

    /// Which instances of the router: `router core` when it is all of them.
    String who(List<Integer> numbers) {
        return numbers.size() == fleet.serving().size()
                ? "router " + router
                : "%s of router %s".formatted(Numbers.instances(numbers), router);
    }

    /// The numbers of those instances that take events in, or should.
    List<Integer> serving(Predicate<InstanceState> which) {
        return fleet.serving().stream().filter(which).map(InstanceState::number).toList();
    }
}
