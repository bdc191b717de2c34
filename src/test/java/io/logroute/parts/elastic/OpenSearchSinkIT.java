package io.logroute.parts.elastic;

import io.logroute.testbed.OpenSearchServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;

class OpenSearchSinkIT extends RealServerClaims {
    @AfterAll
    static void end() {
        OpenSearchServer.end();
    }

    @Override
    URI url() throws IOException {
        return OpenSearchServer.plain().url();
    }

    @Override
    String must(String method, String path, String json) throws IOException, InterruptedException {
        return OpenSearchServer.plain().must(method, path, json);
    }

    @Override
    HttpResponse<String> call(String method, String path, String json) throws IOException, InterruptedException {
        return OpenSearchServer.plain().call(method, path, json);
    }

    @Override
    void clear() throws IOException, InterruptedException {
        OpenSearchServer.plain().clear();
    }
}
