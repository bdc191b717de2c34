package io.logroute.remote;

import io.logroute.plan.swarm.Label;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// The volumes of one node, through its own Docker. It removes what this installation made, and nothing
/// else.
public final class NodeVolumes implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MOST_WORDS = 64 << 10;

    private final DockerHttp docker;
    private final String prefix;
    private final Pattern name;

    /// What became of a volume.
    public sealed interface Removal {
        record Removed() implements Removal {}

        /// It was not there.
        record Gone() implements Removal {}

        /// It is still there, and in use: that may pass.
        record InUse(String why) implements Removal {}

        /// It is still there.
        ///
        /// @param why and what to do about it
        record Stays(String why) implements Removal {}
    }

    /// @param prefix of the installation: what the labels of its volumes say
    public NodeVolumes(DockerHost host, String prefix) {
        this.docker = new DockerHttp(host, (_, _) -> {});
        this.prefix = prefix;
        this.name = Pattern.compile(Pattern.quote(prefix) + "_.+-(0|[1-9][0-9]{0,5})");
    }

    /// Removes a volume of an instance. Safe to repeat.
    public Removal remove(String volume) throws SwarmUnreachable {
        var path = "/volumes/" + DockerSwarm.encoded(volume);
        var seen = ask(DockerHttp.Request.get("volumes.inspect", path));
        if (seen.status() == 404) {
            return new Removal.Gone();
        }
        if (seen.status() != 200) {
            return new Removal.Stays("Docker does not tell of it: " + seen);
        }
        var there = seen.body();
        if (!there.at("Name").text().equals(volume)
                || !isOurs(volume, there.at("Labels").texts())) {
            return new Removal.Stays(
                    "it is not ours, for it does not carry the label %s=%s; whoever made it may remove it: docker volume rm %s"
                            .formatted(Label.MANAGED_BY, prefix, volume));
        }
        var removed = ask(new DockerHttp.Request("volumes.remove", "DELETE", path, null));
        return switch (removed.status()) {
            case 200, 204 -> new Removal.Removed();
            case 404 -> new Removal.Gone();
            case 409 -> new Removal.InUse("a container still uses it: " + removed);
            default -> new Removal.Stays("Docker does not remove it: " + removed);
        };
    }

    /// Whether its labels say so. One that has none at all was made by a version that wrote none, if
    /// its name is one of ours.
    private boolean isOurs(String volume, Map<String, String> labels) {
        return labels.isEmpty()
                ? name.matcher(volume).matches()
                : prefix.equals(labels.get(Label.MANAGED_BY)) && labels.containsKey(Label.INSTANCE);
    }

    private record Answer(int status, Tree body) {
        @Override
        public String toString() {
            return "%d: %s".formatted(status, body.at("message").text().strip());
        }
    }

    private Answer ask(DockerHttp.Request request) throws SwarmUnreachable {
        return docker.call(request, LIMIT, (status, body) -> {
            var bytes = body.readNBytes(MOST_WORDS);
            try {
                return new Answer(status, bytes.length == 0 ? Tree.NOTHING : Tree.parse(bytes));
            } catch (IOException e) {
                var words = Map.of("message", new String(bytes, StandardCharsets.UTF_8));
                return new Answer(status, new Tree(words));
            }
        });
    }

    @Override
    public void close() {
        docker.close();
    }
}
