package io.logroute.remote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.logroute.spec.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// The containers of one node and their logs, as its Docker tells of them. Safe for all threads; it only reads.
public final class NodeDocker implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int WORDS = 1000;
    private static final String EVENTS = "/events?filters="
            + DockerSwarm.encoded(
                    "{\"type\":[\"container\"],\"event\":[\"create\",\"start\",\"die\",\"destroy\",\"rename\"]}");
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(100)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxDocumentLength(-1)
                    .build())
            .build();

    private final DockerHttp docker;

    /// A container as the list has it.
    ///
    /// @param state `running`, `exited`, ...
    public record Listed(String id, String name, String state, Map<String, String> labels) {
        public Listed {
            labels = Map.copyOf(labels);
        }

        /// Whether something may be written to its log now.
        public boolean isUp() {
            return state.equals("running") || state.equals("paused") || state.equals("restarting");
        }
    }

    /// All that is to be known of one.
    ///
    /// @param tty whether its streams are one, in which nothing says where a piece begins
    /// @param driver what its log is written with: `json-file`, `journald`, ...
    public record Container(Listed listed, String image, boolean tty, String driver) {}

    /// Something that happened.
    ///
    /// @param what `create`, `start`, `die`, `destroy` or `rename`
    public record Happening(String what, String id) {}

    /// What is told of what happens.
    public interface Telling {
        /// Docker tells from now on.
        void begins();

        void happened(Happening happening);
    }

    /// What is made of a log while it comes.
    public interface Reading {
        void read(InputStream log) throws IOException;
    }

    /// What came of reading a log.
    public sealed interface Outcome {
        /// It was read to where it ends for now.
        record End() implements Outcome {}

        /// There is no such container any more.
        record Gone() implements Outcome {}

        /// It has no log that can be read, in Docker's words.
        record Unreadable(String why) implements Outcome {}
    }

    /// @param address `unix:///PATH` or `tcp://HOST:PORT`
    /// @param counted told of each answer: the operation and the status, 0 when none came
    public NodeDocker(String address, Optional<ClientTls> tls, BiConsumer<String, Integer> counted) {
        this.docker = new DockerHttp(DockerHost.of(address, Optional.empty()), tls, counted);
    }

    /// Where it is, for people.
    public String where() {
        return docker.host().toString();
    }

    /// Whether anybody answers.
    public void ping() throws SwarmUnreachable {
        docker.ping();
    }

    /// All containers of the node, those that have ended too.
    public List<Listed> list() throws SwarmUnreachable {
        return docker.call(
                DockerHttp.Request.get("containers.list", "/containers/json?all=1"), PATIENCE, (status, body) -> {
                    expect(200, status, body);
                    var all = new ArrayList<Listed>();
                    Tree.each(body, parser -> {
                        var each = Tree.read(parser);
                        var names = ServiceForm.words(each.at("Names"));
                        all.add(new Listed(
                                each.at("Id").text(),
                                names.isEmpty() ? "" : unslashed(names.getFirst()),
                                each.at("State").text(),
                                each.at("Labels").texts()));
                    });
                    return all;
                });
    }

    /// Empty when there is none of that id.
    public Optional<Container> container(String id) throws SwarmUnreachable {
        return docker.call(
                DockerHttp.Request.get("containers.inspect", "/containers/" + DockerSwarm.encoded(id) + "/json"),
                PATIENCE,
                (status, body) -> {
                    if (status == 404) {
                        return Optional.empty();
                    }
                    expect(200, status, body);
                    var all = Tree.parse(body.readAllBytes());
                    var listed = new Listed(
                            all.at("Id").text(),
                            unslashed(all.at("Name").text()),
                            all.at("State", "Status").text(),
                            all.at("Config", "Labels").texts());
                    return Optional.of(new Container(
                            listed,
                            all.at("Config", "Image").text(),
                            all.at("Config", "Tty").isTrue(),
                            all.at("HostConfig", "LogConfig", "Type").text()));
                });
    }

    /// Reads a container's log, until it ends or the thread is interrupted.
    ///
    /// @param since nanoseconds since 1970 of the oldest line; 0 for all
    /// @param follow whether what is written from now on is waited for
    /// @throws SwarmUnreachable when Docker does not answer, or the log breaks off
    public Outcome log(String id, long since, boolean follow, Reading reading) throws SwarmUnreachable {
        var query = new TreeMap<String, String>();
        query.put("stdout", "1");
        query.put("stderr", "1");
        query.put("timestamps", "1");
        query.put("follow", follow ? "1" : "0");
        if (since > 0) {
            query.put("since", "%d.%09d".formatted(since / 1_000_000_000, since % 1_000_000_000));
        }
        var path = new StringBuilder("/containers/" + DockerSwarm.encoded(id) + "/logs");
        query.forEach((name, value) -> path.append(path.indexOf("?") < 0 ? '?' : '&')
                .append(name)
                .append('=')
                .append(value));
        return docker.stream(DockerHttp.Request.get("containers.logs", path.toString()), (status, body) -> {
            switch (status) {
                case 200 -> {
                    reading.read(body);
                    return new Outcome.End();
                }
                case 404 -> {
                    return new Outcome.Gone();
                }
                // "configured logging driver does not support reading"; older ones say 500, in the same words.
                case 501 -> {
                    return new Outcome.Unreadable(said(body));
                }
                default -> {
                    var words = said(body);
                    if (words.contains("does not support reading")) {
                        return new Outcome.Unreadable(words);
                    }
                    // What is being removed, or is dead, says so with 409.
                    if (status == 409) {
                        return new Outcome.Gone();
                    }
                    throw new IOException("it answers %d: %s".formatted(status, words));
                }
            }
        });
    }

    /// Tells what happens to containers, until that breaks off or the thread is interrupted.
    public void follow(Telling telling) throws SwarmUnreachable {
        docker.stream(DockerHttp.Request.get("containers.events", EVENTS), (status, body) -> {
            expect(200, status, body);
            telling.begins();
            try (var parser = JSON.createParser(body)) {
                for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    if (token != JsonToken.START_OBJECT) {
                        throw new IOException("what it tells of events is no object");
                    }
                    var event = Tree.read(parser);
                    telling.happened(new Happening(
                            event.at("Action").text(), event.at("Actor", "ID").text()));
                }
            }
            return true;
        });
    }

    private static String unslashed(String name) {
        return name.startsWith("/") ? name.substring(1) : name;
    }

    private static void expect(int wanted, int status, InputStream body) throws IOException {
        if (status != wanted) {
            throw new IOException("it answers %d: %s".formatted(status, said(body)));
        }
    }

    /// Docker's words: `{"message": "..."}`.
    private static String said(InputStream body) throws IOException {
        var bytes = body.readNBytes(WORDS);
        try {
            return Tree.parse(bytes).at("message").word().orElse("nothing");
        } catch (IOException e) {
            return new String(bytes, java.nio.charset.StandardCharsets.UTF_8).strip();
        }
    }

    @Override
    public void close() {
        docker.close();
    }
}
