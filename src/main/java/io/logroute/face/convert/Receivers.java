package io.logroute.face.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/// Says the inputs that log drivers, devices and shippers send to, and the output that sends to such.
final class Receivers {
    private static final int PRIVILEGED = 1024;

    private Receivers() {}

    static void syslog(End end, Map<String, Object> how) throws Untold {
        var settings = end.settings();
        settings.ignore("ecs_compatibility", "use_labels", "locale", "service_type");
        if (settings.has("grok_pattern")) {
            throw new Untold(
                    "its lines are read by a grok_pattern of its own, and the source reads RFC 3164 and 5424 only; write the source by hand, and a parse with grok for what comes with the tag _syslogparsefailure");
        }
        if (settings.truth("proxy_protocol", false)) {
            throw new Untold(
                    "the source does not know the PROXY protocol; let the proxy pass connections on without it");
        }
        end.changed(
                "",
                "fields have other names: process.name (program), process.pid (pid), host.name (logsource; with ECS host.hostname), level (severity_label; log.syslog.severity.name), syslog.facility, a word (facility_label; log.syslog.facility.name), syslog.severity (severity; log.syslog.severity.code), syslog.sender (host; host.ip). What is no syslog has the tag _syslogparsefailure. Where a filter or a condition asks for the names of Logstash, write these");
        for (var option : new String[] {"facility_labels", "severity_labels"}) {
            if (settings.has(option)) {
                settings.ignore(option);
                end.changed(option, "facilities and levels have words of their own here");
            }
        }
        var zone = settings.text("timezone");
        if (zone.isPresent()) {
            how.put("timeZone", zone.get());
        } else {
            end.changed(
                    "timezone",
                    "times that name no zone are taken for UTC, by Logstash for the zone of its machine; write timeZone: Europe/Berlin, say");
        }
        if (how.get("port") instanceof Integer port && port < PRIVILEGED) {
            end.note(
                    "port",
                    "whoever runs in a container may listen there; outside of one a port below 1024 takes a right of its own");
        }
    }

    /// Which option names the port.
    static String gelfPort(Settings settings) throws Untold {
        boolean udp = settings.truth("use_udp", true);
        boolean tcp = settings.truth("use_tcp", false);
        if (!udp && !tcp) {
            throw new Untold("it listens neither on UDP nor on TCP");
        }
        var usual = settings.text("port", "12201");
        boolean same = settings.text("port_udp", usual).equals(settings.text("port_tcp", usual));
        if (udp && tcp && !same) {
            throw new Untold(
                    "it listens on a port for UDP and on another one for TCP; write two gelf sources, with transport: udp and transport: tcp");
        }
        var own = udp ? "port_udp" : "port_tcp";
        return settings.has(own) ? own : "port";
    }

    static void gelf(End end, Map<String, Object> how) throws Untold {
        var settings = end.settings();
        settings.ignore("ecs_compatibility");
        boolean udp = settings.truth("use_udp", true);
        boolean tcp = settings.truth("use_tcp", false);
        if (udp != tcp) {
            how.put("transport", udp ? "udp" : "tcp");
        }
        settings.ignore("remap");
        end.changed(
                settings.has("remap") ? "remap" : "",
                "message is always short_message, and full_message stays where there is one; host is host.name, source_host gelf.sender, level a word, with its number as gelf.level");
        if (!settings.truth("strip_leading_underscore", true)) {
            end.changed("strip_leading_underscore", "_x becomes x all the same, where the event has no x yet");
        }
    }

    static void fluent(End end, Map<String, Object> how) throws Untold {
        var settings = end.settings();
        settings.ignore("ecs_compatibility", "tcp_keep_alive", "dns_reverse_lookup_enabled");
        if (settings.text("mode", "server").equals("client")) {
            throw new Untold("it connects to a server and reads there; sources take what clients send");
        }
        if (settings.truth("proxy_protocol", false)) {
            throw new Untold(
                    "the source does not know the PROXY protocol; let the proxy pass connections on without it");
        }
        end.serverTls(false).ifPresent(tls -> how.put("tls", tls));
        end.changed("codec", "the tag is in fluent.tag; Logstash puts it into tags, and adds host and port");
        end.note(
                "codec",
                "clients may ask for acknowledgements now (require_ack_response), which Logstash does not give");
    }

    /// The output whose receivers speak Lumberjack.
    static Map<String, Object> lumberjack(End end) throws Untold {
        var settings = end.settings();
        settings.value("codec");
        var names = settings.texts("hosts");
        if (names.isEmpty() || !settings.has("port")) {
            throw new Untold("it has no hosts, or no port");
        }
        int port = end.port("port", 5044);
        var hosts = new ArrayList<String>();
        names.forEach(name -> hosts.add(End.named(name) + ":" + port));
        var how = new LinkedHashMap<String, Object>();
        how.put("hosts", hosts);
        if (hosts.size() > 1) {
            how.put("loadBalance", false);
            end.note(
                    "hosts",
                    "the first one gets all while it answers, where Logstash takes any; loadBalance: true shares among them");
        }
        var tls = new LinkedHashMap<String, Object>();
        settings.text("ssl_certificate").ifPresent(file -> tls.put("caFile", file));
        how.put("tls", tls);
        end.changed(
                "ssl_certificate",
                "the certificate that the receiver shows must have its name in it, too; verify: false under tls asks for neither name nor signer");
        var most = settings.has("window_size") ? settings.text("window_size") : settings.text("flush_size");
        settings.ignore("flush_size");
        if (most.isPresent()) {
            how.put("windowSize", Hints.whole(most.get(), "flush_size"));
        }
        var idle = settings.text("idle_flush_time");
        if (idle.isPresent()) {
            how.put("linger", Hints.whole(idle.get(), "idle_flush_time") + "s");
        }
        end.changed(
                "codec",
                "events go whole, with @metadata; Logstash sends a text of each in the field line. Let an input beats of Logstash receive them, or a beats source: the input lumberjack looks for line");
        return how;
    }
}
