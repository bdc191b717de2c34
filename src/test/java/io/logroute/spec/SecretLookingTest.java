package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretLookingTest {
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            a password in an address   | postgres://shop:s3cret@db/shop              | true
            an address                 | https://example.org/docs                    | false
            a user in an address       | ssh://git@example.org/x                     | false
            a port in an address       | http://es:9200/a@b                          | false
            a private key              | -----BEGIN RSA PRIVATE KEY-----             | true
            a certificate              | -----BEGIN CERTIFICATE-----                 | false
            a web token                | eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc    | true
            a key of AWS               | AKIAIOSFODNN7EXAMPLE                        | true
            a token of GitHub          | ghp_abcdefghijklmnopqrstuvwxyz0123456789    | true
            a token of Slack           | xoxb-123456789012-abcdef                    | true
            a bearer                   | Authorization: Bearer abcdef0123456789      | true
            bearer as a word           | the bearer of bad news                      | false
            a sum                      | 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b    | false
            an id                      | 550e8400-e29b-41d4-a716-446655440000        | false
            """)
    void forms_of_secrets_are_known_wherever_they_stand(String why, String text, boolean secret) {
        assertThat(SecretLooking.form(text)).as(why).isEqualTo(secret);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "password=hunter2,      true",
        "PASSWORD: hunter2,     true",
        "api_key=abc123,        true",
        "api-key = abc123,      true",
        "dbPassword=hunter2,    true",
        "db_password=hunter2,   true",
        "accessToken: abc123,   true",
        "nextTokens=12,         false",
        "password=%{password},  false",
        "password,              false",
        "no password set,       false",
        "tokens=12,             false"
    })
    void what_is_given_the_name_of_a_secret_is_one(String text, boolean secret) {
        assertThat(SecretLooking.value(text)).isEqualTo(secret);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "password,     hunter2,      true",
        "db.password,  hunter2,      true",
        "db_password,  hunter2,      true",
        "apiKey,       abc,          true",
        "dbPassword,   hunter2,      true",
        "DBPassword,   hunter2,      true",
        "shop.dbPWD,   hunter2,      true",
        "accessToken,  abc,          true",
        "myAPIKey,     abc,          true",
        "secretKey,    abc,          true",
        "tokenCount,   5,            false",
        "secretary,    Ann,          false",
        "access-token, abc,          true",
        "password,     ***,          false",
        "password,     [redacted],   false",
        "password,     %{secret},    false",
        "token_count,  5,            false",
        "passwordless, yes,          false",
        "env,          prod,         false"
    })
    void a_field_of_a_secrets_name_keeps_one_unless_it_is_masked(String field, String text, boolean secret) {
        assertThat(SecretLooking.field(field, text)).isEqualTo(secret);
    }
}
