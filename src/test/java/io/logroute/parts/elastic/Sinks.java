package io.logroute.parts.elastic;

import io.logroute.remote.ElasticClient;
import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.Name;
import io.logroute.spec.SinkSpec;
import io.logroute.telemetry.Instruments;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Sinks as tests speak of them: all defaults, but what is said.
record Sinks(
        List<URI> urls,
        String index,
        Optional<String> template,
        Optional<SinkSpec.Auth> auth,
        Optional<ClientTls> tls,
        String ids,
        boolean gzip) {
    static Sinks at(URI... urls) {
        return new Sinks(
                List.of(urls),
                "logs-%{+yyyy.MM.dd}",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "sequence",
                false);
    }

    Sinks index(String next) {
        return new Sinks(urls, next, template, auth, tls, ids, gzip);
    }

    Sinks template(String next) {
        return new Sinks(urls, index, Optional.of(next), auth, tls, ids, gzip);
    }

    Sinks auth(SinkSpec.Auth next) {
        return new Sinks(urls, index, template, Optional.of(next), tls, ids, gzip);
    }

    Sinks tls(ClientTls next) {
        return new Sinks(urls, index, template, auth, Optional.of(next), ids, gzip);
    }

    Sinks ids(String next) {
        return new Sinks(urls, index, template, auth, tls, next, gzip);
    }

    Sinks zipped() {
        return new Sinks(urls, index, template, auth, tls, ids, true);
    }

    SinkSpec.Elasticsearch spec() {
        return new SinkSpec.Elasticsearch(
                urls,
                FieldTemplate.parse(index),
                template.map(Name::new),
                auth,
                tls,
                DocumentIds.parse(ids),
                new SinkSpec.Bulk(2000, new ByteSize(5 << 20), Duration.ofMillis(200), 4),
                gzip);
    }

    ElasticSink sink(Instruments meters) {
        return new ElasticSink("core", "es", spec(), "b7", Mappings.of(Optional.empty()), meters);
    }

    ElasticSink sink(Instruments meters, InstantSource clock) {
        return new ElasticSink(
                "core", "es", spec(), "b7", Mappings.of(Optional.empty()), meters, new ElasticClient(spec()), clock);
    }
}
