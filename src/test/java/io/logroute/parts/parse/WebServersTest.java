package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.ParseSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Lines of nginx and Apache.
class WebServersTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "combined ~ 10.0.0.1 - ann [29/Nov/2026:10:15:30 +0100] \"GET /a?b=c HTTP/1.1\" 200 512 \"http://r/\" \"curl/8 (x)\""
                        + " ~ {'client':'10.0.0.1','user':'ann','time':'2026-11-29T10:15:30+01:00','method':'GET','path':'/a?b=c','protocol':'HTTP/1.1','status':200,'bytes':512,'referrer':'http://r/','agent':'curl/8 (x)'}",
                "what is not there ~ ::1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/2.0\" 304 0 \"-\" \"-\""
                        + " ~ {'client':'::1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/2.0','status':304,'bytes':0}",
                "a user of two words ~ a - ann b [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\""
                        + " ~ {'client':'a','user':'ann b','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':1,'agent':'x'}",
                "what follows ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" \"10.1.1.1\" 0.012"
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':1,'agent':'x','extra':'\\'10.1.1.1\\' 0.012'}",
                "no request ~ a - - [29/Nov/2026:10:15:30 +0000] \"\\x16\\x03\\x01 x\" 400 150 \"-\" \"-\""
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','request':'\\\\x16\\\\x03\\\\x01 x','status':400,'bytes':150}",
                "an empty request ~ a - - [29/Nov/2026:10:15:30 +0000] \"\" 400 0 \"-\" \"-\""
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','status':400,'bytes':0}",
                "a path with blanks ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET /a b HTTP/1.1\" 400 0 \"-\" \"-\""
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','method':'GET','path':'/a b','protocol':'HTTP/1.1','status':400,'bytes':0}",
                "common is not nginx's ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 1 ~ ! it has no referrer and agent behind the bytes",
                "a wrong time ~ a - - [29/Now/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\" ~ ! its time is not of the form 29/Nov/2026:10:15:30 +0000",
                "a wrong status ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" OK 1 \"-\" \"-\" ~ ! it has no status and bytes behind the request",
                "a quote not closed ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET / ~ ! its request has no closing quote",
                "another line ~ hello world ~ ! it has no client, two names and a [ before the time",
                "nothing ~ `` ~ ! it has no client, two names and a [ before the time",
                "an error ~ 2026/11/29 10:15:30 [error] 7#8: *9 open() \"/x, y\" failed (2: No such file), client: 10.0.0.1, server: shop, request: \"GET /x HTTP/1.1\", upstream: \"http://10.0.0.2/x\", host: \"shop:80\", referrer: \"http://r/\""
                        + " ~ {'time':'2026-11-29T10:15:30','level':'error','pid':7,'tid':8,'connection':9,'text':'open() \\'/x, y\\' failed (2: No such file)','client':'10.0.0.1','server':'shop','method':'GET','path':'/x','protocol':'HTTP/1.1','upstream':'http://10.0.0.2/x','host':'shop:80','referrer':'http://r/'}",
                "a short error ~ 2026/11/29 10:15:30 [notice] 1#1: start worker processes"
                        + " ~ {'time':'2026-11-29T10:15:30','level':'notice','pid':1,'tid':1,'text':'start worker processes'}",
                "pairs that are text ~ 2026/11/29 10:15:30 [error] 7#8: *9 bad \", client: you, said: me\", client: 10.0.0.1, server: , request: \"GET / HTTP/1.1\""
                        + " ~ {'time':'2026-11-29T10:15:30','level':'error','pid':7,'tid':8,'connection':9,'text':'bad \\', client: you, said: me\\'','client':'10.0.0.1','method':'GET','path':'/','protocol':'HTTP/1.1'}",
                "an error without numbers ~ 2026/11/29 10:15:30 [error] x ~ ! it has no pid#tid: behind the level",
                "an error without a level ~ 2026/11/29 10:15:30 error ~ ! it has no [level] behind the time",
                "an error at no time ~ 2026/13/29 10:15:30 [error] 1#1: x ~ ! its time is not of the form 2026/11/29 10:15:30",
            })
    void nginx(String why, String text, String expected) {
        assertThat(Reads.of(new ParseSpec.Nginx(Reads.LINE, Reads.OUT), text))
                .as(why)
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "common ~ web.local id ann [29/Nov/2026:10:15:30 -0700] \"GET / HTTP/1.1\" 200 512"
                        + " ~ {'client':'web.local','ident':'id','user':'ann','time':'2026-11-29T10:15:30-07:00','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':512}",
                "no bytes ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 304 -"
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':304}",
                "without a protocol ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET /\" 200 5"
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','status':200,'bytes':5}",
                "common, and what follows ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 5 1234"
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':5,'extra':'1234'}",
                "combined, with quotes ~ a - - [29/Nov/2026:10:15:30 +0000] \"GET /\\\"x HTTP/1.1\" 200 5 \"-\" \"a \\\"b\\\" \\\\\""
                        + " ~ {'client':'a','time':'2026-11-29T10:15:30Z','method':'GET','path':'/\\\\\\'x','protocol':'HTTP/1.1','status':200,'bytes':5,'agent':'a \\\\\\'b\\\\\\' \\\\\\\\'}",
                "2.2 ~ [Sun Nov 29 10:15:30 2026] [error] [client 10.0.0.1] File does not exist: /x, referer: http://r/"
                        + " ~ {'time':'2026-11-29T10:15:30','level':'error','client':'10.0.0.1','text':'File does not exist: /x','referrer':'http://r/'}",
                "2.2, without a client ~ [Sun Nov  9 10:15:30 2026] [notice] caught SIGTERM"
                        + " ~ {'time':'2026-11-09T10:15:30','level':'notice','text':'caught SIGTERM'}",
                "2.4 ~ [Sun Nov 29 10:15:30.123456 2026] [core:error] [pid 7:tid 139] [client 10.0.0.1:90] AH00124: Limit reached"
                        + " ~ {'time':'2026-11-29T10:15:30.123456','module':'core','level':'error','pid':7,'tid':139,'client':'10.0.0.1','port':90,'code':'AH00124','text':'Limit reached'}",
                "2.4, version 6 of IP ~ [Sun Nov 29 10:15:30.1 2026] [:error] [pid 7] [client 2001:db8::1:90] script: x"
                        + " ~ {'time':'2026-11-29T10:15:30.1','level':'error','pid':7,'client':'2001:db8::1','port':90,'text':'script: x'}",
                "2.4, in brackets ~ [Sun Nov 29 10:15:30.1 2026] [a:warn] [pid 7] [client [2001:db8::1]:90] x"
                        + " ~ {'time':'2026-11-29T10:15:30.1','module':'a','level':'warn','pid':7,'client':'2001:db8::1','port':90,'text':'x'}",
                "2.4, an error of the system ~ [Sun Nov 29 10:15:30.1 2026] [core:error] [pid 7] (13)Permission denied: [client 10.0.0.1:90] AH00132: no"
                        + " ~ {'time':'2026-11-29T10:15:30.1','module':'core','level':'error','pid':7,'client':'10.0.0.1','port':90,'code':'AH00132','text':'(13)Permission denied: no'}",
                "no time ~ [notice] x ~ ! its time is not of the form [Sun Nov 29 10:15:30 2026]",
                "no level ~ [Sun Nov 29 10:15:30 2026] x ~ ! it has no [level] behind the time",
                "another line ~ hello ~ ! it has no client, two names and a [ before the time",
            })
    void apache(String why, String text, String expected) {
        assertThat(Reads.of(new ParseSpec.Apache(Reads.LINE, Reads.OUT), text))
                .as(why)
                .isEqualTo(expected);
    }
}
