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
                "as its image writes it ~ 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\" \"-\" ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':612,'agent':'curl/8'}",
                "as its image writes it, behind two proxies ~ 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\" \"10.1.1.1, 10.1.1.2\" ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':612,'agent':'curl/8','extra':'\\'10.1.1.1, 10.1.1.2\\''}",
                "a dash follows ~ 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\" - ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':612,'agent':'curl/8'}",
                "blanks around ~ `  10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\"  ` ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':612,'agent':'curl/8'}",
                "an empty referrer and agent ~ 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 400 0 \"\" \"\" ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':400,'bytes':0}",
                "an ingress ~ 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\" 462 0.050 [shop-80] [] 10.0.0.2:80 19 0.049 200 7ab1 ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':612,'agent':'curl/8','extra':'462 0.050 [shop-80] [] 10.0.0.2:80 19 0.049 200 7ab1'}",
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
                "an error with commas ~ 2026/11/29 10:15:30 [info] 7#0: *9 client closed it, so upstream is closed, too (104: Reset) while reading, client: 10.0.0.1, server: a.b, request: \"GET / HTTP/1.1\", upstream: \"fastcgi://unix:/run/f.sock:\", host: \"a:80\" ~ {'time':'2026-11-29T10:15:30','level':'info','pid':7,'tid':0,'connection':9,'text':'client closed it, so upstream is closed, too (104: Reset) while reading','client':'10.0.0.1','server':'a.b','method':'GET','path':'/','protocol':'HTTP/1.1','upstream':'fastcgi://unix:/run/f.sock:','host':'a:80'}",
                "an error with what is empty ~ 2026/11/29 10:15:30 [warn] 7#0: *9 a response is buffered, client: 10.0.0.1, server: , request: \"GET / HTTP/1.1\", host: \"\", referrer: \"\" ~ {'time':'2026-11-29T10:15:30','level':'warn','pid':7,'tid':0,'connection':9,'text':'a response is buffered','client':'10.0.0.1','method':'GET','path':'/','protocol':'HTTP/1.1'}",
                "a limit of requests ~ 2026/11/29 10:15:30 [error] 7#0: *9 limiting requests, excess: 50.4 by zone \"api\", client: 10.0.0.1, server: a.b, request: \"GET / HTTP/1.1\" ~ {'time':'2026-11-29T10:15:30','level':'error','pid':7,'tid':0,'connection':9,'text':'limiting requests, excess: 50.4 by zone \\'api\\'','client':'10.0.0.1','server':'a.b','method':'GET','path':'/','protocol':'HTTP/1.1'}",
                "an error with blanks around ~ ` 2026/11/29 10:15:30 [notice] 133309#133309: signal process started ` ~ {'time':'2026-11-29T10:15:30','level':'notice','pid':133309,'tid':133309,'text':'signal process started'}",
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
                "no request came ~ 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"-\" 408 - \"-\" \"-\" ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','status':408}",
                "common, blanks around ~ ` 10.0.0.1 - - [29/Nov/2026:10:15:30 +0000] \"GET / HTTP/1.1\" 200 612 ` ~ {'client':'10.0.0.1','time':'2026-11-29T10:15:30Z','method':'GET','path':'/','protocol':'HTTP/1.1','status':200,'bytes':612}",
                "without a time ~ - - - [-] \"-\" - - ~ ! its time is not of the form 29/Nov/2026:10:15:30 +0000",
                "2.4, an error of the system without a client ~ [Sun Nov 29 10:15:30.1 2026] [proxy:error] [pid 7] (113)No route to host: AH00957: HTTP: attempt to connect to 10.0.0.2:90 (a.b) failed ~ {'time':'2026-11-29T10:15:30.1','module':'proxy','level':'error','pid':7,'code':'AH00957','text':'(113)No route to host: HTTP: attempt to connect to 10.0.0.2:90 (a.b) failed'}",
                "2.4, a text in parentheses ~ [Sun Nov 29 10:15:30.1 2026] [a:warn] [pid 7] (x) y: AHOY: z ~ {'time':'2026-11-29T10:15:30.1','module':'a','level':'warn','pid':7,'text':'(x) y: AHOY: z'}",
                "2.4, all groups of version 6 of IP ~ [Sun Nov 29 10:15:30.1 2026] [a:warn] [pid 7:tid 8] [client 2001:db8:1:2:3:4:5:6:2425] x ~ {'time':'2026-11-29T10:15:30.1','module':'a','level':'warn','pid':7,'tid':8,'client':'2001:db8:1:2:3:4:5:6','port':2425,'text':'x'}",
                "2.4, with a compact time ~ [2026-11-29 10:15:30.138633] [php7:emerg] [pid 7] [client 10.0.0.1:90] PHP Parse error:  x ~ {'time':'2026-11-29T10:15:30.138633','module':'php7','level':'emerg','pid':7,'client':'10.0.0.1','port':90,'text':'PHP Parse error:  x'}",
                "2.4, with the time of an access line ~ [29/Nov/2026:10:15:30 +0100] [a:alert] [pid 7:tid 8] x ~ {'time':'2026-11-29T10:15:30+01:00','module':'a','level':'alert','pid':7,'tid':8,'text':'x'}",
                "another time ~ [29.11.2026 10:15:30] [a:alert] x ~ ! its time is not of the form [Sun Nov 29 10:15:30 2026]",
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
