package io.logroute.parts.elastic;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.NotAllowed;
import io.logroute.flow.Preparation;
import io.logroute.flow.Sink;
import io.logroute.remote.Elastic;
import io.logroute.remote.ElasticClient;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import io.logroute.telemetry.Meter;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Writes events to Elasticsearch 8 or 9, or OpenSearch, by bulk requests of `create`, one
/// request a batch.
///
/// Every document goes under an id of ours unless `ids` is `none`: a repeat is answered 409 and
/// counts as delivered, so that a batch of which nothing is known may be sent again. What each
/// answer means stands in [Verdict]. A request that is too large, or that Elasticsearch turns
/// away whole with 400, is sent again in halves until the event that is to blame stands alone. So is
/// one at which the connection ends again and again without an answer, as long as there are answers to
/// others: see [Suspects].
///
/// Takes as many threads as `bulk.inFlight` says.
public final class ElasticSink implements Sink {
    private static final int FIRST_CAPACITY = 256 * 1024;

    /// Connections in a row that end without an answer while an event to blame is looked for, at most: it
    /// halves up to 100,000 events, and at the end a few.
    private static final int MOST_DROPS = 24;

    private final String name;
    private final SinkSpec.Elasticsearch spec;
    private final String bufferId;
    private final Mappings mappings;
    private final Elastic elastic;
    private final InstantSource clock;
    private final IndexChoice index;
    private final Counter tooLarge;
    private final ArrayBlockingQueue<BulkBody> bodies;
    private final Suspects suspects = new Suspects();
    private @Nullable Installation installation;
    private boolean opened;

    /// @param router, name the labels of its metrics
    /// @param bufferId names the buffer whose numbers the events carry; another buffer has another
    /// @param mappings where the sink's `template` is looked for
    public ElasticSink(
            String router,
            String name,
            SinkSpec.Elasticsearch spec,
            String bufferId,
            Mappings mappings,
            Instruments meters) {
        this(router, name, spec, bufferId, mappings, meters, new ElasticClient(spec), InstantSource.system());
    }

    ElasticSink(
            String router,
            String name,
            SinkSpec.Elasticsearch spec,
            String bufferId,
            Mappings mappings,
            Instruments meters,
            Elastic elastic,
            InstantSource clock) {
        this.name = name;
        this.spec = spec;
        this.bufferId = bufferId;
        this.mappings = mappings;
        this.elastic = elastic;
        this.clock = clock;
        this.index = new IndexChoice(spec.index());
        this.tooLarge = meters.counter(Meter.RETRIES, router, name, "too_large");
        this.bodies = new ArrayBlockingQueue<>(spec.bulk().inFlight());
    }

    /// Reads secrets, certificates and the template, so that what is missing is told at the
    /// start; sends nothing. The first write does it otherwise. Safe twice.
    ///
    /// @throws IOException with the file that is missing, or not what it should be, and how to
    ///     mend it
    public void open() throws IOException {
        opened();
    }

    private synchronized @Nullable Installation opened() throws IOException {
        if (!opened) {
            try {
                if (spec.template().isPresent()) {
                    installation = new Installation(
                            name, elastic, mappings.load(spec.template().get()), spec.index(), clock);
                }
                elastic.open();
            } catch (IOException e) {
                throw new IOException("sink %s: %s".formatted(name, e.getMessage()), e);
            }
            opened = true;
        }
        return installation;
    }

    @Override
    public synchronized Preparation preparation() {
        if (installation != null) {
            return installation.preparation();
        }
        return spec.template().isEmpty()
                ? new Preparation.NotNeeded()
                : new Preparation.Pending("the index template is installed with the first write");
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        var preparing = opened();
        var wait = preparing == null ? null : preparing.proceed();
        if (wait != null) {
            throw wait.cause() == Delivery.Retry.Cause.NOT_ALLOWED
                    ? new NotAllowed(wait.reason())
                    : new IOException(wait.reason());
        }
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        var preparing = opened();
        if (preparing != null) {
            var wait = preparing.proceed();
            if (wait != null) {
                return Collections.nCopies(batch.size(), wait);
            }
        }
        var outcome = new Outcome(batch);
        var body = outcome.body();
        if (outcome.count > 0) {
            try {
                outcome.exchange(body, 0, outcome.count);
            } catch (Elastic.Dropped e) {
                outcome.dropped(e);
            }
        }
        return outcome.deliveries();
    }

    /// A request with a document that no index takes, for it is no object.
    static byte[] witness(String index) {
        return "{\"create\":{\"_index\":\"%s\"}}\n0\n"
                .formatted(DocumentId.quoted(index))
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Whether there is an answer to another document.
    private boolean answersOthers(String index) throws InterruptedException {
        var body = witness(index);
        try {
            return switch (elastic.bulk(body, body.length, 1)) {
                case Elastic.BulkAnswer.Items(var items) ->
                    isSound(items.getFirst().status());
                case Elastic.BulkAnswer.Refused(var status, var type, var _) -> isSound(status) && !type.isEmpty();
            };
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isSound(int status) {
        return status < 500 && status != 429;
    }

    @Override
    public void close() {
        elastic.close();
        bodies.clear();
    }

    /// One batch on its way: what is known of each event so far.
    private final class Outcome {
        private final List<Event> events;
        private final @Nullable Delivery[] known;

        /// Places in the batch of the events that have an index, and those indices; the first
        /// `count` count.
        private final int[] places;

        private final String[] indices;
        private int count;

        Outcome(Batch batch) {
            events = batch.events();
            known = new Delivery[events.size()];
            places = new int[events.size()];
            indices = new String[events.size()];
        }

        /// Chooses the index of each event and makes the body of all that have one, in one go: an
        /// event's bytes are fetched from memory once.
        BulkBody body() {
            var body = take();
            for (int i = 0; i < events.size(); i++) {
                var chosen = index.of(events.get(i));
                if (chosen.isEmpty()) {
                    known[i] = new Delivery.Rejected(index.whyNone(events.get(i)));
                } else {
                    body.add(events.get(i), chosen);
                    indices[count] = chosen;
                    places[count++] = i;
                }
            }
            return body;
        }

        void send(int from, int to) throws IOException, InterruptedException {
            var body = take();
            for (int i = from; i < to; i++) {
                body.add(events.get(places[i]), indices[i]);
            }
            exchange(body, from, to);
        }

        /// Sends the body with these events, and learns what became of them.
        void exchange(BulkBody body, int from, int to) throws IOException, InterruptedException {
            switch (elastic.bulk(body.array(), body.size(), body.documents())) {
                case Elastic.BulkAnswer.Items(var items) -> {
                    boolean hasSuspects = suspects.answered(clock.instant());
                    for (int i = from; i < to; i++) {
                        if (hasSuspects) {
                            suspects.answered(events.get(places[i]));
                        }
                        var item = items.get(i - from);
                        known[places[i]] = Verdict.ofItem(item.status(), item.type(), item.reason(), body.idsAreOurs());
                    }
                    // Only now is the array surely not being read any more.
                    giveBack(body);
                }
                case Elastic.BulkAnswer.Refused refused -> turnedAway(refused, from, to);
            }
        }

        private void turnedAway(Elastic.BulkAnswer.Refused refused, int from, int to) throws InterruptedException {
            int status = refused.status();
            boolean smallerMayPass =
                    status == 413 || status == 400 && !refused.type().isEmpty();
            if (!smallerMayPass) {
                fill(from, to, Verdict.ofRequest(status, refused.type(), refused.reason()));
            } else if (to - from == 1) {
                var words = Verdict.words(status, refused.type(), refused.reason());
                fill(from, to, new Delivery.Rejected(status == 413 ? "too_large: " + words : words));
            } else {
                if (status == 413) {
                    tooLarge.increment(to - from);
                }
                int middle = (from + to) >>> 1;
                sendHalf(from, middle);
                sendHalf(middle, to);
            }
        }

        /// What is known of one half stays known when nothing becomes known of the other.
        private void sendHalf(int from, int to) throws InterruptedException {
            try {
                send(from, to);
            } catch (IOException e) {
                fill(from, to, new Delivery.Retry(String.valueOf(e.getMessage()), Verdict.SOON));
            }
        }

        /// The connection ended at all of them, without an answer.
        ///
        /// @throws IOException the same, as long as it is no event's fault for all that is known
        void dropped(Elastic.Dropped e) throws IOException, InterruptedException {
            boolean mayLook = suspects.ended(events.get(places[0]));
            if (count > 1 && (!mayLook || !answersOthers(indices[0]))) {
                throw e;
            }
            apart(0, count, e);
        }

        private int drops;

        private void apart(int from, int to, Elastic.Dropped e) throws InterruptedException {
            if (to - from == 1) {
                fill(from, to, alone(from, e));
                return;
            }
            int middle = (from + to) >>> 1;
            half(from, middle, e);
            half(middle, to, e);
        }

        /// Too many in a row are an outage, and no event's fault: the rest comes again.
        private void half(int from, int to, Elastic.Dropped before) throws InterruptedException {
            if (drops >= MOST_DROPS) {
                fill(from, to, new Delivery.Retry(String.valueOf(before.getMessage()), Verdict.SOON));
                return;
            }
            try {
                send(from, to);
                drops = 0;
            } catch (Elastic.Dropped e) {
                drops++;
                apart(from, to, e);
            } catch (IOException e) {
                drops = MOST_DROPS;
                fill(from, to, new Delivery.Retry(String.valueOf(e.getMessage()), Verdict.SOON));
            }
        }

        private Delivery alone(int at, Elastic.Dropped e) throws InterruptedException {
            if (!answersOthers(indices[at])) {
                drops = MOST_DROPS;
                return new Delivery.Retry(String.valueOf(e.getMessage()), Verdict.SOON);
            }
            var toBlame = suspects.endedAlone(events.get(places[at]), clock.instant());
            if (toBlame.isPresent()) {
                return new Delivery.Rejected(toBlame.get());
            }
            return new Delivery.Retry(
                    "%s: at one event, and not at others; after %d minutes of that it goes to the dead letters"
                            .formatted(e.getMessage(), Verdict.HOLD.toMinutes()),
                    Verdict.SOON);
        }

        private void fill(int from, int to, Delivery delivery) {
            for (int i = from; i < to; i++) {
                known[places[i]] = delivery;
            }
        }

        List<Delivery> deliveries() {
            var all = new Delivery[known.length];
            for (int i = 0; i < all.length; i++) {
                var delivery = known[i];
                if (delivery == null) {
                    throw new IllegalStateException("nothing is known of event " + i + " of the batch");
                }
                all[i] = delivery;
            }
            return Arrays.asList(all);
        }
    }

    private BulkBody take() {
        var body = bodies.poll();
        return body == null ? new BulkBody(FIRST_CAPACITY, DocumentId.of(spec.ids(), bufferId)) : body;
    }

    private void giveBack(BulkBody body) {
        body.reset();
        if (body.capacity() <= FIRST_CAPACITY + 3 * spec.bulk().maxBytes().bytes()) {
            bodies.offer(body);
        }
    }
}
