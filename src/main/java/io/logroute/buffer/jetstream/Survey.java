package io.logroute.buffer.jetstream;

import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What an opening finds in a log that it has just claimed.
///
/// @param places where readers are, each with a consumer of its own that has given nothing out
/// @param starts where so many bytes lie, from the first message on
/// @param eventsEnd the number after the last event
/// @param before events before the first message
record Survey(StreamState state, Map<String, Place> places, List<Stretches.Start> starts, long eventsEnd, long before) {

    static Survey of(Stream stream, Chain chain, Ending ending) throws IOException {
        StreamState state = stream.info().getStreamState();
        Optional<MessageInfo> first = stream.next(state.getFirstSequence());
        Optional<Label> lastRecord = stream.lastRecord().flatMap(each -> Label.of(each.getHeaders()));
        Map<String, Place> places = places(stream, chain, state, ending);
        List<Stretches.Start> starts = starts(stream, first);
        long oldest = starts.isEmpty() ? chain.endSeq() : starts.getFirst().seq();
        return new Survey(
                state,
                places,
                starts,
                Math.max(oldest, lastRecord.map(Label::end).orElse(oldest)),
                first.isPresent() ? stream.label(first.get()).before() : 0);
    }

    private static Map<String, Place> places(Stream stream, Chain chain, StreamState state, Ending ending)
            throws IOException {
        Map<String, Place> found = new TreeMap<>();
        Map<String, List<String>> all = new HashMap<>();
        for (ConsumerInfo consumer : stream.consumers()) {
            Optional<Place.Name> name = Place.of(consumer.getName());
            if (name.isEmpty()) {
                continue;
            }
            all.computeIfAbsent(name.get().reader(), _ -> new ArrayList<>()).add(consumer.getName());
            Place before = found.get(name.get().reader());
            if (before != null && before.version > name.get().version()) {
                continue;
            }
            Place place = new Place(name.get().reader(), name.get().version());
            long start = consumer.getConsumerConfiguration().getStartSequence();
            place.stream = Math.max(consumer.getAckFloor().getStreamSequence() + 1, Math.max(1, start));
            found.put(place.reader, place);
        }
        for (Place place : found.values()) {
            place.stream = Math.max(Math.min(place.stream, chain.known() + 1), state.getFirstSequence());
            locate(stream, chain, place, stream.next(place.stream));
            long said = ending.exact().getOrDefault(place.reader, 0L);
            place.saved = Math.max(place.start, Math.min(said, chain.endSeq())); // beyond it were numbers given up
            place.version++;
            stream.consumer(place.consumer(), "sink " + place.reader, place.stream);
            place.fresh = true;
            for (String old : all.getOrDefault(place.reader, List.of())) {
                if (!old.equals(place.consumer())) {
                    stream.deleteConsumer(old);
                }
            }
        }
        return found;
    }

    private static List<Stretches.Start> starts(Stream stream, Optional<MessageInfo> first) throws IOException {
        List<Stretches.Start> starts = new ArrayList<>();
        if (first.isPresent()) {
            starts.add(start(stream, first.get()));
            Optional<MessageInfo> mark = stream.nextMark(first.get().getSeq());
            while (mark.isPresent()) {
                starts.add(start(stream, mark.get()));
                mark = stream.nextMark(mark.get().getSeq() + 1);
            }
        }
        return starts;
    }

    private static Stretches.Start start(Stream stream, MessageInfo message) throws IOException {
        Label label = stream.label(message);
        return new Stretches.Start(message.getSeq(), label.first(), label.passed(), label.bytes());
    }

    /// Puts a place to this message, or to the end when there is none.
    static void locate(Stream stream, Chain chain, Place place, Optional<MessageInfo> at) throws IOException {
        if (at.isEmpty()) {
            place.start = chain.endSeq();
            place.passed = chain.endSeq() - chain.endCount();
            return;
        }
        Label label = stream.label(at.get());
        place.stream = at.get().getSeq();
        place.start = label.first();
        place.passed = label.passed();
    }
}
