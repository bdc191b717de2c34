package io.logroute.parts.elastic;

import io.logroute.testbed.ElasticsearchServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(ElasticsearchServer.PLAIN)
class ElasticSinkIT extends RealServerClaims {
    @Override
    URI url() throws IOException {
        return ElasticsearchServer.plain().url();
    }

    @Override
    String must(String method, String path, String json) throws IOException, InterruptedException {
        return ElasticsearchServer.plain().must(method, path, json);
    }

    @Override
    HttpResponse<String> call(String method, String path, String json) throws IOException, InterruptedException {
        return ElasticsearchServer.plain().call(method, path, json);
    }

    @Override
    void clear() throws IOException, InterruptedException {
        ElasticsearchServer.plain().clear();
    }
}
