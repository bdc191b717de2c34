package io.logroute.parts.multiline;

import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import io.logroute.flow.Holding;
import io.logroute.parts.text.Template;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Line;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keeps the lines of each stream until one comes that does not belong to them, none came for a
/// while, or there are too many; then they go on as one event: the first line's, with the text of
/// all.
///
/// An event without text in the field, without a field of the key, or of which nothing says where it came
/// from, passes as it is. So many streams and bytes are kept at a time; beyond that the oldest lines go on as
/// they are.
public final class Multiline implements Holding {
    static final int MAX_STREAMS = 10_000;
    static final long MAX_BYTES = 8 << 20;

    /// What tells streams apart unless the spec says it: of each row the first that an event has. Without
    /// any of them nobody can say whose line it is.
    private static final List<List<String[]>> SOURCE = List.of(
            paths("container_id", "container.id", "container_name", "container.name", "container_short_name"),
            paths("task_id"),
            paths("service_name"),
            paths("host.name", "host.hostname"),
            paths("log.file.path"));

    private static final List<String[]> STREAM = paths("stream");

    private final Shape shape;
    private final List<String[]> fields;
    private final @Nullable Template key;
    private final Duration flushAfter;
    private final int maxLines;
    private final long maxBytes;

    /// By stream, in the order of their first lines.
    private final LinkedHashMap<String, Group> open = new LinkedHashMap<>();
    /// A filter before this one may give events on later than younger ones: they do not lie in the order of
    /// their numbers then.
    private boolean mixed;

    private long newest = Long.MIN_VALUE;
    /// Of all of them.
    private long bytes;
    /// No group is complete for want of lines before this.
    private Instant earliest = Instant.MAX;

    /// Lines that belong together so far.
    private static final class Group {
        final Event first;
        final String[] field;
        final Bytes text;
        int lines = 1;
        int state;
        Instant last;
        long lastSeq;

        Group(Event first, String[] field, byte[] line, int state) {
            this.first = first;
            this.field = field;
            this.text = new Bytes(line.length);
            text.writeBytes(line);
            this.state = state;
            this.last = first.received();
            this.lastSeq = first.seq();
        }

        void add(byte[] line, int state, Event event) {
            text.write('\n');
            text.writeBytes(line);
            this.state = state;
            last = event.received();
            lastSeq = event.seq();
            lines++;
        }

        long bytes() {
            return first.size() + (long) text.capacity();
        }

        /// One line goes on as it came; several as if the event had come in with the text of all.
        Event event() {
            if (lines == 1) {
                return first;
            }
            first.set(text.toString(StandardCharsets.UTF_8), field);
            return first.asCameIn();
        }
    }

    public Multiline(FilterSpec.Multiline spec) {
        shape = Shape.of(spec);
        fields = Line.fields(spec.field()).stream().map(FieldPath::toArray).toList();
        key = spec.key().map(Template::new).orElse(null);
        flushAfter = spec.flushAfter();
        maxLines = spec.maxLines();
        maxBytes = spec.maxBytes().bytes();
    }

    @Override
    public void apply(Event event, Way way) {
        var field = field(event);
        var line = field == null ? null : event.utf8(field);
        var stream = line == null ? null : stream(event);
        if (field == null || line == null || stream == null) {
            way.pass(event);
            return;
        }
        var text = text(line);
        var group = open.get(stream);
        if (group != null && !isComplete(group, event.received())) {
            int state = shape.on(group.state, text);
            if (state != Shape.BEGINS && hasRoom(group, line.length)) {
                bytes -= group.bytes();
                group.add(line, state, event);
                bytes += group.bytes();
                wake(group);
                return;
            }
        }
        if (group != null) {
            complete(stream, group, way);
        }
        var begun = new Group(event.alone(), field, line, shape.begin(text));
        mixed = !open.isEmpty() && (mixed || event.seq() < newest);
        newest = open.isEmpty() ? event.seq() : Math.max(newest, event.seq());
        open.put(stream, begun);
        bytes += begun.bytes();
        wake(begun);
        way.hold();
        keepWithin(way);
    }

    private String @Nullable [] field(Event event) {
        for (var field : fields) {
            if (event.has(field)) {
                return field;
            }
        }
        return null;
    }

    /// Without the end of a line of Windows, which would hide its last word.
    private static String text(byte[] line) {
        int length = line.length;
        while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n')) {
            length--;
        }
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }

    /// The key of its stream; `null` when it lacks a field of it, or all that could tell its source.
    private @Nullable String stream(Event event) {
        if (key != null) {
            return key.render(event);
        }
        var stream = new StringBuilder();
        boolean isKnown = false;
        for (var names : SOURCE) {
            var value = first(event, names);
            isKnown |= !value.isEmpty();
            stream.append(value).append('\n');
        }
        return isKnown ? stream.append(first(event, STREAM)).toString() : null;
    }

    private static List<String[]> paths(String... names) {
        return Stream.of(names).map(name -> FieldPath.parse(name).toArray()).toList();
    }

    /// The first text there is; empty when there is none.
    private static String first(Event event, List<String[]> fields) {
        for (var field : fields) {
            var value = event.text(field);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    private boolean isComplete(Group group, Instant now) {
        return Duration.between(group.last, now).compareTo(flushAfter) >= 0;
    }

    private boolean hasRoom(Group group, int more) {
        return group.lines < maxLines && group.text.size() + 1L + more <= maxBytes;
    }

    private void wake(Group group) {
        var complete = group.last.plus(flushAfter);
        earliest = complete.isBefore(earliest) ? complete : earliest;
    }

    private void complete(String stream, Group group, Way way) {
        open.remove(stream);
        bytes -= group.bytes();
        way.release(group.event(), group.lastSeq);
    }

    private void keepWithin(Way way) {
        while (open.size() > MAX_STREAMS || open.size() > 1 && bytes > MAX_BYTES + maxBytes) {
            var oldest = open.firstEntry();
            complete(oldest.getKey(), oldest.getValue(), way);
        }
    }

    @Override
    public long heldFrom() {
        if (mixed) {
            return open.values().stream()
                    .mapToLong(group -> group.first.seq())
                    .min()
                    .orElse(Long.MAX_VALUE);
        }
        var oldest = open.firstEntry();
        return oldest == null ? Long.MAX_VALUE : oldest.getValue().first.seq();
    }

    @Override
    public Duration patience() {
        return flushAfter;
    }

    @Override
    public void advance(Instant received, Way way) {
        if (received.isBefore(earliest)) {
            return;
        }
        for (var entry : List.copyOf(open.entrySet())) {
            if (isComplete(entry.getValue(), received)) {
                complete(entry.getKey(), entry.getValue(), way);
            }
        }
        earliest = Instant.MAX;
        open.values().forEach(this::wake);
    }

    @Override
    public void flush(Way way) {
        for (var entry : List.copyOf(open.entrySet())) {
            complete(entry.getKey(), entry.getValue(), way);
        }
        earliest = Instant.MAX;
    }
}
