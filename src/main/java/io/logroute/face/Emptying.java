package io.logroute.face;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Instances that drain: asks a controller until nothing of them is left. Of one thread.
final class Emptying {
    private static final Duration EVERY = Duration.ofMillis(500);
    private static final String TAKEN_BACK = "it takes events in: somebody took the drain back";
    private static final Set<String> EMPTY = Set.of("drained", "removing", "kept");

    private final Asking asking;
    /// Those that are waited for, such as `core/2`.
    private final Set<String> left;

    private final List<String> drained = new ArrayList<>();
    private final SortedMap<String, Long> letters = new TreeMap<>();
    private final Map<String, Pace> paces = new HashMap<>();
    private final SortedMap<String, String> yet = new TreeMap<>();

    /// What came of it.
    ///
    /// @param letters of those of the drained that have dead letters, how many
    /// @param notDrained what is left of each, and why it does not go on
    record Outcome(List<String> drained, SortedMap<String, Long> letters, SortedMap<String, String> notDrained) {
        boolean isGood() {
            return notDrained.isEmpty();
        }

        /// Whether one at least still drains.
        boolean goesOn() {
            return notDrained.values().stream().anyMatch(words -> !words.equals(TAKEN_BACK));
        }
    }

    /// How much there was when it was first looked at.
    private record Pace(long events, long nanos) {}

    Emptying(Asking asking, List<String> instances) {
        this.asking = asking;
        this.left = new LinkedHashSet<>(instances);
    }

    /// Waits, and shows how far it has come.
    Outcome await(Duration patience, PrintWriter progressTo) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        int all = left.size();
        try (var waiting = Waiting.slowly(progressTo)) {
            while (true) {
                try {
                    look(Answer.all(asking.get("/api/v1/volumes")));
                } catch (IOException e) {
                    // It may be another controller's turn just now.
                    var why = asking.unanswered(e);
                    left.forEach(each -> yet.put(each, why));
                }
                waiting.at(all - left.size(), all, first());
                boolean over = !yet.isEmpty() && yet.values().stream().allMatch(TAKEN_BACK::equals);
                if (left.isEmpty() || over || System.nanoTime() >= end) {
                    return new Outcome(List.copyOf(drained), letters, yet);
                }
                pause();
            }
        }
    }

    private void look(List<Answer> volumes) {
        yet.clear();
        for (var each : List.copyOf(left)) {
            var volume = volumes.stream()
                    .filter(answer -> answer.raw("name").equals(each))
                    .findFirst();
            // Its record goes when nothing is left of it.
            if (volume.isEmpty() || EMPTY.contains(volume.get().raw("stage"))) {
                left.remove(each);
                drained.add(each);
                volume.flatMap(there -> VolumesCommand.number(there, "letters"))
                        .filter(count -> count > 0)
                        .ifPresent(count -> letters.put(each, count));
                continue;
            }
            yet.put(each, words(volume.get()));
        }
    }

    /// `1,204 events left, 350/s, the oldest 12s old`, and why it does not go on.
    private String words(Answer volume) {
        if (volume.raw("stage").equals("serving")) {
            return TAKEN_BACK;
        }
        if (!volume.has("asOf")) {
            return "nobody knows how much is left: it was never heard of";
        }
        long events = VolumesCommand.number(volume, "events").orElse(0L);
        var pace = paces.computeIfAbsent(volume.raw("name"), _ -> new Pace(events, System.nanoTime()));
        double seconds = (System.nanoTime() - pace.nanos()) / 1e9;
        long rate = seconds < 1 ? 0 : Math.round((pace.events() - events) / seconds);
        var words =
                new StringBuilder(String.format(Locale.ROOT, "%,d %s left", events, events == 1 ? "event" : "events"));
        if (rate > 0) {
            words.append(String.format(Locale.ROOT, ", %,d/s", rate));
        }
        VolumesCommand.number(volume, "oldestSeconds")
                .ifPresent(age -> words.append(", the oldest %s old".formatted(Ages.text(age))));
        if (volume.has("stuck")) {
            words.append("; ").append(volume.text("stuck"));
        } else if (!volume.is("now")) {
            words.append("; it is not reached");
        }
        return words.toString();
    }

    /// The first that is waited for, and what is left of it.
    private String first() {
        return yet.entrySet().stream()
                .map(each -> "%s: %s".formatted(each.getKey(), each.getValue()))
                .findFirst()
                .orElse("");
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(EVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it was interrupted", e);
        }
    }
}
