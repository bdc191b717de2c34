/// The durable, append-only log of a router: bytes in, bytes out; it knows no events.
/// [Buffer] is the log, [Cursor] one reader's way through it, [Stored] a record. Its one
/// rule: what was acknowledged is durable and stays until every reader has settled it.
/// [DiskBuffer] is the one on disk, told below; [DiskBuffer#inMemory] is the same log for those who want none of
/// the disk.
///
/// # What the one on disk promises
///
/// 1. Acknowledged (`sync` returned) means forced to disk, the folder too after every create,
///    rename and delete, and the folders above when the buffer makes its own.
/// 2. A segment goes only after the places of all readers beyond it are durable: place forced,
///    then unlinked or made a spare, then folder forced.
/// 3. A lost or damaged place means duplicates, never loss: that reader starts at the place before, or
///    at the oldest record. What was settled since the place before and is gone counts as lost then:
///    nothing tells it from what is.
/// 4. Size is what the files of segments and spares occupy, recomputed at opening. Of a file that failed it is
///    what reached it, unless the disk does not even say how long it is: then what was to come counts, too.
/// 5. Opening never fails for what files contain. A torn tail is cut; a damaged file is copied
///    (or, when nothing in it can be read, moved) to `corrupt/`, what it lost is counted from
///    sequence numbers, and the records after it are delivered. Sealed segments are not read at
///    opening: the first reader finds their damage.
/// 6. After a failed write or force the segment is given up and not touched again. Its durable
///    part stays readable, its other records are reported as not stored, and the next segment's
///    header says where the log really ended. What the next process reads may be in the
///    machine's memory only, so opening writes places and the log's unsealed end once more
///    before it builds on them.
/// 7. A file gets its name after its header is written and forced: draft `*.tmp`, rename, folder
///    forced.
/// 8. A sequence number that a reader may have seen is not given to another record. Numbers may
///    be passed over; that is not loss. The newest segment stays for them when all have passed
///    it; where the disk has no room for a newer one it goes, and the places keep them meanwhile.
/// 9. Nothing is mapped. Only durable records are read.
/// 10. A file that is used again shows nothing of its former lives, whenever the power goes.
///
/// Which law holds which; `./dev soak` lets them run for long. Each promise was broken on purpose,
/// and a test of its row failed:
///
/// | law (in the tests of this package) | promises |
/// |---|---|
/// | `DiskBufferLaws`: moves, crashes and power cuts at any operation beside a model | 1 2 4 7 8 9 10 |
/// | `DiskBufferLaws` on a disk that refuses or is full | 1 2 4 6 8 9 |
/// | `RecyclingLaws`: stale records everywhere; power cuts in a row through a whole story | 1 2 7 10 |
/// | `DamageLaws`: any bit, any file, any record over another, in first and later lives | 3 5 8 |
/// | `AnyBytesLaws`: anything at all in the folder | 3 5 |
/// | `DiskBufferTest`, `RecyclingTest`: single steps in their order | 1 2 4 6 8 10 |
/// | `StagingLaws`: no memory for a part of a record | 1 8 |
/// | `BufferFullIT`: a real file system that is full | 1 4 6 |
///
/// # Format, version 1
///
/// Big-endian; every sum is a CRC32C. All names are in the buffer's folder:
///
///     LOCK                       text for people: who has it open; the lock itself is the
///                                operating system's
///     identity                   block IDENTITY, twice (at 0 and 64)
///     00000000000000000001.seg   a segment; the number is its ordinal, never used twice
///     00000000000000000001.spare a file for a later segment; the number is that of its former life
///     cursors/<reader>.cur       slot A at 0, slot B at 4096: block CURSOR; written in turn,
///                                the valid one with the higher epoch counts
///     corrupt/                   set aside; the buffer never reads it
///
/// A block is 64 bytes:
///
///      0  8  magic: LRBUFFER (identity), LRSEGMNT (segment header), LRSEALED (seal), LRCURSOR
///      8  2  version, 1       10  2  0       12  4  0
///            in a segment's header the four bytes at 12 are 1 when its file had a life before
///     16  8  id of the buffer, 60 random bits; its text is 12 characters of
///            0123456789abcdefghjkmnpqrstvwxyz, 5 bits each, high bits first
///     24  8  first    created | ordinal  | ordinal | epoch
///     32  8  second   0       | baseSeq  | endSeq  | settled: all below is settled
///     40  8  third    0       | afterSeq | end     | saved
///     48  8  fourth   0       | created  | nextSeq | 0
///     56  4  0               60  4  sum of bytes 0 to 59
///
/// The columns of the middle lines are the four blocks, in the order of their magics; `created`
/// and `saved` are milliseconds since 1970.
///
/// A segment is its header at 0, its seal at 512 (zeros until it is sealed; another sector, so
/// that writing it cannot tear the header), and records from 1024 on, each at a multiple of 8.
/// `baseSeq` is the first number it may hold. `afterSeq` is where the log before it ended:
/// numbers between the two were passed over, and records of older segments from `afterSeq` on
/// were never acknowledged and do not count. The seal says that all records up to the place `end`
/// and the number `endSeq` were durable, and that numbers below `nextSeq` are not given again. A
/// record is
///
///      0  4  magic LRR1
///      4  4  sum of: id (8), ordinal (8), place of this record in the file (8), then bytes 8 to 47
///      8  4  length of the payload
///     12  4  sum of the payload
///     16  8  sequence number of its first event
///     24  8  everything below this number was durable when it was appended
///     32  8  appended, milliseconds since 1970
///     40  4  events, 1 or more, at most one a byte
///     44  1  kind, 1          45  1  codec: what the appender said 46  2  0
///     48     payload, then zeros up to a multiple of 8
///
/// # A file has several lives
///
/// Id, ordinal and place are in the sum of a record but not in the record: bytes from a file's
/// former life, from another buffer, or quoted in a payload do not pass for a record. So whatever
/// lies behind the last record is nothing, and a file is written again: forcing bytes over bytes
/// that were written before needs no new blocks and no new length, and is faster. A
/// record of a former life lies where it was written, in a file of the same buffer; only the
/// ordinal of its sum differs. A CRC of 32 bits tells any two inputs apart that differ in at most
/// 32 bits in a row, so it is refused for certain, not almost for certain, until a buffer has had
/// 2^32 segments.
///
/// The steps of a new life, each durable before the next: places beyond the segment; its name
/// `.seg` becomes `.spare`, folder forced; it becomes the draft `.seg.tmp` of the new ordinal and
/// gets a new header and zeros for the seal, forced; draft becomes `.seg`, folder forced. A crash
/// between any two leaves a segment that all have passed, a spare, or a draft, which opening
/// deletes. Ordinals start above those of spares and drafts, too: no file ever has the same one
/// twice. There are four spares at most, and they count as occupied; they go at once when an append
/// waits for space or the file system is nearly full. The file of a segment that failed, is
/// damaged, much smaller or larger than usual, or still open to a reader gets no other life. Nobody
/// makes such a file longer, or shorter while it is used.
///
/// A newer version keeps the block's layout, so that this one can refuse it: a block with a right
/// sum and a higher version ends opening with [BufferTooNew] before anything is changed. A wrong
/// sum is damage, whatever the version says.
@NullMarked
package io.logroute.buffer;

import org.jspecify.annotations.NullMarked;
