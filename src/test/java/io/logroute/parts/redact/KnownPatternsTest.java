package io.logroute.parts.redact;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.FilterSpec.Known;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What each known pattern takes out, and what has to stay. All numbers are made up or are those
/// that networks and standards give as examples.
class KnownPatternsTest {
    private static final Set<Known> ALL = EnumSet.allOf(Known.class);

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain              | mail ann@example.org now                      | mail [email] now",
                "all of it          | ann@example.org                               | [email]",
                "dots and plus      | <ann.b+tag@mail.example.co.uk>                | <[email]>",
                "end of a sentence  | ask ann@example.org.                          | ask [email].",
                "key and value      | user=ann@example.org&x=1                      | user=[email]&x=1",
                "quoted             | `from 'ann@example.org' to \"bob@example.org\"`   | `from '[email]' to \"[email]\"`",
                "in an URL          | /u?mail=ann%40example.org&b=2                 | /u?mail=[email]&b=2",
                "underscore         | _ann_b@example.org                            | [email]",
                "letters of others  | jürgen@müller.example                         | [email]",
                "punycode           | a@xn--mller-kva.xn--p1ai                      | [email]",
                "two                | ann@example.org,bob@example.org               | [email],[email]",
                "no dot             | root@localhost                                | root@localhost",
                "a package          | lodash@4.17.21 and @types/node@22.1.0         | lodash@4.17.21 and @types/node@22.1.0",
                "an image           | icon@2x.png                                   | icon@2x.png",
                "an object          | com.shop.Cart@1f2e3d4c                        | com.shop.Cart@1f2e3d4c",
                "a digest           | shop/web@sha256:0123abcd                      | shop/web@sha256:0123abcd",
                "no name            | @example.org and ...@example.org              | @example.org and ...@example.org",
                "an annotation      | @Test(x) @Override                            | @Test(x) @Override",
            })
    void email(String why, String text, String left) {
        assertThat(redacted(text, EnumSet.of(Known.EMAIL))).as(why).isEqualTo(left);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Visa                 | card 4111111111111111 ok               | card [card] ok",
                "Visa of 13           | 4222222222222                          | [card]",
                "Visa of 19           | 4000000000000000006                    | [card]",
                "in groups            | 4111 1111 1111 1111                    | [card]",
                "with hyphens         | pan=4111-1111-1111-1111;               | pan=[card];",
                "Amex in its groups   | 3782 822463 10005                      | [card]",
                "Diners in its groups | 3056 930902 5904                       | [card]",
                "Mastercard           | 5555555555554444                       | [card]",
                "Mastercard, 2 series | 2223003122003222                       | [card]",
                "Discover             | 6011111111111117                       | [card]",
                "JCB                  | 3530111333300000                       | [card]",
                "UnionPay             | 6200000000000005                       | [card]",
                "Maestro              | 6759649826438453                       | [card]",
                "after an amount      | paid 20 4111 1111 1111 1111 12/29      | paid 20 [card] 12/29",
                "with a word's hyphen | card-4111111111111111                  | card-[card]",
                "wrong check digit    | 4111111111111112                       | 4111111111111112",
                "20 digits            | 41111111111111111111                   | 41111111111111111111",
                "12 digits            | 411111111111                           | 411111111111",
                "of no network        | 1234567890123452                       | 1234567890123452",
                "mixed separators     | 4111 1111-1111 1111                    | 4111 1111-1111 1111",
                "other groups         | 41 1111 1111 1111 11                   | 41 1111 1111 1111 11",
                "inside of a word     | x4111111111111111 4111111111111111y    | x4111111111111111 4111111111111111y",
                "a decimal number     | 0.4111111111111111 4111111111111111.5  | 0.4111111111111111 4111111111111111.5",
            })
    void card(String why, String text, String left) {
        assertThat(redacted(text, EnumSet.of(Known.CARD))).as(why).isEqualTo(left);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "German           | to DE89370400440532013000 now       | to [iban] now",
                "in groups        | DE89 3704 0044 0532 0130 00         | [iban]",
                "groups, more     | DE89 3704 0044 0532 0130 00 and so  | [iban] and so",
                "hyphens          | DE89-3704-0044-0532-0130-00         | [iban]",
                "British          | GB29NWBK60161331926819              | [iban]",
                "lower case       | iban=gb29nwbk60161331926819,        | iban=[iban],",
                "Norwegian        | NO9386011117947                     | [iban]",
                "Maltese          | MT84MALT011000012345MTLCAST001S     | [iban]",
                "wrong check      | DE88370400440532013000              | DE88370400440532013000",
                "too short        | DE8937040044053201300               | DE8937040044053201300",
                "too long         | DE893704004405320130000             | DE893704004405320130000",
                "no such country  | XX89370400440532013000              | XX89370400440532013000",
                "inside of a word | aDE89370400440532013000             | aDE89370400440532013000",
            })
    void iban(String why, String text, String left) {
        assertThat(redacted(text, EnumSet.of(Known.IBAN))).as(why).isEqualTo(left);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "version 4             | from 10.0.0.7 ok                       | from [ip] ok",
                "with a port           | 192.168.1.254:8080                     | [ip]:8080",
                "a network             | 10.0.0.0/8                             | [ip]/8",
                "a range               | 10.0.0.1-10.0.0.9                      | [ip]-[ip]",
                "in an URL             | http://10.0.0.7/x                      | http://[ip]/x",
                "as Java writes it     | db/10.0.0.7:5432                       | db/[ip]:5432",
                "end of a sentence     | down: 10.0.0.7.                        | down: [ip].",
                "a list                | 10.0.0.1,10.0.0.2                      | [ip],[ip]",
                "version 6             | from 2001:db8::8a2e:370:7334 ok        | from [ip] ok",
                "eight groups          | 2001:0db8:85a3:0000:0000:8a2e:0370:7334 | [ip]",
                "upper case            | 2001:DB8::1                            | [ip]",
                "local                 | ::1                                    | [ip]",
                "with a port, 6        | [2001:db8::1]:443                      | [[ip]]:443",
                "with a zone           | fe80::1%eth0 up                        | [ip] up",
                "mapped                | ::ffff:10.0.0.7                        | [ip]",
                "before a colon        | fe80::1: timeout                       | [ip]: timeout",
                "four parts too large  | 10.0.0.256 and 300.1.1.1               | 10.0.0.256 and 300.1.1.1",
                "five parts            | 1.3.6.1.4.1                            | 1.3.6.1.4.1",
                "three parts           | nginx/1.27.3                           | nginx/1.27.3",
                "a browser             | Chrome/120.0.6099.109                  | Chrome/120.0.6099.109",
                "a version             | version 1.2.3.4, Version: 1.2.3.4, v1.2.3.4 | version 1.2.3.4, Version: 1.2.3.4, v1.2.3.4",
                "a file                | app-1.2.3.4.jar and 1.2.3.4-rc1        | app-1.2.3.4.jar and 1.2.3.4-rc1",
                "leading zeros         | 010.000.000.001                        | 010.000.000.001",
                "a time                | 10:30:45.123 and 12:30                 | 10:30:45.123 and 12:30",
                "a MAC address         | 00:1a:2b:3c:4d:5e                      | 00:1a:2b:3c:4d:5e",
                "names with colons     | std::vector Base::Add dead::beef a::b  | std::vector Base::Add dead::beef a::b",
                "only colons           | x :: y ::: z                           | x :: y ::: z",
                "nine groups           | 1:2:3:4:5:6:7:8:9                      | 1:2:3:4:5:6:7:8:9",
                "two gaps              | 1::2::3                                | 1::2::3",
            })
    void ip(String why, String text, String left) {
        assertThat(redacted(text, EnumSet.of(Known.IP))).as(why).isEqualTo(left);
    }

    private static final String JWT =
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9";

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a token             | got JWT now                       | got [jwt] now",
                "in a header         | X-Id: JWT,                        | X-Id: [jwt],",
                "without signature   | eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0. | [jwt]",
                "cut                 | eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx | [jwt]",
                "encrypted           | eyJhbGciOiJSU0EifQ.aaaabbbbcccc.ddddeeee.ffff.gggg | [jwt]",
                "only a header       | eyJhbGciOiJIUzI1NiJ9              | eyJhbGciOiJIUzI1NiJ9",
                "a file of that name | eyJhbGciOiJIUzI1NiJ9.json         | eyJhbGciOiJIUzI1NiJ9.json",
                "inside of a word    | xxeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx | xxeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx",
            })
    void jwt(String why, String text, String left) {
        assertThat(redacted(text.replace("JWT", JWT), EnumSet.of(Known.JWT)))
                .as(why)
                .isEqualTo(left);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "logfmt            | user=ann password=hunter2 ok=1          | user=ann password=[secret] ok=1",
                "YAML              | password: hunter2                        | password: [secret]",
                "JSON              | {\"password\": \"hun ter2\", \"a\":1}    | {\"password\": \"[secret]\", \"a\":1}",
                "escaped JSON      | {\\\"api_key\\\":\\\"abc\\\",\\\"a\\\":1} | {\\\"api_key\\\":\\\"[secret]\\\",\\\"a\\\":1}",
                "a quote inside    | password=\"a\\\"b\" x                     | password=\"[secret]\" x",
                "single quotes     | pwd='a b' x                              | pwd='[secret]' x",
                "no closing quote  | token=\"abc def                           | token=\"[secret]",
                "an URL            | /cb?access_token=abc&state=1             | /cb?access_token=[secret]&state=1",
                "a list            | user=ann,pass=abc,host=db                | user=ann,pass=[secret],host=db",
                "Ruby              | {\"secret\"=>\"abc\"}                     | {\"secret\"=>\"[secret]\"}",
                "a form            | user[password]=abc                       | user[password]=[secret]",
                "environment       | MYSQL_ROOT_PASSWORD=abc PGPASSWORD=def   | MYSQL_ROOT_PASSWORD=[secret] PGPASSWORD=[secret]",
                "camel case        | dbPass=abc clientSecret: def             | dbPass=[secret] clientSecret: [secret]",
                "properties        | spring.datasource.password = abc         | spring.datasource.password = [secret]",
                "headers           | X-Auth-Token: abc                        | X-Auth-Token: [secret]",
                "Bearer            | Authorization: Bearer abc.def x          | Authorization: Bearer [secret] x",
                "Basic             | `\"Authorization\": \"Basic dXNlcjpw\"`   | `\"Authorization\": \"Basic [secret]\"`",
                "no scheme         | authorization=abc x                      | authorization=[secret] x",
                "Digest            | Authorization: Digest username=\"a\", response=\"b\" | Authorization: Digest [secret]\"a\", response=\"b\"",
                "AWS signature     | Authorization: AWS4-HMAC-SHA256 Credential=A/b, Signature=c | Authorization: AWS4-HMAC-SHA256 [secret]",
                "bare Bearer       | sent Bearer abcdefghijklmnop1 ok         | sent Bearer [secret] ok",
                "an address        | redis://:s3cret@cache:6379/0             | redis://:[secret]@cache:6379/0",
                "user and address  | postgres://shop:p@ss:w@db/x              | postgres://shop:[secret]@db/x",
                "AWS               | id AKIAIOSFODNN7EXAMPLE ok               | id [secret] ok",
                "GitHub            | ghp_abcdefghijklmnopqrstuvwxyz0123456789 | [secret]",
                "Slack             | (xoxb-123456789012-abcdef)               | ([secret])",
                "Stripe            | sk_live_abcdefghijklmnop0123             | [secret]",
                "null              | password=null token: none secret=        | password=null token: none secret=",
                "stars             | password=**** token=...                  | password=**** token=...",
                "a place           | password=${DB_PASSWORD} token=%{x}       | password=${DB_PASSWORD} token=%{x}",
                "other names       | token_type=bearer tokens=512 password_policy=x keyboard=us | token_type=bearer tokens=512 password_policy=x keyboard=us",
                "bypass            | bypass=abc compass: north                | bypass=abc compass: north",
                "a file            | /etc/passwd: no such file                | /etc/passwd: no such file",
                "a scope           | Secret::Store token://x                  | Secret::Store token://x",
                "an address only   | http://cache:6379/a@b                    | http://cache:6379/a@b",
                "short names       | sk-1 AKIA123 ghp_x npm_run               | sk-1 AKIA123 ghp_x npm_run",
                "a sentence        | the password is wrong, bearer of news    | the password is wrong, bearer of news",
            })
    void secret(String why, String text, String left) {
        assertThat(redacted(text, EnumSet.of(Known.SECRET))).as(why).isEqualTo(left);
    }

    @org.junit.jupiter.api.Test
    void a_private_key_goes_to_its_end_or_that_of_the_text() {
        var key = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\nabc=\n-----END RSA PRIVATE KEY-----";
        assertThat(redacted("a " + key + " b", EnumSet.of(Known.SECRET))).isEqualTo("a [secret] b");
        assertThat(redacted("a " + key.substring(0, 45), EnumSet.of(Known.SECRET)))
                .isEqualTo("a [secret]");
        var cert = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
        assertThat(redacted(cert, EnumSet.of(Known.SECRET))).isEqualTo(cert);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "UUID                 | 550e8400-e29b-41d4-a716-446655440000",
                "UUID of digits       | 41111111-1111-4111-8111-111111111111",
                "hash                 | 9b2c1f0e4d5a6b7c8d9e0f1a2b3c4d5e6f708192",
                "container            | 4f5c6d7e8f90 shop_web.1.x7k2m9p0q1w2e3r4t5y6u7i8o",
                "trace                | 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "ISO time             | 2026-11-29T17:18:24.123456789Z",
                "time with a zone     | 2026-11-29 17:18:24,123 +0100",
                "epoch in seconds     | 1732900704",
                "epoch in ms          | 1732900704123",
                "epoch in us          | 1732900704123456",
                "epoch in ns          | 1732900704123456789",
                "time in one piece    | 20261129171824123",
                "order number         | order 1002003004005006 of 100-2345678-9012345",
                "semantic version     | 1.2.3-beta.4+build.567",
                "long version         | version=10.0.19041.3570",
                "MAC with colons      | 00:1A:2b:3C:4d:5E",
                "MAC with hyphens     | 00-1A-2B-3C-4D-5E",
                "MAC with dots        | 001a.2b3c.4d5e",
                "EUI-64               | 00:1a:2b:ff:fe:3c:4d:5e:6f",
                "phone                | +49 30 1234567",
                "amounts              | 1,234.56 EUR 99.95",
                "sizes                | 12345678901234567890 bytes in 0.000123s",
                "percentages          | 99.999% p50=1.25ms",
                "image                | registry:5000/shop/web:1.2.3@sha256:9b2c1f0e4d5a6b7c8d9e0f1a2b3c4d5e6f708192",
                "Java frame           | at com.shop.Cart$1.lambda$add$0(Cart.java:42)",
                "C++                  | std::map<int, Foo::Bar>::find",
                "path                 | /api/v1/users/42/tokens?page=2",
                "CSS                  | icon@2x.png",
                "ratio                | 16:9 3:2:1",
                "JSON                 | {\"a\":1,\"b\":[2,3],\"status\":200}",
            })
    void what_has_to_stay(String why, String text) {
        assertThat(redacted(text, ALL)).as(why).isEqualTo(text);
    }

    static String redacted(String text, Set<Known> known) {
        var finders = new LinkedHashMap<String, Finder>();
        known.forEach(each -> finders.put(each.name().toLowerCase(Locale.ROOT), Redaction.finder(each)));
        return new Redaction(finders, (name, _) -> Masks.of(name)).of(text);
    }
}
