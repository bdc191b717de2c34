package io.logroute.spec;

import io.logroute.Seeds;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Documents of all kinds and shapes, from a seed.
public final class AnyDocument {
    private static final List<String> AWKWARD = List.of(
            "true",
            "null",
            "~",
            "1",
            "1.5",
            "0x1F",
            "yes",
            "a: b",
            "- a",
            "#no",
            "\u00e4\u6f22\ud83d\ude00",
            "'",
            "\"",
            "%{x}",
            " lead",
            "2026-01-01",
            "*a",
            "&a",
            "!t",
            "a\nb",
            "<<",
            "=",
            "1_000",
            "{a}",
            "trail ");

    private final Random random;

    public AnyDocument(long seed) {
        this.random = Seeds.random(seed);
    }

    public Document any() {
        return switch (random.nextInt(4)) {
            case 0 -> router();
            case 1 -> sink();
            case 2 -> relay();
            default -> route();
        };
    }

    public LogRelay relay() {
        boolean isDeployed = random.nextBoolean();
        return new LogRelay(
                name(),
                name(),
                isDeployed ? Optional.of(deployed()) : Optional.empty(),
                isDeployed ? Optional.empty() : Optional.of(existing()),
                random.nextBoolean() ? "logroute" : name().value(),
                maybe(() -> 1 + random.nextInt(1 << 30)),
                maybe(() -> new MaxLag.Age(duration(1))),
                maybe(this::whenFull),
                new DeadLettersSpec(
                        new ByteSize((1 << 20) + random.nextInt(1 << 30)),
                        Duration.ofMinutes(1 + random.nextInt(100_000))),
                maybe(() -> new LogSink.Allow(globs(0))));
    }

    private LogRelay.Existing existing() {
        var at = redis();
        return new LogRelay.Existing(at.servers(), at.sentinel(), at.cluster(), at.database(), at.auth(), at.tls());
    }

    private LogRelay.Deployed deployed() {
        return new LogRelay.Deployed(
                name().value(),
                new ByteSize((16 << 20) + random.nextInt(1 << 30)),
                random.nextBoolean() ? LogRelay.Fsync.ALWAYS : LogRelay.Fsync.EVERY_SECOND,
                maybe(() -> 1 + random.nextInt(65_535)),
                random.nextBoolean() ? List.of() : List.of(name().value()),
                random.nextBoolean() ? List.of() : List.of("node.labels.relay == true"),
                deploy().volume(),
                maybe(() -> new LogRelay.RelayTls(name().value(), name().value(), name().value())),
                "redis:" + random.nextInt(10),
                random.nextBoolean(),
                "exporter:" + random.nextInt(10));
    }

    public LogRouter router() {
        var sources = new ArrayList<SourceSpec>();
        sources.add(new SourceSpec.Beats(
                word(), 1000 + random.nextInt(100), 1 + random.nextInt(5000), duration(1), maybe(this::serverTls)));
        if (random.nextBoolean()) {
            sources.add(new SourceSpec.Http(
                    word(),
                    2000 + random.nextInt(100),
                    "/" + word(),
                    new ByteSize(1 + random.nextInt(1 << 28)),
                    maybe(this::serverTls),
                    random.nextBoolean()));
        }
        if (random.nextBoolean()) {
            sources.add(redisSource());
        }
        if (random.nextBoolean()) {
            sources.add(relaySource());
        }
        if (random.nextBoolean()) {
            sources.add(new SourceSpec.Fluent(
                    word(),
                    3000 + random.nextInt(100),
                    1 + random.nextInt(5000),
                    duration(1),
                    new ByteSize(1024 + random.nextInt(1 << 24)),
                    maybe(() -> new SourceSpec.FluentSecurity(
                            path(),
                            name().value(),
                            random.nextBoolean()
                                    ? List.of()
                                    : List.of(new SourceSpec.FluentUser(name().value(), path())))),
                    maybe(this::serverTls)));
        }
        if (random.nextBoolean()) {
            var tls = maybe(this::serverTls);
            sources.add(new SourceSpec.Syslog(
                    word(),
                    4000 + random.nextInt(100),
                    tls.isPresent() ? SourceSpec.Transport.TCP : SourceSpec.Transport.values()[random.nextInt(3)],
                    1 + random.nextInt(5000),
                    duration(1),
                    new ByteSize(1024 + random.nextInt(1 << 23)),
                    java.time.ZoneId.of(random.nextBoolean() ? "UTC" : "Europe/Berlin"),
                    tls));
        }
        if (random.nextBoolean()) {
            sources.add(new SourceSpec.Gelf(
                    word(),
                    5000 + random.nextInt(100),
                    SourceSpec.Transport.values()[random.nextInt(3)],
                    1 + random.nextInt(5000),
                    duration(1),
                    new ByteSize(1024 + random.nextInt(1 << 23)),
                    Optional.empty()));
        }
        if (random.nextBoolean()) {
            sources.add(new SourceSpec.Demo(1 + random.nextInt(1000)));
        }
        if (random.nextBoolean()) {
            sources.add(nats());
        }
        if (random.nextBoolean()) {
            boolean tcp = random.nextBoolean();
            sources.add(new SourceSpec.Docker(
                    tcp ? "tcp://docker:" + random.nextInt(1, 65_000) : "unix:///run/docker.sock",
                    random.nextBoolean() ? SourceSpec.Docker.Containers.ALL : SourceSpec.Docker.Containers.ENABLED,
                    random.nextBoolean() ? List.of() : List.of(new Glob("elastic*"), new Glob("x")),
                    random.nextBoolean() ? SourceSpec.Docker.Schema.AMP : SourceSpec.Docker.Schema.ECS,
                    random.nextBoolean() ? SourceSpec.Docker.StartAt.BEGINNING : SourceSpec.Docker.StartAt.NOW,
                    new ByteSize(random.nextInt(16 << 10, 4 << 20)),
                    tcp ? maybe(this::clientTls) : Optional.empty()));
        }
        return new LogRouter(
                name(),
                sources,
                buffer(),
                random.nextBoolean() ? LogRouter.Acknowledge.STORED : LogRouter.Acknowledge.DELIVERED,
                maybe(this::deploy));
    }

    private SourceSpec.Redis redisSource() {
        var at = redis();
        return new SourceSpec.Redis(
                at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                at.auth(),
                at.tls(),
                random.nextBoolean() ? List.of(word()) : List.of(word() + "1", word() + "2"),
                random.nextBoolean() ? RedisForm.STREAM : RedisForm.LIST,
                maybe(this::word),
                maybe(this::word),
                Duration.ofSeconds(5 + random.nextInt(1000)),
                random.nextBoolean() ? SourceSpec.RedisCodec.JSON : SourceSpec.RedisCodec.TEXT,
                new ByteSize((1 << 20) + random.nextInt(1 << 29)));
    }

    private SourceSpec.Relay relaySource() {
        var at = redis();
        boolean isOne = at.servers().size() == 1 && random.nextBoolean();
        return new SourceSpec.Relay(
                isOne ? Optional.of(at.servers().getFirst()) : Optional.empty(),
                isOne ? List.of() : at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                at.auth(),
                at.tls(),
                random.nextBoolean() ? "logroute" : word(),
                maybe(this::word),
                maybe(this::word),
                Duration.ofSeconds(5 + random.nextInt(1000)),
                new ByteSize((1 << 20) + random.nextInt(1 << 29)));
    }

    private SinkSpec.Redis redisSink() {
        var at = redis();
        boolean isStream = random.nextBoolean();
        boolean isCounted = isStream && random.nextBoolean();
        return new SinkSpec.Redis(
                at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                at.auth(),
                at.tls(),
                template(),
                isStream ? RedisForm.STREAM : RedisForm.LIST,
                isCounted ? Optional.empty() : maybe(() -> 1 + random.nextInt(1 << 30)),
                isCounted ? Optional.of(1 + random.nextInt(1 << 30)) : Optional.empty(),
                random.nextBoolean() ? SinkSpec.RedisTrim.ACKNOWLEDGED : SinkSpec.RedisTrim.NEVER,
                isStream ? 1 + random.nextInt(10_000) : 1,
                new SinkSpec.RedisBatch(
                        1 + random.nextInt(100_000), new ByteSize(1024 + random.nextInt(60_000_000)), duration(0)),
                maybe(() -> new SinkSpec.RedisOrigin(name())));
    }

    private RedisAt redis() {
        boolean isTls = random.nextBoolean();
        var scheme = isTls ? "rediss://" : "redis://";
        int kind = random.nextInt(3);
        return new RedisAt(
                kind == 0
                        ? List.of(URI.create(scheme + "redis:6379"))
                        : List.of(URI.create(scheme + "r1"), URI.create(scheme + "10.0.0.7:" + random.nextInt(65_536))),
                kind == 1
                        ? Optional.of(new RedisAt.Sentinel(name().value(), maybe(this::redisAuth)))
                        : Optional.empty(),
                kind == 2,
                kind == 2 ? 0 : random.nextInt(16),
                maybe(this::redisAuth),
                isTls ? maybe(this::clientTls) : Optional.empty());
    }

    private RedisAt.Auth redisAuth() {
        return new RedisAt.Auth(maybe(this::word), path());
    }

    private SourceSpec.Nats nats() {
        boolean isStream = random.nextBoolean();
        return new SourceSpec.Nats(
                List.of(URI.create("nats://nats:4222")),
                isStream
                        ? Optional.of(new SourceSpec.NatsStream(
                                "S" + random.nextInt(1000),
                                "c-" + random.nextInt(1000),
                                maybe(() -> "logs.*." + random.nextInt(10) + ".>"),
                                random.nextBoolean() ? SourceSpec.NatsStart.ALL : SourceSpec.NatsStart.NEW,
                                Duration.ofSeconds(1 + random.nextInt(3600)),
                                1 + random.nextInt(1_000_000)))
                        : Optional.empty(),
                isStream
                        ? Optional.empty()
                        : Optional.of(new SourceSpec.NatsSubjects(
                                List.of("logs.>", "l" + random.nextInt(10)),
                                "q" + random.nextInt(10),
                                1 + random.nextInt(1_000_000))),
                SourceSpec.NatsCodec.values()[random.nextInt(3)],
                maybe(this::word),
                maybe(this::natsAuth),
                maybe(this::clientTls));
    }

    private BufferSpec buffer() {
        return switch (random.nextInt(3)) {
            case 0 -> BufferSpec.inMemory(new ByteSize((16L << 20) + random.nextInt(1 << 30)), whenFull());
            case 1 -> new BufferSpec(Optional.empty(), Optional.empty(), Optional.of(jetStream()), whenFull());
            default -> BufferSpec.onDisk(new ByteSize((16L << 20) + random.nextLong(1L << 45)), whenFull());
        };
    }

    private BufferSpec.JetStream jetStream() {
        return new BufferSpec.JetStream(
                random.nextBoolean()
                        ? List.of(URI.create("nats://nats:4222"))
                        : List.of(
                                URI.create("tls://" + name()), URI.create("tls://10.0.0.7:" + random.nextInt(65_536))),
                1 + random.nextInt(5),
                new ByteSize((16L << 20) + random.nextLong(1L << 45)),
                random.nextBoolean() ? "LOGROUTE" : "S" + random.nextInt(1 << 20) + "_-",
                maybe(this::natsAuth),
                maybe(this::clientTls));
    }

    private NatsAuth natsAuth() {
        return switch (random.nextInt(4)) {
            case 0 ->
                new NatsAuth(
                        Optional.of(word()), Optional.of(path()), Optional.empty(), Optional.empty(), Optional.empty());
            case 1 ->
                new NatsAuth(
                        Optional.empty(), Optional.empty(), Optional.of(path()), Optional.empty(), Optional.empty());
            case 2 ->
                new NatsAuth(
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(path()), Optional.empty());
            default ->
                new NatsAuth(
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(path()));
        };
    }

    public DeploySpec deploy() {
        boolean perNode = random.nextInt(4) == 0;
        boolean scales = !perNode && random.nextInt(4) == 0;
        return new DeploySpec(
                perNode || scales ? 1 : 1 + random.nextInt(9),
                perNode,
                random.nextBoolean() ? List.of() : List.of("node.labels." + name() + " == " + name()),
                List.of("net-" + name(), "net-" + name()),
                random.nextBoolean() ? List.of() : List.of("alias-" + name()),
                random.nextBoolean() ? List.of() : List.of(1000 + random.nextInt(100)),
                random.nextBoolean() ? DeploySpec.Rollout.LIVE : DeploySpec.Rollout.RESTART,
                new DeploySpec.Volume(
                        random.nextBoolean() ? "local" : "vol-" + name(),
                        random.nextBoolean() ? Map.of() : Map.of("type", word())),
                random.nextBoolean() ? DeploySpec.Volumes.RETAIN : DeploySpec.Volumes.DELETE,
                duration(1000),
                scales
                        ? Optional.of(
                                new DeploySpec.Autoscale(1 + random.nextInt(3), 3 + random.nextInt(9), duration(1000)))
                        : Optional.empty(),
                new DeploySpec.Resources(
                        maybe(() -> new ByteSize((256L << 20) + random.nextInt(1 << 30))), maybe(() -> "1.5")),
                random.nextBoolean() ? List.of() : List.of("secret-" + name()),
                maybe(() -> "logroute:" + name()),
                random.nextBoolean() ? Map.of() : Map.of("io." + name(), word()),
                random.nextBoolean() ? Map.of() : Map.of("X_" + name().value().replace("-", "_"), word()));
    }

    public LogSink sink() {
        return new LogSink(
                name(),
                switch (random.nextInt(8)) {
                    case 7 -> redisSink();
                    case 6 ->
                        new SinkSpec.Nats(
                                List.of(URI.create("tls://nats:4222")),
                                FieldTemplate.parse("logs.%{a}.%{+yyyy}"),
                                random.nextBoolean() ? SinkSpec.NatsPublish.CORE : SinkSpec.NatsPublish.JETSTREAM,
                                ids(),
                                maybe(this::template),
                                1 + random.nextInt(100_000),
                                maybe(this::natsAuth),
                                maybe(this::clientTls));
                    case 0 ->
                        new SinkSpec.Elasticsearch(
                                List.of(URI.create("http://es:9200"), URI.create("https://es2:9200/path")),
                                template(),
                                maybe(this::name),
                                maybe(this::auth),
                                maybe(this::clientTls),
                                ids(),
                                new SinkSpec.Bulk(
                                        1 + random.nextInt(100_000),
                                        new ByteSize(1024 + random.nextInt(90_000_000)),
                                        duration(0),
                                        1 + random.nextInt(64)),
                                random.nextBoolean());
                    case 1 ->
                        new SinkSpec.File(
                                template(),
                                new SinkSpec.Rotation(
                                        new ByteSize(1024 + random.nextInt(1 << 30)), 1 + random.nextInt(100)));
                    case 2 ->
                        new SinkSpec.Opensearch(
                                List.of(URI.create("https://os:9200")),
                                template(),
                                maybe(this::name),
                                maybe(() -> new SinkSpec.Login(word(), path())),
                                maybe(this::clientTls),
                                ids(),
                                new SinkSpec.Bulk(2000, new ByteSize(5 << 20), duration(0), 4),
                                random.nextBoolean());
                    case 3 ->
                        new SinkSpec.Beats(
                                List.of("logstash", "logstash2:5045"),
                                random.nextBoolean(),
                                maybe(this::clientTls),
                                random.nextInt(10),
                                1 + random.nextInt(5000),
                                new ByteSize(1024 + random.nextInt(90_000_000)),
                                duration(0),
                                1 + random.nextInt(16),
                                Duration.ofSeconds(1 + random.nextInt(3600)),
                                maybe(this::name));
                    case 4 ->
                        new SinkSpec.Http(
                                FieldTemplate.parse("https://stash:8443/in/%{service_name}"),
                                SinkSpec.Http.Method.values()[random.nextInt(3)],
                                SinkSpec.Http.Body.values()[random.nextInt(3)],
                                random.nextBoolean() ? Map.of() : Map.of("X-Scope", "shop"),
                                maybe(() -> random.nextBoolean()
                                        ? new SinkSpec.HttpAuth(
                                                Optional.of("user"), Optional.of(path()), Optional.empty())
                                        : new SinkSpec.HttpAuth(
                                                Optional.empty(), Optional.empty(), Optional.of(path()))),
                                maybe(this::clientTls),
                                random.nextBoolean(),
                                1 + random.nextInt(5000),
                                new ByteSize(1024 + random.nextInt(90_000_000)),
                                duration(0),
                                1 + random.nextInt(64),
                                Duration.ofSeconds(1 + random.nextInt(3600)));
                    default -> random.nextBoolean() ? new SinkSpec.Console() : new SinkSpec.Discard();
                },
                maybe(() -> random.nextBoolean()
                        ? new MaxLag.Age(duration(1))
                        : new MaxLag.Size(new ByteSize((1 << 20) + random.nextLong(1L << 45)))),
                maybe(this::whenFull),
                new DeadLettersSpec(
                        new ByteSize((1 << 20) + random.nextInt(1 << 30)),
                        Duration.ofMinutes(1 + random.nextInt(100_000))),
                maybe(() -> new LogSink.Allow(globs(0))));
    }

    private BufferSpec.WhenFull whenFull() {
        return random.nextBoolean() ? BufferSpec.WhenFull.BLOCK : BufferSpec.WhenFull.DROP_OLDEST;
    }

    public LogRoute route() {
        boolean isDefault = random.nextInt(4) == 0;
        var match = isDefault ? LogRoute.Match.ALL : match(2);
        var to = new LinkedHashSet<LogRoute.Target>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            to.add(
                    random.nextInt(4) == 0
                            ? new LogRoute.Target(Optional.empty(), Optional.of(name()), Optional.empty())
                            : new LogRoute.Target(name(), maybe(this::template)));
        }
        return new LogRoute(
                name(),
                name(),
                match,
                isDefault,
                IntStream.range(0, random.nextInt(5)).mapToObj(_ -> filter()).toList(),
                List.copyOf(to));
    }

    private LogRoute.Match match(int deep) {
        var labels = new LinkedHashMap<String, List<Glob>>();
        for (int i = random.nextInt(3); i > 0; i--) {
            labels.put(word(), globs(1));
        }
        return new LogRoute.Match(
                globs(0),
                globs(0),
                globs(0),
                globs(0),
                labels,
                fields(() -> globs(1)),
                maybe(this::when),
                deep == 0 || random.nextInt(3) > 0
                        ? Optional.empty()
                        : Optional.of(match(deep - 1)).filter(match -> !match.isAll()));
    }

    private FilterSpec filter() {
        return switch (random.nextInt(16)) {
            case 0 -> new FilterSpec.Parse(parse(), any(FilterSpec.OnFailure.values()), maybe(this::when));
            case 1 -> {
                var fields = fields(this::value);
                fields.put(field(), value());
                yield new FilterSpec.Set(fields, maybe(this::when));
            }
            case 2 -> new FilterSpec.Remove(List.of(field(), field()), maybe(this::when));
            case 3 -> sample();
            case 4 -> throttle();
            case 5 -> new FilterSpec.Dedupe(template(), duration(1), 1 + random.nextInt(1000), maybe(this::when));
            case 6 -> redact();
            case 7 -> multiline();
            case 8 -> rename();
            case 9 -> new FilterSpec.Keep(List.of(field(), field()), maybe(this::when));
            case 10 -> convert();
            case 11 -> timestamp();
            case 12 ->
                new FilterSpec.Level(
                        maybe(this::field), field(), maybe(() -> any(FilterSpec.LogLevel.values())), maybe(this::when));
            case 13 ->
                new FilterSpec.Flatten(random.nextBoolean() ? List.of() : List.of(field()), word(), maybe(this::when));
            case 14 -> new FilterSpec.Split(field(), word(), maybe(this::field), maybe(this::when));
            default -> new FilterSpec.Drop(maybe(this::when));
        };
    }

    private FilterSpec rename() {
        var names = fields(this::field);
        names.put(field(), field());
        return new FilterSpec.Rename(names, maybe(this::when));
    }

    private FilterSpec convert() {
        var kinds = fields(() -> any(FilterSpec.Kind.values()));
        kinds.put(field(), any(FilterSpec.Kind.values()));
        return new FilterSpec.Convert(kinds, maybe(this::when));
    }

    private FilterSpec timestamp() {
        var forms = List.of("iso", "epoch", "epochMicros", "dd/MMM/yyyy:HH:mm:ss Z", "yyyy 'at' H", "[yy]", "h:mm a");
        var zones = List.of("UTC", "Z", "+02:00", "Europe/Berlin");
        return new FilterSpec.Timestamp(
                field(),
                List.of(
                        new TimeForm(forms.get(random.nextInt(forms.size()))),
                        new TimeForm(forms.get(random.nextInt(forms.size())))),
                ZoneId.of(zones.get(random.nextInt(zones.size()))),
                field(),
                maybe(this::when));
    }

    private FilterSpec sample() {
        boolean isRate = random.nextBoolean();
        return new FilterSpec.Sample(
                isRate ? Optional.of(new Share(random.nextInt(1001) / 1000.0)) : Optional.empty(),
                isRate ? Optional.empty() : Optional.of(1 + random.nextInt(100)),
                maybe(this::template),
                maybe(this::when));
    }

    private FilterSpec throttle() {
        var per = List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1));
        return new FilterSpec.Throttle(
                new Pace(1 + random.nextInt(10_000), per.get(random.nextInt(4))),
                maybe(() -> 1 + random.nextInt(10_000)),
                template(),
                any(FilterSpec.Excess.values()),
                maybe(this::when));
    }

    private FilterSpec redact() {
        var known = new LinkedHashSet<FilterSpec.Known>();
        known.add(any(FilterSpec.Known.values()));
        known.add(any(FilterSpec.Known.values()));
        var replace = any(FilterSpec.Replace.values());
        return new FilterSpec.Redact(
                IntStream.range(0, random.nextInt(3)).mapToObj(_ -> field()).toList(),
                List.copyOf(known),
                random.nextBoolean() ? Map.of() : Map.of(name().value(), new LinePattern("a+: [\"'](b|c)")),
                replace,
                replace == FilterSpec.Replace.HASH ? Optional.of(path()) : Optional.empty(),
                maybe(this::when));
    }

    private FilterSpec multiline() {
        int kind = random.nextInt(3);
        return new FilterSpec.Multiline(
                kind == 0 ? Optional.of(any(FilterSpec.Preset.values())) : Optional.empty(),
                kind == 1 ? Optional.of(new LinePattern("^[0-9]{4}-")) : Optional.empty(),
                kind == 2 ? Optional.of(new LinePattern("^\\s")) : Optional.empty(),
                maybe(this::field),
                maybe(this::template),
                Duration.ofMillis(10 + random.nextInt(59_990)),
                2 + random.nextInt(1000),
                new ByteSize(1024 + random.nextInt(1 << 20)),
                maybe(this::when));
    }

    private <T> T any(T[] of) {
        return of[random.nextInt(of.length)];
    }

    private ParseSpec parse() {
        return switch (random.nextInt(9)) {
            case 0 -> new ParseSpec.Json(maybe(this::field), maybe(this::field));
            case 1 -> new ParseSpec.Dissect(maybe(this::field), dissection(), maybe(this::field));
            case 2 ->
                new ParseSpec.Grok(
                        maybe(this::field),
                        random.nextBoolean()
                                ? List.of("%{COMBINEDAPACHELOG}")
                                : List.of("^%{OWN:" + name() + ":int}", "(?<" + name() + ">: - #) %{WORD:[a][b]}$"),
                        Map.of("OWN", "[0-9]{" + (1 + random.nextInt(9)) + "}"),
                        maybe(this::field));
            case 3 -> new ParseSpec.Logfmt(maybe(this::field), maybe(this::field));
            case 4 ->
                new ParseSpec.KeyValue(
                        maybe(this::field),
                        word(),
                        word(),
                        maybe(this::word).orElse(""),
                        maybe(this::word).orElse(""),
                        maybe(this::word).orElse(""),
                        random.nextBoolean() ? List.of() : List.of(word(), word()),
                        random.nextBoolean() ? List.of() : List.of(word()),
                        maybe(this::field));
            case 5 ->
                new ParseSpec.Regex(
                        maybe(this::field),
                        new LinePattern("^(?<code>[0-9]{" + random.nextInt(9) + "}): '(?<rest>.*)' #$"),
                        maybe(this::field));
            case 6 ->
                new ParseSpec.Csv(
                        maybe(this::field),
                        random.nextBoolean() ? List.of(name().value()) : List.of("a", name() + ".x", "[c][d]"),
                        List.of(",", ";", "\t", "|", " ", "#").get(random.nextInt(6)),
                        random.nextBoolean() ? "\"" : "'",
                        random.nextBoolean(),
                        maybe(this::field));
            case 7 -> new ParseSpec.Nginx(maybe(this::field), maybe(this::field));
            default -> new ParseSpec.Apache(maybe(this::field), maybe(this::field));
        };
    }

    private Dissection dissection() {
        return new Dissection("[%{" + name() + "->|integer}]: %{?" + name() + "} %{+[a][b]/2} #%{+[a][b]/1}"
                + (random.nextBoolean() ? " %{*k}=%{&k}" : ""));
    }

    private FieldValue value() {
        return switch (random.nextInt(5)) {
            case 0 -> new FieldValue.Text(template());
            case 1 -> new FieldValue.Whole(random.nextBoolean() ? random.nextLong() : random.nextInt(20) - 10);
            case 2 ->
                new FieldValue.Decimal(
                        random.nextBoolean()
                                ? random.nextGaussian()
                                : random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300));
            case 3 -> new FieldValue.Cel(new Formula("event.took_ms / " + (1 + random.nextInt(1000)) + ".0"));
            default -> new FieldValue.Truth(random.nextBoolean());
        };
    }

    private SinkSpec.Auth auth() {
        return random.nextBoolean()
                ? new SinkSpec.Auth(Optional.of(word()), Optional.of(path()), Optional.empty())
                : new SinkSpec.Auth(Optional.empty(), Optional.empty(), Optional.of(path()));
    }

    private ClientTls clientTls() {
        return new ClientTls(maybe(this::path), Optional.empty(), Optional.empty(), random.nextBoolean());
    }

    private ServerTls serverTls() {
        return new ServerTls(path(), path(), maybe(this::path));
    }

    private DocumentIds ids() {
        return switch (random.nextInt(4)) {
            case 0 -> new DocumentIds.Sequence();
            case 1 -> new DocumentIds.Content();
            case 2 -> new DocumentIds.None();
            default -> new DocumentIds.Template(FieldTemplate.parse("%{" + name() + "}-x"));
        };
    }

    private <V> Map<FieldPath, V> fields(Supplier<V> value) {
        var fields = new LinkedHashMap<FieldPath, V>();
        for (int i = random.nextInt(3); i > 0; i--) {
            fields.put(field(), value.get());
        }
        return fields;
    }

    private FieldPath field() {
        return new FieldPath(IntStream.rangeClosed(0, random.nextInt(3))
                .mapToObj(_ -> random.nextInt(4) == 0 ? AWKWARD.get(random.nextInt(AWKWARD.size())) : name().value())
                .toList());
    }

    private List<Glob> globs(int least) {
        return IntStream.range(0, least + random.nextInt(3))
                .mapToObj(_ -> new Glob(word() + "*"))
                .toList();
    }

    private FieldTemplate template() {
        return FieldTemplate.parse(random.nextBoolean() ? word() : word() + "-%{" + name() + "}-%{+yyyy.MM.dd}");
    }

    private When when() {
        return new When("event." + name().value().replace('-', '_') + " == " + random.nextInt(100));
    }

    private Duration duration(int leastSeconds) {
        return Duration.ofMillis(leastSeconds * 1000L + random.nextInt(59_000));
    }

    private Path path() {
        return Path.of("/run/secrets/" + name());
    }

    private Name name() {
        return new Name("n" + Integer.toString(random.nextInt(1 << 20), 36));
    }

    private String word() {
        return random.nextInt(3) == 0 ? AWKWARD.get(random.nextInt(AWKWARD.size())) : name().value();
    }

    private <T> Optional<T> maybe(Supplier<T> of) {
        return random.nextBoolean() ? Optional.of(of.get()) : Optional.empty();
    }
}
