package io.logroute.face;

import io.logroute.control.StatusBoard.RouterStatus;
import io.logroute.plan.InstanceReport;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Router", description = "A router: what it should run, what it runs, and how it does.")
record RouterView(
        String name,

        @Schema(description = "Whether it runs and takes events.")
        boolean ready,

        @Schema(description = "The revision that is declared: the hash of its content.", examples = "3f9a1c0d2b4e")
        String revision,

        @Schema(description = "The revision that runs; absent when none does.")
        Optional<String> runningRevision,

        @Schema(description = "Since when it runs.") Optional<Instant> since,

        @Schema(description = "Events taken into the buffer since it started.")
        long receivedEvents,

        @Schema(description = "Events turned away since it started; their client was told.")
        long refusedEvents,

        @Schema(description = "Sorted by name.") List<SourceView> sources,

        Optional<BufferView> buffer,

        List<ConditionView> conditions,

        @Schema(description = "Why it does not run, or not as declared; absent when it does.")
        Optional<String> trouble) {

    @Schema(name = "Source")
    record SourceView(
            String name,
            long receivedEvents,
            long refusedEvents,

            @Schema(description = "Whether it waits for room in the buffer now.")
            boolean waiting) {}

    @Schema(name = "Buffer", description = "The router's log, on disk or in memory.")
    record BufferView(
            @Schema(description = "Whether it lies in memory: what is not delivered is gone with the process.")
            boolean inMemory,

            @Schema(description = "Events that at least one sink has not settled.")
            long events,

            long bytes,
            long maxBytes,
            long freeDiskBytes,
            boolean full,

            @Schema(description = "Events lost to damage of the disk.")
            long lostEvents,

            @Schema(description = "Damaged places that were set aside.")
            long corruptRecords,

            @Schema(description = "When the oldest of the events was received; absent when there is none.")
            Optional<Instant> oldest,

            @Schema(description = "Its age in seconds.") Optional<Long> oldestSeconds,

            @Schema(description = "Why nothing can be written to it; absent when it can.")
            Optional<String> trouble) {}

    static RouterView of(RouterStatus status, Instant now) {
        var report = status.report();
        var sources = report.map(InstanceReport::sources).orElse(List.of());
        var trouble = report.isEmpty()
                ? Optional.of(status.refused().orElse("it does not run"))
                : report.get().trouble().or(status::refused);
        return new RouterView(
                status.name(),
                report.isPresent() && report.get().takesEvents(),
                status.revision(),
                report.map(InstanceReport::revision),
                report.map(InstanceReport::since),
                sources.stream()
                        .mapToLong(InstanceReport.SourceReport::receivedEvents)
                        .sum(),
                sources.stream()
                        .mapToLong(InstanceReport.SourceReport::refusedEvents)
                        .sum(),
                sources.stream()
                        .map(each -> new SourceView(
                                each.name(), each.receivedEvents(), each.refusedEvents(), each.waiting()))
                        .sorted(Comparator.comparing(SourceView::name))
                        .toList(),
                report.map(each -> buffer(each.buffer(), now)),
                ConditionView.of(status.conditions()),
                trouble);
    }

    private static BufferView buffer(InstanceReport.BufferReport buffer, Instant now) {
        return new BufferView(
                buffer.inMemory(),
                buffer.events(),
                buffer.bytes(),
                buffer.maxBytes(),
                buffer.freeDiskBytes(),
                buffer.full(),
                buffer.lostEvents(),
                buffer.corruptRecords(),
                buffer.oldest(),
                buffer.oldest().map(oldest -> Ages.seconds(oldest, now)),
                buffer.trouble());
    }
}
