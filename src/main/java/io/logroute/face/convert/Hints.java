package io.logroute.face.convert;

import java.util.List;
import java.util.Map;

/// What is known of Logstash besides its grammar: what to do about plugins that have no counterpart,
/// and names that everybody uses.
final class Hints {
    static final List<String> FACILITIES = List.of(
            "kernel",
            "user-level",
            "mail",
            "daemon",
            "security/authorization",
            "syslogd",
            "line printer",
            "network news",
            "uucp",
            "clock",
            "security/authorization",
            "ftp",
            "ntp",
            "log audit",
            "log alert",
            "clock",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");

    static final List<String> SEVERITIES =
            List.of("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug");

    private static final String ENRICH =
            "LogRoute looks nothing up; an ingest pipeline of Elasticsearch can (processor %s): name it as index.default_pipeline in the index template";
    private static final String STATE =
            "it keeps what it saw of other events, which no filter here does but throttle, dedupe and multiline; %s";
    private static final String OUTSIDE =
            "LogRoute asks nobody on the way of an event; enrich where the logs come from, or in an ingest pipeline of Elasticsearch";

    private static final Map<String, String> FILTERS = Map.ofEntries(
            Map.entry("geoip", ENRICH.formatted("geoip")),
            Map.entry("useragent", ENRICH.formatted("user_agent")),
            Map.entry(
                    "ruby",
                    "there is no filter that runs code, on purpose; set with CEL says much of it: set: { fields: { slow: { cel: event.took > 1000 } } }"),
            Map.entry("aggregate", STATE.formatted("join at the source, or in a transform of Elasticsearch")),
            Map.entry("elapsed", STATE.formatted("measure at the source")),
            Map.entry("metrics", STATE.formatted("/metrics counts events by route and sink")),
            Map.entry(
                    "throttle",
                    "its tag on events beyond a count is not here; to drop them write throttle: { rate: 500/s, key: \"%{service_name}\" }"),
            Map.entry(
                    "clone",
                    "routes copy by themselves: write another route for the copy, with a set for what makes it another"),
            Map.entry("sleep", "waiting on the way of an event has no use here; throttle bounds a rate"),
            Map.entry("dns", OUTSIDE),
            Map.entry("http", OUTSIDE),
            Map.entry("elasticsearch", OUTSIDE),
            Map.entry("jdbc_static", OUTSIDE),
            Map.entry("jdbc_streaming", OUTSIDE),
            Map.entry("memcached", OUTSIDE),
            Map.entry("cidr", "there is no filter for networks; matches in a when takes an expression for an address"),
            Map.entry(
                    "urldecode",
                    "there is no filter for it; decode where the logs come from, or in an ingest pipeline (urldecode)"),
            Map.entry("xml", "there is no way to parse XML; a regex or grok takes single values out of it"),
            Map.entry("uuid", "there is no filter that makes ids; the sink makes them (ids: sequence or content)"),
            Map.entry(
                    "truncate",
                    "there is no filter for it; set with CEL cuts by characters: { cel: event.message.substring(0, 1000) }, with when: size(event.message) > 1000"),
            Map.entry("de_dot", "there is no need for it: Elasticsearch takes dots in names since version 5"),
            Map.entry("environment", "specs take nothing from the environment; write the value in a set"),
            Map.entry("metricize", "there is no filter for it; /metrics counts the events of each route"),
            Map.entry("range", "write a set with a when for each range: when: event.took > 100 && event.took <= 200"),
            Map.entry("alter", "write a set with a when: set: { fields: { a: b }, when: 'event.a == \"c\"' }"),
            Map.entry(
                    "i18n",
                    "there is no filter for it; set with CEL replaces characters: { cel: 'event.a.replace(\"ä\", \"a\")' }"),
            Map.entry("bytes", "there is no filter for it; write sizes in bytes where they come from"));

    private static final Map<String, String> INPUTS = Map.ofEntries(
            Map.entry(
                    "file",
                    "LogRoute reads no files; what containers write the docker source reads (docs/guide/docker.md), and files Filebeat does (filestream, with the same paths), sending to the beats source"),
            Map.entry(
                    "log4j",
                    "let the program write JSON to standard output, where the docker source reads it, or Filebeat, which sends to the beats source"),
            Map.entry(
                    "tcp",
                    "there is no source on plain TCP; where the lines are syslog write syslog: { port: 5514, transport: tcp }, which takes them apart by itself, where they are GELF write gelf; else send by Filebeat (its input tcp) to the beats source, or JSON by POST to the http source"),
            Map.entry(
                    "udp",
                    "there is no source on plain UDP; where it is syslog write syslog: { port: 5514, transport: udp }, which takes it apart by itself, where it is GELF write gelf; else let Filebeat take it (its input udp) and send to the beats source"),
            Map.entry(
                    "unix",
                    "there is no source on Unix sockets; let Filebeat take it (its input unix) and send to the beats source"),
            Map.entry(
                    "relp",
                    "there is no source for RELP; let rsyslog send over TCP (omfwd, with a disk queue) to the syslog source"),
            Map.entry(
                    "logstash",
                    "the other Logstash sends in a form of its own; let it write with its output http (format => json_batch) to the http source"),
            Map.entry(
                    "docker",
                    "write docker: {} under sources yourself; routers on every node read all containers (docs/guide/docker.md)"),
            Map.entry("fluent", "write fluent: { port: 24224 } under sources yourself (docs/guide/docker-drivers.md)"),
            Map.entry("demo", "write demo: { eventsPerSecond: 20 } under sources yourself"),
            Map.entry("nats", "write a nats source by hand (docs/guide/nats.md): servers, and jetstream or core"),
            Map.entry(
                    "kafka",
                    "there is no source on Kafka; let Filebeat read it (its input kafka) and send to the beats source"),
            Map.entry(
                    "rabbitmq",
                    "there is no source on AMQP; send by POST to the http source, or push to a list of Redis"),
            Map.entry("sqs", "there is no source on SQS; let Filebeat read it (its input aws-s3)"),
            Map.entry("s3", "there is no source on S3; let Filebeat read it (its input aws-s3)"),
            Map.entry(
                    "stdin",
                    "a router does not read its standard input; curl --data-binary @FILE posts lines of JSON to the http source"),
            Map.entry(
                    "generator",
                    "the nearest is the source demo, which makes up logs of a shop: demo: { eventsPerSecond: 20 }"),
            Map.entry("heartbeat", "there is none; /q/health and /metrics tell whether a router lives"),
            Map.entry("exec", "a router runs no commands; run it outside and post what it says to the http source"),
            Map.entry("http_poller", "a router asks nobody; ask outside and post the answer to the http source"),
            Map.entry("jdbc", "a router reads no database; read it outside and post the rows to the http source"),
            Map.entry("elasticsearch", "a router reads no index; use _reindex of Elasticsearch"),
            Map.entry("snmptrap", "there is no source for SNMP"),
            Map.entry("dead_letter_queue", "dead letters are listed and given back with logroute dlq"),
            Map.entry(
                    "pipeline",
                    "there is one pipeline here; convert the one that sends there together with this one, as several routes"));

    private static final Map<String, String> OUTPUTS = Map.ofEntries(
            Map.entry(
                    "kafka",
                    "there is no sink for Kafka; a file sink keeps the events until something else reads them there"),
            Map.entry(
                    "logstash",
                    "it sends in a form of Logstash's own, for which there is no sink; give the other Logstash an input beats, and write a beats sink"),
            Map.entry("beats", "write a beats sink by hand (docs/guide/external-stash.md): hosts, and tls"),
            Map.entry("console", "write console: {} as a sink yourself"),
            Map.entry("discard", "write discard: {} as a sink yourself"),
            Map.entry("nats", "write a nats sink by hand (docs/guide/nats.md): servers and subject"),
            Map.entry(
                    "tcp",
                    "there is no sink on plain TCP; to a Logstash write a beats sink (its input beats), to others an http sink"),
            Map.entry("udp", "there is no sink on UDP"),
            Map.entry(
                    "syslog",
                    "there is no sink for syslog; a beats or an http sink sends to what takes either, and a file sink keeps the events"),
            Map.entry("email", "there is no sink that writes mail; let an alert on Elasticsearch or on /metrics do it"),
            Map.entry("statsd", "there is no sink that counts; /metrics tells the events of each route"),
            Map.entry("graphite", "there is no sink that counts; /metrics tells the events of each route"),
            Map.entry("influxdb", "there is no sink for InfluxDB; a file sink keeps the events"),
            Map.entry("loki", "there is no sink for Loki; a file sink keeps the events"),
            Map.entry("s3", "there is no sink for S3; a file sink keeps the events, with rotation"),
            Map.entry(
                    "amazon_es",
                    "its requests are signed with keys of AWS, which no sink does; let a proxy sign them, and write an opensearch sink that sends to the proxy"),
            Map.entry(
                    "pipeline",
                    "there is one pipeline here; a route takes the place of a pipeline that another one sends to: convert both files together and join the routes"),
            Map.entry("exec", "a router runs no commands"),
            Map.entry("pipe", "a router runs no commands"),
            Map.entry("gelf", "there is no sink for GELF; a file sink keeps the events"),
            Map.entry("mongodb", "there is no sink for MongoDB; a file sink keeps the events"),
            Map.entry(
                    "rabbitmq",
                    "there is no sink on AMQP; a file sink keeps the events, and a redis or a nats sink queues them"));

    private Hints() {}

    static String filter(String name) {
        return FILTERS.getOrDefault(
                name,
                "there is no such filter here; do it where the logs come from, or in an ingest pipeline of Elasticsearch");
    }

    static String input(String name) {
        return INPUTS.getOrDefault(
                name,
                "there is no such source here; post JSON to the http source, or send by Filebeat to the beats source");
    }

    static String output(String name) {
        return OUTPUTS.getOrDefault(
                name,
                "there is no such sink here; where its server takes JSON over HTTP write an http sink, and a file sink keeps the events");
    }

    static int whole(String text, String option) throws Untold {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new Untold("%s is \"%s\", which is no whole number".formatted(option, text));
        }
    }
}
