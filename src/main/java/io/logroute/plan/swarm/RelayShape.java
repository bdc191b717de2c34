package io.logroute.plan.swarm;

import io.logroute.plan.swarm.RelayService.Part;
import io.logroute.spec.LogRelay;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What the services of a relay look like, by what is declared.
///
/// The password is in none of it: the shell that a container starts with reads it from its file, hands
/// it to Redis on its standard input, or to the exporter in its environment, and is gone.
final class RelayShape {
    /// Where the exporter listens.
    static final int METRICS = 9121;

    /// Memory of a Redis besides what entries take: its program, its clients, their answers.
    /// Twice what a router takes as one event. Usually Redis takes 512 MiB, which would end the router
    /// that reads it.
    private static final int LONGEST_VALUE = 32 << 20;

    private static final long BESIDES = 64L << 20;

    private static final long OF_EXPORTER = 128L << 20;
    /// What Redis takes of a password.
    private static final int LONGEST_PASSWORD = 512;

    /// Reads the password, without the blanks around it, as routers do.
    private static final String PASSWORD = """
            password=$(cat %1$s)
            password=${password#"${password%%%%[![:space:]]*}"}
            password=${password%%"${password##*[![:space:]]}"}
            """;

    /// Redis is handed its settings where a program reads what is typed, so that they lie nowhere. It
    /// takes the place of the shell, and gets the signals that Docker sends. The script of the official
    /// image gives Redis its folder, and a user of its own.
    private static final String REDIS = """
            set -eu
            %sif [ -z "$password" ] || [ ${#password} -gt %d ]; then
              echo "the secret %s is empty or has more than %2$d letters: write the password of this Redis into it" >&2
              exit 1
            fi
            hex=$(printf %%s "$password" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../\\\\x&/g')
            cd /data
            set -- redis-server -
            if command -v docker-entrypoint.sh > /dev/null; then set -- docker-entrypoint.sh "$@"; fi
            exec "$@" << SETTINGS
            %sSETTINGS
            """;

    /// A Redis that reads its files after a start, or cannot write them, is not helped by another
    /// start.
    private static final String HEALTH = """
            %sREDISCLI_AUTH=$password redis-cli -p %d%s ping | grep -q -e PONG -e LOADING -e MISCONF
            """;

    private static final String EXPORTER = """
            set -eu
            %sexport REDIS_PASSWORD="$password"
            %sfor program in redis_exporter /redis_exporter prometheus-redis-exporter; do
              if command -v "$program" > /dev/null; then exec "$program"; fi
            done
            echo "the image has no redis_exporter: name one that has by exporterImage" >&2
            exit 1
            """;

    private RelayShape() {}

    /// By what routers reach it, and what its certificate has to say.
    static String alias(String relay) {
        return "relay-" + relay;
    }

    private static String exporterAlias(String relay) {
        return alias(relay) + "-exporter";
    }

    /// Names by which it is known on its networks.
    static List<String> aliases(String relay) {
        return List.of(alias(relay), exporterAlias(relay));
    }

    /// Where routers of this swarm find it.
    static String address(String relay, LogRelay.Deployed deploy) {
        return "%s://%s:%d".formatted(deploy.tls().isPresent() ? "rediss" : "redis", alias(relay), RelayService.PORT);
    }

    static List<String> networks(Installation here, LogRelay.Deployed deploy) {
        return Stream.concat(Stream.of(here.network()), deploy.networks().stream())
                .distinct()
                .toList();
    }

    /// Docker secrets that it mounts.
    static List<String> secrets(LogRelay.Deployed deploy) {
        return Stream.concat(
                        Stream.of(deploy.passwordSecret()),
                        deploy.tls().stream()
                                .flatMap(tls -> Stream.of(tls.certificateSecret(), tls.keySecret(), tls.caSecret())))
                .distinct()
                .toList();
    }

    /// What its container may use: entries once, once more for the pages that Redis copies while it
    /// writes its file anew, and what it takes besides.
    static long memory(LogRelay.Deployed deploy) {
        return 2 * deploy.memory().bytes() + BESIDES;
    }

    /// The Redis. It is pinned by the id of its node alone: a volume does not follow when a label of
    /// the node changes.
    ///
    /// @param ports that are published there
    static RelayService redis(
            Installation here, LogRelay relay, LogRelay.Deployed deploy, String node, List<Integer> ports) {
        var name = relay.name().value();
        return new RelayService(
                here.relay(name),
                name,
                Part.REDIS,
                deploy.image(),
                node,
                List.of(),
                command(deploy),
                health(deploy),
                mounted(secrets(deploy)),
                new RouterService.Volume(
                        here.relay(name),
                        deploy.volume().driver(),
                        new TreeMap<>(deploy.volume().options())),
                attachments(here, deploy, alias(name)),
                ports,
                Optional.of(memory(deploy)),
                labels(here, name, Part.REDIS),
                1,
                List.of());
    }

    /// What tells Prometheus of it. It keeps nothing, and may run elsewhere: then it tells that the
    /// Redis is away.
    static RelayService exporter(Installation here, LogRelay relay, LogRelay.Deployed deploy) {
        var name = relay.name().value();
        var labels = labels(here, name, Part.EXPORTER);
        labels.put("io.amp.metrics.port", Integer.toString(METRICS));
        labels.put("io.amp.metrics.path", "/metrics");
        labels.put("io.amp.metrics.mode", "exporter");
        return new RelayService(
                here.exporter(name),
                name,
                Part.EXPORTER,
                deploy.exporterImage(),
                "",
                deploy.constraints(),
                exporting(relay, deploy),
                "",
                mounted(Stream.concat(
                                Stream.of(deploy.passwordSecret()),
                                deploy.tls().stream().map(LogRelay.RelayTls::caSecret))
                        .distinct()
                        .toList()),
                RouterService.Volume.NONE,
                attachments(here, deploy, exporterAlias(name)),
                List.of(),
                Optional.of(OF_EXPORTER),
                labels,
                1,
                List.of());
    }

    private static SortedMap<String, String> mounted(List<String> secrets) {
        var mounted = new TreeMap<String, String>();
        secrets.forEach(secret -> mounted.put(secret, secret));
        return mounted;
    }

    private static List<RouterService.Attachment> attachments(
            Installation here, LogRelay.Deployed deploy, String alias) {
        return networks(here, deploy).stream()
                .map(network -> new RouterService.Attachment(network, List.of(alias)))
                .toList();
    }

    private static TreeMap<String, String> labels(Installation here, String relay, Part part) {
        var labels = new TreeMap<String, String>();
        labels.put(Label.MANAGED_BY, here.prefix());
        labels.put(Label.ROLE, part.role());
        labels.put(Label.RELAY, relay);
        labels.put("io.amp.role", "infrastructure");
        return labels;
    }

    // ---- what the shells run

    private static String file(String secret) {
        return Fleets.SECRETS.resolve(secret).toString();
    }

    private static String password(LogRelay.Deployed deploy) {
        return PASSWORD.formatted(file(deploy.passwordSecret()));
    }

    private static String command(LogRelay.Deployed deploy) {
        var settings = new ArrayList<String>();
        settings.add("bind * -::*");
        deploy.tls()
                .ifPresentOrElse(
                        tls -> {
                            settings.add("port 0");
                            settings.add("tls-port " + RelayService.PORT);
                            settings.add("tls-cert-file " + file(tls.certificateSecret()));
                            settings.add("tls-key-file " + file(tls.keySecret()));
                            settings.add("tls-auth-clients no");
                        },
                        () -> settings.add("port " + RelayService.PORT));
        settings.add("tcp-keepalive 60");
        settings.add("dir /data");
        settings.add("save \"\"");
        settings.add("appendonly yes");
        settings.add("appendfsync "
                + switch (deploy.fsync()) {
                    case ALWAYS -> "always";
                    case EVERY_SECOND -> "everysec";
                });
        settings.add("maxmemory " + deploy.memory().bytes());
        settings.add("maxmemory-policy noeviction");
        settings.add("proto-max-bulk-len " + LONGEST_VALUE);
        settings.add("requirepass \"$hex\"");
        return REDIS.formatted(
                password(deploy), LONGEST_PASSWORD, deploy.passwordSecret(), String.join("\n", settings) + "\n");
    }

    private static String health(LogRelay.Deployed deploy) {
        return HEALTH.formatted(
                password(deploy),
                RelayService.PORT,
                deploy.tls()
                        .map(tls -> " --tls --cacert " + file(tls.caSecret()))
                        .orElse(""));
    }

    private static String exporting(LogRelay relay, LogRelay.Deployed deploy) {
        var settings = new ArrayList<String>();
        settings.add("REDIS_ADDR=" + address(relay.name().value(), deploy));
        settings.add("REDIS_EXPORTER_WEB_LISTEN_ADDRESS=:" + METRICS);
        // It takes names of keys as a URL has them, so that nothing in one means anything to the shell.
        settings.add("REDIS_EXPORTER_CHECK_SINGLE_STREAMS=db0="
                + URLEncoder.encode(relay.stream(), StandardCharsets.UTF_8).replace("*", "%2A"));
        deploy.tls().ifPresent(tls -> settings.add("REDIS_EXPORTER_TLS_CA_CERT_FILE=" + file(tls.caSecret())));
        return EXPORTER.formatted(
                password(deploy),
                settings.stream().map(each -> "export %s\n".formatted(each)).reduce("", String::concat));
    }
}
