package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.Seeds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Events come out of the buffer as they went in, and what was noted of them beforehand is what one
/// would find by looking.
class FramesLaws {
    private static final Instant RECEIVED = Instant.parse("2026-11-22T10:15:30.123Z");

    private static final List<String> NOTED = List.of("@timestamp", "service_name", "stack_name", "msg");

    @Test
    void what_was_noted_of_an_event_is_what_looking_finds() {
        for (int seed : Seeds.upTo(20_000)) {
            var bytes = json(Seeds.random(seed));
            var noted = checked(bytes);
            var looking = Event.of(bytes, 0, bytes.length, -1, RECEIVED);
            var as = "seed %d: %s".formatted(seed, new String(bytes, StandardCharsets.UTF_8));
            assertThat(noted.timestamp()).as(as).isEqualTo(looking.timestamp());
            assertThat(noted.json()).as(as).isEqualTo(looking.json());
            assertThat(noted.raw()).as(as).isEqualTo(looking.raw());
            for (var name : NOTED) {
                assertThat(noted.textFrom(name) - noted.from())
                        .as(as)
                        .isEqualTo(looking.textFrom(name) - looking.from());
            }
            noted.set("2001-02-03T04:05:06Z", "@timestamp");
            assertThat(noted.timestamp()).as(as).isEqualTo("2001-02-03T04:05:06Z");
            noted.remove("@timestamp");
            assertThat(noted.timestamp()).as(as).isEqualTo(RECEIVED);
        }
    }

    @Test
    void a_mark_lies_before_the_frames_and_both_come_out_as_they_went_in() {
        for (int seed : Seeds.upTo(500)) {
            var random = Seeds.random(seed);
            var events = List.of(Event.of(new String(json(random), StandardCharsets.UTF_8), RECEIVED));
            var mark = new Mark("docker/ü" + random.nextInt(), " ".repeat(random.nextInt(300)));
            var plain = Frames.of(events);
            var marked = plain.with(mark);
            assertThat(marked.mark()).as("seed %d", seed).contains(mark);
            assertThat(Frames.read(marked.withoutMark(), 1, 7, RECEIVED)
                            .getFirst()
                            .raw())
                    .as("seed %d", seed)
                    .isEqualTo(Frames.read(plain, 1, 7, RECEIVED).getFirst().raw());
        }
        assertThat(new Frames(new byte[] {0, 9, 'x'}, 0, 3).mark()).isEmpty();
        assertThatThrownBy(() -> new Frames(new byte[] {0, 9, 'x'}, 0, 3).withoutMark())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void an_event_that_was_changed_and_written_is_kept_as_it_came_in() {
        var came = "{\"msg\":\"hello\",\"level\":\"info\"}";
        for (boolean longer : new boolean[] {false, true}) {
            var event = Event.of(came, RECEIVED);
            event.remove("level");
            if (longer) {
                event.set("x".repeat(100), "more");
            }
            var frames = Frames.of(List.of(event.addressed(new Address("r", 0, Optional.empty()))));
            assertThat(frames.bytes()).hasSize(Frames.HEAD + came.length());
            assertThat(Frames.read(frames, 1, 0, RECEIVED).getFirst().raw())
                    .isEqualTo(came.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void events_come_back_as_they_were_copied_or_not() {
        for (int seed : Seeds.upTo(5000)) {
            var random = Seeds.random(seed);
            var given = new ArrayList<byte[]>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                given.add(json(random));
            }
            var copied =
                    Frames.of(new Batch(given.stream().map(FramesLaws::checked).toList()));
            returned(seed, copied, given);
            var wire = wire(random, given);
            var before = wire.array().clone();
            var events = events(wire, given);
            var lying = Frames.of(Batch.framed(events));
            returned(seed, lying, given);
            if (given.stream().noneMatch(FramesLaws::hasBlanksAround)) {
                assertThat(lying.bytes()).as("seed %d", seed).isSameAs(wire.array());
            }
            // Nothing that belongs to an event was written to.
            var after = wire.array();
            for (var event : events) {
                assertThat(Arrays.equals(after, event.from(), event.to(), before, event.from(), event.to()))
                        .as("seed %d", seed)
                        .isTrue();
            }
        }
    }

    @Test
    void changed_events_are_kept_as_they_came_in() {
        var event = checked("{\"a\":1,\"@metadata\":{}}".getBytes(StandardCharsets.UTF_8));
        event.set(2L, "a");
        var frames = Frames.of(List.of(event.addressed(new Address("route", 0, java.util.Optional.empty()))));
        var back = read(frames, 1).getFirst();
        assertThat(back.json()).isEqualTo("{\"@timestamp\":\"2026-11-22T10:15:30.123Z\",\"a\":1}");
    }

    @Test
    void frames_that_do_not_fit_are_refused() {
        for (int seed : Seeds.upTo(5000)) {
            var random = Seeds.random(seed);
            var bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length >= Frames.HEAD && random.nextBoolean()) {
                ByteBuffer.wrap(bytes).putInt(6, bytes.length - Frames.HEAD + 1 + random.nextInt(3));
            } else if (bytes.length >= Frames.HEAD) {
                bytes[6] |= 1;
            }
            assertThatThrownBy(() -> Frames.read(new Frames(bytes, 0, bytes.length), 2, 0, RECEIVED))
                    .as("seed %d", seed)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not fit");
        }
    }

    private static void returned(int seed, Frames frames, List<byte[]> given) {
        var back = read(frames, given.size());
        for (int i = 0; i < given.size(); i++) {
            var looking = Event.of(given.get(i), 0, given.get(i).length, 7 + i, RECEIVED);
            var as = "seed %d, event %d".formatted(seed, i);
            assertThat(back.get(i).seq()).as(as).isEqualTo(7 + i);
            assertThat(back.get(i).json()).as(as).isEqualTo(looking.json());
            assertThat(back.get(i).timestamp()).as(as).isEqualTo(looking.timestamp());
            for (var name : NOTED) {
                assertThat(place(back.get(i), name)).as(as).isEqualTo(place(looking, name));
            }
        }
    }

    @Test
    void what_was_noted_comes_back_as_it_was() {
        int named = 0;
        for (int seed : Seeds.upTo(20_000)) {
            var bytes = json(Seeds.random(seed));
            long facts = checked(bytes).rawFacts();
            assertThat(Facts.ofStored(Facts.stored(facts))).as("seed %d", seed).isEqualTo(facts);
            assertThat(Facts.ofStored(Facts.stored(facts & 0xffff)))
                    .as("seed %d: without names", seed)
                    .isEqualTo(facts & 0xffff);
            named += Facts.place(facts, Facts.Name.SERVICE) > 0 ? 1 : 0;
        }
        if (Seeds.many()) {
            assertThat(named).as("events with a service name").isPositive();
        }
    }

    /// Before places of names were noted, the first 16 bits said what they say now and the other 32 were
    /// those of the sequence on the wire; earlier still, the first were `2J`.
    @Test
    void what_an_earlier_LogRoute_noted_is_read_as_it_meant_it() {
        for (int seed : Seeds.upTo(20_000)) {
            var random = Seeds.random(seed);
            long head = Facts.KNOWN | random.nextInt(1 << 15);
            assertThat(Facts.ofStored(head << 32 | random.nextInt() & 0xffffffffL))
                    .as("seed %d", seed)
                    .isEqualTo(head);
            assertThat(Facts.ofStored((long) ('2' << 8 | 'J') << 32 | random.nextInt() & 0xffffffffL))
                    .as("seed %d: 2J", seed)
                    .isEqualTo(Facts.UNKNOWN);
        }
        assertThat(Facts.ofStored(0)).isEqualTo(Facts.UNKNOWN);
    }

    /// That one took 16 bits, and those without the highest for nothing known.
    @Test
    void an_earlier_LogRoute_looks_for_itself_where_names_are_noted() {
        for (int seed : Seeds.upTo(20_000)) {
            var bytes = json(Seeds.random(seed));
            long head = Facts.stored(checked(bytes).rawFacts()) >>> 32;
            assertThat(head & Facts.KNOWN).as("seed %d", seed).isZero();
            assertThat(head).as("seed %d", seed).isBetween(0L, 0xffffL);
        }
    }

    /// Where the text of a field begins, counted from the event's first byte; -1 when there is none.
    private static int place(Event event, String name) {
        int at = event.textFrom(name);
        return at < 0 ? -1 : at - event.from();
    }

    private static List<Event> read(Frames frames, int count) {
        return Frames.read(frames, count, 7, RECEIVED);
    }

    /// The events as Lumberjack's JSON frames, with more before and behind them in the array.
    private static ByteBuffer wire(Random random, List<byte[]> given) {
        int before = random.nextInt(3);
        var out = ByteBuffer.allocate(before
                + given.stream().mapToInt(each -> Frames.HEAD + each.length).sum()
                + random.nextInt(20));
        out.position(before);
        for (var each : given) {
            out.put((byte) '2')
                    .put((byte) 'J')
                    .putInt(random.nextInt())
                    .putInt(each.length)
                    .put(each);
        }
        return out.position(before);
    }

    private static List<Event> events(ByteBuffer wire, List<byte[]> given) {
        var events = new ArrayList<Event>();
        int at = wire.position();
        for (var each : given) {
            at += Frames.HEAD;
            var event = Event.checked(wire.array(), at, at + each.length, RECEIVED);
            assertThat(event).isNotNull();
            events.add(event);
            at += each.length;
        }
        return events;
    }

    private static boolean hasBlanksAround(byte[] json) {
        return json[0] != '{' || json[json.length - 1] != '}';
    }

    private static Event checked(byte[] json) {
        var event = Event.checked(json, 0, json.length, RECEIVED);
        assertThat(event).isNotNull();
        return event;
    }

    /// Now and then what comes first is so long that its end is too far away to be noted.
    private static byte[] json(Random random) {
        var some = new SomeJson(random).object();
        if (random.nextInt(10) > 0) {
            return some;
        }
        var text = new String(some, StandardCharsets.UTF_8).strip();
        int far = random.nextBoolean() ? 8_150 : 32_720;
        var pad = "{\"pad\":\"" + "x".repeat(far + random.nextInt(60)) + "\""
                + (text.substring(1).strip().equals("}") ? "" : ",") + text.substring(1);
        return pad.getBytes(StandardCharsets.UTF_8);
    }
}
