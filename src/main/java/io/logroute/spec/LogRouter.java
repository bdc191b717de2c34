package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

@Doc("A fleet: routers that take events in, make them durable and deliver them.")
public record LogRouter(
        Name name,

        @Doc(value = "Where events come in.", example = "[{ beats: { port: 5044 } }]")
        List<SourceSpec> sources,

        @Doc(value = "The router's durable, append-only log.", or = "{}")
        BufferSpec buffer,

        @Doc(value = "When clients hear that their events are safe.", or = "stored")
        Acknowledge acknowledge,

        @Doc(
                "How the fleet runs on a swarm. `logroute run` reads and checks it, and runs one instance whatever it says.")
        Optional<DeploySpec> deploy)
        implements Document {
    /// When clients are acknowledged.
    public enum Acknowledge {
        @Doc("When the events are in the buffer: on disk, and synced.")
        STORED,
        @Doc("When every sink has settled them, besides: delivered, filtered, durable among the dead letters, or"
                + " passed over.")
        DELIVERED
    }

    public LogRouter {
        sources = List.copyOf(sources);
        require(!sources.isEmpty(), "sources is empty; name at least one, such as - beats: { port: 5044 }");
        var labels = new HashSet<String>();
        var ports = new HashSet<Integer>();
        for (var source : sources) {
            require(
                    labels.add(source.label()),
                    "sources has %s twice; give each a port, keys, a stream or a consumer of its own, or leave one away",
                    source.label());
            int port = switch (source) {
                case SourceSpec.Beats beats -> beats.port();
                case SourceSpec.Http http -> http.port();
                case SourceSpec.Fluent fluent -> fluent.port();
                case SourceSpec.Syslog syslog -> syslog.port();
                case SourceSpec.Gelf gelf -> gelf.port();
                case SourceSpec.Docker _,
                        SourceSpec.Nats _,
                        SourceSpec.Redis _,
                        SourceSpec.Relay _,
                        SourceSpec.Demo _ -> 0;
            };
            require(port == 0 || ports.add(port), "sources has port %d twice; give each its own port", port);
        }
    }
}
