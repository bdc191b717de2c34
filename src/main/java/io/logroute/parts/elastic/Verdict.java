package io.logroute.parts.elastic;

import io.logroute.flow.Delivery;
import java.time.Duration;

/// What an answer of Elasticsearch means for an event. Pure; the table is in `VerdictTest`.
final class Verdict {
    /// Elasticsearch is busy or a node is away.
    static final Duration SOON = Duration.ofMillis(500);

    /// Somebody has to change a secret, a right or a setting.
    static final Duration UNTIL_MENDED = Duration.ofSeconds(10);

    /// An index is closed or blocked, such as when the disks are full.
    static final Duration UNTIL_UNBLOCKED = Duration.ofSeconds(30);

    /// For so long an event waits for an index that somebody closed or blocked; then it goes to the dead
    /// letters, since waiting longer would hold up those for other indices.
    static final Duration HOLD = Duration.ofMinutes(5);

    /// Longer words are cut: a dead letter keeps its reason beside the event.
    private static final int MAX_REASON = 1000;

    private Verdict() {}

    /// The verdict on one item of a bulk answer.
    ///
    /// @param ownId whether the document went under an id of our making: then a 409 is our own
    ///     repeat
    static Delivery ofItem(int status, String type, String reason, boolean ownId) {
        if (status == 200 || status == 201 || status == 409 && ownId) {
            return Delivery.delivered();
        }
        if (isFull(type, reason)) {
            return new Delivery.Retry(words(status, type, reason), UNTIL_UNBLOCKED);
        }
        if (status != 429 && isBlocked(type, reason)) {
            return new Delivery.Held(words(status, type, reason), UNTIL_UNBLOCKED, HOLD);
        }
        if (status == 429 || status >= 500) {
            return new Delivery.Retry(words(status, type, reason), SOON);
        }
        if (type.equals("cluster_block_exception")) {
            return new Delivery.Retry(words(status, type, reason), UNTIL_UNBLOCKED);
        }
        return new Delivery.Rejected(words(status, type, reason));
    }

    /// The cluster takes nothing new anywhere: its disks are at their flood stage (403 before
    /// Elasticsearch 8, 429 since), it creates no index, or it has all the shards it may have, of
    /// which Elasticsearch tells as of a 400.
    private static boolean isFull(String type, String reason) {
        return switch (type) {
            case "index_create_block_exception" -> true;
            case "validation_exception" -> reason.contains("maximum") && reason.contains("shards open");
            default -> reason.contains("flood-stage watermark") || reason.contains("/12/index read-only");
        };
    }

    /// This one index is closed or blocked; others may go on. Of a block of the whole cluster the
    /// reason names no index.
    private static boolean isBlocked(String type, String reason) {
        return type.equals("index_closed_exception")
                || type.equals("cluster_block_exception") && reason.startsWith("index [");
    }

    /// The verdict on every event of a request that was turned away whole; 413 and 400 are not
    /// asked here, as a smaller request may pass.
    static Delivery.Retry ofRequest(int status, String type, String reason) {
        var words = words(status, type, reason);
        return switch (status) {
            case 401, 403 ->
                new Delivery.Retry("not allowed: " + words, UNTIL_MENDED, Delivery.Retry.Cause.NOT_ALLOWED);
            case 408, 425, 429 -> new Delivery.Retry(words, SOON);
            default ->
                status >= 500
                        ? new Delivery.Retry(words, SOON)
                        : new Delivery.Retry(
                                words + "; check that urls of the sink point to Elasticsearch or OpenSearch",
                                UNTIL_MENDED);
        };
    }

    static String words(int status, String type, String reason) {
        var said = type.isEmpty() ? reason : reason.isEmpty() ? type : type + ": " + reason;
        var cut = said.length() <= MAX_REASON ? said : said.substring(0, MAX_REASON) + " ...";
        return "elasticsearch answered %d%s%s".formatted(status, cut.isEmpty() ? "" : ": ", cut);
    }
}
