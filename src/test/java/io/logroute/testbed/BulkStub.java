package io.logroute.testbed;

import io.logroute.testbed.ScriptedHttp.Reply;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/// What stands for an Elasticsearch where only its documents matter: it keeps each under its id, and answers
/// 409 to one that is there, as `create` has it.
public final class BulkStub implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"_id\":\"([^\"]*)\"");

    private final ScriptedHttp server;
    private final ConcurrentMap<String, String> documents = new ConcurrentHashMap<>();
    private final AtomicLong repeats = new AtomicLong();

    public BulkStub() throws IOException {
        server = new ScriptedHttp(this::answer);
    }

    private Reply answer(ScriptedHttp.Request request) {
        if (request.body().length < Integer.parseInt(request.headers().getOrDefault("content-length", "0"))) {
            return new Reply.Noise(""); // Its sender was killed.
        }
        var items = new StringBuilder();
        boolean hasErrors = false;
        List<String> lines = request.text().lines().toList();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            var id = ID.matcher(lines.get(i));
            boolean isNew = id.find() && documents.putIfAbsent(id.group(1), lines.get(i + 1)) == null;
            hasErrors |= !isNew;
            if (!isNew) {
                repeats.incrementAndGet();
            }
            items.append(i == 0 ? "" : ",")
                    .append(
                            isNew
                                    ? "{\"create\":{\"status\":201}}"
                                    : "{\"create\":{\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\",\"reason\":\"there\"}}}");
        }
        return new Reply.Answer(200, "{\"errors\":%s,\"items\":[%s]}".formatted(hasErrors, items));
    }

    public URI url() {
        return server.url();
    }

    /// All that it has, by id.
    public Map<String, String> documents() {
        return Map.copyOf(documents);
    }

    public Optional<String> document(String id) {
        return Optional.ofNullable(documents.get(id));
    }

    /// How many came that were there already.
    public long repeats() {
        return repeats.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
