package io.logroute.face.convert;

import io.logroute.face.convert.Conf.Plugin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Says Redis as an input and as an output. Lists become lists; channels keep nothing for whoever is
/// away, so that no source and no sink is one.
final class Redis {
    private static final int PORT = 6379;
    private static final String NEEDS =
            "Redis has to be 6.2 or later, and a user of it needs the commands that docs/guide/redis.md names";

    /// A text with the fields of each event, as specs write it.
    interface Template {
        String of(Settings settings, String option) throws Untold;
    }

    private Redis() {}

    /// @param codec the name of its codec
    static Map<String, Object> source(End end, String codec) throws Untold {
        var settings = end.settings();
        settings.ignore("batch_count", "threads", "timeout");
        list(
                settings,
                "what is sent to a channel while nobody listens is lost, so there is no source on one; let the senders push to a list");
        switch (codec) {
            case "json", "json_lines", "plain", "line", "multiline" -> {}
            default ->
                throw new Untold(
                        "its codec %s is not here, and what is taken out of Redis unread would be lost to others; let the senders push JSON"
                                .formatted(codec));
        }
        var key = settings.text("key");
        if (key.isEmpty()) {
            throw new Untold("it has no key");
        }
        var how = at(end, settings.text("host", "127.0.0.1"));
        how.put("keys", List.of(key.get()));
        how.put("form", "list");
        if (!codec.startsWith("json")) {
            how.put("codec", "text");
        }
        end.note("", NEEDS + "; what was taken stays in Redis, in a list of its own, until it is stored here");
        return how;
    }

    static Map<String, Object> sink(End end, Template template) throws Untold {
        var settings = end.settings();
        settings.ignore(
                "name",
                "batch",
                "batch_events",
                "batch_timeout",
                "congestion_interval",
                "reconnect_interval",
                "shuffle_hosts",
                "timeout");
        if (!settings.has("queue")) {
            list(
                    settings,
                    "what is sent to a channel while nobody listens is lost, so there is no sink for one; write to a list (data_type => list), which both sides must do");
        }
        var key = settings.has("queue") ? "queue" : "key";
        if (!settings.has(key)) {
            throw new Untold("it has no key");
        }
        var hosts = settings.texts("host");
        if (hosts.size() > 1) {
            end.changed(
                    "host",
                    "Logstash takes any of its hosts that answers; a sink writes to one Redis, a cluster (cluster: true) or what Sentinels name (sentinel: { master })");
        }
        var how = at(end, hosts.isEmpty() ? "127.0.0.1" : hosts.getFirst());
        how.put("key", template.of(settings, key));
        how.put("form", "list");
        var most = settings.text("congestion_threshold", "0");
        if (!most.equals("0")) {
            how.put("maxLength", Hints.whole(most, "congestion_threshold"));
        }
        var codec = Inputs.codec(settings).map(Plugin::name).orElse("json");
        if (!codec.equals("json")) {
            end.changed("codec", "an element is the event as JSON, not as %s has it".formatted(codec));
        }
        end.note("", NEEDS);
        return how;
    }

    private static void list(Settings settings, String otherwise) throws Untold {
        var type = settings.text("data_type");
        if (type.isEmpty()) {
            throw new Untold("it has no data_type");
        }
        if (!type.get().equals("list")) {
            throw new Untold("its data_type is %s: %s".formatted(type.get(), otherwise));
        }
    }

    /// Where it is, and who we are.
    private static LinkedHashMap<String, Object> at(End end, String host) throws Untold {
        var settings = end.settings();
        if (settings.has("path")) {
            throw new Untold(
                    "it is a socket file, and Redis is reached over TCP here; write its address under servers");
        }
        var how = new LinkedHashMap<String, Object>();
        boolean tls = settings.truth("ssl_enabled", settings.truth("ssl", false));
        int port = end.port("port", PORT);
        var named = End.named(host);
        how.put(
                "servers",
                List.of((tls ? "rediss://" : "redis://")
                        + (named.matches(".*[^:]:[0-9]+") ? named : named + ":" + port)));
        var database = settings.text("db", "0");
        if (!database.equals("0")) {
            how.put("database", Hints.whole(database, "db"));
        }
        var user = settings.text("username");
        var password = settings.text("password");
        if (password.isPresent()) {
            var auth = new LinkedHashMap<String, Object>();
            user.ifPresent(name -> auth.put("username", name));
            auth.put("passwordFile", end.secret("password", "the password", "redis-password"));
            how.put("auth", auth);
        }
        var files = end.clientTls();
        if (tls && !files.isEmpty()) {
            how.put("tls", files);
        }
        return how;
    }
}
