package io.logroute.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The standard patterns of grok, under the names that users of Logstash know. Those of whole lines give
/// their fields the names of Logstash without ECS (`clientip`, `response`). The expressions are our own,
/// from what the names are known to match, and written so that they fail soon.
public final class GrokPatterns {
    private static final String IPV4 =
            "(?<![0-9])(?:OCTET[.]){3}OCTET(?![0-9])".replace("OCTET", "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})");

    /// All forms of RFC 4291, by where the `::` stands; a zone may follow.
    private static final String IPV6 = ("(?=[0-9A-Fa-f]{0,4}:)(?:(?:H:){7}(?:H|:)"
                    + "|(?:H:){6}(?:V4|:H|:)"
                    + "|(?:H:){5}(?::V4|(?::H){1,2}|:)"
                    + "|(?:H:){4}(?:(?::H)?:V4|(?::H){1,3}|:)"
                    + "|(?:H:){3}(?:(?::H){0,2}:V4|(?::H){1,4}|:)"
                    + "|(?:H:){2}(?:(?::H){0,3}:V4|(?::H){1,5}|:)"
                    + "|H:(?:(?::H){0,4}:V4|(?::H){1,6}|:)"
                    + "|:(?:(?::H){0,5}:V4|(?::H){1,7}|:))"
                    + "(?:%[0-9A-Za-z._-]+)?")
            .replace("V4", IPV4)
            .replace("H", "[0-9A-Fa-f]{1,4}");

    private static final String GENERAL = """
            USERNAME [a-zA-Z0-9._-]+
            USER %{USERNAME}
            EMAILLOCALPART [a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}
            EMAILADDRESS %{EMAILLOCALPART}@%{HOSTNAME}
            INT [+-]?[0-9]+
            BASE10NUM (?<![0-9.+-])(?>[+-]?(?:[0-9]+(?:[.][0-9]+)?|[.][0-9]+))
            NUMBER %{BASE10NUM}
            BASE16NUM (?<![0-9A-Fa-f])[+-]?(?:0x)?[0-9A-Fa-f]+
            BASE16FLOAT (?<![0-9A-Fa-f.])[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:[.][0-9A-Fa-f]*)?|[.][0-9A-Fa-f]+)\\b
            POSINT \\b[1-9][0-9]*\\b
            NONNEGINT \\b[0-9]+\\b
            WORD \\b\\w+\\b
            NOTSPACE \\S+
            SPACE \\s*
            DATA .*?
            GREEDYDATA .*
            GREEDYMULTILINE [\\s\\S]*
            QUOTEDSTRING (?<!\\\\)(?:"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"|'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|`[^`\\\\]*+(?:\\\\.[^`\\\\]*+)*+`)
            QS %{QUOTEDSTRING}
            UUID [A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}
            URN urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:%[0-9a-fA-F]{2}|[0-9A-Za-z()+,.:=@;$_!*'/?#-])+
            """;

    private static final String NETWORK = """
            MAC %{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}
            CISCOMAC (?:[A-Fa-f0-9]{4}[.]){2}[A-Fa-f0-9]{4}
            WINDOWSMAC (?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2}
            COMMONMAC (?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2}
            IP %{IPV6}|%{IPV4}
            HOSTNAME \\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:[.][0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:[.]|\\b)
            HOST %{HOSTNAME}
            IPORHOST %{IP}|%{HOSTNAME}
            HOSTPORT %{IPORHOST}:%{POSINT}
            PATH %{UNIXPATH}|%{WINPATH}
            UNIXPATH /[\\w%!$@:.,+~/-]*(?:\\\\.[\\w%!$@:.,+~/-]*)*
            TTY /dev/(?:pts|tty[pq]?)\\w*/?[0-9]+
            WINPATH (?>[A-Za-z]+:|\\\\)(?:\\\\[^\\\\?*]*)+
            URIPROTO [A-Za-z][A-Za-z0-9+.-]+
            URIHOST %{IPORHOST}(?::%{POSINT:port})?
            URIPATH /[A-Za-z0-9$.+!*'(){},~:;=@#%&_/-]*
            URIQUERY [A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\[\\]<>-]*
            URIPARAM \\?%{URIQUERY}
            URIPATHPARAM %{URIPATH}(?:%{URIPARAM})?
            URI %{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?
            """;

    private static final String TIMES = """
            MONTH \\b(?:[Jj]an(?:uary?)?|[Ff]eb(?:ruary?)?|[Mm](?:ar(?:ch)?|ärz?|rz)|[Aa]pr(?:il)?|[Mm]a[yi]|[Jj]un[ei]?|[Jj]ul[yi]?|[Aa]ug(?:ust)?|[Ss]ep(?:t(?:ember)?)?|[Oo][ck]t(?:ober)?|[Nn]ov(?:ember)?|[Dd]e[cz](?:ember)?)\\b
            MONTHNUM 1[0-2]|0?[1-9]
            MONTHNUM2 0[1-9]|1[0-2]
            MONTHDAY 0[1-9]|[12][0-9]|3[01]|[1-9]
            DAY Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?
            YEAR (?>[0-9]{4}|[0-9]{2})
            HOUR 2[0-3]|[01]?[0-9]
            MINUTE [0-5][0-9]
            SECOND (?:60|[0-5]?[0-9])(?:[:.,][0-9]+)?
            TIME (?<![0-9])%{HOUR}:%{MINUTE}:%{SECOND}(?![0-9])
            DATE_US %{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}
            DATE_EU %{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}
            DATE %{DATE_US}|%{DATE_EU}
            ISO8601_TIMEZONE Z|[+-]%{HOUR}(?::?%{MINUTE})?
            ISO8601_SECOND %{SECOND}
            TIMESTAMP_ISO8601 %{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?
            DATESTAMP %{DATE}[- ]%{TIME}
            TZ [APMCE][SD]T|UTC|GMT|CET|CEST
            DATESTAMP_RFC822 %{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}
            DATESTAMP_RFC2822 %{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}
            DATESTAMP_OTHER %{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}
            DATESTAMP_EVENTLOG [0-9]{4}%{MONTHNUM2}(?:0[1-9]|[12][0-9]|3[01])(?:2[0-3]|[01][0-9])%{MINUTE}[0-5][0-9]
            HTTPDERROR_DATE %{DAY} %{MONTH} +%{MONTHDAY} %{TIME} %{YEAR}
            HTTPDATE %{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}
            SYSLOGTIMESTAMP %{MONTH} +%{MONTHDAY} %{TIME}
            LOGLEVEL (?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?)
            """;

    private static final String SYSLOG = """
            PROG [!-Z\\\\^-~]+
            SYSLOGPROG %{PROG:program}(?:\\[%{POSINT:pid}\\])?
            SYSLOGHOST %{IPORHOST}
            SYSLOGFACILITY <%{NONNEGINT:facility}[.]%{NONNEGINT:priority}>
            SYSLOGBASE %{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:
            SYSLOGBASE2 (?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource}(?: %{SYSLOGPROG}:)?
            SYSLOGLINE %{SYSLOGBASE2} %{GREEDYDATA:message}
            SYSLOGPAMSESSION %{SYSLOGBASE} (?=%{GREEDYDATA:message})%{WORD:pam_module}\\(%{DATA:pam_caller}\\): session %{WORD:pam_session_state} for user %{USERNAME:username}(?: by %{GREEDYDATA:pam_by})?
            CRON_ACTION [A-Z ]+
            CRONLOG %{SYSLOGBASE} \\(%{USER:user}\\) %{CRON_ACTION:action} \\(%{DATA:message}\\)
            SYSLOG5424PRINTASCII [!-~]+
            SYSLOG5424PRI <%{NONNEGINT:syslog5424_pri}>
            SYSLOG5424SD (?:\\[(?:[^\\]"]|"(?:[^"\\\\]|\\\\.)*")*\\])+
            SYSLOG5424BASE %{SYSLOG5424PRI}%{NONNEGINT:syslog5424_ver} +(?:-|%{TIMESTAMP_ISO8601:syslog5424_ts}) +(?:-|%{IPORHOST:syslog5424_host}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_app}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_proc}) +(?:-|%{SYSLOG5424PRINTASCII:syslog5424_msgid}) +(?:-|%{SYSLOG5424SD:syslog5424_sd})
            SYSLOG5424LINE %{SYSLOG5424BASE}(?: +%{GREEDYDATA:syslog5424_msg})?
            """;

    private static final String WEB = """
            HTTPDUSER %{EMAILADDRESS}|%{USER}
            HTTPD_COMMONLOG %{IPORHOST:clientip} %{HTTPDUSER:ident} %{HTTPDUSER:auth} \\[%{HTTPDATE:timestamp}\\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" (?:-|%{NUMBER:response}) (?:-|%{NUMBER:bytes})
            HTTPD_COMBINEDLOG %{HTTPD_COMMONLOG} %{QS:referrer} %{QS:agent}
            COMMONAPACHELOG %{HTTPD_COMMONLOG}
            COMBINEDAPACHELOG %{HTTPD_COMBINEDLOG}
            HTTPD20_ERRORLOG \\[%{HTTPDERROR_DATE:timestamp}\\] \\[%{LOGLEVEL:loglevel}\\] (?:\\[client %{IPORHOST:clientip}\\] )?%{GREEDYDATA:message}
            HTTPD24_ERRORLOG \\[%{HTTPDERROR_DATE:timestamp}\\] \\[(?:%{WORD:module})?:%{LOGLEVEL:loglevel}\\] \\[pid %{POSINT:pid}(?::tid %{NUMBER:tid})?\\](?: \\(%{POSINT:proxy_errorcode}\\)%{DATA:proxy_message}:)?(?: \\[client %{IPORHOST:clientip}:%{POSINT:clientport}\\])?(?: (?<errorcode>AH[0-9]+):)? %{GREEDYDATA:message}
            HTTPD_ERRORLOG %{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG}
            NGINXACCESS %{HTTPD_COMBINEDLOG}
            NGINXERROR (?<timestamp>%{YEAR}/%{MONTHNUM}/%{MONTHDAY} %{TIME}) \\[%{LOGLEVEL:loglevel}\\] %{POSINT:pid}#%{NONNEGINT:tid}: (?:\\*%{NONNEGINT:connection} )?%{GREEDYDATA:message}
            HAPROXYTIME (?<![0-9])%{HOUR:haproxy_hour}:%{MINUTE:haproxy_minute}:%{SECOND:haproxy_second}(?![0-9])
            HAPROXYDATE %{MONTHDAY:haproxy_monthday}/%{MONTH:haproxy_month}/%{YEAR:haproxy_year}:%{HAPROXYTIME:haproxy_time}[.]%{INT:haproxy_milliseconds}
            HAPROXYCAPTUREDREQUESTHEADERS %{DATA:captured_request_headers}
            HAPROXYCAPTUREDRESPONSEHEADERS %{DATA:captured_response_headers}
            HAPROXYURI (?:%{URIPROTO:http_proto}://)?(?:%{USER:http_user}(?::[^@]*)?@)?(?:%{URIHOST:http_host})?(?:%{URIPATHPARAM:http_request})?
            HAPROXYHTTPREQUESTLINE (?:<BADREQ>|%{WORD:http_verb} %{HAPROXYURI}(?: HTTP/%{NUMBER:http_version})?)
            HAPROXYHTTPBASE %{IP:client_ip}:%{INT:client_port} \\[%{HAPROXYDATE:accept_date}\\] %{NOTSPACE:frontend_name} %{NOTSPACE:backend_name}/%{NOTSPACE:server_name} %{INT:time_request}/%{INT:time_queue}/%{INT:time_backend_connect}/%{INT:time_backend_response}/%{NOTSPACE:time_duration} %{INT:http_status_code} %{NOTSPACE:bytes_read} %{NOTSPACE:captured_request_cookie} %{NOTSPACE:captured_response_cookie} %{NOTSPACE:termination_state} %{INT:actconn}/%{INT:feconn}/%{INT:beconn}/%{INT:srvconn}/%{NOTSPACE:retries} %{INT:srv_queue}/%{INT:backend_queue} (?:\\{%{HAPROXYCAPTUREDREQUESTHEADERS}\\} )?(?:\\{%{HAPROXYCAPTUREDRESPONSEHEADERS}\\} )?"(?:%{HAPROXYHTTPREQUESTLINE})?"?
            HAPROXYHTTP (?:%{SYSLOGTIMESTAMP:syslog_timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{IPORHOST:syslog_server} %{SYSLOGPROG}: %{HAPROXYHTTPBASE}
            HAPROXYTCP (?:%{SYSLOGTIMESTAMP:syslog_timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{IPORHOST:syslog_server} %{SYSLOGPROG}: %{IP:client_ip}:%{INT:client_port} \\[%{HAPROXYDATE:accept_date}\\] %{NOTSPACE:frontend_name} %{NOTSPACE:backend_name}/%{NOTSPACE:server_name} %{INT:time_queue}/%{INT:time_backend_connect}/%{NOTSPACE:time_duration} %{NOTSPACE:bytes_read} %{NOTSPACE:termination_state} %{INT:actconn}/%{INT:feconn}/%{INT:beconn}/%{INT:srvconn}/%{NOTSPACE:retries} %{INT:srv_queue}/%{INT:backend_queue}
            SQUID3 %{NUMBER:timestamp}\\s+%{NUMBER:duration}\\s%{IP:client_address}\\s%{WORD:cache_result}/%{NONNEGINT:status_code}\\s%{NUMBER:bytes}\\s%{WORD:request_method}\\s%{NOTSPACE:url}\\s(?:-|%{NOTSPACE:user})\\s%{WORD:hierarchy_code}/(?:-|%{IPORHOST:server})\\s%{NOTSPACE:content_type}
            """;

    private static final String AWS = """
            S3_REQUEST_LINE (?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})
            S3_ACCESS_LOG %{WORD:owner} %{NOTSPACE:bucket} \\[%{HTTPDATE:timestamp}\\] (?:-|%{IP:clientip}) %{NOTSPACE:requester} %{NOTSPACE:request_id} %{NOTSPACE:operation} %{NOTSPACE:key} (?:-|"%{S3_REQUEST_LINE}") (?:-|%{INT:response:int}) (?:-|%{NOTSPACE:error_code}) (?:-|%{INT:bytes:int}) (?:-|%{INT:object_size:int}) (?:-|%{INT:request_time_ms:int}) (?:-|%{INT:turnaround_time_ms:int}) (?:-|%{QS:referrer}) (?:-|%{QS:agent}) (?:-|%{NOTSPACE:version_id})
            ELB_URIPATHPARAM %{URIPATH:path}(?:%{URIPARAM:params})?
            ELB_URI %{URIPROTO:proto}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST:urihost})?(?:%{ELB_URIPATHPARAM})?
            ELB_REQUEST_LINE (?:%{WORD:verb} %{ELB_URI:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})
            ELB_ACCESS_LOG %{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:elb} %{IP:clientip}:%{INT:clientport:int} (?:-|%{IP:backendip}:%{INT:backendport:int}) %{NUMBER:request_processing_time:float} %{NUMBER:backend_processing_time:float} %{NUMBER:response_processing_time:float} (?:-|%{INT:response:int}) (?:-|%{INT:backend_response:int}) %{INT:received_bytes:int} %{INT:bytes:int} "%{ELB_REQUEST_LINE}"
            CLOUDFRONT_ACCESS_LOG (?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\\t%{TIME})\\t(?<x_edge_location>[^\\t]*)\\t(?:-|%{INT:sc_bytes:int})\\t%{IPORHOST:clientip}\\t%{WORD:cs_method}\\t%{HOSTNAME:cs_host}\\t%{NOTSPACE:cs_uri_stem}\\t(?:-|%{INT:sc_status:int})\\t(?<referrer>[^\\t]*)\\t(?<agent>[^\\t]*)\\t(?<cs_uri_query>[^\\t]*)\\t(?<cookies>[^\\t]*)\\t%{WORD:x_edge_result_type}\\t%{NOTSPACE:x_edge_request_id}\\t%{HOSTNAME:x_host_header}\\t%{URIPROTO:cs_protocol}\\t%{INT:cs_bytes:int}\\t(?<time_taken>[^\\t]*)\\t(?<x_forwarded_for>[^\\t]*)\\t(?<ssl_protocol>[^\\t]*)\\t(?<ssl_cipher>[^\\t]*)\\t(?<x_edge_response_result_type>[^\\t]*)
            """;

    private static final String PROGRAMS = """
            JAVACLASS (?:[a-zA-Z$_][a-zA-Z$_0-9]*[.])*[a-zA-Z$_][a-zA-Z$_0-9]*
            JAVAFILE [a-zA-Z$_0-9. -]+
            JAVAMETHOD (?:<(?:cl)?init>|[a-zA-Z$_][a-zA-Z$_0-9]*)
            JAVASTACKTRACEPART %{SPACE}at %{JAVACLASS:class}[.]%{JAVAMETHOD:method}\\(%{JAVAFILE:file}(?::%{INT:line})?\\)
            JAVATHREAD [A-Z]{2}-Processor[0-9]+
            JAVALOGMESSAGE .*
            CATALINA7_DATESTAMP %{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:%{MINUTE}:%{SECOND} [AP]M
            CATALINA8_DATESTAMP %{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}:%{SECOND}
            CATALINA_DATESTAMP %{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP}
            CATALINA7_LOG %{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:class}(?: %{JAVAMETHOD:method})?\\s*(?:%{LOGLEVEL:level}:)? %{JAVALOGMESSAGE:logmessage}
            CATALINA8_LOG %{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:level} \\[%{DATA:thread}\\] %{JAVACLASS:class}[.]%{JAVAMETHOD:method} %{JAVALOGMESSAGE:logmessage}
            CATALINALOG %{CATALINA8_LOG}|%{CATALINA7_LOG}
            TOMCAT_DATESTAMP %{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE}
            TOMCATLOG %{TOMCAT_DATESTAMP:timestamp} \\| %{LOGLEVEL:level} \\| %{JAVACLASS:class} - %{JAVALOGMESSAGE:logmessage}
            RUBY_LOGLEVEL DEBUG|FATAL|ERROR|WARN|INFO
            RUBY_LOGGER [DFEWI], \\[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\\] *%{RUBY_LOGLEVEL:loglevel} -- +%{DATA:progname}: %{GREEDYDATA:message}
            RUUID \\h{32}
            RCONTROLLER (?<controller>[^#]+)#(?<action>\\w+)
            RAILS3HEAD Started %{WORD:verb} "%{URIPATHPARAM:request}" for %{IPORHOST:clientip} at (?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE})
            MAVEN_VERSION [0-9]+(?:[.][0-9]+){1,2}(?:[.-](?:RELEASE|SNAPSHOT))?
            MCOLLECTIVE ., \\[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\\]%{SPACE}%{LOGLEVEL:event_level}
            MCOLLECTIVEAUDIT %{TIMESTAMP_ISO8601:timestamp}:
            """;

    private static final String STORES = """
            REDISTIMESTAMP %{MONTHDAY} %{MONTH}(?: %{YEAR})? %{TIME}
            REDISLOG \\[%{POSINT:pid}\\] %{REDISTIMESTAMP:timestamp} \\*
            REDISMONLOG %{NUMBER:timestamp} \\[%{INT:database} %{IP:client}:%{NUMBER:port}\\] "%{WORD:command}"\\s?%{GREEDYDATA:params}
            POSTGRESQL (?:%{TIMESTAMP_ISO8601:timestamp}|%{DATESTAMP:timestamp}) %{TZ} %{DATA:user_id} %{GREEDYDATA:connection_id} %{POSINT:pid}
            MONGO_LOG %{SYSLOGTIMESTAMP:timestamp} \\[%{WORD:component}\\] %{GREEDYDATA:message}
            MONGO_QUERY \\{ .*(?= \\} ntoreturn:) \\}
            MONGO_WORDDASH \\b[\\w-]+\\b
            MONGO_SLOWQUERY %{WORD} %{MONGO_WORDDASH:database}[.]%{MONGO_WORDDASH:collection} %{WORD}: %{MONGO_QUERY:query} %{WORD}:%{NONNEGINT:ntoreturn} %{WORD}:%{NONNEGINT:ntoskip} %{WORD}:%{NONNEGINT:nscanned}.*?nreturned:%{NONNEGINT:nreturned}.*? %{INT:duration}ms
            MONGO3_SEVERITY \\w
            MONGO3_COMPONENT %{WORD}|-
            MONGO3_LOG %{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:severity} +%{MONGO3_COMPONENT:component} +(?:\\[%{DATA:context}\\] )?%{GREEDYDATA:message}
            BIND9_TIMESTAMP %{MONTHDAY}-%{MONTH}-%{YEAR} %{TIME}
            BIND9 %{BIND9_TIMESTAMP:timestamp} queries: %{LOGLEVEL:loglevel}: client(?: @0x[0-9A-Fa-f]+)? %{IP:clientip}#%{POSINT:clientport} \\([^)]*\\): query: %{NOTSPACE:query} IN %{NOTSPACE:querytype}(?: [^ ]+)? \\(%{IP:dns}\\)
            """;

    private static final Map<String, String> ALL = all();

    private GrokPatterns() {}

    private static Map<String, String> all() {
        var all = new LinkedHashMap<String, String>();
        all.put("IPV4", IPV4);
        all.put("IPV6", IPV6);
        for (var set : List.of(GENERAL, NETWORK, TIMES, SYSLOG, WEB, AWS, PROGRAMS, STORES)) {
            set.lines().forEach(line -> {
                int space = line.indexOf(' ');
                all.put(line.substring(0, space), line.substring(space + 1));
            });
        }
        return Collections.unmodifiableMap(all);
    }

    /// The pattern of that name; `null` when there is none.
    static @Nullable String get(String name) {
        return ALL.get(name);
    }

    /// All names.
    public static List<String> names() {
        return new ArrayList<>(ALL.keySet());
    }
}
