package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    static final String OPERATOR = "operator-0123456789abcdef";
    static final String VIEWER = "viewer-0123456789abcdef";

    @TempDir
    private Path folder = Path.of("");

    static Path file(Path folder, String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Access both(Path folder) {
        return Access.of(
                Optional.of(file(folder, "operator", OPERATOR + "\n")),
                Optional.of(file(folder, "viewer", "  " + VIEWER + " \r\n")));
    }

    private static Access.Asked asked(String method, String... authorizations) {
        return new Access.Asked(method, List.of(authorizations), Optional.of("localhost:8080"), Optional.empty());
    }

    private static String outcome(Access.Verdict verdict) {
        return switch (verdict) {
            case Access.Verdict.Let _ -> "let in";
            case Access.Verdict.Forbidden(var fault) -> String.valueOf(fault.status());
            case Access.Verdict.Unknown(var fault, var _) -> String.valueOf(fault.status());
        };
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
        "operator, GET, let in",
        "operator, HEAD, let in",
        "operator, POST, let in",
        "operator, DELETE, let in",
        "viewer, GET, let in",
        "viewer, HEAD, let in",
        "viewer, OPTIONS, let in",
        "viewer, POST, 403",
        "viewer, PUT, 403",
        "viewer, DELETE, 403",
        "viewer, PATCH, 403",
        "viewer, get, let in",
        "viewer, FROBNICATE, 403",
        "nobody, GET, 401",
        "nobody, HEAD, 401",
        "nobody, POST, 401",
    })
    void viewers_look_and_operators_do_all(String who, String method, String outcome) {
        var access = both(folder);
        var asked = switch (who) {
            case "operator" -> asked(method, "Bearer " + OPERATOR);
            case "viewer" -> asked(method, "bearer  " + VIEWER);
            default -> asked(method);
        };
        assertThat(outcome(access.judge(asked))).isEqualTo(outcome);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer operator-0123456789abcde",
                "Bearer operator-0123456789abcdefg",
                "Bearer OPERATOR-0123456789ABCDEF",
                "Basic operator-0123456789abcdef",
                "operator-0123456789abcdef",
                "Bearer operator-0123456789abcdef x",
                "Bearer operator-0123456789abcdef, Bearer x",
                "Bearer \u0000",
                "Bearer operator-0123456789abcdef\u00a0",
                "Bearer viewer-0123456789abcdefoperator-0123456789abcdef",
            })
    void what_is_not_exactly_a_token_is_unknown_and_is_not_repeated(String header) {
        assertThat(both(folder).judge(asked("GET", header)))
                .isInstanceOfSatisfying(Access.Verdict.Unknown.class, unknown -> {
                    assertThat(unknown.fault().status()).isEqualTo(401);
                    assertThat(unknown.challenge())
                            .startsWith("Bearer realm=\"logroute\"")
                            .contains("invalid_token");
                    assertThat(unknown.toString()).doesNotContain("0123456789");
                });
    }

    @Test
    void a_very_long_header_is_unknown_and_two_are_too() {
        var access = both(folder);
        assertThat(outcome(access.judge(asked("GET", "Bearer " + "x".repeat(1 << 20)))))
                .isEqualTo("401");
        assertThat(outcome(access.judge(asked("GET", "Bearer " + OPERATOR, "Bearer " + OPERATOR))))
                .isEqualTo("401");
    }

    @Test
    void whoever_sends_nothing_is_told_what_to_send() {
        assertThat(both(folder).judge(asked("GET")))
                .isEqualTo(new Access.Verdict.Unknown(
                        new Fault(
                                401,
                                "no token was sent",
                                "Send the header \"Authorization: Bearer TOKEN\"; commands of logroute take --token-file FILE."),
                        "Bearer realm=\"logroute\""));
    }

    @Test
    void with_a_viewers_token_alone_nobody_changes_anything() {
        var access = Access.of(Optional.empty(), Optional.of(file(folder, "v", VIEWER)));
        assertThat(outcome(access.judge(asked("GET", "Bearer " + VIEWER)))).isEqualTo("let in");
        assertThat(access.judge(asked("POST", "Bearer " + VIEWER)))
                .isInstanceOfSatisfying(
                        Access.Verdict.Forbidden.class,
                        forbidden -> assertThat(forbidden.fault().mend()).contains("--operator-token-file"));
    }

    @Test
    void with_an_operators_token_alone_looking_needs_it_too() {
        var access = Access.of(Optional.of(file(folder, "o", OPERATOR)), Optional.empty());
        assertThat(outcome(access.judge(asked("GET")))).isEqualTo("401");
        assertThat(outcome(access.judge(asked("POST", "Bearer " + OPERATOR)))).isEqualTo("let in");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a page from elsewhere | POST | http://evil.example       | 403",
                "a page without origin | POST | null                      | 403",
                "no url                | POST | :::                       | 403",
                "our own page          | POST | http://localhost:8080     | let in",
                "one that only looks   | GET  | http://evil.example       | let in",
            })
    void without_tokens_pages_from_elsewhere_change_nothing(String why, String method, String origin, String outcome) {
        var asked = new Access.Asked(method, List.of(), Optional.of("localhost:8080"), Optional.of(origin));
        assertThat(outcome(Access.OPEN.judge(asked))).isEqualTo(outcome);
        assertThat(outcome(Access.OPEN.judge(asked(method)))).isEqualTo("let in");
    }

    @ParameterizedTest(name = "{0} of a LogRoute at {1}: {2}")
    @CsvSource({
        "localhost,                    127.0.0.1,           let in",
        "LOCALHOST:18099,              127.0.0.1,           let in",
        "127.0.0.1:8080,               127.0.0.1,           let in",
        "127.0.0.2:8080,               127.0.0.1,           let in",
        "[::1]:8080,                   ::1,                 let in",
        "evil.example:18099,           127.0.0.1,           403",
        "evil.example,                 localhost,           403",
        "logroute:8080,                127.0.0.1,           403",
        "10.0.0.1:8080,                127.0.0.1,           403",
        "127.0.0.1.evil.example:8080,  127.0.0.1,           403",
        "localhost.evil.example,       127.0.0.1,           403",
        "evil.example#localhost,       127.0.0.1,           403",
        "localhost:8080:8080,          127.0.0.1,           403",
        "'',                           127.0.0.1,           403",
        "localhost:8080,               0.0.0.0,             let in",
        "10.0.0.1:8080,                0.0.0.0,             let in",
        "[fd00::1]:8080,               '::',                let in",
        "logroute_run:8080,            0.0.0.0,             let in",
        "logs.corp.example:8080,       logs.corp.example,   let in",
        "logs.corp.example:8080,       0.0.0.0,             403",
        "evil.example:8080,            0.0.0.0,             403",
        "evil.example.:8080,           10.0.0.1,            403",
        "'',                           0.0.0.0,             403",
    })
    void without_tokens_nobody_asks_by_a_name_that_others_can_point_at_it(String host, String listens, String outcome) {
        for (var method : List.of("GET", "POST")) {
            var asked = new Access.Asked(method, List.of(), Optional.of(host), Optional.of("http://" + host));
            assertThat(outcome(Access.open(listens).judge(asked))).as(method).isEqualTo(outcome);
        }
    }

    @Test
    void with_tokens_it_may_have_any_name() {
        var asked = new Access.Asked(
                "POST", List.of("Bearer " + OPERATOR), Optional.of("logs.corp.example"), Optional.empty());
        assertThat(outcome(both(folder).judge(asked))).isEqualTo("let in");
    }

    @Test
    void programs_that_tell_no_host_are_let_in() {
        var asked = new Access.Asked("GET", List.of(), Optional.empty(), Optional.empty());
        assertThat(outcome(Access.OPEN.judge(asked))).isEqualTo("let in");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "empty             | ''                                  | has 0 characters; write one of 16 to 1024",
                "blanks            | '                                  '| has 0 characters",
                "short             | 'fifteen-charact'                   | has 15 characters",
                "a blank inside    | 'sixteen chars and a blank'         | has blanks, line breaks or other characters",
                "letters of others | 'ööööööööööööööööööööööö'           | other characters that do not travel",
            })
    void a_file_that_holds_no_token_is_refused_without_telling_what_it_holds(String why, String content, String words) {
        var file = file(folder, "token", content);
        assertThatThrownBy(() -> Access.of(Optional.of(file), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the operator token in " + file)
                .hasMessageContaining(words)
                .hasMessageContaining("openssl rand")
                .hasMessageNotContaining("fifteen")
                .hasMessageNotContaining("sixteen chars");
    }

    @Test
    void a_file_that_is_huge_or_not_there_is_refused() {
        var huge = file(folder, "huge", "x".repeat(1 << 20));
        assertThatThrownBy(() -> Access.of(Optional.empty(), Optional.of(huge)))
                .hasMessageContaining("the viewer token in " + huge + " has too many characters");
        assertThatThrownBy(() -> Access.of(Optional.of(folder.resolve("none")), Optional.empty()))
                .hasMessageContaining("cannot be read from")
                .hasMessageContaining("NoSuchFile")
                .hasMessageContaining("name a file that this user may read");
        assertThatThrownBy(() -> Access.of(Optional.of(folder), Optional.empty()))
                .hasMessageContaining("cannot be read from");
    }

    @Test
    void viewers_with_the_operators_token_would_be_operators() {
        assertThatThrownBy(() -> Access.of(
                        Optional.of(file(folder, "o", OPERATOR)), Optional.of(file(folder, "v", OPERATOR + "\n"))))
                .hasMessageContaining("are the same")
                .hasMessageNotContaining(OPERATOR);
    }

    @Test
    void what_is_printed_of_it_tells_no_token() {
        assertThat(both(folder).toString()).isEqualTo("viewers and operators");
        assertThat(Access.OPEN.toString()).isEqualTo("open");
    }
}
