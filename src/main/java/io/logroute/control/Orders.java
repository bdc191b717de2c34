package io.logroute.control;

import io.logroute.plan.swarm.Step;
import io.logroute.remote.RouterLink.Ordered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// What instances are told to do. Each is told by itself, and the pass that begins it waits for no longer than
/// its patience, so that one that does not answer holds up nobody: what came of it a later pass hears. Used by the
/// thread of passes.
final class Orders {
    /// Routers end their sources within less.
    static final Duration PATIENCE = Duration.ofSeconds(4);
    /// Instances that are told at the same time.
    private static final int AT_ONCE = 64;

    private final Function<Step.Tell, Ordered> telling;
    private final Executor asking;
    private final Duration patience;
    private final Semaphore turns = new Semaphore(AT_ONCE);
    /// Those that did not answer yet, by service: each is told one thing at a time.
    private final Map<String, Pending> pending = new TreeMap<>();

    private record Pending(Step.Tell tell, CompletableFuture<Ordered> answer) {}

    /// What came of it.
    ///
    /// @param answer empty while there is none
    record Outcome(Step.Tell tell, Optional<Ordered> answer) {}

    /// @param telling tells one instance, and waits for it
    /// @param asking runs that
    Orders(Function<Step.Tell, Ordered> telling, Executor asking) {
        this(telling, asking, PATIENCE);
    }

    Orders(Function<Step.Tell, Ordered> telling, Executor asking, Duration patience) {
        this.telling = telling;
        this.asking = asking;
        this.patience = patience;
    }

    /// Tells them, and says what came of it and of those before.
    List<Outcome> tell(List<Step.Tell> tells) {
        var outcomes = new ArrayList<>(ended());
        var begun = new ArrayList<CompletableFuture<Ordered>>();
        for (var tell : tells) {
            if (!pending.containsKey(tell.service())) {
                var next = new Pending(tell, begin(tell));
                pending.put(tell.service(), next);
                begun.add(next.answer());
            }
        }
        await(begun);
        outcomes.addAll(ended());
        pending.values().forEach(each -> outcomes.add(new Outcome(each.tell(), Optional.empty())));
        return outcomes;
    }

    private CompletableFuture<Ordered> begin(Step.Tell tell) {
        var answer = new CompletableFuture<Ordered>();
        asking.execute(() -> {
            try {
                turns.acquire();
                try {
                    answer.complete(telling.apply(tell));
                } finally {
                    turns.release();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer.complete(new Ordered.Unreachable("telling it was interrupted"));
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private void await(List<CompletableFuture<Ordered>> answers) {
        try {
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // Told one by one.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Outcome> ended() {
        var ended = new ArrayList<Outcome>();
        for (var each : List.copyOf(pending.values())) {
            if (each.answer().isDone()) {
                pending.remove(each.tell().service());
                ended.add(new Outcome(each.tell(), Optional.of(answer(each))));
            }
        }
        return ended;
    }

    private static Ordered answer(Pending ended) {
        if (ended.answer().isCompletedExceptionally()
                && ended.answer().exceptionNow() instanceof RuntimeException fault) {
            throw fault;
        }
        return ended.answer().join();
    }
}
