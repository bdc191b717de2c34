package io.logroute.parts.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Delivery;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            # why                                   | status | type                          | reason                                   | ours  | verdict
            written                                 | 201    | -                             | -                                        | true  | delivered
            written over, by an old ingest pipeline | 200    | -                             | -                                        | true  | delivered
            our own repeat                          | 409    | version_conflict_engine_exception | document already exists              | true  | delivered
            a conflict without an id of ours        | 409    | version_conflict_engine_exception | document already exists              | false | rejected
            the queue of a node is full             | 429    | es_rejected_execution_exception | rejected execution                     | true  | retry 500 ms
            a bad gateway                           | 502    | -                             | -                                        | true  | retry 500 ms
            a shard is away                         | 503    | unavailable_shards_exception  | primary shard is not active              | true  | retry 500 ms
            a gateway without patience              | 504    | -                             | -                                        | true  | retry 500 ms
            a fault inside of Elasticsearch         | 500    | null_pointer_exception        | -                                        | true  | retry 500 ms
            a field of the wrong type               | 400    | document_parsing_exception    | failed to parse field [task_slot]        | true  | rejected
            a mapping of the wrong type             | 400    | illegal_argument_exception    | mapper [a] cannot be changed             | true  | rejected
            no index, and none may be made          | 404    | index_not_found_exception     | no such index [x]                        | true  | rejected
            an index that was made read-only        | 403    | cluster_block_exception       | index [x] blocked by: [FORBIDDEN/8/index write (api)] | true | held 30000 ms for 5 min
            full disks, Elasticsearch 7             | 403    | cluster_block_exception       | index [x] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)] | true | retry 30000 ms
            full disks, Elasticsearch 8             | 429    | cluster_block_exception       | disk usage exceeded flood-stage watermark | true | retry 30000 ms
            a closed index                          | 400    | index_closed_exception        | closed                                   | true  | held 30000 ms for 5 min
            the cluster was made read-only          | 403    | cluster_block_exception       | blocked by: [FORBIDDEN/6/cluster read-only (api)] | true | retry 30000 ms
            no master                               | 503    | cluster_block_exception       | blocked by: [SERVICE_UNAVAILABLE/2/no master] | true | retry 500 ms
            indices may not be made now             | 403    | index_create_block_exception  | blocked by: [FORBIDDEN/10/cluster create-index blocked (api)] | true | retry 30000 ms
            the cluster has all shards it may have  | 400    | validation_exception          | this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open; | true | retry 30000 ms
            another index is not for this user      | 403    | security_exception            | action is unauthorized for user [x]      | true  | rejected
            a document that is too large            | 413    | -                             | -                                        | true  | rejected
            """)
    void items(String why, int status, @Nullable String type, @Nullable String reason, boolean ours, String verdict) {
        var delivery = Verdict.ofItem(status, type == null ? "" : type, reason == null ? "" : reason, ours);
        assertThat(said(delivery)).as(why).isEqualTo(verdict);
        if (delivery instanceof Delivery.Rejected(var words)) {
            assertThat(words).contains(String.valueOf(status)).contains(reason == null ? "" : reason);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            nobody we know            | 401 | security_exception | unable to authenticate user   | retry 10000 ms, once allowed
            somebody without a right  | 403 | security_exception | action is unauthorized        | retry 10000 ms, once allowed
            too many requests         | 429 | circuit_breaking_exception | Data too large        | retry 500 ms
            no master                 | 503 | cluster_block_exception | no master                | retry 500 ms
            a fault inside            | 500 | -                  | -                             | retry 500 ms
            not Elasticsearch at all  | 404 | -                  | not found                     | retry 10000 ms
            a page that moved         | 301 | -                  | -                             | retry 10000 ms
            """)
    void requests(String why, int status, @Nullable String type, @Nullable String reason, String verdict) {
        var delivery = Verdict.ofRequest(status, type == null ? "" : type, reason == null ? "" : reason);
        assertThat(said(delivery)).as(why).isEqualTo(verdict);
        assertThat(delivery.reason()).contains(String.valueOf(status));
    }

    @Test
    void a_right_that_is_missing_is_called_so() {
        assertThat(Verdict.ofRequest(401, "security_exception", "unable to authenticate user [x]")
                        .reason())
                .isEqualTo(
                        "not allowed: elasticsearch answered 401: security_exception: unable to authenticate user [x]");
    }

    @Test
    void very_long_words_are_cut() {
        assertThat(((Delivery.Rejected) Verdict.ofItem(400, "t", "x".repeat(100_000), true)).reason())
                .hasSizeLessThan(1100)
                .endsWith(" ...");
    }

    private static String said(Delivery delivery) {
        return switch (delivery) {
            case Delivery.Delivered _ -> "delivered";
            case Delivery.Retry(var _, var after, var cause) ->
                "retry " + after.toMillis() + " ms"
                        + (cause == Delivery.Retry.Cause.NOT_ALLOWED ? ", once allowed" : "");
            case Delivery.Held(var _, var after, var atMost) ->
                "held " + after.toMillis() + " ms for " + atMost.toMinutes() + " min";
            case Delivery.Rejected _ -> "rejected";
        };
    }
}
