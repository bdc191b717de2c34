/// The log of a router on a stream of NATS JetStream, for routers that shall survive the loss of a node
/// with its disk: [JetStreamBuffer] is the log, [StreamCursor] a reader's way through it, [Chain] what
/// publishes, [Stream] what is asked of the servers, [Survey] what an opening finds there. Its one rule is that of
/// [io.logroute.buffer.Buffer]; only this package and `remote` know the client.
///
/// # What it promises
///
/// 1. Acknowledged (`sync` returned) means that the stream's servers have it: with 3 replicas two of
///    them, with 1 that one. NATS does not force each write to disk (`sync_interval`, 2 minutes): what
///    it confirmed outlives processes that are killed, and the loss of a minority of nodes with their
///    disks; it may not outlive a majority that loses *power* at once: see 7. Servers from 2.10 on can be told
///    `sync_interval: always`. Nothing in the answers says which they do.
/// 2. The stream's own limits drop nothing: no age, no count, discard new. A stream that is found
///    otherwise is set right, and told, or refused.
/// 3. A message is purged after a label that is stored says that all readers have settled it.
/// 4. A lost place means duplicates, never loss. After a crash a reader begins at the first record that
///    is not settled as a whole; after [JetStreamBuffer#close] where it was.
/// 5. One owner: whoever opened last. The one before loses nothing that it was told is stored; what it
///    appends from then on is refused with [BufferTaken], and its reads end.
/// 6. What is not stored within the patience (30 s) is told as not stored
///    ([io.logroute.buffer.SyncFailed]). A copy may be found stored later; readers of this process do
///    not get it, those of a later one do: a duplicate.
/// 7. Numbers rise along the stream. None that a reader may have seen is given to another record: an
///    opening that finds no orderly end passes over 2^30 and, by chance, up to 2^36 more, since what
///    came after that end may have been confirmed, read, and lost with the servers' power. It cannot
///    tell where the servers fell back to just an orderly end.
/// 8. What others purge, delete or set back is counted as lost and told, and the log goes on after it.
///
/// | law (in the tests of this package) | promises |
/// |---|---|
/// | `JetStreamBufferLaws`: moves, kills, openings beside a model, as for the disk | 1 3 4 5 7 |
/// | `JetStreamClusterIT`: leaders killed, owners in pairs, links cut, under load | 1 4 5 6 7 |
/// | `JetStreamBufferIT`: limits, hand-made damage, words | 2 3 4 5 6 8 |
///
/// # Format, version 1
///
/// The stream has the subjects `<stream>.records`, `<stream>.marks` and `<stream>.claims`. A record is
/// one message, its bytes the payload. Each message has the header `Logroute`, twelve words and a space
/// between each two:
///
///     version  1
///     id       of the buffer, 12 characters
///     epoch    of the opening that wrote it: one more than the last one's; in an empty stream one
///              more than the milliseconds since 1970 and the stream's last message come to
///     owner    chance that tells openings of one epoch apart; the higher one wins
///     first    the sequence number of its first event; of a mark, the one that comes next
///     events   how many; 0 for a mark
///     codec    what the appender said
///     millis   when it was appended, since 1970
///     passed   numbers below `first` that belong to no event
///     bytes    what the records before it came to, with 256 for each
///     low      all numbers below are settled for every reader, and may be gone
///     settled  how many events have numbers below `low`
///
/// Messages under `marks` say where in the log so many bytes lie; one stands before and one after
/// numbers that an opening passes over. Those under `claims` are an opening's
/// row of 129, one more than may be in flight ([Chain#WINDOW], part of the format); now and then one
/// for the sake of `low`; and at the end of an orderly life one with the payload "closed", then a line
/// `<consumer>=<settled>` for each reader.
///
/// A reader's place is a durable consumer, `<reader>__<version>`; [Place] tells how its name is made.
///
/// A newer version keeps the first word, so that this one can refuse it:
/// [io.logroute.buffer.BufferTooNew], before anything is changed.
@NullMarked
package io.logroute.buffer.jetstream;

import org.jspecify.annotations.NullMarked;
