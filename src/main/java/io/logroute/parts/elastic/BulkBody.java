package io.logroute.parts.elastic;

import io.logroute.flow.Bytes;
import io.logroute.flow.Event;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The body of a bulk request, built in one array that is used again: for each event an action
/// line and the event's own bytes. Used by one thread at a time.
///
/// Always `create`: it is what data streams take, and what makes a repeat under the same id
/// answer 409 instead of writing the document anew.
final class BulkBody extends Bytes {
    /// Beginnings of action lines that are kept; more indices at a time than this are made anew.
    private static final int MAX_KNOWN = 256;

    private static final byte[] AFTER_INDEX = "\"}}\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BEFORE_ID = "\",\"_id\":\"".getBytes(StandardCharsets.US_ASCII);

    private final Map<String, byte[]> beginnings = new HashMap<>();
    private String lastIndex = "";
    private byte[] lastBeginning = new byte[0];
    private int documents;

    private final DocumentId ids;

    BulkBody(int capacity, DocumentId ids) {
        super(capacity);
        this.ids = ids;
    }

    /// Adds an event under the index; its id is one of ours, or Elasticsearch's when ours is
    /// [DocumentId.None].
    void add(Event event, String index) {
        writeBytes(beginning(index));
        if (ids.isOurs()) {
            writeBytes(BEFORE_ID);
            ids.write(event, this);
        }
        writeBytes(AFTER_INDEX);
        event.writeTo(this);
        write('\n');
        documents++;
    }

    int documents() {
        return documents;
    }

    boolean idsAreOurs() {
        return ids.isOurs();
    }

    /// `{"create":{"_index":"NAME`
    private byte[] beginning(String index) {
        if (!index.equals(lastIndex)) {
            if (beginnings.size() >= MAX_KNOWN) {
                beginnings.clear();
            }
            lastBeginning = beginnings.computeIfAbsent(
                    index,
                    name -> ("{\"create\":{\"_index\":\"" + DocumentId.quoted(name)).getBytes(StandardCharsets.UTF_8));
            lastIndex = index;
        }
        return lastBeginning;
    }

    @Override
    public void reset() {
        super.reset();
        documents = 0;
    }
}
