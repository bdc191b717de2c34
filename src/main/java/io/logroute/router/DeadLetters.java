package io.logroute.router;

import io.logroute.flow.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// The events that a sink refused for good, kept with the reason, durably before an event counts as
/// settled: [LettersOnDisk] in files, [LettersOnStream] on a NATS stream. The oldest go when there is
/// more than the [Bounds] allow, or when they are older, and are told and counted; nothing else lets
/// one go but those who take it out. Safe for all threads.
public interface DeadLetters extends AutoCloseable {

    /// A refused event, and why.
    record Letter(Event event, String reason) {}

    /// How much is kept and how long, at most.
    record Bounds(long maxBytes, Duration maxAge) {
        private static final Duration AGELESS = Duration.ofDays(365_000);
        public static final Bounds USUAL = new Bounds(1 << 30, Duration.ofDays(30));

        /// For a sink that is no longer declared: nobody says how long its letters may be kept.
        Bounds ageless() {
            return new Bounds(maxBytes, AGELESS);
        }
    }

    /// Hears of letters that are no more.
    ///
    /// `why` is `max_bytes`, `max_age`, `purged` or `replayed`.
    interface Leaving {
        void gone(String why, long letters);
    }

    /// What there is now.
    ///
    /// @param bytes that they occupy
    /// @param damaged what is no whole letter
    /// @param oldest when the oldest letter was refused
    /// @param reasons the most frequent, numbers and quotes in them left away, with how many letters
    ///     have them
    record Summary(
            String router,
            String sink,
            long letters,
            long bytes,
            long damaged,
            Optional<Instant> oldest,
            Optional<Instant> newest,
            List<Reason> reasons) {
        /// Letters, with those that are damaged: what somebody may miss.
        long all() {
            return letters + damaged;
        }
    }

    record Reason(String reason, long letters) {}

    /// Some letters, in the order in which they came.
    ///
    /// @param next goes on after this id; empty when there is nothing more
    /// @param damaged what on the way is no whole letter
    record Page(List<DeadLetter> letters, Optional<LetterId> next, long damaged) {}

    /// What a step of a purge did.
    ///
    /// @param next ask again with this as `after`; empty at the end
    record Purged(long removed, Optional<LetterId> next) {}

    /// The dead letters in files under a data folder, by router and sink. Whoever takes letters out has
    /// to hold the folder of the router's buffer first, which a running router does; reading is for
    /// everyone at any time.
    static List<DeadLetters> under(Path data) throws IOException {
        return LettersOnDisk.under(data);
    }

    String router();

    String sink();

    /// Where they lie, for people.
    String where();

    /// What to do when they cannot be written there, in a few words.
    String mend();

    /// One replay of a sink's letters at a time.
    ReentrantLock replaying();

    void bounds(Bounds wanted);

    /// The sink is no longer declared: age is no reason to delete from now on.
    void keepAnyAge();

    /// Makes the letters durable.
    ///
    /// @throws IOException when they could not be made durable; nothing of them counts then
    void keep(List<Letter> letters) throws IOException;

    /// Deletes what is older than it may become, now and then.
    void sweep();

    /// How many letters there are, with those that are damaged, without a look at where they lie; empty until
    /// the first [#sweep] has looked.
    OptionalLong count();

    /// What there is, looked up where it is not known yet.
    Summary summary() throws IOException;

    /// Where the letters end now: those that come from now on have greater ids.
    LetterId end() throws IOException;

    /// The next letters that fit.
    ///
    /// @param after begins behind this one
    /// @param until no letter at or beyond this one
    /// @param limit letters, at most
    /// @param maxBytes of events, at most; a single letter may be larger
    Page page(LetterFilter filter, LetterId after, LetterId until, int limit, long maxBytes) throws IOException;

    /// The letter of that id.
    Optional<DeadLetter> letter(LetterId id) throws IOException;

    /// Takes these letters out, durably.
    ///
    /// @param why `purged` or `replayed`
    ///
    /// @return how many had not been taken out before
    long remove(Collection<DeadLetter> letters, String why) throws IOException;

    /// Takes all letters out, and what is damaged with them, when none came at or after that.
    ///
    /// @return how many letters there were; empty when some came since
    Optional<Long> removeAll(LetterId until) throws IOException;

    /// Takes all letters out, and what is damaged with them.
    ///
    /// @return how many letters there were
    default long removeAll() throws IOException {
        return removeAll(LetterId.AFTER_ALL).orElse(0L);
    }

    /// Takes letters out for good, as many as a page holds. When all are meant, from the first on and
    /// up to where they end now, all of it goes at once, what is damaged too.
    default Purged purge(LetterFilter filter, LetterId after, Optional<LetterId> until, int limit)
            throws IOException, InterruptedException {
        if (!replaying().tryLock(30, TimeUnit.SECONDS)) {
            throw new IOException("a replay of these letters is under way; wait for it");
        }
        try {
            if (filter.isAll() && after.equals(LetterId.START)) {
                var all = removeAll(until.orElse(LetterId.AFTER_ALL));
                if (all.isPresent()) {
                    return new Purged(all.get(), Optional.empty());
                }
            }
            var page = page(filter, after, until.isPresent() ? until.get() : end(), limit, PURGE_BYTES);
            return new Purged(remove(page.letters(), "purged"), page.next());
        } finally {
            replaying().unlock();
        }
    }

    /// Of events, that a step of a purge takes out.
    long PURGE_BYTES = 16 << 20;

    /// The reason without what differs from letter to letter.
    static String kind(String reason) {
        return reason.replaceAll("'[^']{0,300}'", "'…'")
                .replaceAll("\"[^\"]{0,300}\"", "\"…\"")
                .replaceAll("[0-9]+", "N");
    }

    /// Nothing is kept from now on.
    @Override
    void close();
}
