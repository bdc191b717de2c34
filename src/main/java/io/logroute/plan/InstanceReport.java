package io.logroute.plan;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What one router instance tells of itself. Counts are since its process started.
///
/// @param instance its number in its fleet; 0 where there is one only
/// @param revision the pipeline it runs
/// @param generation which change gave it that, counted through all of the fleet; 0 without a swarm
/// @param since when it started
/// @param taken when it took that revision
/// @param unroutedEvents events that no route took, and that were dropped therefore
/// @param trouble why it does not run what it was told to run; it goes on as it was
/// @param holding what it does with events, and what it still has
public record InstanceReport(
        String router,
        int instance,
        String revision,
        long generation,
        Instant since,
        Instant taken,
        List<SourceReport> sources,
        BufferReport buffer,
        List<SinkReport> sinks,
        List<RouteReport> routes,
        long unroutedEvents,
        Optional<String> trouble,
        Holding holding) {

    public InstanceReport {
        sources = List.copyOf(sources);
        sinks = List.copyOf(sinks);
        routes = List.copyOf(routes);
    }

    /// Of an instance that serves.
    public InstanceReport(
            String router,
            int instance,
            String revision,
            long generation,
            Instant since,
            Instant taken,
            List<SourceReport> sources,
            BufferReport buffer,
            List<SinkReport> sinks,
            List<RouteReport> routes,
            long unroutedEvents,
            Optional<String> trouble) {
        this(
                router,
                instance,
                revision,
                generation,
                since,
                taken,
                sources,
                buffer,
                sinks,
                routes,
                unroutedEvents,
                trouble,
                Holding.SERVING);
    }

    /// The same, told by an instance of a fleet.
    ///
    /// @param why it does not run what it was told to run
    public InstanceReport of(int number, long generationNow, Optional<String> why) {
        return new InstanceReport(
                router,
                number,
                revision,
                generationNow,
                since,
                taken,
                sources,
                buffer,
                sinks,
                routes,
                unroutedEvents,
                why,
                holding);
    }

    /// The same, of one that has that.
    public InstanceReport with(Holding now) {
        return new InstanceReport(
                router,
                instance,
                revision,
                generation,
                since,
                taken,
                sources,
                buffer,
                sinks,
                routes,
                unroutedEvents,
                trouble,
                now);
    }

    /// Whether it can take events in, be it by what was declared before.
    public boolean takesEvents() {
        return buffer.trouble().isEmpty();
    }

    /// Whether it takes nothing in and has delivered everything. Dead letters may be there.
    public boolean hasNothingLeft() {
        return holding.mode() != Mode.SERVING && holding.empty();
    }

    /// Why what waits here is not delivered, such as `sink es takes nothing: connection refused`, and what is
    /// waited for though nobody declares it any more; each sorted.
    public List<String> stuck() {
        return Stream.concat(idle().stream(), holding.removed().stream().map(Removed::inWords))
                .toList();
    }

    /// The first of both.
    List<String> idle() {
        return sinks.stream()
                .filter(sink -> sink.lagEvents() > 0)
                .flatMap(sink -> sink.trouble().stream()
                        .map(trouble ->
                                "sink %s takes nothing: %s".formatted(sink.name(), trouble.replaceFirst("[.]+$", ""))))
                .sorted()
                .toList();
    }

    /// What an instance does with events.
    public enum Mode {
        /// It takes events in and delivers them.
        SERVING,
        /// It takes nothing in and delivers what it has.
        DRAINING,
        /// It had delivered everything, and gives its buffer up; it does nothing any more. It is empty once the
        /// buffer is gone.
        DISCARDED
    }

    /// What it still has.
    ///
    /// @param empty whether it takes nothing in, no client waits for an answer, and every sink has
    ///     settled all
    ///     that was ever accepted, those that are no longer declared, too. That is durable: every
    ///     place at the
    ///     end of the log was synced to disk (with a buffer in memory, it lies in the process), as was
    ///     the
    ///     order to take nothing in, so a restart or a power failure finds it empty as well. A place
    ///     of a sink
    ///     that is not declared any more and that was not through is waited for until it is forgotten.
    /// @param letters dead letters that are there, those that are damaged and those of sinks that are no longer
    ///     declared, too; while
    ///     they are being counted after a start it is not `empty`
    /// @param removed the sinks whose places are waited for so, by name
    /// @param aside what of its buffer was damaged and lies beside it for people, in words; empty where nothing
    ///     does. Its volume is not deleted before somebody deletes that
    public record Holding(Mode mode, boolean empty, long letters, List<Removed> removed, Optional<String> aside) {
        /// It serves, and nobody looked for dead letters.
        public static final Holding SERVING = new Holding(Mode.SERVING, false, 0);

        public Holding {
            removed = List.copyOf(removed);
        }

        /// Of an instance that waits for declared sinks only, and whose buffer was never damaged.
        public Holding(Mode mode, boolean empty, long letters) {
            this(mode, empty, letters, List.of(), Optional.empty());
        }
    }

    /// A sink that is declared no more and has not taken all that was accepted while it was.
    ///
    /// @param events those that it has not taken
    /// @param until they wait for it until then, and are given up; a restart does not begin that anew
    /// @param trouble why it takes nothing now, in its own words; empty where it takes some, or where nothing is
    ///     known of it but its place
    public record Removed(String sink, long events, Instant until, Optional<String> trouble) {
        /// `sink screen is declared no more and has not taken 12 events: ...`, with what ends that.
        String inWords() {
            return words(String.format(Locale.ROOT, "%,d event%s", events, events == 1 ? "" : "s"));
        }

        /// The same in words that stay as they are while it takes some.
        String inLastingWords() {
            return words("all that was accepted for it");
        }

        private String words(String what) {
            return "sink %s is declared no more and has not taken %s%s: declared again it gets that; else it is given up at %s"
                    .formatted(
                            sink,
                            what,
                            trouble.map(why -> " (%s)".formatted(why.replaceFirst("[.]+$", "")))
                                    .orElse(""),
                            until.truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /// Where a buffer keeps its events.
    public enum Kind {
        DISK,
        MEMORY,
        JETSTREAM
    }

    /// @param waiting whether it waits for room in the buffer now
    /// @param behind what waits where it fetches its events from; empty of one that is sent to
    public record SourceReport(
            String name, long receivedEvents, long refusedEvents, boolean waiting, Optional<Behind> behind) {
        /// Of one that is sent to.
        public SourceReport(String name, long receivedEvents, long refusedEvents, boolean waiting) {
            this(name, receivedEvents, refusedEvents, waiting, Optional.empty());
        }
    }

    /// @param entries what waits, in the words of that system; less than 0 while it is not known
    /// @param oldest when the first of it came there
    public record Behind(long entries, Optional<Instant> oldest) {}

    /// @param id names the buffer itself, in 12 characters: that of an empty volume is another one; empty
    ///     when it is not known
    /// @param kind where it keeps events
    /// @param events events that at least one sink has not settled
    /// @param oldest when the oldest of them was received
    /// @param trouble why nothing can be written to it now
    public record BufferReport(
            String id,
            Kind kind,
            long bytes,
            long maxBytes,
            long freeDiskBytes,
            long events,
            boolean full,
            long lostEvents,
            long corruptRecords,
            Optional<Instant> oldest,
            Optional<String> trouble) {
        /// Whether it is gone with the process.
        public boolean isInMemory() {
            return kind == Kind.MEMORY;
        }
    }

    /// @param kind the key it has in a spec, such as `elasticsearch`
    /// @param deadLetteredEvents events that it refused for good, since the start
    /// @param keptLetters its dead letters that are there now, when some came since the start; else 0
    /// @param discardedEvents events that were passed over because it lagged too far
    /// @param lagEvents events that wait for it in the buffer
    /// @param lagBytes bytes in the buffer from its place on
    /// @param oldest when the oldest of them was received
    /// @param limit that it lags too far now, and what comes of it
    /// @param trouble why it takes nothing now, in its own words
    /// @param behind what waits in the destination for those who take it on from there
    public record SinkReport(
            String name,
            String kind,
            long deliveredEvents,
            long filteredEvents,
            long deadLetteredEvents,
            long keptLetters,
            long discardedEvents,
            long lagEvents,
            long lagBytes,
            Optional<Instant> oldest,
            Optional<Instant> lastDelivered,
            Preparation preparation,
            Optional<Limit> limit,
            Optional<String> trouble,
            Optional<Behind> behind) {}

    /// A sink that lags too far.
    ///
    /// @param blocks whether sources wait for it; else its oldest events are passed over
    /// @param reason in words, as what the sink does
    public record Limit(boolean blocks, String reason) {}

    /// What a sink needs at its destination, such as an index template.
    public record Preparation(State state, String message) {
        public enum State {
            NOT_NEEDED,
            PENDING,
            DONE,
            REFUSED
        }
    }

    public record RouteReport(String name, long routedEvents) {}
}
