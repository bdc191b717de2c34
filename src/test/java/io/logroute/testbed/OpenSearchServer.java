package io.logroute.testbed;

import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// A real OpenSearch, one node, without its security plugin.
public final class OpenSearchServer extends Server {
    private static final String SCRIPT = "opensearch.sh";

    private static @Nullable OpenSearchServer plain;

    private OpenSearchServer(URI url, String... arguments) throws IOException {
        super(SCRIPT, url, arguments);
    }

    public static synchronized OpenSearchServer plain() throws IOException {
        needInstalled(SCRIPT);
        if (plain == null) {
            int port = Ports.free();
            plain = new OpenSearchServer(URI.create("http://127.0.0.1:" + port), "" + port);
            plain.awaitAnswer();
        }
        return plain;
    }

    /// Ends it, for others to have its memory; who asks again gets another one.
    public static synchronized void end() {
        if (plain != null) {
            plain.stop();
            plain = null;
        }
    }
}
