package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.GrokPatterns;
import io.logroute.spec.ParseSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The standard patterns of grok, by what they match of a text and what they do not.
class StandardPatternsTest {
    static List<String> names() {
        return GrokPatterns.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void each_can_be_matched_within_bounds(String name) {
        assertThat(take(name, "some text that no one expects")).isNotNull();
    }

    @ParameterizedTest(name = "{0} takes {2} of {1}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "USERNAME            ~ ann.b-c_1             ~ ann.b-c_1",
                "USER                ~ ann@x                 ~ ann",
                "EMAILADDRESS        ~ <a.b+c@x-y.org>       ~ a.b+c@x-y.org",
                "INT                 ~ x-15.5                ~ -15",
                "NUMBER              ~ v 15.5e               ~ 15.5",
                "NUMBER              ~ .5                    ~ .5",
                "NUMBER              ~ none                  ~ -",
                "BASE16NUM           ~ 0xCAFE g              ~ 0xCAFE",
                "BASE16FLOAT         ~ 0x1.8                 ~ 0x1.8",
                "POSINT              ~ 0 10                  ~ 10",
                "NONNEGINT           ~ -0                    ~ 0",
                "WORD                ~ `  two words`         ~ two",
                "NOTSPACE            ~ a/b,c d               ~ a/b,c",
                "QUOTEDSTRING        ~ say \"a \\\" b\" c    ~ \"a \\\" b\"",
                "QS                  ~ say 'a b' c           ~ `'a b'`",
                "QS                  ~ `say \"a b`           ~ -",
                "UUID                ~ id 6ba7b810-9dad-11d1-80b4-00c04fd430c8. ~ 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "URN                 ~ urn:isbn:0451450523 x ~ urn:isbn:0451450523",
                "MAC                 ~ 00:1b:44:11:3A:B7     ~ 00:1b:44:11:3A:B7",
                "MAC                 ~ 00-1b-44-11-3A-B7     ~ 00-1b-44-11-3A-B7",
                "MAC                 ~ 001b.4411.3AB7        ~ 001b.4411.3AB7",
                "IPV4                ~ at 10.0.255.7:80      ~ 10.0.255.7",
                "IPV4                ~ 10.0.256.7            ~ -",
                "IPV4                ~ 1.2.3                 ~ -",
                "IPV6                ~ ::1                   ~ ::1",
                "IPV6                ~ [2001:db8::8a2e:370:7334]:80 ~ 2001:db8::8a2e:370:7334",
                "IPV6                ~ 1:2:3:4:5:6:7:8       ~ 1:2:3:4:5:6:7:8",
                "IPV6                ~ ::ffff:10.0.0.1       ~ ::ffff:10.0.0.1",
                "IPV6                ~ fe80::1%eth0          ~ fe80::1%eth0",
                "IPV6                ~ fe80::                ~ fe80::",
                "IPV6                ~ word                  ~ -",
                "IP                  ~ 10.0.0.1              ~ 10.0.0.1",
                "HOSTNAME            ~ web-1.example.org/x   ~ web-1.example.org",
                "IPORHOST            ~ 10.0.0.1 web          ~ 10.0.0.1",
                "IPORHOST            ~ web.local             ~ web.local",
                "HOSTPORT            ~ web.local:8080        ~ web.local:8080",
                "UNIXPATH            ~ in /var/log/a\\ b.txt ~ /var/log/a\\ b.txt",
                "PATH                ~ C:\\Users\\ann        ~ C:\\Users\\ann",
                "TTY                 ~ /dev/pts/3            ~ /dev/pts/3",
                "WINPATH             ~ C:\\a\\b c            ~ C:\\a\\b c",
                "URIPROTO            ~ https://x             ~ https",
                "URIPATH             ~ /a/b-c?d              ~ /a/b-c",
                "URIPARAM            ~ /a?b=c&d=[e] f        ~ ?b=c&d=[e]",
                "URIPATHPARAM        ~ /a/b?c=d e            ~ /a/b?c=d",
                "URI                 ~ at https://u:p@web.org:8080/a?b=c. ~ https://u:p@web.org:8080/a?b=c.",
                "MONTH               ~ 3. März 2026          ~ März",
                "MONTH               ~ Marble                ~ -",
                "MONTH               ~ Sep                   ~ Sep",
                "MONTHNUM            ~ 12                    ~ 12",
                "MONTHDAY            ~ 31                    ~ 31",
                "DAY                 ~ on Tuesday            ~ Tuesday",
                "YEAR                ~ 2026                  ~ 2026",
                "TIME                ~ at 23:59:60.123x      ~ 23:59:60.123",
                "TIME                ~ 25:00:00              ~ -",
                "DATE_US             ~ 11/29/2026            ~ 11/29/2026",
                "DATE_EU             ~ 29.11.2026            ~ 29.11.2026",
                "TIMESTAMP_ISO8601   ~ 2026-11-29T10:15:30.5+01:00 x ~ 2026-11-29T10:15:30.5+01:00",
                "TIMESTAMP_ISO8601   ~ 2026-11-29 10:15:30,123 x ~ 2026-11-29 10:15:30,123",
                "TIMESTAMP_ISO8601   ~ 2026-11-29T10:15Z     ~ 2026-11-29T10:15Z",
                "DATESTAMP           ~ 11/29/2026 10:15:30   ~ 11/29/2026 10:15:30",
                "DATESTAMP_RFC822    ~ Sun Nov 29 2026 10:15:30 UTC ~ Sun Nov 29 2026 10:15:30 UTC",
                "DATESTAMP_RFC2822   ~ Sun, 29 Nov 2026 10:15:30 +0100 ~ Sun, 29 Nov 2026 10:15:30 +0100",
                "DATESTAMP_OTHER     ~ Sun Nov 29 10:15:30 UTC 2026 ~ Sun Nov 29 10:15:30 UTC 2026",
                "DATESTAMP_EVENTLOG  ~ 20261129101530        ~ 20261129101530",
                "HTTPDATE            ~ [29/Nov/2026:10:15:30 +0000] ~ 29/Nov/2026:10:15:30 +0000",
                "HTTPDERROR_DATE     ~ Sun Nov 29 10:15:30 2026 ~ Sun Nov 29 10:15:30 2026",
                "SYSLOGTIMESTAMP     ~ Nov  9 10:15:30 host  ~ Nov  9 10:15:30",
                "LOGLEVEL            ~ [WARNING] x           ~ WARNING",
                "LOGLEVEL            ~ an Error              ~ Error",
                "PROG                ~ sshd[123]             ~ sshd",
                "SYSLOG5424SD        ~ [a b=\"]\"][c d=\"e\"] x ~ [a b=\"]\"][c d=\"e\"]",
                "JAVACLASS           ~ org.example.Shop$1.x(Y.java) ~ org.example.Shop$1.x",
                "JAVAMETHOD          ~ <init>                ~ <init>",
                "JAVAFILE            ~ Shop.java:5           ~ Shop.java",
                "CATALINA_DATESTAMP  ~ Nov 29, 2026 10:15:30 AM ~ Nov 29, 2026 10:15:30 AM",
                "CATALINA_DATESTAMP  ~ 29-Nov-2026 10:15:30.123 ~ 29-Nov-2026 10:15:30.123",
                "TOMCAT_DATESTAMP    ~ 2026-11-29 10:15:30,123 -0700 ~ 2026-11-29 10:15:30,123 -0700",
                "REDISTIMESTAMP      ~ 29 Nov 10:15:30.123   ~ 29 Nov 10:15:30.123",
                "MAVEN_VERSION       ~ 1.2.3-SNAPSHOT        ~ 1.2.3-SNAPSHOT",
                "RUUID               ~ x 0123456789abcdef0123456789abcdef ~ 0123456789abcdef0123456789abcdef",
            })
    void what_they_take(String name, String text, String taken) {
        assertThat(take(name, text)).isEqualTo(taken);
    }

    /// What the pattern takes of the text, `-` for nothing.
    private static String take(String name, String text) {
        var how = new ParseSpec.Grok(Reads.LINE, List.of("(?<taken>%{" + name + "})"), Map.of(), Reads.OUT);
        var outcome = Reads.outcome(how, io.logroute.spec.FilterSpec.OnFailure.TAG, Reads.line(text));
        var taken = outcome.passed().getFirst().get("out", "taken");
        return taken == null ? "-" : taken.toString();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "COMMONAPACHELOG ~ 10.0.0.1 - ann [29/Nov/2026:10:15:30 +0000] \"GET /a?b HTTP/1.1\" 200 512"
                        + " ~ {'clientip':'10.0.0.1','ident':'-','auth':'ann','timestamp':'29/Nov/2026:10:15:30 +0000','verb':'GET','request':'/a?b','httpversion':'1.1','response':'200','bytes':'512'}",
                "COMBINEDAPACHELOG ~ web.local - - [29/Nov/2026:10:15:30 +0000] \"\\x16\\x03\" 400 - \"-\" \"curl/8\""
                        + " ~ {'clientip':'web.local','ident':'-','auth':'-','timestamp':'29/Nov/2026:10:15:30 +0000','rawrequest':'\\\\x16\\\\x03','response':'400','referrer':'\\'-\\'','agent':'\\'curl/8\\''}",
                "HTTPD_ERRORLOG ~ [Sun Nov 29 10:15:30 2026] [error] [client 10.0.0.1] File does not exist"
                        + " ~ {'timestamp':'Sun Nov 29 10:15:30 2026','loglevel':'error','clientip':'10.0.0.1','message':'File does not exist'}",
                "HTTPD_ERRORLOG ~ [Sun Nov 29 10:15:30.123456 2026] [core:error] [pid 7:tid 8] [client 10.0.0.1:90] AH00124: Limit"
                        + " ~ {'timestamp':'Sun Nov 29 10:15:30.123456 2026','loglevel':'error','clientip':'10.0.0.1','message':'Limit','module':'core','pid':'7','tid':'8','clientport':'90','errorcode':'AH00124'}",
                "NGINXERROR ~ 2026/11/29 10:15:30 [error] 7#8: *9 open() failed"
                        + " ~ {'timestamp':'2026/11/29 10:15:30','loglevel':'error','pid':'7','tid':'8','connection':'9','message':'open() failed'}",
                "SYSLOGBASE ~ Nov 29 10:15:30 web-1 sshd[123]: Accepted"
                        + " ~ {'timestamp':'Nov 29 10:15:30','logsource':'web-1','program':'sshd','pid':'123'}",
                "SYSLOGLINE ~ 2026-11-29T10:15:30+01:00 web-1 kernel: up"
                        + " ~ {'timestamp8601':'2026-11-29T10:15:30+01:00','logsource':'web-1','program':'kernel','message':'up'}",
                "CRONLOG ~ Nov 29 10:15:30 web CRON[12]: (root) CMD (run it)"
                        + " ~ {'timestamp':'Nov 29 10:15:30','logsource':'web','program':'CRON','pid':'12','user':'root','action':'CMD','message':'run it'}",
                "SYSLOG5424LINE ~ <34>1 2026-11-29T10:15:30Z web su - ID47 [x y=\"z\"] it failed"
                        + " ~ {'syslog5424_pri':'34','syslog5424_ver':'1','syslog5424_ts':'2026-11-29T10:15:30Z','syslog5424_host':'web','syslog5424_app':'su','syslog5424_msgid':'ID47','syslog5424_sd':'[x y=\\'z\\']','syslog5424_msg':'it failed'}",
                "JAVASTACKTRACEPART ~ `\tat org.example.Shop.<init>(Shop.java:12)`"
                        + " ~ {'class':'org.example.Shop','method':'<init>','file':'Shop.java','line':'12'}",
                "CATALINALOG ~ 29-Nov-2026 10:15:30.123 INFO [main] org.apache.Boot.start Up"
                        + " ~ {'timestamp':'29-Nov-2026 10:15:30.123','level':'INFO','thread':'main','class':'org.apache.Boot','method':'start','logmessage':'Up'}",
                "HAPROXYHTTP ~ Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2026:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\""
                        + " ~ {'syslog_timestamp':'Feb  6 12:14:14','syslog_server':'localhost','program':'haproxy','pid':'14389','client_ip':'10.0.1.2','client_port':'33317','accept_date':'06/Feb/2026:12:14:14.655','haproxy_monthday':'06','haproxy_month':'Feb','haproxy_year':'2026','haproxy_time':'12:14:14','haproxy_hour':'12','haproxy_minute':'14','haproxy_second':'14','haproxy_milliseconds':'655','frontend_name':'http-in','backend_name':'static','server_name':'srv1','time_request':'10','time_queue':'0','time_backend_connect':'30','time_backend_response':'69','time_duration':'109','http_status_code':'200','bytes_read':'2750','captured_request_cookie':'-','captured_response_cookie':'-','termination_state':'----','actconn':'1','feconn':'1','beconn':'1','srvconn':'1','retries':'0','srv_queue':'0','backend_queue':'0','captured_request_headers':'1wt.eu','http_verb':'GET','http_request':'/index.html','http_version':'1.1'}",
                "REDISMONLOG ~ 1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\""
                        + " ~ {'timestamp':'1339518083.107412','database':'0','client':'127.0.0.1','port':'60866','command':'keys','params':'\\'*\\''}",
                "MONGO3_LOG ~ 2026-11-29T10:15:30.123+0100 I NETWORK  [conn1] end connection"
                        + " ~ {'timestamp':'2026-11-29T10:15:30.123+0100','severity':'I','component':'NETWORK','context':'conn1','message':'end connection'}",
                "RUBY_LOGGER ~ I, [2026-11-29T10:15:30.123 #12]  INFO -- web: up"
                        + " ~ {'timestamp':'2026-11-29T10:15:30.123','pid':'12','loglevel':'INFO','progname':'web','message':'up'}",
                "ELB_ACCESS_LOG ~ 2026-11-29T10:15:30.123456Z my-elb 10.0.0.1:2817 10.0.0.2:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/a?b HTTP/1.1\""
                        + " ~ {'timestamp':'2026-11-29T10:15:30.123456Z','elb':'my-elb','clientip':'10.0.0.1','clientport':2817,'backendip':'10.0.0.2','backendport':80,'request_processing_time':7.3E-5,'backend_processing_time':0.001048,'response_processing_time':5.7E-5,'response':200,'backend_response':200,'received_bytes':0,'bytes':29,'verb':'GET','request':'http://www.example.com:80/a?b','proto':'http','urihost':'www.example.com:80','port':'80','path':'/a','params':'?b','httpversion':'1.1'}",
            })
    void whole_lines(String name, String text, String expected) {
        var how = new ParseSpec.Grok(Reads.LINE, List.of("^%{" + name + "}"), Map.of(), Reads.OUT);
        assertThat(Reads.of(how, text)).isEqualTo(expected);
    }

    @Test
    void the_sets_that_people_know_are_there() {
        assertThat(GrokPatterns.names())
                .contains(
                        "COMBINEDAPACHELOG", "SYSLOGLINE", "JAVASTACKTRACEPART", "S3_ACCESS_LOG", "HAPROXYTCP", "BIND9")
                .doesNotHaveDuplicates();
    }
}
