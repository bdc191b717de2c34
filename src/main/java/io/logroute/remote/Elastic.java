package io.logroute.remote;

import java.io.IOException;
import java.util.List;

/// Elasticsearch, or OpenSearch, as the rest of the house speaks to it. Safe for all threads.
///
/// An answer that can be read is a value, whatever it says; that nothing is known (no node
/// answered, an answer that cannot be read) is an `IOException` that names what was tried.
public interface Elastic extends AutoCloseable {
    /// Reads secrets and certificates and makes ready to connect; nothing is sent. A second call
    /// changes nothing.
    ///
    /// @throws IOException when a file is missing or is not what it should be; the message names
    ///     it and says how to mend
    void open() throws IOException;

    /// Sends one bulk request.
    ///
    /// @param body lines of the bulk API, of which the first `length` bytes count; it must not
    ///     change until this returns [BulkAnswer.Items], and after any other outcome never again:
    ///     a connection may still read it
    /// @param documents how many documents the body has
    /// @throws Dropped when the connection ended without an answer
    /// @throws IOException when nothing is known of the documents: each may be stored or not
    BulkAnswer bulk(byte[] body, int length, int documents) throws IOException, InterruptedException;

    /// @param path below the node's URL, such as `/_index_template/logroute-ampbeat`
    Answer get(String path) throws IOException, InterruptedException;

    /// @param json the body
    Answer put(String path, byte[] json) throws IOException, InterruptedException;

    /// Ends requests under way with an `IOException`. Safe twice, and without [#open].
    @Override
    void close();

    /// The last node that was asked took the connection and ended it without an answer, or in the middle of
    /// one.
    final class Dropped extends IOException {
        private static final long serialVersionUID = 1;

        public Dropped(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// What one request gave.
    record Answer(int status, byte[] body) {
        public boolean isGood() {
            return status >= 200 && status < 300;
        }
    }

    /// What a bulk request gave.
    sealed interface BulkAnswer {
        /// One item a document, in the order of the body.
        record Items(List<Item> items) implements BulkAnswer {}

        /// The whole request was turned away; no document of it was stored.
        ///
        /// @param type Elasticsearch's name for the fault; empty when the answer is not in its form
        /// @param reason its own words, or the beginning of what came instead
        record Refused(int status, String type, String reason) implements BulkAnswer {
            /// What any answer that is not good says of itself.
            public static Refused of(Answer answer) {
                return Answers.refused(answer.status(), answer.body());
            }
        }
    }

    /// What became of one document.
    ///
    /// @param type Elasticsearch's name for the fault; empty when there is none
    /// @param reason its own words; empty when there are none
    record Item(int status, String type, String reason) {
        static final Item CREATED = new Item(201, "", "");
    }
}
