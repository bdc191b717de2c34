package io.logroute.face;

import io.logroute.control.FleetStates;
import io.logroute.face.DeadLettersResource.Purged;
import io.logroute.face.DeadLettersResource.Replayed;
import io.logroute.flow.Json;
import io.logroute.plan.InstanceState;
import io.logroute.remote.RouterLink.Asked;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The dead letters of a swarm's routers. Each instance keeps its own on its volume, so it is asked over the
/// link, and what it answers is passed on.
final class LettersAfar implements Letters {
    private static final String LETTERS = "/api/v1/dead-letters";

    private final FleetStates fleets;
    private final Courier courier;

    LettersAfar(FleetStates fleets, Courier courier) {
        this.fleets = fleets;
        this.courier = courier;
    }

    /// An instance that does not answer is told of too, with the reason: its letters may be many.
    @Override
    public List<DeadLettersView> all() throws NoAnswer {
        var asking = new ArrayList<Callable<List<DeadLettersView>>>();
        instances().forEach(instance -> asking.add(() -> of(instance)));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<DeadLettersView>();
            for (var answer : threads.invokeAll(asking)) {
                all.addAll(answer.get());
            }
            return List.copyOf(all);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswer(new Fault(503, "it stops", "Ask again when it runs again."), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking the instances for their dead letters failed", e.getCause());
        }
    }

    /// One that was silent just now is not waited for.
    private List<DeadLettersView> of(InstanceState instance) {
        try {
            if (instance.report().isEmpty()) {
                throw silent(instance, instance.trouble().orElse("it does not run"));
            }
            return answered(instance, "GET", "", new byte[0], value -> {
                var views = new ArrayList<DeadLettersView>();
                for (var each : list(value)) {
                    views.add(DeadLettersView.read(new Told(map(each)), instance.name()));
                }
                return views;
            });
        } catch (NoAnswer e) {
            return List.of(DeadLettersView.silent(
                    instance.router(), instance.name(), e.fault().what()));
        }
    }

    @Override
    public DeadLetterView.Page some(String router, String sink, Map<String, String> query) throws NoAnswer {
        return answered(instance(router), "GET", Asking.path(path(router, sink), query), new byte[0], value -> {
            var page = new Told(map(value));
            return new DeadLetterView.Page(
                    page.objects("letters").stream().map(DeadLetterView::read).toList(),
                    page.text("next"),
                    page.number("damaged"));
        });
    }

    @Override
    public DeadLetterView one(String router, String sink, String id) throws NoAnswer {
        return answered(
                instance(router),
                "GET",
                path(router, sink) + "/" + Asking.encoded(id),
                new byte[0],
                value -> DeadLetterView.read(new Told(map(value))));
    }

    @Override
    public Replayed replay(String router, String sink, byte[] body) throws NoAnswer {
        return answered(
                instance(router), "POST", path(router, sink) + "/replay", bounded(router, sink, body), value -> {
                    var step = new Told(map(value));
                    return new Replayed(
                            step.number("replayed"),
                            step.number("refused"),
                            step.number("damaged"),
                            step.text("next"),
                            step.needed("until"),
                            step.text("trouble"));
                });
    }

    @Override
    public Purged purge(String router, String sink, byte[] body) throws NoAnswer {
        return answered(instance(router), "POST", path(router, sink) + "/purge", bounded(router, sink, body), value -> {
            var step = new Told(map(value));
            return new Purged(step.number("removed"), step.text("next"), step.needed("until"));
        });
    }

    /// Says which letters are meant, where whoever asks did not: those that there are now. What is wrong with
    /// the rest of it the instance tells.
    private byte[] bounded(String router, String sink, byte[] body) throws NoAnswer {
        Map<String, @Nullable Object> given;
        try {
            given = new LinkedHashMap<>(Json.parse(body, 0, body.length));
        } catch (IllegalArgumentException e) {
            return body;
        }
        if (given.get("until") != null && !given.get("until").equals("")) {
            return body;
        }
        var end = answered(
                instance(router),
                "GET",
                path(router, sink) + "/" + Management.END,
                new byte[0],
                value -> new Told(map(value)).needed("until"));
        given.put("until", end);
        return Json.write(given).getBytes(StandardCharsets.UTF_8);
    }

    private List<InstanceState> instances() {
        return fleets.states().stream()
                .flatMap(state -> state.instances().stream())
                .filter(each -> each.service().isPresent())
                .toList();
    }

    /// The one that is called so; or the only one of the router that is.
    private InstanceState instance(String name) throws NoAnswer {
        for (var each : instances()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        var fleet =
                instances().stream().filter(each -> each.router().equals(name)).toList();
        if (fleet.size() == 1) {
            return fleet.getFirst();
        }
        if (fleet.isEmpty()) {
            throw new NoAnswer(new Fault(
                    404,
                    "there is no router and no instance \"%s\"".formatted(name),
                    "logroute dlq ls tells which have dead letters; GET /api/v1/dead-letters, too."));
        }
        throw new NoAnswer(new Fault(
                409,
                "router %s has %d instances, each with dead letters of its own".formatted(name, fleet.size()),
                "Name one of them in its place: %s."
                        .formatted(fleet.stream().map(InstanceState::name).collect(Collectors.joining(", ")))));
    }

    /// Below [#LETTERS] at the instance, which knows itself by the name of its router.
    private String path(String name, String sink) throws NoAnswer {
        return "/%s/%s".formatted(Asking.encoded(instance(name).router()), Asking.encoded(sink));
    }

    private interface Reading<T> {
        /// @throws IllegalArgumentException when it is something else than LogRoute answers
        T read(@Nullable Object value);
    }

    private <T> T answered(InstanceState instance, String method, String below, byte[] body, Reading<T> reading)
            throws NoAnswer {
        var asked = courier.ask(instance.service().orElseThrow(), method, LETTERS + below, body);
        return switch (asked) {
            case Asked.Unreachable(var reason) -> throw silent(instance, reason);
            case Asked.Answered(int status, var answer) -> {
                try {
                    var value = Json.value(answer, 0, answer.length);
                    if (status != 200) {
                        throw refused(instance, status, new Told(map(value)));
                    }
                    yield reading.read(value);
                } catch (IllegalArgumentException | DateTimeParseException e) {
                    throw new NoAnswer(
                            new Fault(
                                    502,
                                    "what instance %s answered is no answer of LogRoute (status %d)"
                                            .formatted(instance.name(), status),
                                    "Let its image be the controller's."),
                            e);
                }
            }
        };
    }

    private static NoAnswer silent(InstanceState instance, String reason) {
        return new NoAnswer(new Fault(
                503,
                "instance %s does not answer: %s".formatted(instance.name(), reason),
                "logroute status tells how it does; ask again when it answers."));
    }

    /// A signature that is not right is the controller's matter, not that of whoever asks.
    private static NoAnswer refused(InstanceState instance, int status, Told fault) {
        return new NoAnswer(new Fault(
                status == 401 || status == 403 ? 502 : status,
                "instance %s: %s".formatted(instance.name(), fault.needed("what")),
                fault.text("mend").orElse("")));
    }

    private static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException("it is no object");
    }

    private static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("it is no list");
    }

    /// An object that was told.
    record Told(Map<?, ?> tree) {
        Optional<String> text(String key) {
            return Optional.ofNullable(tree.get(key)).map(String::valueOf);
        }

        String needed(String key) {
            return text(key).orElseThrow(() -> new IllegalArgumentException("it tells no " + key));
        }

        Optional<Instant> time(String key) {
            return text(key).map(Instant::parse);
        }

        long number(String key) {
            if (tree.get(key) instanceof Number number) {
                return number.longValue();
            }
            throw new IllegalArgumentException("%s is no number".formatted(key));
        }

        List<?> list(String key) {
            return LettersAfar.list(tree.get(key));
        }

        List<Told> objects(String key) {
            return list(key).stream().map(each -> new Told(map(each))).toList();
        }

        /// As JSON again.
        @Nullable
        String json(String key) {
            return tree.containsKey(key) ? Json.write(tree.get(key)) : null;
        }
    }
}
