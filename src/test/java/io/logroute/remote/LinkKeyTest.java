package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.logroute.remote.LinkKey.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkKeyTest {
    private static final String HEX = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final Instant NOON = Instant.parse("2026-11-29T12:00:00Z");
    private static final String TARGET = "/api/v1/pipeline?revision=3f9a1c0d2b4e&generation=7";

    private final LinkKey key = LinkKey.parse(HEX);
    private final String hash = LinkKey.hash("text".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    /// With openssl: `printf ... | openssl dgst -sha256 -mac HMAC -macopt hexkey:...`.
    @Test
    void a_signature_is_what_any_tool_makes_of_the_same_words() {
        assertThat(key.sign("core-0", "PUT", TARGET, NOON, hash))
                .matches("LogRoute-HMAC-SHA256 1795953600:[0-9a-f]{64}")
                .isEqualTo(
                        "LogRoute-HMAC-SHA256 1795953600:716e4c1345a7752fc2c62669682b8e298ae315fc29dc92ec13804b6a4f6b5e74");
    }

    @Test
    void its_own_signature_is_right_for_five_minutes_either_way() {
        var signed = key.sign("core-0", "PUT", TARGET, NOON, hash);
        for (int seconds : new int[] {-300, -1, 0, 1, 300}) {
            assertThat(key.verify(signed, "core-0", "PUT", TARGET, NOON.plusSeconds(seconds), hash))
                    .isEqualTo(new Verdict.Right());
        }
        for (int seconds : new int[] {-301, 301, 86_400}) {
            assertThat(wrong(key.verify(signed, "core-0", "PUT", TARGET, NOON.plusSeconds(seconds), hash)))
                    .contains("by the clock here");
        }
    }

    @ParameterizedTest(name = "another {0}")
    @CsvSource({
        "instance, core-1, PUT, a?b=1, text",
        "method, core-0, GET, a?b=1, text",
        "path, core-0, PUT, b?b=1, text",
        "query, core-0, PUT, a?b=2, text",
        "body, core-0, PUT, a?b=1, txet"
    })
    void it_is_for_one_request_only(String what, String instance, String method, String target, String body) {
        var signed = key.sign("core-0", "PUT", "a?b=1", NOON, hash);
        var other = LinkKey.hash(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(wrong(key.verify(signed, instance, method, target, NOON, other)))
                .contains("was not made with");
    }

    @Test
    void another_time_than_was_signed_is_wrong() {
        var later =
                key.sign("core-0", "GET", "/", NOON, hash).replace(":", "0:").replace("17959536000", "1795953601");
        assertThat(wrong(key.verify(later, "core-0", "GET", "/", NOON, hash))).contains("was not made with");
    }

    @Test
    void another_key_is_wrong_and_a_new_one_is_another() {
        var other = LinkKey.generate(new SecureRandom());
        assertThat(wrong(key.verify(other.sign("core-0", "GET", "/", NOON, hash), "core-0", "GET", "/", NOON, hash)))
                .contains("was not made with");
        assertThat(other.fingerprint())
                .isNotEqualTo(LinkKey.generate(new SecureRandom()).fingerprint());
        assertThat(LinkKey.parse(other.secret()).fingerprint()).isEqualTo(other.fingerprint());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer abc",
                "LogRoute-HMAC-SHA256",
                "LogRoute-HMAC-SHA256 now:00",
                "LogRoute-HMAC-SHA256 9999999999999999999:" + HEX,
                "LogRoute-HMAC-SHA256 -1:" + HEX,
            })
    void what_is_no_signature_is_wrong(String authorization) {
        assertThat(wrong(key.verify(authorization, "core-0", "GET", "/", NOON, hash)))
                .contains("has no Authorization");
    }

    @Test
    void it_is_shown_nowhere() {
        assertThat(key.toString()).isEqualTo("link key 630dcd2966c4").doesNotContain("0001");
        assertThat(key.fingerprint()).isEqualTo("630dcd2966c4");
    }

    @Test
    void it_is_read_from_a_file_with_or_without_a_line_end() throws IOException {
        var file = folder.resolve("key");
        for (var text : new String[] {HEX, HEX + "\n", " " + HEX.toUpperCase(java.util.Locale.ROOT) + "\r\n"}) {
            assertThat(LinkKey.read(Files.writeString(file, text)).fingerprint())
                    .isEqualTo(key.fingerprint());
        }
    }

    @Test
    void a_file_that_is_none_is_told_without_what_it_holds() throws IOException {
        var file = Files.writeString(folder.resolve("key"), "hunter2");
        assertThatIOException()
                .isThrownBy(() -> LinkKey.read(file))
                .withMessageContaining(file.toString())
                .withMessageContaining("openssl rand -hex 32")
                .withMessageNotContaining("hunter2");
        Files.writeString(file, HEX.repeat(100));
        assertThatIOException().isThrownBy(() -> LinkKey.read(file)).withMessageContaining("too large");
        assertThatIOException()
                .isThrownBy(() -> LinkKey.read(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }

    private static String wrong(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Right _ -> "right";
            case Verdict.Wrong(var reason) -> reason;
        };
    }
}
