package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Where events go.
public sealed interface SinkSpec {
    /// What is written through the bulk API of Elasticsearch and OpenSearch; empty for sinks of other kinds.
    default Optional<Elasticsearch> bulkApi() {
        return Optional.empty();
    }

    @Doc("Writes events to Elasticsearch 8 or 9, or OpenSearch, through the bulk API.")
    record Elasticsearch(
            @Doc(
                    value = "Nodes; the next is tried when one does not answer.",
                    example = "[\"http://elasticsearch:9200\"]")
            List<URI> urls,

            @Doc(
                    value = "Index, or data stream. The time is the event's own, in UTC.",
                    example = "ampbeat-%{+yyyy.MM.dd}")
            FieldTemplate index,

            @Doc(
                    value = "Mappings to install before the first write: the name of a folder of `mappings/`.",
                    example = "ampbeat")
            Optional<Name> template,

            @Doc("Who we are to Elasticsearch.") Optional<Auth> auth,

            @Doc("TLS for https nodes, where the certificates Java trusts are not enough.")
            Optional<ClientTls> tls,

            @Doc(
                    value =
                            "How document ids are made: `sequence` (the place in the buffer: a repeat from the buffer changes"
                                    + " nothing), `content` (a hash of the event as it came in: also what a client sends twice"
                                    + " becomes one), a template such as `%{container_id}-%{time_id}` (likewise, for events that"
                                    + " carry their own identity), or `none` (Elasticsearch makes them; a repeat becomes a second"
                                    + " document).",
                    example = "content",
                    or = "sequence")
            DocumentIds ids,

            @Doc(value = "How events are gathered into bulk requests.", or = "{}")
            Bulk bulk,

            @Doc(value = "Whether request bodies are compressed: less network, more CPU.", or = "false")
            boolean gzip)
            implements SinkSpec {
        public Elasticsearch {
            urls = List.copyOf(urls);
            require(!urls.isEmpty(), "urls is empty; name at least one node, such as http://elasticsearch:9200");
            for (var url : urls) {
                require(
                        url.getRawUserInfo() == null && url.toString().indexOf('@') < 0,
                        "urls has a user or password in it; write them under auth, the password as passwordFile");
                require(
                        url.getRawQuery() == null && url.getRawFragment() == null,
                        "urls has an address with ? or # in it; write only scheme, host, port and path, and an API key"
                                + " under auth, as apiKeyFile");
                require(
                        ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                                && url.getHost() != null
                                && url.getPort() <= 65_535,
                        "urls has \"%s\"; write http://host:9200 or https://host:9200",
                        url);
            }
            require(
                    tls.isEmpty() || urls.stream().anyMatch(url -> "https".equals(url.getScheme())),
                    "tls stands beside urls without https, and none would be spoken; write https://host:9200, or leave tls"
                            + " away");
        }

        @Override
        public Optional<Elasticsearch> bulkApi() {
            return Optional.of(this);
        }
    }

    @Doc(
            "Writes events to OpenSearch 2 or 3 through the bulk API: the `elasticsearch` sink under the name that users of"
                    + " OpenSearch look for, with the same guarantees. Only standard media types and no header of"
                    + " Elastic's are sent. OpenSearch's way in is a user with a password, or a client certificate.")
    record Opensearch(
            @Doc(value = "Nodes; the next is tried when one does not answer.", example = "[\"http://opensearch:9200\"]")
            List<URI> urls,

            @Doc(value = "Index, or data stream. The time is the event's own, in UTC.", example = "logs-%{+yyyy.MM.dd}")
            FieldTemplate index,

            @Doc(
                    value = "Mappings to install before the first write: the name of a folder of `mappings/`.",
                    example = "ampbeat")
            Optional<Name> template,

            @Doc("Who we are to OpenSearch.") Optional<Login> auth,

            @Doc("TLS for https nodes, where the certificates Java trusts are not enough.")
            Optional<ClientTls> tls,

            @Doc(
                    value = "How document ids are made: `sequence`, `content`, a template or `none`, as in the"
                            + " `elasticsearch` sink.",
                    example = "content",
                    or = "sequence")
            DocumentIds ids,

            @Doc(value = "How events are gathered into bulk requests.", or = "{}")
            Bulk bulk,

            @Doc(value = "Whether request bodies are compressed: less network, more CPU.", or = "false")
            boolean gzip)
            implements SinkSpec {
        public Opensearch {
            urls = List.copyOf(urls);
            new Elasticsearch(urls, index, template, Optional.empty(), tls, ids, bulk, gzip);
        }

        @Override
        public Optional<Elasticsearch> bulkApi() {
            return Optional.of(new Elasticsearch(
                    urls,
                    index,
                    template,
                    auth.map(each ->
                            new Auth(Optional.of(each.username()), Optional.of(each.passwordFile()), Optional.empty())),
                    tls,
                    ids,
                    bulk,
                    gzip));
        }
    }

    @Doc("A user and the file with its password.")
    record Login(
            @Doc(value = "User name.", example = "logroute") String username,

            @Doc(value = "File with the password.", example = "/run/secrets/opensearch-password")
            Path passwordFile) {
        public Login {
            require(!username.isBlank(), "username is empty; write the user's name");
        }
    }

    @Doc(
            "Sends events over Lumberjack 2, the protocol of Beats: to Logstash's `beats` input, to Filebeat's `lumberjack`"
                    + " input, or to the `beats` source of another LogRoute. An event counts as delivered when the receiver"
                    + " acknowledged it, so each arrives at least once: what a cut connection leaves without an"
                    + " acknowledgement is sent again. Events go on as the bytes that came in, `@metadata` among them;"
                    + " `@timestamp` is added where it is missing.")
    record Beats(
            @Doc(
                    value = "Receivers, each `host:port`; 5044 where the port is left away.",
                    example = "[\"logstash:5044\"]")
            List<String> hosts,

            @Doc(
                    value =
                            "Whether windows go to all hosts at once, each to the one that has the least to do. Otherwise"
                                    + " the others are there for when one does not answer.",
                    or = "true")
            boolean loadBalance,

            @Doc("TLS, and our own certificate where the receiver wants one.")
            Optional<ClientTls> tls,

            @Doc(value = "How hard windows are compressed, 1 to 9; 0 sends them plain.", or = "3")
            int compressionLevel,

            @Doc(value = "Events in a window, at most.", or = "2048")
            int windowSize,

            @Doc(value = "Bytes in a window, at most, before they are compressed.", or = "5MiB")
            ByteSize maxBytes,

            @Doc(value = "How long a window that is not full waits for more events.", or = "100ms")
            Duration linger,

            @Doc(
                    value =
                            "Windows under way to a host at the same time. With 1 and one host, events arrive in the order"
                                    + " of the buffer; with more they keep it within a window.",
                    or = "2")
            int pipelining,

            @Doc(
                    value =
                            "How long the receiver may be silent while it has windows to acknowledge, before the connection"
                                    + " is closed and they are sent again. Logstash says every few seconds that it is still at work.",
                    or = "60s")
            Duration timeout,

            @Doc(
                    value =
                            "What events that have no `@metadata` get as `@metadata.beat`, for pipelines of Logstash that"
                                    + " make the index of it.",
                    example = "logroute")
            Optional<Name> beat)
            implements SinkSpec {
        private static final int USUAL_PORT = 5044;

        /// Where a receiver is.
        public record Host(String name, int port) {
            @Override
            public String toString() {
                return name + ":" + port;
            }
        }

        public Beats {
            hosts = List.copyOf(hosts);
            require(!hosts.isEmpty(), "hosts is empty; name at least one receiver, such as logstash:5044");
            hosts.forEach(Beats::host);
            require(
                    compressionLevel >= 0 && compressionLevel <= 9,
                    "compressionLevel is %d; write a number from 0 to 9 (3 suits most)",
                    compressionLevel);
            require(
                    windowSize >= 1 && windowSize <= 100_000,
                    "windowSize is %d; write a number from 1 to 100000 (2048 suits most)",
                    windowSize);
            require(
                    maxBytes.bytes() >= 1024 && maxBytes.bytes() <= 100_000_000,
                    "maxBytes is %s; write a size from 1KiB to 100MB",
                    maxBytes);
            require(
                    !linger.isNegative() && linger.compareTo(Duration.ofMinutes(1)) <= 0,
                    "linger is %s; write 0s to 1m (100ms suits most)",
                    Durations.write(linger));
            require(pipelining >= 1 && pipelining <= 16, "pipelining is %d; write a number from 1 to 16", pipelining);
            require(
                    timeout.compareTo(Duration.ofSeconds(1)) >= 0 && timeout.compareTo(Duration.ofHours(1)) <= 0,
                    "timeout is %s; write 1s to 1h (60s suits most)",
                    Durations.write(timeout));
        }

        /// The receivers, in their order.
        public List<Host> receivers() {
            return hosts.stream().map(Beats::host).toList();
        }

        private static Host host(String text) {
            require(
                    text.matches("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9_.-]+)(:\\d{1,5})?"),
                    "hosts has \"%s\"; write host:5044, without a scheme or a path",
                    text);
            int colon = text.endsWith("]") ? -1 : text.lastIndexOf(':');
            int port = colon < 0 ? USUAL_PORT : Integer.parseInt(text.substring(colon + 1));
            require(port >= 1 && port <= 65_535, "hosts has \"%s\"; write a port from 1 to 65535", text);
            var name = colon < 0 ? text : text.substring(0, colon);
            return new Host(name.startsWith("[") ? name.substring(1, name.length() - 1) : name, port);
        }
    }

    @Doc(
            "Posts events to a server over HTTP: an array, a line each, or one in a request. An event counts as delivered when"
                    + " its request is answered with 2xx, so each arrives at least once. 408, 425, 429 and 5xx come again, not"
                    + " before `Retry-After`; so do 401, 403 and redirects, which somebody has to mend and which are told. Any"
                    + " other 4xx makes the event a dead letter with the server's words; before that, 400, 413 and 422 for"
                    + " several events are sent again in halves, until the one that is to blame stands alone. A redirect is"
                    + " never followed: what is meant for one server, the secret above all, goes to no other.")
    record Http(
            @Doc(
                    value =
                            "Where to post. Path and query may have templates; what an event fills in is escaped, so that it"
                                    + " stays within its place.",
                    example = "https://stash:8443/in/%{service_name}")
            FieldTemplate url,

            @Doc(value = "`POST`, `PUT` or `PATCH`.", or = "post")
            Method method,

            @Doc(
                    value =
                            "The body: `json` (an array of objects), `ndjson` (one object a line) or `single` (one object, and"
                                    + " so one request an event).",
                    or = "json")
            Body body,

            @Doc(value = "Headers of every request; no secrets, which go under `auth`.", or = "{}")
            Map<String, String> headers,

            @Doc("Who we are to the server.") Optional<HttpAuth> auth,

            @Doc("TLS for https, where the certificates Java trusts are not enough.")
            Optional<ClientTls> tls,

            @Doc(value = "Whether bodies are compressed.", or = "false")
            boolean gzip,

            @Doc(value = "Events in a request, at most.", or = "1000")
            int maxEvents,

            @Doc(value = "Bytes in a request, at most, before they are compressed.", or = "1MiB")
            ByteSize maxBytes,

            @Doc(value = "How long a request that is not full waits for more events.", or = "200ms")
            Duration linger,

            @Doc(
                    value = "Requests under way at the same time. With 1, events arrive in the order of the buffer.",
                    or = "4")
            int inFlight,

            @Doc(value = "How long the server may take to answer.", or = "60s")
            Duration timeout)
            implements SinkSpec {
        /// What a request is called.
        public enum Method {
            POST,
            PUT,
            PATCH
        }

        /// How events stand in a body.
        public enum Body {
            JSON,
            NDJSON,
            SINGLE
        }

        private static final Set<String> OURS = Set.of(
                "authorization",
                "connection",
                "content-encoding",
                "content-length",
                "content-type",
                "cookie",
                "expect",
                "host",
                "proxy-authorization",
                "te",
                "trailer",
                "transfer-encoding",
                "upgrade");

        public Http {
            var text = url.text();
            require(
                    text.matches("https?://(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9_.-]+)(:\\d{1,5})?([/?].*)?"),
                    "url is \"%s\"; write http://host/path or https://host/path: templates may stand in path and query"
                            + " only, a user or token under auth",
                    text);
            require(text.indexOf('#') < 0, "url has a # in it, which no server gets; leave it away");
            for (var piece : url.pieces()) {
                require(
                        !(piece instanceof FieldTemplate.Piece.Text(var plain))
                                || plain.chars().allMatch(c -> c > ' ' && c < 127 && "\"<>\\^`{|}".indexOf(c) < 0),
                        "url has a space or a character that no URL has; write it as %%XX");
            }
            requireAddress(url);
            require(
                    tls.isEmpty() || text.startsWith("https:"),
                    "tls stands beside url %s, and none would be spoken; write https://, or leave tls away",
                    text);
            headers = Collections.unmodifiableMap(new TreeMap<>(headers));
            headers.forEach((name, value) -> {
                require(
                        name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") && !OURS.contains(name.toLowerCase(Locale.ROOT)),
                        "headers has \"%s\", which is no header or not yours to set; leave it away, and write secrets"
                                + " under auth",
                        name);
                require(
                        value.chars().allMatch(c -> c >= ' ' && c < 127),
                        "headers has a value for %s with other than printable ASCII; write it so",
                        name);
            });
            require(
                    maxEvents >= 1 && maxEvents <= 100_000,
                    "maxEvents is %d; write a number from 1 to 100000 (1000 suits most)",
                    maxEvents);
            require(
                    maxBytes.bytes() >= 1024 && maxBytes.bytes() <= 100_000_000,
                    "maxBytes is %s; write a size from 1KiB to 100MB",
                    maxBytes);
            require(
                    !linger.isNegative() && linger.compareTo(Duration.ofMinutes(1)) <= 0,
                    "linger is %s; write 0s to 1m (200ms suits most)",
                    Durations.write(linger));
            require(inFlight >= 1 && inFlight <= 64, "inFlight is %d; write a number from 1 to 64", inFlight);
            require(
                    timeout.compareTo(Duration.ofSeconds(1)) >= 0 && timeout.compareTo(Duration.ofHours(1)) <= 0,
                    "timeout is %s; write 1s to 1h (60s suits most)",
                    Durations.write(timeout));
        }

        /// Whatever events fill in, it must be an address.
        private static void requireAddress(FieldTemplate url) {
            var sample = url.pieces().stream()
                    .map(piece -> piece instanceof FieldTemplate.Piece.Text(var plain) ? plain : "x")
                    .collect(Collectors.joining());
            URI filled;
            try {
                filled = new URI(sample);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException(
                        "url is \"%s\", which is no address (%s); write other characters than letters and digits as %%XX"
                                .formatted(url.text(), e.getReason()));
            }
            require(
                    filled.getHost() != null || !filled.getRawAuthority().contains("_"),
                    "url is \"%s\"; the name of a host has no _ in a URL: give the service a network alias without one, and"
                            + " write that",
                    url.text());
            require(
                    filled.getHost() != null && filled.getPort() <= 65_535,
                    "url is \"%s\"; write a host and a port that there may be, such as https://host:8443/path",
                    url.text());
        }
    }

    @Doc("Who we are to an HTTP server: a user (Basic), or a token (Bearer). Secrets stand in files, never in specs.")
    record HttpAuth(
            @Doc(value = "User name; goes with `passwordFile`.", example = "logroute")
            Optional<String> username,

            @Doc(value = "File with the password.", example = "/run/secrets/stash-password")
            Optional<Path> passwordFile,

            @Doc(value = "File with the token.", example = "/run/secrets/stash-token")
            Optional<Path> tokenFile) {
        public HttpAuth {
            require(
                    username.isPresent() == passwordFile.isPresent(),
                    "passwordFile goes with username; write both or neither");
            require(
                    username.isPresent() != tokenFile.isPresent(),
                    "auth needs one way in; write username with passwordFile, or tokenFile");
            require(
                    username.filter(each -> each.contains(":")).isEmpty(),
                    "username has a colon, which Basic cannot say");
        }
    }

    @Doc("Who we are to Elasticsearch: a user, or an API key. Secrets stand in files, never in specs.")
    record Auth(
            @Doc(value = "User name; goes with `passwordFile`.", example = "logroute")
            Optional<String> username,

            @Doc(value = "File with the password.", example = "/run/secrets/es-password")
            Optional<Path> passwordFile,

            @Doc(
                    value = "File with the API key as Elasticsearch gives it under `encoded`.",
                    example = "/run/secrets/es-api-key")
            Optional<Path> apiKeyFile) {
        public Auth {
            require(
                    username.isPresent() == passwordFile.isPresent(),
                    "passwordFile goes with username; write both or neither");
            require(
                    username.isPresent() != apiKeyFile.isPresent(),
                    "auth needs one way in; write username with passwordFile, or apiKeyFile");
        }
    }

    @Doc("How events are gathered into bulk requests.")
    record Bulk(
            @Doc(value = "Events in a request, at most.", or = "2000")
            int maxEvents,

            @Doc(value = "Bytes in a request, at most.", or = "5MiB")
            ByteSize maxBytes,

            @Doc(value = "How long a request that is not full waits for more events.", or = "200ms")
            Duration linger,

            @Doc(value = "Requests under way at the same time.", or = "4")
            int inFlight) {
        public Bulk {
            require(
                    maxEvents >= 1 && maxEvents <= 100_000,
                    "maxEvents is %d; write a number from 1 to 100000 (2000 suits most)",
                    maxEvents);
            require(
                    maxBytes.bytes() >= 1024 && maxBytes.bytes() <= 100_000_000,
                    "maxBytes is %s; write a size from 1KiB to 100MB (Elasticsearch refuses more, and 5MiB suits most)",
                    maxBytes);
            require(
                    !linger.isNegative() && linger.compareTo(Duration.ofMinutes(1)) <= 0,
                    "linger is %s; write 0s to 1m (200ms suits most)",
                    Durations.write(linger));
            require(inFlight >= 1 && inFlight <= 64, "inFlight is %d; write a number from 1 to 64", inFlight);
        }
    }

    @Doc("Appends events as lines of JSON to files. An event counts as delivered when the file is synced.")
    record File(
            @Doc(
                    value =
                            "Path of the file, which may have templates. Relative paths start in the folder of `--data`. In"
                                    + " a field's value `/`, `\\`, `:`, `*`, `?`, `\"`, `<`, `>`, `|`, control characters and a dot"
                                    + " at the beginning become `_`: no event leaves the folder that the template names.",
                    example = "logs/%{service_name}-%{+yyyy.MM.dd}.ndjson")
            FieldTemplate path,

            @Doc(value = "When a file is put aside and a new one begun.", or = "{}")
            Rotation rotation)
            implements SinkSpec {}

    @Doc("When a file is put aside and a new one begun: `events.ndjson` becomes `events.ndjson.1`, and so on.")
    record Rotation(
            @Doc(value = "Size at which it is put aside.", or = "256MiB")
            ByteSize maxBytes,

            @Doc(
                    value = "Files put aside that are kept beside the current one; the oldest beyond them are deleted.",
                    or = "5")
            int keep) {
        public Rotation {
            require(maxBytes.bytes() >= 1024, "maxBytes is %s; write 1KiB or more", maxBytes);
            require(keep >= 1 && keep <= 10_000, "keep is %d; write a number from 1 to 10000", keep);
        }
    }

    @Doc("Writes events to Redis (6.2 or later): to a stream, or to a list as Logstash's redis input reads it.")
    record Redis(
            @Doc(
                    value =
                            "The server; of a cluster or of Sentinels, some that are asked for the others. `rediss://` speaks"
                                    + " TLS.",
                    example = "[\"redis://redis:6379\"]")
            List<URI> servers,

            @Doc("Says that `servers` are Sentinels, and which master of theirs is meant.")
            Optional<RedisAt.Sentinel> sentinel,

            @Doc(value = "Whether `servers` are of a cluster.", or = "false")
            boolean cluster,

            @Doc(value = "Number of the database.", or = "0")
            int database,

            @Doc("Who we are to Redis.") Optional<RedisAt.Auth> auth,

            @Doc(
                    "TLS for `rediss://`, where the certificates Java trusts are not enough, or the server wants one of ours.")
            Optional<ClientTls> tls,

            @Doc(
                    value =
                            "Stream or list to write to; may have templates. Events that lack a field of it go to the dead"
                                    + " letters.",
                    example = "logs-%{stack_name}")
            FieldTemplate key,

            @Doc(value = "What the key holds.", or = "stream")
            RedisForm form,

            @Doc(
                    value =
                            "Entries of a stream, or elements of a list, that wait there to be taken, at most. When there are as"
                                    + " many the sink waits, and writes again when some were taken; nothing is trimmed that"
                                    + " somebody has yet to read. Without it, the memory of Redis is the limit (`maxmemory` with"
                                    + " `noeviction`): then it waits, too.",
                    example = "1000000")
            Optional<Integer> maxLength,

            @Doc("Events of a stream that wait to be taken, at most, however many stand in an entry; in place of"
                    + " `maxLength`. They are counted beside the stream, to about what is written in a second, in the"
                    + " keys `{KEY}:written` and `{KEY}:marks`.")
            Optional<Integer> maxEvents,

            @Doc(value = "What is trimmed of a stream.", or = "acknowledged")
            RedisTrim trim,

            @Doc(
                    value =
                            "Events in one entry of a stream, at most. With more than 1 they stand in its field `events`, one a"
                                    + " line: many times quicker, and read by another LogRoute. With 1 each stands in a field"
                                    + " `event` of its own.",
                    example = "500",
                    or = "1")
            int eventsPerEntry,

            @Doc(value = "How events are gathered into one write.", or = "{}")
            RedisBatch batch,

            @Doc(
                    value =
                            "Has each event say where it came from: it gets `logroute: { swarm, router, id }`, `id` being the"
                                    + " document id that an `elasticsearch` sink of the same router would give it with `ids: sequence`."
                                    + " An event that has `logroute.swarm` already goes on as it is.",
                    example = "{ swarm: eu1 }")
            Optional<RedisOrigin> origin)
            implements SinkSpec {
        public Redis {
            at(servers, sentinel, cluster, database, auth, tls);
            maxLength.ifPresent(most -> require(most >= 1, "maxLength is %d; write 1 or more", most));
            maxEvents.ifPresent(most -> require(most >= 1, "maxEvents is %d; write 1 or more", most));
            require(
                    maxEvents.isEmpty() || maxLength.isEmpty(),
                    "maxEvents stands beside maxLength; leave one of them away");
            require(
                    maxEvents.isEmpty() || form == RedisForm.STREAM,
                    "maxEvents is for streams; write maxLength, an element of a list is one event");
            require(
                    eventsPerEntry >= 1 && eventsPerEntry <= 10_000,
                    "eventsPerEntry is %d; write a number from 1 to 10000 (500 suits most)",
                    eventsPerEntry);
            require(
                    eventsPerEntry == 1 || form == RedisForm.STREAM,
                    "eventsPerEntry is %d; leave it away, an element of a list is one event",
                    eventsPerEntry);
        }

        private static RedisAt at(
                List<URI> servers,
                Optional<RedisAt.Sentinel> sentinel,
                boolean cluster,
                int database,
                Optional<RedisAt.Auth> auth,
                Optional<ClientTls> tls) {
            return new RedisAt(servers, sentinel, cluster, database, auth, tls);
        }

        public RedisAt at() {
            return at(servers, sentinel, cluster, database, auth, tls);
        }
    }

    /// What a sink trims of a stream.
    enum RedisTrim {
        @Doc("What every consumer group of the stream has acknowledged. Nothing, while the stream has no group.")
        ACKNOWLEDGED,
        @Doc("Nothing: somebody else does, or the stream is kept.")
        NEVER
    }

    @Doc("What events say of where they came from.")
    record RedisOrigin(
            @Doc(value = "What this swarm is called: `logroute.swarm`.", example = "eu1")
            Name swarm) {}

    @Doc("How events are gathered into one write to Redis. One is under way at a time, so that their order stays.")
    record RedisBatch(
            @Doc(value = "Events in a write, at most.", or = "5000")
            int maxEvents,

            @Doc(value = "Bytes in a write, at most.", or = "2MiB")
            ByteSize maxBytes,

            @Doc(value = "How long a write that is not full waits for more events.", or = "50ms")
            Duration linger) {
        /// As it is when nothing is written.
        static final RedisBatch USUAL = new RedisBatch(5_000, ByteSize.parse("2MiB"), Duration.ofMillis(50));

        public RedisBatch {
            require(
                    maxEvents >= 1 && maxEvents <= 100_000,
                    "maxEvents is %d; write a number from 1 to 100000 (5000 suits most)",
                    maxEvents);
            require(
                    maxBytes.bytes() >= 1024 && maxBytes.bytes() <= 64 << 20,
                    "maxBytes is %s; write a size from 1KiB to 64MiB (2MiB suits most)",
                    maxBytes);
            require(
                    !linger.isNegative() && linger.compareTo(Duration.ofMinutes(1)) <= 0,
                    "linger is %s; write 0s to 1m (50ms suits most)",
                    Durations.write(linger));
        }
    }

    @Doc(
            "Sends each event as a message to NATS: to a stream of JetStream, confirmed and once even when it is repeated, or"
                    + " to whoever listens on core NATS.")
    record Nats(
            @Doc(
                    value = "Servers of the cluster; the next is tried when one does not answer.",
                    example = "[\"nats://nats:4222\"]")
            List<URI> servers,

            @Doc(
                    value =
                            "Subject, which may have templates. In a field's value dots, blanks, `*`, `>`, `$` and whatever is"
                                    + " not ASCII become `_`: it fills one token and nothing more.",
                    example = "logs.%{service_name}")
            FieldTemplate subject,

            @Doc(value = "Who confirms.", or = "jetstream") NatsPublish publish,

            @Doc(
                    value = "How `Nats-Msg-Id` is made, by which a stream knows a repeat within its duplicate window:"
                            + " `sequence` (the place in the buffer), `content` (a hash of the event as it came in: also"
                            + " what a client sends twice becomes one), a template such as `%{container_id}-%{time_id}`,"
                            + " or `none`.",
                    example = "content",
                    or = "sequence")
            DocumentIds ids,

            @Doc(value = "What is sent in place of the whole event as JSON.", example = "\"%{message}\"")
            Optional<FieldTemplate> text,

            @Doc(value = "Messages sent and not confirmed yet, at most.", or = "4000")
            int maxPending,

            @Doc("Who we are to NATS.") Optional<NatsAuth> auth,

            @Doc("TLS, where the certificates Java trusts are not enough, or the servers want one of ours.")
            Optional<ClientTls> tls)
            implements SinkSpec {
        public Nats {
            servers = List.copyOf(servers);
            NatsNames.requireServers(servers);
            NatsNames.requireTarget("subject", subject);
            require(
                    maxPending >= 1 && maxPending <= 100_000,
                    "maxPending is %d; write a number from 1 to 100000 (4000 suits most)",
                    maxPending);
        }
    }

    /// Who confirms what is sent to NATS.
    enum NatsPublish {
        @Doc(
                "The stream that takes the subject, when it has stored the message as it is set up to (replicas, memory or file)."
                        + " While no stream takes it, events wait.")
        JETSTREAM,
        @Doc("The server that we are connected to, when it has read the message. Whether anybody listens is not known.")
        CORE
    }

    @Doc("Writes events as lines of JSON to standard output.")
    record Console() implements SinkSpec {}

    @Doc(
            "Takes everything and keeps nothing: to try a route before its receiver is there, or to measure what comes before"
                    + " the sink. Its events count as delivered.")
    record Discard() implements SinkSpec {}
}
